"""Words folded and compared by their stems, and the cues among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.facts import cues, wording


@given(st.text(max_size=50))
def test_a_folded_text_is_as_long_as_it_was(text):
    assert len(wording.flat(text)) == len(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("hammock", "hammocks"), ("prefer", "prefers"), ("wait", "waiting"), ("custa", "custou"), ("wash", "washing")],
)
def test_two_forms_of_a_word_have_one_stem(one, other):
    assert wording.stem(one) == wording.stem(other)


@pytest.mark.parametrize(
    ("one", "other"), [("compasso", "completa"), ("red", "rede"), ("bus", "but"), ("serra-azul", "serra-alta")]
)
def test_two_words_have_two_stems(one, other):
    assert wording.stem(one) != wording.stem(other)


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("I'm allergic to dust", "stated"),
        ("Não quero plástico", "negated"),
        ("We'll send it", "promised"),
        ("Na verdade são dois", "changes"),
        ("Esquece o que eu disse", "cancels"),
        ("Feel free to ask", "service"),
        ("unless it rains", "conditional"),
        ("um reembolso", "granted"),
    ],
)
def test_cues_are_found_in_both_languages(text, cue):
    assert cue in wording.found_cues(wording.words(text))


def test_a_phrase_has_to_stand_whole():
    assert "changes" not in wording.found_cues(wording.words("make the bed"))


def test_courtesy_says_nothing():
    assert wording.is_courtesy(wording.words("Obrigada, bom dia!"))
    assert not wording.is_courtesy(wording.words("Good morning, it broke"))


def test_every_phrase_is_folded_as_texts_are():
    said = [phrase.strip() for text in cues.PHRASES.values() for phrase in text.replace("\n", ",").split(",")]

    assert [phrase for phrase in said if wording.flat(phrase) != phrase] == []


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("The customer said that the shop is closed", "user"),
        ("A loja disse ao cliente que envia hoje", "assistant"),
        ("The hammock is blue", None),
        ("", None),
    ],
)
def test_the_speaker_is_whom_a_sentence_names_first(text, speaker):
    assert wording.speaker_of(text) == speaker
