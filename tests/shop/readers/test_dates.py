"""Sales begin and end on the days that exports name."""

from datetime import date

import pytest

from shop.readers.dates import day_of, is_within


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026-03-01T13:00-0800", date(2026, 3, 1)),
        ("2026/3/1 00:00:00", date(2026, 3, 1)),
        ("01.07.2015", date(2015, 7, 1)),
        ("7/1/15", date(2015, 7, 1)),
        ("31/12/2025", date(2025, 12, 31)),
        ("1772323200", date(2026, 3, 1)),
        ("soon", None),
        ("2026-13-40", None),
        ("", None),
    ],
)
def test_a_day_is_read_in_each_way_of_writing(text: str, day: date | None) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [("", "", True), ("2026-03-01", "2026-03-01", True), ("", "2026-02-28", False), ("2026-03-02", "", False)],
)
def test_a_sale_is_on_from_its_first_day_to_its_last(begins: str, ends: str, expected: bool) -> None:
    assert is_within(date(2026, 3, 1), begins, ends) is expected
