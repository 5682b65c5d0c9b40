"""Tests of the pacer: what is due is written together, one's trouble is nobody else's, and a stop strikes in time."""

import asyncio
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from handlers.replies.pacing import LONGEST_SECONDS, SHORTEST_SECONDS, Pacer, Stop, Stopped, Writing, pace
from memory.conversations.records import Record
from memory.conversations.spool import Spool
from memory.storage.folders import Folder, StorageError

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def writing(place: Path, name: str, is_marked: Callable[[], bool] = lambda: False) -> Writing:
    """A reply being written."""
    (place / name).mkdir()
    spool = Spool(Folder(place / name))
    spool.head(Record(2, NOON, "assistant", "", "luna"))
    return Writing(spool, Stop(), is_marked)


def kept(one: Writing) -> str:
    return (one.spool.folder.path / "reply.txt").read_text().partition("\n    ")[2]


async def end(pacer: Pacer, *writings: Writing) -> None:
    for one in writings:
        pacer.leave(one)
        one.spool.close()
    if pacer._task is not None:
        await asyncio.wait_for(pacer._task, 2)


async def test_words_are_on_the_disk_once_they_are_flushed(tmp_path: Path) -> None:
    pacer, ana = Pacer(), writing(tmp_path, "ana")
    pacer.join(ana)
    for word in ("one", " two", " three"):
        ana.spool.add(word)
        await pacer.flush(ana)

        assert kept(ana) == ana.spool.text
    await end(pacer, ana)


async def test_words_are_written_at_once_and_the_next_read_at_the_tick(tmp_path: Path) -> None:
    pacer, ana = Pacer(), writing(tmp_path, "ana")
    for word in ("one", " two", " three"):  # nobody joined: no tick comes
        ana.spool.add(word)
        await asyncio.wait_for(pacer.flush(ana), 2)
    assert kept(ana) == "one two three"

    waits = asyncio.create_task(pacer.tick())
    await asyncio.sleep(0.1)
    assert not waits.done()

    pacer.join(ana)
    await asyncio.wait_for(waits, 2)
    await end(pacer, ana)


async def test_many_replies_are_written_in_one_tick(tmp_path: Path) -> None:
    pacer = Pacer()
    writings = [writing(tmp_path, f"person{n}") for n in range(20)]
    for one in writings:
        pacer.join(one)
        one.spool.add("words")
    await asyncio.wait_for(asyncio.gather(*(pacer.flush(one) for one in writings)), 2)

    assert [kept(one) for one in writings] == ["words"] * 20
    await end(pacer, *writings)


async def test_a_spool_write_error_fails_only_that_reply(tmp_path: Path) -> None:
    pacer, ana, bob = Pacer(), writing(tmp_path, "ana"), writing(tmp_path, "bob")
    assert ana.spool._descriptor is not None
    os.dup2(os.open("/dev/full", os.O_WRONLY), ana.spool._descriptor)
    for one in (ana, bob):
        pacer.join(one)
        one.spool.add("words")
    results = await asyncio.wait_for(asyncio.gather(pacer.flush(ana), pacer.flush(bob), return_exceptions=True), 2)

    assert isinstance(results[0], StorageError)
    assert results[1] is None
    assert kept(bob) == "words"
    await end(pacer, ana, bob)


async def test_a_mark_that_cannot_be_looked_for_holds_up_nobody(tmp_path: Path) -> None:
    """With too many files open, or a directory that is none any more, the others go on, and so does this reply."""

    def fail() -> bool:
        raise OSError(24, "Too many open files")

    pacer, ana, bob = Pacer(), writing(tmp_path, "ana", fail), writing(tmp_path, "bob")
    pacer.join(ana)
    pacer.join(bob)
    for _ in range(4):
        await asyncio.sleep(0.06)  # the marks are looked for every 0.1 s
        for one in (ana, bob):
            one.spool.add("word ")
            await asyncio.wait_for(pacer.flush(one), 2)

    assert kept(ana) == kept(bob) == "word word word word "
    await end(pacer, ana, bob)


async def test_the_mark_of_another_process_stops_the_reply_soon(tmp_path: Path) -> None:
    marked = list[str]()
    pacer = Pacer()
    ana = writing(tmp_path, "ana", lambda: "ana" in marked)
    bob = writing(tmp_path, "bob", lambda: "bob" in marked)
    pacer.join(ana)
    pacer.join(bob)
    await asyncio.sleep(0.05)
    marked.append("ana")
    started = time.monotonic()
    while not ana.stop.is_requested and time.monotonic() < started + 2:
        await asyncio.sleep(0.005)

    assert time.monotonic() - started < 1.5
    assert not bob.stop.is_requested
    await end(pacer, ana, bob)


async def test_the_pacer_stops_with_the_last_reply_and_restarts(tmp_path: Path) -> None:
    pacer, ana, bob = Pacer(), writing(tmp_path, "ana"), writing(tmp_path, "bob")
    pacer.join(ana)
    await end(pacer, ana)
    pacer.join(bob)
    bob.spool.add("words")
    await asyncio.wait_for(pacer.flush(bob), 2)

    assert kept(bob) == "words"
    await end(pacer, bob)


async def test_a_lone_reply_is_read_every_tick_and_many_take_turns(tmp_path: Path) -> None:
    pacer = Pacer()
    writings = [writing(tmp_path, f"person{n}") for n in range(200)]
    turns = list[float]()
    for one in writings:
        pacer._live.add(one)
        turns.append(pacer.seconds * pacer.groups)
        one.spool.close()

    assert turns[0] == SHORTEST_SECONDS
    assert all(later >= sooner - 1e-9 for sooner, later in pairwise(turns))
    assert turns[-1] == LONGEST_SECONDS
    assert pacer.seconds < LONGEST_SECONDS / 4


async def test_a_tick_is_the_turn_of_those_who_wait_longest(tmp_path: Path) -> None:
    pacer = Pacer()
    writings = [writing(tmp_path, f"person{n}") for n in range(100)]
    order = list[int]()

    async def wait(n: int) -> None:
        await pacer.tick()
        order.append(n)

    waits = [asyncio.create_task(wait(n)) for n in range(100)]
    await asyncio.sleep(0)
    for one in writings:
        pacer.join(one)
    seen = [0]
    async with asyncio.timeout(2):
        while seen[-1] < len(waits):
            await asyncio.sleep(0.001)
            if len(order) > seen[-1]:
                seen.append(len(order))

    assert seen == [0, 25, 50, 75, 100]
    assert order == list(range(100))
    await end(pacer, *writings)


def test_other_processes_replies_are_polled_less_the_more_exist() -> None:
    assert [round(pace(0.06, tails), 3) for tails in (1, 20, 75, 1_000)] == [
        0.06,
        0.117,
        LONGEST_SECONDS,
        LONGEST_SECONDS,
    ]


# Stopping


async def test_a_stop_ends_the_waiting_for_the_model(tmp_path: Path) -> None:
    stop, ended = Stop(), list[str]()

    async def wait() -> None:
        try:
            with stop:
                await asyncio.sleep(30)
        except Stopped:
            ended.append("stopped")
        await asyncio.sleep(0)  # the task itself is not cancelled
        ended.append("went on")

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    stop.request()
    stop.request()
    await asyncio.wait_for(task, 1)

    assert ended == ["stopped", "went on"]


async def test_a_stop_does_not_strike_while_the_disk_is_written() -> None:
    stop, done = Stop(), list[str]()

    async def write() -> None:
        with stop:
            await asyncio.sleep(0)
        await asyncio.sleep(0.02)
        done.append("written")
        with pytest.raises(Stopped), stop:
            await asyncio.sleep(30)
        done.append("stopped")

    task = asyncio.create_task(write())
    await asyncio.sleep(0.01)
    stop.request()
    await asyncio.wait_for(task, 1)

    assert done == ["written", "stopped"]


async def test_a_stop_before_the_beginning_lets_nothing_begin() -> None:
    stop, asked = Stop(), list[str]()
    stop.request()

    with pytest.raises(Stopped), stop:
        asked.append("the model")
    assert asked == []


async def test_a_cancellation_from_elsewhere_is_no_stop() -> None:
    stop = Stop()

    async def wait() -> None:
        with stop:
            await asyncio.sleep(30)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_stop_is_the_users_request_unless_the_server_goes_down() -> None:
    assert Stop().ending == "stopped"
