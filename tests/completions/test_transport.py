"""How an answer and its connection end, over plain sockets and TLS, on the event loop that the server runs on."""

import asyncio
import json
import socket
import struct
import threading
import time
from contextlib import aclosing
from typing import Any

import aiohttp
import pytest

from completions.client import LARGEST_REPLY, Client, complete
from completions.endpoint import Endpoint
from completions.errors import ErrorDetails, ModelError
from completions.reach import Reach, reach
from completions.request import CompletionRequest
from completions.stream import Delta, Event, Finished, Usage
from settings import Model
from tests.support.listener import (
    HEAD,
    PATIENT,
    QUESTION,
    TEXT,
    WORDS,
    ask,
    chunked,
    fault_of,
    listening,
    run,
    said,
    whole,
)
from tests.support.tls import Certificate, make_certificate


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


# How an answer ends


FRAMED = {
    "chunked": (b"Transfer-Encoding: chunked\r\n", chunked(whole())),
    "with its length": (b"Content-Length: %d\r\n" % len(b"".join(whole())), whole()),
    "closed": (b"", whole()),
}


@pytest.mark.parametrize("framing", FRAMED)
@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("at_once", [False, True], ids=["event by event", "at once"])
def test_an_answer_is_whole_when_the_server_then_closes(
    framing: str, is_tls: bool, at_once: bool, certificate: Certificate
) -> None:
    head, parts = FRAMED[framing]

    def script(connection: socket.socket, number: int) -> None:
        for part in [b"".join([HEAD, head, b"\r\n", *parts])] if at_once else [HEAD + head + b"\r\n", *parts]:
            connection.sendall(part)

    with listening(script, certificate.server() if is_tls else None) as server:
        answers = [run(ask(server.url, certificate.environ))[0] for _ in range(15)]

    assert [(one.text, one.reason, one.usage) for one in answers] == [(TEXT, "stop", Usage(7, 40))] * 15


CUT = {
    "chunked": b"Transfer-Encoding: chunked\r\n",
    "with its length": b"Content-Length: 100000\r\n",
}


@pytest.mark.parametrize("framing", CUT)
@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
def test_a_body_that_ends_early_is_an_interrupted_answer(framing: str, is_tls: bool, certificate: Certificate) -> None:
    def script(connection: socket.socket, number: int) -> None:
        parts = list(map(said, WORDS))
        connection.sendall(HEAD + CUT[framing] + b"\r\n")
        connection.sendall(b"".join(chunked(parts)[:-1] if framing == "chunked" else parts))

    with listening(script, certificate.server() if is_tls else None) as server:
        fault = fault_of(ask(server.url, certificate.environ))

    assert fault == ErrorDetails("broken_off")


BREAKS = {"closed": b"", "reset": struct.pack("ii", 1, 0)}


@pytest.mark.parametrize("linger", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("framing", CUT)
@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
def test_a_late_reader_gets_all_that_came_before_a_break(
    framing: str, is_tls: bool, linger: bytes, certificate: Certificate
) -> None:
    """Replies are read at a pace of up to 0.25 s; words and the end of the connection come at any time between."""
    parts, is_broken = list(map(said, WORDS)), threading.Event()

    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(HEAD + CUT[framing] + b"\r\n")
        connection.sendall(b"".join(chunked(parts)[:-1] if framing == "chunked" else parts))
        break_off(connection, linger)
        is_broken.set()

    async def read(url: str) -> tuple[bytes, str]:
        endpoint = Endpoint(Reach(url, "none", ca_file=str(certificate.file)))
        body = b""
        async with aclosing(await endpoint.ask(b"{}")) as answer:
            await asyncio.to_thread(is_broken.wait, 20)
            await asyncio.sleep(0.1)
            try:
                async for piece in endpoint.pieces(answer):
                    body += piece
            except ModelError as error:
                return body, error.fault.kind
            finally:
                await endpoint.close()
        return body, ""

    with listening(script, certificate.server() if is_tls else None) as server:
        assert run(read(server.url)) == (b"".join(parts), "broken_off")


def break_off(connection: socket.socket, linger: bytes) -> None:
    """Close the connection, with a reset where `linger` asks for one: it throws away what has not been received."""
    if linger:
        time.sleep(0.2)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    connection.close()


@pytest.mark.parametrize("framing", CUT)
def test_an_answer_that_ended_is_whole_though_its_framing_broke(framing: str) -> None:
    is_read, is_broken = threading.Event(), threading.Event()

    def script(connection: socket.socket, number: int) -> None:
        parts = whole()
        body = chunked(parts)[:-1] if framing == "chunked" else parts
        connection.sendall(HEAD + CUT[framing] + b"\r\n" + body[0])
        is_read.wait(20)
        connection.sendall(b"".join(body[1:]))
        connection.shutdown(socket.SHUT_RDWR)
        is_broken.set()

    async def read(url: str) -> list[Event]:
        client = Client({}, PATIENT)
        model = Model(name="scripted", max_input=8000, base_url=url)
        events = list[Event]()
        async with aclosing(client.stream(CompletionRequest(model, QUESTION, max_tokens=50))) as stream:
            async for event in stream:
                events.append(event)
                is_read.set()
                await asyncio.to_thread(is_broken.wait, 20)
                await asyncio.sleep(0.05)
        await client.close()
        return events

    with listening(script) as server:
        events = run(read(server.url))

    assert "".join(event.text for event in events if isinstance(event, Delta)) == TEXT
    assert events[-2:] == [Finished("stop"), Usage(7, 40)]


WRONG = {"no size": b"zz\r\nHello\r\n", "longer than told": b"2\r\nHello\r\n", "no chunk": b"Internal Server Error"}


@pytest.mark.parametrize("delay", [0, 0.12], ids=["prompt", "late"])
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("is_whole", [False, True], ids=["in the middle", "behind the end"])
def test_framing_that_goes_wrong_ends_the_answer_at_once(is_whole: bool, wrong: bytes, delay: float) -> None:
    def script(connection: socket.socket, number: int) -> None:
        parts = whole() if is_whole else list(map(said, WORDS))
        connection.sendall(b"".join([HEAD, b"Transfer-Encoding: chunked\r\n\r\n", *chunked(parts)[:-1]]))
        time.sleep(0.05)
        connection.sendall(wrong)
        connection.recv(1)  # the other side ends it

    async def read(url: str) -> tuple[list[Event], str]:
        client, events = Client({}, PATIENT), list[Event]()
        request = CompletionRequest(Model(name="scripted", max_input=8000, base_url=url), QUESTION, max_tokens=50)
        try:
            async with asyncio.timeout(10), aclosing(client.stream(request)) as stream:
                async for event in stream:
                    events.append(event)
                    await asyncio.sleep(delay)
        except ModelError as error:
            return events, error.fault.kind
        finally:
            await client.close()
        return events, ""

    with listening(script) as server:
        events, fault = run(read(server.url))

    assert "".join(event.text for event in events if isinstance(event, Delta)) == TEXT
    assert fault == ("" if is_whole else "broken_off")
    assert (Finished("stop") in events) == is_whole


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
def test_a_stopped_answer_ends_at_its_server_too(is_tls: bool, certificate: Certificate) -> None:
    """A closed TLS connection waits half a minute for the other side's farewell, which a model that writes on sends last."""

    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(HEAD + b"\r\n")
        while True:
            connection.sendall(said("word "))
            time.sleep(0.01)

    async def stop(url: str) -> bool:
        client = Client(certificate.environ, PATIENT)
        request = CompletionRequest(Model(name="scripted", max_input=8000, base_url=url), QUESTION, max_tokens=50)
        async with aclosing(client.stream(request)) as stream:
            async for _ in stream:
                break
        try:
            return await asyncio.to_thread(server.closed.acquire, timeout=10)
        finally:
            await client.close()

    with listening(script, certificate.server() if is_tls else None) as server:
        assert run(stop(server.url))


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
def test_a_slow_reader_gets_all_of_a_large_answer(is_tls: bool, certificate: Certificate) -> None:
    """3 MB at once, more than the sockets hold, and the connection is closed before most of it is read."""
    parts = [b"%06d%b\n" % (number, b"x" * 1000) for number in range(3000)]

    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(b"".join([HEAD, b"Transfer-Encoding: chunked\r\n\r\n", *chunked(parts)]))

    async def read(url: str) -> bytes:
        endpoint = Endpoint(Reach(url, "none", ca_file=str(certificate.file)))
        answer = await endpoint.ask(b"{}")
        body = bytearray()
        async with aclosing(answer):
            async for piece in endpoint.pieces(answer):
                body += piece
                if len(body) < 400_000:
                    await asyncio.sleep(0.05)
        await endpoint.close()
        return bytes(body)

    with listening(script, certificate.server() if is_tls else None) as server:
        body = run(read(server.url))

    assert body == b"".join(parts)


def test_the_beginning_of_a_too_large_answer_stays() -> None:
    is_sent = threading.Event()

    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(HEAD + b"\r\n" + said("Well, "))
        connection.sendall(said("x" * 1000) * 2000)
        is_sent.set()

    async def read(url: str) -> tuple[int, str]:
        client, chars = Client({}, PATIENT), 0
        request = CompletionRequest(Model(name="scripted", max_input=8000, base_url=url), QUESTION, max_tokens=50)
        try:
            async with aclosing(client.stream(request)) as stream:
                async for event in stream:
                    chars += len(event.text) if isinstance(event, Delta) else 0
                    await asyncio.to_thread(is_sent.wait, 20)
        except ModelError as error:
            return chars, error.fault.kind
        finally:
            await client.close()
        return chars, ""

    with listening(script) as server:
        chars, fault = run(read(server.url))

    assert 0.8 * LARGEST_REPLY < chars <= LARGEST_REPLY
    assert fault == "too_big"


def test_what_came_while_the_reader_was_busy_is_few_pieces() -> None:
    is_sent = threading.Event()

    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for part in chunked(whole()):
            connection.sendall(part)
        is_sent.set()

    async def read(url: str) -> int:
        endpoint = Endpoint(Reach(url, "none"))
        answer = await endpoint.ask(b"{}")
        count = 0
        async with aclosing(answer):
            async for _ in endpoint.pieces(answer):
                count += 1
                await asyncio.to_thread(is_sent.wait, 20)
                await asyncio.sleep(0.1)
        await endpoint.close()
        return count

    with listening(script) as server:
        assert run(read(server.url)) <= 4  # of 43


# Connections


def test_the_end_chunk_after_done_is_read_to_keep_the_connection() -> None:
    def script(connection: socket.socket, number: int) -> bool:
        *parts, end = chunked(whole())
        connection.sendall(b"".join([HEAD, b"Transfer-Encoding: chunked\r\n\r\n", *parts]))
        threading.Event().wait(0.03)
        connection.sendall(end)
        return True

    with listening(script) as server:
        answers = run(ask(server.url, times=5))

    assert [one.text for one in answers] == [TEXT] * 5
    assert server.connections == 1


def test_as_many_answers_as_are_asked_for_come_at_once() -> None:
    everybody = threading.Barrier(150)

    def script(connection: socket.socket, number: int) -> None:
        everybody.wait(20)
        connection.sendall(b"".join([HEAD, b"\r\n", *whole()]))

    async def ask_together(url: str) -> list[str]:
        client = Client({}, PATIENT)
        request = CompletionRequest(Model(name="scripted", max_input=8000, base_url=url), QUESTION, max_tokens=50)
        answers = await asyncio.gather(*(complete(client, request) for _ in range(everybody.parties)))
        await client.close()
        return [one.text for one in answers]

    with listening(script) as server:
        assert run(ask_together(server.url)) == [TEXT] * everybody.parties


def test_a_refused_answer_leaves_its_connection_for_the_next() -> None:
    refusal = json.dumps({"error": {"message": "Overloaded"}}).encode()

    def script(connection: socket.socket, number: int) -> bool:
        connection.sendall(b"HTTP/1.1 503 X\r\nContent-Length: %d\r\n\r\n%b" % (len(refusal), refusal))
        return True

    async def refused(url: str, times: int) -> list[str]:
        client, faults = Client({}, PATIENT), list[str]()
        model = Model(name="scripted", max_input=8000, base_url=url)
        for _ in range(times):
            with pytest.raises(ModelError) as caught:
                await complete(client, CompletionRequest(model, QUESTION, 50))
            faults.append(caught.value.fault.kind)
        await client.close()
        return faults

    with listening(script) as server:
        assert run(refused(server.url, 300)) == ["server_error"] * 300
        assert server.connections == 1


def test_a_refusal_whose_body_is_held_back_counts_by_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("completions.endpoint._REFUSAL_SECONDS", 0.2)

    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 1000\r\n\r\n{")
        connection.recv(1)

    with listening(script) as server:
        fault = fault_of(ask(server.url))

    assert (fault.kind, fault.status) == ("key_refused", 401)


def test_a_refusal_without_end_is_left_and_closed() -> None:
    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(b"HTTP/1.1 500 X\r\nContent-Type: text/html\r\n\r\n")
        while True:
            connection.sendall(b"<p>" * 10_000)

    with listening(script) as server:
        fault = fault_of(ask(server.url))
        assert server.closed.acquire(timeout=10)

    assert fault.kind == "server_error"


def test_an_answer_that_is_not_streamed_has_a_largest_size() -> None:
    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"choices": [')
        while True:
            connection.sendall(b" " * 100_000)

    with listening(script) as server:
        fault = fault_of(ask(server.url))
        assert server.closed.acquire(timeout=10)

    assert fault == ErrorDetails("too_big")


def test_an_address_that_never_answers_is_unreachable_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener whose queue is full takes no connection, as a firewall that drops packets does not."""
    monkeypatch.setattr("completions.transport.CONNECT_SECONDS", 0.5)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(deaf.getsockname())

        fault = fault_of(ask(f"http://127.0.0.1:{deaf.getsockname()[1]}/v1"))

        for one in waiting:
            one.close()
    assert fault == ErrorDetails("unreachable", try_next=True, again=True)
    assert fault.code == "no_connection_in_time"


async def test_a_connection_is_waited_for_as_long_as_a_reader_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, opened = list[aiohttp.ClientTimeout](), aiohttp.ClientSession

    def open_session(**options: Any) -> aiohttp.ClientSession:
        asked.append(options["timeout"])
        return opened(**options)

    monkeypatch.setattr(aiohttp, "ClientSession", open_session)
    endpoint = Endpoint(reach(Model(name="m", max_input=8000, base_url="http://127.0.0.1:9/v1"), {}))
    with pytest.raises(ModelError):
        await endpoint.ask(b"{}")
    await endpoint.close()
    connect = asked[0].sock_connect

    assert connect is not None
    assert 5 <= connect <= 20
