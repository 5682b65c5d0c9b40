"""Tests of the client of models, over loopback: what it asks, whom it gives which key, how it stops."""

import asyncio
import gzip
import json
import re
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from completions.client import Client, Completion, complete, preload
from completions.errors import ErrorDetails, ModelError
from completions.request import CompletionRequest, Message
from completions.stream import Delta, Event, Finished, Usage
from settings import Limits, Model
from tests.support.tls import make_certificate
from tests.support.upstream import MARKDOWN, Entry, Upstream, running

PATIENT = Limits(first_token_seconds=10, idle_seconds=10, reply_seconds=20)
QUESTION: list[Message] = [
    {"role": "system", "content": "You help in a shop."},
    {"role": "user", "content": "Do you have 🍍 &  <b>coffee</b>?\nBeans, please."},
]
ENVIRON = {"OPENAI_API_KEY": "sk-openais", "OTHER_KEY": "sk-the-others", "THIRD_KEY": "sk-the-thirds"}


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    preload()
    with running() as upstream:
        yield upstream


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = Client(ENVIRON, PATIENT)
    yield client
    await client.close()


def request(base_url: str | None, *, streamed: bool = True, **settings: Any) -> CompletionRequest:
    model = Model(name="scripted", max_input=8000, base_url=base_url, **settings)
    return CompletionRequest(model, QUESTION, max_tokens=50, streamed=streamed)


def newest(upstream: Upstream) -> Entry:
    return upstream.log()[-1]


async def test_an_answer_is_its_text_then_finish_reason_then_usage(upstream: Upstream, client: Client) -> None:
    *texts, finished, usage = [event async for event in client.stream(request(upstream.url("say-0-3")))]

    assert "".join(event.text for event in texts if isinstance(event, Delta)) == "word1 word2 word3"
    assert (finished, usage) == (Finished("stop"), Usage(16, 3))


async def test_the_pieces_come_as_they_are_sent_and_not_at_the_end(upstream: Upstream, client: Client) -> None:
    times = [time.monotonic() async for _ in client.stream(request(upstream.url("say-20-6")))]

    assert times[5] - times[0] > 0.2


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize(
    ("script", "text", "deltas"),
    [
        ("ok", "Hello world", 2),
        ("say", MARKDOWN, 138),
        ("say-0-4", "word1 word2 word3 word4", 4),
        ("echo", "Do you have 🍍 &  <b>coffee</b>?\nBeans, please.", 8),
    ],
    ids=["ok", "say", "say-0-4", "echo"],
)
async def test_an_answer_is_the_same_streamed_and_whole(
    script: str, text: str, deltas: int, streamed: bool, upstream: Upstream, client: Client
) -> None:
    completion = await complete(client, request(upstream.url(script), streamed=streamed))

    assert (completion.text, completion.reason) == (text, "stop")
    assert completion.usage == Usage(16, deltas)
    assert newest(upstream)["stream"] is streamed


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
async def test_an_answer_that_comes_compressed_all_the_same_is_read(streamed: bool, client: Client) -> None:
    """As from a proxy that packs everything, whatever was asked for."""
    end = {"choices": [{"delta": {"content": "Olá, "}, "message": {"content": "Olá, "}, "finish_reason": "stop"}]}
    plain = json.dumps(end)
    body = gzip.compress((f"data: {plain}\n\ndata: [DONE]\n\n" if streamed else plain).encode())

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        kind = b"text/event-stream" if streamed else b"application/json"
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: %b\r\n" % kind)
        writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        completion = await complete(client, request(f"http://127.0.0.1:{port}/v1", streamed=streamed))

    assert (completion.text, completion.reason) == ("Olá, ", "stop")


async def test_a_completion_says_how_long_it_took(upstream: Upstream, client: Client) -> None:
    completion = await complete(client, request(upstream.url("say-20-5")))

    assert 0.2 <= completion.seconds < 5


async def test_the_messages_arrive_word_for_word(upstream: Upstream, client: Client) -> None:
    completion = await complete(client, request(upstream.url("prompt")))

    assert json.loads(completion.text) == QUESTION
    assert newest(upstream)["messages"] == QUESTION


async def test_many_are_answered_at_once_each_with_its_own(upstream: Upstream, client: Client) -> None:
    model = Model(name="scripted", max_input=8000, base_url=upstream.url("echo"))
    asked = [CompletionRequest(model, [{"role": "user", "content": f"{number}"}], max_tokens=5) for number in range(30)]

    completions = await asyncio.gather(*(complete(client, one) for one in asked))

    assert [completion.text for completion in completions] == [f"{number}" for number in range(30)]


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
async def test_one_connection_serves_one_turn_after_another(streamed: bool, upstream: Upstream, client: Client) -> None:
    for _ in range(3):
        await complete(client, request(upstream.url("ok"), streamed=streamed))

    assert len({entry["connection"] for entry in upstream.log()[-3:]}) == 1


async def test_the_second_request_may_go_better_than_the_first(upstream: Upstream, client: Client) -> None:
    asked = request(upstream.url("then-r500-say-0-2"))
    with pytest.raises(ModelError, match=r"server_error \(status 500\)"):
        await complete(client, asked)

    assert (await complete(client, asked)).text == "word1 word2"
    assert (await complete(client, asked)).text == "word1 word2"


@asynccontextmanager
async def answering(*answers: Sequence[bytes | float]) -> AsyncIterator[tuple[str, list[int]]]:
    """A server that gives each request the next of the answers, bytes and pauses; its address, and the requests by connection."""
    left, connections = list(answers), list[int]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = max(connections, default=0) + 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while left:
                head = await reader.readuntil(b"\r\n\r\n")
                connections.append(number)
                await reader.readexactly(int(re.findall(rb"(?i)content-length: (\d+)", head)[0]))
                for part in left.pop(0):
                    if isinstance(part, bytes):
                        writer.write(part)
                        await writer.drain()
                    else:
                        await asyncio.sleep(part)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", connections


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


async def test_a_late_end_of_the_body_leaves_the_connection_reusable(client: Client) -> None:
    """Between [DONE] and the last chunk of the body's framing lies a moment with many servers."""
    end = b'data: {"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    answer = (HEAD + chunked(end), 0.03, b"0\r\n\r\n")
    async with answering(answer, answer, answer) as (address, connections):
        for _ in range(3):
            assert (await complete(client, request(address))).text == "Hi"

    assert connections == [1, 1, 1]


async def test_an_answer_that_is_not_streamed_has_a_largest_size(client: Client) -> None:
    body = json.dumps({"choices": [{"message": {"content": "x" * 3_000_000}, "finish_reason": "stop"}]}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with answering((head + body,)) as (address, _):
        with pytest.raises(ModelError, match="too_big"):
            await complete(client, request(address, streamed=False))


# Stopping


async def test_closing_the_events_closes_the_connection_at_once(upstream: Upstream, client: Client) -> None:
    async with aclosing(client.stream(request(upstream.url("say-50-5000")))) as events:
        assert await anext(events) == Delta("word1")
        stopped = time.monotonic()

    entry = await upstream.over("say-50-5000")
    assert entry["closed_by_client"]
    assert entry["ended"] is not None
    assert entry["ended"] - stopped < 0.3
    assert 1 <= entry["sent_deltas"] < 50


@pytest.mark.parametrize("script", ["hang_headers", "hang_first", "hang_mid", "keepalive_forever", "say-50-4000"])
async def test_cancelling_the_reader_closes_the_connection_at_once(
    script: str, upstream: Upstream, client: Client
) -> None:
    async def read() -> None:
        async for _ in client.stream(request(upstream.url(script))):
            await asyncio.sleep(0.001)

    reader = asyncio.create_task(read())
    while not any(entry["script"] == script for entry in await asyncio.to_thread(upstream.log)):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    reader.cancel()
    stopped = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await reader

    entry = await upstream.over(script)
    assert entry["closed_by_client"]
    assert entry["ended"] is not None
    assert entry["ended"] - stopped < 0.3


async def test_an_answer_that_ended_was_not_closed_by_the_client(upstream: Upstream, client: Client) -> None:
    await complete(client, request(upstream.url("say-0-30")))

    entry = await upstream.over("say-0-30")
    assert (entry["closed_by_client"], entry["sent_deltas"]) == (False, 30)


async def test_a_slow_reader_is_not_a_silent_model(upstream: Upstream) -> None:
    client = Client({}, Limits(first_token_seconds=10, idle_seconds=0.3, reply_seconds=20))
    heard = list[Event]()

    async for event in client.stream(request(upstream.url("say-20-2"))):
        await asyncio.sleep(0.4 if isinstance(event, Delta) else 0)
        heard.append(event)

    await client.close()
    assert heard == [Delta("word1"), Delta(" word2", is_last=True), Finished("stop"), Usage(16, 2)]


async def test_a_local_model_has_no_first_token_deadline(upstream: Upstream) -> None:
    client = Client({}, Limits(first_token_seconds=0.05, idle_seconds=10, reply_seconds=0.5))
    started = time.monotonic()

    with pytest.raises(ModelError, match="slow_start"):
        await complete(client, request(upstream.url("hang_first"), gguf="/models/small.gguf"))

    await client.close()
    assert time.monotonic() - started >= 0.5


# Keys


@pytest.mark.parametrize(
    ("settings", "authorization"),
    [
        ({}, "Bearer none"),
        ({"api_key_env": "OTHER_KEY"}, "Bearer sk-the-others"),
        ({"api_key_env": "THIRD_KEY"}, "Bearer sk-the-thirds"),
        ({"api_key_env": "UNSET_KEY"}, "Bearer none"),
        ({"gguf": "/models/small.gguf"}, "Bearer none"),
    ],
    ids=["none named", "named", "another one for the same server", "named but not set", "on this machine"],
)
async def test_a_custom_server_gets_only_its_named_key(
    settings: dict[str, Any], authorization: str, upstream: Upstream, client: Client
) -> None:
    await complete(client, request(upstream.url("ok"), **settings))

    entry = newest(upstream)
    assert entry["authorization"] == authorization
    assert "sk-openais" not in json.dumps(entry)


async def test_openai_environment_variables_reach_no_other_provider(
    upstream: Upstream, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"OPENAI_{name}", f"sk-openais-{name}")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway: sk-openais-gateway\nAuthorization: Bearer sk-openais-own")

    await complete(client, request(upstream.url("ok"), api_key_env="OTHER_KEY"))

    entry = newest(upstream)
    assert entry["authorization"] == "Bearer sk-the-others"
    assert "sk-openais" not in json.dumps(entry)


async def test_the_key_of_openai_goes_where_openai_base_url_says(upstream: Upstream) -> None:
    client = Client({**ENVIRON, "OPENAI_BASE_URL": upstream.url("ok")}, PATIENT)

    await complete(client, request(None))

    await client.close()
    assert newest(upstream)["authorization"] == "Bearer sk-openais"


async def test_each_model_keeps_its_key_when_they_are_asked_at_once(upstream: Upstream, client: Client) -> None:
    seen = len(upstream.log())
    variables = ["OTHER_KEY", "THIRD_KEY", None] * 5

    await asyncio.gather(*(complete(client, request(upstream.url("ok"), api_key_env=name)) for name in variables))

    keys = sorted(str(entry["authorization"]) for entry in upstream.log()[seen:])
    assert keys == ["Bearer none"] * 5 + ["Bearer sk-the-others"] * 5 + ["Bearer sk-the-thirds"] * 5


@pytest.mark.parametrize("key", [" sk-padded ", "sk-padded\n", "\tsk-padded\r\n"], ids=["spaces", "newline", "crlf"])
async def test_a_key_is_used_without_the_space_around_it(key: str, upstream: Upstream) -> None:
    client = Client({"OTHER_KEY": key}, PATIENT)

    await complete(client, request(upstream.url("ok"), api_key_env="OTHER_KEY"))

    await client.close()
    assert newest(upstream)["authorization"] == "Bearer sk-padded"


@pytest.mark.parametrize("key", ["ключ", "sk-\u200bpasted", "sk-a\nX-Evil: b", "sk-\0"])
async def test_a_key_that_no_header_can_carry_is_the_owners_fault(key: str, upstream: Upstream) -> None:
    client = Client({"OTHER_KEY": key}, PATIENT)
    seen = len(upstream.log())

    with pytest.raises(ModelError) as raised:
        await complete(client, request(upstream.url("ok"), api_key_env="OTHER_KEY"))

    await client.close()
    assert (raised.value.fault.kind, raised.value.fault.is_owners) == ("key_refused", True)
    assert len(upstream.log()) == seen


# What is asked


async def test_a_request_says_what_it_must_and_nothing_else(upstream: Upstream, client: Client) -> None:
    await complete(client, request(upstream.url("ok")))

    assert newest(upstream)["body"] == {
        "model": "scripted",
        "messages": QUESTION,
        "max_tokens": 50,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_a_whole_answer_is_requested_without_stream_options(upstream: Upstream, client: Client) -> None:
    await complete(client, request(upstream.url("ok"), streamed=False))

    assert newest(upstream)["body"] == {"model": "scripted", "messages": QUESTION, "max_tokens": 50, "stream": False}


async def test_known_and_unknown_parameters_are_passed_through(upstream: Upstream, client: Client) -> None:
    parameters = {"temperature": 0.2, "seed": 7, "stop": ["END"], "top_k": 40, "chat_template_kwargs": {"think": False}}

    await complete(client, request(upstream.url("ok"), parameters=parameters))

    assert parameters.items() <= newest(upstream)["body"].items()


async def test_nothing_compressed_is_asked_for(upstream: Upstream, client: Client) -> None:
    await complete(client, request(upstream.url("ok")))

    assert newest(upstream)["headers"]["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("base_url", "environ", "word"),
    [
        (None, {}, "max_completion_tokens"),
        ("https://api.openai.com/v1", {}, "max_completion_tokens"),
        ("https://eu.api.openai.com/v1", {}, "max_completion_tokens"),
        (None, {"OPENAI_BASE_URL": "https://api.openai.com/v1"}, "max_completion_tokens"),
        (None, {"OPENAI_BASE_URL": "http://localhost:8080/v1"}, "max_tokens"),
        ("http://localhost:8080/v1", {}, "max_tokens"),
        ("https://openai.com.example/v1", {}, "max_tokens"),
        ("https://notopenai.com/v1", {}, "max_tokens"),
        ("https://shop.openai.azure.com/v1", {}, "max_tokens"),
    ],
)
def test_each_provider_gets_its_own_name_for_the_token_limit(
    base_url: str | None, environ: dict[str, str], word: str
) -> None:
    client = Client(environ, PATIENT)
    model = Model(name="scripted", max_input=8000, base_url=base_url)

    body = client._dialect(model).body(CompletionRequest(model, QUESTION, max_tokens=50, cache_key="ana"))

    assert {key: value for key, value in body.items() if "tokens" in key} == {word: 50}
    assert body.get("prompt_cache_key") == ("ana" if word == "max_completion_tokens" else None)


async def test_a_name_that_nobody_has_is_a_server_that_is_not_reached(client: Client) -> None:
    with pytest.raises(ModelError) as caught:
        await complete(client, request("http://shop-model.invalid/v1"))

    assert caught.value.fault == ErrorDetails("unreachable", try_next=True, again=True)


async def test_a_certificate_that_nobody_vouches_for_is_refused(client: Client, tmp_path: Path) -> None:
    heard = list[bytes]()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))
        writer.close()

    tls = make_certificate(tmp_path).server()
    async with await asyncio.start_server(hear, "localhost", 0, ssl=tls) as server:
        with pytest.raises(ModelError) as caught:
            await complete(client, request(f"https://localhost:{server.sockets[0].getsockname()[1]}/v1"))

    assert caught.value.fault == ErrorDetails("unreachable", try_next=True, is_owners=True)
    assert caught.value.fault.code == "certificate"
    assert not any(heard), "the key and the question went nowhere"


async def test_a_completion_without_usage_has_none() -> None:
    class Scripted:
        async def stream(self, request: CompletionRequest) -> AsyncGenerator[Event, None]:
            for event in (Delta("Hello "), Delta("world"), Finished("length")):
                yield event

    completion = await complete(Scripted(), request(None))

    assert completion == Completion("Hello world", "length", None, completion.seconds)


async def test_a_closed_client_may_be_asked_again(upstream: Upstream, client: Client) -> None:
    await complete(client, request(upstream.url("ok")))
    await client.close()

    assert (await complete(client, request(upstream.url("ok")))).text == "Hello world"


async def test_what_was_asked_is_let_go_once_the_answer_begins(
    upstream: Upstream, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A prompt is as large as the shop's data: a hundred answers at once would hold a hundred of it."""
    words, bodies = "bamboo " * 1000, list[bytes]()

    def kept(body: object) -> bytes:
        bodies.append(encode(body))
        return bodies[-1]

    encode = msgspec.json.encode
    monkeypatch.setattr(msgspec.json, "encode", kept)
    model = Model(name="scripted", max_input=8000, base_url=upstream.url("say-20-50"))
    async with aclosing(client.stream(CompletionRequest(model, ({"role": "user", "content": words},), 50))) as events:
        await anext(events)
        held = sys.getrefcount(words), sys.getrefcount(bodies[0])

    assert held == (2, 2)  # by this test, and by the call that counts
