"""users/.checks/<day>.csv: what replies claimed that the shop's data contradict or do not say, one line a claim, for the owner."""

import csv
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import lru_cache

from memory import csv_cells
from memory.conversations.exchanges import EXCHANGE, Exchange, exchange_cells, of_time
from memory.conversations.records import Record, read_number
from memory.storage.folders import Folder, StorageError
from memory.storage.layout import DOUBTS
from memory.storage.users import Users
from memory.timestamps import read_stamp, stamp
from shop.claims.values import Claim

log = logging.getLogger("storekeeper.checks")

COLUMNS = ("time", "user", "number", "kind", "text", "verdict", "true", "source")
_PIECE = 65_536
_DAY = re.compile(r"\d{4}-\d\d-\d\d\.csv")


def note(users: Users, name: str, record: Record, claims: Sequence[Claim]) -> None:
    """Append a line for each claim of a reply that the data do not bear out; what the disk does not take is logged."""
    wrong = [claim for claim in claims if claim.verdict in ("contradicted", "unsupported")]
    if not wrong:
        return
    try:
        folder, day = users.prepared(DOUBTS), f"{record.time:%Y-%m-%d}.csv"
        with folder.lock():
            head = b"" if folder.size(day) else csv_cells.line(COLUMNS)
            lines = b"".join(csv_cells.line(_row(name, record, claim)) for claim in wrong)
            folder.append(day, head + lines, on_own_line=True)
    except (StorageError, OSError) as error:
        log.error("doubts_not_kept", extra={"person": name, "error": str(error)})


def count(users: Users, first: date, last: date) -> int:
    """Return how many claims of these days the shop's data contradict or do not bear out."""
    folder, found = users.shared / DOUBTS, 0
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        if (status := folder.status(f"{day}.csv")) is not None:
            found += _count_of(folder, f"{day}.csv", status.st_ino, status.st_mtime_ns, status.st_size)
    return found


@lru_cache(maxsize=64)
def _count_of(folder: Folder, day: str, inode: int, changed_ns: int, size: int) -> int:
    """Count the lines of a day's file as it is under this inode, time and size."""
    rows = csv.reader(folder.read(day).decode(errors="replace").split("\n"))
    return sum(1 for row in rows if len(row) == len(COLUMNS) and row != list(COLUMNS))


def of_all(users: Users, *, has_words: bool = False) -> Iterator[bytes]:
    """Return the lines of all days as one CSV file; all cells are quoted.

    `has_words`: the question and the answer that each is about stand behind it.
    """
    yield csv_cells.line((*COLUMNS, *(EXCHANGE if has_words else ())), quotes_all=True)
    folder = users.shared / DOUBTS
    days = sorted(filter(_DAY.fullmatch, folder.names())) if folder.path.is_dir() else []
    for row in (row for day in days for row in _rows(folder, day)):
        words = exchange_cells(_exchange(users, row)) if has_words else ()
        yield csv_cells.line((*row, *words), quotes_all=True)


def _rows(folder: Folder, day: str) -> Iterator[list[str]]:
    """Return the lines of a day that can be read, reading some at a time."""
    start, size, rest = 0, folder.size(day) or 0, b""
    while start < size and (piece := folder.read(day, start, min(size, start + _PIECE))):
        start += len(piece)
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            with suppress(ValueError, csv.Error):
                row = next(csv.reader([line.decode()]), [])
                if len(row) == len(COLUMNS) and tuple(row) != COLUMNS:
                    yield row


def _exchange(users: Users, row: list[str]) -> Exchange | None:
    time, name, number, *_ = row
    try:
        return of_time(users.folder(name), read_stamp(time), read_number(number))
    except ValueError:
        return None


def forget(users: Users, name: str, until: datetime | None = None) -> None:
    """Take out the lines of a user who is deleted, if given those `until` a time; what the disk does not take is logged."""
    last = stamp(until) if until else ""
    folder = users.shared / DOUBTS
    if not folder.path.is_dir():
        return
    try:
        with folder.lock():
            for day in filter(_DAY.fullmatch, folder.names()):
                _forget_in(folder, day, name, last)
    except (StorageError, OSError) as error:
        log.error("doubts_not_forgotten", extra={"person": name, "error": str(error)})


def _forget_in(folder: Folder, day: str, name: str, last: str) -> None:
    lines = folder.read(day).split(b"\n")
    kept = [line for line in lines if not _is_of(line, name, last)]
    if len(kept) < len(lines):
        folder.replace(day, b"\n".join(kept))


def _is_of(line: bytes, name: str, last: str) -> bool:
    """True if the line is of this user, and of no later time than the `last` one, "" for any."""
    try:
        row = next(csv.reader([line.decode(errors="replace")]), [])
    except csv.Error:
        return False
    return row[1:2] == [name] and (not last or row[0] <= last)


def _row(name: str, record: Record, claim: Claim) -> tuple[object, ...]:
    text, true, source = map(csv_cells.safe, (claim.text, claim.true, claim.source))
    return stamp(record.time), name, record.number, claim.kind, text, claim.verdict, true, source
