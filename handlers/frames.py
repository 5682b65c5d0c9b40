"""Server-sent events of a reply: whole state, frames of blocks, the finished bubble, the end. Pure.

A frame is made once for all who follow at the same pace. Finished blocks go out once; only the open ones are sent
again, into an element of their own, from which htmx moves them out by their ids.
"""

import re
from weakref import proxy

from handlers.markdown import Blocks, Step
from handlers.replies import Reply

HELLO = b": here\n\n"
"""Sent before the first words, so that the answer's head does not wait for them."""
PING = b": ping\n\n"
DONE = b"event: done\ndata: done\n\n"
_FIRST_TAG = re.compile(r"<[a-z0-9]+")


def event(html: str, version: int) -> bytes:
    """Give one unnamed event, which htmx swaps. Lines are split on LF only, and no CR may come in."""
    data = html.replace("\r", "\ufffd").replace("\n", "\ndata: ")
    return f"id: {version}\ndata: {data}\n\n".encode()


def with_ids(number: int, blocks: list[str], first: int = 0) -> list[str]:
    """Give each block's first tag the id by which it is known while it is streamed."""
    return [
        _FIRST_TAG.sub(lambda tag, n=n: f'{tag[0]} id="m{number}-b{n}"', block, count=1)  # type: ignore[misc]
        for n, block in enumerate(blocks, first)
    ]


class Screen:
    """What the followers of one reply see."""

    def __init__(self, reply: Reply) -> None:
        self.reply: Reply = proxy(reply)  # whoever follows holds it; what they see goes with it
        self._blocks = Blocks()
        self._done = list[str]()
        self._open = list[str]()
        self._version = -1
        self._before = -1
        self._frame = b""

    def state(self) -> tuple[int, bytes]:
        """Give the newest version and the event that shows all of it, whatever was shown before."""
        self._advance()
        number = self.reply.id.number
        html = "\n".join(self._done)
        partial = f'<hx-partial hx-target="#m{number}-body" hx-swap="innerMorph">{html}{self._tail()}</hx-partial>'
        return self._version, event(partial, self._version)

    def since(self, seen: int) -> tuple[int, bytes]:
        """Give the newest version and the event that leads to it from version `seen`."""
        self._advance()
        if seen == self._version:
            return seen, b""
        if seen != self._before:
            return self.state()
        return self._version, self._frame

    def _advance(self) -> None:
        version = self.reply.version
        if version == self._version:
            return
        number, first = self.reply.id.number, self._blocks.count
        step: Step = self._blocks.feed(self.reply.text)
        finished = with_ids(number, list(step.finished), first)
        self._open = with_ids(number, list(step.open), self._blocks.count)
        self._done += finished
        self._before, self._version = self._version, version
        html = "\n".join(finished)
        partial = f'<hx-partial hx-target="#m{number}-tail" hx-swap="outerMorph">{html}{self._tail()}</hx-partial>'
        self._frame = event(partial, version)

    def _tail(self) -> str:
        return f'<div id="m{self.reply.id.number}-tail" class="tail">{"".join(self._open)}</div>'

    def final_blocks(self, rendered: list[str]) -> list[str]:
        """Give the finished bubble's blocks with the ids they were streamed by, so that no node is made anew."""
        return with_ids(self.reply.id.number, rendered)
