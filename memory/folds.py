"""Folding: which older messages the notes take over next, and taking them over. Blocks: call it in a thread.

A fold is planned from the disk, a model may be asked meanwhile, and what it wrote is kept only if the notes still
stand where the plan began: whoever was faster wins, nothing is covered twice or not at all.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from memory import history, summary, window
from memory.files import Folder
from memory.records import Entry, standing
from memory.summary import Covered, Method, Segment, Summary

HARD = 3
"""Times HIGH at which older messages are folded by code at once, whatever the models do."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is kept word for word: tokens at which to fold, down to which, and a segment's share of the notes."""

    high: int
    low: int
    segment: int
    encoding: str

    @classmethod
    def of(cls, high: int, summary_tokens: int, encoding: str) -> "Sizes":
        return cls(high, high // 2, max(60, summary_tokens // 5), encoding)


@dataclass(frozen=True, slots=True)
class Plan:
    """One segment to make: of these messages, which stand at bytes `start` to `end`, after the first `keep` segments.

    `base` are the notes that are true, of those `seen` on the disk in the conversation that `began` then. `drop`
    segments after those kept give way to the new one: a merge, or an extractive one that a model makes anew.
    """

    kind: Literal["fold", "merge", "remake", "gap"]
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


def plan(folder: Folder, covered: Covered, sizes: Sizes) -> Plan | None:
    """Return what is to be folded next, None when nothing is due. Raise NewerFormat where nothing may be."""
    summary.check_format(folder)
    seen, began = summary.load(folder, covered), history.began(folder)
    tail = window.read_tail(folder, covered, most_tokens=HARD * 2 * sizes.high, encoding=sizes.encoding)
    base = tail.summary
    count = len(base.segments)
    if tail.gap_bytes:
        end = tail.entries[0].start if tail.entries else base.end + tail.gap_bytes
        return Plan("gap", seen, began, base, count, 0, base.end, end, (), sizes.segment * 2, is_pressing=True)
    cut = summary.fold_point(tail.entries, tail.counts, high=sizes.high, low=sizes.low)
    if cut is not None:
        pressing, end = tail.tokens > HARD * sizes.high, tail.entries[cut].start
        return Plan("fold", seen, began, base, count, 0, base.end, end, tail.entries[:cut], sizes.segment, pressing)
    if point := summary.merge_point(base):
        first, to = point
        start, end = base.segments[first].start, base.segments[to - 1].end
        source = _source(folder, start, end)
        many = count > 2 * summary.MOST_SEGMENTS
        return Plan("merge", seen, began, base, first, to - first, start, end, source, sizes.segment * 2, many)
    for n, segment in enumerate(base.segments):  # a model makes anew what code had to, unless it is too much to read
        if segment.method == "extractive" and segment.end - segment.start < 20 * sizes.high:
            source = _source(folder, segment.start, segment.end)
            return Plan("remake", seen, began, base, n, 1, segment.start, segment.end, source, sizes.segment)
    return None


def _source(folder: Folder, start: int, end: int) -> tuple[Entry, ...]:
    """Give the messages of these bytes that stand, as far as the bytes themselves tell."""
    newest_first = reversed(list(history.forwards(folder, start, end)))
    return tuple(reversed([entry for entry in standing(newest_first) if entry.record.text]))


def extracted(folder: Folder, made: Plan, sizes: Sizes) -> str:
    """Give the plan's notes made by code alone."""
    entries = history.forwards(folder, made.start, made.end) if made.kind == "gap" else iter(made.entries)
    return summary.extract(entries, budget_tokens=made.budget_tokens, encoding=sizes.encoding)


def keep(
    folder: Folder, covered: Covered, made: Plan, text: str, method: Method, model: str | None, now: datetime
) -> Summary | None:
    """Write the notes with the new segment; None when the notes or the conversation are others by now."""
    with folder.lock():
        if history.began(folder) != made.began or summary.load(folder, covered) != made.seen:
            return None
        before = made.base.segments[: made.keep]
        after = made.base.segments[made.keep + made.drop :]
        first, last = _numbers(folder, made)
        segment = Segment(first, last, made.start, made.end, method, now, text, model)
        return summary.save(folder, replace(made.base, segments=(*before, segment, *after)), covered)


def _numbers(folder: Folder, made: Plan) -> tuple[int, int]:
    if made.entries:
        return made.entries[0].record.number, made.entries[-1].record.number
    first = next(history.forwards(folder, made.start, made.end), None)
    if first is None:
        return 0, 0
    last = first
    for entry in history.backwards(folder):
        if entry.end <= made.end:
            last = entry
            break
    return first.record.number, last.record.number


def correct(folder: Folder, covered: Covered, text: str, now: datetime, *, until: int | None = None) -> Summary:
    """Put the customer's own words in place of what is remembered of bytes 0 to `until`; later folds add to them.

    `until` is where the notes ended that the customer had read; None: all there are. What was folded meanwhile stays
    in notes of its own; what a merge joined across that point stands word for word again, until it is folded anew.
    """
    with folder.lock():
        found = summary.load(folder, covered)
        end = found.end if until is None else max(0, min(until, found.end))
        last = 0
        for one in found.segments:
            if one.end <= end:
                last = one.last
            elif one.start < end:
                inside = [entry for entry in history.forwards(folder, one.start, one.end) if entry.end <= end]
                last, end = (inside[-1].record.number, inside[-1].end) if inside else (last, one.start)
        own = Segment(min(1, last), last, 0, end, "customer", now, text)
        later = tuple(one for one in found.segments if one.start >= end and one.end > end)
        if later and later[0].start != end:
            later = ()
        return summary.save(folder, Summary((own, *later)), covered)
