"""A conversation as a file to take along: its history.txt as it is, Markdown to read, JSON for other programs.

JSON, in UTF-8; `messages` has all records, also those that a later one replaces:

    {"storekeeper": 1,
     "title": "Hammocks",
     "messages": [
      {"number": 1, "time": "2026-11-23T14:02:11Z", "role": "user", "text": "Do you ship to Recife?"},
      {"number": 2, "time": "2026-11-23T14:02:14Z", "role": "assistant", "model": "gpt-6-luna", "ending": "stop", "text": "Yes."}]}

`title` is null unless the person gave one. What stands between `role` and `text` are the keys of the record's header,
whole numbers as numbers; what it cost and the seconds stay text, so that they come back as they were written.
Blocks: call it in a thread.
"""

import json
import os
import tempfile
from typing import IO, Literal
from urllib.parse import unquote

from memory import archive, catalogue, history, outline
from memory.files import HISTORY, Folder
from memory.records import HEADER, Record, print_header, stamp
from memory.sentences import N_, Say

Form = Literal["txt", "md", "json"]

VERSION = 1
TEXT_KEYS = frozenset(["model", "ending", "why", "cost", "first", "seconds"])
"""Keys of a header that stay text in JSON, whatever they hold; others are whole numbers where they look like one."""
_ENDINGS = {
    "length": N_("cut off at its length limit"),
    "content_filter": N_("cut off by the provider's content filter"),
    "stopped": N_("stopped"),
    "interrupted": N_("interrupted"),
    "failed": N_("failed"),
}


def export(folder: Folder, name: str, form: Form, say: Say = str) -> IO[bytes] | None:
    """Give the conversation of this name as an open file, at its beginning; None when there is none such.

    It stays the same whatever happens to the conversation while it is read. Only Markdown has words of ours to say.
    """
    place, listed = archive.find(folder, name), catalogue.describe(folder, name)
    if place is None or listed is None:
        return None
    try:
        if form == "txt":
            return os.fdopen(place.open(HISTORY, os.O_RDONLY), "rb")
        return _written(place, listed, form, say)
    except FileNotFoundError:  # it was moved meanwhile
        return None


def _written(place: Folder, listed: catalogue.Listed, form: Form, say: Say) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115  (who reads it closes it)
    try:
        if form == "md":
            _write_markdown(place, listed.title, file, say)
        else:
            _write_json(place, listed.own_title, file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _write_markdown(place: Folder, title: str, file: IO[bytes], say: Say) -> None:
    replaced = outline.replaced(place)
    title = title or say(N_("Conversation"))
    file.write(f"# {title}\n".encode())
    for entry in history.forwards(place, 0, place.size(HISTORY) or 0):
        record = entry.record
        if not replaced.stands(record.number):
            continue
        who = say(N_("You")) if record.is_question else say(N_("Assistant"))
        who += f" ({record.model})" if record.model and not record.is_question else ""
        ending = f"\n\n*({say(_ENDINGS[record.ending])})*" if record.ending in _ENDINGS else ""
        file.write(f"\n## {who}, {record.time:%Y-%m-%d %H:%M} UTC\n\n{record.text}{ending}\n".encode())


def _write_json(place: Folder, own_title: str, file: IO[bytes]) -> None:
    title = json.dumps(own_title or None, ensure_ascii=False)
    file.write(f'{{"storekeeper": {VERSION},\n "title": {title},\n "messages": ['.encode())
    comma = ""
    for entry in history.forwards(place, 0, place.size(HISTORY) or 0):
        file.write(f"{comma}\n  {json.dumps(as_json(entry.record), ensure_ascii=False)}".encode())
        comma = ","
    file.write(b"]}\n")


def as_json(record: Record) -> dict[str, str | int]:
    """Give a record as JSON has it."""
    header = HEADER.fullmatch(print_header(record).removesuffix(b"\n"))
    assert header is not None, "a printed header is one"
    pairs = dict(pair.split("=", 1) for pair in header[4].decode().split())
    keys = {key: _number(key, unquote(value)) for key, value in pairs.items()}
    return {"number": record.number, "time": stamp(record.time), "role": record.role, **keys, "text": record.text}


def _number(key: str, value: str) -> str | int:
    is_number = key not in TEXT_KEYS and value.isascii() and value.isdigit() and len(value) < 16
    return int(value) if is_number and str(int(value)) == value else value
