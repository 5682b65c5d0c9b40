"""users/.audit.csv: what was changed at the owner's desk, one line a change, newest last."""

import csv
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from memory import csv_cells
from memory.storage.folders import StorageError
from memory.storage.layout import AUDIT
from memory.storage.users import Users
from memory.timestamps import read_stamp, stamp

log = logging.getLogger("storekeeper.audit")

COLUMNS = ("time", "who", "what", "before", "after")
MOST_CHARS = 500
"""Of what stood there before, and of what stands there now; the files' earlier versions have the whole."""
_PIECE = 65_536
MASKED = "***"
"""What stands for a secret, before and after."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change. `what` names the thing that was changed, such as "settings.toml: shop" or "customer bob: disabled"."""

    time: datetime
    who: str
    what: str
    before: str = ""
    after: str = ""


def note(users: Users, entry: AuditEntry) -> None:
    """Append the change, fsynced. StorageError when the disk does not take it."""
    row = (stamp(entry.time), entry.who, *(_cell(text) for text in (entry.what, entry.before, entry.after)))
    with users.shared.lock():
        head = b"" if users.shared.size(AUDIT) else csv_cells.line(COLUMNS)
        users.shared.append(AUDIT, head + csv_cells.line(row), on_own_line=True)


def note_or_log(users: Users, entry: AuditEntry) -> None:
    """Append the change; where the disk does not take it, the log has it: what was changed is changed by then."""
    try:
        note(users, entry)
    except (StorageError, OSError) as error:
        log.error("audit_not_kept", extra={"by": entry.who, "changed": entry.what, "error": str(error)})


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some changes, the newest first; `older` is the byte of the file that the next page reads back from, 0: there is none."""

    entries: tuple[AuditEntry, ...]
    older: int


def page(users: Users, count: int, before: int | None = None) -> AuditPage:
    """Return the newest changes, or those before a byte of the file, reading no further back than that takes."""
    entries, start = list[AuditEntry](), 0
    for at, line in _lines_backwards(users, before):
        if entry := _parse(line):
            if len(entries) == count:
                return AuditPage(tuple(entries), start)
            entries.append(entry)
            start = at
    return AuditPage(tuple(entries), 0)


def latest(users: Users, count: int) -> list[AuditEntry]:
    """Return so many changes, the newest first."""
    return list(page(users, count).entries)


def whole(users: Users) -> Iterator[bytes]:
    """Return the file as it is now, in pieces; without any change, the names of its columns."""
    size, start = users.shared.size(AUDIT) or 0, 0
    if not size:
        yield csv_cells.line(COLUMNS)
    while start < size and (piece := users.shared.read(AUDIT, start, min(size, start + _PIECE))):
        start += len(piece)
        yield piece


def _lines_backwards(users: Users, before: int | None) -> Iterator[tuple[int, bytes]]:
    """Return the lines, newest first, each with the byte where it begins."""
    size = users.shared.size(AUDIT) or 0
    end, rest = size if before is None else max(0, min(before, size)), b""
    while end:
        start = max(0, end - _PIECE)
        lines = (users.shared.read(AUDIT, start, end) + rest).split(b"\n")
        at = start + sum(len(line) + 1 for line in lines)
        for line in reversed(lines[1:]):
            at -= len(line) + 1
            yield at, line
        rest, end = lines[0], start
    yield 0, rest


def _cell(text: str) -> str:
    shown = csv_cells.safe(text)
    return shown if len(shown) <= MOST_CHARS else shown[: MOST_CHARS - 1] + "…"


def _parse(line: bytes) -> AuditEntry | None:
    """Read one line; None for the heading, a torn line or one that somebody has mangled."""
    try:
        (row,) = csv.reader([line.decode()])
        time, who, *others = row
        what, before, after = map(csv_cells.read, others)
        return AuditEntry(read_stamp(time), who, what, before, after)
    except (ValueError, csv.Error):
        return None
