"""usage.csv: one line a model call."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from memory import csv_cells
from memory.conversations.records import MOST_TOKENS, read_count, read_seconds, read_usd
from memory.storage.folders import Folder
from memory.storage.layout import USAGE
from memory.timestamps import read_stamp, stamp

Purpose = Literal["chat", "summary"]
COLUMNS = (
    "time",
    "purpose",
    "model",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "cost_usd",
    "seconds",
    "ending",
)

_OLDER_LINES = 200
"""So many calls of older days, one behind another, and those before them are not looked at: about 15 kB."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One call of a model. `cost_usd` is None where the price is not known; `seconds` is the whole call's time."""

    time: datetime
    purpose: str
    model: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost_usd: Decimal | None
    seconds: float
    ending: str

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


def note(folder: Folder, call: LedgerEntry) -> None:
    """Append the call, fsynced. StorageError when it cannot be kept."""
    cost = "" if call.cost_usd is None else f"{call.cost_usd:.8f}"
    model, counts = csv_cells.safe(call.model), (call.prompt_tokens, call.cached_tokens, call.completion_tokens)
    row = [stamp(call.time), call.purpose, model, *counts]
    with folder.lock():
        head = b"" if _mend(folder) else csv_cells.line(COLUMNS)
        folder.append(USAGE, head + csv_cells.line([*row, cost, f"{call.seconds:.3f}", call.ending]))


def _mend(folder: Folder) -> bool:
    """End a last line that an editor left without its line feed; set one aside that a crash cut off.

    Return whether any line is left.
    """
    size = folder.size(USAGE)
    if not size or folder.read(USAGE, size - 1, size) == b"\n":
        return bool(size)
    last = next(_lines_backwards(folder))
    if _parse(last) is not None:
        folder.append(USAGE, b"\n")
        return True
    folder.truncate_to(USAGE, size - len(last))
    return size > len(last)


def calls(folder: Folder, *, since: date) -> list[LedgerEntry]:
    """Return the calls of the days from `since` (UTC) on, the last written first, reading only as far back as they reach.

    A clock that went back, or two processes around midnight, leave older lines behind newer ones: only a run of older
    lines is taken for the days before.
    """
    found, older = list[LedgerEntry](), 0
    for line in _lines_backwards(folder):
        call = _parse(line)
        if call is None:
            continue
        if call.time.date() >= since:
            found.append(call)
            older = 0
        elif (older := older + 1) >= _OLDER_LINES:
            break
    return found


def _lines_backwards(folder: Folder) -> Iterator[bytes]:
    end, rest = folder.size(USAGE) or 0, b""
    while end:
        start = max(0, end - 65_536)
        lines = (folder.read(USAGE, start, end) + rest).split(b"\n")
        rest, end = lines[0], start
        yield from reversed(lines[1:])
    yield rest


def _parse(line: bytes) -> LedgerEntry | None:
    """Read one line; None for the heading, a torn line or one that a user has mangled."""
    try:
        (row,) = csv.reader([line.decode()])
        time, purpose, model, prompt, cached, completion, cost, seconds, ending = row
        sent, reused, made = (read_count(count, MOST_TOKENS) for count in (prompt, cached, completion))
        price = read_usd(cost) if cost else None
        return LedgerEntry(
            read_stamp(time), purpose, csv_cells.read(model), sent, reused, made, price, read_seconds(seconds), ending
        )
    except (ValueError, ArithmeticError, csv.Error):
        return None
