"""Tests of when two questions are the same but for their wording."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.answers.sameness import AboutIndex, about, are_alike, are_same
from shop.search import lexicon
from shop.search.lexicon import Lexicon


@cache
def words() -> Lexicon:
    return lexicon.read(synonyms=[["stand", "frame"]])


SAME = [
    ("Do you ship to Recife?", "do you deliver to recife"),
    ("How much is the Rede Casal?", "What's the price of Rede Casal?"),
    ("How much is the Rede Casal?", "quanto custa a rede casal"),
    ("Is the hammock waterproof?", "Are the hammocks waterprof"),
    ("Hello! Can I pay with Pix please? Thanks", "Can I pay by Pix?"),
    ("Do you open on Saturdays?", "are you open saturday"),
    ("Do you have a frame?", "Is there any stand?"),
    ("Can I wash the cotton hammock by machine?", "Can I wash the big cotton hammock by machine?"),
    ("É de algodão?", "e de algodao"),
]
OTHER = [
    ("Do you ship to Recife?", "Do you ship to Olinda?"),
    ("How much is the Rede Casal?", "How much does the Rede Casal weigh?"),
    ("How much is the Rede Casal?", "What size is the Rede Casal?"),
    ("Where do you deliver?", "When do you deliver?"),
    ("Can I return a hammock?", "How do I return a hammock?"),
    ("What can be returned?", "What can not be returned?"),
    ("Is there a hammock for two people?", "Is there a hammock for three people?"),
    ("Do you open on Saturday?", "Do you open on Sunday?"),
    ("Can I wash the cotton hammock by machine?", "Can I not wash the cotton hammock by machine?"),
    ("Is RED-012 blue?", "Is RED-013 blue?"),
    ("Onde fica a loja?", "Quando abre a loja?"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_another_wording_is_the_same_question(one: str, other: str) -> None:
    assert are_same(about(one, words()), about(other, words()))
    assert are_alike(about(other, words()), about(one, words()))


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_one_word_that_decides_makes_another_question(one: str, other: str) -> None:
    assert not are_same(about(one, words()), about(other, words()))


def test_questions_with_most_words_in_common_are_one_group() -> None:
    one, other = about("Can I return a hammock?", words()), about("How can I return the hammock", words())

    assert are_alike(one, other)
    assert not are_alike(about("Hammock?", words()), about("A blue hammock?", words()))


def test_a_question_of_grammar_alone_is_all_that_it_says() -> None:
    assert about("What do you have?", words()) == about("what do you have", words()) != frozenset()
    assert not are_same(about("", words()), about("", words()))


@given(
    st.lists(
        st.sets(st.sampled_from("tents tent canoe bike pianos piano red blue big old".split()), max_size=7), max_size=12
    )
)
def test_the_index_finds_what_a_look_at_all_finds(questions: list[set[str]]) -> None:
    index = AboutIndex[int]()
    for number, meant in enumerate(questions):
        index.add(frozenset(meant), number)
    for fits in (are_same, are_alike):
        for asked in map(frozenset, questions):
            first = next((number for number, meant in enumerate(questions) if fits(frozenset(meant), asked)), None)
            assert index.find(asked, fits) == first
