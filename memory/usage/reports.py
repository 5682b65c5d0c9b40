"""What the shop's people used, summed up from their ledgers.

A ledger is read again only when it has changed, and only as far back as the report reaches.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from memory.conversations.records import Receipt
from memory.storage.folders import Folder
from memory.storage.layout import USAGE
from memory.storage.users import Users
from memory.usage import ledger
from memory.usage.ledger import LedgerEntry

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

    @property
    def whole_cost_usd(self) -> Decimal | None:
        """The cost of all calls, None where one of the prices is not known."""
        return None if self.unpriced else self.cost_usd

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


def sum_of(used: LedgerEntry | Receipt, *, calls: int = 1, messages: int = 0) -> Sum:
    """Return what one call took, or the calls of one reply."""
    cost = used.cost_usd
    tokens = used.prompt_tokens, used.cached_tokens, used.completion_tokens
    return Sum(calls, messages, *tokens, cost or Decimal(0), unpriced=int(cost is None))


@dataclass(frozen=True, slots=True)
class _Sums:
    """One ledger or all of them: by hour of yesterday and today, by day, by model and purpose; and the faults."""

    hours: dict[datetime, Sum] = field(default_factory=lambda: defaultdict(Sum))
    days: dict[date, Sum] = field(default_factory=lambda: defaultdict(Sum))
    models: dict[tuple[str, str], Sum] = field(default_factory=lambda: defaultdict(Sum))
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)

    def include(self, other: "_Sums") -> None:
        for hour, found in other.hours.items():
            self.hours[hour] += found
        for day, found in other.days.items():
            self.days[day] += found
        for model, found in other.models.items():
            self.models[model] += found
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


def of_user(folder: Folder, now: datetime) -> tuple[Sum, Sum]:
    """Return what a user used today and in the last 31 days."""
    days = _of_ledger(folder, now.date()).days
    return days.get(now.date(), Sum()), sum(days.values(), Sum())


def of_days(folder: Folder, now: datetime, days: Iterable[date]) -> Sum:
    """Return what a user used on these days, of the last 31."""
    found = _of_ledger(folder, now.date()).days
    return sum((found[day] for day in days if day in found), Sum())


def of_shop(users: Users, now: datetime) -> Shop:
    found = _Sums()
    for name in users.names():
        found.include(_of_ledger(users.folder(name), now.date()))
    this_hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=n) for n in reversed(range(24))]
    days = [now.date() - timedelta(days=n) for n in reversed(range(DAYS))]
    month = tuple(Bar(day, found.days[day]) for day in days)
    models = [(model, purpose, of_model) for (model, purpose), of_model in found.models.items()]
    return Shop(
        hours=tuple(Bar(hour, found.hours[hour]) for hour in hours),
        week=month[-7:],
        month=month,
        models=tuple(sorted(models, key=lambda one: (one[2].cost_usd, one[2].tokens), reverse=True)),
        faults=tuple((model, word, times) for (model, word), times in found.faults.most_common()),
    )


def _of_ledger(folder: Folder, today: date) -> _Sums:
    status = folder.status(USAGE)
    if status is None:
        return _Sums()
    return _read(folder, today, status.st_ino, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=20_000)
def _read(folder: Folder, today: date, inode: int, changed_ns: int, size: int) -> _Sums:
    """Read the ledger as it is under this inode, time and size. What is given is never changed afterwards."""
    found, yesterday = _Sums(), today - timedelta(days=1)
    for call in ledger.calls(folder, since=today - timedelta(days=DAYS - 1)):
        is_answer = call.ending in _ANSWERED
        one, day = sum_of(call, messages=int(is_answer and call.purpose == "chat")), call.time.date()
        found.days[day] += one
        found.models[call.model, call.purpose] += one
        if day >= yesterday:
            found.hours[call.time.replace(minute=0, second=0, microsecond=0)] += one
        if not is_answer:
            found.faults[call.model, call.ending] += 1
    return found
