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
    first = audit.page(users, 3)
    assert [entry.what for entry in first.entries] == ["change 4", "change 3", "change 2"]
    second = audit.page(users, 3, before=first.older)
    assert [entry.what for entry in second.entries] == ["change 1", "change 0"]
    assert second.older == 0
    assert audit.page(users, 5).older == 0
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


def test_pages_of_a_long_list_fit_together(users: Users) -> None:
    lines = b"".join(b"2026-11-23T12:00:00Z,ana,change %d,%s,\n" % (n, b"x" * (n % 200)) for n in range(3000))
    (users.root / ".audit.csv").write_bytes(b"time,who,what,before,after\n" + lines)

    seen, page = list[str](), audit.page(users, 100)
    while True:
        seen += [entry.what for entry in page.entries]
        if not page.older:
            break
        page = audit.page(users, 100, before=page.older)
    assert seen == [f"change {n}" for n in reversed(range(3000))]
    assert b"".join(audit.whole(users)) == (users.root / ".audit.csv").read_bytes()


def test_a_place_in_the_file_that_somebody_made_up_is_harmless(users: Users) -> None:
    for n in range(5):
        audit.note(users, AuditEntry(NOON, "ana", f"change {n}"))

    for before in (-5, 0, 1, 10, 60, 10**12):
        assert len(audit.page(users, 100, before=before).entries) <= 5


def test_the_file_of_no_change_has_its_columns(users: Users) -> None:
    assert b"".join(audit.whole(users)) == b"time,who,what,before,after\n"
