"""Tests of plain words and numbers in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.claims.wording import fold, number_of, stem, stems


@given(st.text())
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_folding_takes_accents_case_and_markdown_away() -> None:
    assert fold("**Preço**: _R$ 5_ – É") == "  preco  :  r$ 5  - e"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("knives", "knife"),
        ("redes", "rede"),
        ("cestos", "cesto"),
        ("bastões", "bastão"),
        ("dishes", "dish"),
        ("cups", "cup"),
    ],
)
def test_a_plural_has_the_stem_of_its_singular(one: str, other: str) -> None:
    assert stem(fold(one)) == stem(fold(other))


def test_numbers_in_words_are_read() -> None:
    assert [
        number_of(one) for one in ("38", "thirty-eight", "cento e vinte e oito", "two thousand", "dois mil e dez")
    ] == [
        38,
        38,
        128,
        2000,
        2010,
    ]
    assert stems("two cups") == {"two", "cup"}
