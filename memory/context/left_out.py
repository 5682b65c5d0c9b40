"""The one sentence by which notes, prompt and page say that messages are in neither. Pure."""

import re
from collections.abc import Iterable, Sequence

MOST_RANGES = 3
"""Sentences in one place; what more of them would say is said by the last."""


def sentence(first: int, last: int) -> str:
    """Return the sentence for messages `first` to `last`."""
    if first == last:
        return f"(Message {first} is not in these notes.)"
    return f"(Messages {first} to {last} are not in these notes.)"


_SENTENCE = re.compile(r"\(Messages? (\d{1,15})(?: to (\d{1,15}))? (?:is|are) not in these notes\.\)")


def is_sentence(line: str) -> bool:
    """True if a line of notes is such a sentence."""
    return _SENTENCE.fullmatch(line.strip()) is not None


def told_in(text: str) -> list[tuple[int, int]]:
    """Return which messages a text says that it leaves out, in order, what touches as one."""
    told = sorted((int(found[1]), int(found[2] or found[1])) for found in _SENTENCE.finditer(text))
    joined = list[tuple[int, int]]()
    for first, last in told:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return joined


def ranges(messages: Iterable[tuple[int, bool | None]]) -> list[tuple[int, int]]:
    """Return which messages are left out, by first and last; given each with whether it is, None if it says nothing."""
    found = list[tuple[int, int]]()
    is_open = False
    for number, is_left in messages:
        if is_left and is_open:
            found[-1] = (found[-1][0], number)
        elif is_left:
            found.append((number, number))
        is_open = is_open if is_left is None else is_left
    return found


def sentences(left: Sequence[tuple[int, int]]) -> list[str]:
    """Return the sentences for these ranges, oldest first."""
    if len(left) > MOST_RANGES:
        left = [(left[0][0], left[-MOST_RANGES][1]), *left[1 - MOST_RANGES :]]
    return [sentence(first, last) for first, last in left]
