"""The streams that a user has open in this process: a few, and with one too many the oldest ends.

A browser opens six connections to a server at once and no more (over HTTP/1.1), so as many tabs that follow a reply
would leave none for the next page. The tab whose stream ended opens it again a little later, and so on in turn.
Knows nothing of HTTP.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

MOST_STREAMS = 4


@dataclass(slots=True, eq=False)
class Stream:
    """One that is open. `wake` lets who writes it look at `is_over`."""

    wake: Callable[[], None]
    is_over: bool = False


class Streams:
    """All open streams of this process, by user, the oldest first."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self._most = most
        self._open: dict[str, list[Stream]] = {}

    def count(self, name: str) -> int:
        """Return how many the user has open, those aside that are about to end."""
        return sum(not stream.is_over for stream in self._open.get(name, ()))

    @contextmanager
    def opened(self, name: str, wake: Callable[[], None]) -> Iterator[Stream]:
        """Open one more for the user, until the block is left; where that is too many the oldest is ended."""
        stream, streams = Stream(wake), self._open.setdefault(name, [])
        streams.append(stream)
        live = [one for one in streams if not one.is_over]
        for oldest in live[: -self._most]:
            oldest.is_over = True
            oldest.wake()
        try:
            yield stream
        finally:
            streams.remove(stream)
            if not streams:
                self._open.pop(name, None)
