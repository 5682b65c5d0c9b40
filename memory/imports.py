"""Conversations out of a file: one of our own, txt or JSON, or all those of ChatGPT's conversations.json.

A file is taken whole or not at all, and what it holds is checked as strictly as it is written: a history.txt that
was exported is byte for byte the one that is kept again. Blocks: call it in a thread.
"""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from memory import archive, catalogue, chatgpt
from memory.archive import ARCHIVE, TITLE
from memory.exports import VERSION
from memory.files import HISTORY, Folder, not_saved
from memory.records import BOM, HEADER, PLAIN, Entry, Record, parse, print_body, print_header, print_record
from memory.sentences import N_, Told
from memory.text import normalise

MOST_BYTES = 32 * 1024 * 1024
MOST_CONVERSATIONS = 5_000
_AHEAD = timedelta(minutes=5)
"""How much another machine's clock may be ahead of this one's."""

_KEY = re.compile("[a-z_]+")
_STAGING = ".import-"
_UNKNOWN_JSON = N_("This JSON file is neither a conversation exported from here nor ChatGPT's conversations.json.")


class NotImported(Told):
    """A file that is not taken, and why. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """A conversation that was read and checked: its title, "" for none, and the bytes of its history.txt."""

    title: str
    began: datetime
    used: datetime
    history: bytes


def read(data: bytes, now: datetime) -> list[Arriving]:
    """Read the conversations of a file. NotImported says why they cannot be."""
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
        return [_check("", data, now)]
    if data.lstrip()[:1] not in (b"{", b"["):
        raise NotImported(
            "This is not a conversation. Choose a txt or JSON file exported from here, or ChatGPT's conversations.json."
        )
    return _read_json(data, now)


def _read_json(data: bytes, now: datetime) -> list[Arriving]:
    try:
        if chatgpt.is_export(data):
            told = chatgpt.conversations(data, now)
            arriving = [_check(title, _print(records), now) for title, records in told if records]
        else:
            arriving = [_read_own(json.loads(data.decode()), now)]
    except msgspec.ValidationError as error:
        raise NotImported(_UNKNOWN_JSON) from error
    except (ValueError, RecursionError, msgspec.DecodeError) as error:
        raise NotImported("This JSON file can't be read: it's damaged or incomplete.") from error
    if not arriving:
        raise NotImported("There are no conversations in this file.")
    if len(arriving) > MOST_CONVERSATIONS:
        raise NotImported(
            "There are more than %(most)s conversations in this file, the most that can be imported.",
            most=MOST_CONVERSATIONS,
        )
    return arriving


def _print(records: Iterable[Record]) -> bytes:
    return b"".join(map(print_record, records))


def _read_own(value: Any, now: datetime) -> Arriving:
    match value:
        case {"storekeeper": 1, "title": str() | None as title, "messages": list(messages)} if len(value) == 3:
            return _check(title or "", b"".join(_from_json(n, one) for n, one in enumerate(messages, 1)), now)
        case {"storekeeper": version} if version != VERSION:
            raise NotImported("This file comes from a newer version and can't be imported here.")
    raise NotImported(_UNKNOWN_JSON)


def _from_json(place: int, value: Any) -> bytes:
    """Give the record of a message as history.txt would have it, to be checked as every other."""
    match value:
        case {"number": int(number), "time": str(time), "role": str(role), "text": str(text), **keys}:
            header = f"[{number}] {time} {role}"
            for key, one in keys.items():
                if not _KEY.fullmatch(str(key)) or isinstance(one, bool) or not isinstance(one, str | int):
                    break
                header += f" {key}={quote(str(one), safe=PLAIN, errors='replace')}"
            else:
                line = header.encode(errors="replace")
                if HEADER.fullmatch(line) and normalise(text) == text:
                    return line + b"\n" + print_body(text)
    raise NotImported("Message %(number)s in this file doesn't have the expected format.", number=place)


def _check(title: str, data: bytes, now: datetime) -> Arriving:
    """Check that this is a history.txt as it is written here, and give it in its one form."""
    data = data.replace(b"\r\n", b"\n")
    data = data if data.endswith(b"\n") else data + b"\n"
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NotImported("Line %(line)s of the file is not UTF-8 text.", line=_line(data, error.start)) from error
    if normalise(text) != text.rstrip("\n"):
        raise NotImported("The file contains characters that messages can't have.")
    records = list[Record]()
    for item in parse(data):
        if not isinstance(item, Entry):
            raise NotImported("Line %(line)s of the file is not part of a message.", line=_line(data, item.start))
        record, head = item.record, data[item.start : data.index(b"\n", item.start)]
        before = records[-1].number if records else 0
        if print_header(record) != head.rstrip() + b"\n":
            raise NotImported(
                "The first line of message %(number)s doesn't have the expected format.", number=record.number
            )
        is_behind = record.replaces is None or 1 <= record.replaces < record.number
        if record.number <= before or not is_behind:
            raise NotImported("Message %(number)s is out of order.", number=record.number)
        if record.time > now + _AHEAD:
            raise NotImported("Message %(number)s has a date in the future. Is the clock right?", number=record.number)
        records.append(record)
    if not records:
        raise NotImported("There are no messages in this file.")
    return Arriving(catalogue.clean_title(title), records[0].time, records[-1].time, _print(records))


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def keep(folder: Folder, arriving: Iterable[Arriving]) -> list[str]:
    """Set these conversations aside, all of them or none; give their names. One that is kept already is not kept twice.

    StorageError when they cannot be kept.
    """
    root = folder.path / ARCHIVE
    staging = root / f"{_STAGING}{secrets.token_hex(8)}"
    with folder.lock():
        try:
            root.mkdir(mode=0o700, exist_ok=True)
            for left in root.glob(f"{_STAGING}*"):  # of a process that died
                shutil.rmtree(left, ignore_errors=True)
            staging.mkdir(mode=0o700)
            found, new = list[str | None](), list[tuple[Folder, str]]()
            for one in arriving:
                began = f"{one.began:%Y%m%dT%H%M%SZ}"
                twin = _twin(folder, began, one.history)
                found.append(twin)
                if twin is None:
                    new.append((_stage(staging / str(len(new)), one), began))
            moved = _move_in(folder, new)
        except OSError as error:
            raise not_saved(error) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    names = iter(moved)
    return [name or next(names) for name in found]


def _stage(path: Path, one: Arriving) -> Folder:
    path.mkdir(mode=0o700)
    place = Folder(path)
    place.replace(HISTORY, one.history)
    if one.title:
        place.replace(TITLE, f"{one.title}\n".encode())
    seconds = max(0.0, one.used.timestamp())
    os.utime(place.path / HISTORY, (seconds, seconds))
    return place


def _twin(folder: Folder, began: str, data: bytes) -> str | None:
    """Find a conversation that is kept already, word for word."""
    for taken in range(1, 1000):
        name = began if taken == 1 else f"{began}-{taken}"
        place = archive.find(folder, name)
        if place is None:
            return None
        if place.size(HISTORY) == len(data) and place.read(HISTORY) == data:
            return name
    return None


def _move_in(folder: Folder, new: Iterable[tuple[Folder, str]]) -> list[str]:
    """Rename what lies ready into the archive; what was moved is taken out again when one cannot be."""
    moved = list[Folder]()
    try:
        for place, began in new:
            target = archive.free_place(folder, began)
            shutil.rmtree(target.path, ignore_errors=True)  # what a crash left there has no history
            os.rename(place.path, target.path)
            moved.append(target)
        Folder(folder.path / ARCHIVE).sync()
    except BaseException:
        for place in moved:
            shutil.rmtree(place.path, ignore_errors=True)
        raise
    return [place.name for place in moved]
