"""Tests of sentences in Markdown."""

import pytest

from shop.claims.sentences import LONGEST, AnswerSentence, Splitter, cells, is_rule


def split_sentences(text: str) -> tuple[AnswerSentence, ...]:
    """Return the sentences of a whole answer."""
    splitter = Splitter()
    return (*splitter.add(text), *splitter.finish())


def split(text: str) -> list[str]:
    return [one.text.strip() for one in split_sentences(text) if one.text.strip()]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It is R$ 1.234,56. Yes!", ["It is R$ 1.234,56.", "Yes!"]),
        ("Open until 5 p.m. on Monday.", ["Open until 5 p.m. on Monday."]),
        ("1. **A** costs 2\n2. B", ["1. **A** costs 2", "2. B"]),
        ("One.** Two", ["One.**", "Two"]),
        ("| a. b | c |\nd", ["| a. b | c |", "d"]),
    ],
)
def test_sentences_end_where_they_do(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


def test_forms_are_told_apart() -> None:
    text = "# Head\n| a |\n```\ncode. x\n```\nend"

    assert [one.form for one in split_sentences(text)] == ["heading", "row", "code", "code", "code", "prose"]


def test_what_has_no_end_is_cut() -> None:
    assert [len(one.text) for one in split_sentences("a" * (2 * LONGEST + 5))] == [LONGEST, LONGEST, 5]


def test_a_row_has_cells() -> None:
    row = "| a | b \\| c |  |\n"

    assert [row[start:end] for start, end in cells(row)] == ["a", "b \\| c", ""]
    assert is_rule("|:--|--:|")
    assert not is_rule("| a | - |")
