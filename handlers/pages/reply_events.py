"""Server-sent events of a reply: whole state, frames of what grew, the finished bubble, the end. Pure.

A frame is made once for all who follow at the same pace. It says only what changed: words are added where the last ones
stand (`grow`, which static/chat.js applies), finished blocks move out of the open ones' element and are never touched
again. The whole state, the blocks that a slow follower missed, and the finished bubble are htmx partials, known by ids.
"""

import re
import threading
from html import unescape
from typing import Protocol
from weakref import proxy

from handlers.pages.claim_marks import MadeMarks, Marking
from handlers.pages.languages import Language
from handlers.pages.markdown import LONG_CHARS, Blocks
from memory.conversations.turns import ReplyId
from shop.claims.values import Claim

HELLO = b"event: here\ndata: here\n\n"
"""Begins every connection, so that the answer's head does not wait for words, and the page knows that it is back."""
PING = b": ping\n\n"
DONE = b"event: done\ndata: done\n\n"
THINKING = b"event: thinking\ndata: thinking\n\n"
"""The model thinks: the page says so until the next words."""
_FIRST_TAG = re.compile(r"<[a-z0-9]+")
_TAG = re.compile(r'<(/?)([a-z0-9]+)(?: [a-z-]+(?:="[^"]*")?)*>')
_VOID = {"br", "hr"}

_FREE_BYTES = 8_000
_BYTES_PER_HTML = 1.75
"""What a stream may send before frames get longer: with the finished bubble, below three times a long reply's HTML."""


Change = tuple[int, str, str]
"""A depth, "+", "=" or "-5 ", and HTML. The depth counts elements from the whole inwards, each the last one in the one before:
"+" adds HTML at the end of that element's content, "=" takes the content's place, "-5 " takes five UTF-16 units of text back
first. Depth 0 is the whole.
"""


def event(html: str, version: int) -> bytes:
    """Return one unnamed event, which htmx swaps. Lines are split on LF only, and no CR may come in."""
    return f"id: {version}\ndata: {_lines(html)}\n\n".encode()


def _lines(html: str) -> str:
    return html.replace("\r", "\ufffd").replace("\n", "\ndata: ")


def _grown(change: Change, finished: int) -> bytes:
    """Return the event of one change, after which so many of the open blocks are finished."""
    depth, how, html = change
    return f"event: grow\ndata: {depth}{how}{finished or ''}:{_lines(html)}\n\n".encode()


def with_ids(number: int, blocks: list[str], first: int = 0) -> list[str]:
    """Return the blocks, each with the id in its first tag by which it is known while it is streamed."""
    return [
        _FIRST_TAG.sub(lambda tag, n=n: f'{tag[0]} id="m{number}-b{n}"', block, count=1)  # type: ignore[misc]
        for n, block in enumerate(blocks, first)
    ]


def growth(before: str, after: str, depth: int = 0) -> list[Change]:
    """Return the few changes, in order, that turn one piece of HTML into another."""
    if before == after:
        return []
    if (last := _last_element(before)) is not None and after.startswith(before[: last[0]]):
        begin, end = last
        behind, stop = before[end:], _content_end(after, begin)
        if stop is not None and after.startswith(behind, stop):
            changes = growth(before[begin:end], after[begin:stop], depth + 1)
            added = after[stop + len(behind) :]
            return [*changes, (depth, "+", added)] if added else changes
    return [(depth, *_rewritten(before, after))]


def _last_element(html: str) -> tuple[int, int] | None:
    """Return where the content begins and ends of the last element that stands in no other, which is what grows.

    It is looked for from the end, where what grows stands: a long paragraph may hold many elements.
    """
    depth, at, end = 0, len(html), 0
    while (at := html.rfind("<", 0, at)) != -1:
        tag = _TAG.match(html, at)
        if tag is None:
            continue
        if depth == 0:
            if tag[2] == "p" and tag[1]:  # a paragraph holds no other
                return html.index(">", html.rindex("<p", 0, at)) + 1, at
            end = at
        depth += 0 if tag[2] in _VOID else 1 if tag[1] else -1
        if depth <= 0:
            return (tag.end(), max(end, tag.end())) if depth == 0 else None
    return None


def _content_end(html: str, begin: int) -> int | None:
    """Return where the content ends of the element whose content begins here; None where it is not whole."""
    opening = _TAG.match(html, html.rindex("<", 0, begin))
    if opening is not None and opening[2] in _VOID:
        return begin
    if opening is not None and opening[2] == "p":
        return None if (end := html.find("</p>", begin)) == -1 else end
    depth = 1
    for tag in _TAG.finditer(html, begin):
        depth += 0 if tag[2] in _VOID else -1 if tag[1] else 1
        if depth == 0:
            return tag.start()
    return None


def _elements(html: str) -> list[tuple[int, int]] | None:
    """Return where the content begins and ends of each element that stands in no other; None if one is not whole."""
    found, depth, begin = list[tuple[int, int]](), 0, 0
    for tag in _TAG.finditer(html):
        if depth == 0:
            begin = tag.end()
        depth += 0 if tag[2] in _VOID else -1 if tag[1] else 1
        if depth < 0:
            return None
        if depth == 0:
            found.append((begin, max(begin, tag.start())))
    return None if depth else found


def _rewritten(before: str, after: str) -> tuple[str, str]:
    """Return how the last words become others: more of them, some in the place of the last ones, or all of it anew.

    So "**bold" becomes bold without the paragraph before it.
    """
    same = _shared(before, after)
    tag, entity = before.rfind("<", 0, same), before.rfind("&", max(0, same - 8), same)
    if tag > before.rfind(">", 0, same):
        same = tag
    elif entity != -1 and ";" not in before[entity:same]:
        same = entity
    gone, added = before[same:], after[same:]
    if "<" in gone or _elements(added) is None:
        return "=", after
    units = len(unescape(gone).encode("utf-16-le")) // 2
    return f"-{units} " if units else "+", added


def _shared(one: str, other: str) -> int:
    """Return how many letters two texts begin with alike. It halves what is left, since a paragraph is long and each frame asks."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low


class GrowingReply(Protocol):
    """A reply that is being written: `version` counts its changes, `restarts` how often its text did not go on."""

    id: ReplyId
    text: str
    claims: tuple[Claim, ...]
    version: int
    restarts: int
    is_thinking: bool


class Screen:
    """What the followers of one reply see: one frame for all, its marks in the language of the first follower."""

    def __init__(self, reply: GrowingReply, language: Language) -> None:
        self._language = language
        self.reply: GrowingReply = proxy(reply)  # followers hold it; what they see goes with it
        self._blocks = Blocks()
        self._marks = MadeMarks()
        self._done = list[str]()
        self._open = ""
        self._version = -1
        self._restarts = reply.restarts
        self._before = -1
        self._frame = b""
        self._making = threading.Lock()
        self._counts = dict[int, int]()
        """How many blocks were finished at each version that was shown."""
        self._sent_bytes = self._done_chars = self._shown_chars = 0

    @property
    def is_long(self) -> bool:
        """True if the next frame is to be made in a thread: much has to be rendered anew, or another thread is at it."""
        return self._making.locked() or (
            self._version != self.reply.version and self._blocks.open_chars(self.reply.text) > LONG_CHARS
        )

    def state(self) -> tuple[int, bytes]:
        """Return the newest version and the event that shows all of it, whatever was shown before."""
        with self._making:
            self._advance(is_late=True)
            return self._version, self._whole()

    def since(self, seen: int, *, is_late: bool = False) -> tuple[int, bytes]:
        """Return the newest version and the event that leads to it from version `seen`, nothing while it is held back.

        It is held back while more was sent than a reply of its length is worth, unless it is late.
        """
        with self._making:
            self._advance(is_late=is_late)
            if seen == self._version:
                return seen, b""
            if seen == self._before:
                return self._version, self._frame
            if seen not in self._counts:
                self._advance(is_late=True)
                return self._version, self._whole()
            html = "\n".join(self._done[self._counts[seen] :])
            return self._version, self._partial(f"m{self.reply.id.number}-tail", "outerMorph", html) + self._thinking()

    def _advance(self, *, is_late: bool) -> None:
        version, claims, text = self.reply.version, self.reply.claims, self.reply.text
        unseen = len(text) - self._shown_chars
        worth = _FREE_BYTES + _BYTES_PER_HTML * (self._done_chars + len(self._open) + unseen)
        if version == self._version or (self._sent_bytes > worth and not is_late):
            return
        if has_restarted := self.reply.restarts != self._restarts:
            self._restarts = self.reply.restarts
            self._blocks, self._marks, self._done, self._open = Blocks(), MadeMarks(), [], ""
            self._done_chars = self._shown_chars = 0
            self._counts.clear()
        number, first = self.reply.id.number, self._blocks.count
        step = self._blocks.feed(text)
        blocks = with_ids(
            number, Marking(self._language, claims, self._marks, str(self.reply.id)).blocks(step.blocks, text), first
        )
        finished, shown = blocks[: len(step.finished)], "".join(blocks[len(step.finished) :])
        changes = growth(self._open, "".join(finished) + shown)
        moved = len(_elements("".join(finished)) or ())
        if moved and not changes:
            changes = [(0, "+", "")]
        counts = [*(0 for _ in changes[1:]), moved]  # the last change moves what is finished
        self._done += finished
        self._done_chars += sum(map(len, finished))
        self._open, self._shown_chars = shown, len(text)
        self._before, self._version = self._version, version
        self._counts[version] = len(self._done)
        if has_restarted:
            self._frame = self._whole()
        else:
            grown = [_grown(change, count) for change, count in zip(changes, counts, strict=False)]
            self._frame = b"".join(grown) + self._thinking()
        self._sent_bytes += len(self._frame)

    def _whole(self) -> bytes:
        """Return the event that shows all of it, whatever was shown before."""
        html = "\n".join(self._done)
        return self._partial(f"m{self.reply.id.number}-body", "innerMorph", html) + self._thinking()

    def _thinking(self) -> bytes:
        return THINKING if self.reply.is_thinking else b""

    def _partial(self, target: str, swap: str, finished: str) -> bytes:
        tail = f'<div id="m{self.reply.id.number}-tail" class="tail">{self._open}</div>'
        partial = f'<hx-partial hx-target="#{target}" hx-swap="{swap}">{finished}{tail}</hx-partial>'
        return event(partial, self._version)
