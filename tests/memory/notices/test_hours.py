from datetime import UTC, date, datetime

import pytest

from memory.notices.hours import quiet_until, week_due


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "zone", "now", "until"),
    [
        ("", "UTC", "2026-11-29T23:00", None),
        ("22:00-07:00", "UTC", "2026-11-29T21:59", None),
        ("22:00-07:00", "UTC", "2026-11-29T22:00", "2026-11-30T07:00"),
        ("22:00-07:00", "UTC", "2026-11-30T06:59", "2026-11-30T07:00"),
        ("22:00-07:00", "UTC", "2026-11-30T07:00", None),
        ("13:00-15:00", "UTC", "2026-11-29T14:00", "2026-11-29T15:00"),
        ("13:00-15:00", "UTC", "2026-11-29T15:00", None),
        ("07:00-07:00", "UTC", "2026-11-29T07:00", None),
        ("22:00-07:00", "America/Recife", "2026-11-29T23:00", None),
        ("22:00-07:00", "America/Recife", "2026-11-30T01:00", "2026-11-30T10:00"),
        ("22:00-07:00", "Europe/Lisbon", "2026-03-29T00:30", "2026-03-29T06:00"),
    ],
    ids=["none", "before", "begins", "last minute", "over", "by day", "by day over", "no hours", "in Recife by day",
         "in Recife by night", "the night that summer time begins"],
)  # fmt: skip
def test_quiet_hours_are_by_the_shops_clock(quiet, zone, now, until):
    assert quiet_until(quiet, zone, at(now)) == (at(until) if until else None)


@pytest.mark.parametrize(
    ("zone", "now", "monday"),
    [
        ("UTC", "2026-11-29T12:00", date(2026, 11, 23)),
        ("UTC", "2026-11-30T07:59", date(2026, 11, 23)),
        ("UTC", "2026-11-30T08:00", date(2026, 11, 30)),
        ("America/Recife", "2026-11-30T10:59", date(2026, 11, 23)),
        ("America/Recife", "2026-11-30T11:00", date(2026, 11, 30)),
        ("Asia/Tokyo", "2026-11-29T23:00", date(2026, 11, 30)),
    ],
)
def test_a_week_is_due_on_monday_morning(zone, now, monday):
    assert week_due(zone, at(now)) == monday
