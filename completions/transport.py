"""The openai client's requests, sent by aiohttp: an answer's body is read in pieces as large as what has arrived, up to
64 KiB.

A reader may come late. aiohttp raises the error of a broken connection before it hands over the bytes that came ahead of
it; here they come first, and then the error. An answer that was whole but for the end of its framing is whole that way.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator

import aiohttp
import httpx2

CONNECT_SECONDS = 10.0
_IDLE_CONNECTION_SECONDS = 15.0
_MOST_CONNECTIONS = 100_000
_LARGEST_PIECE = 64 * 1024
_LARGEST_BUFFER = 4 << 20
"""Bytes of an answer that wait for their reader before aiohttp stops reading, more than comes between two looks at a reply.

What aiohttp has received but not read further when it stops, it loses where the connection ends meanwhile.
"""


class Transport(httpx2.AsyncBaseTransport):
    """Sends requests over connections that it keeps for the next ones; through a proxy where its address is given.

    Reading has no time limit here: its callers have deadlines of their own. Raise aiohttp.ClientError and OSError.
    """

    def __init__(self, context: ssl.SSLContext, proxy: str | None) -> None:
        self._context, self._proxy = context, proxy
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._opened().request(
            request.method,
            str(request.url),
            headers=request.headers,
            data=await request.aread() or None,
            allow_redirects=False,
            proxy=self._proxy,
        )
        return httpx2.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer))

    def _opened(self) -> aiohttp.ClientSession:
        """Return the session, made at the first request: it belongs to the event loop that is running then."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=_MOST_CONNECTIONS, keepalive_timeout=_IDLE_CONNECTION_SECONDS, ssl=self._context
                ),
                timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS),
                auto_decompress=False,
                read_bufsize=_LARGEST_BUFFER // 2,  # it stops at twice as much
            )
        return self._session

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()


class _Body(httpx2.AsyncByteStream):
    """An answer's body. Leaving it before its end cuts the connection at once, so that the server stops writing."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer
        connection = answer.connection  # None where the whole body has come already
        protocol = connection.protocol if connection is not None else None
        self._closed = protocol.closed if protocol is not None else None
        if self._closed is not None:
            self._closed.add_done_callback(self._note_close)

    def _note_close(self, closed: "asyncio.Future[None]") -> None:
        """End a body that aiohttp leaves without end: it closes a connection whose framing is wrong, and its reader waits."""
        if not closed.cancelled():
            closed.exception()  # it is the reader's to learn of, not the event loop's
        content = self._answer.content
        if not content.is_eof() and content.exception() is None:
            content.set_exception(aiohttp.ClientPayloadError("The connection ended before the answer."))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content = self._answer.content
        try:
            async for piece in content.iter_chunked(_LARGEST_PIECE):
                yield piece
        except (aiohttp.ClientError, OSError, RuntimeError) as error:  # RuntimeError: it was closed a moment ago
            content.set_exception(None)  # type: ignore[arg-type]  # as long as it is set, nothing more can be read
            while piece := content.read_nowait(_LARGEST_PIECE):
                yield piece
            if isinstance(error, RuntimeError):
                raise aiohttp.ClientPayloadError(str(error)) from error
            raise

    async def aclose(self) -> None:
        """Release the connection, or cut it: over TLS a close waits for the server's, which goes on writing meanwhile."""
        if self._closed is not None:  # the connection may serve others yet, and would hold this answer as long
            self._closed.remove_done_callback(self._note_close)
        connection = self._answer.connection
        if connection is not None and connection.transport is not None and not self._answer.content.is_eof():
            connection.transport.abort()
        self._answer.release()
