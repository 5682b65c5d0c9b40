"""Tests of money, percentages, lengths of time and days as they are written."""

import pytest

from shop.claims.amounts import Day, Duration, dates, durations, minor_units, money, percents
from shop.claims.wording import fold

MONEY = {
    "R$ 1.234,56": 123456,
    "R$ 1,234.56": 123456,
    "R$ 1.234": 123400,
    "289 reais": 28900,
    "BRL 289": 28900,
    "$42": 4200,
    "€ 9,9": 990,
    "R$ 1,2 mil": 120000,
    "noventa e seis reais": 9600,
    "one hundred and thirty-eight reais": 13800,
    "dois mil e quinhentos reais": 250000,
    "39 reais e 90 centavos": 3990,
    "Preço: 39,90": 3990,
}


@pytest.mark.parametrize(("text", "minor"), MONEY.items(), ids=MONEY)
def test_money_is_read_in_its_forms(text: str, minor: int) -> None:
    assert [one.minor for one in money(fold(text))] == [minor]


def test_a_sign_tells_the_currency() -> None:
    assert [one.currency for one in money(fold("R$ 1, US$ 2, $3, 4 euros"))] == ["BRL", "USD", "", "EUR"]


def test_three_decimals_are_thousands() -> None:
    assert (minor_units("1.234"), minor_units("12.3"), minor_units("1,234.5")) == (123400, 1230, 123450)


def test_percent_is_read_in_words_too() -> None:
    assert [one.hundredths for one in percents(fold("5%, 12,5 % and 20 por cento"))] == [500, 1250, 2000]


DURATIONS = {
    "3–5 business days": (3, 5, True),
    "5 a 9 dias úteis": (5, 9, True),
    "30 calendar days": (30, 30, False),
    "24-month warranty": (720, 720, None),
    "dois anos": (720, 720, None),
    "Working days: 1–2": (1, 2, None),
}


@pytest.mark.parametrize(("text", "wanted"), DURATIONS.items(), ids=DURATIONS)
def test_times_are_read_in_their_forms(text: str, wanted: tuple[float, float, bool | None]) -> None:
    assert [(one.low, one.high, one.is_working) for one in durations(fold(text))] == [wanted]


def test_a_time_fits_another_unit_and_not_another_kind_of_day() -> None:
    assert Duration(0, 0, 720, 720).fits(Duration(0, 0, 720, 720))
    assert Duration(0, 0, 2, 2).fits(Duration(0, 0, 1, 2, True))
    assert not Duration(0, 0, 7, 7, True).fits(Duration(0, 0, 7, 7, False))
    assert not Duration(0, 0, 1, 1).fits(Duration(0, 0, 1, 2))


def test_sets_are_no_september() -> None:
    assert [*dates(fold("38 sets of towels and 5 dezenas"))] == []
    assert [*dates(fold("5 de dezembro"))] == [Day(0, 13, 12, 5)]
    assert [(one.month, one.day) for one in dates(fold("December 24, 25/12/2026"))] == [(12, 24), (12, 25)]
