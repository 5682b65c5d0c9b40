"""What the shop's people used, summed up from their ledgers. Blocks: call it in a thread.

A ledger is read again only when it has changed, and only as far back as the report reaches.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from memory import ledger
from memory.files import USAGE, Folder, Users

DAYS = 31
"""How far back a report reaches, today included."""

_ANSWERED = {"stop", "length", "content_filter", "stopped"}


@dataclass(frozen=True, slots=True)
class Sum:
    """Calls of models together. `messages` is how many answered one; `cost_usd` leaves out the `unpriced` calls."""

    calls: int = 0
    messages: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    unpriced: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
            self.calls + other.calls,
            self.messages + other.messages,
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cost_usd + other.cost_usd,
            self.unpriced + other.unpriced,
        )


@dataclass(frozen=True, slots=True)
class Group:
    """The calls of one hour (UTC), model, purpose and ending."""

    hour: datetime
    model: str
    purpose: str
    ending: str
    sum: Sum


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a plot: an hour or a day."""

    label: str
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


def of_person(folder: Folder, now: datetime) -> tuple[Sum, Sum]:
    """Give what a person used today and in the last 31 days."""
    groups = _groups_of(folder, _since(now))
    today = total(group.sum for group in groups if group.hour.date() == now.date())
    return today, total(group.sum for group in groups)


def of_shop(users: Users, now: datetime) -> Shop:
    """Give what all who have an account used."""
    since = _since(now)
    groups = [group for name in users.names() for group in _groups_of(users.folder(name), since)]
    by_hour, by_day = dict[datetime, Sum](), dict[date, Sum]()
    by_model, faults = dict[tuple[str, str], Sum](), Counter[tuple[str, str]]()
    for group in groups:
        day = group.hour.date()
        by_hour[group.hour] = by_hour.get(group.hour, Sum()) + group.sum
        by_day[day] = by_day.get(day, Sum()) + group.sum
        model = (group.model, group.purpose)
        by_model[model] = by_model.get(model, Sum()) + group.sum
        if group.ending not in _ANSWERED:
            faults[group.model, group.ending] += group.sum.calls
    this_hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=n) for n in reversed(range(24))]
    days = [now.date() - timedelta(days=n) for n in reversed(range(DAYS))]
    month = tuple(Bar(f"{day:%d %b}", by_day.get(day, Sum())) for day in days)
    dearest = sorted(by_model.items(), key=lambda item: (item[1].cost_usd, item[1].tokens), reverse=True)
    return Shop(
        hours=tuple(Bar(f"{hour:%H}:00", by_hour.get(hour, Sum())) for hour in hours),
        week=month[-7:],
        month=month,
        models=tuple((model, purpose, found) for (model, purpose), found in dearest),
        faults=tuple((model, word, times) for (model, word), times in faults.most_common()),
    )


def total(sums: Iterable[Sum]) -> Sum:
    return sum(sums, Sum())


def _since(now: datetime) -> date:
    return now.date() - timedelta(days=DAYS - 1)


def _groups_of(folder: Folder, since: date) -> tuple[Group, ...]:
    status = folder.status(USAGE)
    if status is None or datetime.fromtimestamp(status.st_mtime, UTC).date() < since - timedelta(days=1):
        return ()
    return _read(folder, since, status.st_ino, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=20_000)
def _read(folder: Folder, since: date, inode: int, changed_ns: int, size: int) -> tuple[Group, ...]:
    groups = dict[tuple[datetime, str, str, str], Sum]()
    for call in ledger.calls(folder, since=since):
        key = (call.time.replace(minute=0, second=0, microsecond=0), call.model, call.purpose, call.ending)
        groups[key] = groups.get(key, Sum()) + _sum_of(call)
    return tuple(Group(*key, found) for key, found in groups.items())


def _sum_of(call: ledger.Call) -> Sum:
    found = Sum(
        calls=1,
        messages=int(call.purpose == "chat" and call.ending in _ANSWERED),
        prompt_tokens=call.prompt_tokens,
        cached_tokens=call.cached_tokens,
        completion_tokens=call.completion_tokens,
    )
    return replace(found, unpriced=1) if call.cost_usd is None else replace(found, cost_usd=call.cost_usd)
