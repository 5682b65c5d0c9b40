"""Questions that name several things: "the price of the kettle and the mug". Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from shop.search.folding import fold
from shop.search.queries import Query
from shop.search.results import Found, Hit

_BETWEEN = re.compile(r"\s*(?:[,;&]|[.!?]+(?=\s|$)|\n|\b(?:and|or|e|ou|vs|versus)\b)\s*")
"""What may stand between two things that a question names."""
_MOST_PARTS, _MOST_CLAUSES = 3, 8
One = TypeVar("One")


def parts_of(question: str) -> list[str]:
    """Return the parts of a question that may each name a thing; none where there is one part, or more than an answer shows."""
    parts = _split(question)
    return parts if len(parts) <= _MOST_PARTS else []


def clauses_of(question: str) -> list[str]:
    """Return the first parts of a long message, in order; none where it has one."""
    return _split(question)[:_MOST_CLAUSES]


def _split(question: str) -> list[str]:
    parts = [part for part in _BETWEEN.split(fold(question)) if part]
    return parts if len(parts) > 1 else []


def thing_of(each: Sequence[Query]) -> str:
    """Return the noun of the first thing that the parts of a question name: "the double hammock and the travel one"."""
    for query in each:
        for term in query.terms:
            if term.is_thing and term.is_known:
                return term.text.split()[0 if query.language == "pt" else -1]
    return ""


RULE, GOODS = 0.5, 0.5
"""Shares of a part's words that a line of the texts, and a row, must have for the part to be answered by itself."""


def is_rule(part: Found) -> bool:
    """True if a part asks for a rule of the shop that a line of the texts has."""
    return bool(part.query.topics) and bool(part.texts) and part.texts[0].score >= RULE


def is_goods(part: Found) -> bool:
    """True if a part asks for goods to be had, and a row is called so."""
    if part.query.skus:
        return bool(part.hits)
    is_named = bool(part.hits) and part.hits[0].is_called and part.coverage >= GOODS
    return is_named and not part.query.rules and not part.query.is_owned and not part.is_nearest


def answered_apart(whole: Found, each: Sequence[Found], most: int, most_texts: int) -> Found | None:
    """Return what a message finds whose parts ask for goods and for rules; None where they do not."""
    goods, rules = [one for one in each if is_goods(one)], [one for one in each if is_rule(one)]
    if not goods or not rules:
        return None
    texts = _in_turn([one.texts for one in rules], lambda hit: (hit.file, hit.line))[:most_texts]
    coverage, parts = goods[0].coverage, (*goods, *rules)
    return replace(whole, hits=_best_hits(goods)[:most], texts=texts, coverage=coverage, parts=parts)


def _best_hits(each: Sequence[Found]) -> tuple[Hit, ...]:
    return _in_turn([one.hits for one in each], lambda hit: hit.product.source)


def _in_turn(each: Sequence[Sequence[One]], key: Callable[[One], object]) -> tuple[One, ...]:
    """Return the best of each part, then the second of each, and so on; what several parts have once."""
    found = dict[object, One]()
    for rank in range(max(map(len, each))):
        for part in each:
            for one in part[rank : rank + 1]:
                found.setdefault(key(one), one)
    return tuple(found.values())


def _has_price(part: Found, least: float) -> bool:
    """True if a part names a price too, and a thing that has it: "a mug or a plate under $40"."""
    return (
        part.query.is_limited
        and bool(part.hits)
        and part.hits[0].is_called
        and not part.is_nearest
        and part.coverage >= least
    )


def together(whole: Found, each: Sequence[Found], least: float, most: int) -> Found:
    """Return the best hits of each part, if each finds a thing of its own, called so, at least as well as the whole does.

    `least` is the coverage from which a row is taken to be what a question names.
    """
    if whole.query.is_limited:
        priced = next(
            (one for one in each if _has_price(one, max(least, 0 if whole.is_nearest else whole.coverage))), None
        )
        return replace(whole, hits=priced.hits, coverage=priced.coverage, is_nearest=False) if priced else whole
    if not each or not all(one.hits and one.hits[0].is_called and not one.is_nearest for one in each):
        return whole
    coverage = min(one.coverage for one in each)
    firsts = [one.hits[0] for one in each]
    if coverage < max(least, whole.coverage) or len({hit.product.source for hit in firsts}) < len(firsts):
        return whole
    return replace(whole, hits=_best_hits(each)[:most], coverage=coverage, things=len(firsts))
