"""The form of history.txt: records, printed and parsed. Pure; knows nothing of files.

    [1] 2026-11-23T14:02:11Z user
        Do you ship to Recife?
    [2] 2026-11-23T14:02:14Z assistant model=gpt-6-luna ending=stop
        Yes. Delivery takes 3-5 business days.

A header stands at column 0 and a body line behind four spaces, so no text can forge a header.
Everything is read and split as bytes on b"\\n": str.splitlines would let CR, VT, U+2028 ... forge a line.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Literal
from urllib.parse import quote, unquote

from memory.text import normalise
from memory.timestamps import read_stamp, stamp

Role = Literal["user", "assistant"]
Speaker = Literal["user", "assistant", "imported"]
Ending = Literal["stop", "length", "content_filter", "stopped", "interrupted", "failed"]

INDENT = b"    "
HEADER = re.compile(
    rb"\[([1-9][0-9]{0,17})\] (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (user|assistant)((?: [a-z_]++=[^ ]*+)*+)\s*+"
)
LARGEST_NUMBER = 10**15 - 1
"""A record of a larger number is Damage. Those that follow the largest that is read are never refused for their length."""

MOST_TOKENS, MOST_CALLS, MOST_USD, MOST_SECONDS = 10**12, 10**6, Decimal(10) ** 9, 1e9
"""What no reply takes more of: a receipt or a line of the ledger that says so is none."""
MOST_DECIMALS = 60
"""Decimals of a cost: an exponent without a bound makes a text of a gigabyte when it is printed."""

PHOTO_NAME = re.compile(r"[0-9a-f]{64}\.jpg")
"""The name of a photo: the sha256 of its bytes."""

BOM = b"\xef\xbb\xbf"
PLAIN = "/:.,@+~!$&'()*;"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a reply took: tokens, US dollars (None: no price is known), seconds, and calls of models, failed ones too."""

    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost_usd: Decimal | None
    first_seconds: float | None
    """To the first word; None when there was none."""
    seconds: float
    calls: int

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Checks:
    """How many claims of a reply the shop's data bore out, what follows from them included, contradicted, or do not say."""

    supported: int
    contradicted: int
    unsupported: int

    def __str__(self) -> str:
        return f"{self.supported}/{self.contradicted}/{self.unsupported}"


@dataclass(frozen=True, slots=True)
class Record:
    """One message of a conversation. `number` counts from 1 through the file; `time` is UTC in whole seconds.

    `replaces=N` says that this record takes the place of record N and of all that followed it.
    `why` is a word for what went otherwise than usual (a fault of completions.errors, or why another model
    than the first spoke); the page makes a sentence of it.
    """

    number: int
    time: datetime
    role: Role
    text: str
    model: str | None = None
    ending: Ending | None = None
    replaces: int | None = None
    why: str | None = None
    receipt: Receipt | None = None
    imported: bool = False
    """Brought in as a file by the customer: nothing proves that the shop said it."""
    checks: Checks | None = None
    """None: the reply claims nothing, or nobody has looked."""
    files: tuple[str, ...] = ()
    """Names of the photos in files/ that came with a question."""

    @property
    def is_question(self) -> bool:
        return self.role == "user"

    @property
    def speaker(self) -> Speaker:
        """Return whose word this is. An imported reply is the customer's account of what the shop said."""
        return "imported" if self.imported and self.role == "assistant" else self.role


@dataclass(frozen=True, slots=True)
class Entry:
    """A record and where it stands: bytes `start` to `end` of history.txt."""

    record: Record
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes `start` to `end` that are no record; they are kept, shown as unreadable and never sent."""

    start: int
    end: int


def print_header(record: Record) -> bytes:
    """Return the record's first line, with its line feed."""
    keys: dict[str, object] = {
        "model": record.model,
        "ending": record.ending,
        "replaces": record.replaces,
        "why": record.why,
    }
    if (took := record.receipt) is not None:
        keys |= {key: getattr(took, name) for key, name, _ in RECEIPT}
    keys["checks"] = record.checks
    keys["files"] = ",".join(record.files) or None
    keys["imported"] = 1 if record.imported else None
    values = "".join(f" {key}={quote(str(value), safe=PLAIN)}" for key, value in keys.items() if value is not None)
    return f"[{record.number}] {stamp(record.time)} {record.role}{values}\n".encode()


def print_body(text: str) -> bytes:
    """Return the body's lines, each behind four spaces; an empty line stays empty; no text, no bytes."""
    if not text:
        return b""
    body = b"\n".join(INDENT + line if line else b"" for line in text.encode().split(b"\n"))
    return body + b"\n"


def print_record(record: Record) -> bytes:
    """Return the record as bytes that end in a line feed. ValueError for a text that was not normalised."""
    if normalise(record.text) != record.text:
        raise ValueError("a record's text must be normalised before it is printed")
    return print_header(record) + print_body(record.text)


def parse(data: bytes, *, offset: int = 0, is_end: bool = True) -> Iterator[Entry | Damage]:
    """Return what stands in `data`, in order; `offset` is where data starts in its file.

    CRLF, a byte order mark and a missing last line feed (files made by hand) are read. What is neither a
    header nor a body line makes its record Damage; reading goes on at the next header. Behind the words of the last
    record of the file (`is_end`) it is what a crash or a user left there: Damage alone, and the record before is whole.
    """
    start, header, body, foreign = offset, None, list[bytes](), _NONE
    position, end = offset, offset + len(data)
    for line in data.split(b"\n"):
        content = line.removesuffix(b"\r")
        if position == 0:
            content = content.removeprefix(BOM)
        match, is_torn = HEADER.fullmatch(content), position + len(line) == end and not is_body(content)
        if match or is_torn:
            if position > start:
                yield from _finish(header, body, foreign, start, position, is_last=is_end and not match)
            start, header, body, foreign = position, match, [], _NONE
        elif foreign != _NONE:
            pass
        elif is_body(content):
            body.append(content[len(INDENT) :] if content.startswith(INDENT) else b"")
        else:
            foreign = position
        position += len(line) + 1
    if end > start:
        yield from _finish(header, body, foreign, start, end, is_last=is_end)


_NONE = -1


def is_body(line: bytes) -> bool:
    """True if the line is one of a body: indented or blank."""
    return line.startswith(INDENT) or not line.strip()


def _finish(
    header: re.Match[bytes] | None, body: list[bytes], foreign: int, start: int, end: int, *, is_last: bool
) -> Iterator[Entry | Damage]:
    """Return one record, or the damage that it is; `foreign` is where the first line stands that is none of its own."""
    has_words = is_last and any(line.strip() for line in body)
    if header is None or (foreign != _NONE and not has_words):
        yield Damage(start, end)
        return
    whole = end if foreign == _NONE else foreign
    try:
        yield Entry(_read_record(header, b"\n".join(body)), start, whole)
    except ValueError:
        whole = start
    if whole < end:
        yield Damage(whole, end)


def _read_record(header: re.Match[bytes], body: bytes) -> Record:
    number, time, role, pairs = (part.decode() for part in header.groups())
    values = {key: unquote(value) for key, value in (pair.split("=", 1) for pair in pairs.split())}
    replaces = values.get("replaces")
    return Record(
        number=read_number(number),
        time=read_stamp(time),
        role="user" if role == "user" else "assistant",
        text=normalise(body.decode(errors="replace")),
        model=values.get("model"),
        ending=_read_ending(values.get("ending")),
        replaces=read_number(replaces) if replaces is not None else None,
        why=values.get("why"),
        receipt=_read_receipt(values),
        imported="imported" in values,
        checks=_read_checks(values.get("checks", "")),
        files=_read_files(values.get("files", "")),
    )


def read_number(text: str) -> int:
    """Return a record's number. ValueError for what none can have."""
    if (number := read_count(text, LARGEST_NUMBER)) == 0:
        raise ValueError("records are counted from 1")
    return number


def read_count(text: str, most: int) -> int:
    """Return a whole number from 0 to `most`, written in digits alone. ValueError for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) <= most):
        raise ValueError(f"not a whole number up to {most}")
    return int(text)


def read_usd(text: str) -> Decimal:
    """Return an amount of US dollars. ValueError or ArithmeticError for what none can be, such as NaN."""
    amount = Decimal(text)
    if not (amount.is_finite() and 0 <= amount <= MOST_USD and abs(int(amount.as_tuple().exponent)) <= MOST_DECIMALS):
        raise ValueError(f"not an amount up to {MOST_USD}")
    return amount


def read_seconds(text: str) -> float:
    """Return a time in seconds. ValueError for what none can be, such as infinity."""
    seconds = float(text)
    if not 0 <= seconds <= MOST_SECONDS:  # false for NaN
        raise ValueError(f"not seconds up to {MOST_SECONDS:.0f}")
    return seconds


RECEIPT: tuple[tuple[str, str, Callable[[str], object]], ...] = (
    ("prompt", "prompt_tokens", partial(read_count, most=MOST_TOKENS)),
    ("cached", "cached_tokens", partial(read_count, most=MOST_TOKENS)),
    ("completion", "completion_tokens", partial(read_count, most=MOST_TOKENS)),
    ("cost", "cost_usd", read_usd),
    ("first", "first_seconds", read_seconds),
    ("seconds", "seconds", read_seconds),
    ("calls", "calls", partial(read_count, most=MOST_CALLS)),
)
"""The keys of a header that are a receipt, in their order: its field, and what reads it."""
OPTIONAL = ("cost", "first")
"""Keys that a receipt may lack, None then: also a field that older records do not have stands here."""


def _read_receipt(values: dict[str, str]) -> Receipt | None:
    """Return a reply's receipt; None where there is none, or an impossible one: the words are worth more."""
    if "seconds" not in values:
        return None
    try:
        reported = {key: values[key] for key, _, _ in RECEIPT if key in values or key not in OPTIONAL}
        found: dict[str, Any] = {name: read(reported[key]) if key in reported else None for key, name, read in RECEIPT}
        return Receipt(**found)
    except (KeyError, ValueError, ArithmeticError):
        return None


def _read_checks(text: str) -> Checks | None:
    """Return what was found out about a reply's claims; None where nothing was, or what none can be."""
    try:
        supported, contradicted, unsupported = (read_count(count, MOST_CALLS) for count in text.split("/"))
        return Checks(supported, contradicted, unsupported)
    except ValueError:
        return None


def _read_files(text: str) -> tuple[str, ...]:
    """Return the names of photos; what is no such name leads nowhere and is left out."""
    return tuple(name for name in text.split(",") if PHOTO_NAME.fullmatch(name))


def _read_ending(value: str | None) -> Ending | None:
    match value:
        case None | "stop" | "length" | "content_filter" | "stopped" | "interrupted" | "failed":
            return value
        case _:
            raise ValueError(f"no such ending: {value}")


def standing(newest_first: Iterable[Entry]) -> Generator[Entry, None, None]:
    """Return, newest first, the entries that still stand: those that no later record replaced.

    What a replaced record had replaced does not come back.
    """
    limit: int | None = None
    for entry in newest_first:
        stands, replaces = limit is None or entry.record.number < limit, entry.record.replaces
        if replaces is not None:
            limit = replaces if limit is None else min(limit, replaces)
        if stands:
            yield entry
