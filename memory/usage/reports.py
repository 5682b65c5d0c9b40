"""What the shop's people used, summed up from their ledgers (memory/usage/day_totals.py)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from memory.storage.folders import Folder
from memory.storage.layout import USAGE
from memory.storage.users import Users
from memory.usage import day_totals
from memory.usage.day_totals import DAYS, DayTotals, LedgerReader, Sum, total


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a plot: the hour that begins then, or the day."""

    at: datetime | date
    sum: Sum


@dataclass(frozen=True, slots=True)
class Shop:
    """What all people used: the last 24 hours, the last 7 days, the last 31 days; models and their faults in those 31."""

    hours: tuple[Bar, ...]
    week: tuple[Bar, ...]
    month: tuple[Bar, ...]
    models: tuple[tuple[str, str, Sum], ...]
    """Model, purpose, sum; what costs most comes first."""
    faults: tuple[tuple[str, str, int], ...]
    """Model, the fault's word, how often; the most frequent comes first."""


@dataclass(frozen=True, slots=True)
class _Used:
    """What was used, in pieces: by day and hour, model and purpose; and the faults."""

    sums: dict[tuple[int, int, str, str], list[Sum]] = field(default_factory=lambda: defaultdict(list))
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)

    def include(self, day: DayTotals) -> None:
        for used in day.used:
            self.sums[day.day, used.hour, used.model, used.purpose].append(used.sum)
        for model, word, times in day.faults:
            self.faults[model, word] += times


def of_user(folder: Folder, now: datetime) -> tuple[Sum, Sum]:
    """Return what a user used today and in the last 31 days. Blocks."""
    today = now.astimezone(UTC).date()
    return of_days(folder, now, [today]), of_days(folder, now, [today - timedelta(days=n) for n in range(DAYS)])


def of_days(folder: Folder, now: datetime, days: Iterable[date]) -> Sum:
    """Return what a user used on these days (UTC), of the last 31. Blocks."""
    wanted = {day.toordinal() for day in days}
    found = day_totals.of_folder(folder, now.astimezone(UTC).date())
    return total(used.sum for day in found.days if day.day in wanted for used in day.used)


def of_shop(users: Users, now: datetime) -> Shop:
    """Return what all people used. Blocks."""
    now, found = now.astimezone(UTC), _Used()
    for totals in _days(users, now.date()):
        found.include(totals)
    of_day, of_hour = defaultdict[date, list[Sum]](list), defaultdict[datetime, list[Sum]](list)
    of_model = defaultdict[tuple[str, str], list[Sum]](list)
    for (ordinal, hour, model, purpose), sums in found.sums.items():
        one, day = total(sums), date.fromordinal(ordinal)
        of_day[day].append(one)
        of_hour[datetime.combine(day, time(hour), UTC)].append(one)
        of_model[model, purpose].append(one)
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    month = tuple(
        Bar(day, total(of_day[day])) for day in (now.date() - timedelta(days=n) for n in reversed(range(DAYS)))
    )
    models = [(*key, total(sums)) for key, sums in of_model.items()]
    return Shop(
        hours=tuple(
            Bar(hour, total(of_hour[hour])) for hour in (this_hour - timedelta(hours=n) for n in reversed(range(24)))
        ),
        week=month[-7:],
        month=month,
        models=tuple(sorted(models, key=lambda one: (one[2].cost_usd, one[2].tokens), reverse=True)),
        faults=tuple((model, word, times) for (model, word), times in found.faults.most_common()),
    )


def _days(users: Users, today: date) -> Iterator[DayTotals]:
    """Yield the days of all ledgers that reach into the last 31."""
    first, ledgers = day_totals.first_day(today), LedgerReader(users, today)
    for name, _, status in users.changed_since(day_totals.seconds(first), USAGE):
        totals = ledgers.of(name, status.st_ino, status.st_mtime_ns, status.st_size)
        yield from (day for day in totals.days if day.day >= first.toordinal())
    ledgers.keep()
