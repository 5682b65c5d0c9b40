"""The way to the network: a body is read no faster than its reader, and what gathered meanwhile comes as one piece."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

import httpx2

from completions.transport import Transport

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


@asynccontextmanager
async def answered(write: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[httpx2.Response]:
    """Give the answer of a server that writes what it wants after the head."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD)
        await write(writer)
        writer.close()

    transport = Transport(connect_seconds=5, idle_connection_seconds=5)
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        answer = await transport.handle_async_request(httpx2.Request("GET", f"http://127.0.0.1:{port}/"))
        try:
            async with aclosing(answer):
                yield answer
        finally:
            await transport.aclose()


async def test_what_came_while_the_reader_was_busy_is_one_piece() -> None:
    is_sent = asyncio.Event()

    async def write(writer: asyncio.StreamWriter) -> None:
        for number in range(12):
            writer.write(chunk(b"<%d>" % number))
            await writer.drain()
            await asyncio.sleep(0.01)  # a packet of its own
        is_sent.set()
        writer.write(END)

    pieces = list[bytes]()
    async with answered(write) as answer:
        async for piece in answer.aiter_bytes():
            pieces.append(piece)
            await asyncio.wait_for(is_sent.wait(), 10)

    assert b"".join(pieces) == b"".join(b"<%d>" % number for number in range(12))
    assert len(pieces) == 2


async def test_a_busy_reader_holds_the_sender_up() -> None:
    sent = 0

    async def write(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        for _ in range(1_000):
            writer.write(chunk(bytes(64 * 1024)))
            await writer.drain()
            sent += 64 * 1024
        writer.write(END)

    async with answered(write) as answer:
        pieces = answer.aiter_bytes()
        received = len(await anext(pieces))
        held_at = 0
        while sent != held_at:
            held_at = sent
            await asyncio.sleep(0.5)
        assert held_at < 32 * 1024 * 1024

        async for piece in pieces:
            received += len(piece)

    assert received == sent == 1_000 * 64 * 1024
