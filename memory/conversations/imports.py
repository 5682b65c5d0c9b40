"""Conversations out of a file: one of our own, txt or JSON, or all those of ChatGPT's conversations.json.

A file is taken whole or not at all, and what it holds is checked as strictly as it is written: a history.txt that
was exported is kept again byte for byte, save that each record says that it was imported. What is read takes memory and
time as its writer likes: memory/conversations/intake.py has it done by a process of its own.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from memory.conversations import archive, chatgpt, listing
from memory.conversations.exports import VERSION
from memory.conversations.records import (
    BOM,
    HEADER,
    PLAIN,
    Entry,
    Record,
    parse,
    print_body,
    print_header,
    print_record,
)
from memory.i18n import N_, UserError
from memory.storage.folders import Folder, Lock, not_saved
from memory.storage.layout import HISTORY, IMPORT_LOCK, IMPORTS, STAGING, TITLE
from memory.text import normalise
from memory.timestamps import stamp, within

MOST_BYTES = 32 * 1024 * 1024
MOST_CONVERSATIONS = 5_000
MOST_MESSAGE_CHARS = 100_000
MOST_HEADER_BYTES = 2_048
MOST_NUMBER = 10**9
"""A record of a larger number is no record of ours; far below the largest that is read, so that many can follow."""
MOST_LEVELS = 64
"""Lists and objects in one another in a JSON file: ours have four, ChatGPT's about ten."""
MOST_LISTS, MOST_LINES = 4_000_000, 4_000_000
"""Brackets that open in a JSON file, and lines in a txt file: each takes many times its own size of memory."""
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(minutes=5)
"""How much another machine's clock may be ahead of this one's."""

_KEY = re.compile("[a-z_]+")
_STRUCTURE = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+(?:"|\\?\Z))++|([\[{])|([\]}])', re.DOTALL)
"""A bracket of JSON that opens or closes, or all that stands between two; also of what is no JSON, in linear time."""
_STAGED_SECONDS = 3_600.0
_TOO_MANY_PARTS = N_("This file has too many parts to be read at once. Split it and import the pieces.")
_UNKNOWN_JSON = N_("This JSON file is neither a conversation exported from here nor ChatGPT's conversations.json.")


class NotImported(UserError):
    """A file that is not taken, and why. Nothing was written."""


class TooManyImports(UserError):
    """No file is taken from this user now."""

    def __init__(self, sentence: str, /, wait_seconds: int) -> None:
        super().__init__(sentence)
        self.wait_seconds = wait_seconds


@dataclass(frozen=True, slots=True)
class Arriving:
    """A conversation that was read and checked: its title, "" for none, and the bytes of its history.txt."""

    title: str
    began: datetime
    used: datetime
    history: bytes


def begin(folder: Folder, now: datetime, per_hour: int) -> Lock:
    """Count an import that is about to be read; `per_hour` 0 bounds none. Its caller releases the lock at its end.

    TooManyImports while another one of this user is read, and after too many in an hour.
    """
    lock = folder.try_lock(IMPORT_LOCK)
    if lock is None:
        raise TooManyImports(
            "Another of your files is still being imported. Please wait until it has finished.", wait_seconds=10
        )
    try:
        hour = timedelta(hours=1)
        recent = _attempts(folder, hour, now)
        if per_hour and len(recent) >= per_hour:
            wait = sorted(recent)[-per_hour] + hour - now
            text = N_("You have imported many files in the last hour. Please try again later.")
            raise TooManyImports(text, wait_seconds=int(wait.total_seconds()) + 1)
        if per_hour:
            folder.replace(IMPORTS, "\n".join(map(stamp, [*recent, now])).encode(), is_durable=False)
    except BaseException:
        lock.release()
        raise
    return lock


def _attempts(folder: Folder, window: timedelta, now: datetime) -> list[datetime]:
    try:
        return within(folder.read(IMPORTS, 0, 1 << 20).decode(errors="replace").split("\n"), window, now)
    except FileNotFoundError:
        return []


def read(data: bytes, now: datetime) -> list[Arriving]:
    """Return the conversations of a file. NotImported says why they cannot be read."""
    return list(each(data, now))


def each(data: bytes, now: datetime) -> Iterator[Arriving]:
    """Return the conversations of a file, one after another. NotImported, at any of them, says why none is to be kept."""
    if len(data) > MOST_BYTES:
        raise NotImported(
            "This file is larger than %(megabytes)s MB, the most that can be imported.", megabytes=MOST_BYTES >> 20
        )
    if data.startswith(b"PK\x03\x04"):
        raise NotImported("This is a zip file. Unzip it first, then import the file conversations.json from it.")
    data = data.removeprefix(BOM)
    if not data.strip():
        raise NotImported("The file is empty.")
    if HEADER.fullmatch(data.split(b"\n", 1)[0].removesuffix(b"\r")):
        yield _check("", data, now)
    elif data.lstrip()[:1] in (b"{", b"["):
        yield from _read_json(data, now)
    else:
        raise NotImported(
            "This is not a conversation. Choose a txt or JSON file exported from here, or ChatGPT's conversations.json."
        )


def _read_json(data: bytes, now: datetime) -> Iterator[Arriving]:
    if data.count(b"[") + data.count(b"{") > MOST_LISTS:
        raise NotImported(_TOO_MANY_PARTS)
    if not _is_flat(data):
        raise NotImported(
            "This JSON file is nested more than %(most)s levels deep and can't be imported.", most=MOST_LEVELS
        )
    count = 0
    try:
        if not chatgpt.is_export(data):
            yield _read_own(data, now)
            return
        conversations = chatgpt.conversations(data, now)
        for title, records in ((title, records) for title, records in conversations if records):
            if (count := count + 1) > MOST_CONVERSATIONS:
                raise NotImported(
                    "There are more than %(most)s conversations in this file, the most that can be imported.",
                    most=MOST_CONVERSATIONS,
                )
            for record in records:
                _check_length(record.number, record.text)
            yield _check(title, b"".join(map(print_record, records)), now)
    except msgspec.ValidationError as error:
        raise NotImported(_UNKNOWN_JSON) from error
    except (ValueError, RecursionError, msgspec.DecodeError) as error:
        raise NotImported("This JSON file can't be read: it's damaged or incomplete.") from error
    if not count:
        raise NotImported("There are no conversations in this file.")


def _is_flat(data: bytes) -> bool:
    """True if no bracket of the JSON stands within too many others."""
    level = 0
    for part in _STRUCTURE.finditer(data):
        if part.lastindex == 1:
            level += 1
            if level > MOST_LEVELS:
                return False
        elif part.lastindex == 2:
            level -= 1
    return True


def _read_own(data: bytes, now: datetime) -> Arriving:
    found = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    version = json.loads(bytes(found.get("storekeeper", b"null")))
    if "storekeeper" in found and version != VERSION:
        raise NotImported("This file comes from a newer version and can't be imported here.")
    if set(found) != {"storekeeper", "title", "messages"}:
        raise NotImported(_UNKNOWN_JSON)
    title = json.loads(bytes(found["title"]))
    messages = msgspec.json.decode(found["messages"], type=list[msgspec.Raw])
    if title is not None and not isinstance(title, str):
        raise NotImported(_UNKNOWN_JSON)
    return _check(title or "", b"".join(_from_json(n, one) for n, one in enumerate(messages, 1)), now)


def _from_json(place: int, raw: msgspec.Raw) -> bytes:
    """Return the record of a message as history.txt would have it, to be checked as every other."""
    value: Any = json.loads(bytes(raw))
    match value:
        case {"number": int(number), "time": str(time), "role": str(role), "text": str(text), **keys}:
            header = f"[{number}] {time} {role}"
            for key, one in keys.items():
                if not _KEY.fullmatch(str(key)) or isinstance(one, bool) or not isinstance(one, str | int):
                    break
                header += f" {key}={quote(str(one), safe=PLAIN, errors='replace')}"
            else:
                line = header.encode(errors="replace")
                _check_length(place, text)
                if HEADER.fullmatch(line) and normalise(text) == text:
                    return line + b"\n" + print_body(text)
    raise NotImported("Message %(number)s in this file doesn't have the expected format.", number=place)


def _check(title: str, data: bytes, now: datetime) -> Arriving:
    """Check that this is a history.txt as it is written here, and return it in its one form, each record as imported."""
    data = data.replace(b"\r\n", b"\n")
    data = data if data.endswith(b"\n") else data + b"\n"
    if data.count(b"\n") > MOST_LINES:
        raise NotImported(_TOO_MANY_PARTS)
    printed = list[bytes]()
    first: Record | None = None
    last: Record | None = None
    for item in parse(data):
        if not isinstance(item, Entry):
            raise NotImported("Line %(line)s of the file is not part of a message.", line=_line(data, item.start))
        record = item.record
        _check_words(record, data, item)
        _check_header(record, data, item)
        _check_place(record, last, now)
        first, last = first or record, record
        printed.append(print_record(replace(record, imported=True)))
    if first is None or last is None:
        raise NotImported("There are no messages in this file.")
    title = listing.clean_title(title[: 10 * listing.MOST_TITLE_CHARS])
    return Arriving(title, first.time, last.time, b"".join(printed))


def _check_words(record: Record, data: bytes, item: Entry) -> None:
    start = data.index(b"\n", item.start) + 1
    _check_length(record.number, record.text)
    try:
        text = data[start : item.end].decode()
    except UnicodeDecodeError as error:
        line = _line(data, start + error.start)
        raise NotImported("Line %(line)s of the file is not UTF-8 text.", line=line) from error
    if normalise(text) != text.rstrip("\n"):
        raise NotImported("The file contains characters that messages can't have.")


def _check_length(number: int, text: str) -> None:
    if len(text) > MOST_MESSAGE_CHARS:
        raise NotImported(
            "Message %(number)s has more than %(most)s characters, the most that can be imported.",
            number=number, most=MOST_MESSAGE_CHARS,
        )  # fmt: skip


def _check_header(record: Record, data: bytes, item: Entry) -> None:
    head = data[item.start : data.index(b"\n", item.start)]
    if len(head) > MOST_HEADER_BYTES:
        raise NotImported("The first line of message %(number)s is too long.", number=record.number)
    if print_header(record) != head.rstrip() + b"\n":
        raise NotImported(
            "The first line of message %(number)s doesn't have the expected format.", number=record.number
        )


def _check_place(record: Record, last: Record | None, now: datetime) -> None:
    is_behind = record.replaces is None or 1 <= record.replaces < record.number
    if record.number > MOST_NUMBER:
        raise NotImported("Message %(number)s has an impossible number.", number=record.number)
    if record.number <= (last.number if last else 0) or not is_behind:
        raise NotImported("Message %(number)s is out of order.", number=record.number)
    if record.time > now + _AHEAD:
        raise NotImported("Message %(number)s has a date in the future. Is the clock right?", number=record.number)
    if record.time < _EARLIEST:
        raise NotImported("Message %(number)s has a date before 1970.", number=record.number)


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def keep(folder: Folder, arriving: Iterable[Arriving], *, most_bytes: int = 0) -> list[str]:
    """Set these conversations aside, all of them or none; return their names. One that is kept already is not kept twice.

    `most_bytes` is what the user's files may have then in all; 0: as many as come. NotImported when they would have
    more, StorageError when they cannot be kept.
    """
    folder.archive.make()
    staging = folder.archive.path / f"{STAGING}{secrets.token_hex(8)}"
    try:
        _sweep(folder.archive.path)
        staging.mkdir(mode=0o700)
        known, places = _Known(folder), list[tuple[str, str]]()
        new = dict[tuple[str, str], Folder]()
        used = sum(size for *_, size in folder.walk()) if most_bytes else 0
        for one in arriving:
            place = began, digest = f"{one.began:%Y%m%dT%H%M%SZ}", hashlib.sha256(one.history).hexdigest()
            places.append(place)
            if place in new or digest in known[began]:
                continue
            used += len(one.history)
            if most_bytes and used > most_bytes:
                text = N_(
                    "With this import your conversations would take more than %(megabytes)s MB. Delete some first."
                )
                raise NotImported(text, megabytes=most_bytes // 1_000_000)
            new[place] = _stage(staging / str(len(new)), one)
        with folder.lock():
            moved = _move_in(folder, new)
    except OSError as error:
        raise not_saved(error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return [moved.get((began, digest)) or known[began].get(digest, "") for began, digest in places]


def _sweep(root: Path) -> None:
    """Remove what processes that died left half-imported: reading a file takes minutes at most."""
    for left in root.glob(f"{STAGING}*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _STAGED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _stage(path: Path, one: Arriving) -> Folder:
    path.mkdir(mode=0o700)
    place = Folder(path)
    place.replace(HISTORY, one.history)
    if one.title:
        place.replace(TITLE, f"{one.title}\n".encode())
    seconds = max(0.0, one.used.timestamp())
    os.utime(place.path / HISTORY, (seconds, seconds))
    return place


class _Known(dict[str, dict[str, str]]):
    """Which conversations are kept already: by when they began, the names by what they hold. Each beginning is read once."""

    def __init__(self, folder: Folder) -> None:
        super().__init__()
        self._folder = folder
        self._names = sorted(archive.names(folder), key=lambda name: (len(name), name))

    def __missing__(self, began: str) -> dict[str, str]:
        self[began] = found = dict[str, str]()
        for name in self._names:
            if name.startswith(began) and (place := archive.find(self._folder, name)) is not None:
                found.setdefault(_digest(place), name)
        return found


def _digest(place: Folder) -> str:
    """Return the sha256 that a conversation has once its records say that they were imported."""
    digest = hashlib.sha256()
    with contextlib.suppress(FileNotFoundError), os.fdopen(place.open(HISTORY, os.O_RDONLY), "rb") as file:
        while line := file.readline(1 << 20):
            content = line.removesuffix(b"\n")
            if line.startswith(b"[") and HEADER.fullmatch(content) and not content.endswith(b" imported=1"):
                line = content + b" imported=1\n"
            digest.update(line)
    return digest.hexdigest()


def _move_in(folder: Folder, new: dict[tuple[str, str], Folder]) -> dict[tuple[str, str], str]:
    """Rename what lies ready into the archive; what was moved is taken out again when one cannot be."""
    moved, taken = dict[tuple[str, str], Folder](), dict[str, int]()
    try:
        for place, staged in new.items():
            began, _ = place
            target, taken[began] = archive.free_place(folder, began, taken.get(began, 0))
            shutil.rmtree(target.path, ignore_errors=True)  # what a crash left there has no history
            os.rename(staged.path, target.path)
            moved[place] = target
        folder.archive.sync()
    except BaseException:
        for target in moved.values():
            shutil.rmtree(target.path, ignore_errors=True)
        raise
    return {place: target.name for place, target in moved.items()}
