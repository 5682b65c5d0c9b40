"""Changes of which conversation is the current one: nothing is written in it meanwhile."""

from collections.abc import Callable

from handlers.services import in_thread
from handlers.web.app import current_web
from memory.conversations import archive
from memory.storage.folders import Folder


async def change_current(folder: Folder, change: Callable[[Folder], object]) -> None:
    """Change the current conversation; a reply that runs is stopped first. StorageError where that cannot be done."""
    replies = current_web().replies
    answering = await replies.answering(folder)
    if answering is not None:
        await replies.stop(folder, answering)
    await replies.compactor.forget(folder)

    def undisturbed(folder: Folder) -> None:
        with archive.undisturbed(folder):
            change(folder)

    await in_thread(undisturbed, folder)
    await replies.compactor.forget(folder)  # one that the stopped reply began: nobody is to be sent those words now


async def resume(folder: Folder, name: str) -> bool:
    """Make this conversation the current one, if it is not already. False when there is none such."""
    if await in_thread(archive.is_current, folder, name):
        return True
    if await in_thread(archive.find, folder, name) is None:
        return False
    await change_current(folder, lambda folder: archive.bring_back(folder, name))
    return True
