"""Tests of how words are compared: one class for all forms of a word, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.search.folding import distance, fold, shortened, sku_key, sound, stem, stems, words


@pytest.mark.parametrize(
    "forms",
    [
        "mug mugs",
        "dress dresses",
        "box boxes",
        "watch watches",
        "knife knives",
        "berry berries",
        "toy toys",
        "case cases",
        "tomato tomatoes",
        "shoe shoes",
        "glove gloves",
        "caneca canecas",
        "som sons",
        "lençol lençóis",
        "coração corações",
        "anel anéis",
        "animal animais",
        "azul azuis",
        "flor flores",
        "luz luzes",
        "tênis tênis",
        "pão pães",
    ],
)
def test_all_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(fold(form)) for form in forms.split()}) == 1


@pytest.mark.parametrize("pair", ["rede red", "caneca caneta", "mala mola", "cores cor"])
def test_other_words_keep_stems_of_their_own(pair: str) -> None:
    one, other = (stem(word) for word in pair.split())

    assert one != other


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pão de AÇÚCAR", ["pao", "de", "acucar"]),
        ("1,5 L or 1.5l", ["1.5l", "or", "1.5l"]),
        ("2 litros, 500 ml", ["2l", "500ml"]),
        ("8 foot, 10 ft", ["8ft", "10ft"]),
        ("USB-C t-shirt", ["usb-c", "t-shirt"]),
        ("R$ 30 cm", ["r", "30cm"]),
    ],
)
def test_words_are_folded_and_numbers_have_their_unit(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_hyphenated_word_is_found_by_its_parts_and_as_one() -> None:
    assert set(stems("guarda-chuva")) == {"guarda", "chuva", "guardachuva"}


@pytest.mark.parametrize("sku", ["MOC-4471", "moc 4471", "Moc.4471", "MOC4471", "moc/4471"])
def test_a_sku_is_its_letters_and_digits(sku: str) -> None:
    assert sku_key(sku) == "moc4471"


@pytest.mark.parametrize("pair", ["xícara chícara", "headphone headfone", "kilo quilo", "apple aple", "casa caza"])
def test_words_that_sound_alike_are_one_sound(pair: str) -> None:
    one, other = (sound(fold(word)) for word in pair.split())

    assert one == other


@pytest.mark.parametrize(
    ("one", "other", "letters"),
    [("same", "same", 0), ("mug", "mugs", 1), ("fountian", "fountain", 1), ("ab", "ba", 1), ("", "abc", 3)],
)
def test_the_distance_counts_letters(one: str, other: str, letters: int) -> None:
    assert distance(one, other) == distance(other, one) == letters


@given(st.text("abcd", min_size=3, max_size=6), st.data())
def test_a_wrong_letter_leaves_a_common_shortening(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    mistyped = word[:place] + "x" + word[place + 1 :]

    assert set(shortened(word, 1)) & set(shortened(mistyped, 1))


@given(st.text())
def test_any_text_is_folded(text: str) -> None:
    assert all(word for word in words(text))
    assert all(stem(word) for word in words(text))
