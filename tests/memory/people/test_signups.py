"""Tests of new accounts: the first by its token, others when signup is open."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from memory.people import accounts, signups
from memory.people.passwords import BadPassword
from memory.people.signups import SignupClosed, TooManySignups, first_token, sign_up
from memory.storage.users import NameTaken, Users
from tests.support.conversations import NOON

MINUTE = timedelta(minutes=1)
PASSWORD = "correct horse battery"


@pytest.fixture
def users(tmp_path):
    users = Users(tmp_path / "users")
    users.prepare()
    return users


def join(users, name, *, signup="closed", token="", now=NOON, per_hour=0, password=PASSWORD):
    return sign_up(users, signup, token, name, password, now, per_hour)


def test_the_first_account_is_the_owners_and_takes_the_token(users):
    account = join(users, "ana", token=first_token(users))

    assert (account.name, account.role) == ("ana", "owner")
    assert users.names() == ["ana"]
    assert accounts.verify(accounts.load(users.folder("ana")), PASSWORD)


def test_the_token_is_the_same_for_all_processes(users):
    token = first_token(users)

    assert first_token(Users(users.root)) == token
    assert len(token or "") == 32


def test_the_token_is_private(users):
    first_token(users)

    assert (users.root / ".first-account").stat().st_mode & 0o777 == 0o600


def test_the_token_serves_once(users):
    token = first_token(users)
    join(users, "ana", token=token)

    assert first_token(users) is None
    assert not (users.root / ".first-account").exists()
    with pytest.raises(SignupClosed):
        join(users, "bob", token=token)
    assert users.names() == ["ana"]


@pytest.mark.parametrize("signup", ["closed", "open"])
@pytest.mark.parametrize("token", ["", "x", "é", "\ud83d", "x" * 100_000])
def test_without_the_token_nobody_makes_the_first_account(users, signup, token):
    first_token(users)

    assert not signups.allows(users, signup, token, NOON)
    with pytest.raises(SignupClosed):
        join(users, "ana", signup=signup, token=token)
    assert users.names() == []


def test_when_all_accounts_are_gone_a_new_token_is_needed(users):
    token = first_token(users) or ""
    join(users, "ana", token=token)
    shutil.rmtree(users.folder("ana").path)

    assert first_token(users) not in ("", None, token)
    assert not signups.allows(users, "open", token, NOON)


@pytest.mark.parametrize(("signup", "allowed"), [("closed", False), ("open", True)])
def test_further_accounts_are_made_when_signup_is_open(users, signup, allowed):
    join(users, "ana", token=first_token(users))

    assert signups.allows(users, signup, "", NOON) == allowed
    if allowed:
        assert join(users, "bob", signup=signup).role == "customer"
    else:
        with pytest.raises(SignupClosed):
            join(users, "bob", signup=signup)


@pytest.mark.parametrize("password", ["short", "password", "x" * 257, "bobby1234"])
def test_a_refused_password_uses_up_nothing(users, password):
    token = first_token(users)
    with pytest.raises(BadPassword):
        join(users, "bobby1234", token=token, password=password)

    assert users.names() == []
    assert first_token(users) == token


def test_a_taken_name_is_refused_and_the_account_stays(users):
    join(users, "ana", token=first_token(users))
    before = users.folder("ana").read("account.toml")

    with pytest.raises(NameTaken):
        join(users, "ana", signup="open", password="another password")
    assert users.folder("ana").read("account.toml") == before


def test_the_token_given_to_several_at_once_makes_one_owner(users):
    token, start = first_token(users), threading.Barrier(4)

    def try_one(name):
        start.wait()
        try:
            return join(users, name, token=token).role
        except SignupClosed:
            return "closed"

    with ThreadPoolExecutor(4) as pool:
        roles = sorted(pool.map(try_one, ["ana", "bob", "eve", "joe"]))

    assert roles == ["closed", "closed", "closed", "owner"]
    assert len(users.names()) == 1


def test_one_name_given_to_several_at_once_is_one_account(users):
    join(users, "owner1", token=first_token(users))
    start = threading.Barrier(4)

    def try_one(_):
        start.wait()
        try:
            return join(users, "ana", signup="open").name
        except NameTaken:
            return "taken"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_one, range(4))) == ["ana", "taken", "taken", "taken"]


# The limit an hour


def test_only_so_many_accounts_are_made_in_an_hour(users):
    join(users, "owner1", token=first_token(users), per_hour=3)
    join(users, "ana", signup="open", per_hour=3, now=NOON + 10 * MINUTE)
    join(users, "bob", signup="open", per_hour=3, now=NOON + 20 * MINUTE)

    with pytest.raises(TooManySignups, match="try again in an hour"):
        join(users, "eve", signup="open", per_hour=3, now=NOON + 59 * MINUTE)
    assert users.names() == ["ana", "bob", "owner1"]
    assert join(users, "eve", signup="open", per_hour=3, now=NOON + 60 * MINUTE).name == "eve"
    with pytest.raises(TooManySignups):
        join(users, "joe", signup="open", per_hour=3, now=NOON + 61 * MINUTE)


def test_no_limit_is_no_limit(users):
    join(users, "owner1", token=first_token(users))
    for name in ("ana", "bob", "eve", "joe"):
        join(users, name, signup="open", per_hour=0)

    assert len(users.names()) == 5
    assert not (users.root / ".signups").exists()


def test_accounts_from_a_clock_a_year_ahead_do_not_close_signup(users):
    year = timedelta(days=365)
    join(users, "owner1", token=first_token(users), per_hour=2, now=NOON + year)
    join(users, "ana", signup="open", per_hour=2, now=NOON + year)

    assert join(users, "bob", signup="open", per_hour=2).name == "bob"


def test_many_at_once_do_not_pass_the_limit(users):
    join(users, "owner1", token=first_token(users))
    start = threading.Barrier(5)

    def try_one(name):
        start.wait()
        try:
            return join(users, name, signup="open", per_hour=2).name
        except TooManySignups:
            return "later"

    with ThreadPoolExecutor(5) as pool:
        made = list(pool.map(try_one, ["ana", "bob", "eve", "joe", "kim"]))

    assert made.count("later") == 3
    assert len(users.names()) == 3


@pytest.mark.parametrize("left", [b"", b"\xff\xfe", b"yesterday\n2026-11-23", b"\x00" * 1000])
def test_a_mangled_list_of_times_counts_as_none(users, left):
    join(users, "owner1", token=first_token(users))
    (users.root / ".signups").write_bytes(left)

    assert join(users, "ana", signup="open", per_hour=1).name == "ana"


def test_the_first_account_is_made_although_the_hour_is_full(users):
    (users.root / ".signups").write_text("2026-11-23T11:59:00Z")

    assert join(users, "ana", token=first_token(users), per_hour=1).role == "owner"
