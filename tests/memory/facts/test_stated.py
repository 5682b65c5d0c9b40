"""Tests of what a clause states: values by kind, those that it ends, and whether it is firm."""

import pytest

from memory.facts.stated import said_in


def test_old_values_and_new_ones_are_apart() -> None:
    said = said_in("We moved from 5 Mill Lane to 9 Oak Street.")

    (gone,) = said.gone
    assert gone[0] == "address"
    assert len(said.values["address"]) == 2


def test_the_same_number_is_one_value_whatever_it_counts() -> None:
    assert said_in("Make it 3 bowls.").values["number"] == said_in("I need 3.").values["number"]


@pytest.mark.parametrize(
    ("clause", "is_firm"),
    [("Come on Friday.", True), ("If it rains, come on Friday.", False), ("Is it open on Friday?", False)],
)
def test_a_condition_and_a_question_that_inquires_are_not_firm(clause: str, is_firm: bool) -> None:
    assert said_in(clause).is_firm is is_firm


def test_what_is_refused_and_what_is_chosen_are_apart() -> None:
    said = said_in("I'm not home on Tuesday, can it be Thursday?")

    assert [len(part.values["date"]) for part in (*said.refused, *said.chosen)] == [1, 1]
