"""Tests of the owner's list of questions that were not answered well."""

from dataclasses import replace
from datetime import timedelta

import pytest

from memory.conversations import improvable
from memory.conversations.improvable import Dismissal, ImprovableQuestion
from memory.storage.folders import Folder, StorageError
from memory.storage.users import Users
from tests.support.conversations import NOON

ASKED = ImprovableQuestion(NOON, "ana", NOON, 2, ("nothing",), "luna", "=Do you\nsell; +tents?", "No.")
DAY = "2026-11-23.csv"


def test_a_question_is_kept_and_no_cell_is_a_formula(users: Users) -> None:
    improvable.note(users, replace(ASKED, reasons=("nothing", "checks")))

    (found,) = improvable.latest(users, 10)
    assert found == replace(ASKED, reasons=("checks", "nothing"), question="=Do you sell; +tents?")
    lines = (users.root / ".questions" / DAY).read_text().splitlines()
    assert lines[0] == "time,user,conversation,number,reason,model,question,answer"
    assert lines[1] == "2026-11-23T12:00:00Z,ana,2026-11-23T12:00:00Z,2,nothing,luna,'=Do you sell; '+tents?,No."


def test_the_newest_come_first_and_no_more_than_asked(users: Users) -> None:
    for days, number in ((0, 2), (1, 4), (1, 6)):
        improvable.note(users, replace(ASKED, time=NOON + timedelta(days=days), number=number))

    assert [one.number for one in improvable.latest(users, 2)] == [6, 4]
    assert [one.number for one in improvable.latest(users, 9)] == [6, 4, 2]


def test_a_rating_that_was_taken_back_is_no_reason(users: Users) -> None:
    for reason in ("rated", "unrated"):
        improvable.note(users, replace(ASKED, reasons=(reason,)))
    assert improvable.latest(users, 9) == []

    improvable.note(users, replace(ASKED, reasons=("rated",)))
    improvable.note(users, ASKED)
    assert improvable.latest(users, 9)[0].reasons == ("rated", "nothing")


def test_lines_go_with_their_user_and_their_conversation(users: Users) -> None:
    improvable.forget(users, "ana")
    other = NOON + timedelta(hours=1)
    for one in (ASKED, replace(ASKED, conversation=other), replace(ASKED, user="bob", question="ana?")):
        improvable.note(users, one)

    improvable.forget(users, "ana", NOON)
    assert [(one.user, one.conversation) for one in improvable.latest(users, 9)] == [("bob", NOON), ("ana", other)]
    improvable.forget(users, "ana")
    assert [one.user for one in improvable.latest(users, 9)] == ["bob"]


def test_a_day_is_bounded_and_old_days_go(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    improvable.note(users, ASKED)
    monkeypatch.setattr(improvable, "MOST_BYTES_A_DAY", 100)
    improvable.note(users, replace(ASKED, number=4))
    assert [one.number for one in improvable.latest(users, 9)] == [2]

    improvable.note(users, replace(ASKED, time=NOON + timedelta(days=improvable.KEPT_DAYS + 1)))
    assert not (users.root / ".questions" / DAY).exists()


def test_what_is_dismissed_stays_so_until_it_is_brought_back(users: Users) -> None:
    one, other = (Dismissal(NOON, "ana", frozenset(digests)) for digests in (["a1", "b2"], ["c3"]))
    assert improvable.dismissed(users) == []

    improvable.dismiss(users, one)
    improvable.dismiss(users, other)
    improvable.bring_back(users, one.digests)

    assert improvable.dismissed(users) == [other]


def test_a_mangled_line_is_passed_over(users: Users) -> None:
    improvable.note(users, ASKED)
    with (users.root / ".questions" / DAY).open("ab") as file:
        file.write(b'\xff,"\nx,y\n2026-11-23T12:00:00Z,ana,2026-11-23T12:00:00Z,2,why,m,q,a\n')

    assert len(improvable.latest(users, 9)) == 1


def test_a_full_disk_is_no_fault_of_the_reply(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StorageError("No.")

    monkeypatch.setattr(Folder, "append", refuse)

    improvable.note(users, ASKED)
