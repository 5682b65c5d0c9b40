"""What the notes keep of everyday facts: conversations of customers, played with every kind of summariser."""

from collections import Counter
from collections.abc import Sequence

from tests.bench.figures import Bar, Mode, Section, Tell, at_least, at_most, middle
from tests.support.memory_cases import WAYS, Outcome, load, play

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
KEPT_PERCENT = {"perfect": 100, "reworded": 98, "dead": 95}
"""Facts that must be kept with their clause, by summariser."""
TOKENS = 25
"""Of the shortest line that carries a fact, in the median."""


def measure(mode: Mode, tell: Tell) -> list[Section]:
    """Return the section of what becomes of everyday facts."""
    cases = load()[:: {"whole": 1, "quick": 4, "tiny": 40}[mode]]
    outcomes = dict[str, list[Outcome]]()
    for way in WAYS:
        tell(f"everyday facts, a summariser that is {way}")
        outcomes[way] = [outcome for case in cases for outcome in play(case, way)]
    rows = [_row(way, found) for way, found in outcomes.items()]
    note = f"{len(cases)} conversations. Told: left out, and the notes say so. Bare: a value without its clause."
    return [Section("Everyday facts in the notes", HEAD, rows, note, _bars(outcomes))]


def _row(way: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    facts = [one for one in outcomes if one.fact != MADE_UP]
    states = Counter(one.state for one in facts)
    counts = [len(facts), states["kept"], states["bare"], states["told"], states["lost"]]
    counts += [sum(one.is_false for one in facts), sum(bool(one.lies) for one in outcomes)]
    counts += [sum(one.is_confused for one in facts), sum(one.is_stale for one in facts)]
    return (way, *map(str, counts))


def _bars(outcomes: dict[str, list[Outcome]]) -> list[Bar]:
    every = [one for found in outcomes.values() for one in found]
    bars = [
        at_most("everyday facts lost without a word", 0, sum(one.state == "lost" for one in every), digits=0),
        at_most("values called replaced that still hold", 0, sum(one.is_false for one in every), digits=0),
        at_most("lies kept", 0, sum(bool(one.lies) for one in every), digits=0),
        at_most("facts given to the wrong speaker", 0, sum(one.is_confused for one in every), digits=0),
        at_most("old values not marked, of any summariser", 2, max(_stale(found) for found in outcomes.values()), digits=0),
        at_most("tokens per remembered fact, median", TOKENS, middle([one.cost_tokens for one in every if one.cost_tokens]), digits=0),
    ]  # fmt: skip
    for way, least in KEPT_PERCENT.items():
        facts = [one for one in outcomes[way] if one.fact != MADE_UP]
        kept = 100 * sum(one.state == "kept" for one in facts) / len(facts)
        bars.append(at_least(f"facts kept with their clause, a summariser that is {way}", least, kept, " %", 1))
    return bars


def _stale(outcomes: Sequence[Outcome]) -> int:
    return sum(one.is_stale for one in outcomes)
