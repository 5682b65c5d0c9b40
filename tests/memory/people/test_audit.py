"""Tests of the list of what was changed at the desk."""

from datetime import timedelta

from memory.people import audit
from memory.people.audit import AuditEntry
from memory.storage.users import Users
from tests.support.shop import NOON


def test_changes_are_read_newest_first(users: Users) -> None:
    for number in range(5):
        audit.note(users, AuditEntry(NOON + timedelta(minutes=number), "ana", f"change {number}", "a", "b"))

    assert [entry.what for entry in audit.latest(users, 2)] == ["change 4", "change 3"]
    assert [entry.what for entry in audit.latest(users, 2, skipped=3)] == ["change 1", "change 0"]
    assert audit.latest(users, 1)[0] == AuditEntry(NOON + timedelta(minutes=4), "ana", "change 4", "a", "b")


def test_a_cell_is_one_line_and_never_a_formula(users: Users) -> None:
    audit.note(users, AuditEntry(NOON, "ana", "texts/about.md", "=1+1\nx", "y" * 2000))

    text = users.shared.read(".audit.csv").decode()
    assert text.count("\n") == 2
    assert "'=1+1 x" in text
    (entry,) = audit.latest(users, 10)
    assert entry.before == "=1+1 x"
    assert len(entry.after) == audit.MOST_CHARS


def test_a_torn_line_is_left_out(users: Users) -> None:
    audit.note(users, AuditEntry(NOON, "ana", "one"))
    with (users.root / ".audit.csv").open("ab") as file:
        file.write(b'2026-11-23T12:00:00Z,ana,"tw')
    audit.note(users, AuditEntry(NOON, "ana", "three"))

    assert [entry.what for entry in audit.latest(users, 10)] == ["three", "one"]


def test_no_change_is_an_empty_list(users: Users) -> None:
    assert audit.latest(users, 10) == []
