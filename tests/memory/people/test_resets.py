"""Tests of links for another password: each is used once, within its time, for the account as it was."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from memory.people import accounts, resets
from memory.people.passwords import BadPassword
from memory.storage.layout import PASSWORD_RESETS
from memory.storage.users import Users
from tests.faults.live import until
from tests.support.shop import NOON, PASSWORD

NEW = "another horse battery"


@pytest.fixture
def users(tmp_path, accounts_of_all):
    users = Users(tmp_path / "users")
    users.prepare()
    for name, account in accounts_of_all.items():
        users.create(name, account)
        accounts.set_email(users.folder(name), f"{name}@shop.example")
    return users


def account_of(users, name="bob"):
    return accounts.load(users.folder(name))


def link(users, name="bob", now=NOON):
    return resets.make(users, account_of(users, name), now)


def test_a_link_sets_another_password_once(users):
    accounts.open_session(users.folder("bob"), NOON)
    token = link(users)

    assert resets.find(users, token, NOON).name == "bob"
    assert resets.use(users, token, NEW, NOON).name == "bob"
    assert accounts.verify(account_of(users), NEW)
    assert account_of(users).sessions == ()
    assert resets.find(users, token, NOON) is None
    assert resets.use(users, token, PASSWORD, NOON) is None
    assert accounts.verify(account_of(users), NEW)


def test_only_a_hash_of_the_link_is_kept(users):
    token = link(users)

    assert token not in (users.root / PASSWORD_RESETS).read_text()
    assert (users.root / PASSWORD_RESETS).stat().st_mode & 0o777 == 0o600


def test_a_link_lasts_half_an_hour(users):
    token = link(users)

    assert resets.find(users, token, NOON + timedelta(minutes=29, seconds=59))
    assert resets.use(users, token, NEW, NOON + timedelta(minutes=30)) is None
    assert resets.find(users, token, NOON - timedelta(days=1)) is None, "a clock that was ahead makes none last longer"


def test_a_bad_password_uses_no_link_up(users):
    token = link(users)
    with pytest.raises(BadPassword):
        resets.use(users, token, "short", NOON)

    assert resets.use(users, token, NEW, NOON)


def test_using_one_link_ends_the_others_of_the_account(users):
    first, second, other = link(users), link(users), link(users, "ana")
    resets.use(users, second, NEW, NOON)

    assert resets.find(users, first, NOON) is None
    assert resets.find(users, other, NOON)


@pytest.mark.parametrize(
    "change",
    [
        lambda users: accounts.set_password(users.folder("bob"), "a third horse", NOON),
        lambda users: accounts.set_email(users.folder("bob"), "else@shop.example"),
        lambda users: accounts.set_email(users.folder("bob"), None),
        lambda users: accounts.disable(users.folder("bob")),
        lambda users: users.move_to_trash(users.folder("bob")),
    ],
    ids=["the password", "the address", "no address", "disabled", "deleted"],
)
def test_a_link_ends_when_the_account_changes(users, change):
    token = link(users)
    change(users)

    assert resets.find(users, token, NOON) is None
    assert resets.use(users, token, NEW, NOON) is None


def test_a_name_that_is_used_again_is_another_account(users):
    token = link(users)
    users.move_to_trash(users.folder("bob"))
    accounts.create(users, "bob", PASSWORD, "customer", NOON)
    accounts.set_email(users.folder("bob"), "bob@shop.example")

    assert resets.use(users, token, NEW, NOON) is None


def test_of_two_who_use_a_link_at_once_one_does(users):
    token, used, gate = link(users), [], threading.Barrier(2)

    def use(password):
        gate.wait()
        used.append(resets.use(users, token, password, NOON))

    threads = [threading.Thread(target=use, args=(word,)) for word in (NEW, "a third horse battery")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(one is not None for one in used) == 1


def test_a_password_set_while_a_link_is_used_stays(users):
    """A link was stolen with the mail: its user sets a password of their own in the very moment that it is used."""
    token, bob = link(users), users.folder("bob")
    with ThreadPoolExecutor(1) as pool:
        with bob.lock():
            using = pool.submit(resets.use, users, token, NEW, NOON)
            until(lambda: b"digest" not in users.shared.read(PASSWORD_RESETS))  # it is used up, and waits for the lock
            time.sleep(0.3)
            accounts.set_password(bob, "a word of his own 27", NOON)
        used = using.result(10)

    assert used is None
    assert accounts.verify(account_of(users), "a word of his own 27")


def test_links_have_an_end(users, monkeypatch):
    tokens = [link(users) for _ in range(5)]
    assert [bool(resets.find(users, token, NOON)) for token in tokens] == [False] * 2 + [True] * 3
    monkeypatch.setattr(resets, "MOST", 3)
    newest = link(users, "ana")

    assert resets.find(users, newest, NOON)
    assert resets.find(users, tokens[2], NOON) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("bob", ["bob"]),
        (" bob ", ["bob"]),
        ("bob@shop.example", ["bob"]),
        ("BOB@Shop.example", ["bob"]),
        ("carla", []),
        ("", []),
        ("@", []),
        ("../ana", []),
        ("Bob", []),
    ],
)
def test_an_account_is_found_by_its_name_or_address(users, text, names):
    assert [account.name for account in resets.of_address(users, text)] == names


def test_who_has_no_address_or_is_disabled_is_sent_nothing(users):
    accounts.disable(users.folder("bob"))
    accounts.set_email(users.folder("ana"), None)

    assert resets.of_address(users, "bob") == resets.of_address(users, "ana") == []


def test_an_address_of_several_accounts_is_sent_few_links(users, accounts_of_all):
    for number in range(5):
        users.create(f"bob{number}", accounts_of_all["bob"].replace(b'"bob"', f'"bob{number}"'.encode()))
        accounts.set_email(users.folder(f"bob{number}"), "bob@shop.example")

    assert len(resets.of_address(users, "bob@shop.example")) == 3


@pytest.mark.parametrize("content", [b"", b"resets = 1", b"\xff", b"resets = [{digest = 1}]"])
def test_a_damaged_file_opens_nothing(users, content, caplog):
    token = link(users)
    (users.root / PASSWORD_RESETS).write_bytes(content)

    assert resets.find(users, token, NOON) is None
    assert resets.find(users, link(users), NOON), "another link can be made"
