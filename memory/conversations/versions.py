"""Which messages stand and which they took the place of: pages of a conversation, and the versions of a message."""

import contextlib
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

from memory.conversations import history
from memory.conversations.records import BOM, HEADER, Entry, Record, parse
from memory.storage.folders import Folder
from memory.storage.layout import HISTORY


@dataclass(frozen=True, slots=True)
class Unread:
    """A record that stands, its words unread: reading them is what takes the time in a long conversation."""

    number: int
    start: int
    data: bytes
    is_end: bool = False

    def read(self) -> Record | None:
        """Return the record, None when its body is damaged."""
        item = next(parse(self.data, offset=self.start, is_end=self.is_end), None)
        return item.record if isinstance(item, Entry) else None


def unread(
    folder: Folder, *, before: int | None = None, until: int | None = None, replaced: dict[int, Record] | None = None
) -> Generator[Unread, None, None]:
    """Return every record that stands, newest first, reading only as far back as it is asked to.

    With `before` they are those of a smaller number; with `until` those that stood before record `until` was written.
    `replaced` is given, by number, the records that others name as the one they replace, as these are passed.
    """
    size, limit, named = folder.size(HISTORY), None, set[int]()
    if not size:
        return
    at = (
        size
        if before is None and until is None
        else history.place_after(folder, min(n for n in (before, until) if n is not None))
    )
    if before is not None:
        for _, number, gone in history.replacing(folder, at):
            if until is None or number < until:
                named.add(gone)
                limit = gone if limit is None else min(limit, gone)
    end = size
    for start, data in history.chunks(folder, at):
        line = data[: data.find(b"\n") if b"\n" in data else len(data)].removesuffix(b"\r")
        header = HEADER.fullmatch(line.removeprefix(BOM) if start == 0 else line)
        if header is None:
            end = start if start + len(data) == size else end  # a torn last line, which is none of the record before
            continue
        one = Unread(int(header[1]), start, data, start + len(data) == end)
        if until is not None and one.number >= until:
            continue
        stands, replaces, is_named = limit is None or one.number < limit, None, one.number in named
        if b" replaces=" in line or is_named:
            record = one.read()
            if record is None:
                continue
            replaces = record.replaces
            if is_named and replaced is not None:
                replaced[one.number] = record
        if replaces is not None:
            named.add(replaces)
            limit = replaces if limit is None else min(limit, replaces)
        if stands and (before is None or one.number < before):
            yield one


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
    asked, chain = found.record, [found.record]
    while chain[-1].replaces is not None:
        older = history.find(folder, chain[-1].replaces)
        if older is None or older.record.role != asked.role or older.record.number >= chain[-1].number:
            break
        chain.append(older.record)
    newer = [(at, by, gone) for at, by, gone in history.replacing(folder, found.end) if by > number]
    for at, _, gone in newer:
        if gone == chain[0].number:
            by = next(history.forwards(folder, at, folder.size(HISTORY) or 0), None)
            if by is not None and by.record.role == asked.role:
                chain.insert(0, by.record)
    newest = chain[0]
    replaced = [(by, gone) for _, by, gone in newer]
    until = min((by for by, gone in replaced if gone <= number), default=None)
    stands = all(gone > newest.number for by, gone in replaced if by > newest.number)
    return Version(asked, _distinct(chain), until, newest if stands else None)


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
