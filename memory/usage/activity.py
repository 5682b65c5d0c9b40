"""How much the assistant is used: the last seven days against the seven before, and what it costs. For the owner's first page.

Only users who did something in that time are looked at, and a file is read again only when it has changed: with 10,000
users a look takes two tenths of a second, and the first one after a start four tenths (memory/usage/day_totals.py).
"""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from memory.conversations import archive, doubts, history
from memory.storage.layout import ARCHIVE, HISTORY, USAGE
from memory.storage.users import Users
from memory.usage.day_totals import DayTotals, LedgerReader, LedgerTotals, first_day, seconds

DAYS = 7


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
    week, before, spent = _Sum(), _Sum(), _Spending(today)
    ledgers, weeks = LedgerReader(users, today), (first.toordinal(), middle.toordinal(), today.toordinal())
    for name, file, status in users.changed_since(seconds(first_day(today)), USAGE, HISTORY, ARCHIVE):
        if file == 0:
            totals = ledgers.of(name, status.st_ino, status.st_mtime_ns, status.st_size)
            spent.add(totals)
            if name not in own:
                _add(totals, weeks, before, week)
        elif name not in own:
            began = (
                _current(users, name, status.st_ino, bool(status.st_size))
                if file == 1
                else _set_aside(users, name, status.st_mtime_ns)
            )
            for day in began:
                week.conversations += middle <= day <= today
                before.conversations += first <= day < middle
    ledgers.keep()
    return Activity(
        week.week(doubts.count(users, middle, today)),
        before.week(doubts.count(users, first, middle - timedelta(days=1))),
        spent.today, spent.month, calendar.monthrange(today.year, today.month)[1],
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


class _Spending:
    """What was spent on a day, and in its month of the calendar up to now."""

    def __init__(self, today: date) -> None:
        self._today, self._begin = today.toordinal(), today.replace(day=1).toordinal()
        self._of_today, self._of_month = list[DayTotals](), list[DayTotals]()

    def add(self, totals: LedgerTotals) -> None:
        self._of_month += [day for day in totals.days if day.day >= self._begin]
        self._of_today += [day for day in totals.days if day.day == self._today]

    @property
    def today(self) -> Spent:
        return _spent(self._of_today)

    @property
    def month(self) -> Spent:
        return _spent(self._of_month)


def _spent(days: Sequence[DayTotals]) -> Spent:
    sums = [used.sum for day in days for used in day.used]
    return Spent(sum([one.cost_usd for one in sums], Decimal(0)), sum(one.unpriced for one in sums))


def _add(totals: LedgerTotals, weeks: tuple[int, int, int], before: "_Sum", week: "_Sum") -> None:
    """Add one customer's questions to two weeks: from the first of three days to the second, and from there to the last."""
    first, middle, last = weeks
    earlier = [day for day in totals.days if first <= day.day < middle]
    later = [day for day in totals.days if middle <= day.day <= last]
    for found, days in ((before, earlier), (week, later)):
        found.add(sum(day.questions for day in days), sum(day.unanswered for day in days))


@lru_cache(maxsize=20_000)
def _current(users: Users, name: str, inode: int, has_content: bool) -> tuple[date, ...]:
    """Return the day when the conversation in this file began, which never changes; none where it is empty."""
    began = history.began(users.folder(name))
    return (began.date(),) if began is not None else ()


@lru_cache(maxsize=20_000)
def _set_aside(users: Users, name: str, changed_ns: int) -> tuple[date, ...]:
    """Return the days when the conversations set aside began, as the archive is since it last changed."""
    return tuple(archive.beginnings(users.folder(name)))
