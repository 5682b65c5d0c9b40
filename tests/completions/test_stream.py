"""The parser of the stream: laws that hold for every body, and the shapes that chunks come in."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from completions.errors import ErrorDetails, ModelError
from completions.stream import LARGEST_EVENT, Delta, Event, Finished, Parser, Thinking, Usage

# A busy machine is no failure: only what is asserted counts.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

BROKEN_OFF = ErrorDetails("broken_off", try_next=True, again=True)
Parsed = tuple[list[Event], ErrorDetails | None, bool]


def parse(pieces: Iterable[bytes]) -> Parsed:
    """Feed the pieces and the end of the body; return what was told, signs of life aside."""
    parser, events = Parser(), list[Event]()
    for piece in pieces:
        events += parser.feed(piece)
    events += parser.end()
    return [event for event in events if event != Thinking()], parser.fault, parser.is_done


def said(text: str) -> bytes:
    return json.dumps({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}).encode()


STOP = b'{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}'
USAGE = b'{"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}'

any_text = st.text(st.characters(exclude_categories=()))  # lone surrogates too
payloads = st.one_of(
    any_text.map(said),
    st.sampled_from([STOP, USAGE, b"[DONE]", b"{}", b"null", b"", b'{"error": "overloaded"}', b'{"choices": 1}']),
    st.binary(max_size=20),
)
fields = st.sampled_from([b": ping", b":", b"event: chunk", b"id: 7", b"retry: 100", b"data", b"\xff", b""])
lines = st.one_of(payloads.map(lambda payload: b"data: " + payload), fields)
events = payloads.map(lambda payload: b"data: " + payload + b"\n\n")
bodies = st.one_of(
    st.lists(events).map(b"".join),
    st.lists(st.tuples(lines, st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\r\n\r\n", b""]))).map(
        lambda pairs: b"".join(line + end for line, end in pairs)
    ),
    st.binary(),
)


@st.composite
def cut_bodies(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    body = draw(bodies)
    cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=12)))
    return body, [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]


@patient
@given(cut_bodies())
def test_the_events_do_not_depend_on_where_the_bytes_are_cut(case: tuple[bytes, list[bytes]]) -> None:
    body, pieces = case

    assert parse(pieces) == parse([body])


@patient
@given(bodies)
def test_the_bytes_may_come_one_by_one(body: bytes) -> None:
    assert parse(body[at : at + 1] for at in range(len(body))) == parse([body])


@patient
@given(st.lists(any_text))
def test_every_text_comes_out_as_it_went_in(texts: list[str]) -> None:
    body = b"".join(b"data: " + said(text) + b"\n\n" for text in texts)

    assert parse([body]) == ([Delta(text) for text in texts if text], None, False)


@patient
@given(st.lists(st.one_of(any_text.map(said), st.just(STOP), st.just(USAGE))))
def test_crlf_is_as_good_as_lf(chunks: list[bytes]) -> None:
    body = b"".join(b"data: " + chunk + b"\n\n" for chunk in chunks)

    assert parse([body.replace(b"\n", b"\r\n")]) == parse([body])


@patient
@given(st.lists(any_text), st.binary().filter(lambda comment: b"\n" not in comment))
def test_comments_and_other_fields_say_nothing(texts: list[str], comment: bytes) -> None:
    plain = b"".join(b"data: " + said(text) + b"\n\n" for text in texts)
    full = b"".join(
        b":" + comment + b"\n\nevent: chunk\ndata: " + said(text) + b"\n:" + comment + b"\nid: 1\n\n" for text in texts
    )

    assert parse([full]) == parse([plain])


@patient
@given(any_text)
def test_data_of_several_lines_is_one_chunk(text: str) -> None:
    chunk = json.dumps(json.loads(said(text)), indent=1).encode()
    body = b"".join(b"data: " + line + b"\n" for line in chunk.split(b"\n")) + b"\n"

    assert parse([body]) == ([Delta(text)] if text else [], None, False)


@patient
@given(bodies, bodies)
def test_nothing_is_read_after_the_end(before: bytes, after: bytes) -> None:
    body = b": here\n" + before + b"\n\ndata: [DONE]\n\n"

    assert parse([body + after]) == parse([body])


def test_only_one_optional_space_after_the_colon_is_dropped() -> None:
    assert parse([b"data:" + STOP + b"\n\ndata:  " + STOP + b"\n\ndata:[DONE]\n\n"]) == (
        [Finished("stop"), Finished("stop")],
        None,
        True,
    )


@pytest.mark.parametrize("body", [b"data:\n\n", b"data: \n\n", b"event: ping\ndata\n\n", b"\n\n\n", b": ping\n\n"])
def test_an_event_without_data_is_nothing(body: bytes) -> None:
    assert parse([body]) == ([], None, False)


@pytest.mark.parametrize("end", [b"\n", b"", b"\r", b"\r\n", b"\n: ping\n"], ids=repr)
def test_the_last_event_needs_no_blank_line(end: bytes) -> None:
    body = b"data: " + said("Hello") + b"\n\ndata: " + said(" world") + end

    assert parse([body]) == ([Delta("Hello"), Delta(" world")], None, False)
    assert parse([b"data: " + said("Hello") + b"\n\ndata: [DONE]" + end]) == ([Delta("Hello")], None, True)


@pytest.mark.parametrize(
    "end", [b'data: {"choices": [{"del', b"data: {", b"data: [DON", b"dat", b"data: {}\n\nd"], ids=repr
)
def test_half_an_event_at_the_end_is_a_body_that_broke_off(end: bytes) -> None:
    body = b"data: " + said("Hello") + b"\n\n" + end

    assert parse([body]) == ([Delta("Hello")], BROKEN_OFF, False)


def test_a_fault_leaves_the_text_that_came_in_the_same_piece() -> None:
    assert parse([b"data: " + said("Hello") + b"\n\ndata: {oops\n\ndata: " + said("EXTRA") + b"\n\n"]) == (
        [Delta("Hello")],
        ErrorDetails("garbled", try_next=True),
        False,
    )


PADDING = b"data: " + b" " * (LARGEST_EVENT - 6 - len(STOP)) + STOP
LINES = [b"data: " + b" " * 994 + b"\n"] * (LARGEST_EVENT // 1000) + [b"data: " + STOP + b"\n\n"]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (PADDING + b"\n\n", None),
        (PADDING.replace(b"data:", b"data: ") + b"\n\n", ErrorDetails("too_big")),
        (b"".join(LINES[1:]), None),
        (b"".join(LINES[:1] + LINES), ErrorDetails("too_big")),
        (b":" + b" " * LARGEST_EVENT + b"\n\ndata: " + STOP + b"\n\n", ErrorDetails("too_big")),
        (b" " * (LARGEST_EVENT + 1), ErrorDetails("too_big")),
    ],
    ids=["a line of the largest size", "a byte more", "lines of it", "one line more", "a comment", "an endless line"],
)
@pytest.mark.parametrize("step", [1 << 16, 1 << 30], ids=["in pieces", "at once"])
def test_an_event_has_a_largest_size_however_it_comes(body: bytes, fault: ErrorDetails | None, step: int) -> None:
    pieces = [body[at : at + step] for at in range(0, len(body), step)]

    assert parse(pieces) == ([] if fault else [Finished("stop")], fault, False)


def test_an_answer_may_be_longer_than_one_event() -> None:
    """Of one event so many bytes may come, of an answer many times as many."""
    words = [f"word{n} " for n in range(40_000)]
    body = b"".join(b"data: " + said(word) + b"\n\n" for word in words)
    assert len(body) > 3 * LARGEST_EVENT

    found, fault, _ = parse(body[at : at + 65_536] for at in range(0, len(body), 65_536))

    assert (fault, "".join(event.text for event in found if isinstance(event, Delta))) == (None, "".join(words))


def choice(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, **fields}]}


@pytest.mark.parametrize(
    ("chunk", "expected"),
    [
        ({}, []),
        ({"choices": None}, []),
        ({"choices": []}, []),
        ({"choices": [{}]}, []),
        (choice(delta=None), []),
        (choice(delta={"content": None}), []),
        (choice(delta={"content": ""}), []),
        (choice(delta={"content": {"a": 1}}), []),
        (choice(delta={"content": ["x"]}), [Delta("x")]),
        (choice(delta={"content": "Hi"}), [Delta("Hi")]),
        (choice(delta={"refusal": "No."}), [Delta("No.")]),
        (choice(delta={"content": "Hi"}, finish_reason="length"), [Delta("Hi"), Finished("length")]),
        (choice(delta={}, finish_reason=7), []),
        (choice(message={"content": "Hi"}, finish_reason="stop"), [Delta("Hi"), Finished("stop")]),
        ({"choices": [{"index": 7, "delta": {"content": "Hi"}}]}, [Delta("Hi")]),
        ({"choices": [{"index": None, "delta": {"content": "Hi"}}]}, [Delta("Hi")]),
        (
            {"choices": [{"index": 1, "delta": {"content": "OTHER"}}, {"index": 0, "delta": {"content": "Hi"}}]},
            [Delta("Hi")],
        ),
        ({"usage": None}, []),
        ({"usage": {}}, []),
        ({"usage": "much"}, []),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": None}}, [Usage(9, 0)]),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": -2}}, [Usage(9, 0)]),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": 2}}, [Usage(9, 2, 0)]),
        (
            {"usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 8}}},
            [Usage(9, 2, 8)],
        ),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": None}}, [Usage(9, 2, 0)]),
        (
            {
                "usage": {
                    "prompt_tokens": 9,
                    "completion_tokens": 2,
                    "prompt_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 5},
                }
            },
            [Usage(9, 2, 3, 5)],
        ),
        (
            {"usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": None}}},
            [Usage(9, 2, 0)],
        ),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_a_chunk_gives_what_it_says_and_no_more(chunk: dict[str, Any], expected: list[Event]) -> None:
    assert parse([b"data: " + json.dumps(chunk).encode() + b"\n\n"]) == (expected, None, False)


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (b'{"choices": 1}', "garbled"),
        (b"<html>", "garbled"),
        (b'"Hi"', "garbled"),
        (b'{"id": "c1", oops', "garbled"),
        (b'{"choices": [{"delta": {"content": "\xff\xfe"}}]}', "garbled"),
        (b'{"choices": [{"delta": {"content": %s}}]}' % (b"[" * 100_000 + b"]" * 100_000), "garbled"),
        (b'{"error": {"message": "sk-leak"}}', "error_event"),
        (b'{"error": "sk-leak"}', "error_event"),
        (b'{"error": ""}', "error_event"),
    ],
    ids=lambda value: str(value[:32]) if isinstance(value, bytes) else value,
)
def test_what_is_no_chunk_is_a_fault_that_quotes_nothing(payload: bytes, word: str) -> None:
    events, fault, _ = parse([b"data: " + payload + b"\n\n"])

    assert (events, fault and str(ModelError(fault))) == ([], word)


@patient
@given(st.binary())
def test_no_bytes_raise_anything_but_a_fault(payload: bytes) -> None:
    parse([b"data: " + payload + b"\n\n"])
