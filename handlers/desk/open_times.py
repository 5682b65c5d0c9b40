"""Opening hours as a form has them: from and until for the working days, for Saturday, for Sunday."""

from collections.abc import Mapping
from dataclasses import dataclass

from brand import read_hours

PARTS = {"week": (range(5), "Mo-Fr"), "saturday": (range(5, 6), "Sa"), "sunday": (range(6, 7), "Su")}
"""The parts of a week: their days, and what they are called in the settings."""
_MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True)
class OpenTime:
    """From when until when a part of the week is open, as "09:00"; both are empty where it is closed."""

    opens: str = ""
    closes: str = ""

    @property
    def is_half(self) -> bool:
        return bool(self.opens) is not bool(self.closes)


def week_of(hours: str) -> dict[str, OpenTime] | None:
    """Return the hours part by part; None where they are more than such a form can hold. BadBrand for what are no hours."""
    by_day = dict[int, list[tuple[int, int]]]()
    for day, opens, minutes in read_hours(hours):
        by_day.setdefault(day, []).append((opens, minutes))
    week = dict[str, OpenTime]()
    for part, (days, _) in PARTS.items():
        found = {tuple(by_day.get(day, ())) for day in days}
        (spans,) = found if len(found) == 1 else [None]
        if spans is None or len(spans) > 1:
            return None
        week[part] = _open_time(*spans[0]) if spans else OpenTime()
    return week


def hours_of(week: Mapping[str, OpenTime]) -> str:
    """Return the hours as the settings have them."""
    return ", ".join(f"{PARTS[part][1]} {time.opens}-{time.closes}" for part, time in week.items() if time.opens)


def _open_time(opens: int, minutes: int) -> OpenTime:
    closes = (opens + minutes) % _MIDNIGHT
    return OpenTime(_clock(opens), _clock(closes))


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
