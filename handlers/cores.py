"""A core for each server process: its loop and the threads that read and write the files, side by side.

They hand the interpreter's lock to each other a hundred times a turn, and between two cores that costs as much as the
work itself. No two processes of Storekeeper on one machine keep to the same core, and one that others keep busy is given
up: the kernel may then put every thread wherever it likes, as those of any other program. On Linux only, and only where
there are two cores at least.
"""

import asyncio
import logging
import os
import re
import socket
import sys
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger("storekeeper.cores")

GIVEN = frozenset(os.sched_getaffinity(0)) if sys.platform == "linux" else frozenset[int]()
"""The cores that this process was started on."""
_LOOK_SECONDS = 5.0
_AGAIN_SECONDS = 60.0
_MOST_WAITED = 0.3
_LEAST_WAITED_SECONDS = 0.05
_SCHEDULE = Path("/proc/thread-self/schedstat")
_SIBLINGS = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"

_roaming = set[int]()


def roam() -> None:
    """Allow the calling thread all cores for good: it computes without the interpreter's lock."""
    _roaming.add(threading.get_native_id())
    _move(threading.get_native_id(), GIVEN)


@dataclass(frozen=True, slots=True)
class Spent:
    """What the loop's thread has had of its core, in seconds: run, and waited while others ran that are none of ours."""

    ran: float
    waited: float

    @classmethod
    def now(cls) -> "Spent":
        """Return the times of the calling thread. OSError where the kernel does not tell."""
        ran, waited = (int(number) / 1e9 for number in _SCHEDULE.read_text().split()[:2])
        return cls(ran, waited - (time.process_time() - ran))

    def is_crowded(self, before: "Spent") -> bool:
        """True if since then others have taken much of the time that the thread was ready to run in."""
        ran, waited = self.ran - before.ran, self.waited - before.waited
        return waited > _LEAST_WAITED_SECONDS and waited > _MOST_WAITED * (waited + ran)


class Core:
    """The core of this process. `number`: None while its threads run on all that it was given."""

    def __init__(self, mark: str = "storekeeper") -> None:
        self.number: int | None = None
        self._mark = mark
        self._held: socket.socket | None = None
        self._crowded: int | None = None

    def take(self) -> None:
        """Keep the calling thread, all that are there and those they start to a core, if there is a free one.

        Processes that have the same `mark` do not take the same: each holds a socket of the core's name, which the
        kernel takes back from whoever ends, however that comes.
        """
        if len(GIVEN) < 2 or not _SCHEDULE.exists():
            return
        for number in sorted(GIVEN, key=lambda core: (core == self._crowded, not _is_first(core), -core)):
            held = _bound(f"\0{self._mark} core {number}")
            if held is None:
                continue
            if not _move(threading.get_native_id(), {number}):
                held.close()
                return
            self.number, self._held = number, held
            _move_all({number})
            return

    def give_up(self) -> None:
        """Allow every thread all cores again."""
        if self._held is not None:
            self._held.close()
        self.number, self._held, self._crowded = None, None, self.number
        _move_all(GIVEN)

    async def keep(self, look_seconds: float = _LOOK_SECONDS, again_seconds: float = _AGAIN_SECONDS) -> None:
        """Return the core up when others keep it busy, and take one again a while later, for ever. Runs on the loop."""
        while True:
            if self.number is None:
                await asyncio.sleep(again_seconds)
                self.take()
                continue
            before = Spent.now()
            await asyncio.sleep(look_seconds)
            if Spent.now().is_crowded(before):
                log.info("core_given_up", extra={"core": self.number})
                self.give_up()


def _bound(name: str) -> socket.socket | None:
    """Return a socket of this name; None where somebody has one, or where a process may have none."""
    try:
        with ExitStack() as stack:
            one = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            one.bind(name)
            stack.pop_all()
            return one
    except OSError:
        return None


def _is_first(core: int) -> bool:
    """True if this is the first of the cores that are one by their hardware; where nobody knows, each is."""
    try:
        return int(re.split("[,-]", Path(_SIBLINGS.format(core)).read_text())[0]) == core
    except (OSError, ValueError):
        return True


def _move_all(cores: frozenset[int] | set[int]) -> None:
    for thread in threading.enumerate():
        if thread.native_id is not None and thread.native_id not in _roaming:
            _move(thread.native_id, cores)


def _move(thread: int, cores: frozenset[int] | set[int]) -> bool:
    """True if a thread could be kept to these cores: it may have ended, and a process may not be allowed to."""
    if sys.platform == "linux" and cores:
        with suppress(OSError):
            os.sched_setaffinity(thread, cores)
            return True
    return False
