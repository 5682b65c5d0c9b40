"""Tests of the rate limits in which attempts to log in are counted."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from memory.people import throttle
from memory.people.throttle import RateLimit
from memory.storage.users import Users
from tests.support.conversations import NOON

ROOT = Path(__file__).parents[3]
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
BOB, HOME = RateLimit("name bob", 3), RateLimit("login 192.0.2.1", 5)


@pytest.fixture
def users(tmp_path):
    users = Users(tmp_path / "users")
    users.prepare()
    return users


def files(users):
    return sorted(name for name in os.listdir(users.root / ".throttle") if name != ".lock")


def test_a_rate_limit_allows_its_attempts_then_reports_the_wait(users):
    waits = [throttle.take(users, (BOB,), NOON + n * MINUTE) for n in range(5)]

    assert waits == [0, 0, 0, 7 * 60, 6 * 60]
    assert throttle.wait_seconds(users, (BOB,), NOON + 10 * MINUTE - SECOND) == 1
    assert throttle.take(users, (BOB,), NOON + 10 * MINUTE) == 0
    assert throttle.take(users, (BOB,), NOON + 10 * MINUTE) == 60


def test_an_attempt_that_is_refused_is_counted_in_no_limit(users):
    for _ in range(3):
        throttle.take(users, (BOB, HOME), NOON)

    assert throttle.take(users, (BOB, HOME), NOON) == 600
    assert throttle.take(users, (HOME,), NOON) == 0
    assert throttle.take(users, (HOME,), NOON) == 0
    assert throttle.take(users, (HOME,), NOON) == 600


def test_a_good_attempt_is_given_back(users):
    throttle.take(users, (BOB, HOME), NOON - MINUTE)
    throttle.take(users, (BOB, HOME), NOON)
    throttle.give_back(users, (BOB, HOME), NOON, NOON)

    assert [throttle.take(users, (BOB,), NOON) for _ in range(3)] == [0, 0, 540]


def test_who_has_given_back_all_leaves_no_file(users):
    throttle.take(users, (BOB, HOME), NOON)
    throttle.give_back(users, (BOB, HOME), NOON, NOON)

    assert files(users) == []


def test_the_files_tell_no_name_and_no_address(users):
    throttle.take(users, (BOB, HOME, RateLimit("name ../../etc/\x00\ud83d" + "x" * 9_999, 1)), NOON)

    assert [len(name) for name in files(users)] == [64, 64, 64]
    assert users.names() == []


@pytest.mark.parametrize("left", [b"", b"\xff", b"yesterday", b"2026-11-23T12:00:00Z\nx", b"\x00" * 1000])
def test_a_mangled_file_counts_as_none(users, left):
    throttle.take(users, (BOB,), NOON)
    (users.root / ".throttle" / BOB.file).write_bytes(left)

    assert [throttle.take(users, (BOB,), NOON) for _ in range(4)] == [0, 0, 0, 600]


@pytest.mark.parametrize("days", [-365, -1, 1, 365])
def test_a_clock_change_neither_resets_throttles_nor_locks_out(users, days):
    for _ in range(3):
        throttle.take(users, (BOB,), NOON)
    now = NOON + timedelta(days=days)

    assert throttle.take(users, (BOB,), NOON - 5 * MINUTE) == 600
    assert throttle.take(users, (BOB,), now) == 600
    file = users.root / ".throttle" / BOB.file
    stamped, started, seconds = file.read_text().splitlines()[0].split(" ")
    file.write_text("\n".join([f"{stamped} {started} {float(seconds) - 599}"] * 3))
    assert throttle.take(users, (BOB,), now) <= 2
    file.write_text("\n".join([f"{stamped} {started} {float(seconds) - 601}"] * 3))
    assert throttle.take(users, (BOB,), now) == 0


@pytest.mark.parametrize("line", ["2027-11-23T12:00:00Z", "2027-11-23T12:00:00Z another-start 5"])
def test_a_future_attempt_of_another_boot_locks_nobody_out(users, line):
    throttle.take(users, (BOB,), NOON)
    (users.root / ".throttle" / BOB.file).write_text("\n".join([line] * 3))

    assert throttle.take(users, (BOB,), NOON) == 0


def test_the_files_are_bounded_and_the_oldest_go_first(users):
    place = users.prepared(".throttle")
    for n in range(throttle.MOST_FILES):
        path = place.path / f"{n:064x}"
        path.touch()
        os.utime(path, (NOON.timestamp() - 60 + n / 1e6, NOON.timestamp() - 60 + n / 1e6))

    throttle.take(users, (BOB,), NOON)

    assert len(files(users)) == throttle.MOST_FILES - throttle.MOST_FILES // 10 + 1
    assert BOB.file in files(users)
    assert f"{0:064x}" not in files(users)


TAKE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from memory.people import throttle
from memory.storage.users import Users
rate, now = throttle.RateLimit("name bob", 20), datetime(2026, 11, 23, 12, tzinfo=UTC)
print(sum(throttle.take(Users(Path(sys.argv[1])), (rate,), now) == 0 for _ in range(15)))
"""


def test_two_processes_together_pass_no_more_than_one_would(users):
    running = [
        subprocess.Popen([sys.executable, "-c", TAKE, str(users.root)], cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(2)
    ]

    assert sum(int(process.communicate(timeout=60)[0]) for process in running) == 20
