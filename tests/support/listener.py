"""A model's server as a script over raw sockets, plain or TLS, and the client that asks it."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest
import uvloop

from completions.client import Client, Completion, complete
from completions.errors import ErrorDetails, ModelError
from completions.request import CompletionRequest
from settings import Limits, Model

PATIENT = Limits(first_token_seconds=20, idle_seconds=20, reply_seconds=30)
QUESTION = [{"role": "user", "content": "Hello?"}]
WORDS = [f"word{number} " for number in range(40)]
TEXT = "".join(WORDS)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
Script = Callable[[socket.socket, int], bool | None]
"""Answers one request on a connection, the so-manyth there; True keeps the connection for the next one."""


class Listener:
    """A server of raw sockets: a thread a connection, what they ask kept."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self.heads, self.bodies, self.connections = list[str](), list[bytes](), 0
        self.closed = threading.Semaphore(0)
        self._script, self._context = script, context
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection:
            connection.settimeout(30)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            with closing(connection), connection.makefile("rb") as reader:
                number = 0
                while True:
                    head = b""
                    while not head.endswith(b"\r\n\r\n"):
                        line = reader.readline()
                        if not line:
                            return
                        head += line
                    self.heads.append(head.decode("latin-1"))
                    length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                    self.bodies.append(reader.read(int(length[0].partition(b":")[2])) if length else b"")
                    number += 1
                    if not self._script(connection, number):
                        with suppress(OSError):
                            connection.shutdown(socket.SHUT_RDWR)
                        return
        self.closed.release()


@contextmanager
def listening(script: Script, context: ssl.SSLContext | None = None) -> Iterator[Listener]:
    listener = Listener(script, context)
    try:
        yield listener
    finally:
        listener.close()


def event(chunk: object) -> bytes:
    return b"data: %b\n\n" % json.dumps(chunk).encode()


def said(text: str, finish: str | None = None) -> bytes:
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]})


def whole() -> list[bytes]:
    """Return the events of an answer of all WORDS."""
    usage = {"prompt_tokens": 7, "completion_tokens": 40}
    return [*map(said, WORDS), said("", "stop"), event({"choices": [], "usage": usage}), b"data: [DONE]\n\n"]


def chunked(parts: list[bytes]) -> list[bytes]:
    return [b"%x\r\n%b\r\n" % (len(part), part) for part in parts] + [b"0\r\n\r\n"]


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run on the loop that the server uses, which closes TLS otherwise than asyncio's own."""
    return uvloop.run(work)


async def ask(url: str, environ: dict[str, str] | None = None, times: int = 1, **settings: Any) -> list[Completion]:
    """Ask so many times, one after the other, over the same connection where the server keeps it."""
    client = Client(environ or {}, PATIENT)
    model = Model(name="scripted", max_input=8000, base_url=url, **settings)
    try:
        return [await complete(client, CompletionRequest(model, QUESTION, max_tokens=50)) for _ in range(times)]
    finally:
        await client.close()


def fault_of(work: Coroutine[Any, Any, Any]) -> ErrorDetails:
    with pytest.raises(ModelError) as caught:
        run(work)
    return caught.value.fault


def answer_plainly(connection: socket.socket, number: int) -> bool:
    body = b"".join(whole())
    connection.sendall(b"%bContent-Length: %d\r\n\r\n%b" % (HEAD, len(body), body))
    return True


def fields(head: str) -> dict[str, str]:
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:]) if name}
