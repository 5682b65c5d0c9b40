"""Tests of admission: how many messages are taken in at once, in which order, and what holds a place."""

import asyncio
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from handlers.replies.admission import WIDTH, Admission
from handlers.replies.steps import Asked
from memory.conversations import history
from memory.conversations.turns import NewMessage
from memory.storage.folders import Folder
from memory.storage.users import Users
from tests.conftest import Open, enter, replies_of, settings_for
from tests.faults.live import House, values_for
from tests.handlers.replies.test_turn import records
from tests.support.shop import Scripted, settings_of
from tests.support.upstream import Upstream


class Queue:
    """People who ask for a place; each keeps it until it is told to go."""

    def __init__(self) -> None:
        self.admission = Admission()
        self.inside = list[str]()
        self.came = list[str]()
        self.gates = dict[str, asyncio.Event]()
        self.tasks = dict[str, asyncio.Task[None]]()

    async def come(self, *whose: str) -> None:
        """Start messages of people one after the other: `bob2` is a second message of bob's."""
        for name in whose:
            self.gates[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._hold(name))
            await self.settle()

    async def _hold(self, name: str) -> None:
        async with self.admission.place(name.rstrip("0123456789")):
            self.inside.append(name)
            self.came.append(name)
            try:
                await self.gates[name].wait()
            finally:
                self.inside.remove(name)

    async def go(self, name: str) -> None:
        self.gates[name].set()
        await self.settle()

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
async def queue() -> Queue:
    return Queue()


async def test_two_messages_are_taken_in_at_once(queue: Queue) -> None:
    await queue.come("ana", "bob", "cid")

    assert WIDTH == 2
    assert queue.inside == ["ana", "bob"]


async def test_the_first_come_are_served_first(queue: Queue) -> None:
    await queue.come("ana", "bob", "cid", "dan", "eva")
    for name in ("bob", "ana", "cid", "dan", "eva"):
        await queue.go(name)

    assert queue.came == ["ana", "bob", "cid", "dan", "eva"]


async def test_a_user_has_one_place_and_others_pass(queue: Queue) -> None:
    await queue.come("ana1", "ana2", "ana3", "bob", "cid")
    before = list(queue.inside)
    await queue.go("bob")

    assert before == ["ana1", "bob"]
    assert queue.inside == ["ana1", "cid"]


async def test_a_place_is_given_back_exactly_once(queue: Queue) -> None:
    for n in range(10):
        await queue.come(f"ana{n}")
        await queue.go(f"ana{n}")
    await queue.come("ana", "bob", "cid", "dan")

    assert queue.inside == ["ana", "bob"]


async def test_a_place_is_given_back_by_what_fails_and_what_ends(queue: Queue) -> None:
    await queue.come("ana", "bob", "cid", "dan", "ana2")
    queue.tasks["ana"].cancel()  # inside
    queue.tasks["cid"].cancel()  # in the queue
    await queue.settle()
    await queue.go("bob")
    await queue.go("dan")
    with pytest.raises(ZeroDivisionError):
        async with queue.admission.place("eva"):
            raise ZeroDivisionError
    await queue.come("fay", "gil")

    assert queue.inside == ["ana2", "fay"]


async def test_nothing_is_kept_of_people_who_have_left(queue: Queue) -> None:
    await queue.come("ana", "bob", "cid")
    for name in ("ana", "bob", "cid"):
        await queue.go(name)

    assert not queue.admission._own


# In the shop


@pytest.fixture
def ana(users: Users) -> Folder:
    return users.folder("ana")


async def test_a_browser_that_leaves_keeps_question_and_reply(open_shop: Open, ana: Folder) -> None:
    app = open_shop(settings_of({"luna": None}), Scripted(["Hello world"]))
    browser, form = enter(app, "ana"), [("Content-Type", "application/x-www-form-urlencoded")]
    with ana.lock():  # the question cannot be kept meanwhile
        exchange = browser.exchange("POST", "/messages", [b"content=Hello%3F&after=0"], form)
        async with asyncio.timeout(5):
            while (lock := ana.try_lock(".turn")) is not None:
                lock.release()
                await asyncio.sleep(0.01)
        exchange.leave()
        await asyncio.wait({exchange.task})
        assert history.last_number(ana) == 0
    async with asyncio.timeout(5):
        while replies_of(app)._tasks:
            await asyncio.sleep(0.01)

    assert [(one.role, one.text, one.ending) for one in records(ana)] == [
        ("user", "Hello?", None),
        ("assistant", "Hello world", "stop"),
    ]


@pytest.mark.parametrize("what", ["refused", "failed", "left"])
async def test_every_message_gives_its_place_back(
    open_shop: Open, upstream: Upstream, users: Users, ana: Folder, what: str
) -> None:
    app = open_shop(settings_for(upstream, "ok", limits={"messages_per_minute": 1, "signups_per_hour": 0}))
    browser = enter(app, "ana")
    if what == "failed":
        (ana.path / ".turn").mkdir()
    for n in range(5):
        if what == "left":
            exchange = browser.exchange(
                "POST", "/messages", [b"content=Hi"], [("Content-Type", "application/x-www-form-urlencoded")]
            )
            await asyncio.sleep(0.001 * n)
            exchange.leave()
            await asyncio.wait({exchange.task})
        else:
            await browser.send("/messages", {"content": f"Hello {n}"})
    async with asyncio.timeout(5):
        answered = await enter(app, "bob").send("/messages", {"content": "Hello?"})

    assert answered.status == 200


async def test_a_place_is_given_back_when_the_question_is_kept(
    open_shop: Open, upstream: Upstream, users: Users
) -> None:
    app = open_shop(settings_for(upstream, "say-1000-20"))
    names = ["ana", "bob", "cid", "dan"]
    for name in names:
        users.folder(name).make()
    async with asyncio.timeout(10):  # each of the answers takes fifty seconds
        opened = [await replies_of(app).start(users.folder(name), NewMessage("Hi")) for name in names]
    await replies_of(app).close(0)

    assert [type(one) for one in opened] == [Asked] * len(names)


def test_slow_bodies_of_one_customer_delay_nobody_else(tmp_path: Path, upstream: Upstream) -> None:
    house = House(tmp_path, values_for(upstream))
    try:
        server = house.server()
        slow, bob = house.browser("slow", server), house.browser("bob", server)
        assert bob.ask("ok before") == "Hello world"
        head = (
            f"POST /messages HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {slow.cookie}\r\n"
            "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: 100\r\n\r\ncontent="
        )
        with ExitStack() as opened:
            for _ in range(12):
                one = opened.enter_context(socket.create_connection(("127.0.0.1", server.port)))
                one.sendall(head.encode())
            time.sleep(0.3)
            started = time.monotonic()
            answered, _ = bob.send("ok meanwhile")
            taken = time.monotonic() - started
    finally:
        house.close()

    assert answered.status == 200
    assert taken < 2  # such a body is waited for for ten seconds
