"""Tests of attempts at a password while the disk takes none: they are counted still, and given back."""

from datetime import timedelta
from pathlib import Path

import pytest

from memory.people import throttle
from memory.people.attempts import Attempts
from memory.people.throttle import MOST_FILES, RateLimit
from memory.storage.users import Users
from tests.support.conversations import NOON

MINUTE = timedelta(minutes=1)
BOB, HOME = RateLimit("name bob", 3), RateLimit("login 192.0.2.1", 5)


@pytest.fixture
def users(tmp_path: Path) -> Users:
    users = Users(tmp_path / "users")
    users.prepare()
    return users


@pytest.fixture
def broken(users: Users) -> Users:
    """The directory of people where attempts cannot be written."""
    (users.root / ".throttle").write_text("in the way")
    return users


def mend(users: Users) -> None:
    (users.root / ".throttle").unlink()


@pytest.mark.parametrize("is_broken", [False, True], ids=["on the disk", "in memory"])
def test_a_limit_is_the_same_wherever_attempts_are_counted(users: Users, is_broken: bool) -> None:
    if is_broken:
        (users.root / ".throttle").write_text("in the way")
    attempts = Attempts(users)
    waits = [attempts.take((BOB,), NOON + n * MINUTE) for n in range(5)]

    assert waits == [0, 0, 0, 7 * 60, 6 * 60]
    assert attempts.wait_seconds((BOB,), NOON + 9 * MINUTE) == 60
    assert attempts.take((BOB,), NOON + 10 * MINUTE) == 0


def test_what_is_refused_in_one_limit_is_counted_in_none(broken: Users) -> None:
    attempts = Attempts(broken)
    for _ in range(3):
        attempts.take((BOB, HOME), NOON)

    assert [attempts.take((BOB, HOME), NOON) > 0 for _ in range(5)] == [True] * 5
    assert [attempts.take((HOME,), NOON) > 0 for _ in range(3)] == [False, False, True]


def test_a_good_attempt_is_given_back_in_memory(broken: Users) -> None:
    attempts = Attempts(broken)
    for _ in range(10):
        assert attempts.take((BOB,), NOON) == 0
        attempts.give_back((BOB,), NOON, NOON)


def test_attempts_in_memory_count_when_the_disk_is_well_again(broken: Users) -> None:
    attempts = Attempts(broken)
    for _ in range(3):
        attempts.take((BOB,), NOON)
    mend(broken)

    assert attempts.take((BOB,), NOON + MINUTE) == 9 * 60


def test_attempts_on_the_disk_count_while_it_can_only_be_read(users: Users) -> None:
    attempts = Attempts(users)
    for _ in range(3):
        throttle.take(users, (BOB,), NOON)
    (users.root / ".throttle" / ".lock").unlink()
    (users.root / ".throttle" / ".lock").mkdir()  # nobody can write there any more

    assert attempts.take((BOB,), NOON) == 600
    assert attempts.take((HOME,), NOON) == 0
    attempts.give_back((BOB,), NOON, NOON)


def test_the_limits_in_memory_are_bounded(broken: Users) -> None:
    attempts = Attempts(broken)
    for n in range(MOST_FILES + 100):
        attempts.take((RateLimit(f"name {n}", 3),), NOON)

    assert len(attempts._unwritten) == MOST_FILES
