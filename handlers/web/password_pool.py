"""Where passwords are hashed: two at a time, in threads of their own, with a queue that has an end.

A hash takes 19 MiB and 25 ms of a core. Two at a time leave the rest of the server alone, and
a rush of logins waits neither in the memory nor in the threads that the disk is read by.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from memory.i18n import N_, UserError

T = TypeVar("T")

AT_ONCE = 2
MOST_WAITING = 64


class PoolBusy(UserError):
    """So many wait for their hash that one more is sent away."""

    def __init__(self) -> None:
        super().__init__(N_("Too many people are logging in right now. Please try again in a moment."))


class PasswordPool:
    """The threads of one process for what hashes a password. What was begun ends, even when nobody waits for it."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hash")
        self._counting = threading.Lock()
        self._inside = 0

    async def run(self, function: Callable[..., T], *arguments: Any, **keywords: Any) -> T:
        """Run what hashes, as soon as there is a place. PoolBusy when too many wait already."""
        with self._counting:
            if self._inside >= AT_ONCE + MOST_WAITING:
                raise PoolBusy
            self._inside += 1
        future = self._threads.submit(partial(function, *arguments, **keywords))
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def _leave(self, future: Future[Any]) -> None:
        with self._counting:
            self._inside -= 1
