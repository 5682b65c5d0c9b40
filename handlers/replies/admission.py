"""Admission: how many messages are taken in at once. In a rush, first come, first served.

Without this limit, concurrent messages advance in lockstep, and the first reader waits nearly as long as the last.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

WIDTH = 2
"""Messages that are taken in at once: one at the disk, one at the processor."""


class Admission:
    """The places of one process. A place is for what a message does before its model is asked, and never waits for a browser."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(WIDTH)
        self._own = WeakValueDictionary[str, asyncio.Lock]()
        """By a user's name, while it is held or waited for."""

    @asynccontextmanager
    async def place(self, name: str) -> AsyncIterator[None]:
        """Hold a place for a `with` block. A user has one at a time: more of their messages wait outside the queue."""
        own = self._own.setdefault(name, asyncio.Lock())
        async with own, self._places:
            yield
