"""Conversations set aside: archive/<when it began>/ holds history.txt, summary.txt and title.txt.

What moves or removes the current conversation is called under `undisturbed`, so that no reply is being written.
"""

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from datetime import date

from memory.conversations import history, photos
from memory.storage import layout
from memory.storage.folders import Busy, Folder, StorageError
from memory.storage.layout import HISTORY, SUMMARY, TITLE, TURN_LOCK

CURRENT = "current"
"""Names the conversation that goes on, where those set aside are named by when they began."""

_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z(?:-[1-9][0-9]{0,2})?")


@contextlib.contextmanager
def undisturbed(folder: Folder, *, timeout_seconds: float = 5.0) -> Iterator[None]:
    """Hold off replies and every writer of this user. Busy when a reply does not end in time."""
    deadline = time.monotonic() + timeout_seconds
    while (turn := folder.try_lock(TURN_LOCK)) is None:
        if time.monotonic() > deadline:
            raise Busy("Please wait for the current answer to finish, or stop it.")
        time.sleep(0.02)
    with turn, folder.lock():
        yield


def set_aside(folder: Folder) -> str | None:
    """Move the current conversation into the archive; return its name there, None when it was empty.

    The notes and the title go first: whatever dies between, they wait there for their history, which follows at the
    next try.
    """
    began = history.began(folder)
    if began is None:
        clear(folder)
        return None
    folder.archive.make()
    target, _ = free_place(folder, f"{began:%Y%m%dT%H%M%SZ}")
    target.path.mkdir(mode=0o700, exist_ok=True)
    _move(TITLE, folder, target)
    _take_along(folder, target)
    _move(HISTORY, folder, target)
    for place in (target, folder.archive, folder):
        place.sync()
    return target.name


def free_place(folder: Folder, began: str, taken: int = 0) -> tuple[Folder, int]:
    """Return a place in the archive that no conversation is kept at, named by when it began, and which of them it is.

    The first `taken` are known not to be free.
    """
    while True:
        taken += 1
        name = began if taken == 1 else f"{began}-{taken}"
        if not _ID.fullmatch(name):
            raise StorageError("Too many conversations were started in the same second.")
        place = folder.archive / name
        if not (place.path / HISTORY).exists():
            return place, taken


def names(folder: Folder) -> list[str]:
    """Return the names of the conversations set aside, the one last used first, by the times of their files."""
    found, archive = list[tuple[int, str]](), str(folder.archive.path)
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for name in filter(_ID.fullmatch, os.listdir(archive)):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                status = os.stat(
                    f"{archive}/{name}/{HISTORY}", follow_symlinks=False
                )  # by its path: there may be 1,000
                found.append((status.st_mtime_ns, name))
    return [name for _, name in sorted(found, reverse=True)]


def beginnings(folder: Folder) -> Iterator[date]:
    """Return the days when the conversations set aside began, by their names, in no order."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for name in filter(_ID.fullmatch, folder.archive.names()):
            with contextlib.suppress(ValueError):
                yield date(int(name[:4]), int(name[4:6]), int(name[6:8]))


def find(folder: Folder, name: str) -> Folder | None:
    """Return the place of a conversation; None for an unknown name, whatever it holds."""
    if name == CURRENT:
        return folder if folder.size(HISTORY) else None
    if not _ID.fullmatch(name):
        return None
    place = folder.archive / name
    return place if place.exists(HISTORY) else None


def is_current(folder: Folder, name: str) -> bool:
    """True if this names the current conversation, also by when it began, as it was named while it was set aside."""
    if name == CURRENT:
        return True
    if not _ID.fullmatch(name) or (folder.archive / name).exists(HISTORY):
        return False
    began = history.began(folder)
    return began is not None and f"{began:%Y%m%dT%H%M%SZ}" == name.partition("-")[0]


def bring_back(folder: Folder, name: str) -> bool:
    """Make a conversation set aside the current one; the current one is set aside. False when there is none such."""
    place = find(folder, name)
    if place is None or name == CURRENT:
        return False
    if history.began(folder) is None and not place.exists(SUMMARY):
        _take_along(folder, place)  # they came ahead of their history, and then the process died
    set_aside(folder)
    _take_along(place, folder)
    for file in (HISTORY, TITLE):  # the title last: it must never stand over another conversation
        _move(file, place, folder)
    folder.sync()
    shutil.rmtree(place.path, ignore_errors=True)
    folder.archive.sync()
    return True


def _take_along(place: Folder, to: Folder) -> None:
    """Move the notes of a conversation and what was torn off it."""
    for file in (*layout.COMPANIONS, *_torn(place)):
        _move(file, place, to)


def _move(file: str, place: Folder, to: Folder) -> None:
    """Move a file, where there is one, in the place of what has its name."""
    with contextlib.suppress(FileNotFoundError):
        os.replace(place.path / file, to.path / file)


def delete(folder: Folder, name: str) -> bool:
    """Delete a conversation set aside, for good. False when there is none such."""
    with folder.lock():
        place = find(folder, name)
        if place is None or name == CURRENT:
            return False
        _remove_photos(folder, place)
        shutil.rmtree(place.path)
        folder.archive.sync()
        return True


def clear(folder: Folder) -> None:
    """Delete the current conversation for good: its photos and notes first, then its words and title, and what was set
    aside as torn."""
    _remove_photos(folder, folder)
    for name in (*layout.DELETED, *_torn(folder), *_unfinished(folder)):
        folder.remove(name)
    folder.sync()


def _remove_photos(folder: Folder, leaving: Folder) -> None:
    """Remove the photos that no conversation names but the one that is being deleted."""
    conversations = [folder, *(folder.archive / name for name in names(folder))]
    photos.remove_unnamed(folder, [one for one in conversations if one.path != leaving.path])


def _torn(folder: Folder) -> list[str]:
    """Return the names of what was set aside as torn off the current conversation."""
    return [name for name in folder.names() if layout.is_torn_off(name, HISTORY)]


def _unfinished(folder: Folder) -> list[str]:
    """Return the names of unfinished files, whose writers were killed; they hold words of the conversation too."""
    return [name for name in folder.names() if layout.is_unfinished_of_conversation(name)]
