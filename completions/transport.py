"""The openai client's way to the network: aiohttp, reading no faster than its reader.

The client's own transports hand over each HTTP chunk by itself, or read every packet as it comes. Here the socket is
left alone while the reader is busy, and what gathered in the kernel meanwhile comes as one piece: with an answer's
tokens in packets of their own, that is most of what a token costs.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import lru_cache

import aiohttp
import httpx2


class Transport(httpx2.AsyncBaseTransport):
    """One pool of connections; its errors are httpx2's, as the openai client expects them."""

    def __init__(self, *, connect_seconds: float, idle_connection_seconds: float) -> None:
        self._connect_seconds = connect_seconds
        self._idle_connection_seconds = idle_connection_seconds
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        head = [pair for pair in request.headers.multi_items() if pair[0] != "content-length"]
        return await self.send(request.method, str(request.url), head, await request.aread())

    async def send(self, method: str, address: str, head: list[tuple[str, str]], body: bytes) -> httpx2.Response:
        """Send a request and give the answer, its body still to be read. httpx2.TransportError where there is none."""
        try:
            answer = await self._open().request(method, address, headers=head, data=body, allow_redirects=False)
        except asyncio.TimeoutError as error:  # noqa: UP041  (aiohttp's own are subclasses)
            raise httpx2.ConnectTimeout("no connection in time") from error
        except (aiohttp.ClientResponseError, aiohttp.ClientPayloadError) as error:
            raise httpx2.RemoteProtocolError(type(error).__name__) from error
        except (aiohttp.ClientError, OSError) as error:
            raise httpx2.ConnectError(type(error).__name__) from error
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        asked = _without_body(method, address)
        return httpx2.Response(answer.status, headers=headers, stream=_Body(answer), request=asked)

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        """Give the session, made in the running loop at its first use."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=self._idle_connection_seconds)
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._connect_seconds)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False)
        return self._session


@lru_cache(maxsize=64)
def _without_body(method: str, address: str) -> httpx2.Request:
    """Give a request for its answer to remember, which lasts long: the true one's body is as large as the shop's data."""
    return httpx2.Request(method, address)


class _Body(httpx2.AsyncByteStream):
    """An answer's body, in pieces as large as what has arrived."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while piece := await self._answer.content.readany():
                connection = self._answer.connection
                socket = connection.transport if connection is not None else None
                if socket is None or socket.is_closing():  # the body is here to its end
                    yield piece
                else:
                    socket.pause_reading()
                    yield piece
                    if not socket.is_closing():
                        socket.resume_reading()
        except (aiohttp.ClientError, OSError) as error:
            raise httpx2.ReadError(type(error).__name__) from error

    async def aclose(self) -> None:
        self._answer.close() if not self._answer.content.is_eof() else self._answer.release()
