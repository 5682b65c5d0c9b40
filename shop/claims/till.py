"""What amounts of money are held against in one turn."""

import re
from dataclasses import dataclass

from shop.claims.amounts import Percent, StatedAmount
from shop.claims.rules import Rules
from shop.claims.subjects import NamedProduct
from shop.claims.sums import Ledger
from shop.claims.values import RulePassage

_REDUCED = re.compile(r"%|\b(?:pix|code|codigo|cupom|coupon|discount|desconto|off|first order|restocking)\b")


@dataclass(frozen=True, slots=True)
class Till:
    """What amounts of money are held against in one turn."""

    rules: Rules
    ledger: Ledger
    currency: str
    question: frozenset[int]
    """Amounts that the customer wrote."""
    items: tuple[NamedProduct, ...]

    def rates(self, passage: RulePassage) -> list[int]:
        """Return the discounts, in hundredths of a percent, that the shop's texts give, where the answer spoke of one."""
        if not self.ledger.is_reduced and not _REDUCED.search(passage.folded):
            return []
        stated = [fact.value for fact in self.rules.policies.facts if isinstance(fact.value, Percent)]
        return list(dict.fromkeys(value.hundredths for value in stated))


def thresholds(till: Till) -> list[int]:
    """Return the sums from which on the shop's rules give something."""
    return [
        fact.value.minor
        for fact in till.rules.policies.facts
        if isinstance(fact.value, StatedAmount) and fact.role == "from"
    ]


def money_text(amount: str, till: Till) -> str:
    """Return a written amount with the sign of the shop's currency; other words as they are."""
    sign = {"BRL": "R$ ", "USD": "$", "EUR": "€", "GBP": "£"}.get(
        till.currency, f"{till.currency} " if till.currency else ""
    )
    return f"{sign}{amount}" if amount[:1].isdigit() else amount


def text_of(minor: int, till: Till) -> str:
    """Return an amount in minor units for the customer to read."""
    return money_text(StatedAmount(0, 0, minor).text, till)
