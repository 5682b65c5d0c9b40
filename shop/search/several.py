"""Questions that name several things: "the price of the kettle and the mug". Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from shop.search.folding import fold
from shop.search.results import Found

_BETWEEN = re.compile(r"\s*(?:[,;&]|\b(?:and|or|e|ou|vs|versus)\b)\s*")
"""What may stand between two things that a question names."""
_MOST_PARTS = 3


def parts_of(question: str) -> list[str]:
    """Return the parts of a question that may each name a thing; none where there is one part, or more than an answer shows."""
    parts = [part for part in _BETWEEN.split(fold(question)) if part]
    return parts if 1 < len(parts) <= _MOST_PARTS else []


def _has_price(part: Found, least: float) -> bool:
    """True if a part names a price too, and a thing that has it: "a mug or a plate under $40"."""
    return (
        _is_limited(part)
        and bool(part.hits)
        and part.hits[0].is_called
        and not part.is_nearest
        and part.coverage >= least
    )


def _is_limited(found: Found) -> bool:
    return found.query.lowest is not None or found.query.highest is not None


def together(whole: Found, each: Sequence[Found], least: float, most: int) -> Found:
    """Return the best hits of each part, if each finds a thing of its own, called so, at least as well as the whole does.

    `least` is the coverage from which a row is taken to be what a question names.
    """
    if _is_limited(whole):
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
    by_source = {hit.product.source: hit for one in reversed(each) for hit in reversed(one.hits)}
    others = [hit for source, hit in by_source.items() if all(source != first.product.source for first in firsts)]
    return replace(whole, hits=(*firsts, *others)[:most], coverage=coverage, things=len(firsts))
