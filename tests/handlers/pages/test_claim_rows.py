"""Tests of what a claim was held against, as its reader sees it."""

from handlers.pages.claim_rows import claim_row
from shop.claims.values import Claim
from tests.support.shop import ENGLISH


def test_a_products_row_is_names_and_values() -> None:
    row = "SKU | name | price\nA | Mug | 1.00"
    shown = claim_row(ENGLISH, Claim("price", "R$ 1", 0, 4, "A", "supported", "p.csv:3", "", row))

    assert shown.cells == (("SKU", "A"), ("name", "Mug"), ("price", "1.00"))
    assert (shown.file, shown.line, shown.text, shown.true) == ("p.csv", "3", "", "")


def test_a_line_of_a_text_stands_as_it_is() -> None:
    shown = claim_row(ENGLISH, Claim("fee", "R$ 1", 0, 4, "", "contradicted", "a.md:7", "R$ 2", "- Recife: R$ 2"))

    assert (shown.cells, shown.text, shown.line, shown.true) == ((), "- Recife: R$ 2", "7", "R$ 2")


def test_the_true_value_is_written_as_the_wrong_one() -> None:
    shown = claim_row(ENGLISH, Claim("price", "R$ 279,90", 0, 9, "A", "contradicted", "p.csv:3", "R$ 289.00"))

    assert shown.true == "R$ 289,00"
