"""Tests of opening hours as a form has them."""

import pytest

from handlers.desk.open_times import OpenTime, hours_of, week_of


@pytest.mark.parametrize(
    "hours",
    ["", "Mo-Fr 09:00-18:00", "Mo-Fr 09:00-18:00, Sa 09:00-13:00, Su 10:00-12:00", "Sa 18:00-02:00", "Su 00:00-00:30"],
)
def test_hours_come_back_as_they_were(hours: str) -> None:
    week = week_of(hours)

    assert week is not None
    assert hours_of(week) == hours


@pytest.mark.parametrize(
    "hours", ["Mo-Th 09:00-18:00", "Mo-Fr 09:00-12:00, 13:00-18:00", "Mo 09:00-18:00, Tu-Fr 09:00-17:00"]
)
def test_what_a_form_cannot_hold_is_none(hours: str) -> None:
    assert week_of(hours) is None


def test_days_that_are_listed_one_by_one_are_a_week() -> None:
    week = week_of("Mo,Tu,We,Th,Fr 09:00-24:00")

    assert week is not None
    assert week["week"] == OpenTime("09:00", "00:00")
    assert hours_of(week) == "Mo-Fr 09:00-00:00"


def test_one_time_alone_is_half() -> None:
    assert OpenTime("09:00").is_half
    assert not OpenTime().is_half
    assert not OpenTime("09:00", "18:00").is_half
