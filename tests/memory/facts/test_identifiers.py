"""Tests of identifiers by their form: what a check digit or a length tells apart."""

import pytest

from memory.facts import identifiers


def test_an_iban_is_known_by_its_check_digits():
    assert identifiers.read("pt50 0002 0123 1234 5678 9015 4 para", 0).kind == "iban"
    assert identifiers.read("pt51 0002 0123 1234 5678 9015 4 para", 0) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("+55 81 99876-5432", "81 99876 5432"), ("50.030-230", "50030-230"), ("qb 123 456 785 br", "qb123456785br")],
)
def test_separators_make_no_other_identifier(one, other):
    assert identifiers.read(one, 0).key == identifiers.read(other, 0).key


@pytest.mark.parametrize("text", ["10 redes", "2026", "casa", "10-15 dias", "uma casa para"])
def test_words_and_plain_numbers_are_no_identifiers(text):
    assert identifiers.read(text, 0) is None
    assert identifiers.read_code(text, 0) is None


def test_a_code_has_letters_and_figures_or_a_sign():
    assert identifiers.read_code("#1111.", 0).key == "number 1111"
    assert identifiers.read_code("red-012 azul", 0).key == "code red012"
