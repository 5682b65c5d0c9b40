"""Users whom the owner deleted: kept as they were in users/.deleted/<name>-<time>/, restored in one step for 30 days."""

import contextlib
import errno
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from memory.conversations import doubts
from memory.storage.folders import Folder, not_saved
from memory.storage.layout import DELETED_USERS
from memory.storage.users import NameTaken, Users, is_name

KEPT = timedelta(days=30)
_ID = re.compile(r"([a-z][a-z0-9_-]{2,31})-([0-9]{8}T[0-9]{6}Z)(?:-[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class DeletedUser:
    """One user who can be restored until `ends`. `id` names their directory."""

    id: str
    name: str
    time: datetime

    @property
    def ends(self) -> datetime:
        return self.time + KEPT


def take(users: Users, folder: Folder, now: datetime) -> Folder:
    """Move a user's directory among the deleted ones, at once and as a whole; return it there.

    FileNotFoundError when it is gone already, StorageError when the disk does not take it.
    """
    place, first = users.prepared(DELETED_USERS), f"{folder.name}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    taken = 1
    while True:
        kept = place / (first if taken == 1 else f"{first}-{taken}")
        try:
            os.rename(folder.path, kept.path)
            break
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise not_saved(error) from error
            taken += 1
    place.sync()
    users.shared.sync()
    return kept


def found(users: Users) -> list[DeletedUser]:
    """Return the users who can be restored, the one deleted last first."""
    try:
        with os.scandir((users.shared / DELETED_USERS).path) as entries:
            known = [one for entry in entries if entry.is_dir(follow_symlinks=False) and (one := _read(entry.name))]
    except FileNotFoundError:
        return []
    return sorted(known, key=lambda one: (one.time, one.id), reverse=True)


def restore(users: Users, user_id: str) -> DeletedUser | None:
    """Put a deleted user back where they were; None when there is none of this id. NameTaken where the name is used anew."""
    one = next((one for one in found(users) if one.id == user_id), None)
    if one is None:
        return None
    place = users.shared / DELETED_USERS
    try:
        os.rename((place / one.id).path, users.folder(one.name).path)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise not_saved(error) from error
        raise NameTaken("There is a new account named %(name)s. Delete that one first.", name=one.name) from error
    place.sync()
    users.shared.sync()
    return one


def sweep(users: Users, now: datetime) -> int:
    """Remove for good those who were deleted more than 30 days ago, and their lines among the wrong claims; return how many."""
    over = [one for one in found(users) if now >= one.ends]
    for one in over:
        doubts.forget(users, one.name, one.time)
        users.move_to_trash(users.shared / DELETED_USERS / one.id)
    if over:
        users.sweep()
    return len(over)


def _read(user_id: str) -> DeletedUser | None:
    """Return the user of a directory's name; None for any other name."""
    match = _ID.fullmatch(user_id)
    if match is None or not is_name(match[1]):
        return None
    with contextlib.suppress(ValueError):
        return DeletedUser(user_id, match[1], datetime.strptime(match[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC))
    return None
