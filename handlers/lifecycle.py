"""What an application does when it starts and when it stops: signals, preload, clean-up, the end of its replies."""

import asyncio
import gc
import logging
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from quart import Quart

from completions import client
from completions.client import Client
from completions.prices import cost_usd
from completions.stream import Usage
from handlers.desk import conditions
from handlers.desk.notify import NoticeSender
from handlers.metrics import watch_lag
from handlers.replies.live import LiveReplies
from handlers.services import Services, utc_now
from handlers.shop_watch import ShopWatch
from memory.integrity import repair
from memory.people import deleted
from memory.storage.folders import StorageError
from memory.storage.users import Users
from settings import Settings

log = logging.getLogger("storekeeper")


def add_lifecycle(
    app: Quart, current: Callable[[], Services], replies: LiveReplies, sender: NoticeSender, *, owns_process: bool
) -> None:
    """Have an application start its background work before it serves, and end it and its replies after.

    `current` returns the services with the settings in force. `owns_process`: nothing else runs in its process, so that what
    concerns all of it may be set.
    """
    tasks = set[asyncio.Task[Any]]()
    watch = ShopWatch(current)

    async def start() -> None:
        loop, services = asyncio.get_running_loop(), current()
        _chain_sigterm(loop, replies, current)
        _end_with_parent(loop)
        watch.start()
        tasks.add(loop.create_task(asyncio.to_thread(preload, services.settings, owns_process)))
        tasks.add(loop.create_task(_look_at_conditions(current)))
        tasks.add(loop.create_task(_keep_swept(services)))
        tasks.add(loop.create_task(sender.run()))
        if services.metrics.is_on:
            tasks.add(loop.create_task(watch_lag(services.metrics)))

    async def stop() -> None:
        watch.stop()
        await replies.close(current().settings.limits.grace_seconds)
        for task in tasks:
            task.cancel()
        if isinstance(completer := current().completer, Client):
            await completer.close()

    app.before_serving(start)
    app.after_serving(stop)


def _chain_sigterm(loop: asyncio.AbstractEventLoop, replies: LiveReplies, current: Callable[[], Services]) -> None:
    """At SIGTERM close the replies first, then let the server go its way: it would wait for their streams."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def close(received: int, frame: Any, before: Any = before) -> None:
            loop.call_soon_threadsafe(lambda: loop.create_task(replies.close(current().settings.limits.grace_seconds)))
            if callable(before):
                before(received, frame)

        signal.signal(number, close)


def _end_with_parent(loop: asyncio.AbstractEventLoop) -> None:
    """Have a worker process end, as at SIGTERM, when the one that started it is gone, whatever killed that."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def end() -> None:
        loop.remove_reader(parent.sentinel)
        signal.raise_signal(signal.SIGTERM)

    loop.add_reader(parent.sentinel, end)


def preload(settings: Settings, owns_process: bool) -> None:
    """Load what the first message needs, while the first page is being looked at.

    What is there then stays: the garbage collector, which stops everybody while it looks, need not look through it. In a
    process that is not ours alone it would keep others' garbage too. It looks less often than it is used to: most of
    what a turn makes is gone by itself meanwhile.
    """
    client.preload()
    import genai_prices  # noqa: F401

    if owns_process:
        gc.freeze()
        gc.set_threshold(_MADE_BETWEEN_LOOKS)

    if settings.budget.daily_usd or settings.budget.daily_usd_per_user:
        for name in dict.fromkeys((*settings.chat, *settings.summariser)):
            if cost_usd(settings.model(name), Usage(1, 1), utc_now()) is None:
                log.warning("price_unknown", extra={"model": name})


_MADE_BETWEEN_LOOKS = 5_000
"""Objects made and not yet gone until the garbage collector looks through the youngest, Python's usual 700."""


_LOOK_SECONDS = 60.0
"""How late it is noted at most that a disk is nearly full, where nobody looks at the desk."""


async def _look_at_conditions(current: Callable[[], Services]) -> None:
    """Look once a minute at what may need attention though nobody has met it, until it is cancelled."""
    while True:
        try:
            await asyncio.to_thread(conditions.look, current())
        except Exception:  # a task's edge: the next look may see more
            log.exception("conditions_not_looked_at")
        await asyncio.sleep(_LOOK_SECONDS)


async def _keep_swept(services: Services) -> None:
    """Sweep while the first page is being looked at, and from then on four times a day."""
    while True:
        await asyncio.to_thread(_sweep, services.users, services.now())
        await asyncio.sleep(_SWEPT_SECONDS)


_SWEPT_SECONDS = 6 * 3600.0


def _sweep(users: Users, now: datetime) -> None:
    """Remove what processes that died long ago left half-written, and whom the owner deleted more than 30 days ago."""
    try:
        if removed := repair.sweep(users.root, time.time()):
            log.info("swept", extra={"files": removed})
        if gone := deleted.sweep(users, now):
            log.info("deleted_for_good", extra={"people": gone})
    except (OSError, StorageError) as error:
        log.error("not_swept", extra={"error": str(error)})
