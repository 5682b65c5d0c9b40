"""What a conversation is like as a whole, found without reading its words: how many messages stand, which were replaced.

Blocks: call it in a thread.
"""

from bisect import bisect_right
from dataclasses import dataclass

from memory import history
from memory.files import HISTORY, Folder
from memory.records import HEADER

_BLOCK = 1 << 20
_REPLACES = b" replaces="
_LONGEST_LINE = 64 * 1024
"""A longer line is no header. What was read of it is not kept: a file may be one line."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """Which numbers were replaced, as stretches from `first` to `last`, in order and apart from each other."""

    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()

    def stands(self, number: int) -> bool:
        """True if the record of this number still stands."""
        n = bisect_right(self.first, number) - 1
        return n < 0 or number > self.last[n]


def replaced(folder: Folder, start: int = 0) -> Replaced:
    """Look through the conversation from byte `start` on for records that replace others, a block at a time."""
    firsts, lasts = list[int](), list[int]()
    size, at, rest = folder.size(HISTORY) or 0, start, b""
    while at < size:
        block = folder.read(HISTORY, at, min(size, at + _BLOCK))
        if not block:
            break
        at += len(block)
        data = rest + block
        cut = len(data) if at >= size else data.rfind(b"\n") + 1
        for number, replaces in _pairs(data[:cut]):
            if replaces >= number:
                continue
            first, last = replaces, number - 1
            while firsts and lasts[-1] >= first - 1:  # each stretch is joined once: linear in all
                first, last = min(first, firsts.pop()), max(last, lasts.pop())
            firsts.append(first)
            lasts.append(last)
        rest = data[cut:] if len(data) - cut < _LONGEST_LINE else b"no header"
    return Replaced(tuple(firsts), tuple(lasts))


def _pairs(data: bytes) -> list[tuple[int, int]]:
    """Give the number and `replaces` of each record that has one; `data` begins and ends with whole lines."""
    found = list[tuple[int, int]]()
    position = data.find(_REPLACES)
    while position != -1:
        start = data.rfind(b"\n", 0, position) + 1
        end = data.find(b"\n", position)
        end = len(data) if end == -1 else end
        header = HEADER.fullmatch(data[start:end].removesuffix(b"\r"))
        if header is not None:
            values = [pair[9:] for pair in header[4].split() if pair.startswith(b"replaces=")]
            if values[-1].isdigit():
                found.append((int(header[1]), int(values[-1])))
        position = data.find(_REPLACES, end)
    return found


def count(folder: Folder) -> int:
    """Return how many messages stand, taking the file's numbers to be without gaps, as they are unless it was damaged."""
    found, last = replaced(folder), history.last_number(folder)
    return last - sum(end - first + 1 for first, end in zip(found.first, found.last, strict=True))
