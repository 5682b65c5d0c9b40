"""The generator's laws, and reading dialogues from a file."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from settings import ROOT
from tests.comparison.dialogues import CLASSES, BadDialogues, load, of_length, weave, woven
from tests.comparison.scoring import any_says
from tests.comparison.wording import says, sentences

DIALOGUES = woven()


def test_the_same_seed_gives_the_same_dialogues():
    assert repr(woven(6, seed=3)) == repr(woven(6, seed=3))
    assert woven(1, seed=3) != woven(1, seed=4)


def test_there_are_more_than_a_thousand_facts_in_two_languages():
    assert len(DIALOGUES) >= 25
    assert sum(len(one.plants) for one in DIALOGUES) >= 1000
    assert Counter(one.language for one in DIALOGUES) == {"en": 13, "pt": 13}


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda one: one.id)
def test_a_dialogue_has_five_facts_per_class_by_both_speakers(dialogue):
    assert Counter(plant.klass for plant in dialogue.plants) == dict.fromkeys(CLASSES, 5)
    assert {plant.speaker for plant in dialogue.plants} == {"user", "assistant"}
    assert all(dialogue.turns[plant.turn][0] == plant.speaker for plant in dialogue.plants)


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda one: one.id)
def test_each_value_stands_in_its_own_message_and_nowhere_else(dialogue):
    assert dialogue.plants
    for plant in dialogue.plants:
        holding = [n for n, (_, said) in enumerate(dialogue.turns) if any_says([said], plant.forms)]

        assert holding == [plant.turn], plant


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda one: one.id)
def test_four_values_take_the_place_of_old_ones_told_before(dialogue):
    updated = [plant for plant in dialogue.plants if plant.old]

    assert len(updated) == 4
    for plant in updated:
        told = [n for n, (_, said) in enumerate(dialogue.turns) if any_says([said], plant.old_forms)]
        assert told
        assert told[0] <= plant.turn
        assert not says(plant.old, plant.forms)
    assert sum(plant.old in dialogue.turns[plant.turn][1] for plant in updated) == 3


def test_questions_and_answers_alternate_and_have_their_bytes():
    dialogue = weave(1, 0)
    entries = dialogue.entries()

    assert [role for role, _ in dialogue.turns[:4]] == ["user", "assistant", "user", "assistant"]
    assert all(before.end == after.start for before, after in pairwise(entries))


def test_longer_dialogues_are_woven_from_shorter_ones():
    made = of_length(DIALOGUES[:4], 70)

    assert len(made[0].turns) == 140
    assert all(any_says([made[0].turns[plant.turn][1]], plant.forms) for plant in made[0].plants)


def test_the_facts_of_a_file_are_its_own(tmp_path: Path):
    turns = [
        {"role": "user", "content": "My order is #W2378156, I paid $60."},
        {"role": "assistant", "content": "It leaves on March 14."},
        {"role": "user", "content": "Actually, the order is #W2378999."},
    ]
    facts = [
        {"said": "the order is #W2378999", "any": ["W2378999"], "speaker": "user", "old": ["W2378156"]},
        {"said": "no leather", "any": ["! & leather", "cloth"], "speaker": "user", "old": []},
    ]
    path = tmp_path / "real.jsonl"
    path.write_text(json.dumps({"id": "one", "turns": turns, "facts": facts}) + "\n", encoding="utf-8")

    (dialogue,) = load(path)

    assert [(plant.value, plant.turn, plant.old) for plant in dialogue.plants] == [
        ("the order is #W2378999", 2, "W2378156"),
        ("no leather", 2, ""),
    ]
    assert dialogue.plants[1].forms == (("!", "leather"), ("cloth",))


def test_a_dialogue_without_gold_has_no_facts(tmp_path: Path):
    path = tmp_path / "real.jsonl"
    path.write_text('{"id": "one", "turns": [{"role": "user", "content": "My order is #W2378156."}]}')

    (dialogue,) = load(path)

    assert dialogue.plants == ()


def test_the_everyday_conversations_are_dialogues_with_gold():
    found = load(ROOT / "tests" / "data" / "memory-cases.jsonl")

    assert len(found) > 100
    assert all(dialogue.plants for dialogue in found)
    assert all(dialogue.turns[plant.turn][0] == plant.speaker for dialogue in found for plant in dialogue.plants)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        '{"id": 1}',
        '{"id": "a", "turns": [{"role": "tool", "content": "x"}]}',
        '{"id": "a", "turns": [], "facts": [{"said": "x"}]}',
        "",
    ],
)
def test_a_file_that_holds_no_dialogues_is_refused_with_its_line(tmp_path: Path, line: str):
    path = tmp_path / "bad.jsonl"
    path.write_text(line, encoding="utf-8")

    with pytest.raises(BadDialogues, match=r"bad\.jsonl"):
        load(path)


def test_sentences_of_a_woven_dialogue_hold_whole_values():
    assert [bool(dialogue.plants) for dialogue in DIALOGUES[:2]] == [True, True]
    for dialogue in DIALOGUES[:2]:
        for plant in dialogue.plants:
            assert any(says(one, plant.forms) for one in sentences(dialogue.turns[plant.turn][1]))
