"""Conversations written by hand, at a time of the tests' own."""

from datetime import UTC, datetime

from memory.conversations import history
from memory.conversations.records import Record, Role
from memory.storage.folders import Folder

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def say(folder: Folder, text: str, time: datetime = NOON, role: Role = "user", replaces: int | None = None) -> Record:
    """Append a message; return its record."""
    return history.append(folder, lambda number: Record(number, time, role, text, replaces=replaces)).record
