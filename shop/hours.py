"""When the shop's staff can be reached. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from brand import read_hours, zone_of
from settings import Settings

_DAYS_AHEAD = 8
"""A week, and the day on which a time of the day before may still end."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The hours of a week in the shop's time zone; without any it is always open.

    Of each span: the day of the week (Monday is 0), the minute it begins, for how many minutes.
    """

    spans: tuple[tuple[int, int, int], ...] = ()
    timezone: str = "UTC"

    def opens(self, now: datetime) -> datetime | None:
        """Return when it opens again, in the shop's time zone; None while it is open."""
        if not self.spans:
            return None
        local = now.astimezone(zone_of(self.timezone))
        beginnings = list[datetime]()
        for ahead in range(-1, _DAYS_AHEAD):
            day = local.date() + timedelta(days=ahead)
            for weekday, minute, minutes in self.spans:
                if weekday != day.weekday():
                    continue
                begins = datetime.combine(day, time(minute // 60, minute % 60), local.tzinfo)
                if _utc(begins) <= now < _utc(begins + timedelta(minutes=minutes)):
                    return None
                if _utc(begins) > now:
                    beginnings.append(begins)
        return min(beginnings, key=_utc)


def _utc(moment: datetime) -> datetime:
    """Return the same moment in UTC: those of one time zone are compared by their clocks, which are put forward and back."""
    return moment.astimezone(UTC)


def hours_of(settings: Settings) -> OpeningHours:
    return OpeningHours(read_hours(settings.hours), settings.timezone)
