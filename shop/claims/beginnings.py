"""Which of many patterns can be found in a text at all, by how its words begin. Pure.

An answer is read with more than a hundred patterns, of which a sentence holds two or three. Most begin at the beginning of a
word with signs that can be read off them, so that those of which no word of the text has the beginning need not be tried.
"""

import re
from collections.abc import Iterable, Iterator, Set
from functools import cached_property
from typing import Generic, TypeVar

T = TypeVar("T")
Begun = Set[str]
_MOST = 5
"""Signs of a beginning that are looked at."""
_AT_WORD = re.compile(r"\\b|\^\\W\*|\(\?:\^\|\[\\n\*!\.\] \*(?:\|\^\\W\*\\w\+, )?\)")
"""What a pattern has before the first sign of a word."""
_BORDER = re.compile(r"\\b|\(\?<!(?:[^()\\]|\\.)*\)")
_COUNT = re.compile(r"[?*+]\??|\{\d*,?\d*\}")
_SIGN = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|[|()]")
_LITERAL = re.compile(r"[a-z0-9 ',]")
_WORD = re.compile(rf"\b(?=(\w.{{0,{_MOST - 1}}}))", re.S)


class ByBeginnings(Generic[T]):
    """Things that are found by patterns, each under the beginnings of the words that it can begin with.

    A pattern is compiled when it is first tried, and where patterns begin is read off at the first text: at the start it
    would hold up the server, and each command.
    """

    def __init__(self, patterns: Iterable[tuple[str, T]]) -> None:
        self._all = tuple(patterns)
        self._compiled = dict[int, re.Pattern[str]]()

    @cached_property
    def _numbers(self) -> dict[str, list[int]]:
        """The places of the patterns in `_all`, by the signs that they can begin with."""
        numbers = dict[str, list[int]]()
        for n, (pattern, _) in enumerate(self._all):
            for signs in beginnings_of(pattern):
                numbers.setdefault(signs, []).append(n)
        return numbers

    def possible(self, folded: str, begun: Begun | None = None) -> Iterator[tuple[re.Pattern[str], T]]:
        """Return the patterns that may be found in a text, in their order, each with its thing.

        `begun` is `beginnings_in(folded)`, where that is at hand.
        """
        begun = beginnings_in(folded) if begun is None else begun
        found = {n for signs in begun & self._numbers.keys() for n in self._numbers[signs]}
        return ((self._pattern(n), self._all[n][1]) for n in sorted(found))

    def _pattern(self, n: int) -> re.Pattern[str]:
        if n not in self._compiled:
            self._compiled[n] = re.compile(self._all[n][0])
        return self._compiled[n]


def beginnings_in(folded: str) -> Begun:
    """Return how the words of a text begin: their first signs, one to five of them."""
    words = set(_WORD.findall(folded))
    return {word[:length] for length in range(1, _MOST + 1) for word in words} | {""}


def beginnings_of(pattern: str) -> frozenset[str]:
    """Return the first signs of the words at which a pattern is found; "" is among them where it may be found anywhere."""
    found = set[str]()
    for one in _alternatives(pattern):
        border = _AT_WORD.match(one)
        found.update(_begun(one[border.end() :], _MOST) if border else [""])
    return frozenset(signs if signs[:1].isalnum() else "" for signs in found)


def _begun(pattern: str, most: int) -> set[str]:
    """Return how what the pattern matches begins: as many signs as are sure, `most` of them at most."""
    while border := _BORDER.match(pattern):
        pattern = pattern[border.end() :]
    end = _unit_end(pattern)
    if not pattern or not most or not end:
        return {""}
    count = _COUNT.match(pattern, end)
    rest = pattern[count.end() if count else end :]
    is_once = count is None or count[0] == "?"
    found = set[str]()
    for one in _alternatives(pattern[3 : end - 1]) if pattern.startswith("(?:") else [pattern[:end]]:
        if _LITERAL.fullmatch(one):
            found |= {one + more for more in (_begun(rest, most - 1) if is_once else {""})}
        else:
            found |= _begun(one + rest if is_once else one, most)
    if count is not None and count[0][0] in "?*{":
        found |= _begun(rest, most)
    return found


def _unit_end(pattern: str) -> int:
    """Return where the letter or the group ends with which a pattern begins, 0 where it begins with something else."""
    if pattern.startswith("(?:"):
        return next(at + 1 for at, sign, depth in _signs(pattern) if sign == ")" and depth == 0)
    return 1 if _LITERAL.match(pattern) else 0


def _alternatives(pattern: str) -> Iterator[str]:
    """Return the parts of a pattern between the bars that stand in no group."""
    begin = 0
    for at, sign, depth in _signs(pattern):
        if sign == "|" and depth == 0:
            yield pattern[begin:at]
            begin = at + 1
    yield pattern[begin:]


def _signs(pattern: str) -> Iterator[tuple[int, str, int]]:
    """Return the bars and brackets of a pattern, each with its place and with the number of groups around it."""
    depth = 0
    for sign in _SIGN.finditer(pattern):
        depth -= sign[0] == ")"
        if len(sign[0]) == 1:
            yield sign.start(), sign[0], depth
        depth += sign[0] == "("
