"""Models that take their time and a rush of logins: whoever follows a reply is pinged, and others are answered meanwhile."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from quart import Quart

from handlers.pages import reply_events
from handlers.web.password_pool import AT_ONCE
from memory.storage.users import Users
from tests.conftest import Open, enter, settings_for
from tests.support.shop import Scripted, Visitor, settings_of
from tests.support.upstream import Upstream

FIRST = "2-20261123T120000Z"
PING_SECONDS = 0.05
MOST_SECONDS = 30
"""Nothing here waits for a time: only what hangs for ever is ended by it."""


@pytest.fixture
def crowd(users: Users, accounts_of_all: dict[str, bytes]) -> list[str]:
    """The names of 30 more people."""
    names = [f"person{n}" for n in range(30)]
    for name in names:
        users.create(name, accounts_of_all["bob"].replace(b"bob", name.encode(), 1))
    return names


async def pings(pieces: AsyncIterator[bytes], count: int) -> None:
    """Read until the stream was silent for so many pings."""
    while count and (piece := await anext(pieces)):
        count -= reply_events.PING in piece


async def asked(shop: Quart, name: str) -> Visitor:
    visitor = enter(shop, name)
    answered = await visitor.send("/messages", {"content": "First?", "after": 0})
    assert answered.status == 200, answered.text
    return visitor


async def drained(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def test_thirty_people_wait_for_a_model_that_takes_its_time(
    open_shop: Open, upstream: Upstream, crowd: list[str]
) -> None:
    """F19: all are pinged until the first word, a page is shown meanwhile and another model's answer comes."""
    shop = open_shop(settings_for(upstream, "held", "ok"), ping_seconds=PING_SECONDS)
    async with AsyncExitStack() as tabs, asyncio.timeout(MOST_SECONDS):
        people = await asyncio.gather(*(asked(shop, name) for name in crowd))
        streams = [await tabs.enter_async_context(one.following(FIRST)) for one in people]
        await asyncio.gather(*(pings(stream, 2) for stream in streams))
        bob = enter(shop, "bob")
        page = await bob.get("/")
        other = await bob.post("/messages", {"content": "And me?", "model": "ok"})
        said = await bob.get("/")
        await asyncio.gather(*(pings(stream, 1) for stream in streams))
        while sum(entry["script"] == "held" and entry["ended"] is None for entry in upstream.log()) < len(people):
            await asyncio.sleep(0.01)
        upstream.release()
        whole = await asyncio.gather(*map(drained, streams))

    assert (page.status, other.status) == (200, 303)
    assert "Hello world" in said.text
    assert [b"Hello world" in one and one.endswith(reply_events.DONE) for one in whole] == [True] * 30


async def test_a_rush_of_logins_holds_up_no_stream(open_shop: Open, users: Users, crowd: list[str]) -> None:
    """F37: while sixty wait for their password to be hashed, twenty streams are pinged and messages are answered."""
    gate, hashed = asyncio.Event(), threading.Event()
    half: list[str | asyncio.Event] = ["Half", gate, " and whole"]
    model = Scripted(*[half] * 20, ["Hello"])
    shop = open_shop(settings_of({"luna": None}), model, ping_seconds=PING_SECONDS)
    hashing = shop.extensions["storekeeper.web"].password_pool
    async with AsyncExitStack() as tabs, asyncio.timeout(MOST_SECONDS):
        people = await asyncio.gather(*(asked(shop, name) for name in crowd[:20]))
        streams = [await tabs.enter_async_context(one.following(FIRST)) for one in people]
        hashes = [asyncio.create_task(hashing.run(hashed.wait)) for _ in range(58)]  # each as long as this test wants
        logins = [asyncio.create_task(Visitor(shop).log_in()) for _ in range(2)]
        try:
            await asyncio.gather(*(pings(stream, 3) for stream in streams))
            answered = await enter(shop, "bob").post("/messages", {"content": "And me?"})
            await asyncio.gather(*(pings(stream, 1) for stream in streams))
            waiting = [task for task in (*hashes, *logins) if not task.done()]
        finally:
            hashed.set()
        await asyncio.gather(*hashes, *logins)
        gate.set()
        whole = await asyncio.gather(*map(drained, streams))

    assert answered.status == 303
    assert len(waiting) == 60 > AT_ONCE
    assert [b"Half and whole" in one and one.endswith(reply_events.DONE) for one in whole] == [True] * 20
