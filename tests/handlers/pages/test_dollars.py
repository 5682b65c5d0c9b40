"""Tests of amounts of dollars in a field."""

from decimal import Decimal

import pytest

from handlers.pages import languages
from handlers.pages.dollars import read_dollars, written_dollars
from settings import ROOT

PORTUGUESE = languages.load(ROOT / "languages").of("pt_BR")


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("1", "1"), ("1.5", "1.5"), ("1,50", "1.50"), ("0.005", "0.005"), ("0,125", "0.125"), ("$ 2", "2"), ("us$3", "3")],
)
def test_an_amount_is_read_with_point_or_comma(typed: str, amount: str) -> None:
    assert read_dollars(typed) == Decimal(amount)


@pytest.mark.parametrize(
    "typed", ["", "1.000", "1,000", "1.2.3", "-1", "+1", "1e3", "٣", "R$ 2", "1000001", "1 0", "."]
)
def test_what_may_mean_two_things_or_none_is_no_amount(typed: str) -> None:
    assert read_dollars(typed) is None


@pytest.mark.parametrize(
    "amount", ["0", "1", "0.5", "0.005", "0.125", "1.25", "12.1234", "1000", "0.00000001", "2.001"]
)
def test_what_is_written_in_a_field_is_read_again(amount: str) -> None:
    assert PORTUGUESE is not None
    written = written_dollars(PORTUGUESE, Decimal(amount))

    assert "." not in written
    assert read_dollars(written) == Decimal(amount)


def test_an_amount_has_at_least_its_cents() -> None:
    assert PORTUGUESE is not None
    assert written_dollars(PORTUGUESE, Decimal("0.5")) == "0,50"
    assert written_dollars(PORTUGUESE, Decimal("3.00")) == "3"
