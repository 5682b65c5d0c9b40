"""Tests of people who leave: nothing of them is left, and whoever gets the name gets nothing of theirs."""

import os
import shutil
import threading
import time

import pytest

from memory.people import accounts, deletion
from memory.storage.layout import COMPACTION_LOCK, HISTORY, TURN_LOCK
from memory.storage.users import NameTaken, Users
from tests.support.conversations import NOON

PASSWORD = "correct horse battery"


@pytest.fixture
def users(tmp_path, accounts_of_all):
    users = Users(tmp_path / "users")
    users.prepare()
    for name, account in accounts_of_all.items():
        users.create(name, account)
    return users


def seen(users):
    return sorted(name for name in os.listdir(users.root) if name != ".lock")


def test_nothing_of_a_deleted_user_is_left(users):
    bob = users.folder("bob")
    (bob.path / HISTORY).write_text("[1] 2026-11-23T14:02:11Z user\n    Do you ship?\n")
    (bob.path / "archive/20260101T000000Z").mkdir(parents=True)

    assert deletion.delete(users, bob)
    assert users.sweep()

    assert seen(users) == ["ana"]
    assert not deletion.delete(users, bob)


def test_a_reused_name_inherits_nothing_from_the_deleted_user(users, accounts_of_all):
    bob = users.folder("bob")
    session = accounts.open_session(bob, NOON)
    (bob.path / HISTORY).write_text("[1] 2026-11-23T14:02:11Z user\n    Do you ship?\n")
    deletion.delete(users, bob)

    users.create("bob", accounts_of_all["bob"])

    assert os.listdir(bob.path) == ["account.toml"]
    assert accounts.find_session(bob, session, NOON) is None


@pytest.mark.parametrize("lock_name", [TURN_LOCK, COMPACTION_LOCK])
def test_a_name_is_not_free_while_its_old_directory_is_in_use(users, accounts_of_all, lock_name):
    bob = users.folder("bob")
    lock = bob.try_lock(lock_name)
    deletion.delete(users, bob, timeout_seconds=0.1)

    assert users.names() == ["ana"]
    assert not users.sweep()
    with pytest.raises(NameTaken, match="still being deleted"):
        users.create("bob", accounts_of_all["bob"])

    lock.release()
    users.create("bob", accounts_of_all["bob"])
    assert users.sweep()
    assert seen(users) == ["ana", "bob"]


def test_a_reply_that_runs_is_asked_to_stop_and_waited_for(users):
    bob = users.folder("bob")
    (bob.path / HISTORY).write_text("[1] 2026-11-23T14:02:11Z user\n    Do you ship?\n")
    (bob.path / "reply.txt").write_text("[2] 2026-11-23T14:02:14Z assistant model=x\n    Yes")
    turn, marks = bob.try_lock(TURN_LOCK), []

    def write():
        last = time.monotonic() + 10
        while not (bob.path / ".stop").exists() and time.monotonic() < last:
            time.sleep(0.01)
        marks.append((bob.path / ".stop").read_text())
        turn.release()

    writer = threading.Thread(target=write)
    writer.start()
    deletion.delete(users, bob)
    users.sweep()
    writer.join()

    assert marks == ["2-20261123T140211Z"]
    assert seen(users) == ["ana"]


def test_the_sessions_end_before_the_reply_does(users):
    bob = users.folder("bob")
    session = accounts.open_session(bob, NOON)
    turn = bob.try_lock(TURN_LOCK)
    deleting = threading.Thread(target=deletion.delete, args=(users, bob), kwargs={"timeout_seconds": 0.5})
    deleting.start()
    time.sleep(0.2)

    assert bob.path.exists()
    assert accounts.find_session(bob, session, NOON) is None
    deleting.join()
    turn.release()


def test_an_unreadable_account_can_be_deleted_too(users):
    (users.folder("bob").path / "account.toml").write_bytes(b"\xff")

    assert deletion.delete(users, users.folder("bob"))
    users.sweep()
    assert seen(users) == ["ana"]


def test_what_a_killed_process_left_is_swept_away(users):
    shutil.copytree(users.folder("bob").path, users.root / ".trash-0123456789abcdef-eve")

    users.sweep()

    assert seen(users) == ["ana", "bob"]
