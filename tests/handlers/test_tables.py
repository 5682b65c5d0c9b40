"""The tables of tokens are loaded for who opens the chat, and not held while the shop rests."""

import asyncio
import time
from pathlib import Path

import pytest

from handlers.tables import Tables
from memory.context import tokens
from tests.bench.readers import cpu_seconds
from tests.faults.live import House, until, values_for
from tests.support.upstream import Upstream


async def test_what_is_wanted_is_there_soon_and_what_nobody_uses_is_let_go() -> None:
    tokens.rest(0)
    tables = Tables(["o200k_base", "cl100k_base"])
    tables.want()
    tables.want()
    async with asyncio.timeout(20):
        while not (tokens.is_warm("o200k_base") and tokens.is_warm("cl100k_base")):
            await asyncio.sleep(0.01)
        keeping = asyncio.create_task(tables.keep(rest_seconds=0.2, look_seconds=0.05))
        while tokens._loaded:  # is_warm would keep them
            await asyncio.sleep(0.01)
        tables.want()
        while not tokens.is_warm("o200k_base"):
            await asyncio.sleep(0.01)
    keeping.cancel()


async def test_an_encoding_that_cannot_be_loaded_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise OSError(f"no {name}")

    monkeypatch.setattr(tokens, "warm", broken)
    tables = Tables(["cl100k_base"])
    tokens.rest(0)
    tables.want()
    tables.load()
    await asyncio.sleep(0)


def test_a_server_holds_no_table_until_somebody_opens_the_chat(tmp_path: Path, upstream: Upstream) -> None:
    house = House(tmp_path, values_for(upstream))
    try:
        server = house.server()
        ana = house.browser("ana", server)

        def is_quiet() -> bool:
            before = cpu_seconds(server.pid())
            time.sleep(0.5)
            return cpu_seconds(server.pid()) < before + 0.1

        def has(module: str) -> bool:
            return module in Path(f"/proc/{server.pid()}/maps").read_text()

        assert ana.get("/login").status == 303
        until(lambda: has("/pydantic_core/") and is_quiet(), 30)
        assert not has("/tiktoken/")
        assert ana.get("/").status == 200
        until(lambda: has("/tiktoken/"))
    finally:
        house.close()
