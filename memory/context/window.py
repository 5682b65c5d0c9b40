"""What is sent of a conversation: its notes, and the messages after them word for word.

A turn reads summary.txt and history.txt from where that ends: it costs the same at ten messages and at 100,000.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from memory.context import summary, tokens
from memory.context.quoting import quote_one
from memory.context.summary import Covered, Summary
from memory.conversations import history
from memory.conversations.records import Entry, Record, standing
from memory.storage.folders import Folder
from memory.storage.layout import HISTORY

TURNS = 2
"""The last turns that are sent word for word whatever they take, and so are read."""
_LEAST_BYTES = 1 << 18
_BYTES_A_TOKEN = 8
"""More bytes than a token has in any language, on average."""
VERIFIED_BYTES = 1 << 25
"""Bytes that the notes cover which a question may wait to be hashed: a conversation that was only ever typed has fewer."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The messages after the notes, oldest first, each with its tokens.

    `backlog_bytes` are older bytes that are in neither: more than a question may read, as after a history was brought in by
    hand. They are compacted in the background; page and prompt say so until they are. `backlog_last` is the number of the
    last message among them.
    """

    summary: Summary
    entries: tuple[Entry, ...]
    counts: tuple[int, ...]
    backlog_bytes: int
    backlog_last: int = 0

    @property
    def tokens(self) -> int:
        return sum(self.counts)

    @property
    def backlog(self) -> tuple[int, int] | None:
        """The first and the last message that are not summarised yet and not sent either; None when there is none."""
        if not self.backlog_bytes:
            return None
        first = self.summary.segments[-1].last + 1 if self.summary.segments else 1
        return first, max(first, self.backlog_last)


def read_tail(
    folder: Folder,
    covered: Covered,
    *,
    most_tokens: int,
    encoding: str,
    coming: Record | None = None,
    few_tokens: int | None = None,
    most_hashed_bytes: int | None = VERIFIED_BYTES,
) -> Tail:
    """Read the notes and what stands after them, at most `most_tokens` of it, of the messages before the one that is `coming`.

    `coming` may not be in the conversation yet: what it will replace does not stand. Where that is
    not all, at most `few_tokens` of it are given: a long conversation costs no more than a short one. Bytes are bounded
    as tokens are. Notes of which more than `most_hashed_bytes` would have to be hashed first are not used: the compaction in
    the background, which passes None, hashes them.
    """
    found = summary.load(folder, covered, most_bytes=most_hashed_bytes)
    read = _read_back(folder, found, coming.replaces if coming is not None else None, most_tokens, encoding)
    shown = _standing(read, coming)
    if not read.is_whole:
        shown = from_question(shown)
        if few_tokens is not None:
            shown = shown[_cut([count(entry, encoding) for entry in shown], shown, few_tokens, TURNS) :]
    backlog_bytes, backlog_last = (0, 0) if read.is_whole else _backlog(folder, read, shown)
    counts = tuple(count(entry, encoding) for entry in shown)
    return Tail(read.summary, tuple(shown), counts, backlog_bytes, backlog_last)


@dataclass(frozen=True, slots=True)
class _ReadBack:
    """Entries read from the end of a history, newest first, and the notes that they leave true.

    `is_whole` when they reach back to where those notes end.
    """

    summary: Summary
    entries: list[Entry]
    is_whole: bool


def _read_back(folder: Folder, notes: Summary, gone: int | None, most_tokens: int, encoding: str) -> _ReadBack:
    """Read entries as far back as the notes; not more than `most_tokens` of them, but the last turns always.

    `gone` is a message that is replaced already. An edit that reaches into the notes is found only while reading:
    what they no longer cover is then read too.
    """
    read, used, questions = list[Entry](), 0, 0
    at = folder.size(HISTORY) or 0
    for item in history.backwards_with_damage(folder, most_bytes=max(_LEAST_BYTES, _BYTES_A_TOKEN * most_tokens)):
        if item.start < notes.end:
            true = summary.before(notes, gone)
            if true.end == notes.end or item.start < true.end:
                return _ReadBack(true, read, is_whole=True)
            notes = true
        if isinstance(item, Entry):
            used += count(item, encoding)
            if used > most_tokens and questions >= TURNS:
                break
            read.append(item)
            questions += item.record.is_question
            if item.record.replaces is not None:
                gone = item.record.replaces if gone is None else min(gone, item.record.replaces)
        at = item.start
    notes = summary.before(notes, gone)
    return _ReadBack(notes, read, is_whole=at <= notes.end)


def _standing(read: _ReadBack, coming: Record | None) -> list[Entry]:
    """Return the entries that stand and have words, oldest first, of the messages before the one that is coming."""
    asked = [Entry(coming, 0, 0)] if coming is not None else []
    newest_first = [
        entry
        for entry in standing((*asked, *read.entries))
        if entry.end and entry.record.text and (coming is None or entry.record.number < coming.number)
    ]
    return newest_first[::-1]


def _backlog(folder: Folder, read: _ReadBack, shown: Sequence[Entry]) -> tuple[int, int]:
    """Return how many bytes stand between the notes and what is shown, and the last message among them."""
    if shown:
        return max(0, shown[0].start - read.summary.end), shown[0].record.number - 1
    end = read.entries[0].end if read.entries else folder.size(HISTORY) or 0
    return max(0, end - read.summary.end), history.last_number(folder)


def before_last_compaction(tail: Tail) -> Summary:
    """Return the notes as they were when the last question was asked, if they have grown since; else nothing.

    They grow after a reply, so that a segment made then is no older than the last message.
    """
    segments = tail.summary.segments
    if not segments or not tail.entries or segments[-1].made < tail.entries[-1].record.time:
        return Summary()
    return replace(tail.summary, segments=segments[:-1])


def count(entry: Entry, encoding: str) -> int:
    """Return the tokens of a message as it is quoted in the prompt."""
    return tokens.count(quote_one(entry.record) + "\n", encoding) if entry.record.text else 0


def from_question(entries: Sequence[Entry]) -> list[Entry]:
    """Leave out what stands before the first question: no answer goes without it."""
    first = next((n for n, entry in enumerate(entries) if entry.record.is_question), len(entries))
    return list(entries[first:])


def newest(tail: Tail, budget_tokens: int, *, turns: int = TURNS) -> list[Record]:
    """Return the newest messages that fit the budget, oldest first and from a question on; so many last turns always."""
    cut = _cut(tail.counts, tail.entries, budget_tokens, turns)
    return [entry.record for entry in tail.entries[cut:]]


def _cut(counts: Sequence[int], entries: Sequence[Entry], budget_tokens: int, turns: int) -> int:
    """Return from which entry on they fit the budget: a question, and so many last turns always."""
    used, cut, questions = 0, len(entries), 0
    for n in range(len(entries) - 1, -1, -1):
        used += counts[n]
        if used > budget_tokens and questions >= turns:
            break
        if entries[n].record.is_question:
            cut, questions = n, questions + 1
    return cut
