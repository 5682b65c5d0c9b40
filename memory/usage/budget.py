"""What is used of the day's budgets by everybody together: reserved before a model is asked, settled after.

users/.budget/2026-11-24.csv is the day, one line an event, for all processes:

    time,event,call,person,purpose,model,prompt_tokens,completion_tokens,cost_usd
    2026-11-24T09:00:00Z,reserve,9f2c61d07a3b,ana,chat,gpt-6-luna,3120,1000,0.00081200
    2026-11-24T09:00:07Z,settle,9f2c61d07a3b,ana,chat,gpt-6-luna,3098,212,0.00041580

A call counts for the day in which it was reserved: as reserved, and from its settling on as settled. What a killed
process had reserved stays reserved, since nobody knows what the provider counted. The first call of a new day ends the
old one with a line that says so; the newest day there is goes on where the clock goes back over midnight: that refills
nothing. A day that is further ahead is of a clock that was wrong, and counts no more once it is right.

"""

import contextlib
import csv
import logging
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from memory import csv_cells
from memory.storage.folders import Folder
from memory.storage.journal import Gone, Journal
from memory.storage.layout import BUDGET
from memory.storage.users import Users
from memory.timestamps import stamp
from memory.usage.ledger import Purpose
from settings import Budget

log = logging.getLogger("storekeeper.budget")

NEAR = Decimal("0.8")
"""The share of a budget from which on the cheapest model answers."""
KEPT_DAYS = 40
_AHEAD = timedelta(days=1)
_MOST_USD = Decimal(10) ** 9

COLUMNS = (
    "time", "event", "call", "person", "purpose", "model", "prompt_tokens", "completion_tokens", "cost_usd",
)  # fmt: skip
_CENTS = Decimal("0.00000001")
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)\.csv")


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens and US dollars of one call; a cost that is not known counts as nothing."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: Decimal | None = Decimal(0)

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Used:
    """What is used of a budget in a day."""

    tokens: int = 0
    usd: Decimal = Decimal(0)

    def plus(self, amount: Amount) -> "Used":
        return Used(self.tokens + amount.tokens, self.usd + (amount.cost_usd or 0))

    def minus(self, amount: Amount) -> "Used":
        return Used(self.tokens - amount.tokens, self.usd - (amount.cost_usd or 0))


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be used in a day; 0: no limit."""

    tokens: int = 0
    usd: Decimal = Decimal(0)

    @property
    def is_limited(self) -> bool:
        return bool(self.tokens or self.usd)

    def takes(self, used: Used, amount: Amount) -> bool:
        after = used.plus(amount)
        return not (self.tokens and after.tokens > self.tokens) and not (self.usd and after.usd > self.usd)

    def is_near(self, used: Used) -> bool:
        return bool((self.tokens and used.tokens >= NEAR * self.tokens) or (self.usd and used.usd >= NEAR * self.usd))


@dataclass(frozen=True, slots=True)
class CallOption:
    """A call that may be made: the prompt as counted, the reply's limit, and what both would cost, asked only if needed."""

    model: str
    prompt_tokens: int
    completion_tokens: int
    price: Callable[[], Decimal | None]

    def amount(self, *, is_priced: bool) -> Amount:
        return Amount(self.prompt_tokens, self.completion_tokens, self.price() if is_priced else None)


@dataclass(frozen=True, slots=True)
class Reserved:
    """What is kept for a call until it is settled. `is_near`: most of the day's budget is used."""

    call: str
    day: date
    user: str
    purpose: str
    model: str
    amount: Amount
    is_near: bool = False


@dataclass(frozen=True, slots=True)
class BudgetExceeded:
    """The user's or the shop's daily budget is exhausted; it begins anew at `resets`."""

    whose: Literal["user", "shop"]
    used: Used
    allowance: Allowance
    resets: datetime


@dataclass(slots=True)
class _Day:
    """One day's file and what its lines come to."""

    day: date
    journal: Journal
    shop: Used = Used()
    users: dict[str, Used] = field(default_factory=dict)
    open: dict[str, Reserved] = field(default_factory=dict)
    next: date | None = None
    """The day that follows, once this one is over."""
    is_begun: bool = False

    @contextlib.contextmanager
    def held(self) -> Iterator["_Day"]:
        """Hold the file, and count what other processes wrote. Gone when it is not what it was."""
        with self.journal.held() as news:
            self.is_begun = self.is_begun or bool(news)
            for line in news.split(b"\n"):
                self._count(_parse(line, self.day))
            yield self

    def write(self, now: datetime, event: Literal["reserve", "settle"], *calls: Reserved) -> None:
        self._append(
            [stamp(now), event, one.call, one.user, one.purpose, one.model, *_print_amount(one.amount)] for one in calls
        )
        for one in calls:
            self._count((event, replace(one, amount=_rounded(one.amount))))

    def end(self, now: datetime, following: date) -> None:
        """Mark this day as over for every process that still counts in it."""
        self._append([[stamp(now), "end", following.isoformat(), *[""] * 6]])
        self.next = following

    def _append(self, rows: Iterable[list[object]]) -> None:
        heading = [] if self.is_begun else [COLUMNS]
        self.journal.append(b"".join(map(csv_cells.line, (*heading, *rows))))
        self.is_begun = True

    def _count(self, line: "tuple[str, Reserved] | date | None") -> None:
        match line:
            case date():
                self.next = line
            case ("reserve", one) if one.call not in self.open:
                self.open[one.call] = one
                self._add(one.user, one.amount)
            case ("settle", one) if reserved := self.open.pop(one.call, None):
                self._add(reserved.user, reserved.amount, is_taken=True)
                self._add(reserved.user, one.amount)

    def _add(self, user: str, amount: Amount, *, is_taken: bool = False) -> None:
        mine = self.users.get(user, Used())
        self.users[user] = mine.minus(amount) if is_taken else mine.plus(amount)
        self.shop = self.shop.minus(amount) if is_taken else self.shop.plus(amount)


class DailyBudget:
    """The budgets of one shop, as its settings set them, and how much of them is used."""

    def __init__(self, users: Users, budget: Budget) -> None:
        self._place = Folder(users.root / BUDGET)
        self._each = Allowance(budget.daily_tokens_per_user, Decimal(str(budget.daily_usd_per_user)))
        self._shop = Allowance(budget.daily_tokens, Decimal(str(budget.daily_usd)))
        self._own = dict[str, tuple[int | None, Decimal | None]]()
        self._mutex = threading.Lock()
        self._day: _Day | None = None

    def __del__(self) -> None:
        if self._day is not None:
            self._day.journal.close()

    def allow(self, user: str, daily_tokens: int | None, daily_usd: Decimal | None = None) -> None:
        """Note how many tokens and dollars a day this user has by their account, None for as many as everybody."""
        if daily_tokens is None and daily_usd is None:
            self._own.pop(user, None)
        else:
            self._own[user] = daily_tokens, daily_usd

    def allowance(self, user: str) -> Allowance:
        tokens, usd = self._own.get(user, (None, None))
        return Allowance(self._each.tokens if tokens is None else tokens, self._each.usd if usd is None else usd)

    def reserve(
        self, user: str, purpose: Purpose, options: Sequence[CallOption], now: datetime
    ) -> tuple[Reserved | BudgetExceeded | None, tuple[Reserved, ...]]:
        """Reserve one of the calls, in order of preference; near a limit, or where only that fits, the cheapest. One
        that uses no tokens is taken where nothing else fits.

        None where nothing is limited: then nothing is written. Call it under the lock by which a user has one call of
        this purpose at a time: what they have still reserved was a dead process's. That is settled as it was reserved
        and given beside the answer, for the ledger. StorageError when it cannot be kept.
        """
        own, shop = self.allowance(user), self._shop
        if not own.is_limited and not shop.is_limited:
            return None, ()
        with self._mutex, self._today(now) as day:
            left = tuple(one for one in day.open.values() if (one.user, one.purpose) == (user, purpose))
            if left:
                day.write(now, "settle", *left)
            mine = day.users.get(user, Used())
            is_near = own.is_near(mine) or shop.is_near(day.shop)
            amounts = [one.amount(is_priced=bool(own.usd or shop.usd or is_near)) for one in options]
            for n in _in_order(amounts, is_near=is_near):
                amount = amounts[n]
                if own.takes(mine, amount) and shop.takes(day.shop, amount):
                    call = secrets.token_hex(6)
                    made = Reserved(call, day.day, user, purpose, options[n].model, amount, is_near)
                    day.write(now, "reserve", made)
                    return made, left
            resets = datetime.combine(day.day + timedelta(days=1), time(), UTC)
            if not own.takes(mine, amount):
                return BudgetExceeded("user", mine, own, resets), left
            return BudgetExceeded("shop", day.shop, shop, resets), left

    def settle(self, reserved: Reserved, amount: Amount, now: datetime) -> None:
        """Put what the call came to in the place of what was reserved for it; twice changes nothing."""
        with self._mutex, self._held(reserved.day) as day:
            if reserved.call in day.open:
                day.write(now, "settle", replace(reserved, amount=amount))

    def used(self, user: str, now: datetime) -> tuple[Used, Used]:
        with self._mutex, self._today(now) as day:
            return day.users.get(user, Used()), day.shop

    @property
    def shop(self) -> Allowance:
        return self._shop

    def is_shop_near(self, now: datetime) -> bool:
        """True if most of the shop's own budget of the day is used."""
        if not self._shop.is_limited:
            return False
        with self._mutex, self._today(now) as day:
            return self._shop.is_near(day.shop)

    def near(self, user: str, now: datetime) -> datetime | None:
        """Return when the day's budgets begin anew, if most of the user's own or of the shop's is used; else None."""
        own = self.allowance(user)
        if not own.is_limited and not self._shop.is_limited:
            return None
        with self._mutex, self._today(now) as day:
            is_near = own.is_near(day.users.get(user, Used())) or self._shop.is_near(day.shop)
            return datetime.combine(day.day + timedelta(days=1), time(), UTC) if is_near else None

    @contextlib.contextmanager
    def _today(self, now: datetime) -> Iterator[_Day]:
        """Hold the file of the day: of the clock's, or of a newer one that was seen before."""
        with contextlib.ExitStack() as stack:
            while True:
                if self._day is not None and self._day.day > now.date() + _AHEAD:
                    self._close()
                day = self._day or self._open(now)
                try:
                    stack.enter_context(day.held())
                except Gone:
                    self._close()
                    continue
                is_over = day.next is not None and day.next <= now.date() + _AHEAD
                if not is_over and now.date() > day.day:
                    day.end(now, now.date())
                    is_over = True
                if not is_over:
                    break
                stack.close()
                self._close()
                self._day = self._begin(max(day.next or now.date(), now.date()))
            yield day

    @contextlib.contextmanager
    def _held(self, wanted: date) -> Iterator[_Day]:
        """Hold the file of this very day, though it may be over."""
        if self._day is not None and self._day.day == wanted:
            try:
                with self._day.held() as day:
                    yield day
                return
            except Gone:
                self._close()
        day = self._begin(wanted)
        with contextlib.closing(day.journal), day.held():
            yield day

    def _open(self, now: datetime) -> _Day:
        """Open the newest day that there is, or begin today. An older one than today has to be ended by its line first."""
        self._place.make()
        newest = max((day for day in self._days() if day <= now.date() + _AHEAD), default=now.date())
        if newest > now.date():
            log.warning("clock_went_back", extra={"newest_day": newest.isoformat()})
        self._day = self._begin(newest)
        return self._day

    def _begin(self, day: date) -> _Day:
        older = sorted(one for one in self._days() if one < day)
        for old in older[:-1]:  # the last one stays, however old: it is today's where the clock is wrong
            if old < day - timedelta(days=KEPT_DAYS):
                self._place.remove(f"{old.isoformat()}.csv")
        return _Day(day, Journal(self._place, f"{day.isoformat()}.csv"))

    def _days(self) -> list[date]:
        found = list[date]()
        for name in self._place.names():
            if match := _NAME.fullmatch(name):
                with contextlib.suppress(ValueError):
                    found.append(date.fromisoformat(match[1]))
        return found

    def _close(self) -> None:
        if self._day is not None:
            self._day.journal.close()
            self._day = None


def _in_order(amounts: Sequence[Amount], *, is_near: bool) -> tuple[int, ...]:
    """Return which calls are tried: the first unless a limit is near, then the cheapest, then those that use no tokens."""
    free = (n for n, one in enumerate(amounts) if not one.tokens)
    return tuple(dict.fromkeys([*([] if is_near else [0]), cheapest(amounts), *free]))


def cheapest(amounts: Sequence[Amount]) -> int:
    """Return which of the amounts costs least, the earlier of two equal ones. One that has no known cost is not compared.

    One without tokens is no cheaper model but none: it is for where nothing else fits.
    """
    if amounts[0].cost_usd is None:
        return 0
    known = [(one.cost_usd, n) for n, one in enumerate(amounts) if one.cost_usd is not None]
    return min(((cost, n) for cost, n in known if amounts[n].tokens), default=min(known))[1]


def _rounded(amount: Amount) -> Amount:
    """Return the amount as its line says it, to all processes alike."""
    return amount if amount.cost_usd is None else replace(amount, cost_usd=amount.cost_usd.quantize(_CENTS))


def _print_amount(amount: Amount) -> list[object]:
    cost = "" if amount.cost_usd is None else f"{amount.cost_usd:.8f}"
    return [amount.prompt_tokens, amount.completion_tokens, cost]


def _parse(line: bytes, day: date) -> tuple[str, Reserved] | date | None:
    """Read one line: an event and its call, or the day that follows; None for what is neither."""
    try:
        (row,) = csv.reader([line.decode()])
        _, event, call, user, purpose, model, prompt, completion, cost = row
        if event == "end":
            following = date.fromisoformat(call)
            return following if following > day else None
        amount = Amount(int(prompt), int(completion), Decimal(cost) if cost else None)
        if (
            min(amount.prompt_tokens, amount.completion_tokens) < 0
            or not 0 <= (amount.cost_usd or Decimal(0)) < _MOST_USD
        ):
            return None
        return event, Reserved(call, day, user, purpose, model, amount)
    except (ValueError, ArithmeticError, csv.Error):
        return None
