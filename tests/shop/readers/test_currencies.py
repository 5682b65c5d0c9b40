"""Currencies are read out of cells and headers."""

import pytest

from shop.readers.currencies import currency_code, currency_in, digits_of


@pytest.mark.parametrize(
    ("text", "code"),
    [("R$ 5", "BRL"), ("Price (USD)", "USD"), ("5 €", "EUR"), ("$ 5", ""), ("Preço", ""), ("ARMS 5", ""), ("12,00 zł", "PLN")],
)  # fmt: skip
def test_a_currency_is_a_code_or_a_sign_of_one(text: str, code: str) -> None:
    assert currency_in(text) == code


def test_a_column_of_currencies_may_have_any_code() -> None:
    assert [currency_code(cell) for cell in ("brl", "€", "", "XTS")] == ["BRL", "EUR", "", "XTS"]


def test_minor_units_have_the_currencys_digits() -> None:
    assert [digits_of(code) for code in ("JPY", "BRL", "KWD", "")] == [0, 2, 3, 2]
