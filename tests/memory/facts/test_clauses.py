"""Messages in clauses: sentences, lists with what they belong to, bounded and word for word."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.facts.clauses import MOST_CHARS, clauses, fine


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is red. And big!", ["It is red.", "And big!"]),
        ("Rua das Flores, nº. 45. Ok?", ["Rua das Flores, nº. 45.", "Ok?"]),
        ("Mr. Silva has R$ 1.234,56 left.", ["Mr. Silva has R$ 1.234,56 left."]),
        ("The option is:\n\n- Black\n- $5", ["The option is: - Black - $5"]),
        ("| mug | teal |\n|---|---|\n| bowl | amber |", ["| mug | teal |", "| bowl | amber |"]),
        ('```json\n{"sku": "RED-014"}\n```', ['{"sku": "RED-014"}']),
        ("**Bold** words", ["Bold words"]),
        (" \n\n", []),
    ],
)
def test_a_message_is_its_clauses(text, expected):
    assert list(clauses(text)) == expected


def test_a_long_sentence_is_parted_at_a_pause():
    found = list(clauses("the first part of it, " * 30))

    assert all(len(clause) <= MOST_CHARS and clause.endswith("it,") for clause in found)


@given(st.text(alphabet="ab .,\n-:1", max_size=600))
def test_no_word_is_lost_and_none_is_added(text):
    def letters(of):
        return [letter for letter in of if letter.isalnum()]

    found = list(clauses(text))

    assert letters(" ".join(found)) == letters(text)
    assert all(len(clause) <= MOST_CHARS for clause in found)


def test_the_parts_of_a_clause_are_about_one_thing_each():
    assert fine("W1 is blue, W2 green and W3 red") == ["W1 is blue", "W2 green", "W3 red"]


@pytest.mark.parametrize("sign", ["not ", "1", '"', "- a\n", ". ", "a:\n"])
def test_a_megabyte_of_one_sign_takes_time_by_its_length(sign):
    began = time.process_time()
    assert sum(1 for _ in clauses(sign * (1_000_000 // len(sign)))) >= 0

    assert time.process_time() - began < 10
