"""Times as they are written in every file: in UTC, to the second."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta


def stamp(time: datetime) -> str:
    """Return the time as it is written everywhere: in UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def within(lines: Iterable[str], window: timedelta, now: datetime) -> list[datetime]:
    """Return the times among the lines that lie in the window up to now: a clock that was put right locks nobody out."""
    found = list[datetime]()
    for line in lines:
        with suppress(ValueError):
            found.append(read_stamp(line))
    return [time for time in found if now - window < time <= now]


def read_stamp(text: str) -> datetime:
    if len(text) != 20 or text[10] != "T" or text[19] != "Z":
        raise ValueError(f"not a time as this is written: {text!r}")
    return datetime.fromisoformat(text)
