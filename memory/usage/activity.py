"""How much the assistant is used: the last seven days against the seven before, and what it costs. For the owner's first page.

Only users who did something in that time are looked at, and a file is read again only when it has changed: with 10,000
users a look takes a tenth of a second.
"""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from memory.conversations import archive, doubts, history
from memory.storage.folders import Folder
from memory.storage.layout import ARCHIVE, HISTORY, USAGE
from memory.storage.users import Users
from memory.usage import ledger
from memory.usage.ledger import LedgerEntry

DAYS = 7
_NO_FAULT = frozenset(["stop", "length", "content_filter", "stopped", "tool_calls"])
_SAME_QUESTION = timedelta(seconds=6)
"""A call that begins so soon after one that failed is for the same question: another model's, or the customer's who asks again."""


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days: who asked, the conversations that began, the questions, those without an answer, the wrong claims."""

    customers: int = 0
    conversations: int = 0
    questions: int = 0
    unanswered: int = 0
    wrong_claims: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """What models cost. `usd` leaves out the `unpriced` calls, whose price is not known."""

    usd: Decimal = Decimal(0)
    unpriced: int = 0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.usd + other.usd, self.unpriced + other.unpriced)


@dataclass(frozen=True, slots=True)
class Activity:
    """The last seven days, today included, and the seven before; what today and this month of the calendar cost."""

    week: Week
    before: Week
    today: Spent
    month: Spent
    days_of_month: int


def of_shop(users: Users, now: datetime, own: Iterable[str] = ()) -> Activity:
    """Return how much the assistant is used. `own` are names of the shop's own people, who cost but are no customers. Blocks."""
    now = now.astimezone(UTC)
    today, own = now.date(), frozenset(own)
    first = today - timedelta(days=2 * DAYS - 1)
    week, before, day, month = _Sum(), _Sum(), Spent(), Spent()
    for folder, status in users.changed_since(USAGE, _seconds(min(first, today.replace(day=1)))):
        used = _used(folder, today, status.st_ino, status.st_mtime_ns, status.st_size)
        day, month = day + used.today, month + used.month
        if folder.name not in own:
            week.add(*used.week)
            before.add(*used.before)
    began = [day for day in _began(users, first, own) if day >= first]
    middle = today - timedelta(days=DAYS - 1)
    return Activity(
        week.week(sum(day >= middle for day in began), doubts.count(users, middle, today)),
        before.week(sum(day < middle for day in began), doubts.count(users, first, middle - timedelta(days=1))),
        day, month, calendar.monthrange(today.year, today.month)[1],
    )  # fmt: skip


@dataclass(slots=True)
class _Sum:
    """Customers, questions and those without an answer of one week."""

    customers: int = 0
    questions: int = 0
    unanswered: int = 0

    def add(self, questions: int, unanswered: int) -> None:
        self.customers += bool(questions)
        self.questions += questions
        self.unanswered += unanswered

    def week(self, conversations: int, wrong_claims: int) -> Week:
        return Week(self.customers, conversations, self.questions, self.unanswered, wrong_claims)


@dataclass(frozen=True, slots=True)
class _Used:
    """What one user did: questions and those without an answer, of both weeks; what it cost."""

    week: tuple[int, int] = (0, 0)
    before: tuple[int, int] = (0, 0)
    today: Spent = field(default_factory=Spent)
    month: Spent = field(default_factory=Spent)


@lru_cache(maxsize=20_000)
def _used(folder: Folder, today: date, inode: int, changed_ns: int, size: int) -> _Used:
    """Read the ledger as it is under this inode, time and size."""
    middle, first = today - timedelta(days=DAYS - 1), today - timedelta(days=2 * DAYS - 1)
    begin = today.replace(day=1)
    calls = ledger.calls(folder, since=min(first, begin))[::-1]
    asked = _questions([call for call in calls if call.purpose == "chat"])
    return _Used(
        _counted([one for day, one in asked if day >= middle]),
        _counted([one for day, one in asked if first <= day < middle]),
        _spent(call for call in calls if call.time.date() == today),
        _spent(call for call in calls if call.time.date() >= begin),
    )


def _questions(calls: Sequence[LedgerEntry]) -> list[tuple[date, bool]]:
    """Return the day of each question, and whether it was answered. Several calls may be for one: see _SAME_QUESTION."""
    found, failed = list[tuple[date, bool]](), None
    for call in calls:
        is_answered = call.ending in _NO_FAULT
        if call.ending == "tool_calls":  # the answer is the next call's
            continue
        if failed is not None and call.time - timedelta(seconds=call.seconds) <= failed + _SAME_QUESTION:
            found[-1] = found[-1][0], is_answered
        else:
            found.append((call.time.date(), is_answered))
        failed = None if is_answered else call.time
    return found


def _counted(answered: Sequence[bool]) -> tuple[int, int]:
    return len(answered), answered.count(False)


def _spent(calls: Iterable[LedgerEntry]) -> Spent:
    costs = [call.cost_usd for call in calls if call.ending in _NO_FAULT or call.tokens]
    known = [cost for cost in costs if cost is not None]
    return Spent(sum(known, Decimal(0)), len(costs) - len(known))


def _began(users: Users, first: date, own: frozenset[str]) -> Iterable[date]:
    """Return the days when conversations began, those of the current ones and of those set aside since the first day."""
    for folder, status in users.changed_since(HISTORY, _seconds(first)):
        if folder.name not in own and (day := _current(folder, status.st_ino)) is not None:
            yield day
    for folder, status in users.changed_since(ARCHIVE, _seconds(first)):
        if folder.name not in own:
            yield from _set_aside(folder, status.st_ino, status.st_mtime_ns)


@lru_cache(maxsize=20_000)
def _current(folder: Folder, inode: int) -> date | None:
    """Return the day when the conversation in this file began: its beginning never changes."""
    began = history.began(folder)
    return began.date() if began is not None else None


@lru_cache(maxsize=20_000)
def _set_aside(folder: Folder, inode: int, changed_ns: int) -> tuple[date, ...]:
    return tuple(archive.beginnings(folder))


def _seconds(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()
