"""A conversation as a file to take along: its history.txt as it is, Markdown to read, JSON for other programs.

JSON, in UTF-8; `messages` has all records, also those that a later one replaces:

    {"storekeeper": 1,
     "title": "Hammocks",
     "messages": [
      {"number": 1, "time": "2026-11-23T14:02:11Z", "role": "user", "text": "Do you ship to Recife?"},
      {"number": 2, "time": "2026-11-23T14:02:14Z", "role": "assistant", "model": "gpt-6-luna", "ending": "stop", "text": "Yes."}]}

`title` is null unless the user gave one. What stands between `role` and `text` are the keys of the record's header,
whole numbers as numbers; what it cost and the seconds stay text, so that they come back as they were written.

"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from memory.conversations import archive, history, listing, outline
from memory.conversations.records import HEADER, RECEIPT, Record, print_header, read_seconds, read_usd
from memory.i18n import N_, Translate
from memory.storage.folders import Folder
from memory.storage.layout import HISTORY
from memory.timestamps import stamp

Form = Literal["txt", "md", "json"]

VERSION = 1
TEXT_KEYS = {"model", "ending", "why", "files"} | {key for key, _, read in RECEIPT if read in (read_usd, read_seconds)}
"""Keys of a header that stay text in JSON, whatever they hold; others are whole numbers where they look like one."""
IMPORTED = N_("from an imported file")
"""Stands beside each message that the customer brought in, on the page and in Markdown."""
PHOTO = N_("Photo")
_ENDINGS = {
    "length": N_("cut off at its length limit"),
    "content_filter": N_("cut off by the provider's content filter"),
    "stopped": N_("stopped"),
    "interrupted": N_("interrupted"),
    "failed": N_("failed"),
}


_BLOCK = 256 * 1024


@dataclass(frozen=True, slots=True)
class _Held(Folder):
    """A conversation whose history.txt is open: it can be read on, wherever the file is moved and whatever is added to it."""

    descriptor: int
    length: int

    def open(self, name: str, flags: int) -> int:
        return os.dup(self.descriptor)

    def status(self, name: str) -> os.stat_result | None:
        return os.fstat(self.descriptor)


class Export:
    """A conversation as a file, made piece by piece as it is asked for; `size` is its bytes where they are known."""

    def __init__(self, place: Folder, listed: listing.ConversationInfo, form: Form, translate: Translate = str) -> None:
        descriptor = place.open(HISTORY, os.O_RDONLY)
        length = os.fstat(descriptor).st_size  # what is appended meanwhile is not part of it
        self._place = _Held(place.path, descriptor, length)
        self.size = length if form == "txt" else None
        match form:
            case "txt":
                self.pieces = _text(self._place)
            case "md":
                self.pieces = _gathered(_markdown(self._place, listed.title, translate))
            case "json":
                self.pieces = _gathered(_json(self._place, listed.own_title))

    def close(self) -> None:
        """Close the file; the pieces end."""
        os.close(self._place.descriptor)


def export(folder: Folder, name: str, form: Form, translate: Translate = str) -> Export | None:
    """Return the conversation of this name as a file; None when there is none such. Its caller closes it.

    It stays the same whatever happens to the conversation while it is read. Only Markdown has words of ours to say.
    """
    place, listed = archive.find(folder, name), listing.describe(folder, name)
    if place is None or listed is None:
        return None
    try:
        return Export(place, listed, form, translate)
    except FileNotFoundError:  # it was moved meanwhile
        return None


def _text(place: _Held) -> Iterator[bytes]:
    for start in range(0, place.length, _BLOCK):
        yield place.read(HISTORY, start, min(place.length, start + _BLOCK))


def _gathered(parts: Iterator[str]) -> Iterator[bytes]:
    """Return the parts in pieces that are worth sending."""
    gathered, size = list[bytes](), 0
    for part in parts:
        gathered.append(part.encode())
        size += len(gathered[-1])
        if size >= _BLOCK:
            yield b"".join(gathered)
            gathered, size = [], 0
    yield b"".join(gathered)


def _markdown(place: _Held, title: str, translate: Translate) -> Iterator[str]:
    replaced = outline.replaced(place)
    title = title or translate(N_("Conversation"))
    yield f"# {title}\n"
    for entry in history.forwards(place, 0, place.length):
        record = entry.record
        if not replaced.stands(record.number):
            continue
        who = translate(N_("You")) if record.is_question else translate(N_("Assistant"))
        who += f" ({record.model})" if record.model and not record.is_question else ""
        who += f" ({translate(IMPORTED)})" if record.imported else ""
        ending = f"\n\n*({translate(_ENDINGS[record.ending])})*" if record.ending in _ENDINGS else ""
        photo = "".join(f"\n\n![{translate(PHOTO)}](files/{name})" for name in record.files)
        yield f"\n## {who}, {record.time:%Y-%m-%d %H:%M} UTC\n\n{record.text}{photo}{ending}\n"


def _json(place: _Held, own_title: str) -> Iterator[str]:
    title = json.dumps(own_title or None, ensure_ascii=False)
    yield f'{{"storekeeper": {VERSION},\n "title": {title},\n "messages": ['
    comma = ""
    for entry in history.forwards(place, 0, place.length):
        yield f"{comma}\n  {json.dumps(as_json(entry.record), ensure_ascii=False)}"
        comma = ","
    yield "]}\n"


def as_json(record: Record) -> dict[str, str | int]:
    header = HEADER.fullmatch(print_header(record).removesuffix(b"\n"))
    assert header is not None, "a printed header is one"
    pairs = dict(pair.split("=", 1) for pair in header[4].decode().split())
    keys = {key: _number(key, unquote(value)) for key, value in pairs.items()}
    return {"number": record.number, "time": stamp(record.time), "role": record.role, **keys, "text": record.text}


def _number(key: str, value: str) -> str | int:
    is_number = key not in TEXT_KEYS and value.isascii() and value.isdigit() and len(value) < 16
    return int(value) if is_number and str(int(value)) == value else value
