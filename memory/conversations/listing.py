"""The list of one's conversations: their titles, how many messages they have, when they were last used.

A title is the user's own, kept in title.txt, or else the beginning of the first question.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice

from memory.conversations import archive, history, outline
from memory.conversations.archive import CURRENT
from memory.conversations.records import Entry, parse
from memory.storage.folders import Folder
from memory.storage.layout import HISTORY, TITLE
from memory.text import normalise

MOST_TITLE_CHARS = 120
_FIRST_WORDS_CHARS = 60


@dataclass(frozen=True, slots=True)
class ConversationInfo:
    """One conversation in the list. `own_title` is what the user called it, "" when they did not."""

    id: str
    title: str
    own_title: str
    began: datetime
    used: datetime
    messages: int

    @property
    def is_current(self) -> bool:
        return self.id == CURRENT


def current(folder: Folder) -> ConversationInfo | None:
    """Describe the conversation that goes on, None while it is empty."""
    return describe(folder, CURRENT)


def set_aside(folder: Folder, *, skip: int = 0, count: int | None = None) -> list[ConversationInfo]:
    """Describe conversations set aside, the one last used first: `count` of them after the first `skip`."""
    found = (describe(folder, name) for name in archive.names(folder)[skip:])
    return list(islice((one for one in found if one is not None), count))


def describe(folder: Folder, name: str) -> ConversationInfo | None:
    """Describe the conversation of this name, None when there is none (any more)."""
    place = archive.find(folder, name)
    status = place.status(HISTORY) if place else None
    if place is None or status is None:
        return None
    try:
        found = _look(place, status.st_ino, status.st_mtime_ns, status.st_size)
    except FileNotFoundError:  # it was moved meanwhile
        return None
    own = own_title(place)
    return (
        ConversationInfo(name, own or found.first_words, own, found.began, found.used, found.messages)
        if found
        else None
    )


@dataclass(frozen=True, slots=True)
class _Looks:
    began: datetime
    used: datetime
    first_words: str
    messages: int


@lru_cache(maxsize=4096)
def _look(place: Folder, inode: int, changed_ns: int, size: int) -> _Looks | None:
    """Describe the history as it is in this version."""
    last = next(history.backwards(place), None)
    began = history.began(place)
    if last is None or began is None:
        return None
    return _Looks(began, last.record.time, _first_words(parse(place.read(HISTORY, 0, 4096))), outline.count(place))


def _first_words(items: Iterable[object]) -> str:
    for item in items:
        if isinstance(item, Entry) and item.record.is_question:
            words = " ".join(item.record.text.split())
            return words if len(words) <= _FIRST_WORDS_CHARS else words[:_FIRST_WORDS_CHARS].rsplit(" ", 1)[0] + " …"
    return ""


def own_title(place: Folder) -> str:
    """Return what the user called a conversation, "" when they did not."""
    try:
        return clean_title(place.read(TITLE, 0, 4096).decode(errors="replace"))
    except FileNotFoundError:
        return ""


def clean_title(text: str) -> str:
    """Return the text as a title: one line, not too long."""
    return " ".join(normalise(text).split())[:MOST_TITLE_CHARS].rstrip()


def rename(folder: Folder, name: str, title: str) -> bool:
    """Call a conversation by this title, or by its first words again when it is empty. False when there is none such."""
    title = clean_title(title)
    with folder.lock():
        place = archive.find(folder, name)
        if place is None:
            return False
        if title:
            place.replace(TITLE, f"{title}\n".encode())
        else:
            place.remove(TITLE)
            place.sync()
        return True
