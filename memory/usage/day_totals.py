"""What a ledger says of each day, and users/.activity: the same of all ledgers, kept for the next start of a process.

    {"<inode>-<time of change>-<size> of the ledger": [the first day, [the fields of DayTotals, ...]]}

A ledger that has changed is another one here, and is read. The file holds no names; without it all is read again.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

import msgspec

from memory.conversations.records import Receipt
from memory.storage.folders import Folder, StorageError
from memory.storage.layout import ACTIVITY, USAGE
from memory.storage.users import Users
from memory.usage import ledger
from memory.usage.ledger import LedgerEntry

log = logging.getLogger("storekeeper.usage")

DAYS = 31
"""How far back the pages reach, today included: no month of the calendar is longer."""
_WORTH_KEEPING = 1_000_000
"""Bytes of ledgers: to read them takes as much CPU as to write the file for 10,000 users and to read it once."""
_ANSWERED = frozenset(["stop", "length", "content_filter", "stopped"])
_NO_FAULT = _ANSWERED | {"tool_calls"}
_SAME_QUESTION = timedelta(seconds=6)
"""A call that begins so soon after one that failed is for the same question: another model's, or the customer's who asks again."""


class Sum(msgspec.Struct, frozen=True, array_like=True, gc=False):
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


def total(sums: Iterable[Sum]) -> Sum:
    """Return several sums as one."""
    found = list(sums)
    return Sum(
        sum([one.calls for one in found]),
        sum([one.messages for one in found]),
        sum([one.prompt_tokens for one in found]),
        sum([one.cached_tokens for one in found]),
        sum([one.completion_tokens for one in found]),
        sum([one.cost_usd for one in found], Decimal(0)),
        sum([one.unpriced for one in found]),
    )


def sum_of(used: LedgerEntry | Receipt, *, calls: int = 1, messages: int = 0) -> Sum:
    """Return what one call took, or the calls of one reply. A call that failed before its first token has no price to know."""
    cost, tokens = used.cost_usd, (used.prompt_tokens, used.cached_tokens, used.completion_tokens)
    is_free = isinstance(used, LedgerEntry) and used.ending not in _NO_FAULT and not used.tokens
    return Sum(calls, messages, *tokens, cost or Decimal(0), unpriced=int(cost is None and not is_free))


class ModelUse(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a model took for one purpose, in the `hour` of a day; 0 is all of a day that was over for long when it was read."""

    hour: int
    model: str
    purpose: str
    sum: Sum


class DayTotals(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One day of one ledger. `day` is its ordinal."""

    day: int
    questions: int = 0
    unanswered: int = 0
    used: tuple[ModelUse, ...] = ()
    faults: tuple[tuple[str, str, int], ...] = ()
    """Model, the fault's word, how often."""


class LedgerTotals(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The days of one ledger that have calls, from the day of the ordinal `since` on."""

    since: int
    days: tuple[DayTotals, ...] = ()


Kept = dict[str, LedgerTotals]


class LedgerReader:
    """Reads the ledgers of one look, DAYS back from `today`: of each what was kept of it, or else the file."""

    def __init__(self, users: Users, today: date) -> None:
        self._users, self._today = users, today
        self._kept, self._found, self._bytes_read = _kept(users), Kept(), 0

    def of(self, name: str, inode: int, changed_ns: int, size: int) -> LedgerTotals:
        """Return the totals of a user's ledger as it is under this inode, time and size. Blocks."""
        version = f"{inode}-{changed_ns}-{size}"
        found = self._kept.get(version)
        if found is None or found.since > first_day(self._today).toordinal():
            found = _read(self._users.folder(name), self._today, version)
            self._bytes_read += size
        self._found[version] = found
        return found

    def keep(self) -> None:
        """Keep what was read, if it is worth it; the next look is as slow where the disk does not take it. Blocks."""
        if self._bytes_read < _WORTH_KEEPING:
            return
        try:
            self._users.shared.replace(ACTIVITY, msgspec.json.encode(self._found), is_durable=False)
        except (StorageError, OSError) as error:
            log.warning("activity_not_kept", extra={"error": str(error)})


def _kept(users: Users) -> Kept:
    status = users.shared.status(ACTIVITY)
    return _decoded(users, status.st_ino, status.st_mtime_ns, status.st_size) if status is not None else {}


@lru_cache(maxsize=1)
def _decoded(users: Users, inode: int, changed_ns: int, size: int) -> Kept:
    """Return what was kept, as the file is under this inode, time and size; nothing where it is damaged."""
    try:
        return msgspec.json.decode(users.shared.read(ACTIVITY), type=Kept)
    except (OSError, msgspec.DecodeError):
        return {}


def of_folder(folder: Folder, today: date) -> LedgerTotals:
    """Return the totals of one user's ledger, DAYS back from `today`. Blocks."""
    status = folder.status(USAGE)
    if status is None:
        return LedgerTotals(first_day(today).toordinal())
    return _read(folder, today, f"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}")


@lru_cache(maxsize=20_000)
def _read(folder: Folder, today: date, version: str) -> LedgerTotals:
    """Read the ledger as it is under this version."""
    return of_ledger(folder, today)


def first_day(today: date) -> date:
    return today - timedelta(days=DAYS - 1)


def seconds(day: date) -> float:
    """Return when a day (UTC) begins, in seconds since 1970."""
    return datetime.combine(day, time(), UTC).timestamp()


def of_ledger(folder: Folder, today: date) -> LedgerTotals:
    """Return the totals of a ledger's days (UTC), DAYS back from `today`. Blocks."""
    calls, asked = ledger.calls(folder, since=first_day(today))[::-1], defaultdict[date, list[bool]](list)
    of_day = defaultdict[date, list[LedgerEntry]](list)
    for day, is_answered in _questions([call for call in calls if call.purpose == "chat"]):
        asked[day].append(is_answered)
    for call in calls:
        of_day[call.time.date()].append(call)
    return LedgerTotals(
        first_day(today).toordinal(),
        tuple(
            _totals(day, asked.get(day, []), of_day[day], has_hours=today - day <= timedelta(days=1))
            for day in sorted(of_day)
        ),
    )


def _totals(day: date, answered: Sequence[bool], calls: Sequence[LedgerEntry], *, has_hours: bool) -> DayTotals:
    used = defaultdict[tuple[int, str, str], list[Sum]](list)
    for call in calls:
        is_message = call.purpose == "chat" and call.ending in _ANSWERED
        used[call.time.hour if has_hours else 0, call.model, call.purpose].append(
            sum_of(call, messages=int(is_message))
        )
    return DayTotals(
        day.toordinal(),
        len(answered),
        answered.count(False),
        tuple(ModelUse(*key, total(sums)) for key, sums in used.items()),
        tuple(
            (*fault, times)
            for fault, times in Counter(
                (call.model, call.ending) for call in calls if call.ending not in _NO_FAULT
            ).items()
        ),
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
