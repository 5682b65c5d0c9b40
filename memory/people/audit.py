"""users/.audit.csv: what was changed at the owner's desk, one line a change, newest last."""

import csv
import logging
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


def latest(users: Users, count: int, skipped: int = 0) -> list[AuditEntry]:
    """Return so many changes, the newest first, after leaving out the `skipped` newest."""
    try:
        lines = users.shared.read(AUDIT).split(b"\n")
    except FileNotFoundError:
        return []
    entries = (entry for line in reversed(lines) if (entry := _parse(line)))
    return [entry for number, entry in enumerate(entries) if skipped <= number < skipped + count]


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
