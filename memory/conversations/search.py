"""Search through all of one's conversations, newest first, without regard to case and accents.

A file is read backwards in blocks; a message that does not hold every word is never parsed.
"""

import contextlib
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from memory.conversations import archive, listing, versions
from memory.conversations.archive import CURRENT
from memory.conversations.records import Role
from memory.storage.folders import Folder

MOST_CHARS, MOST_WORDS = 200, 10
_PIECE = 64 * 1024
"""Bytes looked at in one go: the interpreter is held that long."""

_BEFORE, _AFTER = 60, 180
"""Characters shown around the first word that was found."""

_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A message that holds every word. `snippet` is some of it in pieces; True: it is one of the words."""

    id: str
    title: str
    number: int
    role: Role
    time: datetime
    snippet: tuple[tuple[str, bool], ...]
    imported: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a search stopped: the hits of this conversation from this number on were given."""

    id: str
    number: int

    def __str__(self) -> str:
        return f"{self.id}.{self.number}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Read what a browser sent; None for what is no place."""
        name, _, number = text.rpartition(".")
        return cls(name, int(number)) if re.fullmatch("[0-9]{1,18}", number) and len(name) < 40 else None


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What was found. `more` is where to go on when it was cut: after enough hits, or enough time."""

    titles: tuple[listing.ConversationInfo, ...] = ()
    hits: tuple[SearchHit, ...] = ()
    more: Cursor | None = None
    is_slow: bool = False


def words_of(query: str) -> tuple[str, ...]:
    """Return the words to be found, as they are compared."""
    return tuple(dict.fromkeys(fold(query[:MOST_CHARS]).split()))[:MOST_WORDS]


def fold(text: str) -> str:
    """Return the text as it is compared: without case, accents and other ways to write the same letter."""
    text = text.casefold()
    return text if text.isascii() else _MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()


_FOLDED = [fold(chr(code)) for code in range(256)]
_TABLE = bytes(
    ord(one) if len(one) == 1 and ord(one) < 256 else code if one else 32 for code, one in enumerate(_FOLDED)
)
_PARTS = {
    bytes([code]): one.replace("\u2044", "/").encode("latin-1") for code, one in enumerate(_FOLDED) if len(one) > 1
}
_SEVERAL = re.compile(b"[" + re.escape(b"".join(_PARTS)) + b"]")
"""Characters of Latin-1 that are compared as several, such as the German sharp s."""

_BEYOND = re.compile(
    "[^\x00-\xff\u0300-\u036f\u200b-\u200f\u2012-\u2016\u2018-\u2023\u20ac\u2190-\u21ff\u2500-\u27bf"
    "\ufe0e\ufe0f\ufffd\U0001f300-\U0001faff]"
)
"""Characters that may be compared as some of Latin-1, or that nobody has looked at: all but marks, dashes, quotation
marks, arrows, boxes and emoji."""


def search(
    folder: Folder,
    query: str,
    *,
    most: int,
    seconds: float,
    after: Cursor | None = None,
    read: Callable[[str], str] = str,
) -> SearchResults:
    """Find the messages that stand and hold every word, newest first: at most `most`, in at most about these seconds.

    Titles that hold every word come with the first hits. `read` returns what a person reads of a reply.
    """
    words, deadline = words_of(query), time.monotonic() + seconds
    if not words:
        return SearchResults()
    latin_words = _in_latin(words)
    names = [CURRENT, *archive.names(folder)]
    titles = tuple(_with_title(folder, names, words)) if after is None else ()
    hits, last = list[SearchHit](), after
    for name, one in _messages(folder, names, after):
        if len(hits) == most or time.monotonic() > deadline:
            return SearchResults(titles, tuple(hits), last, is_slow=len(hits) < most)
        last = Cursor(name, one.number)
        record = one.read() if _may_hold(one.data, words, latin_words) else None
        if record is None:
            continue
        snippet = _snippet(record.text if record.is_question else read(record.text), words)
        if snippet is not None:
            listed = listing.describe(folder, name)
            title = listed.title if listed else ""
            hits.append(SearchHit(name, title, record.number, record.role, record.time, snippet, record.imported))
    return SearchResults(titles, tuple(hits))


def _messages(folder: Folder, names: list[str], after: Cursor | None) -> Iterator[tuple[str, versions.Unread]]:
    """Return the messages that stand in these conversations, newest first, from where a search stopped; none is read."""
    if after is not None and after.id in names:
        names = names[names.index(after.id) :]
    for name in names:
        place = archive.find(folder, name)
        if place is None:
            continue
        with contextlib.suppress(FileNotFoundError), contextlib.closing(versions.unread(place)) as newest_first:
            for one in newest_first:
                if after is None or name != after.id or one.number < after.number:
                    yield name, one


def _with_title(folder: Folder, names: list[str], words: tuple[str, ...]) -> Iterator[listing.ConversationInfo]:
    """Return the conversations that the user called by a title with every word."""
    for name in names:
        place = archive.find(folder, name)
        title = fold(listing.own_title(place)) if place is not None else ""
        if title and all(word in title for word in words) and (listed := listing.describe(folder, name)):
            yield listed


def _may_hold(data: bytes, words: tuple[str, ...], latin_words: tuple[bytes, ...] | None) -> bool:
    """True if every word may occur in a record's bytes, its header included; False is certain."""
    seen, start = set[int](), 0
    while len(seen) < len(words) and start < len(data):
        end = data.rfind(b"\n", start, start + _PIECE) + 1 if len(data) - start > _PIECE else len(data)
        end = end or data.find(b"\n", start) + 1 or len(data)
        text = data[start:end].decode(errors="replace")
        latin = _latin(text) if latin_words is not None else None
        if latin_words is not None and latin is not None:
            seen |= {n for n, word in enumerate(latin_words) if word in latin}
        else:
            folded = fold(text)
            seen |= {n for n, word in enumerate(words) if word in folded}
        start = end
    return len(seen) == len(words)


def _in_latin(words: tuple[str, ...]) -> tuple[bytes, ...] | None:
    try:
        return tuple(word.encode("latin-1") for word in words)
    except UnicodeEncodeError:
        return None


def _latin(text: str) -> bytes | None:
    """Return the text as it is compared in Latin-1, some hundred times faster than `fold`; None for what it cannot hold.

    Signs beyond Latin-1 that never become a letter, a figure or another sign of it are left out.
    """
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        if _BEYOND.search(text):
            return None
        data = text.encode("latin-1", "ignore")
    data = data.translate(_TABLE)
    return data if not _SEVERAL.search(data) else _SEVERAL.sub(lambda match: _PARTS[match[0]], data)


def _snippet(text: str, words: tuple[str, ...]) -> tuple[tuple[str, bool], ...] | None:
    """Return the passage that holds most of the words, with them marked; None when one does not occur in the text."""
    best, most, seen = "", 0, set[str]()
    for passage in _passages(text):
        folded = fold(passage)
        held = {word for word in words if word in folded}
        seen |= held
        if len(held) > most:
            best, most = passage, len(held)
    return _marked(best, words) if len(seen) == len(words) else None


def _passages(text: str) -> Iterator[str]:
    """Return the text's lines, long ones in parts of some hundred characters that end at a space."""
    for line in text.split("\n"):
        start = 0
        while len(line) - start > 600:
            end = line.rfind(" ", start + 300, start + 600) + 1 or line.find(" ", start + 600) + 1 or len(line)
            yield line[start:end]
            start = end
        yield line[start:]


def _marked(passage: str, words: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    """Return the passage around its first word in pieces; True: the piece is one of the words."""
    spans = _spans(passage, words)
    start, end = _crop(passage, spans[0][0] if spans else 0)
    pieces = _pieces(passage, spans, start, end)
    return (*([("… ", False)] if start else []), *pieces, *([(" …", False)] if end < len(passage) else []))


def _spans(passage: str, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return where the words stand in the passage as it is written, in order; two may share a letter such as ß."""
    folded = [fold(character) for character in passage]
    origin = [position for position, part in enumerate(folded) for _ in part]
    found = list[tuple[int, int]]()
    longest_first = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    for match in re.finditer(longest_first, "".join(folded)):
        begin, end = origin[match.start()], origin[match.end() - 1] + 1
        while end < len(passage) and not folded[end]:
            end += 1  # an accent written behind its letter
        found.append((begin, end))
    return found


def _crop(passage: str, first: int) -> tuple[int, int]:
    """Return from where to where the passage is shown, at spaces where there are any, around its first word."""
    start = max(0, first - _BEFORE)
    start = passage.find(" ", start, first) + 1 or start if start else 0
    end = first + _AFTER
    if end >= len(passage):
        return start, len(passage)
    return start, passage.rfind(" ", first + 1, end) if " " in passage[first + 60 : end] else end


def _pieces(passage: str, spans: list[tuple[int, int]], start: int, end: int) -> list[tuple[str, bool]]:
    """Return the passage from `start` to `end`, cut where a word begins and ends; neighbouring words are one piece."""
    pieces, at = list[tuple[str, bool]](), start
    for begin, stop in spans:
        begin, stop = max(begin, at), min(stop, end)
        if begin >= stop:
            continue
        if at < begin:
            pieces.append((passage[at:begin], False))
        before = pieces.pop()[0] if pieces and pieces[-1][1] else ""
        pieces.append((before + passage[begin:stop], True))
        at = stop
    return [*pieces, (passage[at:end], False)] if at < end else pieces
