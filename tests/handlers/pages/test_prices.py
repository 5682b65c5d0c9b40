"""Tests of prices that stay on one line."""

import pytest

from handlers.pages.markdown import Blocks, render


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("It is R$ 289.00.", "R$\u00a0289.00"),
        ("**US$ 5**", "US$\u00a05"),
        ("costs 12,50 € here", "12,50\u00a0€"),
        ("EUR 5 or 7 BRL", "EUR\u00a05 or 7\u00a0BRL"),
        ("| Price |\n| - |\n| R$ 189.00 |", "R$\u00a0189.00"),
    ],
)
def test_a_price_is_not_broken(text: str, seen: str) -> None:
    assert seen in render(text)
    (html,) = Blocks().end(text)
    assert seen in html


@pytest.mark.parametrize("text", ["`R$ 5`", "```\nR$ 5\n```", "RED 5", "in 2026 we", "USDA 5"])
def test_other_spaces_stay(text: str) -> None:
    assert "\u00a0" not in render(text)
