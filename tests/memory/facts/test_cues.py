"""The tables of cues: no word twice in one of them, and none that says everything."""

import pytest

from memory.facts import cues


@pytest.mark.parametrize("name", [name for name in cues.PHRASES if name not in ("stated", "answered")])
def test_no_phrase_stands_twice(name):
    phrases = [phrase.strip() for phrase in cues.PHRASES[name].replace("\n", ",").split(",") if phrase.strip()]

    assert sorted(set(phrases)) == sorted(phrases)


def test_no_phrase_is_a_letter():
    assert [
        text for text in cues.PHRASES.values() for phrase in text.split(",") if len(phrase.strip(" ~\n")) == 1
    ] == []
