"""One model's scores, put together from what the laboratory measured. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memory.context import tokens
from memory.context.verification import conversation_of
from tests.comparison.dialogues import Dialogue
from tests.comparison.lab import DEPTHS, Aged, Outcome, Run
from tests.comparison.scoring import Found, Share, Stage, look, percentile, source_of, unsupported
from tests.comparison.wording import sentences

AGES = ((0, 20), (20, 40), (40, 60), (60, 10_000))
"""Messages from the fact to the dialogue's end: from, to."""


@dataclass(frozen=True, slots=True)
class StageScore:
    """Figures of the notes as the model wrote them (raw) or as they are kept (verified)."""

    recall: Share
    classes: Mapping[str, Share]
    ages: Mapping[str, Share]
    stale: Share
    """Of the facts that took an old value's place: those whose old value lives on."""
    wrong_speaker: Share
    """Of the facts found in a sentence that names a speaker."""
    unsupported: int
    per_hundred: float
    """Unsupported identifiers per 100 notes."""
    compression: float
    """Tokens of the notes for each of their source."""
    flips: Share | None
    """Of the facts, those that some repeats have and others not; None without repeats."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A fact that is not in the notes. `byte`: where its message starts in the dialogue's history.txt."""

    dialogue: str
    klass: str
    value: str
    source: str
    byte: int
    sentence: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What the notes say that is not so: a value long replaced, another's words, something made up (`value`)."""

    dialogue: str
    what: str
    value: str
    source: str
    sentence: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Score:
    """All figures of one model. `per_thousand_usd`: dollars per 1,000 turns, None where the price is not known."""

    model: str
    is_real: bool
    dialogues: int
    notes: int
    stages: Mapping[Stage, StageScore]
    over_budget: Share
    failures: Share
    """Replies that are no notes: faults, nothing, refusals, over budget, broken off."""
    reasons: Mapping[str, int]
    of_machine: Mapping[str, int]
    """Requests that the machine or its network failed, by reason: no failures of the model."""
    p50_seconds: float | None
    p95_seconds: float | None
    prompt_tokens: int
    answer_tokens: int
    per_thousand_usd: float | None
    priced: str
    depth: Mapping[str, Mapping[int, Share]]
    """By way of keeping notes, of facts that so many compactions have passed over: "kept" as summary.txt holds them,
    made from the source; "sent", what of these a prompt has room for; "rewritten", notes made of notes."""
    misses: tuple[Miss, ...]
    wrongs: tuple[Wrong, ...]


def score(run: Run, name: str) -> Score:
    """Score a model on the dialogues that it has done whole; those of a run broken off in their middle do not count."""
    done = run.outcomes[name]
    whole = _whole(run, done)
    used = {key: one for key, one in done.items() if key[0] in whole}
    outcomes = [used[key] for key in sorted(used)]
    stages: dict[Stage, StageScore] = {}
    missed: dict[tuple[str, int], list[tuple[Stage, Found]]] = {}
    wrongs = list[Wrong]()
    stage: Stage
    for stage in ("raw", "verified"):
        stages[stage] = _stage(run, whole, used, stage, missed, wrongs)
    long = [one for one in outcomes if tokens.count(one.reply.text, run.sizes.encoding) > 2 * one.job.budget_tokens]
    refused = [one.refused for one in outcomes if one.refused]
    seconds = [one.reply.seconds for one in outcomes if not one.reply.error]
    turns = sum(1 for one in outcomes for entry in one.job.entries if entry.record.is_question)
    costs = [one.cost for one in outcomes]
    total = None if None in costs else float(sum(cost for cost in costs if cost is not None))
    return Score(
        model=name,
        is_real=name in run.real,
        dialogues=len(whole),
        notes=len(outcomes),
        stages=stages,
        over_budget=Share(len(long), len(outcomes)),
        failures=Share(len(refused), len(outcomes)),
        reasons=dict(sorted(_counted(refused).items())),
        of_machine=dict(
            sorted(_counted([one.reply.error for one in done.values() if one.reply.error in OF_MACHINE]).items())
        ),
        p50_seconds=percentile(seconds, 0.5),
        p95_seconds=percentile(seconds, 0.95),
        prompt_tokens=sum(one.reply.usage.prompt_tokens for one in outcomes if one.reply.usage),
        answer_tokens=sum(one.reply.usage.completion_tokens for one in outcomes if one.reply.usage),
        per_thousand_usd=None if total is None or not turns else total / turns * 1000,
        priced=max((one.reply.made[:10] for one in outcomes), default=""),
        depth=_depth(run.aged[name]) if name in run.aged else {},
        misses=_misses(run, missed),
        wrongs=tuple(wrongs),
    )


OF_MACHINE = frozenset({"slow_start", "too_slow", "silent", "unreachable", "rate_limited", "quota"})
"""Faults of the machine and its network: no model could have answered. Their dialogues are reported apart and not scored."""


def _whole(run: Run, done: Mapping[tuple[str, int, int], Outcome]) -> list[str]:
    """Return the dialogues of which every piece of every repeat is there, asked without a fault of the machine."""
    reached = dict[str, int]()
    for (dialogue, _, _), one in done.items():
        reached[dialogue] = reached.get(dialogue, 0) + len(one.job.entries)
    lost = {key[0] for key, one in done.items() if one.reply.error in OF_MACHINE}
    return [
        one.id
        for one in run.dialogues
        if one.id not in lost and reached.get(one.id) == len(one.entries()) * run.repeats
    ]


def _text(one: Outcome, stage: Stage) -> str:
    return one.reply.text if stage == "raw" else one.kept


def _stage(
    run: Run,
    whole: Sequence[str],
    used: Mapping[tuple[str, int, int], Outcome],
    stage: Stage,
    missed: dict[tuple[str, int], list[tuple[Stage, Found]]],
    wrongs: list[Wrong],
) -> StageScore:
    """Score one stage; what is missed and what is wrong in the first repeat is put into the last two."""
    hits, classes, ages = [0, 0], dict[str, list[int]](), dict[str, list[int]]()
    stale, speakers, flips = [0, 0], [0, 0], [0, 0]
    for dialogue in (one for one in run.dialogues if one.id in whole):
        seen = [set[bool]() for _ in dialogue.plants]
        for repeat in range(run.repeats):
            notes = _notes(dialogue, used, repeat, stage)
            for n, plant in enumerate(dialogue.plants):
                found = look(plant, source_of(dialogue, plant), notes)
                seen[n].add(found.is_there)
                _add(hits, found.is_there)
                _add(classes.setdefault(plant.klass, [0, 0]), found.is_there)
                _add(ages.setdefault(_age(dialogue, plant.turn), [0, 0]), found.is_there)
                source = source_of(dialogue, plant)
                if plant.old:
                    _add(stale, found.is_stale)
                    if found.is_stale and repeat == 0:
                        wrongs.append(Wrong(dialogue.id, "stale", plant.old, source, _telling(plant.old, notes), stage))
                if found.is_there and found.speaker:
                    _add(speakers, found.speaker != plant.speaker)
                    if found.speaker != plant.speaker and repeat == 0:
                        wrongs.append(Wrong(dialogue.id, "wrong speaker", plant.value, source, found.sentence, stage))
                if not found.is_there and repeat == 0:
                    missed.setdefault((dialogue.id, n), []).append((stage, found))
        for one in seen:
            _add(flips, len(one) > 1)
    texts = [(_text(one, stage), conversation_of(one.job.entries)) for one in used.values()]
    invented = 0
    for key, (text, source) in zip(used, texts, strict=True):
        made_up = unsupported(text, source)
        invented += len(made_up)
        if key[2] == 0:
            wrongs += [Wrong(key[0], "made up", one, "", _telling(one, text), stage) for one in made_up]
    sources = sum(tokens.count(source, run.sizes.encoding) for _, source in texts)
    written = sum(tokens.count(text, run.sizes.encoding) for text, _ in texts)
    return StageScore(
        recall=Share(*hits),
        classes={name: Share(*pair) for name, pair in sorted(classes.items())},
        ages={name: Share(*ages[name]) for name in map(_age_name, AGES) if name in ages},
        stale=Share(*stale),
        wrong_speaker=Share(*speakers),
        unsupported=invented,
        per_hundred=100 * invented / len(texts) if texts else 0.0,
        compression=written / sources if sources else 0.0,
        flips=Share(*flips) if run.repeats > 1 else None,
    )


def _telling(value: str, notes: str) -> str:
    """Return the last sentence that has the value, as far as its letters and digits tell."""
    wanted = _letters(value)
    return next((one for one in reversed(sentences(notes)) if wanted in _letters(one)), "")


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _notes(dialogue: Dialogue, used: Mapping[tuple[str, int, int], Outcome], repeat: int, stage: Stage) -> str:
    mine = sorted(key for key in used if key[0] == dialogue.id and key[2] == repeat)
    return "\n\n".join(_text(used[key], stage) for key in mine)


def _add(pair: list[int], is_hit: bool) -> None:
    pair[0] += is_hit
    pair[1] += 1


def _age(dialogue: Dialogue, turn: int) -> str:
    age = len(dialogue.turns) - 1 - turn
    return next(_age_name(bounds) for bounds in AGES if bounds[0] <= age < bounds[1])


def _age_name(bounds: tuple[int, int]) -> str:
    return f"{bounds[0]}-{bounds[1] - 1}" if bounds[1] < 10_000 else f"{bounds[0]}+"


def _counted(words: Sequence[str]) -> dict[str, int]:
    """Count reasons, those with figures in them together."""
    counts = dict[str, int]()
    for word in words:
        name = "over budget" if "over its budget" in word else word
        counts[name] = counts.get(name, 0) + 1
    return counts


def _depth(aged: Aged) -> dict[str, dict[int, Share]]:
    """Return recall of facts that 1, 2, 4, 8, 16 compactions have passed over, for each way of keeping notes."""
    ways = {"kept": aged.segments, "sent": aged.sent, "rewritten": aged.rewritten}
    shares: dict[str, dict[int, Share]] = {way: {} for way in ways}
    for way, told in ways.items():
        for depth in DEPTHS:
            hits = [0, 0]
            for plant in aged.dialogue.plants:
                born = next((n for n, last in enumerate(aged.reached) if plant.turn < last), None)
                if born is not None and born + depth <= len(told):
                    source = source_of(aged.dialogue, plant)
                    _add(hits, look(plant, source, told[born + depth - 1]).is_there)
            if hits[1]:
                shares[way][depth] = Share(*hits)
    return shares


def _misses(run: Run, missed: Mapping[tuple[str, int], Sequence[tuple[Stage, Found]]]) -> tuple[Miss, ...]:
    dialogues = {one.id: one for one in run.dialogues}
    made = list[Miss]()
    for id, n in sorted(missed):
        dialogue, found = dialogues[id], missed[id, n]
        plant = dialogue.plants[n]
        made.append(
            Miss(
                id,
                plant.klass,
                plant.value,
                source_of(dialogue, plant),
                dialogue.entries()[plant.turn].start,
                found[-1][1].sentence,
                tuple(stage for stage, _ in found),
            )
        )
    return tuple(made)
