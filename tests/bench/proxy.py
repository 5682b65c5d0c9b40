"""How little a token can cost here: a proxy that copies bytes both ways and looks at none of them.

`python -m tests.bench.proxy PORT MODEL_PORT` serves until it is killed.
"""

import asyncio
import sys

import uvloop


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
    finally:
        writer.close()


async def _serve(port: int, model_port: int) -> None:
    async def pair(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back_reader, back_writer = await asyncio.open_connection("127.0.0.1", model_port)
        await asyncio.gather(_copy(reader, back_writer), _copy(back_reader, writer))

    listener = await asyncio.start_server(pair, "127.0.0.1", port, backlog=2048)
    await listener.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
