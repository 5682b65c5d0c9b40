"""users/.checks/<day>.csv: what replies claimed that the shop's data contradict or do not say, one line a claim, for the owner."""

import csv
import logging
import re
from collections.abc import Sequence
from datetime import datetime

from memory import csv_cells
from memory.conversations.records import Record
from memory.storage.folders import Folder, StorageError
from memory.storage.layout import DOUBTS
from memory.storage.users import Users
from memory.timestamps import stamp
from shop.claims.values import Claim

log = logging.getLogger("storekeeper.checks")

COLUMNS = ("time", "user", "number", "kind", "text", "verdict", "true", "source")
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
