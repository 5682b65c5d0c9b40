"""From a question to the passages of the shop's texts that answer it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from shop.search import ranking
from shop.search.derived import Families, genders
from shop.search.folding import stem, words
from shop.search.lexicon import Phrase
from shop.search.passages import Passage
from shop.search.queries import Query
from shop.search.results import TextHit
from shop.search.terms import Alternative, Term


@dataclass(frozen=True, slots=True)
class SearchedPassage:
    """A passage as it is searched: the stems of what it says, of its label ("Fee: ..."), of the headings above it, and its values.

    `last` are those of the last heading above it; `heading` has those of all, and of the file's name.
    """

    passage: Passage
    inside: frozenset[str]
    heading: frozenset[str]
    last: frozenset[str] = frozenset()
    label: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()


class SearchedTexts:
    """All passages, and by each stem the numbers of those that have it."""

    def __init__(self, lines: Iterable[SearchedPassage]) -> None:
        self.lines = tuple(lines)
        self.families = Families(
            word for one in self.lines for word in words(f"{one.passage.section} {one.passage.text}")
        )
        self._by_stem: dict[str, set[int]] = {}
        for number, line in enumerate(self.lines):
            for one in line.inside | line.heading:
                self._by_stem.setdefault(one, set()).add(number)

    def has(self, one: str) -> bool:
        """True if a passage has this stem."""
        return one in self._by_stem

    def having(self, terms: Iterable[Term]) -> list[SearchedPassage]:
        """Return the passages that have all stems of a name of one of these terms, in order."""
        phrases = {one.phrase for term in terms for one in term.alternatives}
        found = set[int]()
        for phrase in phrases:
            found |= set.intersection(*(self._by_stem.get(stem, set()) for stem in phrase))
        return [self.lines[number] for number in sorted(found)]


def find_texts(texts: SearchedTexts, query: Query, most: int) -> tuple[TextHit, ...]:
    """Return the passages that have most of a question's words, best first."""
    terms = [_related(term, texts) for term in _asked_of_texts(query)]
    lines = texts.having(terms)
    if not lines or not most:
        return ()
    fits = [[_text_fit(term, line) for term in terms] for line in lines]
    counts = [sum(fit > 0 for fit in column) for column in zip(*fits, strict=True)]
    weights = [_weight(term, count, len(texts.lines), query) for term, count in zip(terms, counts, strict=True)]
    scored = [
        (ranking.coverage(terms, weights, fit) * _worth(query, line) * _of_rule(query, terms, fit), line)
        for line, fit in zip(lines, fits, strict=True)
    ]
    best = sorted(scored, key=lambda one: -one[0])
    hits = [_hit(line, share) for share, line in best[:most]]
    if query.topics and _is_named_above_only(terms, best[0][1]) and (listed := _listed(texts.lines, best[0][1])):
        first = _hit(listed, best[0][0])
        return (first, *(hit for hit in hits if (hit.file, hit.section) != (first.file, first.section)))
    return tuple(hits)


def _asked_of_texts(query: Query) -> list[Term]:
    """Return the terms that a passage should have.

    Words of a rule that the shop does not use do not count beside those it does; where it uses none of them, the rule's own
    name stands for the first. "How long" counts only where no rule is named.
    """
    terms = list(query.terms)
    used = {term.topic for term in terms if term.alternatives and term.topic}
    for rule, names in query.headings:
        if rule not in used:
            n = next(n for n, term in enumerate(terms) if term.topic == rule)
            terms[n] = replace(terms[n], alternatives=tuple(Alternative((one,), _BY_NAME) for one in sorted(names)))
            used.add(rule)
    if used - {DURATION}:
        terms = [term for term in terms if term.topic != DURATION]
    return [term for term in terms if term.alternatives or term.topic not in used]


def _related(term: Term, texts: SearchedTexts) -> Term:
    """Return a word that nothing in the shop is called with the words of its root that the texts have."""
    if term.alternatives or term.kind == "light":
        return term
    others = () if term.is_thing or term.kind != "word" else genders(term.text)
    found = {stem(word): None for word in (*texts.families.related(term.text), *others) if texts.has(stem(word))}
    return replace(term, alternatives=tuple(Alternative((one,), _OF_ROOT) for one in found), is_known=bool(found))


def _weight(term: Term, count: int, lines: int, query: Query) -> float:
    """Return the weight of a term; beside a rule, words that the shop does not have tell the customer's story only, and what was bought."""
    is_story = not term.topic and (not term.is_known or (query.is_owned and term.is_thing))
    if query.rules and is_story:
        return _STORY
    term = replace(term, is_aside=term.is_aside and not term.topic)
    return ranking.weight(term, count, lines) * (1 + _PER_WORD * term.text.count(" "))


_STORY, _PER_WORD = 0.8, 0.25
"""What such a word weighs, and what each word more adds to a phrase: "has not arrived" says more than "parcel"."""
DURATION, HOURS = "duration", "hours"
_OF_ROOT = 0.8
"""How well another word of the same root fits."""
_BY_NAME = 0.45
"""How well the name of a rule fits words about it that the shop does not use: too little for a passage of another thing."""
_BELOW = 1.15
"""What a heading that names the rule asked about adds: other passages mention cards or days in passing."""
_WITHOUT = 0.6
"""What a passage is worth without the kind of value that a question wants: a fee, a number of days, the hours of a day."""


def _of_rule(query: Query, terms: Sequence[Term], fits: Sequence[float]) -> float:
    """Return what a passage is worth that has the things of a question and not the rule that it asks about."""
    rules = query.rules
    is_of = not rules or any(fit and term.topic in rules for term, fit in zip(terms, fits, strict=True))
    return 1.0 if is_of else _WITHOUT


def _worth(query: Query, line: SearchedPassage) -> float:
    wanted = query.values | ({HOURS} if HOURS in query.topics else set())
    below = _BELOW if any(not names.isdisjoint(line.heading) for _, names in query.headings) else 1.0
    return below * (1.0 if not wanted or not wanted.isdisjoint(line.values) else _WITHOUT)


def _hit(line: SearchedPassage, share: float) -> TextHit:
    one = line.passage
    return TextHit(one.file, one.line, one.section, one.text, min(1.0, share))


def _is_named_above_only(terms: Sequence[Term], line: SearchedPassage) -> bool:
    """True if a passage says nothing that was asked for and only stands below a heading that does."""
    return line.inside.isdisjoint(stem for term in terms for one in term.alternatives for stem in one.phrase)


_MOST_LISTED, _LONGEST_LIST = 6, 400


def _listed(lines: Sequence[SearchedPassage], one: SearchedPassage) -> SearchedPassage | None:
    """Return all passages below the heading of one as a single one, None where they are more than an answer is long."""
    below = [
        line for line in lines if (line.passage.file, line.passage.section) == (one.passage.file, one.passage.section)
    ]
    texts = [line.passage.text.rstrip(".;") for line in below]
    opening = texts[0].partition(": ")[0]
    if len(texts) > 1 and all(text.startswith(f"{opening}: ") for text in texts):
        texts[1:] = [text.removeprefix(f"{opening}: ") for text in texts[1:]]
    text = "; ".join(texts)
    if not 1 < len(below) <= _MOST_LISTED or len(text) > _LONGEST_LIST:
        return None
    return replace(one, passage=replace(one.passage, line=below[0].passage.line, text=text))


_LABEL, _NAMED_ABOVE, _ABOVE, _FAR_ABOVE, _SPLIT = 1.1, 1.05, 0.7, 0.6, 0.8
"""What a phrase is worth in the label that a passage begins with; in the heading above it, where that says no more, where it
says more, and in one further above; and where some of its words stand there and some below. In the passage itself: 1."""


def _text_fit(term: Term, line: SearchedPassage) -> float:
    return max((one.fit * _place(one.phrase, line) for one in term.alternatives), default=0.0)


def _place(phrase: Phrase, line: SearchedPassage) -> float:
    """Return what a phrase is worth where it stands, 0 where it does not."""
    if line.label.issuperset(phrase):
        return _LABEL
    if line.last.issuperset(phrase) and len(line.last) == len(phrase):
        return _NAMED_ABOVE
    if line.inside.issuperset(phrase):
        return 1.0
    if line.heading.issuperset(phrase):
        return _ABOVE if line.last.issuperset(phrase) else _FAR_ABOVE
    return _SPLIT if all(stem in line.inside or stem in line.heading for stem in phrase) else 0.0
