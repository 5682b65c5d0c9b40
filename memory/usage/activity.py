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

    @classmethod
    def sum_of(cls, parts: Sequence["Spent"]) -> "Spent":
        return cls(sum((one.usd for one in parts), Decimal(0)), sum(one.unpriced for one in parts))


@dataclass(frozen=True, slots=True)
class Activity:
    """The last seven days, today included, and the seven before; what today and this month of the calendar cost."""

    week: Week
    before: Week
    today: Spent
    month: Spent
    days_of_month: int


def of_shop(users: Users, now: datetime, own: Iterable[str] = ()) -> Activity:
    """Return how much the assistant is used, up to the day of `now`. Blocks.

    `own` are names of the shop's own people, who cost but are no customers.
    """
    now = now.astimezone(UTC)
    today, own = now.date(), frozenset(own)
    middle, first = today - timedelta(days=DAYS - 1), today - timedelta(days=2 * DAYS - 1)
    week, before, today_spent, month_spent = _Sum(), _Sum(), list[Spent](), list[Spent]()
    since = _seconds(min(first, today.replace(day=1)))
    for name, file, status in users.changed_since(since, USAGE, HISTORY, ARCHIVE):
        if file == 0:
            used = _used(users, name, today, status.st_ino, status.st_mtime_ns, status.st_size)
            today_spent.append(used.today)
            month_spent.append(used.month)
            if name not in own:
                week.add(*used.week)
                before.add(*used.before)
        elif name not in own:
            began = (
                _current(users, name, status.st_ino, bool(status.st_size))
                if file == 1
                else _set_aside(users, name, status.st_mtime_ns)
            )
            for day in began:
                week.conversations += middle <= day <= today
                before.conversations += first <= day < middle
    return Activity(
        week.week(doubts.count(users, middle, today)),
        before.week(doubts.count(users, first, middle - timedelta(days=1))),
        Spent.sum_of(today_spent), Spent.sum_of(month_spent), calendar.monthrange(today.year, today.month)[1],
    )  # fmt: skip


@dataclass(slots=True)
class _Sum:
    """Customers, conversations, questions and those without an answer of one week."""

    customers: int = 0
    conversations: int = 0
    questions: int = 0
    unanswered: int = 0

    def add(self, questions: int, unanswered: int) -> None:
        self.customers += bool(questions)
        self.questions += questions
        self.unanswered += unanswered

    def week(self, wrong_claims: int) -> Week:
        return Week(self.customers, self.conversations, self.questions, self.unanswered, wrong_claims)


@dataclass(frozen=True, slots=True)
class _Used:
    """What one user did: questions and those without an answer, of both weeks; what it cost."""

    week: tuple[int, int] = (0, 0)
    before: tuple[int, int] = (0, 0)
    today: Spent = field(default_factory=Spent)
    month: Spent = field(default_factory=Spent)


@lru_cache(maxsize=20_000)
def _used(users: Users, name: str, today: date, inode: int, changed_ns: int, size: int) -> _Used:
    """Read the ledger as it is under this inode, time and size."""
    middle, first = today - timedelta(days=DAYS - 1), today - timedelta(days=2 * DAYS - 1)
    begin = today.replace(day=1)
    calls = ledger.calls(users.folder(name), since=min(first, begin))[::-1]
    asked = _questions([call for call in calls if call.purpose == "chat"])
    return _Used(
        _counted([one for day, one in asked if middle <= day <= today]),
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


@lru_cache(maxsize=20_000)
def _current(users: Users, name: str, inode: int, has_content: bool) -> tuple[date, ...]:
    """Return the day when the conversation in this file began, which never changes; none where it is empty."""
    began = history.began(users.folder(name))
    return (began.date(),) if began is not None else ()


@lru_cache(maxsize=20_000)
def _set_aside(users: Users, name: str, changed_ns: int) -> tuple[date, ...]:
    """Return the days when the conversations set aside began, as the archive is since it last changed."""
    return tuple(archive.beginnings(users.folder(name)))


def _seconds(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()
