"""Tests of the opening hours: when it opens again, by the shop's own clock."""

from datetime import UTC, datetime

import pytest

from brand import read_hours
from shop.hours import OpeningHours

RECIFE, BERLIN = "America/Recife", "Europe/Berlin"
WEEK = "Mo-Fr 09:00-18:00, Sa 09:00-13:00"


def opens(hours: str, zone: str, now: str) -> str:
    """Return when it opens, "" while it is open; `now` is UTC."""
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = OpeningHours(read_hours(hours), zone).opens(moment)
    return f"{found:%a %d %H:%M%z}" if found else ""


@pytest.mark.parametrize(
    ("hours", "zone", "now", "found"),
    [
        (WEEK, RECIFE, "2026-11-23T12:00", ""),  # Monday, 9:00 there
        (WEEK, RECIFE, "2026-11-23T11:59", "Mon 23 09:00-0300"),
        (WEEK, RECIFE, "2026-11-23T20:59", ""),
        (WEEK, RECIFE, "2026-11-23T21:00", "Tue 24 09:00-0300"),
        (WEEK, RECIFE, "2026-11-28T16:00", "Mon 30 09:00-0300"),  # Saturday, after closing
        ("Mo 09:00-10:00", RECIFE, "2026-11-23T13:00", "Mon 30 09:00-0300"),  # a week on
        ("Fr 18:00-02:00", RECIFE, "2026-11-28T04:59", ""),  # Saturday, 1:59 there
        ("Fr 18:00-02:00", RECIFE, "2026-11-28T05:00", "Fri 04 18:00-0300"),
        ("Su 18:00-02:00", RECIFE, "2026-11-23T04:00", ""),  # Monday, 1:00 there
        ("Mo-Su 00:00-24:00", RECIFE, "2026-11-23T02:59", ""),
        ("Mo 09:00-12:00, 13:00-18:00", RECIFE, "2026-11-23T15:30", "Mon 23 13:00-0300"),
        ("Su 09:00-18:00", BERLIN, "2026-03-29T06:59", "Sun 29 09:00+0200"),  # the day on which the clocks are put forward
        ("Su 09:00-18:00", BERLIN, "2026-03-29T07:00", ""),
        ("Su 01:00-04:00", BERLIN, "2026-10-25T02:59", ""),  # and back: 3:59 for the second time
        ("Su 01:00-04:00", BERLIN, "2026-10-25T03:00", "Sun 01 01:00+0100"),
        ("", RECIFE, "2026-11-23T12:00", ""),
    ],
)  # fmt: skip
def test_it_opens_by_the_shops_clock(hours: str, zone: str, now: str, found: str) -> None:
    assert opens(hours, zone, now) == found
