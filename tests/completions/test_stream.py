"""The parser of the stream: laws that hold for every body, and the shapes that chunks come in."""

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from completions.faults import Fault, ModelFault
from completions.stream import LARGEST_EVENT, Delta, Event, Finished, Parser, Usage, join, read_chunk

Parsed = tuple[list[Event], Fault | None, bool]


def parse(pieces: Iterable[bytes]) -> Parsed:
    """Feed the pieces until the end of the stream, a fault, or the last one."""
    parser, events = Parser(), list[Event]()
    for piece in pieces:
        events += parser.feed(piece)
        if parser.fault or parser.is_done:
            break
    return events, parser.fault, parser.is_done


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


@given(cut_bodies())
def test_the_events_do_not_depend_on_where_the_bytes_are_cut(case: tuple[bytes, list[bytes]]) -> None:
    body, pieces = case

    assert parse(pieces) == parse([body])


@given(bodies)
def test_the_bytes_may_come_one_by_one(body: bytes) -> None:
    assert parse(body[at : at + 1] for at in range(len(body))) == parse([body])


@given(st.lists(any_text))
def test_every_text_comes_out_as_it_went_in(texts: list[str]) -> None:
    body = b"".join(b"data: " + said(text) + b"\n\n" for text in texts)

    assert parse([body]) == ([Delta(text) for text in texts if text], None, False)


@given(st.lists(st.one_of(any_text.map(said), st.just(STOP), st.just(USAGE))))
def test_crlf_is_as_good_as_lf(chunks: list[bytes]) -> None:
    body = b"".join(b"data: " + chunk + b"\n\n" for chunk in chunks)

    assert parse([body.replace(b"\n", b"\r\n")]) == parse([body])


@given(st.lists(any_text), st.binary().filter(lambda comment: b"\n" not in comment))
def test_comments_and_other_fields_say_nothing(texts: list[str], comment: bytes) -> None:
    plain = b"".join(b"data: " + said(text) + b"\n\n" for text in texts)
    full = b"".join(
        b":" + comment + b"\n\nevent: chunk\ndata: " + said(text) + b"\n:" + comment + b"\nid: 1\n\n" for text in texts
    )

    assert parse([full]) == parse([plain])


@given(any_text)
def test_data_of_several_lines_is_one_chunk(text: str) -> None:
    chunk = json.dumps(json.loads(said(text)), indent=1).encode()
    body = b"".join(b"data: " + line + b"\n" for line in chunk.split(b"\n")) + b"\n"

    assert parse([body]) == ([Delta(text)] if text else [], None, False)


@given(bodies, bodies)
def test_nothing_is_read_after_the_end(before: bytes, after: bytes) -> None:
    body = before + b"\n\ndata: [DONE]\n\n"

    assert parse([body + after]) == parse([body])


def test_the_last_words_are_known_by_the_end_that_came_with_them() -> None:
    end = Finished("stop")

    assert join([Delta("a"), Delta("b"), end, Usage(1, 2)]) == [Delta("ab", is_last=True), end, Usage(1, 2)]
    assert join([Delta("a"), Delta("b")]) == [Delta("ab")]
    assert join([Delta("a"), Usage(1, 1), Delta("b"), end]) == [Delta("a"), Usage(1, 1), Delta("b", is_last=True), end]


@given(st.lists(st.one_of(st.text().map(Delta), st.sampled_from([Finished("stop"), Usage(9, 2)]))))
def test_joined_events_say_the_same_in_the_same_order(apart: list[Event]) -> None:
    def flat(events: list[Event]) -> list[str | Event]:
        return [part for event in events for part in (event.text if isinstance(event, Delta) else [event])]

    joined = join(apart)

    assert flat(joined) == flat(apart)
    assert not any(isinstance(one, Delta) and isinstance(next, Delta) for one, next in pairwise(joined))


def test_a_space_after_the_colon_is_optional_and_only_one_is_dropped() -> None:
    assert parse([b"data:" + STOP + b"\n\ndata:  " + STOP + b"\n\ndata:[DONE]\n\n"]) == (
        [Finished("stop"), Finished("stop")],
        None,
        True,
    )


@pytest.mark.parametrize("body", [b"data:\n\n", b"data: \n\n", b"event: ping\ndata\n\n", b"\n\n\n", b": ping\n\n"])
def test_an_event_without_data_is_nothing(body: bytes) -> None:
    assert parse([body]) == ([], None, False)


def test_half_an_event_at_the_end_is_nothing() -> None:
    assert parse([b"data: " + said("Hello") + b"\n\ndata: " + said(" wor") + b"\n"]) == ([Delta("Hello")], None, False)


def test_a_fault_leaves_the_text_that_came_in_the_same_piece() -> None:
    assert parse([b"data: " + said("Hello") + b"\n\ndata: {oops\n\ndata: " + said("EXTRA") + b"\n\n"]) == (
        [Delta("Hello")],
        Fault("garbled", elsewhere=True),
        False,
    )


PADDING = b"data: " + b" " * (LARGEST_EVENT - 6 - len(STOP)) + STOP
LINES = [b"data: " + b" " * 994 + b"\n"] * (LARGEST_EVENT // 1000) + [b"data: " + STOP + b"\n\n"]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (PADDING + b"\n\n", None),
        (PADDING.replace(b"data:", b"data: ") + b"\n\n", Fault("too_big")),
        (b"".join(LINES[1:]), None),
        (b"".join(LINES[:1] + LINES), Fault("too_big")),
        (b":" + b" " * LARGEST_EVENT + b"\n\ndata: " + STOP + b"\n\n", Fault("too_big")),
        (b" " * (LARGEST_EVENT + 1), Fault("too_big")),
    ],
    ids=["a line of the largest size", "a byte more", "lines of it", "one line more", "a comment", "an endless line"],
)
@pytest.mark.parametrize("step", [1 << 16, 1 << 30], ids=["in pieces", "at once"])
def test_an_event_has_a_largest_size_however_it_comes(body: bytes, fault: Fault | None, step: int) -> None:
    pieces = [body[at : at + step] for at in range(0, len(body), step)]

    assert parse(pieces) == ([] if fault else [Finished("stop")], fault, False)


def test_an_answer_may_be_longer_than_one_event(step: int = 1 << 16) -> None:
    """Of one event so many bytes may come, of an answer many times as many."""
    words = [f"word{n} " for n in range(40_000)]
    body = b"".join(b"data: " + said(word) + b"\n\n" for word in words)
    assert len(body) > 3 * LARGEST_EVENT

    found, fault, _ = parse(body[at : at + step] for at in range(0, len(body), step))

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
        (choice(delta={"content": ["x"]}), []),
        (choice(delta={"content": "Hi"}), [Delta("Hi")]),
        (choice(delta={"refusal": "No."}), [Delta("No.")]),
        (choice(delta={"content": "Hi"}, finish_reason="length"), [Delta("Hi"), Finished("length")]),
        (choice(delta={}, finish_reason=7), []),
        (choice(message={"content": "Hi"}, finish_reason="stop"), [Delta("Hi"), Finished("stop")]),
        ({"choices": [{"index": 1, "delta": {"content": "OTHER"}, "finish_reason": "stop"}]}, []),
        ({"usage": None}, []),
        ({"usage": {}}, []),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": None}}, []),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": -2}}, []),
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
    assert list(read_chunk(json.dumps(chunk).encode())) == expected


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (b"", "garbled"),
        (b"null", "garbled"),
        (b"[]", "garbled"),
        (b'{"choices": 1}', "garbled"),
        (b'{"choices": [{"delta": "Hi"}]}', "garbled"),
        (b'{"id": "c1", oops', "garbled"),
        (b'{"choices": [{"delta": {"content": "\xff\xfe"}}]}', "garbled"),
        (b"[" * 100_000, "garbled"),
        (b'{"choices": [{"delta": {"content": %s}}]}' % (b"[" * 100_000 + b"]" * 100_000), "garbled"),
        (b'{"usage": {"prompt_tokens": ' + b"9" * 5000 + b"}}", "garbled"),
        (b'{"error": {"message": "sk-leak"}}', "error_event"),
        (b'{"error": "sk-leak"}', "error_event"),
        (b'{"error": ""}', "error_event"),
    ],
    ids=lambda value: str(value[:32]) if isinstance(value, bytes) else value,
)
def test_what_is_no_chunk_is_a_fault_that_quotes_nothing(payload: bytes, word: str) -> None:
    with pytest.raises(ModelFault) as raised:
        list(read_chunk(payload))

    assert str(raised.value) == word


@given(st.binary())
def test_no_bytes_raise_anything_but_a_fault(payload: bytes) -> None:
    parse([b"data: " + payload + b"\n\n"])
