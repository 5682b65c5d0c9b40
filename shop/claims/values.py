"""The values of checked answers: the evidence, a passage under check, and what is claimed in it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from shop.claims.known_rows import KnownRows
from shop.claims.policies import Policies, Topic
from shop.claims.subjects import Mention, NamedProduct, Subject
from shop.claims.wording import fold
from shop.products import Product, Text

Kind = Literal["price", "total", "fee", "stock", "date", "percent", "sku", "contact", "grant"]
Verdict = Literal["supported", "computed", "contradicted", "unsupported"]


def unknown(sku: str) -> Product | None:
    """Return None: the shop has no rows but those of the turn."""
    return None


def unread(source: str, about: str) -> str:
    """Return "": nothing is there to be looked up."""
    return ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer is held against: the rows and texts that the model was shown, and what the customer said.

    `previous` are the rows that the last answers named. `known_skus` finds a product of the whole shop by its SKU.
    `row_of` returns what stands at a source, for a claim about this. `policies` may hold what `read_policies` made of the texts, and `known_rows` what KnownRows made of the products: they
    are the same for all turns of a shop whose rows stand in every prompt.
    """

    products: Sequence[Product] = ()
    texts: Sequence[Text] = ()
    question: str = ""
    previous: Sequence[Product] = ()
    currency: str = ""
    known_skus: Callable[[str], Product | None] = unknown
    policies: Policies | None = None
    known_rows: KnownRows | None = None
    row_of: Callable[[str, str], str] = unread
    contact: str = ""
    """How the owner says that the shop is reached, in the settings."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a sentence says as true, from `start` to `end` of it, and what the shop's data say to it.

    `about` is a SKU or a place. `source` is "products.csv:3", "" where nothing says it. `true` is the value that the data
    have instead, as text, "" where they have none. `row` is what stands at the source, for its reader: names and values of a
    product as two lines, or the line of a text; "" where it was not looked up.
    """

    kind: Kind
    text: str
    start: int
    end: int
    about: str = ""
    verdict: Verdict = "unsupported"
    source: str = ""
    true: str = ""
    row: str = ""


@dataclass(frozen=True, slots=True)
class RulePassage:
    """What is looked at as one: a sentence, or a cell of a table behind its labels.

    `subject` are the products that were spoken of before it, each a way to read "it". `own` is what the passage itself is
    about, `wide` also what headings, the sentences before and the question say where it does not. Without a number, in digits
    or in words, it states no amount, percentage, time, date or count.
    """

    text: str
    folded: str
    mentions: tuple[Mention, ...]
    subject: Subject
    own: Topic
    wide: Topic
    is_question: bool = False
    has_number: bool = True


@dataclass(frozen=True, slots=True)
class Binding:
    """What a value may be about, the likeliest first; `is_sure` if the passage itself names it by SKU or name."""

    ways: tuple[tuple[NamedProduct, ...], ...] = ()
    is_sure: bool = False

    @property
    def items(self) -> tuple[NamedProduct, ...]:
        return tuple(item for way in self.ways for item in way)

    @property
    def about(self) -> str:
        return self.ways[0][0].sku if self.ways else ""


_JOINS = re.compile(r"[ (]*(?:(?:for|in|of|do|da|de|no|na|para|the|size|tamanho|each|cada) )*")
_FOLLOWS = re.compile(
    r" ?(?:units?|pieces?|sets?|packs?|pairs?|unidades?|pares?|metros?)? ?(?:each )?(?:for|of|do|da|de|dos|das|on) (?:the |a |our |o |os |as )?[^.,;:!?]{0,24}$"
)


def binding_of(passage: RulePassage, start: int, end: int) -> Binding:
    """Return what a value from `start` to `end` is about: what it holds or what follows it at once, else the nearest name before it, else
    what was spoken of before the passage, else what it names later."""
    inside = [one for one in passage.mentions if start <= one.start and one.end <= end]
    if inside:
        return Binding((_narrowed(inside[0].items, passage, start, end),), True)
    before = [one for one in passage.mentions if one.end <= start]
    after = [one for one in passage.mentions if one.start >= end]
    if after and _FOLLOWS.fullmatch(passage.folded[end : after[0].start]) and after[0].is_sure:
        return Binding((_narrowed(after[0].items, passage, start, after[0].end),), True)
    ways = list[tuple[NamedProduct, ...]]()
    for one in reversed(before):
        ways.append(_narrowed(one.items, passage, start, end))
        if one.is_sure:
            return Binding(tuple(ways), len(ways) == 1)
    if not before and after:
        ways.append(_narrowed(after[0].items, passage, start, end))
    other = _other_variant_of(passage, start, end)
    ways += [_narrowed(tuple(map(other, items)), passage, start, end) for items in passage.subject]
    return Binding(tuple(ways), bool(not before and after and after[0].is_sure and not passage.subject))


def others_named(passage: RulePassage, place: int) -> tuple[NamedProduct, ...]:
    """Return what else a value may be about whose own part of the sentence names no product: "4 chairs are left; there are 9
    stools"."""
    begin = passage.folded.rfind(";", 0, place)
    if begin < 0 or any(begin < one.start for one in passage.mentions if one.start < place):
        return ()
    before = tuple(item for one in passage.mentions for item in one.items)
    return (*before, *(item for items in passage.subject for item in items))


def _other_variant_of(passage: RulePassage, start: int, end: int) -> Callable[[NamedProduct], NamedProduct]:
    """Return what makes of a variant spoken of before its product, where the passage names a choice of another one."""

    def chosen(item: NamedProduct) -> NamedProduct:
        if item.variant is None:
            return item
        others = (one.choice for one in item.product.variants if one != item.variant)
        apart = (tuple(one for one in choice if one not in item.variant.choice) for choice in others)
        is_other = any(_place_of(choice, passage, start, end) >= 0 for choice in apart)
        return NamedProduct(item.product) if is_other else item

    return chosen


def _narrowed(items: tuple[NamedProduct, ...], passage: RulePassage, start: int, end: int) -> tuple[NamedProduct, ...]:
    """Return the items with those variants in place of their products whose choice stands nearest before the value."""
    found = list[NamedProduct]()
    for item in items:
        places = {
            n: _place_of(variant.choice, passage, start, end) for n, variant in enumerate(item.product.variants)
        } if item.variant is None else {}  # fmt: skip
        best = max(places.values(), default=-1)
        if best < 0:
            found.append(item)
        else:
            found += [
                NamedProduct(item.product, item.product.variants[n]) for n, place in places.items() if place == best
            ]
    return tuple(found)


def _place_of(choice: Sequence[tuple[str, str]], passage: RulePassage, start: int, end: int) -> int:
    """Return where a variant's choice is named last before the value or right after it; -1 where it is not."""
    best = -1
    for _, value in choice:
        pattern = re.compile(rf"(?<![\w.,$-]){re.escape(fold(value))}(?![\w]|[.,]\d)")
        for match in pattern.finditer(passage.folded):
            is_before = match.end() <= start
            is_next = end <= match.start() and _JOINS.fullmatch(passage.folded, end, match.start()) is not None
            is_letter = len(value) == 1 and not passage.text[match.start()].isupper()
            if (is_before or is_next) and not is_letter:
                best = max(best, match.start() if is_before else end)
    return best
