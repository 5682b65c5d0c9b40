"""What the assistant costs, in words: a sum against its budget, and what is not known of it. Pure."""

from decimal import Decimal

from handlers.pages.languages import Language
from memory.usage.activity import Spent


def spent(language: Language, spent: Spent, budget: Decimal) -> str:
    """Return what was spent in one time, of a budget of dollars, 0 where there is none."""
    parts = [_sum(language, spent.usd, budget)]
    if spent.unpriced:
        parts.append(
            language.ngettext(
                "The price of %(num)s answer isn't known, so the real cost is higher.",
                "The prices of %(num)s answers aren't known, so the real cost is higher.",
                spent.unpriced,
            )
        )
    return " ".join(parts)


def _sum(language: Language, usd: Decimal, budget: Decimal) -> str:
    cost = language.usd(_rounded(usd))
    if not budget:
        return language.gettext("%(cost)s, no budget set.", cost=cost)
    percent = language.number(int(100 * usd / budget))
    whole = language.usd(_rounded(budget))
    return language.gettext("%(cost)s of %(budget)s (%(percent)s%%).", cost=cost, budget=whole, percent=percent)


def _rounded(usd: Decimal) -> Decimal:
    """Return a sum to the cent, and what is less than a cent as one: nothing that was paid for looks free."""
    return max(usd.quantize(Decimal("0.01")), Decimal("0.01") if usd else Decimal(0))
