"""Dates as exports write them, for sales that begin and end."""

import re
from datetime import UTC, date, datetime

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_OTHER = re.compile(r"(\d{1,2})([-/.])(\d{1,2})[-/.](\d{2,4})")
_SECONDS = re.compile(r"\d{9,11}")


def day_of(text: str) -> date | None:
    """Return the day that a cell names, None where it names none.

    Between points the day comes first; between strokes the month does, unless it cannot.
    """
    text = text.strip()
    try:
        if found := _ISO.match(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if _SECONDS.fullmatch(text):
            return datetime.fromtimestamp(int(text), UTC).date()
        if found := _OTHER.match(text):
            first, second, year = int(found[1]), int(found[3]), int(found[4])
            year += 2000 if year < 100 else 0
            day, month = (first, second) if found[2] == "." or first > 12 else (second, first)
            return date(year, month, day)
    except (ValueError, OverflowError):
        pass
    return None


def is_within(today: date, begins: str, ends: str) -> bool:
    """True if a sale with these dates is on; a date that is missing or cannot be read does not bound it."""
    first, last = day_of(begins), day_of(ends)
    return (first is None or first <= today) and (last is None or today <= last)
