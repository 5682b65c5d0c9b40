"""What the shop's people used, summed up from their ledgers.

A ledger is read again only when it has changed, and only as far back as the report reaches.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from memory.storage.folders import Folder
from memory.storage.layout import USAGE
from memory.storage.users import Users
from memory.usage import ledger

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


class _Tally:
    """A sum that is still being made."""

    __slots__ = ("cached", "calls", "completion", "cost", "messages", "prompt", "unpriced")

    def __init__(self) -> None:
        self.calls = self.messages = self.prompt = self.cached = self.completion = self.unpriced = 0
        self.cost = Decimal(0)

    def count(self, call: ledger.LedgerEntry) -> None:
        self.calls += 1
        self.messages += call.purpose == "chat" and call.ending in _ANSWERED
        self.prompt += call.prompt_tokens
        self.cached += call.cached_tokens
        self.completion += call.completion_tokens
        if call.cost_usd is None:
            self.unpriced += 1
        else:
            self.cost += call.cost_usd

    def include(self, other: "_Tally") -> None:
        self.calls += other.calls
        self.messages += other.messages
        self.prompt += other.prompt
        self.cached += other.cached
        self.completion += other.completion
        self.unpriced += other.unpriced
        self.cost += other.cost

    def sum(self) -> Sum:
        return Sum(self.calls, self.messages, self.prompt, self.cached, self.completion, self.cost, self.unpriced)


@dataclass(frozen=True, slots=True)
class _Tallies:
    """One ledger or all of them: by hour of yesterday and today, by day, by model and purpose; and the faults."""

    hours: defaultdict[datetime, _Tally] = field(default_factory=lambda: defaultdict(_Tally))
    days: defaultdict[date, _Tally] = field(default_factory=lambda: defaultdict(_Tally))
    models: defaultdict[tuple[str, str], _Tally] = field(default_factory=lambda: defaultdict(_Tally))
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)

    def include(self, other: "_Tallies") -> None:
        for hour, tally in other.hours.items():
            self.hours[hour].include(tally)
        for day, tally in other.days.items():
            self.days[day].include(tally)
        for model, tally in other.models.items():
            self.models[model].include(tally)
        self.faults.update(other.faults)


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


def of_person(folder: Folder, now: datetime) -> tuple[Sum, Sum]:
    """Return what a person used today and in the last 31 days."""
    days = _of_ledger(folder, now.date()).days
    month = _Tally()
    for tally in days.values():
        month.include(tally)
    return days.get(now.date(), _Tally()).sum(), month.sum()


def of_shop(users: Users, now: datetime) -> Shop:
    """Return what all who have an account used."""
    all_of_them = _Tallies()
    for name in users.names():
        all_of_them.include(_of_ledger(users.folder(name), now.date()))
    this_hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=n) for n in reversed(range(24))]
    days = [now.date() - timedelta(days=n) for n in reversed(range(DAYS))]
    month = tuple(Bar(day, all_of_them.days[day].sum()) for day in days)
    models = [(model, purpose, tally.sum()) for (model, purpose), tally in all_of_them.models.items()]
    return Shop(
        hours=tuple(Bar(hour, all_of_them.hours[hour].sum()) for hour in hours),
        week=month[-7:],
        month=month,
        models=tuple(sorted(models, key=lambda one: (one[2].cost_usd, one[2].tokens), reverse=True)),
        faults=tuple((model, word, times) for (model, word), times in all_of_them.faults.most_common()),
    )


def total(sums: Iterable[Sum]) -> Sum:
    """Return several sums as one."""
    found = list(sums)
    return Sum(
        calls=sum(one.calls for one in found),
        messages=sum(one.messages for one in found),
        prompt_tokens=sum(one.prompt_tokens for one in found),
        cached_tokens=sum(one.cached_tokens for one in found),
        completion_tokens=sum(one.completion_tokens for one in found),
        cost_usd=sum((one.cost_usd for one in found), Decimal(0)),
        unpriced=sum(one.unpriced for one in found),
    )


def _of_ledger(folder: Folder, today: date) -> _Tallies:
    status = folder.status(USAGE)
    if status is None:
        return _Tallies()
    return _read(folder, today, status.st_ino, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=20_000)
def _read(folder: Folder, today: date, inode: int, changed_ns: int, size: int) -> _Tallies:
    """Read the ledger as it is under this inode, time and size. What is given is never changed afterwards."""
    found, yesterday = _Tallies(), today - timedelta(days=1)
    for call in ledger.calls(folder, since=today - timedelta(days=DAYS - 1)):
        day = call.time.date()
        found.days[day].count(call)
        found.models[call.model, call.purpose].count(call)
        if day >= yesterday:
            found.hours[call.time.replace(minute=0, second=0, microsecond=0)].count(call)
        if call.ending not in _ANSWERED:
            found.faults[call.model, call.ending] += 1
    return found
