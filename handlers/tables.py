"""The tables that tokens are counted by, 48 MB: there while people talk, and not while the shop rests.

They are loaded when somebody opens the chat, which is before the first words are typed, and let go when nobody has asked
anything for half an hour. A turn that comes upon none loads them itself, in 0.4 s.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from memory.context import tokens

REST_SECONDS = 30 * 60.0
_LOOK_SECONDS = 60.0


class Tables:
    """Loads the tables of these encodings, and lets go of them."""

    def __init__(self, encodings: Iterable[str]) -> None:
        self._encodings = frozenset(encodings)
        self._loading: asyncio.Future[None] | None = None

    def want(self) -> None:
        """Have the tables soon: load in a thread what is not there."""
        if all(tokens.is_warm(name) for name in self._encodings):
            return
        if self._loading is None or self._loading.done():
            self._loading = asyncio.get_running_loop().run_in_executor(None, self.load)

    def load(self) -> None:
        """Load what is not there, and keep the rest. What cannot be loaded is met again, and told, by who counts. Blocks."""
        for name in self._encodings:
            with suppress(Exception):
                tokens.warm(name)

    async def keep(self, rest_seconds: float = REST_SECONDS, look_seconds: float = _LOOK_SECONDS) -> None:
        """Drop the tables whenever they were not used for so long, for ever."""
        while True:
            await asyncio.sleep(look_seconds)
            await asyncio.to_thread(tokens.rest, rest_seconds)
