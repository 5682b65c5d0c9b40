"""Tests of money, sizes and quantities: what is a unit, what a currency, and what is neither."""

import pytest

from memory.facts import measures


def key(text):
    found = measures.read(text, text.lower(), 0)
    return found.key if found is not None else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 m", "quantity 200 cm"),
        ("2 M", None),
        ("1 real", "money 1 brl"),
        ("2 real hammocks", None),
        ("3x de 102,30", "quantity 3 x"),
        ("2 por 3 metros", "dimensions 200 300 cm"),
        ("leve 3", None),
        ("3 por 2", None),
        ("2 milhoes de reais", "money 2000000 brl"),
        ("one hour", "quantity 1 hour"),
        ("um abraço", None),
    ],
)
def test_a_unit_makes_the_value(text, expected):
    assert key(text) == expected


def test_lengths_imply_the_same_in_metres_and_without_unit():
    assert set(measures.implied_by_dimensions(["200", "300", "cm"])) == {"dimensions 200 300", "dimensions 2 3"}


@pytest.mark.parametrize(
    ("text", "sizes"), [("Vitamin B and M&M", []), ("size P/M", ["size p", "size m"]), ("XL", ["size xl"])]
)
def test_letters_are_sizes_only_where_sizes_stand(text, sizes):
    assert [key for key, _, _ in measures.read_sizes(text, text.lower(), 0)] == sizes
