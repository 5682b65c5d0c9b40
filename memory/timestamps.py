"""Times as they are written in every file: in UTC, to the second."""

from datetime import UTC, datetime


def stamp(time: datetime) -> str:
    """Return the time as it is written everywhere: in UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_stamp(text: str) -> datetime:
    if len(text) != 20 or text[10] != "T" or text[19] != "Z":
        raise ValueError(f"not a time as this is written: {text!r}")
    return datetime.fromisoformat(text)
