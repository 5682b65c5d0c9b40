"""Tests of the look-up of patterns by the beginnings of words: whatever a pattern finds, it is among the possible ones."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.claims.beginnings import ByBeginnings, beginnings_in, beginnings_of
from shop.claims.promises import WAYS
from shop.claims.topics import DISTINCTIONS, TOPICS
from shop.claims.wording import fold
from tests.support.claims import answers

ALL = [re.compile(way.pattern) for way in WAYS]
ALL += [re.compile(rf"\b(?:{words})\b") for words in TOPICS.values()]
ALL += [re.compile(rf"\b(?:{words})\b") for names in DISTINCTIONS.values() for words in names.values()]
INDEX = ByBeginnings((pattern.pattern, pattern) for pattern in ALL)


@pytest.mark.parametrize(
    ("pattern", "beginnings"),
    [
        (r"\b(?:pix|fee)\b", {"pix", "fee"}),
        (r"\bships?\b", {"ship", "ships"}),
        (r"\bdeliver\w*", {"deliv"}),
        (r"\b(?:i|we) can\b", {"i can", "we ca"}),
        (r"\b(?:i|we)(?:'ll| will)? go", {"i'll ", "i wil", "i go", "we'll", "we wi", "we go"}),
        (r"\b(?:ja |eu ){0,2}dei\b", {"ja ", "eu ", "dei"}),
        (r"\b(?<!add )up to\b", {"up to"}),
        (r"^\W*sold!", {"sold"}),
        (r"\b\d+ days", {""}),
        (r"seniors?\b", {""}),
        (r"\b(?:will|'ll) match", {"will ", ""}),
        (r"\ba [^.]+ b\b", {"a "}),
    ],
)
def test_beginnings_are_read_off_a_pattern(pattern: str, beginnings: set[str]) -> None:
    assert beginnings_of(pattern) == beginnings


def test_the_beginnings_of_a_text_are_those_of_its_words() -> None:
    assert beginnings_in("it is") == {"", "i", "it", "it ", "it i", "it is", "is"}


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_a_pattern_finds_is_possible(data: st.DataObject) -> None:
    pattern = data.draw(st.sampled_from(ALL))
    before = data.draw(st.sampled_from(["", "so, ", "you", "* "]))
    text = before + data.draw(st.from_regex(re.compile(pattern.pattern, re.ASCII))) + " then"

    if pattern.search(text):
        assert pattern in [found for found, _ in INDEX.possible(text)]


def test_no_answer_holds_what_is_not_possible() -> None:
    for one in answers("dev"):
        folded = fold(one.answer)

        assert [found for found, _ in INDEX.possible(folded) if found.search(folded)] == [
            found for found in ALL if found.search(folded)
        ]
