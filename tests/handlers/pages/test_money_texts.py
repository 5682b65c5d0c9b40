"""Tests of what the assistant costs, in words."""

from decimal import Decimal

import pytest

from handlers.pages import money_texts
from memory.usage.activity import Spent
from tests.support.shop import ENGLISH


@pytest.mark.parametrize(
    ("usd", "unpriced", "budget", "said"),
    [
        ("0", 0, "0", "US$ 0.00, no budget set."),
        ("0.0004", 0, "0", "US$ 0.01, no budget set."),
        ("1.234", 0, "5", "US$ 1.23 of US$ 5.00 (24%)."),
        ("1234.5", 0, "150", "US$ 1,234.50 of US$ 150.00 (823%)."),
        (
            "0",
            2,
            "5",
            "US$ 0.00 of US$ 5.00 (0%). The prices of 2 answers aren't known, so the real cost is higher.",
        ),
    ],
)
def test_a_cost_is_told_in_money(usd: str, unpriced: int, budget: str, said: str) -> None:
    assert money_texts.spent(ENGLISH, Spent(Decimal(usd), unpriced), Decimal(budget)) == said
