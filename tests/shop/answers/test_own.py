"""Tests of the owner's own answers: their file, and the questions that they answer."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.answers.own import AnswersFile, OwnAnswer, OwnAnswers, parse, with_added, with_replaced
from shop.search import lexicon
from shop.texts import without_comments

WORDS = lexicon.read
TEXT = """\
# Answers

What people ask most.

## Do you deliver on Saturdays?

Yes, in Recife,
until noon.

<!-- ana, 2026-11-29T10:15:00Z -->

**Is the cotton organic?**
No. It comes from Paraíba.

### Nothing yet
"""


def told(one: OwnAnswer) -> tuple[str, str, int, str, str]:
    return one.question, one.answer, one.line, one.author, one.time


def test_questions_are_read_as_people_write_them() -> None:
    assert list(map(told, parse(TEXT))) == [
        ("Do you deliver on Saturdays?", "Yes, in Recife,\nuntil noon.", 7, "ana", "2026-11-29T10:15:00Z"),
        ("Is the cotton organic?", "No. It comes from Paraíba.", 13, "", ""),
    ]
    assert without_comments(TEXT).count("\n") == TEXT.count("\n")
    assert "ana" not in without_comments(TEXT)


@pytest.mark.parametrize("text", ["", "Only words.\n", "# Answers\n", "## Why?\n", "<!-- a\n## Why?\n"])
def test_a_file_without_answers_has_none(text: str) -> None:
    assert parse(text) == []


def test_an_answer_is_added_and_all_else_stays() -> None:
    made = OwnAnswer("Do you  gift-wrap?", "Yes.", author="ana", time="2026-11-29T10:20:00Z")
    text = with_added(TEXT, made)

    assert text.startswith(TEXT.rstrip())
    assert text.endswith("## Do you gift-wrap?\n\nYes.\n\n<!-- ana, 2026-11-29T10:20:00Z -->\n")
    assert with_added("", made).startswith("# Answers\n\n## Do you gift-wrap?")


def test_an_answer_is_replaced_or_removed_and_all_else_stays() -> None:
    first, second = parse(TEXT)
    made = OwnAnswer(second.question, "Yes.", author="bob", time="2026-11-29T11:00:00Z")
    changed = with_replaced(TEXT, second, made)

    assert changed is not None
    assert [one.answer for one in parse(changed)] == [first.answer, "Yes."]
    assert "### Nothing yet" in changed
    removed = with_replaced(changed, first, None)
    assert removed is not None
    assert "Saturdays" not in removed
    assert removed.startswith("# Answers\n\nWhat people ask most.\n\n## Is the cotton organic?")
    assert with_replaced(removed, first, None) is None, "it is gone"


@given(st.lists(st.sampled_from(["# a", "## b", "**Q?**", "<!-- x -->", "", "- one", "text"]), min_size=1))
def test_no_line_of_an_answer_is_taken_for_a_question(lines: list[str]) -> None:
    answer = "\n".join(["It is so:", *lines, "end"])
    text = with_added("", OwnAnswer("Why?", answer, author="ana", time="2026-11-29T11:00:00Z"))

    (one,) = parse(text)
    assert one.answer.replace("<! --", "<!--") == answer
    assert one.author == "ana"


def test_the_last_answer_to_a_question_counts() -> None:
    answers = OwnAnswers(
        [OwnAnswer("Do you ship to Recife?", "No."), OwnAnswer("Do you deliver to Recife?", "Yes.")], WORDS()
    )

    assert (found := answers.find("hi, do you deliver in Recife")) is not None
    assert found.answer == "Yes."
    assert answers.find("Do you deliver to Olinda?") is None
    assert answers.find("") is None
    parts = answers.find_parts("I am from Recife. Do you ship to Recife? Is it free?")
    assert [one.answer for one in parts] == ["Yes."]


def test_the_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    file = AnswersFile(tmp_path / "answers.md")
    assert file.current(None).find("Do you gift-wrap?") is None

    (tmp_path / "answers.md").write_text("## Do you gift-wrap?\n\nNo.\n")
    assert file.current(None).find("do you gift wrap") is not None
    assert file.current(None) is file.current(None)
    (tmp_path / "answers.md").write_text("## Do you gift-wrap?\n\nYes, we do.\n")
    assert (found := file.current(None).find("do you gift wrap")) is not None
    assert found.answer == "Yes, we do."


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_answers_nothing(tmp_path: Path, make) -> None:
    make(tmp_path / "answers.md")

    assert AnswersFile(tmp_path / "answers.md").current(None).find("Why?") is None
