"""The door: in a rush of messages the first come are served first.

Without it all of a rush's messages would move on step by step together, and the first reader would wait nearly as
long as the last. A message passes when it enters the server and lets the next in once it is accepted.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

_WIDTH = 2
"""Messages that are taken in at once: one at the disk, one at the processor."""

_Application = Callable[[Any, Any, Any], Awaitable[None]]


class Permit:
    """A place in the door, given back once."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places: asyncio.Semaphore | None = places

    def release(self) -> None:
        if self._places is not None:
            self._places.release()
            self._places = None


_permit: ContextVar[Permit | None] = ContextVar("permit", default=None)


def passed() -> None:
    """Let the next message in: this request's own is accepted or refused."""
    permit = _permit.get()
    if permit is not None:
        permit.release()


def at_the_door(application: _Application) -> _Application:
    """Wrap an ASGI application: POST /messages takes a place in the door until `passed`, or its answer's end."""
    places = asyncio.Semaphore(_WIDTH)

    async def enter(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != "/messages":
            await application(scope, receive, send)
            return
        await places.acquire()
        permit = Permit(places)
        _permit.set(permit)
        try:
            await application(scope, receive, send)
        finally:
            permit.release()

    return enter
