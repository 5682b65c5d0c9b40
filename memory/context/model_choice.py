"""Which model answers: pure. The owner's order, limits, end dates, price steps; never one that cannot fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from settings import Model

Why = Literal["too_long", "ended", "dearer_here", "unavailable", "budget"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that can read the prompt, and why those before it in the owner's order were passed over."""

    model: Model
    why: Why | None


@dataclass(frozen=True, slots=True)
class Need:
    """What a turn takes: tokens of the prompt by encoding, as counted, and tokens kept free for the answer.

    `photo_tokens` are those of the prompt's photos, for models that look at them.
    """

    prompt_tokens: Mapping[str, int]
    reserve_tokens: int
    photo_tokens: int = 0

    def of(self, model: Model, corrections: Mapping[str, float]) -> int:
        """Return the prompt's tokens for this model: counted, times what its reports measured; none for code."""
        if model.is_code:
            return 0
        words = tokens_for(model, self.prompt_tokens[model.encoding], corrections)
        return words + (self.photo_tokens if model.images else 0)


def tokens_for(model: Model, counted: int, corrections: Mapping[str, float]) -> int:
    """Return what so many counted tokens are for this model, by its reports."""
    return int(counted * corrections.get(model.name, model.correction) + 0.999)


def candidates(models: Sequence[Model], need: Need, today: date, corrections: Mapping[str, float]) -> list[Candidate]:
    """Return the models that fit, in the order in which to ask them; empty when none fits.

    The owner's order holds, save that a model which would be past its price step comes after those that are not.
    `corrections` are tokens reported for each token counted, by model name.
    """
    plain, stepped = list[Candidate](), list[Candidate]()
    why: Why | None = None
    for model in models:
        tokens = need.of(model, corrections)
        if model.ends is not None and today >= model.ends:
            why = why or "ended"
        elif not fits(model, tokens, need.reserve_tokens):
            why = why or "too_long"
        elif model.price_step is not None and tokens > model.price_step:
            stepped.append(Candidate(model, why))
            why = why or "dearer_here"
        else:
            plain.append(Candidate(model, why))
    return plain + stepped


def fits(model: Model, prompt_tokens: int, reserve_tokens: int) -> bool:
    """True if the model can read the prompt and still write the answer."""
    reserve = min(reserve_tokens, model.max_output)
    return prompt_tokens <= model.max_input and prompt_tokens + reserve <= model.total


def room(model: Model, reserve_tokens: int, corrections: Mapping[str, float]) -> int:
    """Return the counted tokens of prompt that the model can read with the reserve kept free."""
    real = min(model.max_input, model.total - min(reserve_tokens, model.max_output))
    return int(real / corrections.get(model.name, model.correction))
