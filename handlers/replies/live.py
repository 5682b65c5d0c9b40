"""The replies that are being written, and following one from anywhere. Knows nothing of HTML.

A reply is a task of its own: no connection owns it. Whoever follows sees its text grow by versions; who was too slow
for some of them goes on at the newest. A reply that another process writes is followed by reading its spool.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing, closing
from dataclasses import dataclass
from typing import Any

from completions.deadline import Deadline
from handlers.logs import apart
from handlers.replies.admission import Admission
from handlers.replies.compaction import Compactor
from handlers.replies.notifier import Notifier
from handlers.replies.pacing import Stop, pace
from handlers.replies.stream_limit import Streams
from handlers.replies.turn import Asked, RefusedTurn, Replied, ReplyNotSaved, Thought, Wrote, run_turn
from handlers.services import Services, in_thread
from memory.conversations import history, spool, turns
from memory.conversations.records import Record
from memory.conversations.turns import Action, ReplyId
from memory.i18n import Translate
from memory.storage.folders import Folder, StorageError
from memory.storage.layout import REPLY

log = logging.getLogger("storekeeper.replies")

_TAIL_SECONDS = 0.06
_KEEP_SECONDS = 5.0
"""How long a process that goes down waits for the disk to take its interrupted replies."""


class LiveReply:
    """A reply while it is written and a little after. `version` counts its changes; `end` is there when it is kept.

    `restarts` counts how often its text did not go on from what it was.
    """

    def __init__(self, reply_id: ReplyId) -> None:
        self.id = reply_id
        self.text = ""
        self.version = self.restarts = 0
        self.is_thinking = False
        self.end: Replied | ReplyNotSaved | None = None
        self._waiters = Notifier()

    def show(self, text: str) -> None:
        if text != self.text:
            self.is_thinking = False
            self.restarts += not text.startswith(self.text)
        self.text = text
        self._change()

    def think(self) -> None:
        self.is_thinking = True
        self._change()

    def finish(self, end: Replied | ReplyNotSaved | None) -> None:
        """Return how it ended; None when it is gone with its person."""
        self.end = end
        self.is_over = True
        self._change()

    is_over = False

    def _change(self) -> None:
        self.version += 1
        self._waiters.wake()

    async def changed(self, seen: int) -> None:
        """Wait until there is a version newer than the one seen."""
        if self.version == seen:
            await self._waiters.wait()


@dataclass(frozen=True, slots=True)
class FinishedReply:
    """A reply that is in the conversation."""

    record: Record


class LiveReplies:
    """All replies that this process writes or follows."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.folds = Compactor(services)
        self._admission = Admission()
        self.streams = Streams()
        self._live: dict[tuple[str, str], LiveReply] = {}
        self._stops: dict[tuple[str, str], Stop] = {}
        self._tails: dict[tuple[str, str], LiveReply] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.is_closing = False
        self._is_grace_over = False
        self._closing: asyncio.Task[None] | None = None

    async def start(
        self, folder: Folder, wish: Action, model: str | None = None, say: Translate = str
    ) -> Asked | RefusedTurn:
        """Take a message in and let its reply be written, by the model of this name if the person chose one.

        `say` says a sentence in their language, for words of ours that become the reply.

        Raises what `turn` raises before Asked. A caller that is cancelled, because its browser went away, takes nothing
        back: the message has arrived whole, so it is kept and answered.
        """
        first: asyncio.Future[Asked | RefusedTurn] = asyncio.get_running_loop().create_future()
        self._begin(self._write(folder, wish, model, say, first), f"reply {folder.name}")
        return await asyncio.shield(first)

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        context = apart()
        task = asyncio.create_task(work, name=name, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard, context=context)

    async def _write(
        self,
        folder: Folder,
        wish: Action,
        model: str | None,
        say: Translate,
        first: asyncio.Future[Asked | RefusedTurn],
    ) -> None:
        stop = Stop()
        reply: LiveReply | None = None
        try:
            async with aclosing(run_turn(self._services, folder, wish, stop, model, say)) as steps:
                async with self._admission.place(folder.name):
                    opening = await anext(steps)
                if isinstance(opening, Asked):
                    reply = LiveReply(opening.reply_id)
                    reply.text = opening.draft
                    self._live[folder.name, str(reply.id)] = reply
                    self._services.meter.reply_began()
                    self._stops[folder.name, str(reply.id)] = stop
                    if self._is_grace_over:  # it was admitted while the process was going down
                        _interrupt(stop)
                if isinstance(opening, Asked | RefusedTurn):
                    first.set_result(opening)
                async for step in steps:
                    match step:
                        case Wrote(text) if reply:
                            reply.show(text)
                        case Thought() if reply:
                            reply.think()
                        case Replied() | ReplyNotSaved() if reply:
                            reply.finish(step)
        except Exception as error:
            if first.done():
                log.exception("reply_lost")
            else:
                first.set_exception(error)
        finally:
            if reply is not None:
                if not reply.is_over:
                    reply.finish(None)
                if not self.is_closing:
                    self.folds.after_turn(folder)
                self._live.pop((folder.name, str(reply.id)), None)
                self._services.meter.reply_ended()
                self._stops.pop((folder.name, str(reply.id)), None)
            if not first.done():
                first.cancel()

    async def stop(self, folder: Folder, reply_id: ReplyId) -> None:
        """End a reply, whichever process writes it. One that is over, or not there, stays as it is."""
        stop = self._stops.get((folder.name, str(reply_id)))
        if stop is not None:
            stop.request()
        else:
            await in_thread(turns.ask_to_stop, folder, reply_id)

    async def find(self, folder: Folder, reply_id: ReplyId) -> LiveReply | FinishedReply | None:
        """Return the reply, live or in the conversation; None when there is none of this name (any more)."""
        key = (folder.name, str(reply_id))
        if live := self._live.get(key) or self._tails.get(key):
            return live
        found = await in_thread(_look, folder, reply_id, self._services)
        if isinstance(found, spool.Spooled):
            return self._live.get(key) or self._tail(folder, reply_id, found)
        return found

    async def answering(self, folder: Folder) -> ReplyId | None:
        """Return the name of the reply that is being written for this person, in whichever process."""
        return await in_thread(_answering, folder, self._services)

    def _tail(self, folder: Folder, reply_id: ReplyId, found: spool.Spooled) -> LiveReply:
        key = (folder.name, str(reply_id))
        if key in self._tails:
            return self._tails[key]
        reply = self._tails[key] = LiveReply(reply_id)
        reply.text = found.text
        self._begin(self._read_tail(folder, reply), f"tail {folder.name}")
        return reply

    async def _read_tail(self, folder: Folder, reply: LiveReply) -> None:
        """Follow a spool that another process writes, until the reply is in the conversation or its writer is dead."""
        end = None
        try:
            while not self.is_closing:
                found = await in_thread(_look, folder, reply.id, self._services)
                if isinstance(found, FinishedReply):
                    end = Replied(found.record)
                if not isinstance(found, spool.Spooled):
                    break
                if found.text and found.text != reply.text:
                    reply.show(found.text)
                await asyncio.sleep(pace(_TAIL_SECONDS, len(self._tails)))  # each look is a visit to the disk
        finally:
            self._tails.pop((folder.name, str(reply.id)), None)
            if self.is_closing and end is None:
                reply.show(reply.text)  # it goes on elsewhere: who follows it here is woken, and sent there
            else:
                reply.finish(end)

    async def close(self, grace_seconds: float) -> None:
        """Return the replies the grace time to end by themselves, then end them as interrupted; wait until all are kept.

        Nothing new is taken in from now on, and whoever follows a reply is sent elsewhere at once: the next process
        shows it by its spool. Whoever calls again waits for the same end.
        """
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(grace_seconds), name="close")
        await asyncio.shield(self._closing)

    async def _close(self, grace_seconds: float) -> None:
        self.is_closing = True
        for reply in self._live.values():
            reply.show(reply.text)
        deadline = asyncio.get_running_loop().time() + grace_seconds
        while self._tasks and (left := deadline - asyncio.get_running_loop().time()) > 0:  # also those that come late
            await asyncio.wait(self._tasks, timeout=left)
        self._is_grace_over = True
        for stop in self._stops.values():
            _interrupt(stop)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_KEEP_SECONDS)
        await self.folds.close()

    async def until_over(self, folder: Folder, reply_id: ReplyId) -> None:
        """Wait until the reply is in the conversation, or this process goes down and another one writes it."""
        found, key = await self.find(folder, reply_id), (folder.name, str(reply_id))
        while isinstance(found, LiveReply) and not found.is_over:
            if self.is_closing and key not in self._live:
                return
            await found.changed(found.version)


def _interrupt(stop: Stop) -> None:
    stop.ending = "interrupted"
    stop.request()


def _look(folder: Folder, reply_id: ReplyId, services: Services) -> spool.Spooled | FinishedReply | None:
    """Find the reply on the disk: the conversation, the spool of a living writer, the conversation again."""
    if history.began(folder) != reply_id.began:
        return None
    if entry := history.find(folder, reply_id.number):
        return FinishedReply(entry.record) if not entry.record.is_question else None
    if (found := spool.read(folder)) and history.last_number(
        folder
    ) == reply_id.number - 1:  # the spool is this reply's
        if _recover(folder, services) is None:
            return found
        entry = history.find(folder, reply_id.number)
        return FinishedReply(entry.record) if entry and not entry.record.is_question else None
    entry = history.find(folder, reply_id.number)
    return FinishedReply(entry.record) if entry and not entry.record.is_question else None


def _recover(folder: Folder, services: Services) -> Record | None:
    """Close what a dead process left. A disk that does not take it leaves it as it is: reading must go on."""
    try:
        return turns.recover_if_dead(folder, services.now())
    except FileNotFoundError:
        raise
    except (StorageError, OSError) as error:
        log.error("reply_not_recovered", extra={"person": folder.name, "error": str(error)})
        return None


def _answering(folder: Folder, services: Services) -> ReplyId | None:
    if _recover(folder, services) or not folder.exists(REPLY):
        return None
    with folder.lock():  # while a reply is being kept, its record is there and its spool too: the next has no name yet
        began = history.began(folder) if folder.exists(REPLY) else None
        return ReplyId(history.last_number(folder) + 1, began) if began else None


async def follow(reply: LiveReply, *, ping_seconds: float) -> AsyncIterator[int | None]:
    """Return the reply's version each time there is a newer one, None as a ping when nothing came for a while.

    It ends when the reply is over; whoever was busy then is not woken once more.
    """
    clock = asyncio.get_running_loop().time
    seen = reply.version
    yield seen
    with closing(Deadline(clock() + ping_seconds)) as deadline:
        while not reply.is_over:
            deadline.at = clock() + ping_seconds
            try:
                with deadline:
                    await reply.changed(seen)
            except TimeoutError:
                yield None
                continue
            seen = reply.version
            yield seen
