"""What is sent of a conversation: its notes, and the messages after them word for word.

A turn reads summary.txt and history.txt from where that ends: it costs the same at ten messages and at 100,000.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from memory.context import summary, tokens
from memory.context.quoting import quote_one
from memory.context.summary import Covered, Summary
from memory.conversations import history
from memory.conversations.records import Damage, Entry, Record, standing
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

    `gap_bytes` are older bytes that are in neither: more than a question may read, as after a history was brought in by
    hand. They are folded in the background; page and prompt say so until they are. `gap_last` is the number of the
    last message among them.
    """

    summary: Summary
    entries: tuple[Entry, ...]
    counts: tuple[int, ...]
    gap_bytes: int
    gap_last: int = 0

    @property
    def tokens(self) -> int:
        return sum(self.counts)

    @property
    def gap(self) -> tuple[int, int] | None:
        """The first and the last message that are not summarised yet and not sent either; None when there is none."""
        if not self.gap_bytes:
            return None
        first = self.summary.segments[-1].last + 1 if self.summary.segments else 1
        return first, max(first, self.gap_last)


def read_tail(
    folder: Folder,
    covered: Covered,
    *,
    most_tokens: int,
    encoding: str,
    before: int | None = None,
    coming: Record | None = None,
    few_tokens: int | None = None,
    most_hashed_bytes: int | None = VERIFIED_BYTES,
) -> Tail:
    """Read the notes and what stands after them, at most `most_tokens` of it, of the messages before number `before`.

    `coming` is a question that may not be in the conversation yet: what it will replace does not stand. Where that is
    not all, at most `few_tokens` of it are given: a long conversation costs no more than a short one. Bytes are bounded
    as tokens are. Notes of which more than `most_hashed_bytes` would have to be hashed first are not used: the fold in
    the background, which passes None, hashes them.
    """
    found = summary.load(folder, covered, most_bytes=most_hashed_bytes)
    most_bytes = max(_LEAST_BYTES, _BYTES_A_TOKEN * most_tokens)
    asked = [Entry(coming, 0, 0)] if coming is not None else []
    gone = coming.replaces if coming is not None else None
    read, used, questions, is_whole = list[Entry](), 0, 0, False
    at = folder.size(HISTORY) or 0
    for item in history.backwards_with_damage(folder, most_bytes=most_bytes):
        if item.start < found.end:
            true = summary.before(found, gone)
            if true.end == found.end or item.start < true.end:
                found, is_whole = true, True
                break
            found = true  # an edit reaches into the notes: what they no longer cover is read again
        if isinstance(item, Damage):
            at = item.start
            continue
        used += count(item, encoding)
        if used > most_tokens and questions >= TURNS:
            break
        read.append(item)
        at = item.start
        questions += item.record.is_question
        if item.record.replaces is not None:
            gone = item.record.replaces if gone is None else min(gone, item.record.replaces)
    found = summary.before(found, gone)
    is_whole = is_whole or at <= found.end
    shown = [
        entry
        for entry in standing((*asked, *read))
        if entry.end and entry.record.text and (before is None or entry.record.number < before)
    ]
    shown.reverse()
    gap_bytes = gap_last = 0
    if not is_whole:
        shown = from_question(shown)
        if few_tokens is not None:
            shown = shown[_cut([count(entry, encoding) for entry in shown], shown, few_tokens, TURNS) :]
        gap_bytes = (shown[0].start if shown else read[0].end if read else folder.size(HISTORY) or 0) - found.end
        gap_last = shown[0].record.number - 1 if shown else history.last_number(folder)
    return Tail(found, tuple(shown), tuple(count(entry, encoding) for entry in shown), max(0, gap_bytes), gap_last)


def before_last_fold(tail: Tail) -> Summary:
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
