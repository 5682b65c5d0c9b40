"""The form of history.txt: records, printed and parsed. Pure; knows nothing of files.

    [1] 2026-11-23T14:02:11Z user
        Do you ship to Recife?
    [2] 2026-11-23T14:02:14Z assistant model=gpt-6-luna ending=stop
        Yes. Delivery takes 3-5 business days.

A header stands at column 0 and a body line behind four spaces, so no text can forge a header.
Everything is read and split as bytes on b"\\n": str.splitlines would let CR, VT, U+2028 ... forge a line.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Literal
from urllib.parse import quote, unquote

from memory.text import normalise

Role = Literal["user", "assistant"]
Ending = Literal["stop", "length", "content_filter", "stopped", "interrupted", "failed"]

INDENT = b"    "
HEADER = re.compile(
    rb"\[([1-9][0-9]{0,17})\] (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (user|assistant)((?: [a-z_]+=[^ ]*+)*+)\s*"
)
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
class Record:
    """One message of a conversation. `number` counts from 1 through the file; `time` is UTC in whole seconds.

    `replaces=N` says that this record takes the place of record N and of all that followed it.
    `why` is a word for what went otherwise than usual (a fault of completions.faults, or why another model
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

    @property
    def is_question(self) -> bool:
        return self.role == "user"


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


@lru_cache(maxsize=64)
def stamp(time: datetime) -> str:
    """Give the time as it is written everywhere: in UTC, to the second. A turn writes the same one several times."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_stamp(text: str) -> datetime:
    if len(text) != 20 or text[10] != "T" or text[19] != "Z":
        raise ValueError(f"not a time as this is written: {text!r}")
    return datetime.fromisoformat(text)


def print_header(record: Record) -> bytes:
    """Give the record's first line, with its line feed."""
    keys: dict[str, object] = {
        "model": record.model,
        "ending": record.ending,
        "replaces": record.replaces,
        "why": record.why,
    }
    if (took := record.receipt) is not None:
        keys |= {
            "prompt": took.prompt_tokens,
            "cached": took.cached_tokens,
            "completion": took.completion_tokens,
            "cost": took.cost_usd,
            "first": took.first_seconds,
            "seconds": took.seconds,
            "calls": took.calls,
        }
    values = "".join(f" {key}={quote(str(value), safe=PLAIN)}" for key, value in keys.items() if value is not None)
    return f"[{record.number}] {stamp(record.time)} {record.role}{values}\n".encode()


def print_body(text: str) -> bytes:
    """Give the body's lines, each behind four spaces; an empty line stays empty; no text, no bytes."""
    if not text:
        return b""
    body = b"\n".join(INDENT + line if line else b"" for line in text.encode().split(b"\n"))
    return body + b"\n"


def print_record(record: Record) -> bytes:
    """Give the record as bytes that end in a line feed. ValueError for a text that was not normalised."""
    if normalise(record.text) != record.text:
        raise ValueError("a record's text must be normalised before it is printed")
    return print_header(record) + print_body(record.text)


def parse(data: bytes, *, offset: int = 0, is_end: bool = True) -> Iterator[Entry | Damage]:
    """Return what stands in `data`, in order; `offset` is where data starts in its file.

    CRLF, a byte order mark and a missing last line feed (files made by hand) are read. What is neither a
    header nor a body line makes its record Damage; reading goes on at the next header. Behind the words of the last
    record of the file (`is_end`) it is what a crash or a person left there: Damage alone, and the record before is whole.
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
    """Say whether the line is one of a body: indented or blank."""
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
        number=int(number),
        time=read_stamp(time),
        role="user" if role == "user" else "assistant",
        text=normalise(body.decode(errors="replace")),
        model=values.get("model"),
        ending=_read_ending(values.get("ending")),
        replaces=int(replaces) if replaces is not None else None,
        why=values.get("why"),
        receipt=_read_receipt(values),
    )


def _read_receipt(values: dict[str, str]) -> Receipt | None:
    """Read a reply's receipt; None where there is none, or one that a person has mangled: the words are worth more."""
    if "seconds" not in values:
        return None
    try:
        cost, first = values.get("cost"), values.get("first")
        return Receipt(
            int(values["prompt"]),
            int(values["cached"]),
            int(values["completion"]),
            Decimal(cost) if cost is not None else None,
            float(first) if first is not None else None,
            float(values["seconds"]),
            int(values["calls"]),
        )
    except (KeyError, ValueError, ArithmeticError):
        return None


def _read_ending(value: str | None) -> Ending | None:
    match value:
        case None | "stop" | "length" | "content_filter" | "stopped" | "interrupted" | "failed":
            return value
        case _:
            raise ValueError(f"no such ending: {value}")


def standing(newest_first: Iterable[Entry]) -> Generator[Entry, None, None]:
    """Give, newest first, the entries that still stand: those that no later record replaced.

    What a replaced record had replaced does not come back.
    """
    limit: int | None = None
    for entry in newest_first:
        stands, replaces = limit is None or entry.record.number < limit, entry.record.replaces
        if replaces is not None:
            limit = replaces if limit is None else min(limit, replaces)
        if stands:
            yield entry
