"""The replies that are being written, and following one from anywhere. Knows nothing of HTML.

A reply is a task of its own: no connection owns it. Followers see its text grow by versions; slow ones skip to the
latest version. A reply that another process writes is followed by reading its spool.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass
from typing import Any

from completions.deadline import Deadline
from handlers.logs import apart
from handlers.replies import stored
from handlers.replies.admission import Admission
from handlers.replies.checking import Checking
from handlers.replies.compaction import Compactor
from handlers.replies.examination import evidence_of_last
from handlers.replies.notifier import Notifier
from handlers.replies.pacing import Pacer, Stop, pace
from handlers.replies.steps import Asked, RefusedTurn, Replied, ReplyNotSaved, Step, Thought, Wrote
from handlers.replies.stream_limit import Streams
from handlers.replies.turn import run_turn
from handlers.services import Services, in_thread
from memory.conversations import turns
from memory.conversations.records import Record
from memory.conversations.spool import Spooled
from memory.conversations.turns import Action, ReplyId
from memory.i18n import ENGLISH
from memory.storage.folders import Folder
from shop.claims.values import Claim

log = logging.getLogger("storekeeper.replies")

_TAIL_SECONDS = 0.06
_KEEP_SECONDS = 5.0
"""How long a process that goes down waits for the disk to take its interrupted replies."""


class LiveReply:
    """A reply while it is written and a little after. `version` counts its changes; `end` is there when it is kept.

    `restarts` counts how often its text did not go on from what it was. `claims` are those of its sentences that have
    ended. `stop` ends it, None where another process writes it.
    """

    def __init__(self, reply_id: ReplyId, text: str = "", stop: Stop | None = None) -> None:
        self.id, self.text, self.stop = reply_id, text, stop
        self.claims: tuple[Claim, ...] = ()
        self.version = self.restarts = 0
        self.is_thinking = self.is_over = False
        self.end: Replied | ReplyNotSaved | None = None
        self._notifier = Notifier()

    def publish(self, step: Step) -> None:
        match step:
            case Wrote(text, claims):
                self.show(text, claims)
            case Thought():
                self.think()
            case Replied() | ReplyNotSaved():
                self.finish(step)

    def show(self, text: str, claims: tuple[Claim, ...] = ()) -> None:
        self.claims = claims
        if text != self.text:
            self.is_thinking = False
            self.restarts += not text.startswith(self.text)
        self.text = text
        self._change()

    def think(self) -> None:
        self.is_thinking = True
        self._change()

    def finish(self, end: Replied | ReplyNotSaved | None) -> None:
        """Note how it ended; None when it is gone with its user."""
        self.end = end
        self.is_over = True
        self._change()

    def _change(self) -> None:
        self.version += 1
        self._notifier.wake()

    async def changed(self, seen: int) -> None:
        if self.version == seen:
            await self._notifier.wait()


@dataclass(frozen=True, slots=True)
class FinishedReply:
    """A reply that is in the conversation."""

    record: Record


class LiveReplies:
    """All replies that this process writes or follows."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.compactor = Compactor(services)
        self._admission = Admission()
        self._pacer = Pacer()
        self.streams = Streams()
        self._live: dict[tuple[str, str], LiveReply] = {}
        self._tails: dict[tuple[str, str], LiveReply] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.is_closing = False
        self._is_grace_over = False
        self._closing: asyncio.Task[None] | None = None

    def use(self, services: Services) -> None:
        """Begin replies with these services, under other settings, from now on; those that are being written go on as they are."""
        self._services = services
        self.compactor.use(services)

    async def start(
        self, folder: Folder, action: Action, model: str | None = None, language: str = ENGLISH
    ) -> Asked | RefusedTurn:
        """Take a message in and begin its reply, by the model of this name if the user chose one.

        `language` is the code of the page's, for words of ours that become the reply.

        Raises what `run_turn` raises before Asked. A caller that is cancelled, because its browser went away, takes
        nothing back: the message has arrived whole, so it is kept and answered.
        """
        opened: asyncio.Future[Asked | RefusedTurn] = asyncio.get_running_loop().create_future()
        self._begin(self._write(folder, action, model, language, opened), f"reply {folder.name}")
        return await asyncio.shield(opened)

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        context = apart()
        task = asyncio.create_task(work, name=name, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard, context=context)

    async def _write(
        self,
        folder: Folder,
        action: Action,
        model: str | None,
        language: str,
        opened: asyncio.Future[Asked | RefusedTurn],
    ) -> None:
        """Run one turn to its end, with or without followers; `opened` gets how it began."""
        stop = Stop()
        try:
            async with aclosing(run_turn(self._services, folder, action, stop, model, language, self._pacer)) as steps:
                async with self._admission.place(folder.name):
                    opening = await anext(steps)
                if isinstance(opening, Asked):
                    with self._registered(folder, opening, stop) as reply:
                        opened.set_result(opening)
                        await _publish(steps, reply)
                    async for _ in steps:  # what a turn does after its end was published
                        pass
                elif isinstance(opening, RefusedTurn):
                    opened.set_result(opening)
        except Exception as error:
            if opened.done():
                log.exception("reply_lost")
            else:
                opened.set_exception(error)
        finally:
            if not opened.done():
                opened.cancel()

    @contextmanager
    def _registered(self, folder: Folder, asked: Asked, stop: Stop) -> Iterator[LiveReply]:
        """Return the reply, to be found by its name while the block runs; it is over afterwards, however that ends."""
        key = (folder.name, str(asked.reply_id))
        reply = self._live[key] = LiveReply(asked.reply_id, asked.draft, stop)
        self._services.metrics.reply_began()
        if self._is_grace_over:  # it was admitted while the process was going down
            _interrupt(stop)
        try:
            yield reply
        finally:
            if not reply.is_over:
                reply.finish(None)
            if not self.is_closing:
                self.compactor.after_turn(folder)
            del self._live[key]
            self._services.metrics.reply_ended()

    async def stop(self, folder: Folder, reply_id: ReplyId) -> None:
        """End a reply, whichever process writes it. One that is over, or not there, stays as it is."""
        live = self._live.get((folder.name, str(reply_id)))
        if live is not None and live.stop is not None:
            live.stop.request()
        else:
            await in_thread(turns.ask_to_stop, folder, reply_id)

    async def find(self, folder: Folder, reply_id: ReplyId) -> LiveReply | FinishedReply | None:
        """Return the reply, live or in the conversation; None when there is none of this name (any more)."""
        key = (folder.name, str(reply_id))
        if live := self._live.get(key) or self._tails.get(key):
            return live
        found = await in_thread(stored.find, self._services, folder, reply_id)
        if isinstance(found, Spooled):
            return self._live.get(key) or self._tail(folder, reply_id, found.text)
        return FinishedReply(found) if found is not None else None

    async def answering(self, folder: Folder) -> ReplyId | None:
        """Return the name of the reply that is being written for this user, in whichever process."""
        return await in_thread(stored.being_written, self._services, folder)

    def _tail(self, folder: Folder, reply_id: ReplyId, text: str) -> LiveReply:
        key = (folder.name, str(reply_id))
        if key in self._tails:
            return self._tails[key]
        reply = self._tails[key] = LiveReply(reply_id, text)
        self._begin(self._read_tail(folder, reply), f"tail {folder.name}")
        return reply

    async def _read_tail(self, folder: Folder, reply: LiveReply) -> None:
        """Follow a spool that another process writes, until the reply is in the conversation or its writer is dead."""
        end, checking = None, Checking(evidence_of_last(self._services, folder))
        try:
            while not self.is_closing:
                found = await in_thread(stored.find, self._services, folder, reply.id)
                if isinstance(found, Record):
                    end = Replied(found)
                if not isinstance(found, Spooled):
                    break
                if checking.is_due(found.text):
                    await checking.follow(found.text)
                if found.text and (found.text, checking.claims) != (reply.text, reply.claims):
                    reply.show(found.text, checking.claims)
                await asyncio.sleep(pace(_TAIL_SECONDS, len(self._tails)))  # each look is a visit to the disk
        finally:
            self._tails.pop((folder.name, str(reply.id)), None)
            if self.is_closing and end is None:
                # another process goes on writing it: its followers here are woken, and reconnect there
                reply.show(reply.text, reply.claims)
            else:
                reply.finish(end)

    async def close(self, grace_seconds: float) -> None:
        """Wait the grace time for the replies to end by themselves, then interrupt them; wait until all are kept.

        Nothing new is taken in from now on, and followers are disconnected at once: the next process shows the
        reply by its spool. A second call waits for the same end.
        """
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(grace_seconds), name="close")
        await asyncio.shield(self._closing)

    async def _close(self, grace_seconds: float) -> None:
        self.is_closing = True
        for reply in self._live.values():
            reply.show(reply.text, reply.claims)
        deadline = asyncio.get_running_loop().time() + grace_seconds
        while self._tasks and (left := deadline - asyncio.get_running_loop().time()) > 0:  # also those that come late
            await asyncio.wait(self._tasks, timeout=left)
        self._is_grace_over = True
        for reply in self._live.values():
            _interrupt(reply.stop)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_KEEP_SECONDS)
        await self.compactor.close()

    async def until_over(self, folder: Folder, reply_id: ReplyId) -> None:
        """Wait until the reply is in the conversation, or this process goes down and another one writes it."""
        found, key = await self.find(folder, reply_id), (folder.name, str(reply_id))
        while isinstance(found, LiveReply) and not found.is_over:
            if self.is_closing and key not in self._live:
                return
            await found.changed(found.version)


async def _publish(steps: AsyncIterator[Step], reply: LiveReply) -> None:
    """Show the steps of a turn to the reply's followers, until it is over."""
    async for step in steps:
        reply.publish(step)
        if reply.is_over:
            return


def _interrupt(stop: Stop | None) -> None:
    if stop is not None:
        stop.ending = "interrupted"
        stop.request()


async def follow(reply: LiveReply, *, ping_seconds: float) -> AsyncIterator[int | None]:
    """Return the reply's version each time there is a newer one, None as a ping when nothing came for a while.

    It ends when the reply is over, without another version for a follower that was busy then.
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
