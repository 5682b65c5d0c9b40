"""What a question says of prices: limits, ranges, cheapest and dearest. Rules are data, English and Portuguese. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from shop.search.folding import fold

Order = Literal["price_asc", "price_desc"]
ASCENDING: Order = "price_asc"
DESCENDING: Order = "price_desc"

_SIGN = r"(?:r\$|us\$|\$|€|£|(?:brl|usd|eur|gbp)\b)"
_NUMBER = r"(?:\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)(?![\d.,]*\d)"
_THOUSAND = r"(?:\s?(?:mil|k|thousand)\b)?"
_CURRENCY = (
    r"\s?(?:reais|real|contos|pila|dollars?|dolares|euros?|pounds?|libras?|bucks|brl|usd|eur|gbp|€|£|r\$|\$)(?!\w)"
)
_PLAIN = rf"(?:{_SIGN}\s?)?{_NUMBER}{_THOUSAND}(?:{_CURRENCY})?"
_SURE = rf"(?:{_SIGN}\s?{_NUMBER}{_THOUSAND}(?:{_CURRENCY})?|{_NUMBER}{_THOUSAND}{_CURRENCY})"
_AFTER = r"(?=\s*(?:$|[?!.,;:)]|(?:and|or|in|on|at|with|for|please|each|total|e|ou|em|na|no|nas|nos|com|para|pra|por|cada|de preco|tem|que)\b))"
"""What may follow a number without a currency: nothing that it would count or measure ("more than 12 strings")."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to speak of prices: `kind` is "between", "highest", "lowest" or "around"; M is an amount, S one with its currency."""

    kind: str
    pattern: str


RULES = (
    Rule("between", r"\bbetween M (?:and|to) M"),
    Rule("between", r"\bfrom M to M"),
    Rule("between", r"\bentre (?:os )?M (?:e|a|ate) (?:os )?M"),
    Rule("between", r"\b(?:de|da|dos) M (?:a|ate) M"),
    Rule("between", r"\bS ?(?:-|–|to|a|ate) ?S"),
    Rule("between", r"\bM ?(?:-|–|to|a|ate) ?S"),
    Rule("highest", r"\b(?:under|below|less than|up to|at most|no more than|not more than|cheaper than|within|not over|max(?:imum)?(?: of)?) M"),
    Rule("highest", r"\b(?:ate(?: uns)?|abaixo de|(?:por )?menos (?:de|que|do que)|no maximo|maximo(?: de)?|inferior a|nao passe de|mais barat[oa]s? (?:do )?que|abaixo dos) M"),
    Rule("highest", r"\bM (?:or less|or under|at most|max(?:imum)?\b|ou menos|no maximo)"),
    Rule("highest", r"\b(?:budget (?:is|of)|i have|eu tenho|tenho|so tenho|orcamento (?:e )?de|com) S"),
    Rule("lowest", r"\b(?:over|above|more than|at least|starting at|starting from|min(?:imum)?(?: of)?|no less than) M"),
    Rule("lowest", r"\b(?:acima (?:de|dos)|mais (?:de|que|do que)|a partir de|no minimo|minimo(?: de)?|pelo menos|superior a|mais car[oa]s? (?:do )?que) M"),
    Rule("lowest", r"\bfrom S"),
    Rule("lowest", r"\bM (?:or more|or over|and up|upwards|ou mais|para cima|pra cima)"),
    Rule("around", r"\b(?:around|about|approximately|approx|roughly|some|circa) M"),
    Rule("around", r"\b(?:uns|umas|cerca de|por volta de|em torno de|na faixa (?:de|dos)|na casa (?:de|dos)|aproximadamente|mais ou menos) M"),
    Rule("around", r"\b(?:for|por|de) S"),
)  # fmt: skip
AROUND = 0.25
"""How far "around" reaches, as a share of the amount."""

ORDERS: Sequence[tuple[Order, str]] = (
    (ASCENDING, r"\b(?:cheapest|cheaper|least expensive|less expensive|lowest[- ]pric\w+|lowest price|most affordable|inexpensive|best price)\b"),
    (ASCENDING, r"\b(?:mais (?:barat|baratinh)[oa]s?|mais em conta|(?:menor|melhor) (?:preco|valor)|(?:preco|valor) mais baixo|mais acessive(?:l|is)|mais economic[oa]s?|baratinh[oa]s?)\b"),
    (DESCENDING, r"\b(?:most expensive|dearest|priciest|costliest|highest[- ]pric\w+|highest price|more expensive)\b"),
    (DESCENDING, r"\b(?:mais car[oa]s?|maior (?:preco|valor)|(?:preco|valor) mais alto)\b"),
)  # fmt: skip


def _compiled(rule: Rule) -> re.Pattern[str]:
    pattern = rule.pattern.replace("S", f"({_SURE})").replace("M", f"({_SURE}|{_PLAIN}{_AFTER})")
    return re.compile(pattern.replace(_AFTER, "", 1) if rule.kind == "between" else pattern)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return RULES as patterns. They take 20 ms to compile, which no import should."""
    return tuple((rule.kind, _compiled(rule)) for rule in RULES)


_ORDERS = tuple((name, re.compile(words)) for name, words in ORDERS)


@dataclass(frozen=True, slots=True)
class PriceLimits:
    """What was read: limits in minor units, an order, and the folded question without the words of these."""

    lowest: int | None
    highest: int | None
    order: Order | None
    rest: str


def read_limits(question: str) -> PriceLimits:
    """Return the price limits and the order of a question."""
    rest = fold(question)
    lowest: int | None = None
    highest: int | None = None
    for kind, pattern in _patterns():
        found = pattern.search(rest)
        if not found:
            continue
        amounts = [minor_units(text) for text in found.groups() if text]
        low, high = _range(kind, amounts)
        lowest, highest = (low if lowest is None else lowest), (high if highest is None else highest)
        rest = f"{rest[: found.start()]} , {rest[found.end() :]}"
    order: Order | None = None
    for name, words in _ORDERS:
        if found := words.search(rest):
            order = order or name
            rest = f"{rest[: found.start()]} {rest[found.end() :]}"
    return PriceLimits(lowest, highest, order, rest)


def _range(kind: str, amounts: list[int]) -> tuple[int | None, int | None]:
    if kind == "between":
        return min(amounts), max(amounts)
    if kind == "around":
        return round(amounts[0] * (1 - AROUND)), round(amounts[0] * (1 + AROUND))
    return (None, amounts[0]) if kind == "highest" else (amounts[0], None)


def minor_units(text: str) -> int:
    """Return an amount as written, "R$ 1.234,56" or "1,234.56", in minor units; a last group of three digits is thousands."""
    number = re.search(r"\d[\d.,]*", text)
    digits = number[0].rstrip(".,") if number else "0"
    whole, _, cents = digits.replace(",", ".").rpartition(".")
    if not whole or len(cents) == 3:
        whole, cents = digits, ""
    amount = int(re.sub(r"\D", "", whole) or 0) * 100 + int((cents + "00")[:2])
    return amount * 1000 if re.search(r"\d\s?(?:mil|k|thousand)\b", text) else amount
