"""Pacing of the replies that are read and shown: many small pieces become one write and one frame.

All replies of the process share one pace: at each tick they read what their models wrote meanwhile, which gathered in the
sockets' buffers, keep it in one visit to the disk, and show it. A lone reader gets a frame about every 25 ms; the more
replies are being written, the longer until one's next turn, so that cost a token falls as load rises. Of many replies
each tick is the turn of some, so that a newcomer never waits for the work of all. A reply's first and second words wait
for no tick.
"""

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from math import ceil
from typing import Literal

from handlers.replies.notifier import Notifier
from memory.conversations.spool import Spool
from memory.storage.folders import StorageError

SHORTEST_SECONDS = 0.025
LONGEST_SECONDS = 0.25
_SECONDS_PER_REPLY = 0.003
_MOST_AT_ONCE = 25
_MARKS_SECONDS = 0.1

log = logging.getLogger("storekeeper.pacing")


def pace(shortest_seconds: float, replies: int) -> float:
    """Return the time between two looks at so many replies: the more there are, the longer, up to LONGEST_SECONDS."""
    return min(LONGEST_SECONDS, shortest_seconds + _SECONDS_PER_REPLY * (replies - 1))


class Stop:
    """Cancels a reply, but only while it awaits the model.

    The reply ends as `stopped` (by its user) or as `interrupted` (the server is going down).
    """

    def __init__(self) -> None:
        self.ending: Literal["stopped", "interrupted"] = "stopped"
        self.is_requested = False
        self._waiting: asyncio.Task[object] | None = None
        self._struck = False

    def request(self) -> None:
        self.is_requested = True
        if self._waiting is not None and not self._struck:
            self._struck = True
            self._waiting.cancel()

    def __enter__(self) -> None:
        if self.is_requested:
            raise Stopped
        self._waiting = asyncio.current_task()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        task, self._waiting = self._waiting, None
        if kind is asyncio.CancelledError and self._struck and task is not None and task.uncancel() == 0:
            raise Stopped from error


class Stopped(Exception):
    """The reply was asked to stop."""


@dataclass(slots=True, eq=False)
class Writing:
    """A reply being written: its spool, how to see the mark of another process, and how to stop it."""

    spool: Spool
    stop: Stop
    is_marked: Callable[[], bool]
    wrote: asyncio.Future[None] | None = None


class Pacer:
    """Paces the replies of this process and writes their spools, those that have words at the same time together."""

    def __init__(self) -> None:
        self._live: set[Writing] = set()
        self._waiting = Notifier()
        self._due = list[Writing]()
        self._writer: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def groups(self) -> int:
        """How many ticks it takes until each reply had its turn."""
        return max(1, ceil(len(self._live) / _MOST_AT_ONCE))

    @property
    def seconds(self) -> float:
        """The time between two ticks, by how many replies are being written."""
        return pace(SHORTEST_SECONDS, len(self._live)) / self.groups

    def join(self, writing: Writing) -> None:
        self._live.add(writing)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="pacer", context=Context())

    def leave(self, writing: Writing) -> None:
        self._live.discard(writing)

    async def tick(self) -> None:
        """Wait for this reply's turn. The ticks go on while any reply has joined."""
        await self._waiting.wait()

    async def flush(self, writing: Writing) -> None:
        """Wait until what the spool holds is written. StorageError when the disk does not take it.

        There is one visit to the disk at a time; what becomes due meanwhile is written by the next one, all together.
        """
        writing.wrote = asyncio.get_running_loop().create_future()
        self._due.append(writing)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="spools", context=Context())
        await writing.wrote

    async def _write(self) -> None:
        try:
            while self._due:
                due, self._due = self._due, []
                errors = await asyncio.get_running_loop().run_in_executor(None, _flush, due)
                for writing, error in zip(due, errors, strict=True):
                    _settle(writing, error)
        finally:
            self._writer = None

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        marks_due = loop.time() + _MARKS_SECONDS
        while self._live:
            await asyncio.sleep(self.seconds)
            self._waiting.wake(ceil(len(self._live) / self.groups))
            if loop.time() >= marks_due:
                for writing in await loop.run_in_executor(None, _marked, list(self._live)):
                    writing.stop.request()
                marks_due = loop.time() + _MARKS_SECONDS


def _flush(due: list[Writing]) -> list[StorageError | None]:
    errors = list[StorageError | None]()
    for writing in due:
        try:
            writing.spool.flush()
            errors.append(None)
        except StorageError as error:
            errors.append(error)
    return errors


def _marked(looked_for: list[Writing]) -> list[Writing]:
    return [writing for writing in looked_for if _is_marked(writing)]


def _is_marked(writing: Writing) -> bool:
    """Look for the mark of another process. One that cannot be looked for must not hold up the other replies."""
    try:
        return writing.is_marked()
    except OSError as error:
        log.error("mark_not_read", extra={"person": writing.spool.folder.name, "error": str(error)})
        return False


def _settle(writing: Writing, error: StorageError | None) -> None:
    future = writing.wrote
    if future is None or future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
