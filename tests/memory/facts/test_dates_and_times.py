"""Tests of dates and times by their words: which half of the day is meant, and which day of a weekday's name."""

from datetime import date

import pytest

from memory.facts import dates_and_times

SATURDAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("12 da noite", "time 00:00"),
        ("12 da tarde", "time 12:00"),
        ("12 am", "time 00:00"),
        ("12 pm", "time 12:00"),
        ("midnight", "time 00:00"),
        ("quarter to one", "time 12:45"),
        ("ten past nine in the morning", "time 09:10"),
        ("31/12", "date 12-31"),
        ("12/31", "date 12-31"),
    ],
)
def test_the_key_is_that_of_the_clock_or_calendar(text, key):
    assert dates_and_times.read(text, 0, None).key == key


def test_a_weekday_that_is_a_number_too_may_be_followed_by_then():
    assert dates_and_times.read("terca entao", 0, None).key == "weekday 2"


@pytest.mark.parametrize("text", ["42/44", "25h", "13/13", "29:30", "segunda caixa", "dia 40"])
def test_what_no_calendar_has_is_no_date(text):
    assert dates_and_times.read(text, 0, SATURDAY) is None


@pytest.mark.parametrize(("number", "unit", "key"), [(3, "day", "2026-12-01"), (2, "week", "2026-12-12")])
def test_days_away_are_counted_from_the_message(number, unit, key):
    assert dates_and_times.away(number, unit, SATURDAY, is_past=False) == f"date {key}"
    assert dates_and_times.away(1, "kg", SATURDAY, is_past=False) is None
