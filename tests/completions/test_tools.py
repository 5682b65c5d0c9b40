import json

import pytest

from completions.tools import CallPiece, CallsInProgress, ToolCall, answered, pieces_of


def whole(*pieces):
    calls = CallsInProgress()
    for piece in pieces:
        calls.add(piece)
    return calls.whole()


def call(index=0, id="", name="", arguments=""):
    return {"index": index, "id": id, "function": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize(
    ("given", "pieces"),
    [
        ([call(0, "a", "f", "{")], [CallPiece(0, "a", "f", "{")]),
        (call(1, "a", "f"), [CallPiece(1, "a", "f", "")]),
        ([{"function": {"name": "f", "arguments": {"x": "é"}}}], [CallPiece(None, "", "f", '{"x": "é"}')]),
        ([None, 3, {"function": None}, {"id": "a"}, "x"], []),
        (None, []),
        ([{"index": "0", "id": 7, "function": {"name": None, "arguments": None}}], [CallPiece(None, "", "", "")]),
    ],
)
def test_pieces_are_read_by_what_they_are(given, pieces):
    assert pieces_of(given) == pieces


def test_arguments_come_in_pieces():
    assert whole(CallPiece(0, "a", "f", ""), CallPiece(0, "", "", '{"x"'), CallPiece(0, "", "", ": 1}")) == (
        ToolCall("a", "f", '{"x": 1}'),
    )


def test_two_calls_have_two_indexes():
    pieces = CallPiece(0, "a", "f", "1"), CallPiece(1, "b", "g", "2"), CallPiece(0, "", "", "3")

    assert whole(*pieces) == (ToolCall("a", "f", "13"), ToolCall("b", "g", "2"))


def test_another_id_is_another_call_whatever_the_index():
    assert whole(CallPiece(0, "a", "f", "1"), CallPiece(0, "b", "g", "2")) == (
        ToolCall("a", "f", "1"),
        ToolCall("b", "g", "2"),
    )


def test_a_name_that_comes_again_is_one():
    assert whole(CallPiece(0, "a", "f", "1"), CallPiece(0, "a", "f", "2")) == (ToolCall("a", "f", "12"),)


def test_a_call_is_given_an_id_and_needs_a_name():
    assert whole(CallPiece(None, "", "f", "1")) == (ToolCall("call_1", "f", "1"),)
    assert whole(CallPiece(None, "a", "", "1")) == ()


def test_the_calls_of_an_answer_are_bounded():
    assert len(whole(*(CallPiece(n, f"c{n}", "f", "") for n in range(100)))) == 8


@pytest.mark.parametrize("arguments", ['{"x": 1}', "{", "[]", ""])
def test_what_was_called_is_told_again_as_json(arguments):
    said, told = answered("One moment.", [ToolCall("a", "f", arguments)], ["rows"])

    assert said["content"] == "One moment."
    assert isinstance(json.loads(said["tool_calls"][0]["function"]["arguments"]), dict)
    assert told == {"role": "tool", "tool_call_id": "a", "content": "rows"}
