"""Readings of an amount of money: as a price, as a fee, as a total. Each returns the claim that the amount makes so read."""

import re

from shop.claims.amounts import money
from shop.claims.computing import is_computed
from shop.claims.placed import GAP, PlacedAmount
from shop.claims.sums import candidates, differences, gaps, numbers_stated, tallies
from shop.claims.till import money_text, text_of, thresholds
from shop.claims.values import Claim, Kind, binding_of

_AGAINST = re.compile(r"\b(?:against|versus|vs\.?|compared (?:to|with)|contra|than)[ :(]*$")
_OLD = re.compile(
    r"\b(?:was|were|before|previously|originally|reduced from|down from|instead of|rather than|regular(?:ly)?|normal(?:ly)?|antes|era|de|em vez de|list price)[ :,(]*$"
)
_STRUCK = "~~"
"""How Markdown strikes a price out: it is the one before."""


def minor_of(text: str) -> int:
    """Return the minor units of a written amount, 0 of other words."""
    return int(re.sub(r"\D", "", text) or 0)


def as_fee(amount: PlacedAmount) -> Claim:
    """Return the claim of a fee, or of the sum from which on the shop's rules give something."""
    till, role = amount.till, amount.role
    judgement = till.rules.judge(amount.value, amount.passage, amount.piece, role)
    verdict, true = judgement.verdict, judgement.true
    if verdict != "supported" and amount.value.minor in _computed_fees(amount):
        verdict, true = "computed", ""
    if role == "amount":
        till.ledger.charge(minor_of(true) if verdict == "contradicted" else amount.value.minor)
    return amount.claim("fee", verdict, judgement.about, judgement.source, money_text(true, till))


def _computed_fees(amount: PlacedAmount) -> list[int]:
    """Return what a fee may be that is a part of a price, and what is missing to a threshold."""
    till, passage = amount.till, amount.passage
    if not amount.is_gap and not passage.wide.topics & {"restocking", "label"}:
        return []
    items = binding_of(passage, amount.value.start, amount.value.end).items
    prices = [line.unit for line in till.ledger.lines if line.unit] + [price for item in items for price in item.prices]
    found = [round(price * rate / 10_000) for price in prices for rate in till.rates(passage)]
    if amount.is_gap:
        found += differences(till.ledger, thresholds(till))
        found += [limit - spent for limit in thresholds(till) for spent in till.question]
    return found


def as_price(amount: PlacedAmount) -> Claim:
    """Return the claim of a product's price, or of what is computed from prices."""
    passage, binding, till = amount.passage, amount.binding, amount.till
    kind: Kind = "total" if amount.may_sum else "price"
    is_old = _is_old(amount)
    for item in binding.items:
        if any(map(amount.is_same, (*item.prices, *(item.old_prices if is_old else ())))):
            if not is_old:
                till.ledger.name(item, None, amount.value.minor)
            return amount.claim("price", "supported", item.sku, item.source)
    if is_computed(amount):
        till.ledger.add_up(amount.value.minor)
        return amount.claim(kind, "computed", binding.about)
    is_from = amount.role == "from" and not binding.is_sure
    is_other = _AGAINST.search(passage.folded, 0, amount.value.start) or amount.is_summand
    if not binding.ways or is_from or is_other:
        return _as_unbound_price(amount)
    judgement = till.rules.judge(amount.value, passage, amount.piece, amount.role)
    if judgement.verdict == "supported" and not binding.is_sure:
        till.ledger.charge(amount.value.minor)
        return amount.claim("price", "supported", judgement.about, judgement.source)
    item = binding.ways[0][0]
    prices = (item.old_prices if is_old else ()) or item.prices
    if not prices:
        return amount.claim(kind, "unsupported", item.sku)
    return amount.claim(kind, "contradicted", item.sku, item.source, text_of(prices[0], till))


def _is_old(amount: PlacedAmount) -> bool:
    """True if the passage calls an amount an earlier price, or strikes it out."""
    start = amount.value.start
    is_struck = amount.passage.text.endswith(_STRUCK, 0, start)
    return is_struck or _OLD.search(amount.folded, max(0, start - 24), start) is not None


def _as_unbound_price(amount: PlacedAmount) -> Claim:
    """Return the claim of a price that stands by no product: it is right where a rule or any row of the turn has it."""
    till, value = amount.till, amount.value
    judgement = till.rules.judge(value, amount.passage, amount.piece, amount.role)
    if judgement.verdict == "supported":
        till.ledger.charge(value.minor)
        return amount.claim("price", "supported", judgement.about, judgement.source)
    each = {one.minor for one in money(amount.folded) if one.start != value.start}
    if any(value.minor == one * n for one in each for n in numbers_stated(amount.folded)):
        return amount.claim("total", "computed")
    for item in till.items:
        if any(map(amount.is_same, item.prices)):
            return amount.claim("price", "supported", item.sku, item.source)
    true = money_text(judgement.true, till)
    return amount.claim("price", judgement.verdict, judgement.about, judgement.source, true)


def as_total(amount: PlacedAmount, written: int | None) -> Claim:
    """Return the claim of a sum; `written` is what the sum comes to whose parts stand before it, None without parts."""
    till, value, about = amount.till, amount.value, amount.binding.about
    found = _possible_totals(amount)
    if any(abs(one - value.minor) <= 1 for one in found):
        till.ledger.add_up(value.minor)
        return amount.claim("total", "computed", about)
    if written is not None and (written == value.minor or not found) and not till.ledger.lines:
        if written == value.minor:
            return amount.claim("total", "computed", about)
        return amount.claim("total", "contradicted", about, "", text_of(written, till))
    if not found:
        return amount.claim("total", "unsupported" if written is None else "contradicted", about)
    return amount.claim("total", "contradicted", about, "", text_of(found[0], till))


def _possible_totals(amount: PlacedAmount) -> list[int]:
    """Return what the total may be, the likeliest first: of what is named before it, of the whole passage, of the answer."""
    passage, till, own = amount.passage, amount.till, amount.own
    stated, rates = numbers_stated(passage.folded), till.rates(passage)
    named = [one.items[0].product for one in passage.mentions if one.end <= amount.value.start]
    before = [line for line in own if line.item.product in named]
    found = candidates(till.ledger, before, stated, rates)
    if len(before) != len(own):
        found += candidates(till.ledger, own, stated, rates)
    found += tallies(till.ledger)
    if GAP.search(passage.folded):
        found += differences(till.ledger, thresholds(till)) + gaps(till.ledger)
    return found
