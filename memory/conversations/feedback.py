"""feedback.csv: what a user thought of replies, one line a word of theirs; the last one counts."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from typing import Literal

from memory import csv_cells
from memory.conversations.exchanges import EXCHANGE, exchange_cells, of_conversation
from memory.conversations.records import read_number
from memory.storage.folders import Folder
from memory.storage.layout import FEEDBACK
from memory.storage.users import Users
from memory.timestamps import read_stamp, stamp

Rating = Literal["up", "down", "none"]
COLUMNS = ("time", "conversation", "number", "model", "rating", "reason")
MOST_REASON_CHARS = 500


@dataclass(frozen=True, slots=True)
class Feedback:
    """A user's word on one reply. `conversation` is when it began; rating "none" takes an earlier word back."""

    time: datetime
    conversation: datetime
    number: int
    model: str
    rating: Rating
    reason: str = ""


def note(folder: Folder, said: Feedback) -> None:
    """Append the word, fsynced. StorageError when it cannot be kept."""
    with folder.lock():
        size = folder.size(FEEDBACK)
        head = csv_cells.line(COLUMNS) if not size else b""
        if size and folder.read(FEEDBACK, size - 1) != b"\n":  # a crash or an editor left it
            head = b"\n"
        folder.append(FEEDBACK, head + csv_cells.line(_row(said)))


def ratings(folder: Folder, conversation: datetime, *, since: datetime) -> dict[int, Feedback]:
    """Return the last word on each reply of a conversation, by the reply's number.

    Read from the end and no further back than `since`: nobody judges a reply before it is written.
    """
    found = dict[int, Feedback]()
    for said in _backwards(folder):
        if said.time < since:
            break
        if said.conversation == conversation:
            found.setdefault(said.number, said)
    return found


def of_all(users: Users, *, has_words: bool = False) -> Iterator[bytes]:
    """Return everybody's words as the lines of one CSV file, with the user before each; all cells are quoted.

    `has_words`: the question and the answer that each is about stand behind it.
    """
    yield csv_cells.line(("person", *COLUMNS, *(EXCHANGE if has_words else ())), quotes_all=True)
    for name in users.names():
        folder = users.folder(name)
        for said in reversed(list(_backwards(folder))):
            words = exchange_cells(of_conversation(folder, said.conversation, said.number)) if has_words else ()
            yield csv_cells.line((name, *_row(said), *words), quotes_all=True)


def latest(users: Users, count: int) -> list[tuple[str, Feedback]]:
    """Return the last word on each reply that was not taken back, with the person's name: the newest ones, so many."""
    found = list[tuple[str, Feedback]]()
    for name in users.names():
        last = dict[tuple[datetime, int], Feedback]()
        for said in _backwards(users.folder(name)):
            last.setdefault((said.conversation, said.number), said)
        found += [(name, said) for said in last.values() if said.rating != "none"]
    return nlargest(count, found, key=lambda one: one[1].time)


def _backwards(folder: Folder) -> Iterator[Feedback]:
    if not folder.size(FEEDBACK):
        return
    for line in reversed(folder.read(FEEDBACK).split(b"\n")):
        if said := _parse(line):
            yield said


def _row(said: Feedback) -> tuple[object, ...]:
    model, reason = csv_cells.safe(said.model), csv_cells.safe(said.reason)
    return stamp(said.time), stamp(said.conversation), said.number, model, said.rating, reason


def _parse(line: bytes) -> Feedback | None:
    """Read one line; None for the heading, a torn line or one that a user has mangled."""
    try:
        (row,) = csv.reader([line.decode()])
        time, conversation, number, model, rating, reason = row
        if rating not in ("up", "down", "none"):
            return None
        model, reason, counted = csv_cells.read(model), csv_cells.read(reason), read_number(number)
        return Feedback(read_stamp(time), read_stamp(conversation), counted, model, rating, reason)  # type: ignore[arg-type]
    except (ValueError, csv.Error):
        return None
