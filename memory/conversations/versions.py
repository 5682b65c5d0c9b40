"""Which messages stand and which they took the place of: pages of a conversation, and the versions of a message."""

import contextlib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field

from memory.conversations import headers, history
from memory.conversations.records import BOM, HEADER, Entry, Record, parse
from memory.storage.folders import Folder
from memory.storage.layout import HISTORY

MOST_VERSIONS = 200
"""So many earlier texts of a message, or of all messages of a page, are read: the newest ones."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A record that stands, its words unread: reading them is what takes the time in a long conversation."""

    number: int
    start: int
    data: bytes
    is_end: bool = False

    @property
    def header(self) -> bytes:
        return self.data[: self.data.find(b"\n") if b"\n" in self.data else len(self.data)]

    def read(self) -> Record | None:
        """Return the record, None when its body is damaged."""
        item = next(parse(self.data, offset=self.start, is_end=self.is_end), None)
        return item.record if isinstance(item, Entry) else None


def unread(
    folder: Folder, *, before: int | None = None, until: int | None = None, replaced: dict[int, Record] | None = None
) -> Generator[Unread, None, None]:
    """Return every record that stands, newest first, reading only as far back as it is asked to.

    With `before` they are those of a smaller number; with `until` those that stood before record `until` was written.
    `replaced` is given, by number, the records that others name as the one they replace, as these are passed: so many
    as MOST_VERSIONS, since reading them is what takes the time where a message was corrected very often.
    """
    size = folder.size(HISTORY)
    if not size:
        return
    passed = _Passed(replaced)
    bounds = [number for number in (before, until) if number is not None]
    at = history.place_after(folder, min(bounds)) if bounds else size
    if before is not None:
        for _, number, gone in headers.replacing(folder, at):
            if until is None or number < until:
                passed.note(gone)
    for one in _backwards(folder, at, size):
        if until is not None and one.number >= until:
            continue
        if passed.take(one) and (before is None or one.number < before):
            yield one


class _Passed:
    """What the records passed so far, newest first, say of those before them."""

    def __init__(self, replaced: dict[int, Record] | None) -> None:
        self._replaced = replaced
        self._named = set[int]()
        self._limit: int | None = None

    def note(self, gone: int) -> None:
        """A record was passed that replaces record `gone` and what followed it."""
        self._named.add(gone)
        self._limit = gone if self._limit is None else min(self._limit, gone)

    def take(self, one: Unread) -> bool:
        """Pass a record; True if it stands. Its words are read only where it replaces something or is named."""
        stands, is_named = self._limit is None or one.number < self._limit, one.number in self._named
        if self._replaced is not None and len(self._replaced) >= MOST_VERSIONS and not stands:
            header = HEADER.fullmatch(one.header.removesuffix(b"\r"))
            if header is not None and (gone := headers.named_in(header)) is not None:
                self.note(gone)
            return False
        if not is_named and b" replaces=" not in one.header:
            return stands
        record = one.read()
        if record is None:
            return False
        if is_named and self._replaced is not None:
            self._replaced[one.number] = record
        if record.replaces is not None:
            self.note(record.replaces)
        return stands


def _backwards(folder: Folder, at: int, size: int) -> Iterator[Unread]:
    """Return all that begins with a header, newest first, from byte `at` back."""
    end = size
    for start, data in history.chunks(folder, at):
        line = data.partition(b"\n")[0].removesuffix(b"\r")
        header = HEADER.fullmatch(line.removeprefix(BOM) if start == 0 else line)
        if header is not None:
            yield Unread(int(header[1]), start, data, start + len(data) == end)
        elif start + len(data) == size:
            end = start  # a torn last line, which is none of the record before


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages that stand, oldest first.

    `more_before` is the number to ask older ones with, None at the start; `more_after` newer ones, None at the end.
    `versions` are, by a message's number, the different texts it has had, the first one first; only where it has more
    than one. The message itself is among them: the one with its text.
    """

    records: tuple[Record, ...]
    more_before: int | None
    more_after: int | None = None
    versions: dict[int, tuple[Record, ...]] = field(default_factory=dict)


def page(folder: Folder, *, count: int, before: int | None = None, until: int | None = None) -> Page:
    """Return the `count` newest messages that stand, of those before number `before`.

    With `until` the conversation is shown as it was before message `until` was written.
    """
    found, replaced = list[Record](), dict[int, Record]()
    with contextlib.closing(unread(folder, before=before, until=until, replaced=replaced)) as newest_first:
        for one in newest_first:
            if (record := one.read()) is not None:
                found.append(record)
                if len(found) > count:
                    break
    shown = tuple(reversed(found[:count]))
    is_cut = before is not None and (until - 1 if until is not None else history.last_number(folder)) >= before
    more_after = shown[-1].number if is_cut and shown else None
    return Page(shown, shown[0].number if len(found) > count else None, more_after, _versions(shown, replaced))


def page_after(folder: Folder, *, count: int, after: int) -> Page:
    """Return the `count` oldest messages that stand, of those after number `after`."""
    last, ahead = history.last_number(folder), 4 * count
    while True:
        found, has_older, replaced = list[Unread](), False, dict[int, Record]()
        with contextlib.closing(unread(folder, before=after + ahead + 1, replaced=replaced)) as newest_first:
            for one in newest_first:
                if one.number <= after:
                    has_older = True
                    break
                found.append(one)
        if len(found) >= count or after + ahead >= last:
            break
        ahead *= 8  # most of those were replaced
    shown = tuple(record for record in (one.read() for one in reversed(found[-count:])) if record is not None)
    if not shown:
        return Page((), None)
    more_before, more_after = (
        shown[0].number if has_older else None,
        shown[-1].number if shown[-1].number < last else None,
    )
    return Page(shown, more_before, more_after, _versions(shown, replaced))


def _versions(shown: Iterable[Record], replaced: dict[int, Record]) -> dict[int, tuple[Record, ...]]:
    chains = {record.number: _distinct(_chain(record, replaced)) for record in shown if record.replaces is not None}
    return {number: chain for number, chain in chains.items() if len(chain) > 1}


def _chain(record: Record, replaced: dict[int, Record]) -> list[Record]:
    """Return the record and those it took the place of, newest first: one before the other, of the same role."""
    chain = [record]
    while (older := replaced.get(chain[-1].replaces or 0)) is not None and older.role == record.role:
        chain.append(older)
    return chain


def _distinct(newest_first: list[Record]) -> tuple[Record, ...]:
    """Return one record for each text, oldest first; not those without words, nor the beginning of a reply that went on.

    Of the same answer it is the oldest, which has the receipt; of the same question the newest, which has all that followed.
    """
    found = dict[str, Record]()
    for n in range(len(newest_first) - 1, -1, -1):
        record = newest_first[n]
        went_on = n > 0 and record.ending not in (None, "stop") and newest_first[n - 1].text.startswith(record.text)
        if record.is_question:
            found[record.text] = record
        elif n == 0 or (record.text and not went_on):
            found.setdefault(record.text, record)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Version:
    """One message as it was: all its versions, the number that took its place, and the one that stands for it now.

    `until` is None for the message that stands.
    """

    record: Record
    versions: tuple[Record, ...]
    until: int | None
    standing: Record | None


def version(folder: Folder, number: int) -> Version | None:
    """Find a message, whether it stands or was replaced; None when there is none of this number."""
    found = history.find(folder, number)
    if found is None:
        return None
    later = Replacements.after(folder, found)
    chain = [*_newer(folder, found.record, later), found.record, *_older(folder, found.record)]
    newest = chain[0]
    return Version(
        found.record, _distinct(chain), later.first_over(number), newest if later.spare(newest.number) else None
    )


@dataclass(frozen=True, slots=True)
class Replacements:
    """Which later records replace which, in the order of the file: where each begins, its number, the one it names."""

    rows: tuple[tuple[int, int, int], ...]

    @classmethod
    def after(cls, folder: Folder, entry: Entry) -> "Replacements":
        """Look through what follows an entry."""
        found = headers.replacing(folder, entry.end)
        return cls(tuple(row for row in found if row[1] > entry.record.number))

    def first_over(self, number: int) -> int | None:
        """Return the first record that took away record `number`, None while it stands."""
        return min((by for _, by, gone in self.rows if gone <= number), default=None)

    def spare(self, number: int) -> bool:
        """True if no record after this one takes it away."""
        return all(gone > number for _, by, gone in self.rows if by > number)


def _older(folder: Folder, record: Record) -> list[Record]:
    """Return the records that this one took the place of, one before the other, newest first."""
    chain = [record]
    while chain[-1].replaces is not None:
        older = history.find(folder, chain[-1].replaces)
        if older is None or older.record.role != record.role or older.record.number >= chain[-1].number:
            break
        chain.append(older.record)
    return chain[1:]


def _newer(folder: Folder, record: Record, later: Replacements) -> list[Record]:
    """Return the records that took the place of this one, each of the one before it, newest first."""
    chain, end = [record], folder.size(HISTORY) or 0
    for at, _, gone in later.rows:
        if gone == chain[0].number:
            by = next(history.forwards(folder, at, end), None)
            if by is not None and by.record.role == record.role:
                chain.insert(0, by.record)
    return chain[:-1]


def branch(folder: Folder, number: int, until: int) -> list[Record]:
    """Return message `number` and all that followed it, oldest first, as it stood before message `until` was written."""
    found = list[Record]()
    with contextlib.closing(unread(folder, until=until)) as newest_first:
        for one in newest_first:
            if one.number < number:
                break
            if (record := one.read()) is not None:
                found.append(record)
    return found[::-1]
