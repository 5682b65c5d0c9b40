"""history.txt of one conversation: append to it, read it from its end."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice

from memory.conversations.records import (
    HEADER,
    LARGEST_NUMBER,
    Damage,
    Entry,
    Record,
    is_body,
    parse,
    print_record,
)
from memory.storage.folders import Folder, StorageError
from memory.storage.layout import HISTORY

_FIRST_BLOCK = 4 * 1024
_FORWARDS = 1 << 20
_BLOCK = 64 * 1024
_LONGEST_HEADER = 4096


def append(folder: Folder, make: Callable[[int], Record]) -> Entry:
    """Append the record that `make` gives for the next number, and fsync it. Call it under the lock.

    What is left of a header or a letter at the end is set aside first; a last record whose line feed is missing is given it.
    StorageError when it cannot be kept.
    """
    return add(folder, make(next_number(folder)))


def next_number(folder: Folder) -> int:
    """Return the number of the record that comes next. Call it under a lock.

    What stands behind the words of the last record and is no part of it, or is the beginning of a header, is set aside
    before: with another record behind it, it would make the one before it unreadable.
    """
    newest = folder.cached(HISTORY, _Newest.of)
    if newest is None:
        return 1
    items = _read(folder, newest)
    last = next(items, None)
    match last:
        case Damage():
            before = next(items, None)
            if newest.torn_at is not None or (isinstance(before, Entry) and _is_foreign(folder, last)):
                folder.truncate_to(HISTORY, last.start)
                return next_number(folder)
        case Entry(record) if newest.torn_at is not None:
            whole = last.start if not record.text else newest.size - _cut_letter(folder.read(HISTORY, newest.size - 4))
            if whole < newest.size:
                folder.truncate_to(HISTORY, whole)
                return next_number(folder)
    highest = last_number(folder)
    if highest >= LARGEST_NUMBER:
        raise StorageError("This conversation has no number left for another message. Start a new one.")
    return highest + 1


def _cut_letter(data: bytes) -> int:
    """Return how many bytes at the end are the beginning of a letter in UTF-8 whose others are missing."""
    for n in range(1, min(4, len(data) + 1)):
        if data[-n] >= 0xC0:
            return n if n < (2 if data[-n] < 0xE0 else 3 if data[-n] < 0xF0 else 4) else 0
        if data[-n] < 0x80:
            return 0
    return 0


def _is_foreign(folder: Folder, damage: Damage) -> bool:
    """True if the damage is no record that cannot be read, but lines that belong to none."""
    line = folder.read(HISTORY, damage.start, damage.start + _LONGEST_HEADER).split(b"\n")[0]
    return HEADER.fullmatch(line.removesuffix(b"\r")) is None


def add(folder: Folder, *records: Record) -> Entry:
    """Append the records of the next numbers in one write, fsync, and return the last one's place. Call it under the lock.

    StorageError when they cannot be kept.
    """
    printed = [print_record(record) for record in records]
    _, end = folder.append(HISTORY, b"".join(printed), on_own_line=True)
    return Entry(records[-1], end - len(printed[-1]), end)


def began(folder: Folder) -> datetime | None:
    """Return when the conversation began: the time of its first record. None when it is empty."""
    newest = folder.cached(HISTORY, _Newest.of)
    if newest is None:
        return None
    if newest.start == 0:  # all of it was read in this visit
        oldest_first: Iterable[Entry | Damage] = reversed(newest.items)
    else:
        oldest_first = parse(folder.read(HISTORY, 0, min(newest.size, 4096)))
    return next((item.record.time for item in oldest_first if isinstance(item, Entry)), None)


def mend(folder: Folder) -> bool:
    """Make the end of the file whole. True if its last record was given its line feed, False if a torn end was set aside.

    What is set aside is kept in history.torn-<time>. Nothing is ever joined to either.
    """
    size = folder.size(HISTORY)
    next_number(folder)
    folder.append(HISTORY, b"", on_own_line=True)
    return folder.size(HISTORY) != size and (folder.size(HISTORY) or 0) > (size or 0)


def torn(folder: Folder) -> Entry | None:
    """Return the last record if its line feed is missing: a crash may have cut its words too."""
    last = next(backwards(folder), None)
    if last is None or last.end != folder.size(HISTORY) or folder.read(HISTORY, last.end - 1, last.end) == b"\n":
        return None
    return last


def last_number(folder: Folder) -> int:
    """Return the number of the last record, 0 in an empty conversation."""
    return next((entry.record.number for entry in backwards(folder)), 0)


def backwards(folder: Folder) -> Iterator[Entry]:
    """Return every record, newest first, reading only as far back as it is asked to."""
    for item in backwards_with_damage(folder):
        if isinstance(item, Entry):
            yield item


def backwards_with_damage(folder: Folder, *, most_bytes: int | None = None) -> Iterator[Entry | Damage]:
    """Return every record, and every stretch that is none, newest first: of the last `most_bytes` of the file, if given.

    A record that begins before those is not among them, however long it is.
    """
    newest = folder.cached(HISTORY, _Newest.of)
    if newest is None:
        return iter(())
    return _read(folder, newest, 0 if most_bytes is None else newest.size - most_bytes)


_REMEMBERED = 64
_REMEMBERED_BYTES = 2_048


@dataclass(slots=True)
class _Newest:
    """The newest records of the file as far as they were read: a turn looks at them several times."""

    size: int
    items: list[Entry | Damage] = field(default_factory=list)
    torn_at: int | None = None
    """Where the last record begins if no line feed ends it, once it was read."""
    end: int = 0
    """Where the last record ends: before a torn last line that is none of its own."""

    @classmethod
    def of(cls, status: os.stat_result) -> "_Newest":
        return cls(status.st_size, end=status.st_size)

    @property
    def start(self) -> int:
        return self.items[-1].start if self.items else self.size

    def add(self, item: Entry | Damage) -> None:
        if item.end == self.start and len(self.items) < _REMEMBERED:
            self.items.append(item)


def _read(folder: Folder, newest: _Newest, floor: int = 0) -> Iterator[Entry | Damage]:
    """Return what was read already, then what stands before it, as far as byte `floor`."""
    for item in newest.items:
        if item.start < floor:
            return
        yield item
    for start, chunk in chunks(folder, newest.start, floor):
        if start + len(chunk) == newest.size and not chunk.endswith(b"\n"):
            newest.torn_at = start
        is_end = start + len(chunk) == newest.end
        if len(chunk) <= _REMEMBERED_BYTES:
            found = _parse_once(chunk, start, is_end)
        else:
            found = tuple(parse(chunk, offset=start, is_end=is_end))
        if start == newest.torn_at and b"\n" not in chunk and not HEADER.fullmatch(chunk.removesuffix(b"\r")):
            newest.end = start
        for item in reversed(found):
            newest.add(item)
            yield item


@lru_cache(maxsize=2_048)
def _parse_once(data: bytes, start: int, is_end: bool) -> tuple[Entry | Damage, ...]:
    """Parse what the next turns read again: the messages that are sent word for word."""
    return tuple(parse(data, offset=start, is_end=is_end))


def forwards(folder: Folder, start: int, end: int) -> Iterator[Entry]:
    """Return the records that stand at bytes `start` to `end`, oldest first, reading some at a time."""
    while start < end:
        entries, start = some(folder, start, end, _FORWARDS)
        yield from entries


def some(
    folder: Folder, start: int, end: int, count_bytes: int, *, most_bytes: int | None = None
) -> tuple[list[Entry], int]:
    """Return the records of about `count_bytes` from byte `start` on, and where the next one begins: `end` after the last.

    One that is longer is read whole, or with `most_bytes` as far as that; what follows of it is no record then.
    """
    size, parts = count_bytes, list[bytes]()
    while True:
        at = start + sum(map(len, parts))
        stop = min(end, start + size)
        block = folder.read(HISTORY, at, stop)
        if not block:
            stop = end  # cut off meanwhile
        parts.append(block)
        if stop >= end or (most_bytes is not None and size >= most_bytes):
            data = b"".join(parts)
            cut = len(data) if stop >= end else _last_header(data) or len(data)
        elif at > start:  # looked through before: the header may begin in the last line of it
            data = b"".join(parts)
            cut = _last_header(data, at - start - _LONGEST_HEADER)
        else:
            data, cut = block, _last_header(block)
        if cut or not data:
            break
        size *= 2
    is_end = start + cut >= (folder.size(HISTORY) or 0)
    entries = [item for item in parse(data[:cut], offset=start, is_end=is_end) if isinstance(item, Entry)]
    return entries, end if stop >= end else start + cut


def _last_header(data: bytes, begin: int = 0) -> int:
    """Return where the last header line begins that stands after byte `begin`, 0 when there is none."""
    begin = max(0, begin)
    position = data.rfind(b"\n[", begin)
    while position > 0:
        line_end = data.find(b"\n", position + 1)
        if line_end != -1 and HEADER.fullmatch(data[position + 1 : line_end].removesuffix(b"\r")):
            return position + 1
        position = data.rfind(b"\n[", begin, position + 1)
    return 0


def chunks(folder: Folder, size: int, floor: int = 0) -> Iterator[tuple[int, bytes]]:
    """Return the file's records newest first, some whole ones at a time, with the offset each stretch starts at.

    Blocks are read from the end; what stands before a block's first header belongs to the block before. What begins
    before byte `floor` is not read.
    """
    descriptor = folder.open(HISTORY, os.O_RDONLY)
    try:
        end, tail, size_of_block = size, list[bytes](), _FIRST_BLOCK
        while end > max(0, floor):
            start = max(0, floor, end - size_of_block)
            block = os.pread(descriptor, end - start, start)
            cut = 0 if start == 0 else _first_header(block + tail[-1][:_LONGEST_HEADER] if tail else block)
            if cut is None:
                tail.append(block)
            else:
                data = b"".join([block, *reversed(tail)])
                yield from _one_by_one(data, start, cut)
                tail = [data[:cut]] if cut else []
            end, size_of_block = start, _BLOCK
    finally:
        os.close(descriptor)


def _one_by_one(data: bytes, start: int, cut: int) -> Iterator[tuple[int, bytes]]:
    """Return the records of `data` from byte `cut` on, newest first, looking no further back than it is asked to.

    A torn last line that is no line of a body is given by itself: the record before it is whole.
    """
    end = len(data)
    last_line = max(data.rfind(b"\n") + 1, cut)
    if cut < last_line < end and not is_body(data[last_line:]):
        yield start + last_line, data[last_line:end]
        end = last_line
    position = data.rfind(b"\n[", cut, end)
    while position != -1:
        line_end = data.find(b"\n", position + 1, end)
        if HEADER.fullmatch(data[position + 1 : line_end if line_end != -1 else end].removesuffix(b"\r")):
            yield start + position + 1, data[position + 1 : end]
            end = position + 1
        position = data.rfind(b"\n[", cut, position + 1)
    if cut < end:
        yield start + cut, data[cut:end]


def _first_header(data: bytes) -> int | None:
    """Return where the first header line begins that follows a line feed in `data`."""
    position = data.find(b"\n[")
    while position != -1:
        line_end = data.find(b"\n", position + 1)
        if line_end != -1 and HEADER.fullmatch(data[position + 1 : line_end].removesuffix(b"\r")):
            return position + 1
        position = data.find(b"\n[", position + 1)
    return None


def find(folder: Folder, number: int) -> Entry | None:
    """Return the record of this number, whether it stands or was replaced."""
    for entry in islice(backwards(folder), _REMEMBERED // 2):
        if entry.record.number <= number:
            return entry if entry.record.number == number else None
    at = place_after(folder, number + 1)
    for start, data in chunks(folder, at) if at else ():
        for item in parse(data, offset=start, is_end=False):
            if isinstance(item, Entry) and item.record.number <= number:
                return item if item.record.number == number else None
    return None


def place_after(folder: Folder, number: int) -> int:
    """Return a place at or closely after where the record of this number begins: the beginning of a record, or the end.

    Records stand in the order of their numbers, so that a few looks into the file are enough.
    """
    low, high = 0, folder.size(HISTORY) or 0
    while high - low > 2 * _BLOCK:
        middle = (low + high) // 2
        data = folder.read(HISTORY, middle, min(high, middle + _BLOCK))
        cut = _first_header(data)
        if cut is None:
            break  # in a very long record
        header = HEADER.fullmatch(data[cut : data.find(b"\n", cut)].removesuffix(b"\r"))
        if header is None:
            break
        if int(header[1]) < number:
            low = middle + cut
        else:
            high = middle + cut
    return high
