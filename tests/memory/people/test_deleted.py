"""Tests of users whom the owner deleted: they come back as they were, for 30 days."""

import os
from datetime import timedelta

import pytest

from memory.conversations import doubts
from memory.conversations.records import Record
from memory.integrity import check
from memory.people import accounts, deleted, deletion
from memory.storage.folders import StorageError
from memory.storage.layout import HISTORY, TURN_LOCK
from memory.storage.users import NameTaken, Users
from shop.claims.values import Claim
from tests.support.shop import NOON, PASSWORD

DAY = timedelta(days=1)
SAID = "[1] 2026-11-23T14:02:11Z user\n    Do you ship?\n"


def test_a_user_deleted_at_the_desk_comes_back_as_they_were(users: Users) -> None:
    bob = users.folder("bob")
    (bob.path / HISTORY).write_text(SAID)
    (bob.path / "archive/20260101T000000Z").mkdir(parents=True)
    session = accounts.open_session(bob, NOON)

    assert deletion.set_aside(users, bob, NOON)
    assert users.names() == ["ana"]
    assert not deletion.set_aside(users, bob, NOON)
    (one,) = deleted.found(users)
    assert (one.name, one.time, one.ends) == ("bob", NOON, NOON + 30 * DAY)

    assert deleted.restore(users, one.id) == one
    assert deleted.found(users) == []
    assert (bob.path / HISTORY).read_text() == SAID
    assert (bob.path / "archive/20260101T000000Z").is_dir()
    assert accounts.verify(accounts.load(bob), PASSWORD)
    assert accounts.find_session(bob, session, NOON) is None


def test_who_was_disabled_stays_so(users: Users) -> None:
    accounts.disable(users.folder("bob"))
    deletion.set_aside(users, users.folder("bob"), NOON)
    deleted.restore(users, deleted.found(users)[0].id)

    account = accounts.load(users.folder("bob"))
    assert account is not None
    assert account.disabled


def test_a_deleted_user_is_kept_for_thirty_days_and_then_gone(users: Users) -> None:
    deletion.set_aside(users, users.folder("bob"), NOON)

    assert deleted.sweep(users, NOON + 30 * DAY - timedelta(seconds=1)) == 0
    assert deleted.found(users)
    assert deleted.sweep(users, NOON + 30 * DAY) == 1
    assert deleted.found(users) == []
    assert sorted(name for name in os.listdir(users.root) if name != ".lock") == [".deleted", "ana"]


def test_a_name_that_is_used_anew_is_not_overwritten(users: Users, accounts_of_all: dict[str, bytes]) -> None:
    deletion.set_aside(users, users.folder("bob"), NOON)
    users.create("bob", accounts_of_all["bob"])
    (one,) = deleted.found(users)

    with pytest.raises(NameTaken):
        deleted.restore(users, one.id)
    assert deleted.found(users) == [one]

    deletion.set_aside(users, users.folder("bob"), NOON)
    assert [two.name for two in deleted.found(users)] == ["bob", "bob"]
    assert deleted.restore(users, one.id) == one


def test_an_unreadable_account_comes_back_too(users: Users) -> None:
    (users.folder("bob").path / "account.toml").write_bytes(b"\xff")

    assert deletion.set_aside(users, users.folder("bob"), NOON)
    assert deleted.restore(users, deleted.found(users)[0].id)
    assert (users.folder("bob").path / "account.toml").read_bytes() == b"\xff"


@pytest.mark.parametrize(
    "user_id", ["", "bob", "../ana", "bob-20261123T120000Z/../../ana", "bob-20261332T120000Z", "root-20261123T120000Z"]
)
def test_only_deleted_users_are_restored(users: Users, user_id: str) -> None:
    deletion.set_aside(users, users.folder("bob"), NOON)

    assert deleted.restore(users, user_id) is None
    assert users.names() == ["ana"]


def test_what_is_no_deleted_user_is_left_alone_and_noted(users: Users) -> None:
    deletion.set_aside(users, users.folder("bob"), NOON)
    (users.root / ".deleted/notes").mkdir()
    (users.root / ".deleted/eve-20200101T000000Z").symlink_to(users.folder("ana").path)

    assert deleted.sweep(users, NOON) == 0
    assert deleted.restore(users, "eve-20200101T000000Z") is None
    assert (users.folder("ana").path / "account.toml").exists()
    assert (users.root / ".deleted/notes").is_dir()
    says = [str(finding) for finding in check.check_all(users.root)[0].findings]
    no_user = "is no deleted user; the desk does not show it."
    assert says == [f".deleted/eve-20200101T000000Z: {no_user}", f".deleted/notes: {no_user}"]


def test_a_reply_that_does_not_end_is_kept_with_its_user(users: Users) -> None:
    lock = users.folder("bob").try_lock(TURN_LOCK)
    assert lock is not None
    with lock:
        assert deletion.set_aside(users, users.folder("bob"), NOON, timeout_seconds=0.1)
    assert users.names() == ["ana"]
    assert deleted.restore(users, deleted.found(users)[0].id)


def test_a_disk_that_takes_nothing_says_so(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(StorageError):
        deletion.set_aside(users, users.folder("bob"), NOON)
    assert users.names() == ["ana", "bob"]


def test_wrong_claims_go_with_the_user_and_not_with_a_namesake(users: Users) -> None:
    wrong = [Claim("price", "R$ 1", 0, 4, "X", "contradicted", "a.csv:2", "R$ 2", "")]
    doubts.note(users, "bob", Record(2, NOON, "assistant", "R$ 1"), wrong)
    deletion.set_aside(users, users.folder("bob"), NOON)
    doubts.note(users, "bob", Record(2, NOON + DAY, "assistant", "R$ 1"), wrong)

    def lines() -> int:
        return sum(path.read_text().count(",bob,") for path in (users.root / ".checks").iterdir())

    assert lines() == 2
    deleted.sweep(users, NOON + 30 * DAY)
    assert lines() == 1
