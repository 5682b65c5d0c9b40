"""People who leave: their directory is out of sight at once, and removed, or kept for 30 days where the owner deleted them.

It is renamed first, so that the name is free for another user, who gets a new directory. A writer that was at
work in it, such as a summary that waits for its model in another process, holds a lock in there; until that is free
the directory stays, and `Users.create` gives the name to nobody. The owner's lists of wrong claims and of questions lose their lines.
"""

import contextlib
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from memory.conversations import archive, doubts, history, improvable, turns
from memory.conversations.turns import ReplyId
from memory.people import accounts, deleted, owners
from memory.storage.folders import Busy, Folder, StorageError
from memory.storage.layout import REPLY
from memory.storage.users import Users

log = logging.getLogger("storekeeper.deletion")


def delete(users: Users, folder: Folder, *, keeps_an_owner: bool = False, timeout_seconds: float = 5.0) -> bool:
    """Delete a user and all that is remembered of them, for good. False when there is none.

    With `keeps_an_owner` LastOwner where no owner could come in any more, and nothing is deleted.
    """
    disable = partial(owners.disable, users) if keeps_an_owner else accounts.disable
    if not _leave(folder, disable, lambda: users.move_to_trash(folder), timeout_seconds):
        return False
    doubts.forget(users, folder.name)
    improvable.forget(users, folder.name)
    return True


def set_aside(users: Users, folder: Folder, now: datetime, *, timeout_seconds: float = 5.0) -> bool:
    """Delete a user so that `deleted.restore` can undo it for 30 days. False when there is none, LastOwner as for `delete`."""
    account, kept = accounts.load(folder), list[Folder]()
    disable = partial(owners.disable, users)
    try:
        if not _leave(folder, disable, lambda: kept.append(deleted.take(users, folder, now)), timeout_seconds):
            return False
    except FileNotFoundError:  # somebody else deletes them just now
        return False
    improvable.forget(users, folder.name)  # no list of questions to improve shows them any more
    if account is not None and not account.disabled:
        try:
            accounts.enable(kept[0])  # it comes back as it was
        except (StorageError, OSError) as error:
            log.warning("kept_disabled", extra={"person": folder.name, "error": str(error)})
    return True


def _leave(folder: Folder, disable: Callable[[Folder], bool], move: Callable[[], None], timeout_seconds: float) -> bool:
    """End what a user does and move their directory; their reply is stopped first. False when there is none.

    A reply that does not stop in time ends in the directory that nobody sees any more.
    """
    disable(folder)  # first, so that nothing new is begun
    if not folder.path.is_dir():
        return False
    with contextlib.ExitStack() as held:
        with contextlib.suppress(Busy):
            _stop(folder)
            held.enter_context(archive.undisturbed(folder, timeout_seconds=timeout_seconds))
        move()
    return True


def _stop(folder: Folder) -> None:
    """Leave the mark that ends the reply, in whichever process it is written."""
    with folder.lock():
        began = history.began(folder) if folder.exists(REPLY) else None
        if began is not None:
            turns.ask_to_stop(folder, ReplyId(history.last_number(folder) + 1, began))
