"""What a conversation is like as a whole, found without reading its words: how many messages stand, which were replaced.

Blocks: call it in a thread.
"""

import contextlib
from bisect import bisect_right
from dataclasses import dataclass
from urllib.parse import unquote

from memory import history
from memory.files import HISTORY, Folder
from memory.records import HEADER, read_number

_BLOCK = 1 << 20
_REPLACES = b" replaces="


@dataclass(frozen=True, slots=True)
class Replaced:
    """Who replaced whom: the number of each record that replaces, and the first number that it and later ones replace."""

    by: tuple[int, ...]
    first: tuple[int, ...]

    def stands(self, number: int) -> bool:
        """Say whether the record of this number still stands."""
        later = bisect_right(self.by, number)
        return later == len(self.by) or number < self.first[later]


def replaced(folder: Folder) -> Replaced:
    """Look through the conversation for records that replace others, a block at a time."""
    pairs = list[tuple[int, int]]()
    size, at, rest = folder.size(HISTORY) or 0, 0, b""
    while at < size:
        block = folder.read(HISTORY, at, min(size, at + _BLOCK))
        if not block:
            break
        at += len(block)
        data = rest + block
        cut = len(data) if at >= size else data.rfind(b"\n") + 1
        pairs += _pairs(data[:cut])
        rest = data[cut:]
    first = list[int]()
    for _, replaces in reversed(pairs):
        first.append(min(replaces, first[-1]) if first else replaces)
    return Replaced(tuple(number for number, _ in pairs), tuple(reversed(first)))


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
            with contextlib.suppress(ValueError):  # what is no number makes its record damage, which replaces nothing
                found.append((read_number(header[1].decode()), read_number(unquote(values[-1].decode()))))
        position = data.find(_REPLACES, end)
    return found


def count(folder: Folder) -> int:
    """Say how many messages stand, taking the file's numbers to be without gaps, as they are unless it was damaged."""
    found, last = replaced(folder), history.last_number(folder)
    standing, edge = 0, 0
    for by, first in zip(found.by, found.first, strict=True):
        standing += max(0, min(by, first) - 1 - edge) if by > edge else 0
        edge = max(edge, by - 1)
    return standing + max(0, last - edge)
