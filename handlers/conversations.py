"""Conversations set aside: start anew, list, open, delete; clear the current one."""

from quart import Blueprint

from handlers.answers import Answer, notice, page, see
from handlers.answers import is_htmx as asked_by_htmx
from handlers.chat import replies
from handlers.people import person
from handlers.services import in_thread
from memory import archive
from memory.files import Folder, StorageError

conversations = Blueprint("conversations", __name__, url_prefix="/conversations")


@conversations.get("")
async def list_conversations() -> Answer:
    """The current conversation and those set aside."""
    folder = person().folder
    current = await in_thread(archive.title, folder)
    return page("conversations.html", current=current, kept=await in_thread(archive.kept, folder))


@conversations.post("/new")
async def start_new() -> Answer:
    """Set the current conversation aside and start a new one."""
    return await _change(archive.set_aside)


@conversations.get("/clear")
async def confirm_clear() -> Answer:
    """Ask whether the current conversation is to be deleted."""
    return page(
        "confirm.html",
        title="Delete this conversation?",
        text="Its messages and what is remembered of them are deleted for good.",
        action="/conversations/clear",
        button="Delete for good",
    )


@conversations.post("/clear")
async def clear() -> Answer:
    """Delete the current conversation and its notes for good."""
    return await _change(archive.clear)


@conversations.post("/<name>/open")
async def bring_back(name: str) -> Answer:
    """Go on with a conversation set aside; the current one is set aside."""
    if await in_thread(archive.find, person().folder, name) is None:
        return _absent()
    return await _change(lambda folder: archive.bring_back(folder, name))


@conversations.get("/<name>/delete")
async def confirm_delete(name: str) -> Answer:
    """Ask whether a conversation set aside is to be deleted."""
    place = await in_thread(archive.find, person().folder, name)
    if place is None:
        return _absent()
    return page(
        "confirm.html",
        title="Delete this conversation?",
        text=f"“{await in_thread(archive.title, place)}” is deleted for good.",
        action=f"/conversations/{name}/delete",
        button="Delete for good",
    )


@conversations.post("/<name>/delete")
async def delete(name: str) -> Answer:
    """Delete a conversation set aside, for good."""
    if not await in_thread(archive.delete, person().folder, name):
        return _absent()
    return see("/conversations")


def _absent() -> Answer:
    return page("error.html", 404, title="Not here", text="There is nothing at this address.")


async def _change(change: object) -> Answer:
    """Change the current conversation while nothing is written in it: a reply that runs is stopped first."""
    folder = person().folder
    assert callable(change)
    try:
        answering = await replies().answering(folder)
        if answering is not None:
            await replies().stop(folder, answering)
        await replies().folds.forget(folder)

        def undisturbed(folder: Folder) -> None:
            with archive.undisturbed(folder):
                change(folder)

        await in_thread(undisturbed, folder)
        await replies().folds.forget(folder)  # one that the stopped reply began: nobody is to be sent those words now
    except StorageError as error:
        if asked_by_htmx():
            return notice(str(error), 409)
        return page("error.html", 409, title="Not just now", text=str(error))
    return see("/")
