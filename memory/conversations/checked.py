"""checks.jsonl: what the claims of each reply were found to be when it was kept, one line a reply.

So a later change of a price does not rewrite the past. A reply is never lost for a line of it: what the disk does not
take is logged.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from memory.conversations.records import Checks, Record, read_number
from memory.storage.folders import Folder, StorageError
from memory.storage.layout import CHECKS
from memory.timestamps import read_stamp, stamp
from shop.claims.values import Claim, Kind, Verdict

log = logging.getLogger("storekeeper.checks")

_AT_ONCE = 65_536
_LATE = timedelta(minutes=10)
"""How much older than the reply before it a line may be, by a clock that was corrected."""


class _Claim(msgspec.Struct, frozen=True):
    kind: Kind
    text: str
    about: str
    verdict: Verdict
    source: str | None
    true: str | None


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line; `at` says where each claim begins in the reply, `rows` what stood at the sources of the claims then."""

    number: int
    time: str
    claims: tuple[_Claim, ...]
    at: tuple[int, ...] = ()
    rows: dict[str, str] = {}


_decoder = msgspec.json.Decoder(_Line)


@dataclass(frozen=True, slots=True)
class _Checked:
    number: int
    time: datetime
    claims: tuple[Claim, ...]


def counts(claims: Sequence[Claim]) -> Checks | None:
    """Return how many claims there are of each verdict; what follows from the data counts as supported. None without any."""
    if not claims:
        return None
    contradicted = sum(claim.verdict == "contradicted" for claim in claims)
    unsupported = sum(claim.verdict == "unsupported" for claim in claims)
    return Checks(len(claims) - contradicted - unsupported, contradicted, unsupported)


def as_json(claim: Claim) -> dict[str, str | None]:
    """Return a claim as scripts read it."""
    found: dict[str, str | None] = msgspec.to_builtins(_written(claim))
    return found


def note(folder: Folder, record: Record, claims: Sequence[Claim]) -> None:
    """Append the line of a reply that is kept; nothing for one without claims. Call it under the folder's lock."""
    if not claims:
        return
    rows = {claim.source: claim.row for claim in claims if claim.row}
    places = tuple(claim.start for claim in claims)
    line = _Line(record.number, stamp(record.time), tuple(map(_written, claims)), places, rows)
    try:
        folder.append(CHECKS, msgspec.json.encode(line) + b"\n", on_own_line=True)
    except (StorageError, OSError) as error:
        log.error("checks_not_kept", extra={"person": folder.name, "error": str(error)})


def note_again(folder: Folder, copies: Mapping[int, Record]) -> None:
    """Note what was found of replies, by their numbers, for the copies of them that are kept now."""
    if not any(copy.checks for copy in copies.values()):
        return
    found = dict[int, tuple[Claim, ...]]()
    for line in _backwards(folder):
        if line.number in copies:
            found.setdefault(line.number, line.claims)
    for number, copy in copies.items():
        note(folder, copy, found.get(number, ()))


def of(folder: Folder, *, since: datetime) -> dict[int, tuple[Claim, ...]]:
    """Return the claims of the replies that were kept from a time on, by number, reading no further back."""
    found = dict[int, tuple[Claim, ...]]()
    with suppress(FileNotFoundError):  # its conversation was moved meanwhile
        for line in _backwards(folder):
            if line.time < since - _LATE:
                break
            found.setdefault(line.number, line.claims)
    return found


def _written(claim: Claim) -> _Claim:
    return _Claim(claim.kind, claim.text, claim.about, claim.verdict, claim.source or None, claim.true or None)


def _backwards(folder: Folder) -> Iterator[_Checked]:
    """Return the lines, newest first; one that cannot be read is passed over."""
    end, rest = folder.size(CHECKS) or 0, b""
    while end:
        start = max(0, end - _AT_ONCE)
        lines = (folder.read(CHECKS, start, end) + rest).split(b"\n")
        rest, end = lines[0], start
        yield from filter(None, map(_read, reversed(lines[1:])))
    if last := _read(rest):
        yield last


def _read(data: bytes) -> _Checked | None:
    if not data.strip():
        return None
    try:
        line = _decoder.decode(data)
        number, time = read_number(str(line.number)), read_stamp(line.time)
    except (msgspec.MsgspecError, ValueError):
        return None
    places = line.at if len(line.at) == len(line.claims) else (0,) * len(line.claims)
    claims = (
        Claim(
            one.kind,
            one.text,
            at,
            at + len(one.text),
            one.about,
            one.verdict,
            source,
            one.true or "",
            line.rows.get(source, ""),
        )
        for one, at in zip(line.claims, places, strict=True)
        for source in [one.source or ""]
    )
    return _Checked(number, time, tuple(claims))
