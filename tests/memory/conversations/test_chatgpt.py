"""Tests of reading ChatGPT's export: the branch that was shown, without what is not said between the two."""

import json
from datetime import UTC, datetime

import pytest

from memory.conversations import history, imports, listing
from memory.conversations.imports import NotImported
from memory.storage.folders import Folder

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def node(parent, role=None, *parts, time=None, kind="text", recipient="all", **metadata):
    message = role and {
        "id": "x",
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": time,
        "update_time": None,
        "content": {"content_type": kind, "parts": list(parts)},
        "status": "finished_successfully",
        "weight": 1.0,
        "recipient": recipient,
        "metadata": metadata,
    }
    return {"id": "x", "message": message, "parent": parent, "children": []}


def conversation(mapping, current, **changed):
    return {
        "title": "A trip",
        "create_time": 1_700_000_000.5,
        "update_time": 1_700_000_100.0,
        "mapping": mapping,
        "current_node": current,
        "conversation_id": "c",
    } | changed


TREE = {
    "root": node(None),
    "system": node("root", "system", "You are ChatGPT."),
    "hidden": node("system", "user", "About me", is_visually_hidden_from_conversation=True),
    "q1": node("hidden", "user", "Where to?", time=1_700_000_001.25),
    "a1": node("q1", "assistant", "Nowhere.", time=1_700_000_002.0, model_slug="gpt-4"),
    "call": node("q1", "assistant", "search('Recife')", time=1_700_000_003.0, recipient="browser"),
    "tool": node("call", "tool", "results", time=1_700_000_004.0),
    "thought": node("tool", "assistant", "hm", kind="thoughts"),
    "a2": node(
        "thought", "assistant", "To Recife \ue200cite\ue202turn0search1\ue201now.", time=1_700_000_005.9, model_slug="gpt-4o",
        finish_details={"type": "max_tokens"},
    ),
    "q2": node("a2", "user", {"content_type": "image_asset_pointer"}, "And this?\r\n", kind="multimodal_text"),
}  # fmt: skip


@pytest.fixture
def ana(tmp_path):
    return Folder(tmp_path)


def take(folder, *told):
    return imports.keep(folder, imports.read(json.dumps(list(told)).encode(), NOW))


def said(folder, name):
    place = Folder(folder.path / "archive" / name)
    return [entry.record for entry in history.backwards(place)][::-1]


def test_the_shown_branch_arrives_with_times_models_and_title(ana):
    (name,) = take(ana, conversation(TREE, "q2"))

    assert listing.describe(ana, name).title == "A trip"
    assert [(r.role, r.text, r.model, r.ending) for r in said(ana, name)] == [
        ("user", "Where to?", None, None),
        ("assistant", "To Recife now.", "gpt-4o", "length"),
        ("user", "[image]\n\nAnd this?", None, None),
    ]
    assert [r.time.timestamp() for r in said(ana, name)] == [1_700_000_001, 1_700_000_005, 1_700_000_005]


def test_a_file_of_many_conversations_arrives_without_empty_ones(ana):
    other = {"q": node(None, "user", "Hello", time=1_600_000_000.0)}

    names = take(
        ana, conversation(TREE, "q2"), conversation({"r": node(None)}, "r"), conversation(other, "q", title=None)
    )

    assert [listing.describe(ana, name).title for name in names] == ["A trip", "Hello"]


@pytest.mark.parametrize("end", [None, "nowhere"])
def test_a_tree_without_its_end_is_read_from_its_last_node(ana, end):
    (name,) = take(ana, conversation(TREE, end))

    assert said(ana, name)[-1].text == "[image]\n\nAnd this?"


def test_a_tree_that_is_a_circle_ends(ana):
    circle = {"a": node("b", "user", "A"), "b": node("a", "assistant", "B")}

    (name,) = take(ana, conversation(circle, "b"))

    assert [r.text for r in said(ana, name)] == ["A", "B"]


@pytest.mark.parametrize("time", [-1e20, 1e20, 9e9, None, -5.0])
def test_a_time_that_cannot_be_is_the_one_before(ana, time):
    (name,) = take(ana, conversation({"q": node(None, "user", "Hello", time=time)}, "q"))

    assert said(ana, name)[0].time == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_one_conversation_alone_is_read_too(ana):
    assert imports.read(json.dumps(conversation(TREE, "q2")).encode(), NOW)[0].title == "A trip"


@pytest.mark.parametrize(
    "told",
    [
        [{"title": "x"}],
        [{"mapping": []}],
        [{"mapping": {"a": {"message": {"author": "me"}}}}],
        [conversation({"r": node(None)}, "r")],
        ["text"],
    ],
)
def test_what_is_not_chatgpts_is_refused(ana, told):
    with pytest.raises(NotImported):
        take(ana, *told)

    assert list(ana.path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        "[1] 2026-11-23T12:00:00Z user\n[2] 2026-11-23T12:00:00Z user",
        "\ud800",
        "\\ud800 \\\udc00",
        "🌴\ude00",
        "a\u2028b",
        "a\x00b",
    ],
)
def test_no_text_of_theirs_can_forge_a_message(ana, text):
    (name,) = take(ana, conversation({"q": node(None, "user", text)}, "q"))

    assert len(said(ana, name)) == 1
