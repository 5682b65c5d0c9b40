"""The model of the load: a scripted upstream that streams replies on time and at little cost, in a process of its own.

`python -m tests.bench.model` prints its port and serves until its standard input ends; with the paths of a certificate
and its key as arguments it serves over TLS.

POST /v1/chat/completions   streams what the last user message ends with: of "... 50-300-0" 300 tokens, the first at once,
                            then 50 a second (0: all at once), each of so many characters (0: a plausible answer's words).
                            Without such an end, as from a summariser, "0-20-0". After "... 50-300-0-close" it says that
                            the connection ends with this reply, and closes it with the last byte
GET /log                    JSON: for each last user message when its first and its last token were written
GET anything else           "ok"

Times are time.monotonic(), which all processes of a Linux machine share.
"""

import asyncio
import json
import re
import ssl
import sys
import time
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import cycle, islice
from typing import cast

import uvloop

FIRST_WORD = "Certainly"
"""Begins every reply, so that readers know its first words wherever they stand."""
LAST_WORD = "Farewell"
"""Ends every reply, so that readers know a whole one from one that lost its end."""

_ANSWER = """\
{first}. For a veranda of that size I would take the **Rede Casal**: it holds two people, and the cotton is woven by hand in
Ceará. It comes in natural, blue and green, and all three are in stock today.

- The hammock is R$ 289.00, the pair of wall hooks R$ 49.90.
- Delivery to Recife takes *1–2 working days*, and it is free from R$ 200.00.

You have **30 calendar days** to send it back, as long as it is unused and in its bag. Write to us with your order number,
and a return code comes within one working day. Shall I tell you how to hang it up?

"""


@cache
def tokens_of(count: int, chars: int) -> tuple[str, ...]:
    """Return the tokens of a reply: words with their spaces, an answer of some paragraphs again and again."""
    *before, _ = _words(count, chars)
    return (*before, LAST_WORD) if before else (f"{FIRST_WORD} {LAST_WORD}",)


def _words(count: int, chars: int) -> tuple[str, ...]:
    if chars:
        line = " ".join(["hammock"] * (chars // 8 + 1))[: chars - 2]
        return (FIRST_WORD, *([f"\n\n{line}"] * (count - 1)))
    first = re.findall(r"\S+\s*", _ANSWER.format(first=FIRST_WORD))
    more = re.findall(r"\S+\s*", _ANSWER.format(first="Yes"))
    return (*first, *islice(cycle(more), max(0, count - len(first))))[:count]


def _chunk(payload: bytes) -> bytes:
    data = b"data: %s\n\n" % payload
    return b"%x\r\n%s\r\n" % (len(data), data)


def _event(choices: list[object], **more: object) -> bytes:
    named = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": choices}
    return _chunk(json.dumps(named | more).encode())


def _delta(finish_reason: str | None = None, **delta: str) -> bytes:
    return _event([{"index": 0, "delta": delta, "finish_reason": finish_reason}])


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
_HEADS = {False: _HEAD + b"\r\n", True: _HEAD + b"Connection: close\r\n\r\n"}
"""By whether the connection is closed."""


@cache
def _written(count: int, chars: int, closes: bool) -> tuple[bytes, ...]:
    """Return the bytes of each token; the head goes with the first, the end with the last."""
    usage = {"prompt_tokens": 3_000, "completion_tokens": count, "total_tokens": 3_000 + count}
    parts = [_delta(content=token) for token in tokens_of(count, chars)]
    parts[0] = _HEADS[closes] + _delta(role="assistant", content="") + parts[0]
    parts[-1] += _delta("stop") + _event([], usage=usage) + _chunk(b"[DONE]") + b"0\r\n\r\n"
    return tuple(parts)


class Connection(asyncio.Protocol):
    """One connection; its requests come one after the other."""

    def __init__(self, log: dict[str, tuple[float, float]]) -> None:
        self._log = log
        self._received = b""
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, ends, body = self._received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        wanted = int(length[1]) if length else 0
        if not ends or len(body) < wanted:
            return
        self._received = b""
        path = head.split(b" ", 2)[1].decode()
        if not path.endswith("/chat/completions"):
            told = json.dumps(self._log).encode() if path == "/log" else b"ok"
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(told), told))
            return
        asked: str = json.loads(body)["messages"][-1]["content"]
        script = re.search(r"(\d+)-(\d+)-(\d+)(-close)?$", asked)
        rate, count, chars = map(int, script.groups()[:3]) if script else (0, 20, 0)
        closes = bool(script and script[4])
        self._stream(asked, rate, _written(count, chars, closes), closes=closes)

    def _stream(self, asked: str, rate: int, parts: tuple[bytes, ...], *, closes: bool) -> None:
        began = time.monotonic()
        starts = self._loop.time()
        rest: Iterator[tuple[int, bytes]] = iter(enumerate(parts))

        def write() -> None:
            for number, part in rest:
                if self._transport.is_closing():
                    return
                self._transport.write(part)
                if number == len(parts) - 1:
                    self._log[asked] = began, time.monotonic()
                    if closes:
                        self._loop.call_soon(self._transport.abort)  # once it is sent; without TLS's word of farewell
                elif rate:
                    self._loop.call_at(starts + (number + 1) / rate, write)
                    return

        write()


async def _serve(certificate: Sequence[str]) -> None:
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)
    log = dict[str, tuple[float, float]]()
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: Connection(log), "127.0.0.1", 0, backlog=2048, ssl=tls)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1:]))
