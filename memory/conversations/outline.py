"""What a conversation is like as a whole, found without reading its words: how many messages stand, which were replaced."""

from bisect import bisect_right
from dataclasses import dataclass

from memory.conversations import headers, history
from memory.storage.folders import Folder


@dataclass(frozen=True, slots=True)
class ReplacedNumbers:
    """Which numbers were replaced, as stretches from `first` to `last`, in order and apart from each other."""

    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()

    def stands(self, number: int) -> bool:
        """True if the record of this number still stands."""
        n = bisect_right(self.first, number) - 1
        return n < 0 or number > self.last[n]


def replaced(folder: Folder, start: int = 0) -> ReplacedNumbers:
    """Look through the conversation from byte `start` on for records that replace others."""
    firsts, lasts = list[int](), list[int]()
    for _, number, replaces in headers.replacing(folder, start):
        if replaces >= number:
            continue
        first, last = replaces, number - 1
        while firsts and lasts[-1] >= first - 1:  # each stretch is joined once: linear in all
            first, last = min(first, firsts.pop()), max(last, lasts.pop())
        firsts.append(first)
        lasts.append(last)
    return ReplacedNumbers(tuple(firsts), tuple(lasts))


def count(folder: Folder) -> int:
    """Return how many messages stand, taking the file's numbers to be without gaps, as they are unless it was damaged."""
    found, last = replaced(folder), history.last_number(folder)
    return last - sum(end - first + 1 for first, end in zip(found.first, found.last, strict=True))
