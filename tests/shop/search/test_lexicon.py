"""Tests of the general words of shops: names of one thing in both languages, and the owner's own."""

import pytest

from shop.search import lexicon
from shop.search.folding import words
from shop.search.lexicon import KINDS, WORDS, phrase_of

LEXICON = lexicon.read()


def names(text: str, side: str) -> set[tuple[str, ...]]:
    """Return all names in a language of what a phrase names."""
    return {name for one in LEXICON.concepts.get(phrase_of(text), ()) for name in one.side(side)}


@pytest.mark.parametrize(
    ("english", "portuguese"),
    [
        ("backpack", "mochila"),
        ("umbrella", "guarda-chuva"),
        ("yoga mat", "tapete de ioga"),
        ("light blue", "azul claro"),
        ("stainless steel", "aço inox"),
        ("extra large", "GG"),
        ("refund", "reembolso"),
        ("opening hours", "horário de funcionamento"),
        ("waterproof", "impermeável"),
    ],
)
def test_a_thing_has_names_in_both_languages(english: str, portuguese: str) -> None:
    assert phrase_of(portuguese) in names(english, "pt")
    assert phrase_of(english) in names(portuguese, "en")


def test_a_colour_agrees_with_its_noun() -> None:
    assert {phrase_of("vermelha"), phrase_of("vermelhos"), phrase_of("vermelhas")} <= names("red", "pt")


def test_small_words_within_a_phrase_may_be_left_out() -> None:
    assert phrase_of("fone de ouvido") == phrase_of("fone ouvido")
    assert phrase_of("T-shirt") == phrase_of("t shirt")


def test_a_broader_word_has_the_names_of_narrower_things() -> None:
    (shoes,) = LEXICON.concepts[phrase_of("footwear")]

    assert {phrase_of("sneakers"), phrase_of("sandália"), phrase_of("boot")} <= set(shoes.narrower)


def test_the_owners_synonyms_are_one_thing_in_any_language() -> None:
    own = lexicon.read(synonyms=[["zarzuela", "fiddle stick"], []])

    (concept,) = own.concepts[phrase_of("fiddle sticks")]
    assert concept.side("pt") == concept.side("en") == (phrase_of("zarzuela"), phrase_of("fiddle stick"))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how much is it", "en"),
        ("quanto custa", "pt"),
        ("macaíba backpack", "en"),
        ("mochila macaíba", "pt"),
        ("RED-1", ""),
        ("webcam", ""),
    ],
)
def test_the_language_of_a_text_is_told_by_its_words(text: str, language: str) -> None:
    assert LEXICON.language(words(text)) == language


def test_each_line_of_words_is_of_the_form_that_its_file_has() -> None:
    for path in (WORDS / name for name in (*KINDS, "stop.txt")):
        lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]
        assert lines
        if path.name != "stop.txt":
            assert {line.count("|") + line.count(">") for line in lines} <= {1, 2}, path
        assert len(lines) == len(set(lines)), path
