"""Tests of how many streams a person may have open: the newest are served, the oldest end, nobody else notices."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from handlers.replies.stream_limit import MOST_STREAMS, Streams
from tests.conftest import Open, enter, replies_of
from tests.support.shop import Scripted, Visitor, settings_of
from tests.support.sse import events

FIRST = "2-20261123T120000Z"
DONE = b"event: done\ndata: done\n\n"


def test_the_oldest_ends_when_there_is_one_too_many() -> None:
    streams, woken = Streams(2), list[str]()

    with (
        streams.opened("ana", lambda: woken.append("first")) as first,
        streams.opened("ana", lambda: woken.append("second")) as second,
    ):
        with streams.opened("bob", lambda: woken.append("bob")):
            assert woken == []
        with streams.opened("ana", lambda: woken.append("third")) as third:
            assert [one.is_over for one in (first, second, third)] == [True, False, False]
            assert (woken, streams.count("ana")) == (["first"], 2)
        with streams.opened("ana", lambda: None):
            assert not second.is_over, "the third has gone by itself"

    assert streams.count("ana") == 0
    assert streams._open == {}


async def drained(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def test_newest_tabs_follow_to_the_end_and_the_oldest_reconnect(
    open_shop: Open,
) -> None:
    gate = asyncio.Event()
    shop = open_shop(settings_of({"luna": None}), Scripted(["Half", gate, " and whole"]))
    ana, bob = enter(shop, "ana"), enter(shop, "bob")
    for visitor in (ana, bob):
        assert (await visitor.send("/messages", {"content": "First?", "after": 0})).status == 200
    async with AsyncExitStack() as tabs, asyncio.timeout(10):
        follow = lambda visitor: tabs.enter_async_context(visitor.following(FIRST))  # noqa: E731
        other = await follow(bob)
        first = [await follow(ana) for _ in range(3)]
        reading = [asyncio.create_task(drained(pieces)) for pieces in first]
        await asyncio.sleep(0.05)  # they wait for the next words
        newest = [await follow(ana) for _ in range(MOST_STREAMS)]
        ended = await asyncio.gather(*reading)
        assert replies_of(shop).streams.count("ana") == MOST_STREAMS
        gate.set()
        whole = [await drained(pieces) for pieces in [*newest, other]]

    assert [one.endswith(DONE) for one in ended] == [True] * 3
    assert not any(b"and whole" in one for one in ended)
    assert all(b"Half and whole" in one and one.endswith(DONE) for one in whole)
    assert [event.name for event in events(ended[0])][-1] == "done"
    assert replies_of(shop).streams._open == {}


async def test_a_hundred_streams_of_one_user_leave_a_few(open_shop: Open) -> None:
    gate = asyncio.Event()
    shop = open_shop(settings_of({"luna": None}), Scripted(["Half", gate, " and whole"]))
    ana: Visitor = enter(shop, "ana")
    await ana.send("/messages", {"content": "First?", "after": 0})
    reading = [asyncio.create_task(ana.follow(FIRST)) for _ in range(100)]
    async with asyncio.timeout(10):
        while sum(task.done() for task in reading) < 100 - MOST_STREAMS:
            await asyncio.sleep(0.01)
        gate.set()
        whole = [b"Half and whole" in stream for stream in await asyncio.gather(*reading)]

    assert sum(whole) == MOST_STREAMS
