"""How well a row or a passage has what a question asks for. Pure."""

import math
from collections.abc import Mapping, Sequence

from shop.search.queries import Query
from shop.search.rows import COLUMNS
from shop.search.terms import Alternative, Term, is_attribute

FIELDS: Mapping[str, float] = {
    "head": 1.0, "modifier": 0.9, "name": 0.9, "category": 0.7, "brand": 0.9, "options": 0.9, "text": 0.5,
}  # fmt: skip
"""What a word is worth where it stands, best first."""
CHOICES: Mapping[str, float] = {
    "head": 0.6, "modifier": 0.6, "name": 0.6, "category": 0.0, "brand": 0.0, "options": 1.0, "text": 0.3,
}  # fmt: skip
"""The same for colours and sizes, which can be part of a maker's name."""
KINDS: Mapping[str, float] = {
    "word": 1.0,
    "policy": 1.0,
    "colour": 0.6,
    "size": 0.6,
    "material": 0.6,
    "quality": 0.6,
    "use": 0.1,
    "light": 0.2,
}
"""What a word is worth by what it is."""
ASIDE = 0.5
"""What a word is worth that says what a thing is for."""
UNKNOWN = 2.0
"""The weight of a word that nothing in the catalogue is called."""
BESIDE = 0.4
"""What the name of a thing is worth in the name of another thing: a bicycle helmet is no bicycle."""
UNASKED = 0.15
"""What each modifier costs a row that the question does not name."""


def weight(term: Term, frequency: int, count: int) -> float:
    """Return the weight of a term, from 1 for one that every row has to 2 for one that none has, by its kind.

    What no row has counts in full also where it says what a thing is for: food for rabbits is no food for cats.
    """
    if not term.is_known and not is_attribute(term) and term.kind != "light":
        return UNKNOWN * KINDS[term.kind]
    rarity = math.log((count + 1) / (frequency + 0.5)) / math.log(2 * (count + 1))
    return KINDS[term.kind] * (1 + max(0.0, min(1.0, rarity))) * (ASIDE if term.is_aside else 1)


Fields = Sequence[frozenset[str]]
"""The stems of a row by column, in the order of COLUMNS."""


def fit(term: Term, fields: Fields) -> float:
    """Return how well a row has what a term asks for, from 0 to 1."""
    worth = CHOICES if is_attribute(term) else FIELDS
    return max((_phrase_fit(one, fields, tuple(worth.values())) for one in term.alternatives), default=0.0)


def _phrase_fit(alternative: Alternative, fields: Fields, worths: Sequence[float]) -> float:
    """Return the fit of the worst placed word of a phrase; words may stand in different columns."""
    worst = 1.0
    for stem in alternative.phrase:
        best = max((worth for worth, field in zip(worths, fields, strict=True) if stem in field), default=0.0)
        worst = min(worst, best)
        if not worst:
            return 0.0
    if len(alternative.phrase) > 1 and worst > FIELDS["category"]:
        worst = 1.0 if any(stem in fields[0] for stem in alternative.phrase) else worst
    return alternative.fit * worst


def fits(terms: Sequence[Term], fields: Fields) -> list[float]:
    """Return how well a row has each term; things that only narrow what the row is called count little."""
    found = [fit(term, fields) for term in terms]
    head = fields[COLUMNS.index("head")]
    if any(one.phrase[0] in head or one.phrase[-1] in head for term in terms for one in term.alternatives):
        return found
    modifier, name, category, text = (fields[COLUMNS.index(one)] for one in ("modifier", "name", "category", "text"))
    beside = modifier | (name | text) - category
    narrows = [term.is_thing and term.is_in(beside) for term in terms]
    return [one * (BESIDE if narrow else 1) for one, narrow in zip(found, narrows, strict=True)]


def is_called(query: Query, fields: Fields) -> bool:
    """True if a question calls a row what its name calls it, and not only by its maker, its kind or what is told of it."""
    head = fields[COLUMNS.index("head")]
    return any(stem in head for term in query.terms for one in term.alternatives for stem in one.phrase)


def unasked(query: Query, fields: Fields) -> int:
    """Return how many modifiers of a row the question does not name."""
    asked = {stem for term in query.terms for one in term.alternatives for stem in one.phrase}
    return sum(stem not in asked for stem in fields[COLUMNS.index("modifier")])


def coverage(terms: Sequence[Term], weights: Sequence[float], fits: Sequence[float]) -> float:
    """Return the share of the weight of all terms that a row has."""
    total = sum(weights)
    return sum(w * f for w, f in zip(weights, fits, strict=True)) / total if total and terms else 0.0
