"""Tests of notes made true by code: what is refused, cut out and put in, and notes that no model wrote."""

from datetime import UTC, datetime

import pytest

from memory.context import summary, verification
from memory.context.summary import BadSummary, Segment
from memory.conversations.records import Entry, Record, parse, print_record

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


ENCODING = "o200k_base"


def segment(first, last, start, end, text="The customer asked.", method="model", model="luna"):
    return Segment(first, last, start, end, method, NOON, text, model)


def entries_of(*said):
    """Return a conversation: a text that begins with a dash is the shop's."""
    return [
        Entry(
            Record(n, NOON, "assistant" if text.startswith("-") else "user", text.lstrip("- ")), n * 100, n * 100 + 100
        )
        for n, text in enumerate(said, 1)
    ]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "empty"), ("  \n ", "empty"), ("I'm sorry, I cannot help.", "a refusal"), ("I can’t do that", "a refusal"),
        ("As an AI I have no memory", "a refusal"), ("Desculpe, não posso.", "a refusal"), ("Não posso ajudar", "a refusal"),
        ("word " * 200, "over its budget"), ("The customer said so. " * 4, "longer than its source"),
    ],
)  # fmt: skip
def test_what_is_no_summary_is_refused(said, why):
    with pytest.raises(BadSummary, match=why):
        verification.verified(said, entries_of("My order is W1001.", "- Fine."), budget_tokens=100, encoding=ENCODING)


def test_invented_values_are_cut_and_missing_added_with_speaker():
    said = entries_of(
        "My order is W1001, for Ana, please look at it now.", "- It costs R$ 289.00 and comes on 12 May to your door."
    )

    text = verification.verified("Order W1001; also W9999.", said, budget_tokens=100, encoding=ENCODING)

    assert text == ("Order W1001; also […].\n\nFacts:\n- R$ 289.00 (shop, message 2)\n- 12 May (shop, message 2)")


def test_a_superseded_value_is_named_with_what_took_its_place():
    said = entries_of(
        "Deliver it on 12 May, please, to my house.", "- Of course, noted.", "Actually it is 15 May, not earlier."
    )

    text = verification.verified("Delivery on 15 May.", said, budget_tokens=100, encoding=ENCODING)

    assert text.endswith("Facts:\n- 15 May (customer, message 3, instead of 12 May)")


def test_the_newest_of_many_facts_are_listed_and_others_counted():
    said = entries_of(*(f"Order W{n:05}" for n in range(450)))

    text = verification.extract(said, budget_tokens=50, encoding=ENCODING)

    listed = text.count(" (customer, message ")
    assert listed == 400
    assert f"({450 - listed - text.count('The customer said')} older values stand in history.txt alone)" in text
    assert "W00449" in text


def test_notes_by_code_quote_beginnings_and_lose_no_value():
    said = entries_of("My order is W1001. " + "blah " * 200 + "W1002", "- It is R$ 5.00.")

    text = verification.extract(said, budget_tokens=300, encoding=ENCODING)

    assert text.startswith("The customer said: My order is W1001. blah")
    assert "- W1002 (customer, message 1)" in text
    assert "The shop said: It is R$ 5.00." in text


def imported_entries():
    said = [
        Record(1, NOON, "user", "Is it free? Order #W1001.", imported=True),
        Record(2, NOON, "assistant", "The hammock costs R$ 5.", "gpt", "stop", imported=True),
    ]
    data = b"".join(map(print_record, said))
    return [item for item in parse(data) if isinstance(item, Entry)]


@pytest.mark.parametrize("method", ["model", "code"])
def test_notes_of_imported_replies_say_whose_word_they_are(method):
    said = imported_entries()
    if method == "model":
        text = verification.verified("The shop said R$ 5.", said, budget_tokens=100, encoding=ENCODING)
    else:
        text = verification.extract(said, budget_tokens=100, encoding=ENCODING)

    assert text.startswith("(Part of this was brought in by the customer as a file: nothing proves that the shop said")
    assert "the shop said: the hammock" not in text.lower()
    assert "R$ 5" in text
    assert "5" in summary.values_of(text)


def test_a_fact_of_an_imported_reply_names_its_speaker():
    text = verification.verified("Notes.", imported_entries(), budget_tokens=100, encoding=ENCODING)

    assert "- R$ 5 (shop, as brought in by the customer, message 2)" in text
    assert "- #W1001 (customer, message 1)" in text
