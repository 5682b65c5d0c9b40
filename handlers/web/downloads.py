"""Files that are made while they are sent: piece by piece in a thread, for as long as the browser reads them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

from quart import Response

from handlers.services import in_thread
from memory.i18n import N_

AT_ONCE = 2
TOO_MANY = N_("Two of your exports are still running. Please wait for one to finish.")
MOST_SECONDS = 3_600.0
"""How long a file may take on its way: a slow telephone has its time, and no one its place for ever."""


class Places:
    """The places for exports that people have in this process. Nothing on the disk: looking changes nothing there."""

    def __init__(self) -> None:
        self._taken = dict[str, set[object]]()

    def take(self, name: str) -> Callable[[], None] | None:
        """Take a place for this user; return what gives it back, None when all are taken."""
        taken, place = self._taken.setdefault(name, set()), object()
        if len(taken) >= AT_ONCE:
            return None
        taken.add(place)
        return lambda: taken.discard(place)


class Download(AsyncIterator[bytes]):
    """The pieces of a file. `close` is called once, when the last one is taken or nobody takes any more."""

    def __init__(self, pieces: Iterator[bytes], close: Callable[[], None]) -> None:
        self._pieces, self._close = pieces, close
        self._next: asyncio.Future[bytes | None] | None = None
        self._is_closed = False

    async def __anext__(self) -> bytes:
        self._next = asyncio.ensure_future(in_thread(next, self._pieces, None))
        piece = await asyncio.shield(self._next)  # the thread goes on, also after its reader has left
        if piece is None:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Close the file, once no thread reads it; quart calls it also for a file that nobody began to take."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._next is not None and not self._next.done():
            self._next.add_done_callback(lambda _: self._close())
        else:
            self._close()

    def __del__(self) -> None:
        """Close a file whose answer was never sent: its reader left before the first byte."""
        if not self._is_closed:
            self._close()


def download(pieces: Iterator[bytes], close: Callable[[], None], content_type: str, name: str) -> Response:
    """Answer with a file to be kept under this name."""
    response = Response(Download(pieces, close), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.timeout = MOST_SECONDS
    return response
