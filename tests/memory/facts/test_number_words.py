"""Tests of numbers in words and figures: what they stand for, and where they end."""

import pytest

from memory.facts import number_words


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("vinte e um", "21", ""),
        ("mil e duzentos", "1200", ""),
        ("dois mil e quinhentos reais", "2500", " reais"),
        ("cem mil", "100000", ""),
        ("quinhentas", "500", ""),
        ("dois e tres", "2", " e tres"),
        ("two three", "2", " three"),
        ("twenty-five", "25", ""),
        ("fifteen hundred", "1500", ""),
        ("two thousand three hundred and one", "2301", ""),
        ("tres duzias", "36", ""),
        ("half a dozen", "6", ""),
        ("dois e meio", "2.5", ""),
        ("2 mil e quinhentos", "2500", ""),
        ("3 dozen", "36", ""),
        ("1.234.567", "1234567", ""),
        ("1.234,50", "1234.5", ""),
        ("0.125", "0.125", ""),
        ("1,5", "1.5", ""),
        ("8½", "8.5", ""),
        ("8 1/2", "8.5", ""),
    ],
)
def test_a_number_is_read_to_its_end(text, number, rest):
    found = number_words.read(text, 0)

    assert (number_words.plain(found.amount), text[found.end :]) == (number, rest)


@pytest.mark.parametrize("text", ["um", "uma", "one", "umas", "tens", "milagre", "x", ""])
def test_an_article_is_no_number_alone(text):
    assert number_words.read(text, 0) is None


def test_an_article_is_a_number_where_a_unit_follows():
    assert number_words.read("uma hora", 0, articles=True).amount == 1
