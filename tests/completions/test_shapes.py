"""The shapes in which servers that call themselves compatible send one and the same answer, through the real client."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest

from completions.client import Client
from completions.errors import ErrorDetails, ModelError
from completions.request import CompletionRequest
from completions.stream import Delta, Event, Finished, Restarted, Usage
from settings import Limits, Model

PATIENT = Limits(first_token_seconds=10, idle_seconds=10, reply_seconds=20)
PIECES = ["Olá, ", "temos a rede ", "📦 RED-012.\n\n", "- R$ 289,00"]
TEXT = "".join(PIECES)
DONE = b"data: [DONE]\n\n"
USAGE = {"prompt_tokens": 20, "completion_tokens": 9, "total_tokens": 29}

Chunk = dict[str, Any]


def chunk(finish: Any = None, /, index: Any = 0, **delta: Any) -> Chunk:
    return {"choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


def sse(*events: Chunk | bytes, end: bytes = b"\n\n") -> bytes:
    return b"".join(
        event if isinstance(event, bytes) else b"data: " + json.dumps(event, ensure_ascii=False).encode() + end
        for event in events
    )


SAID = [chunk(content=piece) for piece in PIECES]
STOP = chunk("stop")
COUNTED = {"choices": [], "usage": USAGE}
PLAIN = [*SAID, STOP, COUNTED]
WHOLE = {
    "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
    "usage": USAGE,
}


def choices(**fields: Any) -> list[Chunk]:
    """Return the answer's chunks with more in each choice."""
    return [{"choices": [{**one["choices"][0], **fields}]} for one in SAID]


def chunks_of(change: Callable[[int, str], Any]) -> list[Chunk]:
    return [chunk(**change(n, piece)) for n, piece in enumerate(PIECES)]


def grown(n: int) -> Chunk:
    said = {"role": "assistant", "content": "".join(PIECES[: n + 1])}
    return {"choices": [{"index": 0, "message": said, "finish_reason": None}]}


SHAPES: dict[str, tuple[str | None, bytes]] = {
    # how events stand in the body
    "as OpenAI": ("text/event-stream", sse(*PLAIN, DONE)),
    "no done": ("text/event-stream", sse(*PLAIN)),
    "carriage returns": ("text/event-stream", sse(*PLAIN, DONE).replace(b"\n", b"\r")),
    "carriage returns and line feeds": ("text/event-stream", sse(*PLAIN, DONE).replace(b"\n", b"\r\n")),
    "a byte order mark": ("text/event-stream", b"\xef\xbb\xbf" + sse(*PLAIN, DONE)),
    "blank lines first": ("text/event-stream", b"\n\r\n\n" + sse(*PLAIN, DONE)),
    "no space after the colon": ("text/event-stream", sse(*PLAIN, DONE).replace(b"data: ", b"data:")),
    "a tab after the colon": ("text/event-stream", sse(*PLAIN, DONE).replace(b"data: ", b"data:\t")),
    "capitals": ("text/event-stream", sse(*PLAIN, DONE).replace(b"data: ", b"Data: ")),
    "the last event without its blank line": ("text/event-stream", sse(*PLAIN[:-1]) + sse(COUNTED, end=b"")),
    "no blank lines at all": ("text/event-stream", sse(*PLAIN, end=b"\n") + b"data: [DONE]\n"),
    "done in quotes": ("text/event-stream", sse(*PLAIN, b'data: "[DONE]"\n\n')),
    "names of events": ("text/event-stream", sse(*PLAIN, DONE).replace(b"data: ", b"event: message\nid: 7\ndata: ")),
    # what keeps the connection alive
    "comments": ("text/event-stream", b": here\n\n" + sse(*SAID, b": PROCESSING\n\n", STOP, COUNTED, DONE)),
    "empty data": ("text/event-stream", sse(b"data:\n\n", b"data: \n\n", *SAID, b"data\n\n", STOP, COUNTED, DONE)),
    "empty objects": ("text/event-stream", sse({}, *SAID, {}, STOP, COUNTED, DONE)),
    "a comment as data": ("text/event-stream", sse(b"data: : PROCESSING\n\n", *PLAIN, DONE)),
    "a word as data": ("text/event-stream", sse(b"data: ping\n\n", *SAID, b"data: keep-alive\n\n", STOP, COUNTED, DONE)),
    "an unknown word as data": ("text/event-stream", sse(b"data: please wait\n\n", *PLAIN, DONE)),
    "a bracketed word as data": ("text/event-stream", sse(b"data: [HEARTBEAT]\n\n", *PLAIN, DONE)),
    "null as data": ("text/event-stream", sse(b"data: null\n\n", *PLAIN, DONE)),
    "pings as events": ("text/event-stream", sse(b"event: ping\ndata: now\n\n", b'event: ping\ndata: {"type": "ping"}\n\n', *PLAIN)),
    # what the header says
    "plain text": ("text/plain; charset=utf-8", sse(*PLAIN, DONE)),
    "no type": (None, sse(*PLAIN, DONE)),
    "a type that is none": (";;;", sse(*PLAIN, DONE)),
    "called JSON": ("application/json", sse(*PLAIN, DONE)),
    "called bytes": ("application/octet-stream", sse(*PLAIN, DONE)),
    "called HTML": ("text/html", sse(*PLAIN, DONE)),
    "one document": ("application/json", json.dumps(WHOLE).encode()),
    "one document on many lines": ("application/json", json.dumps(WHOLE, indent=2).encode() + b"\n"),
    "one document called a stream": ("text/event-stream", json.dumps(WHOLE).encode() + b"\n"),
    "one document as an event": ("text/event-stream", sse(WHOLE)),
    "one document a line": ("application/x-ndjson", b"\n".join(json.dumps(one).encode() for one in PLAIN)),
    "one document a line, and done": ("application/x-ndjson", b"".join(json.dumps(one).encode() + b"\r\n" for one in PLAIN) + b"[DONE]\n"),
    "a list of documents": ("application/json", json.dumps(PLAIN, indent=1).encode()),
    # what a chunk is made of
    "a list of parts": ("text/event-stream", sse(*chunks_of(lambda _, text: {"content": [{"type": "text", "text": text}]}), STOP, COUNTED)),
    "a part": ("text/event-stream", sse(*chunks_of(lambda _, text: {"content": {"type": "text", "text": text}}), STOP, COUNTED)),
    "text in the choice": ("text/event-stream", sse(*[{"choices": [{"text": piece}]} for piece in PIECES], STOP, COUNTED)),
    "choices that is no list": ("text/event-stream", sse(*[{"choices": one["choices"][0]} for one in SAID], STOP, COUNTED)),
    "an index that counts": ("text/event-stream", sse(*[chunk(index=n, content=piece) for n, piece in enumerate(PIECES)], STOP, COUNTED)),
    "an index that counts from one": ("text/event-stream", sse(*[chunk(index=n, content=piece) for n, piece in enumerate(PIECES, 1)], STOP, COUNTED)),
    "no index": ("text/event-stream", sse(*[chunk(index=None, content=piece) for piece in PIECES], STOP, COUNTED)),
    "an index in quotes": ("text/event-stream", sse(*[chunk(index="0", content=piece) for piece in PIECES], STOP, COUNTED)),
    "a message beside each delta": ("text/event-stream", sse(*choices(message={"content": TEXT}), STOP, COUNTED)),
    "a message at the end": ("text/event-stream", sse(*SAID, WHOLE)),
    "a message that grows": ("text/event-stream", sse(*map(grown, range(len(PIECES))), WHOLE)),
    "choices null": ("text/event-stream", sse({"choices": None}, *SAID, STOP, {"choices": None, "usage": USAGE})),
    "an error that is none": ("text/event-stream", sse(*[{**one, "error": None} for one in SAID], {**STOP, "error": {}}, COUNTED)),
    "fields of strange types": ("text/event-stream", sse(*[{**one, "id": 7, "object": [], "created": "x", "model": {}} for one in SAID], STOP, COUNTED)),
    "a delta with much beside": ("text/event-stream", sse(*choices(logprobs={"content": [{"top_logprobs": [1] * 99}]}, x=[{}]), STOP, COUNTED)),
    # how it ends
    "an empty reason with each": ("text/event-stream", sse(*[chunk("", content=piece) for piece in PIECES], STOP, COUNTED)),
    "an empty reason to the end": ("text/event-stream", sse(*[chunk("", content=piece) for piece in PIECES], COUNTED)),
    "stop with each": ("text/event-stream", sse(*[chunk("stop", content=piece) for piece in PIECES], COUNTED)),
    "unspecified with each": ("text/event-stream", sse(*[chunk("FINISH_REASON_UNSPECIFIED", content=piece) for piece in PIECES], STOP, COUNTED)),
    "stop with thoughts": ("text/event-stream", sse(chunk("stop", reasoning_content="Hm."), *PLAIN)),
    "text after the reason": ("text/event-stream", sse(*SAID[:2], STOP, *SAID[2:], COUNTED)),
    "STOP": ("text/event-stream", sse(*SAID, chunk("STOP"), COUNTED)),
    "eos_token": ("text/event-stream", sse(*SAID, chunk("eos_token"), COUNTED)),
    "a reason with the last words": ("text/event-stream", sse(*SAID[:-1], chunk("stop", content=PIECES[-1]), COUNTED)),
    "an end mark": ("text/event-stream", sse(*SAID, chunk(content="<|im_end|>"), STOP, COUNTED)),
    # thoughts
    "reasoning_content": ("text/event-stream", sse(chunk(reasoning_content="Hm."), *PLAIN)),
    "reasoning": ("text/event-stream", sse(chunk(reasoning="Hm.", content=""), *PLAIN)),
    "reasoning_details": ("text/event-stream", sse(chunk(reasoning_details=[{"type": "reasoning.text", "text": "Hm."}]), *PLAIN)),
    "parts of thoughts": ("text/event-stream", sse(chunk(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]), *PLAIN)),
    "tags": ("text/event-stream", sse(chunk(content="<thi"), chunk(content="nk>Hm.</th"), chunk(content="ink>\n\n"), *PLAIN)),
    "tags in one document": ("application/json", json.dumps(WHOLE).replace('"Ol', '"<think>Hm.</think>Ol').encode()),
    # what it took
    "fractions": ("text/event-stream", sse(*SAID, STOP, {"usage": {"prompt_tokens": 20.0, "completion_tokens": 8.25}})),
    "usage with each": ("text/event-stream", sse(*[{**one, "usage": {"prompt_tokens": 20, "completion_tokens": n}} for n, one in enumerate(SAID)], STOP, COUNTED)),
    "usage null with each": ("text/event-stream", sse(*[{**one, "usage": None} for one in SAID], STOP, COUNTED)),
    "usage in x_groq": ("text/event-stream", sse(*SAID, {**STOP, "x_groq": {"id": "r", "usage": USAGE}})),
    "usage in the choice": ("text/event-stream", sse(*SAID, {"choices": [{**STOP["choices"][0], "usage": USAGE}]})),
    "usage in two reports": ("text/event-stream", sse({"usage": {"prompt_tokens": 20}}, *SAID, STOP, {"usage": {"completion_tokens": 9}})),
    "usage that shrinks to nothing": ("text/event-stream", sse(*PLAIN, {"choices": [], "usage": {"prompt_tokens": 0, "completion_tokens": 0}})),
    "usage first as a word": ("text/event-stream", sse({"choices": [], "usage": "none yet"}, *PLAIN)),
    "usage beside an empty error": ("text/event-stream", sse(*SAID, STOP, {**COUNTED, "error": ""})),
    "reasoning beside": ("text/event-stream", sse(*SAID, STOP, {"usage": {"prompt_tokens": 20, "completion_tokens": 2, "total_tokens": 29, "completion_tokens_details": {"reasoning_tokens": 7}}})),
}  # fmt: skip


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = Client({}, PATIENT)
    yield client
    await client.close()


async def hear(
    client: Client, kind: str | None, body: bytes | Sequence[bytes | float], *, declared: int = 0, step: int = 1 << 20
) -> tuple[str, list[Event], ErrorDetails | None]:
    """Return the text, what else was told, and the fault, of a body that comes in pieces and of which `declared` bytes were promised."""

    is_over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(re.findall(rb"(?i)content-length: (\d+)", head)[0]))
        length = b"Content-Length: %d\r\n" % declared if declared else b""
        typed = b"Content-Type: %b\r\n" % kind.encode() if kind is not None else b""
        with suppress(ConnectionError):
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n%b%b\r\n" % (typed, length))
            for part in [body] if isinstance(body, bytes) else body:
                if not isinstance(part, bytes):
                    with suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(1), part)  # or until the client goes
                    continue
                for at in range(0, len(part), step):
                    writer.write(part[at : at + step])
                    await writer.drain()
                    await asyncio.sleep(0)
        writer.close()
        is_over.set()

    text, others = "", list[Event]()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        request = CompletionRequest(
            Model(name="scripted", max_input=8000, base_url=address), [{"role": "user", "content": "Hi"}], 50
        )
        try:
            async for event in client.stream(request):
                match event:
                    case Delta(piece):
                        text += piece
                    case Restarted():
                        text = ""
                    case Finished() | Usage():
                        others.append(event)
                    case _:
                        pass
            fault = None
        except ModelError as error:
            fault = error.fault
        await asyncio.wait_for(is_over.wait(), 5)
    return text, others, fault


@pytest.mark.parametrize("step", [1 << 20, 7], ids=["at once", "in pieces"])
@pytest.mark.parametrize(("kind", "body"), SHAPES.values(), ids=list(SHAPES))
async def test_an_answer_is_the_same_in_every_shape(kind: str | None, body: bytes, step: int, client: Client) -> None:
    assert await hear(client, kind, body, step=step) == (TEXT, [Finished("stop"), Usage(20, 9)], None)


@pytest.mark.parametrize("reason", ["length", "MAX_TOKENS", "model_length"])
async def test_a_cut_answer_is_cut_in_every_word(reason: str, client: Client) -> None:
    found = await hear(client, "text/event-stream", sse(*SAID, chunk(reason), DONE))

    assert found == (TEXT, [Finished("length")], None)


@pytest.mark.parametrize("reason", ["sensitive", "SAFETY", "RECITATION"])
async def test_a_filtered_answer_is_filtered_in_every_word(reason: str, client: Client) -> None:
    found = await hear(client, "text/event-stream", sse(*SAID, chunk(reason), DONE))

    assert found == (TEXT, [Finished("content_filter")], None)


BROKEN: dict[str, tuple[bytes, str]] = {
    "aborted": (sse(*SAID, chunk("abort"), DONE), "error_event"),
    "no resource": (sse(*SAID, chunk("insufficient_system_resource"), COUNTED), "error_event"),
    "an error": (sse(*SAID, chunk("error"), DONE), "error_event"),
    "an unknown reason": (sse(*SAID, chunk("glorious"), DONE), "error_event"),
    "stop, natively an error": (
        sse(*SAID, {"choices": [{"delta": {}, "finish_reason": "stop", "native_finish_reason": "network_error"}]}),
        "error_event",
    ),
    "an error in the choice": (sse(*SAID, {"choices": [{"delta": {}, "error": {"code": 502}}]}), "server_error"),
    "an error event of words": (sse(*SAID, b"event: error\ndata: Overloaded\n\n"), "error_event"),
    "an error field": (sse(*SAID, b'error: {"code": 500}\n\n'), "server_error"),
    "an error object": (sse(*SAID, {"object": "error", "message": "Internal", "code": 500}), "server_error"),
    "an error with a code": (sse(*SAID, {"code": "Throttling", "message": "Too many"}), "rate_limited"),
    "an error of a framework": (sse(*SAID, {"detail": "Internal Server Error"}), "error_event"),
    "an error without its field": (sse(*SAID, b'{"error": {"message": "Internal"}}\n\n'), "error_event"),
    "an error of Groq's": (sse(*SAID, {**STOP, "x_groq": {"id": "r", "error": "over capacity"}}), "error_event"),
    "a message that is no chunk": (sse(*SAID, {"success": False, "message": "Please try again"}), "broken_off"),
    "words that are no event": (sse(*SAID, b"data: upstream timed out\n\n"), "broken_off"),
    "half an event": (sse(*SAID, b'data: {"choices": [{"de'), "broken_off"),
    "half a line": (sse(*SAID, b"dat"), "broken_off"),
    "half of the end": (sse(*SAID, b"data: [DO"), "broken_off"),
    "half a document": (b"\n".join(json.dumps(one).encode() for one in SAID) + b'\n{"choices": [{', "broken_off"),
    "events glued together": (sse(*SAID, b'data: {"id": "c", "obdata: {"choices": []}\n\n', STOP), "garbled"),
}


@pytest.mark.parametrize(("body", "word"), BROKEN.values(), ids=list(BROKEN))
async def test_what_is_not_whole_is_never_told_as_such(body: bytes, word: str, client: Client) -> None:
    text, others, fault = await hear(client, "text/event-stream", body)

    assert fault is not None
    assert (text, fault.kind, fault.try_next, fault.again) == (TEXT, word, False, False)
    assert not any(isinstance(event, Finished) for event in others)


@pytest.mark.parametrize(
    "said", [SAID, [chunk("stop", content=piece) for piece in PIECES]], ids=["no reason", "stop with each"]
)
async def test_a_body_that_ends_early_is_interrupted(said: list[Chunk], client: Client) -> None:
    body = sse(*said)

    assert await hear(client, "text/event-stream", body, declared=len(body) + 9) == (
        TEXT,
        [],
        ErrorDetails("broken_off"),
    )


async def test_a_reason_beside_text_waits_longer_for_more(client: Client) -> None:
    """Servers that send a reason with each chunk pause as others do."""
    body = sse(chunk("stop", content=TEXT[:5])), 2.5, sse(chunk("stop", content=TEXT[5:]), COUNTED, DONE)

    assert await hear(client, "text/event-stream", body) == (TEXT, [Finished("stop"), Usage(20, 9)], None)


async def test_a_server_lingering_after_the_last_words_delays_nobody() -> None:
    client = Client({}, Limits(first_token_seconds=10, idle_seconds=0.3, reply_seconds=20))
    body = sse(*SAID[:-1], chunk("stop", content=PIECES[-1])), 10

    found = await asyncio.wait_for(hear(client, "text/event-stream", body), 5)

    await client.close()
    assert found == (TEXT, [Finished("stop")], None)


async def test_a_body_that_ends_early_behind_its_reason_is_whole(client: Client) -> None:
    body = sse(*PLAIN)

    found = await hear(client, "text/event-stream", body, declared=len(body) + 9)

    assert found == (TEXT, [Finished("stop"), Usage(20, 9)], None)


@pytest.mark.parametrize(
    ("kind", "body", "word"),
    [
        ("text/html", b"<!doctype html><title>Sign in</title>", "not_a_stream"),
        ("application/json", b"\xef\xbb\xbf  <html></html>", "not_a_stream"),
        ("text/plain", b"Internal Server Error", "not_a_stream"),
        ("text/event-stream", b"Internal Server Error\n\nNo\n", "not_a_stream"),
        ("text/event-stream", b"", "empty"),
        ("text/event-stream", b": ping\n\n", "empty"),
        ("text/event-stream", sse(STOP, DONE), "empty"),
        ("text/event-stream", sse(chunk(reasoning_content="Hm."), chunk("length"), DONE), "empty"),
        ("text/event-stream", sse(chunk(content="<think>Hm."), chunk("length"), DONE), "empty"),
        ("text/event-stream", sse(chunk(content="\n\n"), STOP, DONE), "empty"),
        ("application/json", b'{"error": {"message": "No."}}', "error_event"),
        ("application/json", b'[{"error": {"code": 503}}]', "server_error"),
        ("application/json", b'{"choices": [{"mess', "garbled"),
    ],
)  # fmt: skip
async def test_what_is_no_answer_sends_the_question_elsewhere(
    kind: str, body: bytes, word: str, client: Client
) -> None:
    text, _, fault = await hear(client, kind, body)

    assert text == ""
    assert fault is not None
    assert (fault.kind, fault.try_next) == (word, True)


async def test_untagged_thoughts_are_retracted_once_then_withheld(client: Client) -> None:
    body = sse(chunk(content="Hm, well."), chunk(content="\n</think>\n\n"), *PLAIN)

    first = await hear(client, "text/event-stream", body)
    assert client._begins_with_thoughts == {"scripted"}
    second = await hear(client, "text/event-stream", body)

    assert first == second == (TEXT, [Finished("stop"), Usage(20, 9)], None)
    await hear(client, "text/event-stream", sse(*PLAIN))
    assert not client._begins_with_thoughts
