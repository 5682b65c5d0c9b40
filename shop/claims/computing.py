"""Amounts that are computed from others: multiples, sums, discounts and differences of what an answer named."""

import re
from collections.abc import Iterator, Sequence

from shop.claims.amounts import money
from shop.claims.placed import APART, PlacedAmount
from shop.claims.sums import candidates, differences, gaps, numbers_stated, tallies
from shop.claims.till import thresholds

_APART_BY = re.compile(r"\b(?:difference|diferenca|saves?|saving|economi\w+)\b[^.;!?\d]{0,24}$")


def is_computed(amount: PlacedAmount) -> bool:
    """True if an amount follows, within a minor unit, from what the answer named, what it stated, and the shop's rules."""
    return any(one and abs(one - amount.value.minor) <= 1 for one in _computed(amount))


def _computed(amount: PlacedAmount) -> Iterator[int]:
    """Yield the amounts that may be stated where this one stands."""
    ledger, own, rates = amount.till.ledger, amount.own, amount.till.rates(amount.passage)
    singles = [line.unit for line in own or ledger.lines[-1:] if line.unit]
    singles += [price for way in amount.binding.ways[:1] for item in way for price in item.prices]
    yield from (unit * n for unit in singles for n in numbers_stated(amount.folded) | ledger.asked_numbers)
    bases = (*singles, *(total for total, _ in ledger.totals[-2:]))
    yield from (round(base * part / 10_000) for base in bases for rate in rates for part in (rate, 10_000 - rate))
    if amount.is_gap:
        yield from _differences(amount, bases)
    elif amount.may_sum or len(own) != 1:
        yield from candidates(ledger, own, frozenset(), rates)
    if amount.may_sum or not own or _is_second(amount):
        yield from tallies(ledger)


def _differences(amount: PlacedAmount, bases: Sequence[int]) -> Iterator[int]:
    """Yield how far apart two amounts are: named, stated, or asked for, and prices less the fees."""
    till, value, ledger = amount.till, amount.value, amount.till.ledger
    if ledger.fees:
        prices = (*bases, *(price for item in amount.binding.items for price in item.prices))
        yield from (base - fee for base in prices for fee in (*ledger.fees, sum(ledger.fees)))
    yield from differences(ledger, thresholds(till))
    yield from gaps(ledger)
    if APART.match(amount.folded, value.end) or _APART_BY.search(amount.folded, 0, value.start):
        later = [one.minor for one in money(amount.folded) if one.start > value.start]
        yield from (abs(one - other) for one in later for other in later)
    yield from (abs(one - asked) for one in ledger.amounts[-1:] for asked in till.question)


def _is_second(amount: PlacedAmount) -> bool:
    """True if another amount stands between the last name and this one, which then need not be a price."""
    start = amount.value.start
    named = max((one.end for one in amount.passage.mentions if one.end <= start), default=0)
    return any(named <= one.start < start for one in money(amount.folded[:start]))
