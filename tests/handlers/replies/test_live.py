"""Tests of the replies that are being written: followed and stopped from anywhere, closed when their process dies."""

import asyncio
import gc
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import weakref
from contextvars import ContextVar

import pytest

from completions.stream import Thinking
from handlers.replies.live import FinishedReply, LiveReplies, LiveReply, follow
from handlers.replies.steps import Asked, RefusedTurn, Replied, ReplyNotSaved
from memory.conversations import history, spool, turns
from memory.conversations.records import Record
from memory.conversations.turns import ContinueReply, NewMessage, NotApplicable, Regenerate, ReplyId, ReplyInProgress
from memory.storage.folders import Folder
from memory.storage.users import Users
from settings import ROOT
from tests.conftest import Open, replies_of, settings_for
from tests.handlers.replies.test_turn import records
from tests.support.shop import NOON, Script, Scripted, settings_of
from tests.support.turns import accept
from tests.support.upstream import Upstream

QUESTION = NewMessage("Do you have blue mugs?", after=0)
SETTINGS = settings_of({"luna": None})
FIRST = ReplyId(2, NOON)


@pytest.fixture
def ana(users: Users) -> Folder:
    return users.folder("ana")


async def ask(replies: LiveReplies, folder: Folder, action: NewMessage = QUESTION) -> ReplyId:
    asked = await replies.start(folder, action)
    assert isinstance(asked, Asked), asked
    return asked.reply_id


async def live(replies: LiveReplies, folder: Folder, reply_id: ReplyId = FIRST) -> LiveReply:
    found = await replies.find(folder, reply_id)
    assert isinstance(found, LiveReply), found
    return found


async def until(reply: LiveReply, text: str) -> None:
    """Wait until the reply shows this text, at most two seconds."""
    async with asyncio.timeout(2):
        while reply.text != text:
            assert not reply.is_over, (reply.text, reply.end)
            await reply.changed(reply.version)


async def end_of(replies: LiveReplies, folder: Folder, reply_id: ReplyId = FIRST) -> Record:
    """Wait until the reply is over, and return its record."""
    async with asyncio.timeout(5):
        await replies.until_over(folder, reply_id)
    found = await replies.find(folder, reply_id)
    record = (
        found.record
        if isinstance(found, FinishedReply)
        else found.end.record
        if isinstance(found, LiveReply) and found.end
        else None
    )
    assert record is not None, found
    return record


async def until_thinking(reply: LiveReply) -> None:
    async with asyncio.timeout(5):
        while not reply.is_thinking:
            await reply.changed(reply.version)


async def nothing_left(replies: LiveReplies) -> None:
    async with asyncio.timeout(2):
        while replies._live or replies._tails or replies._tasks:
            await asyncio.sleep(0.01)


# One process


async def test_a_reply_is_live_while_written_then_in_the_conversation(open_shop: Open, ana: Folder) -> None:
    gate = asyncio.Event()
    replies = replies_of(open_shop(SETTINGS, Scripted(["Half", gate, " and whole"])))
    reply_id = await ask(replies, ana)
    reply = await live(replies, ana)
    await until(reply, "Half")
    assert reply_id == reply.id == await replies.answering(ana) == FIRST

    gate.set()
    assert (await end_of(replies, ana)).text == "Half and whole"
    assert reply.end == Replied(records(ana)[1])
    assert await replies.find(ana, FIRST) == FinishedReply(records(ana)[1])
    assert await replies.answering(ana) is None
    await nothing_left(replies)


async def test_a_reply_is_known_to_think_until_its_next_words(open_shop: Open, ana: Folder) -> None:
    first, second = asyncio.Event(), asyncio.Event()
    script: Script = [Thinking("Hm."), first, "Half", Thinking("Ah."), second, " and whole"]
    replies = replies_of(open_shop(SETTINGS, Scripted(script)))
    await ask(replies, ana)
    reply = await live(replies, ana)
    await until_thinking(reply)
    first.set()
    await until(reply, "Half")
    await until_thinking(reply)
    second.set()

    assert (await end_of(replies, ana)).text == "Half and whole"
    assert reply.restarts == 0
    await nothing_left(replies)


async def test_a_reply_needs_nobody_who_follows_it(open_shop: Open, ana: Folder) -> None:
    replies = replies_of(open_shop(SETTINGS, Scripted()))
    await ask(replies, ana)
    await nothing_left(replies)

    assert [record.text for record in records(ana)] == [QUESTION.content, "Hello world"]


async def test_what_is_refused_is_said_and_leaves_nothing(open_shop: Open, ana: Folder, users: Users) -> None:
    gate = asyncio.Event()
    replies = replies_of(open_shop(SETTINGS, Scripted(["Half", gate])))
    with pytest.raises(NotApplicable):
        await replies.start(ana, ContinueReply())
    await ask(replies, ana)
    refused = await replies.start(ana, NewMessage("More?"))
    assert isinstance(refused, RefusedTurn)
    assert isinstance(refused.reason, ReplyInProgress)

    shutil.rmtree(users.folder("bob").path)
    with pytest.raises(FileNotFoundError):
        await replies.start(users.folder("bob"), NewMessage("Hi"))
    gate.set()
    await nothing_left(replies)


async def test_there_is_no_reply_of_another_name(open_shop: Open, ana: Folder, users: Users) -> None:
    gate = asyncio.Event()
    replies = replies_of(open_shop(SETTINGS, Scripted(["Half", gate])))
    await ask(replies, ana)
    began = NOON.replace(year=2025)

    assert await replies.find(ana, ReplyId(1, NOON)) is None  # the question
    assert await replies.find(ana, ReplyId(9, began)) is None
    assert await replies.find(ana, ReplyId(2, began)) is None
    assert await replies.find(users.folder("bob"), FIRST) is None
    gate.set()
    await end_of(replies, ana)
    assert await replies.find(users.folder("bob"), FIRST) is None


async def test_stopping_what_is_not_written_changes_nothing(open_shop: Open, ana: Folder, users: Users) -> None:
    replies = replies_of(open_shop(SETTINGS, Scripted()))
    await ask(replies, ana)
    await end_of(replies, ana)
    await nothing_left(replies)
    await replies.compactor.settled(ana)
    for folder in (ana, users.folder("bob")):
        before = sorted(os.listdir(folder.path))
        for reply_id in (FIRST, ReplyId(9, NOON)):
            await replies.stop(folder, reply_id)

        assert sorted(os.listdir(folder.path)) == before
    assert records(ana)[1].ending == "stop"


async def test_one_users_stop_is_not_anothers(open_shop: Open, ana: Folder, users: Users) -> None:
    gate = asyncio.Event()
    replies = replies_of(open_shop(SETTINGS, Scripted(["Half", gate])))
    await ask(replies, ana)
    await ask(replies, users.folder("bob"))
    await replies.stop(users.folder("bob"), FIRST)

    assert (await end_of(replies, users.folder("bob"))).ending == "stopped"
    assert not (await live(replies, ana)).is_over
    gate.set()
    assert (await end_of(replies, ana)).ending == "stop"


async def test_a_deleted_users_reply_ends_and_nobody_comes_back(open_shop: Open, ana: Folder, users: Users) -> None:
    gate = asyncio.Event()
    app, other = open_shop(SETTINGS, Scripted(["Half", gate])), open_shop(SETTINGS, Scripted())
    replies, elsewhere = replies_of(app), replies_of(other)
    await ask(replies, ana)
    reply = await live(replies, ana)
    await until(reply, "Half")
    tail = await live(elsewhere, ana)
    shutil.rmtree(ana.path)
    gate.set()
    for one in (replies, elsewhere):
        await nothing_left(one)

    assert isinstance(reply.end, ReplyNotSaved)
    assert tail.is_over
    assert tail.end is None
    assert users.names() == ["bob"]


# Following


async def test_a_follower_is_told_of_every_change_and_of_the_end() -> None:
    reply, seen = LiveReply(FIRST), list[str]()

    async def read() -> None:
        async for version in follow(reply, ping_seconds=10):
            assert version == reply.version
            seen.append(reply.text)

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)
    for text in ("a", "ab", "abc"):
        reply.show(text)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    reply.finish(None)
    await asyncio.wait_for(reading, 1)

    assert seen == ["", "a", "ab", "abc", "abc"]


async def test_a_slow_follower_goes_on_at_the_newest() -> None:
    reply = LiveReply(FIRST)
    following = follow(reply, ping_seconds=10)
    await anext(following)
    for text in ("a", "ab", "abc"):
        reply.show(text)

    assert await anext(following) == 3
    reply.finish(None)
    with pytest.raises(StopAsyncIteration):
        await anext(following)


async def test_a_follower_of_what_is_over_is_told_once() -> None:
    reply = LiveReply(FIRST)
    reply.finish(None)

    assert [version async for version in follow(reply, ping_seconds=10)] == [1]


async def test_a_follower_is_pinged_while_nothing_comes() -> None:
    reply = LiveReply(FIRST)
    following = follow(reply, ping_seconds=0.02)

    assert [await anext(following) for _ in range(4)] == [0, None, None, None]
    reply.show("a")
    assert await anext(following) == 1


# Several processes: an application each, over one users directory


async def test_a_reply_is_followed_from_another_process(open_shop: Open, ana: Folder) -> None:
    gates = [asyncio.Event() for _ in range(3)]
    here = replies_of(
        open_shop(SETTINGS, Scripted(["One", gates[0], " two", gates[1], "\n\nthree", gates[2], " four"]))
    )
    there = replies_of(open_shop(SETTINGS, Scripted()))
    await ask(here, ana)
    assert await there.answering(ana) == FIRST
    tail = await live(there, ana)
    for text, gate in zip(("One", "One two", "One two\n\nthree"), gates, strict=True):
        await until(tail, text)
        gate.set()

    assert (await end_of(there, ana)).text == "One two\n\nthree four"
    assert tail.end == Replied(records(ana)[1])
    assert await there.answering(ana) is None
    await nothing_left(there)


async def test_all_who_follow_from_another_process_share_one_tail(open_shop: Open, ana: Folder) -> None:
    gate = asyncio.Event()
    here, there = replies_of(open_shop(SETTINGS, Scripted(["One", gate]))), replies_of(open_shop(SETTINGS, Scripted()))
    await ask(here, ana)
    found = await asyncio.gather(*(there.find(ana, FIRST) for _ in range(5)))

    assert len({id(one) for one in found}) == 1
    gate.set()
    await end_of(there, ana)


async def test_a_tail_never_shows_less_than_before(open_shop: Open, upstream: Upstream, ana: Folder) -> None:
    here, there = (
        replies_of(open_shop(settings_for(upstream, "say-200-120"))),
        replies_of(open_shop(SETTINGS, Scripted())),
    )
    await ask(here, ana)
    found, shown = await there.find(ana, FIRST), list[str]()
    assert isinstance(found, LiveReply)
    async for _ in follow(found, ping_seconds=5):
        shown.append(found.text)

    whole = " ".join(f"word{n}" for n in range(1, 121))
    assert (await end_of(there, ana)).text == whole
    assert shown == sorted(shown, key=len)
    assert all(whole.startswith(text) for text in shown)
    assert len(shown) > 3


async def test_a_stop_from_another_process_stops_the_reply(open_shop: Open, upstream: Upstream, ana: Folder) -> None:
    here, there = replies_of(open_shop(settings_for(upstream, "hang_mid"))), replies_of(open_shop(SETTINGS, Scripted()))
    await ask(here, ana)
    await until(await live(there, ana), "Hello world")
    stopped = time.monotonic()
    await there.stop(ana, FIRST)
    record = await end_of(there, ana)

    assert (record.text, record.ending) == ("Hello world", "stopped")
    assert time.monotonic() - stopped < 5
    entry = await upstream.over("hang_mid")
    assert entry["closed_by_client"]
    assert entry["ended"] is not None
    assert entry["ended"] - stopped < 0.45  # 300 ms, and the time until the mark is looked for
    assert not (ana.path / ".stop").exists()


async def test_a_stop_from_the_same_process_needs_no_mark(open_shop: Open, upstream: Upstream, ana: Folder) -> None:
    replies = replies_of(open_shop(settings_for(upstream, "hang_mid")))
    await ask(replies, ana)
    await until(await live(replies, ana), "Hello world")
    stopped = time.monotonic()
    await replies.stop(ana, FIRST)
    await replies.stop(ana, FIRST)

    assert (await end_of(replies, ana)).ending == "stopped"
    entry = await upstream.over("hang_mid")
    assert entry["ended"] is not None
    assert entry["ended"] - stopped < 0.3


async def test_a_stop_in_the_first_moment_stops_too(open_shop: Open, upstream: Upstream, ana: Folder) -> None:
    replies = replies_of(open_shop(settings_for(upstream, "hang_first")))
    await replies.stop(ana, await ask(replies, ana))

    assert (await end_of(replies, ana)).ending == "stopped"


async def test_a_reply_being_saved_is_not_announced_as_the_next(open_shop: Open, ana: Folder) -> None:
    """Its record is there and its spool not yet gone: who asks then must wait, not name a reply that never comes."""
    replies = replies_of(open_shop(SETTINGS, Scripted()))
    history.append(ana, lambda n: Record(n, NOON, "user", "a"))
    turn_lock, states = ana.try_lock(".turn"), list[str]()
    holding = threading.Event()

    def keep() -> None:
        with ana.lock():
            (ana.path / "reply.txt").write_bytes(b"[2] 2026-11-23T12:00:00Z assistant\n    b")
            history.append(ana, lambda n: Record(n, NOON, "assistant", "b", "luna", "stop"))
            holding.set()
            time.sleep(0.15)
            spool.discard(ana)
            states.append("kept")

    keeping = threading.Thread(target=keep)
    keeping.start()
    holding.wait(2)
    answering = await replies.answering(ana)
    keeping.join()

    assert (answering, states) == (None, ["kept"])
    assert turn_lock is not None
    turn_lock.release()


# A process that is killed

CHILD = """
import asyncio, sys
from pathlib import Path
from memory.conversations.turns import NewMessage
from server import create_app
from settings import ROOT, Environment
from tests.support.shop import Clock, Scripted, settings_of

async def main():
    place = Environment(users=Path(sys.argv[1]), prompts=ROOT / "prompts", host="", port=1, secret_key="k" * 40, environ={})
    words = eval(sys.argv[2])
    app = create_app(settings_of({"luna": None}), place, completer=Scripted([*words, asyncio.Event()]), now=Clock())
    replies = app.extensions["storekeeper.web"].replies
    folder = app.extensions["storekeeper"].users.folder("ana")
    asked = await replies.start(folder, NewMessage("Do you have blue mugs?", after=0))
    reply = await replies.find(folder, asked.reply_id)
    while reply.text != "".join(words).rstrip():
        await reply.changed(reply.version)
    print("ready", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def killed(request: pytest.FixtureRequest, ana: Folder) -> list[str]:
    """What a process leaves that was killed in mid-reply, after these words."""
    words: list[str] = request.param
    arguments = [sys.executable, "-c", CHILD, str(ana.path.parent), repr(words)]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        os.kill(child.pid, signal.SIGKILL)
    return words


@pytest.mark.parametrize("killed", [["Half ", "of\n\n- it", "\n"], []], indirect=True, ids=["words", "none yet"])
async def test_the_next_page_closes_the_reply_of_a_killed_process(
    killed: list[str], open_shop: Open, ana: Folder
) -> None:
    assert (ana.path / "reply.txt").exists()
    replies = [replies_of(open_shop(SETTINGS, Scripted())) for _ in range(3)]
    answering = await asyncio.gather(*(one.answering(ana) for one in replies))

    assert set(answering) <= {None, FIRST}  # who looks while another closes it may still be told its name
    kept = records(ana)
    assert [(record.text, record.ending) for record in kept] == [
        (QUESTION.content, None),
        ("".join(killed).rstrip("\n"), "interrupted"),
    ]
    assert not (ana.path / "reply.txt").exists()
    assert await replies[0].find(ana, FIRST) == FinishedReply(kept[1])
    assert isinstance(await replies[0].start(ana, Regenerate()), Asked)


@pytest.mark.parametrize("killed", [["Half of"]], indirect=True, ids=["words"])
async def test_followers_of_a_killed_process_see_an_interrupted_reply(
    killed: list[str], open_shop: Open, ana: Folder
) -> None:
    found = await replies_of(open_shop(SETTINGS, Scripted())).find(ana, FIRST)

    assert found == FinishedReply(Record(2, NOON, "assistant", "Half of", "luna", "interrupted"))
    assert records(ana)[1:] == [found.record]


async def test_a_tail_ends_when_its_writer_dies(open_shop: Open, ana: Folder) -> None:
    taken = accept(ana, QUESTION, NOON, 0)
    assert isinstance(taken, turns.Accepted)
    taken.spool.head(Record(2, NOON, "assistant", "", "luna"))
    taken.spool.add("Half of")
    taken.spool.flush()
    replies = replies_of(open_shop(SETTINGS, Scripted()))
    tail = await live(replies, ana)
    await until(tail, "Half of")
    taken.spool.close()
    taken.lock.release()  # as the kernel does for a killed process

    assert (await end_of(replies, ana)).ending == "interrupted"
    assert isinstance(tail.end, Replied)
    assert len(records(ana)) == 2


async def test_a_spool_that_stands_still_is_shown_once(open_shop: Open, ana: Folder) -> None:
    taken = accept(ana, NewMessage("How much is RED-012?", after=0), NOON, 0)
    assert isinstance(taken, turns.Accepted)
    taken.spool.head(Record(2, NOON, "assistant", "", "luna"))
    taken.spool.add("The Rede Casal (RED-012) costs R$ 279.00. We")
    taken.spool.flush()
    replies = replies_of(open_shop(settings_of({"luna": None}, currency="BRL"), Scripted()))
    tail = await live(replies, ana)
    async with asyncio.timeout(30):
        while not tail.claims:
            await tail.changed(tail.version)
    seen = tail.version
    await asyncio.sleep(0.5)
    shown_again = tail.version - seen
    taken.spool.close()
    taken.lock.release()
    await end_of(replies, ana)

    assert shown_again == 0


# Going down


async def test_shutdown_ends_all_replies_as_interrupted_and_keeps_them(open_shop: Open, users: Users) -> None:
    gate = asyncio.Event()
    replies = replies_of(open_shop(SETTINGS, Scripted(["Half of", gate])))
    people = [users.folder("ana"), users.folder("bob")]
    for folder in people:
        await ask(replies, folder)
        await until(await live(replies, folder), "Half of")
    started = time.monotonic()
    await replies.close(0)

    assert time.monotonic() - started < 5
    for folder in people:
        assert [(record.text, record.ending) for record in records(folder)[1:]] == [("Half of", "interrupted")]
        assert not (folder.path / "reply.txt").exists()
    await nothing_left(replies)


async def test_shutdown_does_not_wait_for_a_reply_being_requested(open_shop: Open, ana: Folder) -> None:
    gate = asyncio.Event()
    replies = replies_of(open_shop(SETTINGS, Scripted(["Half of", gate])))
    asking = asyncio.create_task(replies.start(ana, QUESTION))
    await asyncio.sleep(0)
    started = time.monotonic()
    await replies.close(0)

    assert isinstance(await asking, Asked)
    assert time.monotonic() - started < 5
    assert records(ana)[1].ending == "interrupted"


async def test_going_down_leaves_the_replies_of_other_processes_alone(open_shop: Open, ana: Folder) -> None:
    gate = asyncio.Event()
    here, there = (
        replies_of(open_shop(SETTINGS, Scripted(["Half", gate, " and whole"]))),
        replies_of(open_shop(SETTINGS, Scripted())),
    )
    await ask(here, ana)
    tail = await live(there, ana)
    await until(tail, "Half")
    waiting = asyncio.create_task(there.until_over(ana, FIRST))
    await asyncio.sleep(0)
    await there.close(0)

    assert not tail.is_over  # so who follows it is sent to another process, and is not told that it ended
    await asyncio.wait_for(waiting, 1)
    gate.set()
    assert (await end_of(here, ana)).text == "Half and whole"


async def test_going_down_lets_a_reply_end_within_the_grace_time(open_shop: Open, ana: Folder) -> None:
    gate = asyncio.Event()
    replies = replies_of(open_shop(SETTINGS, Scripted(["Half", gate, " and whole"])))
    await ask(replies, ana)
    reply = await live(replies, ana)
    await until(reply, "Half")
    seen = reply.version
    closing = asyncio.create_task(replies.close(5))
    await asyncio.wait_for(reply.changed(seen), 1)  # who follows it is woken at once, and sent elsewhere
    assert replies.is_closing
    assert not reply.is_over
    gate.set()
    await asyncio.wait_for(closing, 1)

    assert [(record.text, record.ending) for record in records(ana)[1:]] == [("Half and whole", "stop")]


async def test_going_down_ends_a_reply_when_the_grace_time_is_over(open_shop: Open, ana: Folder) -> None:
    replies = replies_of(open_shop(SETTINGS, Scripted(["Half", asyncio.Event()])))
    await ask(replies, ana)
    await until(await live(replies, ana), "Half")
    started = time.monotonic()
    await replies.close(0.3)

    assert 0.3 <= time.monotonic() - started < 5
    assert [(record.text, record.ending) for record in records(ana)[1:]] == [("Half", "interrupted")]


async def test_going_down_twice_is_going_down_once(open_shop: Open, ana: Folder) -> None:
    replies = replies_of(open_shop(SETTINGS, Scripted()))
    await ask(replies, ana)
    await asyncio.gather(replies.close(0), replies.close(0))
    await replies.close(0)

    assert len(records(ana)) == 2


async def test_nothing_of_a_reply_stays_behind(open_shop: Open, ana: Folder) -> None:
    replies = replies_of(open_shop(SETTINGS, Scripted()))
    before = len(os.listdir("/proc/self/fd"))
    for n in range(10):
        reply_id = await ask(replies, ana, NewMessage(f"{n}"))
        await end_of(replies, ana, reply_id)
    await nothing_left(replies)

    assert len(os.listdir("/proc/self/fd")) <= before + 2
    assert len(records(ana)) == 20


async def test_a_request_is_not_retained_while_its_reply_is_written(open_shop: Open, ana: Folder) -> None:
    """It was a fifth of what a stream held, and more, until the last word."""

    class Asking:
        """What a framework keeps of a request."""

    asking: ContextVar[Asking] = ContextVar("asking")
    gate = asyncio.Event()
    replies = replies_of(open_shop(SETTINGS, Scripted(["Half", gate, " and whole"])))

    async def answer() -> "weakref.ref[Asking]":
        asking.set(Asking())
        await ask(replies, ana)
        return weakref.ref(asking.get())

    request = await asyncio.create_task(answer())
    await until(await live(replies, ana), "Half")
    gc.collect()
    assert request() is None

    gate.set()
    await end_of(replies, ana)
    await nothing_left(replies)
