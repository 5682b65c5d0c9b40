"""The readers of the load: people who ask and read streams, cheaply, in a process of their own.

`python -m tests.bench.readers` reads Loads from standard input, a line of JSON each, and prints a line with the Seen of
each. It also watches the server: the CPU time of its whole process tree while the load lasts, and its memory.
"""

import asyncio
import re
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Literal, cast
from urllib.parse import quote

import msgspec
import uvloop

from tests.bench.model import FIRST_WORD, LAST_WORD

Style = Literal["storekeeper", "passthrough", "proxy"]
_FIRST, _LAST = FIRST_WORD.encode(), LAST_WORD.encode()
_FRAMES = {"storekeeper": (b"event: grow", b"<hx-partial"), "passthrough": (b"data: ",), "proxy": (b"data: ",)}
_END = {"storekeeper": b"event: done", "passthrough": b"event: done", "proxy": b"[DONE]"}
_CUT = b'class="ending"'
"""Stands in Storekeeper's last frame of a reply that it knows not to be whole."""
_FORM = "application/x-www-form-urlencoded"
_SAMPLE_SECONDS = 0.2
_LONGEST_SECONDS = 180.0


class Asker(msgspec.Struct):
    """One who asks: a question that nobody else asks, a Cookie header, and when, in seconds from the beginning.

    Who is asleep opens the stream and reads none of it.
    """

    question: str
    cookie: str = ""
    after_seconds: float = 0.0
    is_asleep: bool = False


class Load(msgspec.Struct):
    """What to do to the server at this port, whose process is `pid`. `is_apart`: streams get connections of their own."""

    port: int
    style: Style
    askers: list[Asker]
    pid: int
    is_apart: bool = False


class Reading(msgspec.Struct):
    """What one saw. Times are time.monotonic(); `gap`: the longest wait between two pieces, in seconds."""

    question: str
    asked: float
    first: float
    ended: float
    frames: int
    bytes: int
    gap: float


class Seen(msgspec.Struct):
    """All whole replies of those awake, and what the load cost: CPU seconds, and MB of memory before, at most and at its end.

    `broken_off`: how many replies began and lost their end, or had no word at all.
    """

    readings: list[Reading]
    cpu_seconds: float
    before_mb: float
    most_mb: float
    after_mb: float
    broken_off: int
    faults: list[str] = []


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += tree(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process tree so far, to the nanosecond: the clock that Linux keeps for each process."""
    total = 0.0
    for one in tree(pid):
        with suppress(OSError):
            total += time.clock_gettime((~one << 3) | 2)
    return total


def rss_mb(pid: int) -> float:
    """Return the resident memory of a process tree."""
    total = 0
    for one in tree(pid):
        with suppress(OSError):
            total += int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{one}/status").read_text())[0])
    return total / 1024


@dataclass(slots=True, eq=False)
class _Connection(asyncio.Protocol):
    """Reads one answer at a time: a whole one, or a stream to its end with the time of each piece."""

    transport: asyncio.Transport = field(init=False)
    whole: "asyncio.Future[bytes] | None" = None
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    over: "asyncio.Future[None] | None" = None
    _received: bytes = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        if self.over is not None:
            self.pieces.append((time.monotonic(), data))
            if data.endswith(b"0\r\n\r\n") and not self.over.done():
                self.over.set_result(None)
            return
        self._received += data
        head, ends, body = self._received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if ends and len(body) >= (int(length[1]) if length else 0) and self.whole and not self.whole.done():
            self._received = b""
            self.whole.set_result(head + ends + body)

    def connection_lost(self, error: Exception | None) -> None:
        for future in (self.whole, self.over):
            if future is not None and not future.done():
                future.set_exception(ConnectionError(f"closed by the server: {error}"))

    async def ask(self, request: bytes) -> bytes:
        self.whole = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.whole

    async def stream(self, request: bytes) -> None:
        self.over = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        await self.over


async def _connect(port: int, *, is_narrow: bool = False) -> _Connection:
    """Open a connection; a narrow one takes little into the kernel's buffers on its side."""
    loop = asyncio.get_running_loop()
    opened = socket.socket()
    if is_narrow:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    opened.setblocking(False)
    await loop.sock_connect(opened, ("127.0.0.1", port))
    _, connection = await loop.create_connection(_Connection, sock=opened)
    return connection


def _request(method: str, path: str, load: Load, asker: Asker, body: bytes = b"", kind: str = _FORM) -> bytes:
    fields = {"Host": f"127.0.0.1:{load.port}"}
    if load.style == "storekeeper":
        fields |= {"Cookie": asker.cookie, "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    if body:
        fields |= {"Content-Type": kind, "Content-Length": str(len(body))}
    else:
        fields["Accept"] = "text/event-stream"
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


async def _read(load: Load, asker: Asker, sleeping: list[_Connection]) -> Reading | None:
    """Ask and read the reply to its end; None for who sleeps, as soon as they do."""
    if asker.after_seconds:
        await asyncio.sleep(asker.after_seconds)
    connection = await _connect(load.port, is_narrow=asker.is_asleep)
    asked = time.monotonic()
    form = b"content=" + quote(asker.question).encode()
    match load.style:
        case "proxy":
            body = msgspec.json.encode({"messages": [{"role": "user", "content": asker.question}], "stream": True})
            await connection.stream(_request("POST", "/v1/chat/completions", load, asker, body, "application/json"))
        case "passthrough":
            await connection.stream(_request("POST", "/chat", load, asker, form))
        case "storekeeper":
            answer = await connection.ask(_request("POST", "/messages", load, asker, form))
            path = re.search(rb"/replies/[\w.~-]+", answer)
            if path is None:
                raise ValueError(f"not accepted: {answer[:300]!r}")
            if load.is_apart:
                connection.transport.close()
                connection = await _connect(load.port)
            follow = _request("GET", path[0].decode(), load, asker)
            if asker.is_asleep:
                connection.transport.write(follow)
                connection.transport.pause_reading()
                sleeping.append(connection)
                return None
            await connection.stream(follow)
    connection.transport.abort()
    return reading_of(load.style, asker.question, asked, connection.pieces)


class BrokenOff(Exception):
    """A reply without its end."""


def reading_of(style: Style, question: str, asked: float, pieces: Sequence[tuple[float, bytes]]) -> Reading:
    """Return what was seen of a whole reply, from each piece of its stream and when it came. BrokenOff for another."""
    body = b"".join(data for _, data in pieces)
    first = next((when for when, data in pieces if _FIRST in data), None)
    if first is None or _LAST not in body or _END[style] not in body or _CUT in body:
        raise BrokenOff(body[-300:])
    marks = _FRAMES[style]
    times = [when for when, _ in pieces if when >= first]
    gap = max((b - a for a, b in pairwise(times)), default=0.0)
    frames = sum(body.count(mark) for mark in marks)
    return Reading(question, asked, first, pieces[-1][0], frames, len(body), gap)


async def _watch(pid: int, seen: list[float]) -> None:
    while True:
        seen.append(rss_mb(pid))
        await asyncio.sleep(_SAMPLE_SECONDS)


async def read_all(load: Load) -> Seen:
    """Have everybody ask and read; errors are reported, and the others go on."""
    sleeping, memory = list[_Connection](), [rss_mb(load.pid)]
    watching = asyncio.create_task(_watch(load.pid, memory))
    before = cpu_seconds(load.pid)
    tasks = [asyncio.create_task(_read(load, asker, sleeping)) for asker in load.askers]
    await asyncio.wait(tasks, timeout=_LONGEST_SECONDS)
    spent = cpu_seconds(load.pid) - before
    watching.cancel()
    readings, faults, broken_off = list[Reading](), list[str](), 0
    for task in tasks:
        if not task.done():
            task.cancel()
            faults.append("not over in time")
        elif isinstance(error := task.exception(), BrokenOff):
            broken_off += 1
        elif error:
            faults.append(f"{type(error).__name__}: {error}")
        elif reading := task.result():
            readings.append(reading)
    after = rss_mb(load.pid)
    for one in sleeping:
        one.transport.abort()
    return Seen(readings, spent, memory[0], max(*memory, after), after, broken_off, faults)


if __name__ == "__main__":
    for line in sys.stdin.buffer:
        seen = uvloop.run(read_all(msgspec.json.decode(line, type=Load)))
        sys.stdout.buffer.write(msgspec.json.encode(seen) + b"\n")
        sys.stdout.buffer.flush()
