"""What a ledger says of each day, and users/.activity: the same of all ledgers, kept for the next start of a process.

    {"<inode>-<time of change>-<size> of the ledger": [the first day, [[day, questions, unanswered, usd, unpriced], ...]]}

A ledger that has changed is another one here, and is read. The file holds no names; without it all is read again.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

import msgspec

from memory.storage.folders import Folder, StorageError
from memory.storage.layout import ACTIVITY
from memory.storage.users import Users
from memory.usage import ledger
from memory.usage.ledger import LedgerEntry

log = logging.getLogger("storekeeper.usage")

_WORTH_KEEPING = 250_000
"""Bytes of ledgers: to read them takes some 30 ms of CPU, as long as to write the file for 10,000 users."""
_NO_FAULT = frozenset(["stop", "length", "content_filter", "stopped", "tool_calls"])
_SAME_QUESTION = timedelta(seconds=6)
"""A call that begins so soon after one that failed is for the same question: another model's, or the customer's who asks again."""


class DayTotals(msgspec.Struct, frozen=True, array_like=True):
    """One day of one ledger. `day` is its ordinal; `usd` leaves out the `unpriced` calls."""

    day: int
    questions: int = 0
    unanswered: int = 0
    usd: Decimal = Decimal(0)
    unpriced: int = 0


class LedgerTotals(msgspec.Struct, frozen=True, array_like=True):
    """The days of one ledger that have calls, from the day of the ordinal `since` on."""

    since: int
    days: tuple[DayTotals, ...] = ()


Kept = dict[str, LedgerTotals]


class LedgerReader:
    """Reads the ledgers of one look, from `since` on: of each what was kept of it, or else the file."""

    def __init__(self, users: Users, since: date) -> None:
        self._users, self._since = users, since
        self._kept, self._found, self._bytes_read = _kept(users), Kept(), 0

    def of(self, name: str, inode: int, changed_ns: int, size: int) -> LedgerTotals:
        """Return the totals of a user's ledger as it is under this inode, time and size. Blocks."""
        version = f"{inode}-{changed_ns}-{size}"
        found = self._kept.get(version)
        if found is None or found.since > self._since.toordinal():
            found = _read(self._users, name, self._since, version)
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


@lru_cache(maxsize=20_000)
def _read(users: Users, name: str, since: date, version: str) -> LedgerTotals:
    """Read the ledger as it is under this version."""
    return of_ledger(users.folder(name), since)


def of_ledger(folder: Folder, since: date) -> LedgerTotals:
    """Return the totals of a ledger's days from `since` (UTC) on. Blocks."""
    calls = ledger.calls(folder, since=since)[::-1]
    asked, spent = defaultdict[date, list[bool]](list), defaultdict[date, list[Decimal | None]](list)
    for day, is_answered in _questions([call for call in calls if call.purpose == "chat"]):
        asked[day].append(is_answered)
    for call in calls:
        if call.ending in _NO_FAULT or call.tokens:
            spent[call.time.date()].append(call.cost_usd)
    return LedgerTotals(since.toordinal(), tuple(_totals(asked, spent)))


def _totals(asked: dict[date, list[bool]], spent: dict[date, list[Decimal | None]]) -> Iterator[DayTotals]:
    for day in sorted({*asked, *spent}):
        answered, costs = asked.get(day, []), spent.get(day, [])
        known = [cost for cost in costs if cost is not None]
        yield DayTotals(
            day.toordinal(), len(answered), answered.count(False), sum(known, Decimal(0)), len(costs) - len(known)
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
