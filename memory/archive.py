"""Conversations set aside: archive/<when it began>/ holds history.txt and summary.txt. Blocks: call it in a thread.

What moves or removes the current conversation is called under `undisturbed`, so that no reply is being written.
"""

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from memory import history
from memory.files import HISTORY, REPLY, STOP, SUMMARY, TURN_LOCK, Busy, Folder
from memory.records import Entry, parse

ARCHIVE = "archive"
_ID = re.compile(r"\d{8}T\d{6}Z(?:-\d{1,3})?")
_TITLE_CHARS = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """One conversation set aside. `title` is the beginning of its first question."""

    id: str
    began: datetime
    title: str
    bytes: int


@contextlib.contextmanager
def undisturbed(folder: Folder, *, timeout_seconds: float = 5.0) -> Iterator[None]:
    """Hold off replies and every writer of this person. Busy when a reply does not end in time."""
    deadline = time.monotonic() + timeout_seconds
    while (turn := folder.try_lock(TURN_LOCK)) is None:
        if time.monotonic() > deadline:
            raise Busy("A reply is still being written. Stop it, or wait for its end.")
        time.sleep(0.02)
    try:
        with folder.lock():
            yield
    finally:
        turn.release()


def set_aside(folder: Folder) -> str | None:
    """Move the current conversation into the archive; give its name there, None when it was empty.

    The notes go first: whatever dies between, notes without their history are ignored, and made again from it.
    """
    began = history.began(folder)
    if began is None:
        clear(folder)
        return None
    archive = folder.path / ARCHIVE
    archive.mkdir(mode=0o700, exist_ok=True)
    name = f"{began:%Y%m%dT%H%M%SZ}"
    taken = 1
    while (archive / name / HISTORY).exists():
        taken += 1
        name = f"{began:%Y%m%dT%H%M%SZ}-{taken}"
    target = Folder(archive / name)
    target.path.mkdir(mode=0o700, exist_ok=True)
    for file in (SUMMARY, *_torn(folder), HISTORY):
        with contextlib.suppress(FileNotFoundError):
            os.replace(folder.path / file, target.path / file)
    for place in (target, Folder(archive), folder):
        place.sync()
    return name


def kept(folder: Folder) -> list[Kept]:
    """Give the conversations set aside, the newest first."""
    try:
        names = sorted((name for name in os.listdir(folder.path / ARCHIVE) if _ID.fullmatch(name)), reverse=True)
    except FileNotFoundError:
        return []
    found = (_describe(Folder(folder.path / ARCHIVE / name)) for name in names)
    return [one for one in found if one is not None]


def _describe(place: Folder) -> Kept | None:
    began = history.began(place)
    if began is None:
        return None
    return Kept(place.name, began, title(place), place.size(HISTORY) or 0)


def title(place: Folder) -> str:
    """Give the beginning of a conversation's first question."""
    for item in parse(place.read(HISTORY, 0, 4096)) if place.exists(HISTORY) else ():
        if isinstance(item, Entry) and item.record.is_question:
            words = " ".join(item.record.text.split())
            return words if len(words) <= _TITLE_CHARS else words[:_TITLE_CHARS].rsplit(" ", 1)[0] + " …"
    return ""


def find(folder: Folder, name: str) -> Folder | None:
    """Give the place of a conversation set aside; None for an unknown name, whatever it holds."""
    if not _ID.fullmatch(name):
        return None
    place = Folder(folder.path / ARCHIVE / name)
    return place if place.exists(HISTORY) else None


def bring_back(folder: Folder, name: str) -> bool:
    """Make a conversation set aside the current one; the current one is set aside. False when there is none such."""
    place = find(folder, name)
    if place is None:
        return False
    set_aside(folder)
    for file in (SUMMARY, HISTORY):
        with contextlib.suppress(FileNotFoundError):
            os.replace(place.path / file, folder.path / file)
    folder.sync()
    shutil.rmtree(place.path, ignore_errors=True)
    Folder(folder.path / ARCHIVE).sync()
    return True


def delete(folder: Folder, name: str) -> bool:
    """Delete a conversation set aside, for good. False when there is none such."""
    place = find(folder, name)
    if place is None:
        return False
    shutil.rmtree(place.path)
    Folder(folder.path / ARCHIVE).sync()
    return True


def clear(folder: Folder) -> None:
    """Delete the current conversation for good: its notes first, then its words, and what was set aside as torn."""
    for file in (SUMMARY, REPLY, STOP, HISTORY):
        folder.remove(file)
    for name in (*_torn(folder), *_unfinished(folder)):
        folder.remove(name)
    folder.sync()


def _torn(folder: Folder) -> list[str]:
    """Name what was set aside as torn off the current conversation."""
    return [name for name in os.listdir(folder.path) if name.startswith("history.torn-")]


def _unfinished(folder: Folder) -> list[str]:
    """Name the files whose writer was killed before they had their name; they hold words of the conversation too."""
    begun = (f".{SUMMARY}.", ".history.torn-")
    return [name for name in os.listdir(folder.path) if name.startswith(begun) and name.endswith(".tmp")]
