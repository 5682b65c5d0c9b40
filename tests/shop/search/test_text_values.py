"""Tests of the kinds of values that questions want and lines have."""

import pytest

from shop.search.text_values import values_in, wanted


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Lamps: 24 months.", {"duration"}),
        ("Despacho no mesmo dia.", {"duration"}),
        ("Iron: for life", {"duration"}),
        ("Recife: R$ 12,00, 1–2 dias úteis", {"amount", "duration"}),
        ("Pick-up is free", {"amount"}),
        ("Em até 6 parcelas", {"times"}),
        ("Das 9h às 18h", {"hours"}),
        ("Closed on Monday", {"hours"}),
        ("Sem juros", set()),
    ],
)
def test_a_line_has_the_values_that_it_writes(text: str, kinds: set[str]) -> None:
    assert values_in(text) == kinds


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("how long does it take", {"duration"}),
        ("qual o prazo de troca", {"duration"}),
        ("em quantas vezes", {"times"}),
        ("quanto custa o frete", {"amount"}),
        ("what is the delivery fee and how many days", {"amount", "duration"}),
        ("do you accept pix", set()),
    ],
)
def test_a_question_wants_the_values_that_it_asks_for(question: str, kinds: set[str]) -> None:
    assert wanted(question) == kinds
