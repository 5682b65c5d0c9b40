"""Tests of short forms that customers write in a hurry."""

import pytest

from shop.search.lexicon import WORDS, named_phrases
from shop.search.spellings import spelled


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("qto custa a rede d casal", "quanto custa a rede de casal"),
        ("vcs tem hj", "voces tem hoje"),
        ("do u ship it pls", "do you ship it please"),
        ("p/ casal c/ franja", "para casal com franja"),
        ("pago em 10x", "pago parcelas"),
        ("pay in 3 instalments", "pay parcelas"),
        ("can i send a lamp back?", "can i send back a lamp?"),
        ("give it back or keep it", "give back it or keep it"),
        ("send it to the back", "send it to the back"),
        ("give me my money back", "give me my money back"),
        ("mesa 2 x 1,5 m", "mesa 2 x 1,5 m"),
        ("u-lock kd-200", "u-lock kd-200"),
        ("i'd like d'agua", "i'd like d'agua"),
        ("they’d sell caixa d’agua", "they’d sell caixa d’agua"),
    ],
)
def test_a_short_form_is_read_as_what_it_means(written: str, meant: str) -> None:
    assert spelled(written) == meant


@pytest.mark.parametrize("file", ["asking.txt", "values.txt"])
def test_phrases_of_questions_are_written_out(file: str) -> None:
    phrases = [phrase for _, listed in named_phrases(WORDS / file) for phrase in listed]

    assert [phrase for phrase in phrases if spelled(phrase) != phrase] == [], "nothing would be found by them"
