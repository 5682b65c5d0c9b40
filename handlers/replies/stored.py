"""Finding a reply on the disk: in the conversation, or in the spool of the process that writes it. Blocks."""

import logging

from handlers.replies.examination import Examination
from handlers.services import Services
from memory.conversations import history, spool, turns
from memory.conversations.records import Record
from memory.conversations.spool import Spooled
from memory.conversations.turns import ReplyId
from memory.storage.folders import Folder, StorageError
from memory.storage.layout import REPLY

log = logging.getLogger("storekeeper.replies")


def find(services: Services, folder: Folder, reply_id: ReplyId) -> Spooled | Record | None:
    """Return the reply's record, or its spool while a process writes it; None when there is none of this name (any more)."""
    if history.began(folder) != reply_id.began:
        return None
    entry = history.find(folder, reply_id.number)
    if entry is None:
        left = spool.read(folder)
        is_this = left is not None and history.last_number(folder) == reply_id.number - 1
        if is_this and recover(services, folder) is None:
            return left
        entry = history.find(folder, reply_id.number)  # it was kept meanwhile, or closed just now
    return entry.record if entry and not entry.record.is_question else None


def recover(services: Services, folder: Folder) -> Record | None:
    """Close what a dead process left. A disk that does not take it leaves it as it is: reading must go on."""
    try:
        return turns.recover_if_dead(folder, services.now(), Examination(services, folder))
    except FileNotFoundError:
        raise
    except (StorageError, OSError) as error:
        log.error("reply_not_recovered", extra={"person": folder.name, "error": str(error)})
        return None


def being_written(services: Services, folder: Folder) -> ReplyId | None:
    """Return the name of the reply that a process writes for this user now."""
    if recover(services, folder) or not folder.exists(REPLY):
        return None
    with folder.lock():  # while a reply is being kept, its record is there and its spool too: the next has no name yet
        began = history.began(folder) if folder.exists(REPLY) else None
        return ReplyId(history.last_number(folder) + 1, began) if began else None
