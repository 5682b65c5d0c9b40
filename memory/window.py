"""What is sent of a conversation: its notes, and the messages after them word for word.

A turn reads summary.txt and history.txt from where that ends: it costs the same at ten messages and at 100,000.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from memory import history, summary, tokens
from memory.files import Folder
from memory.prompt import quote_one
from memory.records import Entry, Record, standing
from memory.summary import Covered, Summary


@dataclass(frozen=True, slots=True)
class Tail:
    """The messages after the notes, oldest first, each with its tokens.

    `gap_bytes` are older bytes that are in neither: more than a turn may read, as after a history was brought in by
    hand. They are folded in the background, and the page says so until they are.
    """

    summary: Summary
    entries: tuple[Entry, ...]
    counts: tuple[int, ...]
    gap_bytes: int

    @property
    def tokens(self) -> int:
        return sum(self.counts)


def read_tail(
    folder: Folder,
    covered: Covered,
    *,
    most_tokens: int,
    encoding: str,
    before: int | None = None,
    coming: Record | None = None,
) -> Tail:
    """Read the notes and what stands after them, at most `most_tokens` of it, of the messages before number `before`.

    `coming` is a question that may not be in the conversation yet: what it will replace does not stand.
    """
    found = summary.load(folder, covered)
    asked = [Entry(coming, 0, 0)] if coming is not None else []
    read, used, is_whole = list[Entry](), 0, True
    for entry in history.backwards(folder):
        if entry.start < found.end:
            true = summary.still_true(found, (one.record for one in (*asked, *read)))
            if true == found or entry.start < true.end:
                found = true
                break
            found = true  # an edit reaches into the notes: what they no longer cover is read again
        used += count(entry, encoding)
        if used > most_tokens and read:
            is_whole = False
            break
        read.append(entry)
    found = summary.still_true(found, (one.record for one in (*asked, *read)))
    shown = [
        entry
        for entry in standing((*asked, *read))
        if entry.end and entry.record.text and (before is None or entry.record.number < before)
    ]
    shown.reverse()
    if not is_whole:
        shown = from_question(shown)
    start = shown[0].start if shown else read[-1].start if read else found.end
    gap = max(0, start - found.end) if not is_whole else 0
    return Tail(found, tuple(shown), tuple(count(entry, encoding) for entry in shown), gap)


def before_last_fold(tail: Tail) -> Summary:
    """Give the notes as they were when the last question was asked, if they have grown since; else nothing.

    They grow after a reply, so that a segment made then is no older than the last message.
    """
    segments = tail.summary.segments
    if not segments or not tail.entries or segments[-1].made < tail.entries[-1].record.time:
        return Summary()
    return replace(tail.summary, segments=segments[:-1])


def count(entry: Entry, encoding: str) -> int:
    """Give the tokens of a message as it is quoted in the prompt."""
    return tokens.count(quote_one(entry.record) + "\n", encoding) if entry.record.text else 0


def from_question(entries: Sequence[Entry]) -> list[Entry]:
    """Leave out what stands before the first question: no answer goes without it."""
    first = next((n for n, entry in enumerate(entries) if entry.record.is_question), len(entries))
    return list(entries[first:])


def newest(tail: Tail, budget_tokens: int, *, turns: int = 2) -> list[Record]:
    """Give the newest messages that fit the budget, oldest first and from a question on; so many last turns always."""
    used, cut, questions = 0, len(tail.entries), 0
    for n in range(len(tail.entries) - 1, -1, -1):
        used += tail.counts[n]
        if used > budget_tokens and questions >= turns:
            break
        if tail.entries[n].record.is_question:
            cut, questions = n, questions + 1
    return [entry.record for entry in tail.entries[cut:]]
