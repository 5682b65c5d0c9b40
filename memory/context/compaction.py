"""Compaction: which older messages the notes take over next, and taking them over.

A compaction is planned from the disk, a model may be asked meanwhile, and what it wrote is kept only if the notes still
stand where the plan began: the faster of two wins, and nothing is covered twice or not at all.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from memory.context import noting, summary, window
from memory.context.summary import Covered, Method, Segment, Summary
from memory.context.window import Tail
from memory.conversations import history, outline
from memory.conversations.records import Entry, standing
from memory.storage.folders import Folder

HARD = 3
"""Times HIGH at which older messages are compacted by code at once, whatever the models do."""
MOST_SEGMENTS = 8
"""Segments that the notes have; with more of them, some are merged."""
MERGED_AT_ONCE = 4
"""Neighbouring segments that one merge makes one of."""
STEP_BYTES = 1 << 16
"""Bytes of a backlog that are read in one step: some ten milliseconds."""
_REMADE = 20
"""Times HIGH, in bytes, below which a model makes anew what code had to."""
_READABLE = 100
"""Times HIGH, in bytes, that are still handed to a model at once; more is read by code, some at a time."""
_LAST_BYTES = 1 << 20
_NOTED_BYTES = 1 << 20
"""Bytes at the end of a backlog that are searched for all facts; before them only for those with a figure."""
WORTH_TURNS = 8
"""Turns of which a small model's notes are asked for at once, and between two such calls: until then code notes them."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is kept word for word: tokens at which to compact, down to which, and a segment's share of the notes.

    `source` is what a summariser can be asked about at once. `is_small`: the models read less than the owner would keep.
    """

    high: int
    low: int
    segment: int
    encoding: str
    source: int = 1 << 30
    is_small: bool = False

    @classmethod
    def of(cls, high: int, summary_tokens: int, encoding: str) -> "Sizes":
        return cls(high, high // 2, max(60, summary_tokens // 5), encoding)


@dataclass(frozen=True, slots=True)
class Plan:
    """One segment to make: of these messages, which stand at bytes `start` to `end`, after the first `keep` segments.

    `base` are the notes that are true, of those `seen` on the disk in the conversation that `began` then. `drop`
    segments after those kept give way to the new one: a merge, or an extractive one that a model makes anew. A "backlog" is
    too much to be read at once: code makes the segment of it, step by step (`Reading`). `is_little`: not worth a model's
    call before there is more of it. `rest` is what stays of a segment that is made anew in parts.
    `numbers` are those of its first and last message, where somebody has read them.
    """

    kind: Literal["compact", "merge", "rewrite", "backlog"]
    seen: Summary
    began: datetime | None
    base: Summary
    keep: int
    drop: int
    start: int
    end: int
    entries: tuple[Entry, ...]
    budget_tokens: int
    is_pressing: bool = False
    is_little: bool = False
    rest: Segment | None = None
    numbers: tuple[int, int] | None = None


def plan(folder: Folder, covered: Covered, sizes: Sizes) -> Plan | None:
    """Return what is to be compacted next, None when nothing is due. Raise NewerFormat where nothing may be."""
    summary.check_format(folder)
    seen, began = summary.load(folder, covered), history.began(folder)
    tail = read_tail(folder, covered, sizes)
    base = tail.summary
    count = len(base.segments)
    if tail.backlog_bytes:
        return Plan(
            "backlog", seen, began, base, count, 0, base.end, base.end + tail.backlog_bytes, (), sizes.segment * 2, True
        )
    cut = compaction_point(tail.entries, tail.counts, high=sizes.high, low=sizes.low)
    if cut is not None:
        pressing = tail.tokens > HARD * sizes.high
        cut = fitting(tail.entries, tail.counts, cut, sizes.source)
        entries, end = tail.entries[:cut], tail.entries[cut].start
        if sum(tail.counts[:cut]) > sizes.source:
            return Plan("backlog", seen, began, base, count, 0, base.end, end, (), sizes.segment * 2, True)
        little = sizes.is_small and _is_little(entries)
        return Plan("compact", seen, began, base, count, 0, base.end, end, entries, sizes.segment, pressing, little)
    if point := merge_point(base):
        first, to = point
        start, end = base.segments[first].start, base.segments[to - 1].end
        source = _source(folder, start, end) if end - start <= _READABLE * sizes.high else ()
        if not source or _tokens(source, sizes) > sizes.source:
            return Plan("backlog", seen, began, base, first, to - first, start, end, (), sizes.segment * 2, True)
        many, little = count > 2 * MOST_SEGMENTS, sizes.is_small and _is_little(source)
        return Plan("merge", seen, began, base, first, to - first, start, end, source, sizes.segment * 2, many, little)
    return _rewrite(folder, seen, began, base, sizes)


def _rewrite(folder: Folder, seen: Summary, began: datetime | None, base: Summary, sizes: Sizes) -> Plan | None:
    """Return what a model is to make anew of what code had to: neighbours together, and what is large in parts.

    What a model has refused is not sent again: its segment names the model.
    """
    for n, segment in enumerate(base.segments):
        if not _is_by_code_alone(segment):
            continue
        last = n
        while last + 1 < len(base.segments) and _is_by_code_alone(base.segments[last + 1]):
            if base.segments[last + 1].end - segment.start > _REMADE * sizes.high:
                break
            last += 1
        end = base.segments[last].end
        rest = None
        if end - segment.start > _REMADE * sizes.high:
            if len(base.segments) >= MOST_SEGMENTS:
                continue  # no room for parts
            end, rest = _part(folder, segment, _REMADE * sizes.high)
        source = _source(folder, segment.start, end)
        if not source or _tokens(source, sizes) > sizes.source or (sizes.is_small and _is_little(source)):
            continue
        budget = sizes.segment * (1 if last == n else 2)
        return Plan("rewrite", seen, began, base, n, last + 1 - n, segment.start, end, source, budget, rest=rest)
    return None


def _is_by_code_alone(segment: Segment) -> bool:
    return segment.method == "extractive" and segment.model is None and segment.end > segment.start


def _part(folder: Folder, segment: Segment, most_bytes: int) -> tuple[int, Segment | None]:
    """Return where the first part of a segment ends, before a question, and the segment of what is left.

    That one's notes stay as they are: they may say more than it covers, and never less.
    """
    for entry in history.forwards(folder, segment.start, segment.end):
        if entry.start - segment.start > most_bytes // 2 and entry.record.is_question:
            return entry.start, replace(segment, first=entry.record.number, start=entry.start)
        if entry.end - segment.start > most_bytes:
            break
    return segment.end, None


def _is_little(entries: Sequence[Entry]) -> bool:
    """True if messages are not worth a call of a small model's summariser yet."""
    return sum(entry.record.is_question for entry in entries) < WORTH_TURNS


def _tokens(entries: Sequence[Entry], sizes: Sizes) -> int:
    return sum(window.count(entry, sizes.encoding) for entry in entries)


def fitting(entries: Sequence[Entry], counts: Sequence[int], cut: int, most_tokens: int) -> int:
    """Return how many of the first `cut` entries fit into so many tokens: up to a question, and one turn always."""
    used, fits = 0, 0
    for n in range(1, cut + 1):
        used += counts[n - 1]
        if entries[n].record.is_question:
            if used > most_tokens and fits:
                break
            fits = n
    return fits or cut


def compaction_point(tail: Sequence[Entry], counts: Sequence[int], *, high: int, low: int) -> int | None:
    """Return how many of the oldest entries to compact into the summary, or None while it is not due.

    `counts` are the entries' tokens. Compaction waits for `high` and then goes down to `low`, because every compaction moves
    the prompt's prefix and empties the provider's cache. The cut falls before a user record, so that no answer is
    parted from its question, and the last question always stays.
    """
    left = sum(counts)
    if left <= high:
        return None
    cut = None
    for n, (entry, count) in enumerate(zip(tail, counts, strict=True)):
        if n and entry.record.is_question:
            cut = n
            if left <= low:
                break
        left -= count
    return cut


def merge_point(summary: Summary) -> tuple[int, int] | None:
    """Return which segments, from..to, to make one of by reading their bytes again; None while there are few."""
    if len(summary.segments) <= MOST_SEGMENTS:
        return None
    first = next((n for n, one in enumerate(summary.segments) if one.method != "customer"), 0)
    sizes = [one.end - one.start for one in summary.segments]
    # the smallest run of neighbours: old merged segments are not read again at every merge
    runs = range(first, len(sizes) - MERGED_AT_ONCE + 1)
    best = min(runs, key=lambda n: sum(sizes[n : n + MERGED_AT_ONCE]))
    return best, best + MERGED_AT_ONCE


def read_tail(folder: Folder, covered: Covered, sizes: Sizes) -> Tail:
    """Return what stands after the notes as far as it can be compacted at once; the notes are verified, however long it takes.

    Notes before a backlog are those that nothing in the backlog has made untrue: what replaces what is looked for in all of it.
    """
    tail = window.read_tail(
        folder,
        covered,
        most_tokens=2 * HARD * sizes.high,
        encoding=sizes.encoding,
        few_tokens=sizes.high,
        most_hashed_bytes=None,
    )
    while tail.backlog_bytes and tail.summary.segments:
        found = outline.replaced(folder, tail.summary.end)
        true = summary.before(tail.summary, min(found.first, default=None))
        if true == tail.summary:
            break
        tail = replace(tail, summary=true, backlog_bytes=tail.backlog_bytes + tail.summary.end - true.end)
    return tail


def _source(folder: Folder, start: int, end: int) -> tuple[Entry, ...]:
    """Return the messages of these bytes that stand, as far as the bytes themselves show."""
    newest_first = reversed(list(history.forwards(folder, start, end)))
    return tuple(reversed([entry for entry in standing(newest_first) if entry.record.text]))


class Reading:
    """A backlog that is read and noted by code, from its beginning, some at a time. What is held does not grow with it.

    Only the bytes themselves are read, each once (and once before, for what replaces what).
    """

    def __init__(self, folder: Folder, made: Plan, sizes: Sizes) -> None:
        self._folder, self._end = folder, made.end
        self._replaced = outline.replaced(folder, made.start)
        self._extract = noting.Extract(budget_tokens=made.budget_tokens, encoding=sizes.encoding)
        self._numbers: tuple[int, int] | None = None
        self.at = made.start

    @property
    def is_over(self) -> bool:
        return self.at >= self._end

    def step(self) -> None:
        """Read on, about STEP_BYTES. A message that is many times longer is not read to its end."""
        entries, self.at = history.some(self._folder, self.at, self._end, STEP_BYTES, most_bytes=1 << 24)
        for entry in entries:
            number = entry.record.number
            self._numbers = (self._numbers[0] if self._numbers else number), number
            if not self._replaced.stands(number):
                continue
            if self._end - entry.end > _NOTED_BYTES:
                self._extract.skim(entry.record)
            else:
                self._extract.add(entry.record)

    @property
    def text(self) -> str:
        """The notes on what was read so far."""
        return self._extract.text

    def keep(self, covered: Covered, made: Plan, now: datetime) -> Plan | None:
        """Keep the notes on what was read so far; return the plan that goes on from there. None as of `keep`."""
        read = replace(made, end=self.at, numbers=self._numbers)
        kept = keep(self._folder, covered, read, self.text, "extractive", None, now)
        return replace(made, seen=kept, base=kept, drop=1) if kept is not None else None


def extracted(folder: Folder, made: Plan, sizes: Sizes) -> str:
    """Return the plan's notes made by code alone, at once."""
    if made.kind != "backlog":
        return noting.extract(made.entries, budget_tokens=made.budget_tokens, encoding=sizes.encoding)
    reading = Reading(folder, made, sizes)
    while not reading.is_over:
        reading.step()
    return reading.text


def keep(
    folder: Folder,
    covered: Covered,
    made: Plan,
    text: str,
    method: Method,
    model: str | None,
    now: datetime,
) -> Summary | None:
    """Write the notes with the new segment; None when the notes or the conversation are others by now."""
    covered.sha256(folder, made.end)  # before the lock: it may take a while
    with folder.lock():
        if history.began(folder) != made.began or summary.load(folder, covered) != made.seen:
            return None
        before = made.base.segments[: made.keep]
        after = made.base.segments[made.keep + made.drop :]
        first, last = made.numbers or _numbers(folder, made)
        segment = Segment(first, last, made.start, made.end, method, now, text, model)
        rest = (made.rest,) if made.rest is not None and made.end < made.base.segments[made.keep].end else ()
        return summary.save(folder, replace(made.base, segments=(*before, segment, *rest, *after)), covered)


def _numbers(folder: Folder, made: Plan) -> tuple[int, int]:
    if made.entries:
        return made.entries[0].record.number, made.entries[-1].record.number
    first = next(history.forwards(folder, made.start, made.end), None)
    newest = deque(history.forwards(folder, max(made.start, made.end - _LAST_BYTES), made.end), maxlen=1)
    if first is None or not newest:
        return 0, 0
    return first.record.number, newest[0].record.number


def correct(folder: Folder, covered: Covered, text: str, now: datetime, *, until: int | None = None) -> Summary:
    """Put the customer's own words in place of what is remembered of bytes 0 to `until`; later compactions add to them.

    `until` is where the notes ended that the customer had read; None: all there are. What was compacted meanwhile stays
    in notes of its own; what a merge joined across that point stands word for word again, until it is compacted anew.
    """
    with folder.lock():
        found = summary.load(folder, covered)
        end = found.end if until is None else max(0, min(until, found.end))
        last = 0
        for one in found.segments:
            if one.end <= end:
                last = one.last
            elif one.start < end:
                inside = None
                for entry in history.forwards(folder, max(one.start, end - _LAST_BYTES), one.end):
                    if entry.end > end:
                        break
                    inside = entry
                last, end = (inside.record.number, inside.end) if inside else (last, one.start)
        own = Segment(min(1, last), last, 0, end, "customer", now, text)
        later = tuple(one for one in found.segments if one.start >= end and one.end > end)
        if later and later[0].start != end:
            later = ()
        return summary.save(folder, Summary((own, *later)), covered)
