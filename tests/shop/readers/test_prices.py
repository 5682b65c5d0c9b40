"""Prices are read as they were meant, whatever the country."""

from decimal import Decimal

import pytest

from shop.readers.prices import EXACT, Money, numbers_of


@pytest.mark.parametrize(
    ("column", "cell", "amount"),
    [
        (["12,50", "1.234"], "1.234", 123400),
        (["12.50", "1,234"], "1,234", 123400),
        (["1.500", "990"], "1.500", 150000),
        (["1,500", "990"], "1,500", 150000),
        (["19.812000"], "19.812000", 1981),
        (["R$ 1.234,56"], "R$ 1.234,56", 123456),
        (["1'234.50"], "1'234.50", 123450),
        (["1 234,50 €"], "1 234,50 €", 123450),
        (["1,00,000.00"], "1,00,000.00", 10000000),
        (["12,-"], "12,-", 1200),
        (["0.999"], "0.999", 100),
    ],
)
def test_the_decimal_sign_is_that_of_the_column(column: list[str], cell: str, amount: int) -> None:
    money = numbers_of(column).money(cell)

    assert money is not None
    assert money.amount == amount


@pytest.mark.parametrize("cell", ["", "a combinar", "0,00", "-5", "(3.00)", "10 %", "."])
def test_what_is_no_price_is_none(cell: str) -> None:
    assert EXACT.money(cell) is None


@pytest.mark.parametrize(
    ("cell", "money"),
    [
        ("219.90 BRL", Money(21990, "BRL")),
        ("EUR24.99", Money(2499, "EUR")),
        ("US$ 5", Money(500, "USD")),
        ("$5", Money(500)),
        ("1200 JPY", Money(1200, "JPY")),
        ("1.250 KWD", Money(1250, "KWD")),
        ("10 - 20", Money(1000, "", False)),
        ("3x R$ 10,50", Money(1050, "BRL", False)),
        ("2 for 5.00 EUR", Money(500, "EUR", False)),
    ],
)
def test_a_cell_may_name_its_currency(cell: str, money: Money) -> None:
    assert EXACT.money(cell) == money


def test_digits_are_those_of_the_shops_currency() -> None:
    assert EXACT.money("1200", "CLP") == Money(1200)


def test_two_decimal_signs_in_one_column_are_seen() -> None:
    assert numbers_of(["1,50", "2.50"]).is_mixed
    assert not numbers_of(["1,50", "2500"]).is_mixed


def test_a_number_of_any_length_ends() -> None:
    assert EXACT.value("9" * 5000) is None
    assert EXACT.value("1.5") == Decimal("1.5")
