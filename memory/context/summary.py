"""What is remembered of a conversation's older part: segments made from its bytes, verified by code.

summary.txt says which bytes of history.txt it covers, with their sha256; a mismatch means that it is not of this
history, and it is ignored. Each segment is made from history bytes, never from another summary:

    covers=0..18234 sha256=3f2a... format=1

    [1..14] bytes=0..9120 method=model model=gpt-6-luna made=2026-11-23T14:05:00Z
        The customer asked whether ...

        Facts:
        "Rua das Flores, nº 45" (customer, message 3)
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from urllib.parse import quote, unquote

from memory.storage.folders import Folder, NewerFormat, NotRegular
from memory.storage.layout import HISTORY, SUMMARY
from memory.text import normalise
from memory.timestamps import read_stamp, stamp

Method = Literal["model", "extractive", "customer"]

FORMAT = 1
"""The format of summary.txt; a first line without one has this one."""
LARGEST_BYTES = 1 << 20
"""Notes that a compaction makes have some kilobytes: a larger file was put there by hand, and is not for every turn to read."""

_HEADER = re.compile(
    r"\[(\d+)\.\.(\d+)\] bytes=(\d+)\.\.(\d+) method=(model|extractive|customer)(?: model=(\S+))? made=(\S+)"
)
_COVERS = re.compile(r"covers=0\.\.(\d{1,18}) sha256=([0-9a-f]{64})(?: format=1)?")
_FORMAT = re.compile(rb"(?:^|\s)format=(\d{1,9})(?:\s|$)")


class BadSummary(Exception):
    """A model's summary that cannot be kept; str() says why, for the log."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What is remembered of messages `first` to `last`, which stand at bytes `start` to `end` of history.txt.

    `method`: written by a model and verified, taken out by code, or written by the customer. `text` is the notes
    with their list of facts.
    """

    first: int
    last: int
    start: int
    end: int
    method: Method
    made: datetime
    text: str
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """All segments, oldest first, and the sha256 of the bytes 0 to `end` that they cover together."""

    segments: tuple[Segment, ...] = ()
    sha256: str = hashlib.sha256().hexdigest()

    @property
    def end(self) -> int:
        return self.segments[-1].end if self.segments else 0


def print_summary(summary: Summary) -> bytes:
    parts = [f"covers=0..{summary.end} sha256={summary.sha256} format={FORMAT}\n"]
    for one in summary.segments:
        model = f" model={quote(one.model, safe='/:.-_')}" if one.model else ""
        head = (
            f"[{one.first}..{one.last}] bytes={one.start}..{one.end} method={one.method}{model} made={stamp(one.made)}"
        )
        body = "\n".join(f"    {line}" if line else "" for line in one.text.split("\n"))
        parts.append(f"\n{head}\n{body}\n" if one.text else f"\n{head}\n")
    return "".join(parts).encode()


def parse_summary(data: bytes) -> Summary | None:
    """Read summary.txt; None for what is none, is cut off or does not fit together."""
    try:
        lines = data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        return None
    covers = _COVERS.fullmatch(lines[0].strip())
    if covers is None:
        return None
    segments, body = list[Segment](), list[str]()
    head: re.Match[str] | None = None
    for line in [*lines[1:], None]:
        match = _HEADER.fullmatch(line.rstrip()) if line is not None else None
        if line is None or match:
            if head is not None and (segment := _read_segment(head, body)):
                segments.append(segment)
            head, body = match, []
        elif line.startswith("    ") or not line.strip():
            body.append(line[4:])
        else:
            return None
    summary = Summary(tuple(segments), covers[2])
    edges = [0, *(one.end for one in segments)]
    if summary.end != int(covers[1]) or any(one.start != edge for one, edge in zip(segments, edges, strict=False)):
        return None
    return summary


def _read_segment(head: re.Match[str], body: list[str]) -> Segment | None:
    first, last, start, end, method, model, made = head.groups()
    try:
        return Segment(
            first=int(first),
            last=int(last),
            start=int(start),
            end=int(end),
            method="model" if method == "model" else "customer" if method == "customer" else "extractive",
            made=read_stamp(made),
            text=normalise("\n".join(body)),
            model=unquote(model) if model else None,
        )
    except ValueError:
        return None


_FINGERPRINT = 1024
_AT_ONCE = 1 << 20


class Covered:
    """Knows the sha256 of histories' beginnings, so that each byte is hashed once in this process."""

    def __init__(self) -> None:
        self._hashes: dict[tuple[str, int], tuple[_Hashed, ...]] = {}

    def sha256(self, folder: Folder, end: int, *, most_bytes: int | None = None) -> str | None:
        """Return the sha256 of bytes 0 to `end` of history.txt.

        None when it is shorter, or when more than `most_bytes` would have to be read for it.
        """
        status = folder.status(HISTORY)
        if status is None or status.st_size < end:
            return hashlib.sha256().hexdigest() if end == 0 else None
        key = (str(folder.path), status.st_ino)
        known = [one for one in self._hashes.get(key, ()) if one.still_holds(folder)]
        at, last, digest = 0, b"", hashlib.sha256()
        for one in known:
            if at < one.end <= end:
                at, last, digest = one.end, one.last, one.digest.copy()
        if most_bytes is not None and end - at > most_bytes:
            return None
        while at < end:
            step = folder.read(HISTORY, at, min(end, at + _AT_ONCE))
            if not step:
                return None  # cut off meanwhile
            digest.update(step)
            at, last = at + len(step), (last + step)[-_FINGERPRINT:]
        if len(self._hashes) > 4096:
            self._hashes.clear()
        others = [one for one in known if one.end != end]  # a save that failed asks for the end before it again
        self._hashes[key] = (*others[-1:], _Hashed(end, last, digest))
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Hashed:
    """The hash of a history's first `end` bytes, and the last of them: another file may have the inode of one that is gone."""

    end: int
    last: bytes
    digest: "hashlib._Hash"

    def still_holds(self, folder: Folder) -> bool:
        return folder.read(HISTORY, self.end - len(self.last), self.end) == self.last


def load(folder: Folder, covered: Covered, *, most_bytes: int | None = None) -> Summary:
    """Read what is remembered; nothing when there is no summary, or one that is not of this history.

    With `most_bytes` nothing either where more of the history would have to be read to know that.
    """
    size = folder.size(SUMMARY)
    if size is None or size > LARGEST_BYTES:
        return Summary()
    try:
        found = parse_summary(folder.read(SUMMARY))
    except (FileNotFoundError, NotRegular):
        return Summary()
    if found is None or covered.sha256(folder, found.end, most_bytes=most_bytes) != found.sha256:
        return Summary()
    return found


def check_format(folder: Folder) -> None:
    """Raise NewerFormat if a newer version wrote summary.txt, which this one must not replace then."""
    try:
        head = folder.read(SUMMARY, 0, 1024).partition(b"\n")[0]
    except (FileNotFoundError, NotRegular):
        return
    found = _FORMAT.search(head)
    if found and int(found[1]) > FORMAT:
        raise NewerFormat("A newer version of Storekeeper wrote these notes. This one does not use or change them.")


def save(folder: Folder, summary: Summary, covered: Covered) -> Summary:
    """Write summary.txt, atomically, with the hash of what it covers. Call it under the user's lock.

    Raise NewerFormat, and change nothing, if a newer version wrote the file.
    """
    check_format(folder)
    digest = covered.sha256(folder, summary.end)
    if digest is None:
        raise BadSummary("the history is shorter than what the summary covers")
    summary = replace(summary, sha256=digest)
    folder.replace(SUMMARY, print_summary(summary))
    return summary


def before(summary: Summary, gone: int | None) -> Summary:
    """Return the segments that stay true when message `gone` and what followed it were replaced; None: all.

    What the customer wrote stays whatever is edited.
    """
    if gone is None:
        return summary
    kept = list[Segment]()
    for segment in summary.segments:
        if segment.last >= gone and segment.method != "customer":
            break
        kept.append(segment)
    return replace(summary, segments=tuple(kept))
