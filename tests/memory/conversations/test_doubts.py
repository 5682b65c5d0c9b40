"""Tests of the owner's list of claims that the shop's data do not bear out."""

import csv

import pytest

from memory.conversations import doubts
from memory.conversations.records import Record
from memory.storage.folders import Folder, StorageError
from memory.storage.users import Users
from shop.claims.values import Claim
from tests.support.conversations import NOON

SAID = Record(2, NOON, "assistant", "Yes.")
WRONG = Claim("price", "=1+1", 0, 4, "RED-012", "contradicted", "products.csv:3", "R$ 289.00")
RIGHT = Claim("stock", "9", 5, 6, "RED-012", "supported", "products.csv:3")


def rows(users: Users) -> list[list[str]]:
    return list(csv.reader((users.root / ".checks" / "2026-11-23.csv").read_text().splitlines()))


def test_only_what_is_not_borne_out_is_a_line_and_no_formula(users: Users) -> None:
    doubts.note(users, "ana", SAID, [RIGHT])
    assert not (users.root / ".checks").exists()

    doubts.note(users, "ana", SAID, [WRONG, RIGHT])
    doubts.note(users, "bob", SAID, [Claim("grant", "refunded", 0, 8)])

    assert rows(users) == [
        list(doubts.COLUMNS),
        ["2026-11-23T12:00:00Z", "ana", "2", "price", "'=1+1", "contradicted", "R$ 289.00", "products.csv:3"],
        ["2026-11-23T12:00:00Z", "bob", "2", "grant", "refunded", "unsupported", "", ""],
    ]


def test_who_is_deleted_is_on_it_no_more(users: Users) -> None:
    doubts.forget(users, "ana")
    for name in ("ana", "bob", "ana"):
        doubts.note(users, name, SAID, [WRONG])

    doubts.forget(users, "ana")

    assert [row[1] for row in rows(users)] == ["user", "bob"]


def test_a_disk_that_takes_nothing_is_no_fault(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StorageError("No.")

    monkeypatch.setattr(Folder, "append", refuse)

    doubts.note(users, "ana", SAID, [WRONG])
