"""What the notes keep of everyday facts: conversations of customers, played with every kind of summariser."""

import time
from collections import Counter
from collections.abc import Sequence

from memory.context import noting, tokens
from memory.conversations.records import Entry, Record
from memory.facts import finding, stated, wording
from tests.bench.figures import Bar, Mode, Section, Tell, at_least, at_most, middle
from tests.support.memory_cases import BEGAN, BUDGET_TOKENS, WAYS, Outcome, load, play

HEAD = (
    "summariser",
    "facts",
    "kept",
    "bare",
    "told",
    "lost",
    "called replaced",
    "lies",
    "wrong speaker",
    "old unmarked",
)
MADE_UP = "(made up)"
_FOLDED_TOKENS, _FOLDS = 4_000, 5
KEPT_PERCENT = {"perfect": 100, "reworded": 98, "dead": 95}
"""Facts that must be kept with their clause, by summariser."""
TOKENS = 25
"""Of the shortest line that carries a fact, in the median."""
FOLD_MS = 50
"""Of the processor, for notes by code on 4,000 tokens."""
BARS_HEAD = ("bar", "before fact cards", "goal", "measured")
REAL = ("facts of real dialogues in notes by code", "58 %", "at least 85 %", "by hand: docs/memory.md")
"""The dialogues are another shop's: somebody notes their facts by hand, and looks for them in the notes."""
BEFORE = {
    "lost": "125 of 210",
    "replaced": "12 of 12",
    "lies": "124 of 124",
    "confused": "174 of 186",
    "stale": "13",
    "perfect": "210 of 210",
    "reworded": "199 of 210",
    "dead": "173 of 186",
}
"""What notes that were lists of bare values reached, in 136 other conversations."""


def measure(mode: Mode, tell: Tell) -> list[Section]:
    """Return the section of what becomes of everyday facts."""
    cases = load()[:: {"whole": 1, "quick": 4, "tiny": 40}[mode]]
    outcomes = dict[str, list[Outcome]]()
    for way in WAYS:
        tell(f"everyday facts, a summariser that is {way}")
        outcomes[way] = [outcome for case in cases for outcome in play(case, way)]
    rows = [_row(way, found) for way, found in outcomes.items()]
    note = f"{len(cases)} conversations. Told: left out, and the notes say so. Bare: a value without its clause."
    named = _bars(outcomes) | {"fold": at_most("a fold of 4,000 tokens by code, CPU", FOLD_MS, _fold_ms(), " ms", 1)}
    told = [(bar.name, BEFORE.get(name, "-"), bar.target, bar.measured) for name, bar in named.items()]
    return [
        Section("Everyday facts in the notes", HEAD, rows, note, list(named.values())),
        Section("Everyday facts: the bars", BARS_HEAD, [*told, REAL]),
    ]


def _row(way: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    facts = [one for one in outcomes if one.fact != MADE_UP]
    states = Counter(one.state for one in facts)
    counts = [len(facts), states["kept"], states["bare"], states["told"], states["lost"]]
    counts += [sum(one.is_false for one in facts), sum(bool(one.lies) for one in outcomes)]
    counts += [sum(one.is_confused for one in facts), sum(one.is_stale for one in facts)]
    return (way, *map(str, counts))


def _bars(outcomes: dict[str, list[Outcome]]) -> dict[str, Bar]:
    every = [one for found in outcomes.values() for one in found]
    bars = {
        "lost": at_most("everyday facts lost without a word", 0, sum(one.state == "lost" for one in every), digits=0),
        "replaced": at_most("values called replaced that still hold", 0, sum(one.is_false for one in every), digits=0),
        "lies": at_most("lies kept", 0, sum(bool(one.lies) for one in every), digits=0),
        "confused": at_most("facts given to the wrong speaker", 0, sum(one.is_confused for one in every), digits=0),
        "stale": at_most("old values not marked, of any summariser", 2, max(_stale(found) for found in outcomes.values()), digits=0),
        "tokens": at_most("tokens per remembered fact, median", TOKENS, middle([one.cost_tokens for one in every if one.cost_tokens]), digits=0),
    }  # fmt: skip
    for way, least in KEPT_PERCENT.items():
        facts = [one for one in outcomes[way] if one.fact != MADE_UP]
        kept = 100 * sum(one.state == "kept" for one in facts) / len(facts)
        bars[way] = at_least(f"facts kept with their clause, a summariser that is {way}", least, kept, " %", 1)
    return bars


def _fold_ms() -> float:
    """Return the milliseconds of CPU for notes by code on 4,000 tokens of the cases, in the best of some folds: other load only adds."""
    said = [
        Record(n, BEGAN, role, text)
        for n, (role, text) in enumerate((turn for case in load() for turn in case.turns), 1)
    ]
    entries, used = list[Entry](), 0
    for record in said:
        used += tokens.count(record.text)
        if used > _FOLDED_TOKENS:
            break
        entries.append(Entry(record, record.number, record.number + 1))
    spent = list[float]()
    for _ in range(_FOLDS):
        _forget_what_was_read()
        began = time.process_time()
        noting.extract(entries, budget_tokens=BUDGET_TOKENS, encoding=tokens.FALLBACK)
        spent.append(1_000 * (time.process_time() - began))
    return min(spent)


def _forget_what_was_read() -> None:
    """Empty the caches by clause: each fold is of clauses that were never seen."""
    for cached in (
        finding.find,
        finding.with_addresses,
        finding.keys,
        stated.said_in,
        wording.flat_short,
        wording.cues_in,
    ):
        cached.cache_clear()


def _stale(outcomes: Sequence[Outcome]) -> int:
    return sum(one.is_stale for one in outcomes)
