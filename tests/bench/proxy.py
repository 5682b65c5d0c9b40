"""How little a token can cost here: a proxy that copies bytes both ways and looks at none of them.

`python -m tests.bench.proxy PORT MODEL_PORT` serves until it is killed.
"""

import asyncio
import sys
from typing import cast

import uvloop


class Way(asyncio.Protocol):
    """One side of a pair: what it receives goes out at the other."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: Way | None = None
        self._early = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def join(self, other: "Way") -> None:
        self.other, other.other = other, self
        if self._early and other.transport:
            other.transport.write(self._early)

    def data_received(self, data: bytes) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.write(data)
        else:
            self._early += data

    def connection_lost(self, error: Exception | None) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()


class Front(Way):
    """The reader's side: with it the other one is opened."""

    def __init__(self, model_port: int) -> None:
        super().__init__()
        self._model_port = model_port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._opening = asyncio.ensure_future(self._open())

    async def _open(self) -> None:
        _, back = await asyncio.get_running_loop().create_connection(Way, "127.0.0.1", self._model_port)
        self.join(back)


async def _serve(port: int, model_port: int) -> None:
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: Front(model_port), "127.0.0.1", port, backlog=2048)
    await listener.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
