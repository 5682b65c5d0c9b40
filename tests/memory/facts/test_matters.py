"""Talk of the weather among the wishes of customers: which clauses become facts, on conversations written before the rules."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from memory.conversations.records import Record, Role
from memory.facts import matters
from memory.facts.extraction import statements
from settings import ROOT

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
TALKS = [json.loads(line) for line in (ROOT / "tests" / "data" / "chatter.jsonl").read_text().splitlines()]


def facts_of(*said: tuple[Role, str]) -> list[str]:
    records = [Record(n, NOON, role, text) for n, (role, text) in enumerate(said, 1)]
    return [one.card.clause for one in statements(records) if one.is_fact]


def marked(kind: str) -> Iterator[tuple[str, bool]]:
    """Yield the sentences marked as this kind, with whether each became a fact."""
    for talk in TALKS:
        facts = facts_of(*[(role, text) for role, text in talk["turns"]])
        for sentence in talk[kind]:
            yield sentence, any(sentence.rstrip(".!?") in fact for fact in facts)


def test_what_matters_to_a_shop_is_a_fact():
    lost = [sentence for sentence, is_fact in marked("facts") if not is_fact]

    assert len(lost) <= 0.03 * len(list(marked("facts"))), lost


def test_what_people_talk_of_besides_is_none():
    kept = [sentence for sentence, is_fact in marked("chatter") if is_fact]

    assert len(kept) <= 0.08 * len(list(marked("chatter"))), kept


@pytest.mark.parametrize(
    ("said", "is_fact"),
    [
        ("Eu gosto de samba.", False),
        ("What a nice day!", False),
        ("What a nice day it is today.", False),
        ("Gosto de rede bem larga.", True),
        ("I'd love a cushion that looks like the sea.", True),
        ("It rains, so please wrap it in plastic.", True),
        ("Meu pai não come nada com leite.", True),
        ("The weather is awful, and my order W1234567 is late.", True),
    ],
)
def test_talk_is_a_fact_only_with_what_matters(said, is_fact):
    assert bool(facts_of(("user", said))) == is_fact


def test_no_word_both_matters_and_does_not():
    def words(text):
        return {word.strip() for word in text.replace("\n", ",").split(",") if word.strip()}

    things = [words(text) for text in (matters.GOODS, matters.MAKES, matters.PARCELS, matters.FOOD)]

    assert not set.union(*things) & words(matters.TALK)
