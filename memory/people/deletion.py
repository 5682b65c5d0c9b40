"""People who leave: their directory is out of sight at once, and removed.

It is renamed first, so that the name is free for another user, who gets a new directory. A writer that was at
work in it, such as a summary that waits for its model in another process, holds a lock in there; until that is free
the directory stays, and `Users.create` gives the name to nobody. The owner's lists of wrong claims and of questions lose their lines.
"""

import contextlib

from memory.conversations import archive, doubts, history, improvable, turns
from memory.conversations.turns import ReplyId
from memory.people.accounts import disable
from memory.storage.folders import Busy, Folder
from memory.storage.layout import REPLY
from memory.storage.users import Users


def delete(users: Users, folder: Folder, *, timeout_seconds: float = 5.0) -> bool:
    """Delete a user and all that is remembered of them; their reply is stopped first. False when there is none.

    A reply that does not stop in time ends in the directory that nobody sees any more. `Users.sweep` is what removes it.
    """
    disable(folder)  # first, so that nothing new is begun
    if not folder.path.is_dir():
        return False
    with contextlib.ExitStack() as held:
        with contextlib.suppress(Busy):
            _stop(folder)
            held.enter_context(archive.undisturbed(folder, timeout_seconds=timeout_seconds))
        users.move_to_trash(folder)
    doubts.forget(users, folder.name)
    improvable.forget(users, folder.name)
    return True


def _stop(folder: Folder) -> None:
    """Leave the mark that ends the reply, in whichever process it is written."""
    with folder.lock():
        began = history.began(folder) if folder.exists(REPLY) else None
        if began is not None:
            turns.ask_to_stop(folder, ReplyId(history.last_number(folder) + 1, began))
