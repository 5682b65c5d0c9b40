"""From a question to the passages of the shop's texts that answer it. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shop.search import ranking
from shop.search.folding import fold, stems
from shop.search.lexicon import Phrase
from shop.search.passages import Passage
from shop.search.queries import Query
from shop.search.results import TextHit
from shop.search.terms import Term


@dataclass(frozen=True, slots=True)
class SearchedPassage:
    """A passage as it is searched: the stems of what it says, and of the headings above it."""

    passage: Passage
    inside: frozenset[str]
    heading: frozenset[str]


def find_texts(lines: Sequence[SearchedPassage], query: Query, most: int) -> tuple[TextHit, ...]:
    """Return the passages that have most of a question's words, best first."""
    terms = _asked_of_texts(query.terms)
    if not lines or not terms:
        return ()
    fits = [[_text_fit(term, line) for term in terms] for line in lines]
    counts = [sum(fit > 0 for fit in column) for column in zip(*fits, strict=True)]
    weights = [ranking.weight(term, count, len(lines)) for term, count in zip(terms, counts, strict=True)]
    asks_hours = "hours" in query.topics
    scored = [
        (ranking.coverage(terms, weights, fit) * (_TIMELESS if asks_hours and not _has_time(line) else 1), line)
        for line, fit in zip(lines, fits, strict=True)
        if any(fit)
    ]
    best = sorted(scored, key=lambda one: -one[0])
    hits = [TextHit(*_told(line, share)) for share, line in best[:most]]
    if best and query.topics and _is_named_above_only(terms, best[0][1]) and (listed := _listed(lines, best[0][1])):
        first = TextHit(*_told(listed, best[0][0]))
        return (first, *(hit for hit in hits if (hit.file, hit.section) != (first.file, first.section)))
    return tuple(hits)


def _asked_of_texts(terms: Sequence[Term]) -> list[Term]:
    """Return the terms that a passage should have: words of a rule that the shop does not use do not count beside those it does."""
    used = {term.topic for term in terms if term.alternatives and term.topic}
    return [term for term in terms if term.alternatives or term.topic not in used]


_TIMELESS = 0.5
"""What a passage without a time of day or a weekday is worth for a question about opening hours: "open" boxes are none."""
_TIME = re.compile(r"\b\d{1,2}\s?(?:[:h]\s?\d{2}|h\b|horas\b|hrs?\b|a\.?m\b|p\.?m\b|o.clock)")
_DAYS = frozenset(
    stem
    for word in "monday friday saturday sunday weekdays segunda sexta sabado domingo".split()
    for stem in stems(word)
)


def _has_time(line: "SearchedPassage") -> bool:
    return not _DAYS.isdisjoint(line.inside) or _TIME.search(fold(line.passage.text)) is not None


def _told(line: "SearchedPassage", share: float) -> tuple[str, int, str, str, float]:
    one = line.passage
    return one.file, one.line, one.section, one.text, share


def _is_named_above_only(terms: Sequence[Term], line: "SearchedPassage") -> bool:
    """True if a passage says nothing that was asked for and only stands below a heading that does."""
    return line.inside.isdisjoint(stem for term in terms for one in term.alternatives for stem in one.phrase)


_MOST_LISTED, _LONGEST_LIST = 6, 400


def _listed(lines: Sequence["SearchedPassage"], one: "SearchedPassage") -> "SearchedPassage | None":
    """Return all passages below the heading of one as a single one, None where they are more than an answer is long."""
    below = [
        line for line in lines if (line.passage.file, line.passage.section) == (one.passage.file, one.passage.section)
    ]
    told = [line.passage.text.rstrip(".;") for line in below]
    opening = told[0].partition(": ")[0]
    if len(told) > 1 and all(text.startswith(f"{opening}: ") for text in told):
        told[1:] = [text.removeprefix(f"{opening}: ") for text in told[1:]]
    text = "; ".join(told)
    if not 1 < len(below) <= _MOST_LISTED or len(text) > _LONGEST_LIST:
        return None
    return replace(one, passage=replace(one.passage, line=below[0].passage.line, text=text))


_ABOVE, _SPLIT = 0.6, 0.8
"""What a phrase is worth in a heading above a passage, and where some of its words stand there and some below."""


def _text_fit(term: Term, line: SearchedPassage) -> float:
    return max((one.fit * _place(one.phrase, line) for one in term.alternatives), default=0.0)


def _place(phrase: Phrase, line: SearchedPassage) -> float:
    """Return what a phrase is worth where it stands, 0 where it does not."""
    if line.inside.issuperset(phrase):
        return 1.0
    if line.heading.issuperset(phrase):
        return _ABOVE
    return _SPLIT if all(stem in line.inside or stem in line.heading for stem in phrase) else 0.0
