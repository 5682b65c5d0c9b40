"""Tests of invites: one account each, until their end."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from memory.people import invites, signups
from memory.people.passwords import BadPassword
from memory.people.signups import SignupClosed
from memory.storage.users import NameTaken, Users
from tests.support.conversations import NOON

DAY = timedelta(days=1)
PASSWORD = "correct horse battery"


@pytest.fixture
def users(tmp_path):
    users = Users(tmp_path / "users")
    users.prepare()
    signups.sign_up(users, "closed", signups.first_token(users) or "", "owner1", PASSWORD, NOON, 0)
    return users


def join(users, name, token, *, signup="invite", now=NOON, password=PASSWORD, per_hour=0):
    return signups.sign_up(users, signup, token, name, password, now, per_hour)


def test_an_invite_makes_one_customer(users):
    token, _ = invites.make(users, NOON)

    assert signups.allows(users, "invite", token, NOON)
    assert join(users, "ana", token).role == "customer"
    assert not signups.allows(users, "invite", token, NOON)
    with pytest.raises(SignupClosed):
        join(users, "bob", token)
    assert users.names() == ["ana", "owner1"]


def test_the_token_itself_is_nowhere_on_the_disk(users):
    token, _ = invites.make(users, NOON)

    assert token.encode() not in (users.root / ".invites").read_bytes()
    assert (users.root / ".invites").stat().st_mode & 0o777 == 0o600


def test_an_invite_has_an_end(users):
    token, invite = invites.make(users, NOON, 2)

    assert invite.ends == NOON + 2 * DAY
    assert invites.find(users, token, NOON + 2 * DAY - timedelta(seconds=1)) == invite
    assert invites.find(users, token, NOON + 2 * DAY) is None
    assert invites.standing(users, NOON + 2 * DAY) == []


def test_an_invite_can_be_taken_back(users):
    token, invite = invites.make(users, NOON)
    other, _ = invites.make(users, NOON)

    assert invites.revoke(users, invite.id, NOON)
    assert not invites.revoke(users, invite.id, NOON)
    assert not signups.allows(users, "invite", token, NOON)
    assert signups.allows(users, "invite", other, NOON)


@pytest.mark.parametrize("token", ["", "x", "\ud83d", "é", "x" * 100_000])
def test_what_is_no_invite_opens_nothing(users, token):
    invites.make(users, NOON)

    assert not signups.allows(users, "invite", token, NOON)
    with pytest.raises(SignupClosed):
        join(users, "ana", token)


def test_the_id_that_lists_show_opens_nothing(users):
    _, invite = invites.make(users, NOON)

    assert not signups.allows(users, "invite", invite.id, NOON)
    assert not signups.allows(users, "invite", invite.digest, NOON)


def test_an_invite_opens_nothing_while_signup_is_closed(users):
    token, _ = invites.make(users, NOON)

    assert not signups.allows(users, "closed", token, NOON)
    with pytest.raises(SignupClosed):
        join(users, "ana", token, signup="closed")


def test_an_invite_is_not_used_up_by_what_makes_no_account(users):
    token, _ = invites.make(users, NOON)
    with pytest.raises(BadPassword):
        join(users, "ana", token, password="short")
    with pytest.raises(NameTaken):
        join(users, "owner1", token)

    assert join(users, "ana", token).name == "ana"


def test_an_invite_works_while_the_hour_of_open_signup_is_full(users):
    token, _ = invites.make(users, NOON)
    join(users, "ana", "", signup="open", per_hour=2)

    assert join(users, "bob", token, signup="open", per_hour=2).name == "bob"


def test_one_invite_given_to_several_at_once_makes_one_account(users):
    token, _ = invites.make(users, NOON)
    start = threading.Barrier(4)

    def try_one(name):
        start.wait()
        try:
            return join(users, name, token).name
        except SignupClosed:
            return "closed"

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(try_one, ["ana", "bob", "eve", "joe"]))

    assert made.count("closed") == 3
    assert len(users.names()) == 2


@pytest.mark.parametrize("left", [b"", b"\xff", b"invites = 5", b"invites = [1]", b"[[invites]]\ndigest = 'x'"])
def test_a_corrupt_invites_file_holds_no_invites_and_is_logged(users, caplog, left):
    (users.root / ".invites").write_bytes(left)

    assert invites.standing(users, NOON) == []
    assert [record.message for record in caplog.records] == ["invites_unreadable"]


def test_so_many_invites_are_open_and_no_more(users):
    invites._write(users, [invites.Invite(f"{n:064x}", NOON, NOON + DAY) for n in range(invites.MOST)])

    with pytest.raises(invites.TooManyInvites, match="1,000 open invitations"):
        invites.make(users, NOON)
