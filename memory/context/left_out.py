"""The one sentence by which notes, prompt and page say that messages, or parts of them, are in neither. Pure."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

MOST_RANGES = 3
"""Sentences in one place; what more of them would say is said by the last."""

Stand = Literal["in", "part", "out"]
"""How a message stands in the notes: whole, in part, or not at all."""


class Left(NamedTuple):
    """Messages that are left out, by first and last; unless `is_whole`, something of them is in the notes."""

    first: int
    last: int
    is_whole: bool = True


def sentence(left: Left) -> str:
    """Return the sentence for these messages."""
    first, last, is_whole = left
    named = f"essage {first}" if first == last else f"essages {first} to {last}"
    if not is_whole:
        return f"(Parts of m{named} are not in these notes.)"
    return f"(M{named} {'is' if first == last else 'are'} not in these notes.)"


_SENTENCE = re.compile(r"\((M|Parts of m)essages? (\d{1,15})(?: to (\d{1,15}))? (?:is|are) not in these notes\.\)")


def is_sentence(line: str) -> bool:
    """True if a line of notes is such a sentence."""
    return _SENTENCE.fullmatch(line.strip()) is not None


def stated_in(text: str) -> list[Left]:
    """Return the messages that a text states to leave out, in order, adjacent ones as one."""
    stated = [Left(int(found[2]), int(found[3] or found[2]), found[1] == "M") for found in _SENTENCE.finditer(text)]
    joined = list[Left]()
    for left in sorted(stated):
        if joined and left.first <= joined[-1].last + (left.is_whole == joined[-1].is_whole):
            joined[-1] = Left(joined[-1].first, max(left.last, joined[-1].last), left.is_whole and joined[-1].is_whole)
        else:
            joined.append(left)
    return joined


def ranges(messages: Iterable[tuple[int, Stand | None]]) -> list[Left]:
    """Return which messages are left out; given each with how it stands in the notes, None if it says nothing."""
    found = list[Left]()
    is_open = False
    for number, stand in messages:
        if stand in ("part", "out") and is_open:
            found[-1] = Left(found[-1].first, number, found[-1].is_whole and stand == "out")
        elif stand in ("part", "out"):
            found.append(Left(number, number, stand == "out"))
        is_open = is_open if stand is None else stand != "in"
    return found


def sentences(left: Sequence[Left]) -> list[str]:
    """Return the sentences for these ranges, oldest first."""
    if len(left) > MOST_RANGES:
        left = [Left(left[0].first, left[-MOST_RANGES].last, is_whole=False), *left[1 - MOST_RANGES :]]
    return [sentence(one) for one in left]
