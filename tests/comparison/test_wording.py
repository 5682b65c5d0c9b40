"""Finding values: whole ones only, in any of their spellings."""

import pytest

from tests.comparison.dialogues import date_forms, money
from tests.comparison.wording import is_change, possible, says, sentences

PRICE = money(28, "00", "en")[1]
DAY = date_forms(14, 3)


@pytest.mark.parametrize("text", ["It is R$ 28.00.", "custa R$28,00", "BRL 28", "28 reais", "R$\u00a028.00"])
def test_a_price_is_found_in_its_spellings(text: str):
    assert says(text, PRICE)


@pytest.mark.parametrize("text", ["R$ 128.00", "R$ 28.90", "R$ 2.28", "R$ 280.00", "28 cm", "R$ 82.00", ""])
def test_another_price_is_not_taken_for_it(text: str):
    assert not says(text, PRICE)


@pytest.mark.parametrize("text", ["on March 14.", "the 14th of March", "14 de março", "Mar 14", "2026-03-14"])
def test_a_date_is_found_in_its_spellings(text: str):
    assert says(text, DAY)


@pytest.mark.parametrize("text", ["March 4", "April 14", "14 de maio", "March 144"])
def test_another_date_is_not_taken_for_it(text: str):
    assert not says(text, DAY)


def test_a_negation_must_stand_in_the_same_sentence():
    forms = (("!", "bell*"),)

    assert says("Do not ring the bell.", forms)
    assert not says("Ring the bell.", forms)
    assert sentences("Do not call. Ring the bell.") == ["Do not call.", "Ring the bell."]


def test_no_alternative_is_left_out_that_a_sentence_says():
    told = "do not ring the bell. it is 28 reais."
    forms = (("!", "bell*"), ("+!", "ring"), ("+28", "reais"), ("99 reais",), ("bell", "door"))

    assert possible(told, forms) == forms[:3]


def test_a_change_is_told_in_either_language():
    assert is_change("changed from blue to green")
    assert is_change("verde em vez de azul")
    assert not is_change("The customer wants green.")


@pytest.mark.parametrize(
    "text", ["She is allergic to wool.", "No hurry, she is allergic to wool.", "Allergic to wool: do not forget."]
)
def test_an_affirmed_word_is_found(text: str):
    assert says(text, (("+allerg*", "wool*"),))


@pytest.mark.parametrize("text", ["She is not allergic to wool.", "She isn't really allergic to wool.", "Wool."])
def test_a_denied_word_is_not(text: str):
    assert not says(text, (("+allerg*", "wool*"),))


def test_the_end_of_a_word_is_no_negation():
    assert not says("O menino e a campainha.", (("!", "campainha*"),))
    assert says("Ele não toca a campainha; don't ring.", (("!", "campainha*"),))
