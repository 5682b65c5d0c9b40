"""Notes by code: cards, half sentences for the rest, and what is left out."""

import time
from datetime import UTC, datetime

import pytest

from memory.context import noting, tokens
from memory.conversations.records import Entry, Record

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
ENCODING = "o200k_base"


def notes(*said, budget_tokens=200):
    """Return the notes on a conversation; a text that begins with a dash is the shop's."""
    entries = [
        Entry(Record(n, NOON, "assistant" if text.startswith("-") else "user", text.lstrip("- ")), n, n + 1)
        for n, text in enumerate(said, 1)
    ]
    return noting.extract(entries, budget_tokens=budget_tokens, encoding=ENCODING)


def test_facts_are_cards_and_the_rest_half_sentences():
    assert notes("I'm allergic to dust. It rained.", "- Thanks!", "Lovely views there") == (
        "The customer said: It rained.\nThe customer said: Lovely views there\n\n"
        'Facts:\n"I\'m allergic to dust." (customer, message 1)'
    )


def test_the_newest_facts_stay_and_the_older_are_told():
    text = notes(*(f"My parcel {n:03} is large" for n in range(100)), budget_tokens=60)

    assert tokens.count(text) < 400
    assert "My parcel 099 is large" in text
    assert "(Messages 1 to " in text
    assert "My parcel 000 is large" not in text


def test_messages_without_room_for_half_a_sentence_are_told():
    text = notes(*(f"Lovely {chr(97 + n // 26)}{chr(97 + n % 26)} views" for n in range(60)), budget_tokens=30)

    assert "are not in these notes.)" in text


def test_what_is_said_twice_stands_once():
    text = notes("No plastic, please.", "- Sure.", "No plastic, please.")

    assert text == 'Facts:\n"No plastic, please." (customer, message 3)'


def test_a_fact_at_the_end_of_a_long_paste_is_kept():
    text = notes("The balcony gets sun and salt all day long. " * 400 + "My child has asthma.")

    assert '"My child has asthma." (customer, message 1)' in text
    assert text.count("balcony") == 1


def test_4000_tokens_are_noted_in_little_time():
    said = [f"- The lamp {n} costs R$ {n},00 and comes on {n % 28 + 1} May." for n in range(190)]
    notes(*said[:20])
    began = time.process_time()
    notes(*said)

    assert time.process_time() - began < 1, "50 ms on a machine that does nothing else"


@pytest.mark.parametrize("sign", ["1", "not ", '"', "W1 R$ 5 ", "Rua a ", "sorry, not 5, "])
def test_a_megabyte_of_one_sign_takes_time_by_its_length(sign):
    began = time.process_time()
    notes(sign * (1_000_000 // len(sign)))

    assert time.process_time() - began < 20
