"""Tests of the roll: it says of each account what reading it says, however it was changed."""

import os
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.people import accounts, roll
from memory.people.roll import RollEntry
from memory.storage.layout import ACCOUNT
from memory.storage.users import Users
from tests.support.shop import NOON

LATER = NOON + timedelta(days=2)


def read(users: Users, name: str) -> RollEntry:
    """Return what the account itself says."""
    account = accounts.load(users.folder(name))
    if account is None:
        return RollEntry(name, "unreadable", None)
    return RollEntry(name, "disabled" if account.disabled else "active", account.seen)


def fill(users: Users) -> None:
    """Have bob's account hold all that one can."""
    bob = users.folder("bob")
    accounts.open_session(bob, NOON, ("Firefox", "Linux"))
    accounts.open_session(bob, LATER)
    accounts.set_budget(bob, 5000, Decimal("0.25"))
    accounts.set_language(bob, "pt_BR")
    accounts.set_email(bob, "bob@shop.example")


def test_the_roll_has_everybody_with_state_and_last_visit(users: Users) -> None:
    fill(users)
    assert roll.of_all(users) == [RollEntry("ana", "active", None), RollEntry("bob", "active", LATER)]

    accounts.disable(users.folder("bob"))
    assert roll.of_all(users)[1] == RollEntry("bob", "disabled", LATER)

    (users.folder("bob").path / ACCOUNT).unlink()
    assert roll.of_all(users)[1] == RollEntry("bob", "unreadable", None)


def test_what_this_version_writes_is_read_with_the_pattern(users: Users) -> None:
    for name in users.names():
        assert roll._read_written(users.folder(name).read(ACCOUNT))
    fill(users)
    assert roll._read_written(users.folder("bob").read(ACCOUNT)) == ("active", LATER)


def test_an_account_written_by_hand_counts_too(users: Users) -> None:
    text = users.folder("bob").read(ACCOUNT).decode().replace("disabled = false", "disabled=true # for now")
    (users.folder("bob").path / ACCOUNT).write_text(text)

    assert roll.of_all(users)[1].state == "disabled"


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=300)
@given(at=st.integers(0, 2000), put=st.binary(max_size=3), cut=st.integers(0, 3))
def test_the_roll_agrees_with_any_changed_account(users: Users, at: int, put: bytes, cut: int) -> None:
    if read(users, "bob").seen is None:
        fill(users)
    file = users.folder("bob").path / ACCOUNT
    data = file.read_bytes()
    at %= len(data)
    changed = file.with_suffix(".new")
    changed.write_bytes(data[:at] + put + data[at + cut :])
    kept = file.with_suffix(".old")
    os.rename(file, kept)
    os.rename(changed, file)
    try:
        assert roll.of_all(users)[1] == read(users, "bob")
    finally:
        os.rename(kept, file)


@pytest.mark.parametrize(
    ("old", "new"), [("11-2", "13-2"), ("= 5000", "= 05000"), ("0.25", "00.25"), ("0.25", "-0.25"), ("ana", "a\\na")]
)
def test_what_only_looks_written_is_read_as_always(users: Users, old: str, new: str) -> None:
    fill(users)
    file = users.folder("bob").path / ACCOUNT
    file.write_text(file.read_text().replace(old, new))

    assert roll.of_all(users)[1] == read(users, "bob")
