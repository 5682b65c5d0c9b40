"""The values that stand in the shop's texts, each with what it is about, and the search for the one that a claim means."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from shop.claims.amounts import (
    Day,
    Duration,
    Percent,
    StatedAmount,
    dates,
    durations,
    elliptic_durations,
    money,
    percents,
)
from shop.claims.beginnings import beginnings_in
from shop.claims.hedges import is_denied
from shop.claims.known_contacts import KnownContacts, known_contacts
from shop.claims.places import places
from shop.claims.topics import FREE, FROM, OR_MORE, distinctions, topics
from shop.claims.wording import fold, stems
from shop.products import Text

Value = StatedAmount | Duration | Percent | Day
Role = Literal["amount", "from", "range", "unless"]
_CUTS = (re.compile(r"[;.!?]\s|;$|\s[-—]\s"), re.compile(r",\s"), re.compile(r"\b(?:and|e|or|ou|mas|but)\b"))
_ASIDE = re.compile(r" ?\([^()]*\)")
"""What stands in brackets behind a value and belongs to it: "R$ 12 (Recife)"."""
_RANGE_AFTER = re.compile(r"(?: reais)? ?(?:to|a|ate|-|and|e) ?(?:r?\$|brl|€|£)")
_FROM_AND = re.compile(
    r"\b(?:from|over|above|acima de|a partir de) (?:r?\$|€|£|brl)? ?[\d.,]+[^.;]{0,40}\b(?:and|e|or|ou)(?: from| de)? $"
)
_RANGE_BEFORE = re.compile(r"(?:\d|reais)(?: ?\([^()]*\))? ?(?:to|a|ate|-|and|e) ?$")
_SENTENCE = re.compile(r"(?<=[^\W\d]{3}[.!?])\s+|(?<=\d[.!?])\s+(?=[a-z])")
_LINES_MOST = 4000
_LINE_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Topic:
    """What a stretch of text is about: topics, what distinguishes it from its neighbours, places and words."""

    topics: frozenset[str] = frozenset()
    distinctions: dict[str, frozenset[str]] = field(default_factory=dict)
    places: tuple[tuple[str, ...], ...] = ()
    stems: frozenset[str] = frozenset()

    def over(self, wider: "Topic") -> "Topic":
        """Return this with what it does not say itself taken from the wider text around it."""
        return Topic(
            self.topics or wider.topics,
            wider.distinctions | self.distinctions,
            self.places or wider.places,
            self.stems,
        )


@dataclass(frozen=True, slots=True)
class RuleValue:
    """One value of a line of the shop's texts. `text` is the line's piece that holds it."""

    value: Value
    role: Role
    topic: Topic
    wide: Topic
    source: str
    text: str
    named: frozenset[str] = field(init=False)
    """The topics of the piece and of what is around it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "named", self.topic.topics | self.wide.topics)


@dataclass(frozen=True, slots=True)
class Policies:
    """All that the shop's texts state as values, and the folded texts themselves. `of_kind` has the facts by their values' class."""

    facts: tuple[RuleValue, ...] = ()
    folded: str = ""
    contacts: KnownContacts = field(default_factory=KnownContacts)
    instalments: int | None = None
    of_kind: Mapping[type[Value], tuple[RuleValue, ...]] = field(init=False)

    def __post_init__(self) -> None:
        kinds = {type(fact.value) for fact in self.facts}
        found = {kind: tuple(fact for fact in self.facts if type(fact.value) is kind) for kind in kinds}
        object.__setattr__(self, "of_kind", found)


@lru_cache(maxsize=1024)
def topic_of(folded: str) -> Topic:
    """Return what a text is about. Remembered: each value of a sentence asks for the same pieces of it."""
    begun = beginnings_in(folded)
    return Topic(topics(folded, begun), distinctions(folded, begun), places(folded, begun), stems(folded))


def pieces(folded: str, values: Sequence[Value]) -> list[tuple[int, int]]:
    """Return, for values of one kind in order, the stretch of text that speaks of each.

    Between two values the text is cut at the strongest sign, the first of its kind.
    """
    borders = [0]
    for one, other in pairwise(values):
        aside = _ASIDE.match(folded, one.end, other.start)
        between = folded[one.end : other.start]
        if aside:
            borders.append(aside.end())
            continue
        cut = next((found for sign in _CUTS if (found := sign.search(between))), None)
        borders.append(one.end + (cut.start() if cut else 0))
    if not values:
        return []
    last = _CUTS[0].search(folded, values[-1].end)
    return list(zip(borders, [*borders[1:], last.start() if last else len(folded)], strict=True))


def role_of(folded: str, value: Value) -> Role:
    """Return whether an amount is charged, or where something begins: "from R$ 200"."""
    before = folded[max(0, value.start - 90) : value.start]
    aside = _ASIDE.match(folded, value.end)
    end = aside.end() if aside else value.end
    after = folded[end : end + 20]
    if _RANGE_AFTER.match(after) or _RANGE_BEFORE.search(before):
        return "range"
    if (
        FROM.search(before)
        or _FROM_AND.search(before)
        or (OR_MORE.match(after) and not after.lstrip().startswith("each"))
    ):
        return "from"
    return "amount"


def read_policies(texts: Iterable[Text]) -> Policies:
    """Return what the shop's texts state, line by line."""
    facts = list[RuleValue]()
    folded = list[str]()
    texts = tuple(texts)
    for text in texts:
        heading, header = "", list[str]()
        for number, line in enumerate(text.text.split("\n")[:_LINES_MOST], 1):
            plain = fold(line[:_LINE_LONGEST])
            folded.append(plain)
            if line.lstrip().startswith("#"):
                heading, header = plain, []
            elif line.lstrip().startswith("|"):
                cells = [cell.strip() for cell in fold_cells(line)]
                if not header:
                    header = cells
                facts += _facts_of_row(cells, header, heading, f"{text.file}:{number}")
            elif plain.strip():
                header = []
                facts += facts_of(plain, heading, f"{text.file}:{number}")
    contacts = known_contacts(one.text for one in texts)
    return Policies(tuple(facts), "\n".join(folded), contacts, _instalments(folded))


def fold_cells(line: str) -> list[str]:
    return [fold(cell) for cell in line.strip().strip("|").split("|")]


def _facts_of_row(cells: list[str], header: list[str], heading: str, source: str) -> Iterator[RuleValue]:
    for name, cell in zip(header[1:], cells[1:], strict=False):
        yield from facts_of(f"{cells[0]} {name}: {cell}", heading, source)


def facts_of(folded: str, heading: str, source: str) -> Iterator[RuleValue]:
    """Return the values of one line; its heading is what it speaks of too."""
    wide = _both(topic_of(folded), topic_of(heading))
    for sentence in _SENTENCE.split(folded):
        yield from _facts_in(sentence, topic_of(sentence).over(wide), source)


def _both(inner: Topic, outer: Topic) -> Topic:
    """Return the inner topic over the outer one, which may distinguish it from others too."""
    both = {group: names | outer.distinctions.get(group, frozenset()) for group, names in inner.distinctions.items()}
    return replace(inner.over(outer), distinctions=outer.distinctions | both)


def _facts_in(folded: str, wide: Topic, source: str) -> Iterator[RuleValue]:
    amounts = list(money(folded))
    is_conditional = any(role_of(folded, value) == "from" for value in amounts)
    kinds: tuple[Sequence[Value], ...] = (
        amounts,
        sorted((*durations(folded, bare=True), *elliptic_durations(folded)), key=lambda one: one.start),
        list(percents(folded)),
        list(dates(folded)),
    )
    for values in kinds:
        for value, (start, end) in zip(values, pieces(folded, values), strict=True):
            piece = folded[start:end]
            yield RuleValue(value, role_of(folded, value), topic_of(piece).over(wide), wide, source, piece.strip())
    for match in FREE.finditer(folded):
        if is_denied(folded, match.start()):
            continue
        role: Role = "unless" if is_conditional else "amount"
        yield RuleValue(StatedAmount(match.start(), match.end(), 0), role, wide, wide, source, folded.strip())


def _instalments(lines: Iterable[str]) -> int | None:
    found = [
        int(match[1])
        for line in lines
        for match in re.finditer(
            r"(?:up to|ate|em ate) (\d{1,2}) ?(?:x|vezes|parcelas|inst?all?ments?|times|without interest|sem juros)",
            line,
        )
    ]
    return max(found, default=None)


Items = Callable[[str], frozenset[int]]
"""Returns which of the rows of the turn a folded text speaks of, by words of their names and categories."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a fact suits a claim: its score, and how near its place is (0: the very place; None: it names none)."""

    fact: RuleValue
    score: float
    nearness: int | None


def fits(
    policies: Policies, kind: type[Value], claim: Topic, role: Role, about: frozenset[int], items: Items
) -> list[Fit]:
    """Return the facts of this kind of value that a claim may mean, best first; facts of another place, way of payment,
    purpose or product are left out."""
    found = list[Fit]()
    for fact in policies.of_kind.get(kind, ()):
        if _differ(role, fact.role):
            continue
        fit = _fit(fact, claim, about, items)
        if fit is not None:
            found.append(fit)
    nearest = min(
        (fit.nearness for fit in found if fit.nearness is not None and fit.fact.role != "unless"), default=None
    )
    if nearest is not None:
        found = [fit for fit in found if fit.nearness is None or fit.nearness <= nearest or fit.fact.role == "unless"]
    if methods := claim.distinctions.get("method"):
        same = [fit for fit in found if methods & fit.fact.topic.distinctions.get("method", frozenset())]
        found = ([fit for fit in same if claim.topics & fit.fact.topic.topics] and same) or found
    return sorted(found, key=lambda fit: -fit.score)


def _differ(role: Role, other: Role) -> bool:
    """True if one is charged and the other is where something begins."""
    return {role, other} == {"amount", "from"} or (role == "from" and other == "unless")


def _fit(fact: RuleValue, claim: Topic, about: frozenset[int], items: Items) -> Fit | None:
    score = 0.0
    for group, names in claim.distinctions.items():
        others = fact.topic.distinctions.get(group)
        if others:
            if not names & others:
                return None
            score += 2
    nearness = None
    if claim.places and fact.topic.places:
        nearness = _nearness(claim.places, fact.topic.places)
        if nearness is None:
            return None
        score += 3 if nearness == 0 else 2
    shared = claim.topics & fact.named
    if about:
        theirs = items(fact.text)
        if theirs and not theirs & about:
            return None
        score += 2 if theirs else 0
    score += 1.5 * len(claim.topics & fact.topic.topics) + 0.5 * len(shared)
    score += 0.3 * min(4, len(claim.stems & fact.topic.stems))
    return Fit(fact, score, nearness) if score >= 1.5 else None


def _nearness(claimed: Sequence[tuple[str, ...]], stated: Sequence[tuple[str, ...]]) -> int | None:
    """Return how many steps out from the claim's place the fact's lies; None if it is another one."""
    inner = [chain for chain in claimed if len(chain) > 1]
    claimed = inner or claimed
    steps = [chain.index(other[0]) for chain in claimed for other in stated if other[0] in chain]
    if steps:
        return min(steps)
    return 1 if any(chain[0] in other for chain in claimed for other in stated) else None
