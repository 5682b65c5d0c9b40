"""What code holds against attacks in messages, history and notes, whatever a model makes of them: the request itself.

Each attack is sent as a message, echoed by the model into the history, written into the notes, and sent once more; what
then reaches the model's server, a real one on loopback, is looked at.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import jinja2
import pytest

from memory.context import noting, verification
from memory.context.prompt import Mode, render
from memory.conversations.records import Entry, Record
from memory.facts.cards import split
from settings import ROOT
from shop import texts
from tests.comparison.attacks import ATTACKS, KINDS, Attack
from tests.conftest import Open, enter, settings_for
from tests.support.shop import NOON
from tests.support.snapshots import snapshot_of
from tests.support.upstream import Upstream, running

MODES: tuple[Mode, ...] = ("system", "turns")
MARKS = ("<|", "</s>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<start_of_turn>", "<end_of_turn>")
SHELF = texts.templates(ROOT / "prompts")
STORE = snapshot_of(ROOT / "prompts").whole or ""
BOBS = "Bob lives at Rua Secreta 77, order #W9998887."
TAG = re.compile(r"<\s*/?\s*(?:shop|notes|conversation|system)\b[^>]*>", re.IGNORECASE)

of_every_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.id)


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """A server of this module's own, so that its log stays short."""
    with running() as started:
        yield started


def test_over_forty_attacks_cover_every_kind_language_and_place():
    assert len(ATTACKS) >= 40
    assert {one.kind for one in ATTACKS} == set(KINDS)
    assert {(one.place, one.language) for one in ATTACKS} == {
        (place, language) for place in ("message", "history", "notes") for language in ("en", "pt")
    }


@pytest.mark.parametrize("mode", MODES)
@of_every_attack
async def test_an_attack_reaches_the_model_as_what_it_is(
    open_shop: Open, upstream: Upstream, attack: Attack, mode: Mode
):
    app = open_shop(settings_for(upstream, "echo", history=mode))
    ana, bob = enter(app, "ana"), enter(app, "bob")
    for visitor, said in ((bob, BOBS), (ana, attack.text)):
        assert (await visitor.post("/messages", {"content": said})).status == 303
        assert (await visitor.post("/summary", {"text": said})).status == 303

    assert (await ana.post("/messages", {"content": attack.text})).status == 303

    body = upstream.log()[-1]["body"]
    messages: list[dict[str, Any]] = body["messages"]
    system = messages[0]["content"]
    roles = ["system", "user"] if mode == "system" else ["system", "user", "assistant", "user"]
    assert [message["role"] for message in messages] == roles
    assert {name for message in messages for name in message} == {"role", "content"}
    assert system.startswith(render(SHELF.rules, store=STORE, summary="", history=""))
    sections = ["shop", "notes", "conversation"][: 3 if mode == "system" else 2]
    assert TAG.findall(system) == [tag for name in sections for tag in (f"<{name}>", f"</{name}>")]
    assert re.findall(r"^(?:Customer|Shop):", system, re.M) == (["Customer:", "Shop:"] if mode == "system" else [])
    for name in sections[1:]:
        inside = system.split(f"<{name}>\n")[1].split(f"\n</{name}>")[0]
        lines = [line for line in inside.split("\n") if line not in ("", "Customer:", "Shop:")]
        assert lines
        assert all(line.startswith("    ") for line in lines)
    assert not any(mark in message["content"] for message in messages for mark in MARKS)
    assert "Secreta" not in json.dumps(body)
    assert "9998887" not in json.dumps(body)


@of_every_attack
def test_an_attack_reaches_the_summariser_as_the_customers_words(attack: Attack):
    entries = entries_of(attack)
    template = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(SHELF.summarise)

    asked = template.render(conversation=verification.conversation_of(entries), words=90)

    inside = asked.split("\n<conversation>\n")[1].split("\n</conversation>")
    assert len(inside) == 2
    assert TAG.findall(asked) == ["<conversation>", "</conversation>"]
    assert re.findall(r"^(?:Customer|Shop):", inside[0], re.M) == ["Customer:", "Shop:"]
    assert not any(mark in asked for mark in MARKS)


@of_every_attack
def test_what_an_attack_claims_is_noted_as_the_customers(attack: Attack):
    """Notes made by code, and the values that code adds to a model's, say who said each."""
    entries = entries_of(attack)

    extracted = noting.extract(entries, budget_tokens=400, encoding="o200k_base")

    prose = extracted.split("Facts:")[0].split("\n")
    assert all(
        line.startswith(("The customer said: ", "The shop said: I cannot do that.", "(Message 1 "))
        for line in prose
        if line
    )
    cards = [card for card in split(extracted)[1] if card.clause != "I cannot do that."]
    assert {(card.speaker, card.number) for card in cards} <= {("user", 1)}


def entries_of(attack: Attack) -> tuple[Entry, ...]:
    """Return the attack as a message, and an answer without a value."""
    return (
        Entry(Record(1, NOON, "user", attack.text), 0, 1),
        Entry(Record(2, NOON, "assistant", "I cannot do that."), 1, 2),
    )
