"""Tests of times as they are written."""

from datetime import UTC, datetime, timedelta, timezone

from memory.timestamps import read_stamp, stamp, within


def test_times_are_printed_in_utc_whole_seconds():
    time = datetime(2026, 11, 23, 9, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=-3)))

    assert stamp(time) == "2026-11-23T12:00:00Z"
    assert read_stamp("2026-11-23T12:00:00Z") == datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def test_times_of_a_window_are_neither_old_nor_ahead_nor_mangled():
    now, hour = datetime(2026, 11, 23, 12, tzinfo=UTC), timedelta(hours=1)
    times = [now - hour, now - timedelta(minutes=59), now, now + timedelta(seconds=1)]

    assert within(["", "x", *map(stamp, times)], hour, now) == times[1:3]
