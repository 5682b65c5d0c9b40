"""Which model to configure: the cheapest within the interval of the best. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.comparison.models import EXTRACTIVE
from tests.comparison.scores import Score
from tests.comparison.scoring import Share

MOST_FAILURES = 0.2
ENOUGH_FACTS = 400
"""Fewer facts than this leave an interval wider than about 4 points: too wide to part good models."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to tell the owner: the model, None where none can be advised, the line to paste, and the reasons."""

    model: str | None
    line: str
    reasons: tuple[str, ...]


def advise(scores: Sequence[Score]) -> Advice:
    """Choose among the models that can stand in settings.toml, by what the kept notes carry.

    A model that fails more often than MOST_FAILURES is not advised: its notes would be made by code.
    """
    real = [one for one in scores if one.is_real and one.notes]
    able = [one for one in real if (one.failures.value or 0) <= MOST_FAILURES]
    if not able:
        names = ", ".join(f"{one.model} ({_percent(one.failures)})" for one in real)
        failed = (
            f"Every model fails more often than {MOST_FAILURES:.0%}: {names}." if real else "No model was compared."
        )
        return Advice(None, "", (failed, "Until there is a better one, code makes the notes."))
    if not any(_recall(one).n for one in able):
        return Advice(None, "", ("The dialogues have no gold facts: what notes carry of them is not known.",))
    best = max(able, key=lambda one: (_recall(one).value or 0, -_cost(one)))
    floor = _recall(best).interval[0]
    near = [one for one in able if _recall(one).interval[1] >= floor]
    chosen = min(near, key=lambda one: (_cost(one), -(_recall(one).value or 0), one.model))
    reasons = [f"{best.model} carries the most: {_described(best)}."]
    if chosen.model != best.model:
        reasons.append(f"{chosen.model} is within its interval ({_described(chosen)}) and {_price(chosen)}.")
    else:
        reasons.append(f"It is {_price(chosen)}; none that costs less is within its interval.")
    extractive = next((one for one in scores if one.model == EXTRACTIVE), None)
    if extractive and _recall(extractive).interval[1] >= _recall(chosen).interval[0]:
        reasons.append(f"Notes made by code alone do as well here ({_described(extractive)}).")
    if _recall(chosen).n < ENOUGH_FACTS:
        reasons.append(f"{_recall(chosen).n} facts are few: run `just compare --all` before you rely on this.")
    return Advice(chosen.model, f'summariser = ["{chosen.model}"]', tuple(reasons))


def _recall(one: Score) -> Share:
    return one.stages["verified"].recall


def _cost(one: Score) -> float:
    """Return the cost to compare by; a price that is not known counts as the highest."""
    return one.per_thousand_usd if one.per_thousand_usd is not None else float("inf")


def _described(one: Score) -> str:
    low, high = _recall(one).interval
    return f"{_percent(_recall(one))}, between {low:.1%} and {high:.1%}"


def _price(one: Score) -> str:
    if one.per_thousand_usd is None:
        return "of unknown price"
    return f"{one.per_thousand_usd:.3f} dollars per 1,000 turns" if one.per_thousand_usd else "free, on this machine"


def _percent(share: Share) -> str:
    return f"{share.value:.1%}" if share.value is not None else "nothing"
