"""Upgrades to WebSocket, of which there are none here: each is refused with one answer and one line of the log."""

import asyncio
import logging
from typing import Any, cast

log = logging.getLogger("storekeeper.requests")

_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 32\r\n"
    b"Connection: close\r\n\r\nWebSockets are not spoken here.\n"
)


class NoWebSocket(asyncio.Protocol):
    """What uvicorn hands a connection to whose client asks for a WebSocket. Its own would end in a traceback of Quart's."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        log.warning("websocket_refused")
        self._transport.write(_ANSWER)
        self._transport.close()
