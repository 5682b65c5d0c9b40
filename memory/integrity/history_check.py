"""Reads the bytes of a history.txt and of its summary.txt, and says what is wrong with them. Pure.

A parser of its own, see `check.py`.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote

from memory.integrity.findings import Finding

_HEADER = re.compile(rb"\[([1-9][0-9]{0,17})\] ([0-9TZ:-]{20}) (user|assistant)((?: [a-z_]+=[^ ]*)*)")
_SEGMENT = re.compile(rb"\[(\d+)\.\.(\d+)\] bytes=(\d+)\.\.(\d+) method=[a-z]+(?: [a-z_]+=\S+)*")
_COVERS = re.compile(rb"covers=0\.\.(\d+) sha256=([0-9a-f]{64})(?: format=1)?")
_ENDINGS = {"stop", "length", "content_filter", "stopped", "interrupted", "failed"}
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_LARGEST_NUMBER = 10**15 - 1
MOST_TOKENS, _MOST_CALLS, MOST_AMOUNT = 10**12, 10**6, 10**9
_COUNTS = ("prompt", "cached", "completion", "calls")


@dataclass(frozen=True, slots=True)
class Said:
    """One record of history.txt as this module reads it; `start` to `end` are its bytes."""

    number: int
    time: datetime
    role: str
    text: str
    keys: dict[str, str]
    start: int
    end: int


@dataclass(slots=True)
class _Part:
    """A header and the lines up to the next one; before the first header, and behind the last one, what stands there.

    `foreign` is where the first line begins that is none of a body.
    """

    header: re.Match[bytes] | None
    start: int
    end: int = 0
    body: list[bytes] = field(default_factory=list)
    foreign: int | None = None
    is_last: bool = False

    def add(self, plain: bytes, at: int, *, is_ended: bool) -> None:
        """Take in a line that is no header; one that is cut off at the end of the file is nobody's."""
        if plain.startswith(b"    ") or not plain.strip():
            self.body.append(plain[4:])
        elif self.foreign is None and is_ended:
            self.foreign = at


def read_history(data: bytes) -> tuple[list[Said], list[Finding]]:
    """Return the records of a history.txt that can be read, and what is wrong with the rest of its bytes."""
    records, findings = list[Said](), list[Finding]()
    if data and not data.endswith(b"\n"):
        last = data.rfind(b"\n") + 1
        says = f"byte {last}: the last line has no end; a crash or an editor left it so."
        findings.append(Finding.error(says, "torn"))
    if b"\r\n" in data or data.startswith(b"\xef\xbb\xbf"):
        says = "was saved by an editor of another system (CRLF or a byte order mark); it is read."
        findings.append(Finding.note(says))
    for part in _parts(data):
        said, finding = _read_part(part, data)
        records += [said] if said else []
        findings += [finding] if finding else []
    return records, findings


def _parts(data: bytes) -> Iterator[_Part]:
    at, part = 0, _Part(None, 0)
    for line in data.split(b"\n"):
        plain = line.removesuffix(b"\r")
        if at == 0:
            plain = plain.removeprefix(b"\xef\xbb\xbf")
        if match := _HEADER.fullmatch(plain.rstrip()):
            part.end = at
            yield part
            part = _Part(match, at)
        else:
            part.add(plain, at, is_ended=at + len(line) < len(data))
        at += len(line) + 1
    part.end, part.is_last = len(data), True
    yield part


def _read_part(part: _Part, data: bytes) -> tuple[Said | None, Finding | None]:
    where = part.start if part.foreign is None else part.foreign
    foreign = Finding.error(f"byte {where}: this is no part of a record. It is kept and not shown.")
    has_words = part.is_last and any(line.strip() for line in part.body)
    if part.header is None or (part.foreign is not None and not has_words):
        return None, foreign if part.end > part.start else None
    if part.foreign is not None:  # behind the words of the last record: they are whole
        said = _read_said(part.header, part.body, part.start, part.foreign)
        return said if isinstance(said, Said) else None, foreign
    said = _read_said(part.header, part.body, part.start, part.end)
    if isinstance(said, Said):
        return said, None
    is_cut = part.is_last and not data.endswith(b"\n")  # reported already
    return None, None if is_cut else Finding.error(f"byte {part.start}: {said} The record is kept and not shown.")


def _read_said(header: re.Match[bytes], body: list[bytes], start: int, end: int) -> Said | str:
    """Read one record, or say what is wrong with it."""
    number, stamped, role, pairs = (part.decode() for part in header.groups())
    if body and end and not body[-1]:
        while body and not body[-1]:  # what stands behind the last line feed, and blank lines of an editor
            body.pop()
    try:
        text = b"\n".join(body).decode()
    except UnicodeDecodeError:
        return f"record {number} is not UTF-8."
    if found := _FORBIDDEN.search(text):
        return f"record {number} has the control character U+{ord(found[0]):04X}."
    keys = {key: unquote(value) for key, value in (pair.split("=", 1) for pair in pairs.split())}
    if keys.get("ending", "stop") not in _ENDINGS:
        return f"record {number} ends as {keys['ending']!r}, which is no ending."
    if int(number) > _LARGEST_NUMBER:
        return f"record {number} has a number above {_LARGEST_NUMBER}."
    if not is_whole(replaced := keys.get("replaces", "1"), _LARGEST_NUMBER) or not int(replaced):
        return f"record {number} replaces {replaced[:40]!r}, which is no number."
    if keys.get("imported", "1") != "1":
        return f"record {number} has imported={keys['imported'][:40]!r}; a record that was brought in has imported=1."
    try:
        moment = datetime.strptime(stamped, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return f"record {number} has the time {stamped}, which is none."
    return Said(int(number), moment, role, text, keys, start, end)


def check_records(records: list[Said], *, has_gaps: bool) -> Iterator[Finding]:
    """Look at what records say of each other: numbers, what they replace, questions and their one answer."""
    standing = list[Said]()
    before: Said | None = None
    for said in records:
        yield from _check_order(said, before, has_gaps=has_gaps)
        yield from _check_turn(said, standing) if not has_gaps else ()
        yield from _check_keys(said)
        if "replaces" in said.keys:
            standing = [one for one in standing if one.number < int(said.keys["replaces"])]
        standing.append(said)
        before = said


def _check_order(said: Said, before: Said | None, *, has_gaps: bool) -> Iterator[Finding]:
    if before is None:
        if said.number != 1 and not has_gaps:
            yield Finding.error(f"the first record is number {said.number}, not 1.")
        return
    if said.number <= before.number:
        yield Finding.error(f"record {said.number} stands behind record {before.number}.")
    elif said.number > before.number + 1 and not has_gaps:
        yield Finding.error(f"between records {before.number} and {said.number} one is missing.")
    if said.time < before.time:
        yield Finding.note(f"record {said.number} is older than the one before it.")


def _check_turn(said: Said, standing: list[Said]) -> Iterator[Finding]:
    """Look at what the record replaces, or at the question that it answers, among those that stood before it."""
    if "replaces" in said.keys:
        target = int(said.keys["replaces"])
        aimed = next((one for one in standing if one.number == target), None)
        if aimed is None or aimed.role != said.role:
            yield Finding.error(f"record {said.number} replaces {target}, which is no {said.role} record that stood.")
    elif said.role == "assistant" and standing and standing[-1].role == "assistant":
        question = standing[-1].number
        yield Finding.error(f"record {said.number} is a second answer to the question of record {question}.")


def _check_keys(said: Said) -> Iterator[Finding]:
    if said.role == "assistant" and "ending" not in said.keys:
        yield Finding.note(f"record {said.number} does not say how it ended.")
    if "seconds" in said.keys and not _is_receipt(said.keys):
        yield Finding.note(f"the receipt of record {said.number} cannot be read; the answer is shown without it.")


def _is_receipt(keys: dict[str, str]) -> bool:
    """True if what a reply took can be read: whole tokens and calls, a cost and seconds, none below zero."""
    try:
        amounts = [Decimal(keys[key]) for key in ("cost", "first", "seconds") if key in keys]
        are_whole = all(is_whole(keys[key], _MOST_CALLS if key == "calls" else MOST_TOKENS) for key in _COUNTS)
    except (KeyError, InvalidOperation):
        return False
    return are_whole and all(amount.is_finite() and 0 <= amount <= MOST_AMOUNT for amount in amounts)


def is_whole(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19 and int(text) <= most


def check_summary(data: bytes, history: bytes, records: list[Said]) -> str | None:
    """Return what is wrong with a summary.txt, None when it is of this history."""
    lines = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").split(b"\n")
    covers = _COVERS.fullmatch(lines[0].strip())
    if covers is None:
        return "does not say which bytes of history.txt it covers."
    end, at, number = int(covers[1]), 0, 0
    for line in lines[1:]:
        if segment := _SEGMENT.fullmatch(line.rstrip()):
            first, last, start, stop = map(int, segment.groups())
            if start != at or stop < start or last < first or first < number:
                return f"has notes for bytes {start} to {stop} where those from byte {at} on were due."
            at, number = stop, last
        elif line.strip() and not line.startswith(b"    "):
            return "has a line that is no part of any notes."
    if at != end:
        return f"says that it covers {end} bytes and has notes for {at}."
    if end > len(history):
        return f"covers {end} bytes, and history.txt has {len(history)}."
    if hashlib.sha256(history[:end]).hexdigest().encode() != covers[2]:
        return f"covers {end} bytes that are not the first ones of history.txt: their sha256 is another."
    if end and end != len(history) and records and all(said.start != end for said in records):
        return f"ends at byte {end}, in the middle of a record."
    return None
