"""The laboratory: each model makes notes of each piece of each dialogue, as compactions of the product would ask it to.

Results are put into `Run` as they come, so that a run that is broken off keeps what is done.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

import jinja2

from completions.prices import cost_usd
from completions.stream import Usage
from memory.context import compaction, noting, remembered, tokens, verification
from memory.context.compaction import Sizes
from memory.context.summary import BadSummary, Segment, Summary
from memory.conversations.records import Entry
from memory.timestamps import read_stamp
from tests.comparison.dialogues import Dialogue, joined
from tests.comparison.models import EXTRACTIVE, TAIL_ONLY, AskedModel, Job, Summariser, baseline
from tests.comparison.recordings import Reply

DEPTHS = (1, 2, 4, 8, 16)
_MADE = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one piece: the model's reply, and the notes that the product would keep.

    `refused` says why the model's were not kept; then `kept` was made by code, as after three failures.
    """

    job: Job
    reply: Reply
    kept: str
    refused: str
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Aged:
    """The notes of a long dialogue after each compaction, in both ways, and which message each compaction reached."""

    dialogue: Dialogue
    reached: tuple[int, ...]
    segments: tuple[str, ...]
    """As Storekeeper keeps them in summary.txt: each piece summarised from its source, merged by reading it again."""
    sent: tuple[str, ...]
    """What of these a prompt has room for."""
    rewritten: tuple[str, ...]
    """As rolling summaries are kept: each time the notes so far and the next piece become new notes."""


@dataclass(slots=True)
class Run:
    """All that was measured: by model, by (dialogue, piece, repeat). `notes_tokens`: room for all notes in a prompt."""

    sizes: Sizes
    notes_tokens: int
    dialogues: tuple[Dialogue, ...]
    repeats: int
    summarise: str
    outcomes: dict[str, dict[tuple[str, int, int], Outcome]] = field(default_factory=dict)
    aged: dict[str, Aged] = field(default_factory=dict)
    real: list[str] = field(default_factory=list)
    is_whole: bool = True


def pieces(entries: Sequence[Entry], sizes: Sizes) -> list[tuple[Entry, ...]]:
    """Cut a dialogue as compactions do: before a question, about `low` tokens each."""
    cut, piece, used = list[tuple[Entry, ...]](), list[Entry](), 0
    for entry in entries:
        count = tokens.count(verification.conversation_of([entry]), sizes.encoding)
        if piece and entry.record.is_question and used + count > sizes.low:
            cut.append(tuple(piece))
            piece, used = [], 0
        piece.append(entry)
        used += count
    return [*cut, tuple(piece)] if piece else cut


def make_job(
    run: Run, dialogue: Dialogue, entries: Sequence[Entry], repeat: int, *, before: str = "", share: int = 1
) -> Job:
    """Make the request for notes as handlers.fold makes it; `share`: of how many segments' budget."""
    budget = run.sizes.segment * share
    conversation = verification.conversation_of(entries)
    if before:
        conversation = f"Notes so far:\n    {before.replace(chr(10), chr(10) + '    ')}\n{conversation}"
    asked = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(run.summarise)
    prompt = asked.render(conversation=conversation, words=max(40, budget * 6 // 10))
    numbers = {entry.record.number - 1 for entry in entries}
    planted = tuple(plant for plant in dialogue.plants if plant.turn in numbers)
    return Job(dialogue, tuple(entries), planted, budget, prompt, repeat, before)


async def outcome(run: Run, model: Summariser, job: Job) -> Outcome:
    """Ask for one piece's notes and do with them what the product does."""
    reply = await model.summarise(job)
    kept, refused = keep(run, job, reply)
    cost: Decimal | None = Decimal(0)
    if isinstance(model, AskedModel):
        usage = reply.usage or Usage(tokens.count(job.prompt), tokens.count(reply.text))
        cost = cost_usd(model.model, usage, read_stamp(reply.made))
    return Outcome(job, reply, kept, refused, cost)


def keep(run: Run, job: Job, reply: Reply) -> tuple[str, str]:
    """Return the notes that the product would keep, and why the model's own were refused ("" when they were not)."""
    try:
        if reply.error:
            raise BadSummary(reply.error)
        text = verification.verified(
            reply.text, job.entries, budget_tokens=job.budget_tokens * 2, encoding=run.sizes.encoding
        )
        if reply.reason not in ("stop", "end_turn"):
            raise BadSummary(f"it ended with {reply.reason}")
        return text, ""
    except BadSummary as bad:
        return noting.extract(job.entries, budget_tokens=job.budget_tokens, encoding=run.sizes.encoding), str(bad)


@dataclass(frozen=True, slots=True)
class Baseline:
    """Extractive notes, or none (the tail), in a model's place."""

    name: str
    encoding: str
    is_real: bool = False

    async def summarise(self, job: Job) -> Reply:
        return baseline(self.name, job, self.encoding)


async def compare(
    run: Run,
    models: Sequence[Summariser],
    *,
    limits: dict[str, int],
    depth: dict[str, int],
    rewrites: dict[str, int],
    tick: Callable[[str], None],
) -> None:
    """Have every model summarise everything; `limits` and `depth`: how many dialogues each gets for that,
    `rewrites`: how many times it rewrites its notes.

    `tick` is called with the model's name after each reply.
    """

    async def one(model: Summariser) -> None:
        name = model.name
        if model.is_real:
            run.real.append(name)
        done = run.outcomes.setdefault(name, {})

        async def ask(key: tuple[str, int, int], job: Job) -> None:
            made = await outcome(run, model, job)
            if name in (EXTRACTIVE, TAIL_ONLY):
                kept = made.reply.text if name == EXTRACTIVE else tail_of(job, run.sizes)
                made = replace(made, kept=kept, refused="", reply=replace(made.reply, text=kept))
            done[key] = made
            tick(name)

        await asyncio.gather(*(ask(key, job) for key, job in jobs(run, limits.get(name, len(run.dialogues)))))
        if name not in (EXTRACTIVE, TAIL_ONLY) and (count := depth.get(name, enough_for_depth(run))):
            await _age(run, model, count, tick, rewrites.get(name, 10_000))

    for model in models:
        await one(model)


def jobs(run: Run, count: int) -> list[tuple[tuple[str, int, int], Job]]:
    """Return every piece of the first `count` dialogues, with its key."""
    return [
        ((dialogue.id, n, repeat), make_job(run, dialogue, piece, repeat))
        for repeat in range(run.repeats)
        for dialogue in run.dialogues[:count]
        for n, piece in enumerate(pieces(dialogue.entries(), run.sizes))
    ]


def tail_of(job: Job, sizes: Sizes) -> str:
    """Return what is left of the piece when only the newest `low` tokens of its dialogue are kept."""
    used, kept = 0, list[Entry]()
    for entry in reversed(job.dialogue.entries()):
        used += tokens.count(verification.conversation_of([entry]), sizes.encoding)
        if used > sizes.low:
            break
        kept.append(entry)
    mine = {entry.record.number for entry in job.entries}
    return verification.conversation_of([entry for entry in reversed(kept) if entry.record.number in mine])


def enough_for_depth(run: Run) -> int:
    """Return how many dialogues make a long one in which facts are passed over by DEPTHS[-1] compactions, if there are so many."""
    found = 0
    for count, one in enumerate(run.dialogues, 1):
        found += len(pieces(one.entries(), run.sizes))
        if found >= DEPTHS[-1] + 4:
            return count
    return len(run.dialogues)


def cut_long(run: Run, count: int) -> tuple[Dialogue, list[tuple[Entry, ...]]]:
    """Return the long dialogue of the first `count`, and its pieces: those of each, so that what was asked of a model
    for these is not asked again."""
    long = joined(run.dialogues[:count])
    entries, cut = long.entries(), list[tuple[Entry, ...]]()
    for length in (len(piece) for one in run.dialogues[:count] for piece in pieces(one.entries(), run.sizes)):
        cut.append(entries[:length])
        entries = entries[length:]
    return long, cut


async def _age(run: Run, model: Summariser, count: int, tick: Callable[[str], None], rewrites: int) -> None:
    """Run a long dialogue through compaction after compaction, in Storekeeper's way and in the rolling one.

    The rolling one costs a long reply each time; it ends after `rewrites`.
    """
    sizes = run.sizes
    long, cut = cut_long(run, count)
    base, told, sent, rolled = Summary(), list[str](), list[str](), [""]
    for n, piece in enumerate(cut):
        made = await outcome(run, model, make_job(run, long, piece, 0))
        base = _with(base, base.segments, piece, made.kept)
        base = await _merged(run, model, long, base)
        told.append("\n\n".join(one.text for one in base.segments))
        sent.append(remembered.notes(base, budget_tokens=run.notes_tokens, encoding=sizes.encoding))
        if n < rewrites:
            reply = await model.summarise(make_job(run, long, piece, 0, before=rolled[-1], share=5 if n else 1))
            is_good = not reply.error and reply.text.strip()
            rolled.append(reply.text if is_good else rolled[-1])
        tick(model.name)
        reached = tuple(piece[-1].record.number for piece in cut[: n + 1])
        run.aged[model.name] = Aged(long, reached, tuple(told), tuple(sent), tuple(rolled[1:]))


def _with(base: Summary, before: tuple[Segment, ...], piece: Sequence[Entry], text: str) -> Summary:
    first, last = piece[0], piece[-1]
    segment = Segment(first.record.number, last.record.number, first.start, last.end, "model", _MADE, text)
    return replace(base, segments=(*before, segment))


async def _merged(run: Run, model: Summariser, long: Dialogue, base: Summary) -> Summary:
    """Merge as the product does when segments are many: from their source, by code only when far too many."""
    point = compaction.merge_point(base)
    if point is None:
        return base
    first, to = point
    start, end = base.segments[first].start, base.segments[to - 1].end
    source = [entry for entry in long.entries() if start <= entry.start < end]
    made = await outcome(run, model, make_job(run, long, source, 0, share=2))
    if made.refused and len(base.segments) <= 2 * compaction.MOST_SEGMENTS:
        return base
    after = base.segments[to:]
    merged = _with(base, base.segments[:first], source, made.kept)
    return replace(merged, segments=(*merged.segments, *after))
