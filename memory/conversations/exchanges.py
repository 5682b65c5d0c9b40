"""A reply with the question that it answers, found by what the owner's files know of it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from memory import csv_cells
from memory.conversations import archive, history
from memory.conversations.records import Record
from memory.storage.folders import Folder, StorageError

_MOST_STEPS = 50
"""So many replies to one question are passed over on the way back to it."""
_MOST_PLACES = 20
"""So many conversations are looked into for a reply of which only the time is known."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer, as they stand in the conversation."""

    question: str
    answer: str


EXCHANGE = ("question", "answer")
"""The columns of a CSV file that hold one."""


def exchange_cells(found: Exchange | None) -> tuple[str, str]:
    """Return an exchange as the cells of a CSV file, empty ones where it is gone."""
    return ("", "") if found is None else (csv_cells.safe(found.question), csv_cells.safe(found.answer))


def of_conversation(folder: Folder, began: datetime, number: int) -> Exchange | None:
    """Return the exchange of a user's reply in the conversation that began then; None when it is not there any more."""
    for place in _places(folder, began):
        if history.began(place) == began and (found := _exchange(place, number)):
            return found[1]
    return None


def of_time(folder: Folder, time: datetime, number: int) -> Exchange | None:
    """Return the exchange of a user's reply of that time, in whichever conversation; None when it is not there any more."""
    for place in _places(folder, time):
        found = _exchange(place, number)
        if found is not None and found[0].time == time:
            return found[1]
    return None


def _places(folder: Folder, time: datetime) -> Iterator[Folder]:
    """Return the current conversation, then those set aside that had begun by then, the latest first."""
    yield folder
    last = f"{time.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    begun = sorted((name for name in archive.names(folder) if name.partition("-")[0] <= last), reverse=True)
    yield from (folder.archive / name for name in begun[:_MOST_PLACES])


def _exchange(place: Folder, number: int) -> tuple[Record, Exchange] | None:
    """Return a reply and its exchange; the question is the last one before it."""
    with contextlib.suppress(OSError, StorageError):  # it is deleted or moved meanwhile
        entry = history.find(place, number)
        if entry is None or entry.record.is_question:
            return None
        for before in range(number - 1, max(0, number - 1 - _MOST_STEPS), -1):
            asked = history.find(place, before)
            if asked is not None and asked.record.is_question:
                return entry.record, Exchange(asked.record.text, entry.record.text)
        return entry.record, Exchange("", entry.record.text)
    return None
