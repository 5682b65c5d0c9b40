"""The one sentence by which notes, prompt and page say that messages are in neither. Pure."""

from collections.abc import Iterable, Sequence

MOST_RANGES = 3
"""Sentences in one place; what more of them would say is said by the last."""


def sentence(first: int, last: int) -> str:
    """Return the sentence for messages `first` to `last`."""
    if first == last:
        return f"(Message {first} is not in these notes.)"
    return f"(Messages {first} to {last} are not in these notes.)"


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
