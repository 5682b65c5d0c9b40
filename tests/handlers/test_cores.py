"""A server process keeps to a core, no two to the same one, and gives up one that others keep busy.

Every process here is a real one: affinity is the kernel's, and so are the times that it tells.
"""

import asyncio
import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from handlers.cores import GIVEN, Core, Spent
from handlers.web.password_pool import PasswordPool
from server import create_app
from settings import ROOT
from tests.faults.live import House

MARK = f"storekeeper test {os.getpid()}"
_TAKER = "from handlers.cores import Core\ncore = Core({mark!r})\ncore.take()\nprint(core.number, flush=True)\ninput()"
_BUSY = "import os\nos.sched_setaffinity(0, {{{core}}})\nwhile True: pass"

pytestmark = pytest.mark.skipif(len(GIVEN) < 2, reason="one core, or no Linux: nothing is kept to")


@pytest.fixture
def core() -> Iterator[Core]:
    """Return a keeper of this process, whose threads run everywhere again afterwards."""
    one = Core(MARK)
    yield one
    one.give_up()


@pytest.fixture
def start() -> Iterator[Callable[[str], "subprocess.Popen[bytes]"]]:
    """Return what starts a Python process, which is killed afterwards."""
    started = list[subprocess.Popen[bytes]]()

    def begin(code: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-c", code]
        started.append(subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        return started[-1]

    yield begin
    for process in started:
        with process:
            process.kill()


def cores_of(thread: int) -> set[int]:
    """Return the cores that the kernel lets a thread run on."""
    return os.sched_getaffinity(thread)


def work(seconds: float = 0.01) -> None:
    """Keep this thread running."""
    last = time.perf_counter() + seconds
    while time.perf_counter() < last:
        pass


def said_by(process: "subprocess.Popen[bytes]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode().strip()


def test_threads_that_are_there_and_those_that_come_keep_to_the_core_that_was_taken(core: Core) -> None:
    begun, ended = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        ended.wait()

    before = threading.Thread(target=wait, daemon=True)
    before.start()
    begun.wait()
    core.take()
    assert core.number in GIVEN
    assert before.native_id is not None
    assert cores_of(0) == cores_of(before.native_id) == {core.number}
    with ThreadPoolExecutor(1) as later:
        assert later.submit(cores_of, 0).result() == {core.number}
    ended.set()
    before.join()


async def test_passwords_are_hashed_on_every_core_whatever_is_taken_or_given_up(core: Core) -> None:
    hashing = PasswordPool()
    core.take()
    assert await hashing.run(cores_of, 0) == GIVEN
    core.give_up()
    core.take()
    assert await hashing.run(cores_of, 0) == GIVEN


def test_a_core_that_is_given_up_lets_every_thread_run_everywhere(core: Core) -> None:
    core.take()
    with ThreadPoolExecutor(1) as pool:
        assert len(pool.submit(cores_of, 0).result()) == 1
        core.give_up()
        assert pool.submit(cores_of, 0).result() == cores_of(0) == GIVEN
    assert core.number is None


def test_no_two_processes_keep_to_the_same_core_and_one_that_was_killed_leaves_its_own(
    start: Callable[[str], "subprocess.Popen[bytes]"],
) -> None:
    others = [start(_TAKER.format(mark=MARK)) for _ in GIVEN]
    assert {said_by(one) for one in others} == {str(number) for number in GIVEN}
    late = Core(MARK)
    late.take()
    assert late.number is None
    assert cores_of(0) == GIVEN
    others[0].kill()
    others[0].wait()
    late.take()
    assert len(cores_of(0)) == 1
    late.give_up()


async def test_a_core_that_others_keep_busy_is_given_up_and_another_taken_later(
    core: Core, start: Callable[[str], "subprocess.Popen[bytes]"]
) -> None:
    core.take()
    taken = core.number
    start(_BUSY.format(core=taken))
    keeping = asyncio.create_task(core.keep(look_seconds=0.5, again_seconds=0.2))
    async with asyncio.timeout(30):
        while core.number == taken:
            work()
            await asyncio.sleep(0)
        assert cores_of(0) == GIVEN
        while len(cores_of(0)) > 1:
            await asyncio.sleep(0.01)
    assert cores_of(0) == {core.number} != {taken}
    keeping.cancel()


def test_what_the_own_threads_take_of_the_core_is_nobody_elses(core: Core) -> None:
    core.take()
    ended = threading.Event()

    def hash_much() -> None:
        while not ended.is_set():
            hashlib.sha256(b"x" * 10_000_000)  # without the interpreter's lock, on the same core

    def waited() -> float:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9

    own = threading.Thread(target=hash_much, daemon=True)
    own.start()
    before, waited_before = Spent.now(), waited()
    work(0.5)
    now, waited_in_all = Spent.now(), waited() - waited_before
    ended.set()
    own.join()
    assert waited_in_all > 0.05, "the threads never met, so this would tell nothing"
    assert now.waited - before.waited < waited_in_all - 0.05


def test_only_much_waiting_makes_a_core_crowded() -> None:
    idle = Spent(10.0, 1.0)
    assert not Spent(10.0, 1.04).is_crowded(idle)
    assert not Spent(11.0, 1.3).is_crowded(idle)
    assert Spent(11.0, 1.6).is_crowded(idle)
    assert Spent(10.0, 1.06).is_crowded(idle)


async def test_the_core_is_looked_after_as_long_as_the_server_serves(tmp_path: Path) -> None:
    class Watched(Core):
        seen = ""

        async def keep(self, *_: float) -> None:
            self.seen = "begun"
            try:
                await asyncio.sleep(60)
            finally:
                self.seen = "ended"

    house, core = House(tmp_path, {}), Watched(MARK)
    async with create_app(house.settings(), house.place(), core=core).test_app():
        await asyncio.sleep(0)
        assert core.seen == "begun"
    await asyncio.sleep(0)
    assert core.seen == "ended"


def test_servers_keep_to_cores_of_their_own_and_where_there_are_more_than_cores_the_others_run_everywhere(
    tmp_path: Path,
) -> None:
    house = House(tmp_path, {})
    try:
        servers = [house.server().process.pid for _ in range(len(GIVEN) + 1)]
        kept = [cores_of(pid) for pid in servers]  # all at once: one may give its core up while the next one starts
    finally:
        house.close()
    own = [next(iter(cores)) for cores in kept if len(cores) == 1]
    assert len(set(own)) == len(own)
    assert GIVEN in kept


def test_a_server_whose_settings_say_so_keeps_to_no_core(tmp_path: Path) -> None:
    house = House(tmp_path, {"own_core": False})
    try:
        assert cores_of(house.server().process.pid) == GIVEN
    finally:
        house.close()
