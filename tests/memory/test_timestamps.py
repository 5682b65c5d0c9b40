"""Tests of times as they are written."""

from datetime import UTC, datetime, timedelta, timezone

from memory.timestamps import read_stamp, stamp


def test_times_are_printed_in_utc_whole_seconds():
    time = datetime(2026, 11, 23, 9, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=-3)))

    assert stamp(time) == "2026-11-23T12:00:00Z"
    assert read_stamp("2026-11-23T12:00:00Z") == datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
