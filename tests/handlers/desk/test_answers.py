"""Tests of the groups of questions, and of the owner's own answers in their file."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import process_time

import pytest

from handlers.desk import answers as desk
from handlers.desk.answers import AnswerNotSaved
from handlers.services import Services
from memory.conversations import improvable
from memory.conversations.improvable import ImprovableQuestion
from memory.people import audit
from memory.storage.users import Users
from shop.editing import versions
from tests.support.shop import NOON, Clock, Scripted, settings_of
from tests.support.snapshots import build_here

ASKED = ImprovableQuestion(NOON, "bob", NOON, 2, ("nothing",), "luna", "Do you sell tents?", "No.")
WORDS = "red blue green big small cotton wooden round square soft hard long short dark light".split()


@pytest.fixture
def services(users: Users, tmp_path: Path, clock: Clock) -> Services:
    store = tmp_path / "prompts" / "store"
    store.mkdir(parents=True)
    (store / "products.csv").write_text("sku,name,price\nRED-1,Hammock,10.00\n")
    settings = settings_of({"luna": "http://127.0.0.1:9"}, owner_reads_conversations=True)
    made = Services(settings, users, tmp_path / "prompts", Scripted(), clock, build_index=build_here)
    made.shop.refresh()
    return made


def ask(services: Services, *questions: str, user: str = "bob", minutes: int = 0) -> None:
    for number, question in enumerate(questions):
        when = NOON + timedelta(minutes=minutes + number)
        improvable.note(services.users, replace(ASKED, time=when, user=user, number=2 * number + 2, question=question))


def groups_of(services: Services) -> list[list[str]]:
    return [[one.question for one in group.questions] for group in desk.read(services).groups]


def test_questions_that_are_alike_are_one_group(services: Services) -> None:
    ask(services, "Do you sell tents?", "Do you ship to Peru?", "do you sell a tent")
    ask(services, "Hi, do you sell tents", user="ana", minutes=10)

    first, second = desk.read(services).groups
    assert [one.question for one in first.questions] == [
        "Hi, do you sell tents", "do you sell a tent", "Do you sell tents?",
    ]  # fmt: skip
    assert (first.customers, first.reasons, len(first.wordings)) == (2, ("nothing",), 2)
    assert second.newest.question == "Do you ship to Peru?"


def test_a_dismissed_group_stays_so_until_brought_back(services: Services) -> None:
    ask(services, "Do you sell tents?")
    (group,) = desk.read(services).groups
    desk.dismiss(services, "ana", group.digests)
    ask(services, "do you sell a tent?", "Do you ship to Peru?", minutes=10)

    assert groups_of(services) == [["Do you ship to Peru?"]]
    (hidden,) = desk.read(services).dismissed
    desk.bring_back(services, "ana", desk.dismissals_named(hidden.form_value) or frozenset())
    assert len(groups_of(services)) == 2
    assert b"tent" not in (services.users.root / ".questions" / "dismissed.csv").read_bytes()


def test_an_answered_group_is_gone_until_asked_in_vain(services: Services, clock: Clock) -> None:
    ask(services, "Do you sell tents?")
    clock.move(minutes=5)
    desk.add(services, "ana", "Do you sell tents?", "No, only hammocks.")
    assert groups_of(services) == []

    ask(services, "do you sell tents", minutes=9)
    assert groups_of(services) == [["do you sell tents"]]


def test_no_customers_word_is_shown_where_it_may_not_be_read(services: Services) -> None:
    ask(services, "Do you sell tents?")
    private = replace(services, settings=settings_of({"luna": "http://127.0.0.1:9"}))
    shown = desk.read(private)

    assert shown.groups == shown.dismissed == []
    assert (shown.wordless.counts, shown.wordless.customers) == ({"nothing": 1}, 1)


def test_an_answer_is_saved_with_its_author_and_an_audit(services: Services) -> None:
    desk.add(services, "ana", "  Do you\nsell tents? ", "No.\r\n\r\nOnly hammocks.")
    file = services.prompts / "store" / "answers.md"

    assert file.read_text() == (
        "# Answers\n\n## Do you sell tents?\n\nNo.\n\nOnly hammocks.\n\n<!-- ana, 2026-11-23T12:00:00Z -->\n"
    )
    assert services.shop.own_answers().find("do you sell a tent") is not None
    (entry,) = audit.latest(services.users, 5)
    assert (entry.who, entry.what, entry.after) == ("ana", "answers.md", "Do you sell tents? No. Only hammocks.")


def test_an_answer_to_the_same_question_takes_its_place(services: Services) -> None:
    desk.add(services, "ana", "Do you sell tents?", "No.")
    desk.add(services, "bob", "do you sell a tent", "Yes.")

    ((key, one),) = desk.read(services).answers
    assert (one.question, one.answer, one.author) == ("do you sell a tent", "Yes.", "bob")
    file = versions.editable(services.prompts, services.prompts / "store" / "answers.md")
    assert len(versions.earlier(file)) == 1
    assert key == desk.key_of(one)


def test_an_answer_is_edited_and_removed_and_nobody_overwritten(services: Services) -> None:
    key = desk.add(services, "ana", "Do you sell tents?", "No.")
    other = desk.edit(services, "ana", key, "Do you sell tents?", "Yes.")
    assert other != key

    with pytest.raises(AnswerNotSaved, match="meantime"):
        desk.edit(services, "bob", key, "Do you sell tents?", "Never.")
    desk.remove(services, "bob", other)
    assert desk.read(services).answers == []


@pytest.mark.parametrize(
    ("question", "answer"), [("", "a"), ("q", " \n"), ("q" * 301, "a"), ("q", "a" * 2001)], ids=range(4)
)
def test_an_empty_or_endless_answer_is_refused(services: Services, question: str, answer: str) -> None:
    with pytest.raises(AnswerNotSaved):
        desk.add(services, "ana", question, answer)


def test_a_disk_that_refuses_is_told_without_a_path(services: Services) -> None:
    (services.prompts / ".versions").write_text("in the way")

    with pytest.raises(AnswerNotSaved) as refused:
        desk.add(services, "ana", "Do you sew?", "Yes.")

    assert str(services.prompts) not in str(refused.value)
    assert "Errno" not in str(refused.value)


def test_a_link_in_the_files_place_is_not_written_through(services: Services, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("## Kept?\n\nYes.\n")
    os.symlink(tmp_path / "secret.md", services.prompts / "store" / "answers.md")

    with pytest.raises(AnswerNotSaved):
        desk.add(services, "ana", "Do you sell tents?", "No.")
    assert (tmp_path / "secret.md").read_text() == "## Kept?\n\nYes.\n"


@pytest.mark.parametrize("text", ["", "x", "0123abcd 0123", "0123ABCD"])
def test_what_names_no_group_is_none(text: str) -> None:
    assert desk.dismissals_named(text) is None


def test_a_thousand_questions_are_grouped_in_time(services: Services) -> None:
    questions = [f"Do you have a {a} {b} tent number {n}?" for a in WORDS for n, b in enumerate(WORDS)]
    for user in range(5):
        ask(services, *questions[:200], user=f"user{user}", minutes=user * 300)
    began = process_time()

    assert len(desk.read(services).groups) > 10
    assert process_time() - began < 1.5, "0.15 s on a quiet machine"
