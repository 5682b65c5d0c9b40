"""Whether two questions are the same but for their wording. Data: shop/words/grammar.txt. Pure.

A question is compared by what it is about: its words without grammar and courtesy, as stems; words that the lexicon calls one
thing ("shipping", "delivery", "entrega") are one. Order does not count.
"""

from collections.abc import Callable, Iterable
from functools import cache
from math import ceil
from typing import Generic, TypeVar

from shop.answers import asking
from shop.search.folding import distance, fold, stem, words
from shop.search.lexicon import WORDS, Lexicon, pieces
from shop.search.spellings import spelled

T = TypeVar("T")
About = frozenset[str]
"""What a question is about: stems, and the kinds of value that it asks for, such as "?price"."""

_VALUES = frozenset(["price", "stock", "size", "colour"])
"""Kinds of questions whose phrases say the same: "how much is", "what does it cost", "the price of"."""
_COURTESY = frozenset(["greeting", "thanks", "polite"])
_LEAST_OF_LONG = 4
"""From so many words on one word more makes no other question; of fewer, each decides."""
_CERTAIN = 5
"""Letters of a word from which one may be mistyped."""
_ALIKE = 0.6
"""Share of all words of two questions that both have, from which they are put into one group."""


def about(question: str, lexicon: Lexicon) -> About:
    """Return what a question is about; without any word of its own, all that it says."""
    said = [piece for word in words(spelled(fold(question))) for piece in pieces(word)]
    kinds, rest = asking.without(said, _VALUES | _COURTESY)
    telling = [word for word in rest if word not in _grammar()]
    found = {_called(stem(word), lexicon) for word in telling}
    found |= {f"?{kind}" for kind in kinds & _VALUES}
    return frozenset(found) if found else frozenset(map(stem, said))


def are_same(one: About, other: About) -> bool:
    """True if an answer to one question answers the other: the same words, but for a typing mistake or one of many."""
    if one == other:
        return bool(one)
    left, right = one - other, other - one
    if len(left) == len(right) == 1:
        return _is_mistyped(*left, *right)
    return len(left | right) == 1 and min(len(one), len(other)) >= _LEAST_OF_LONG and _is_plain(left | right)


def are_alike(one: About, other: About) -> bool:
    """True if two questions may stand in one group: the same, or with most of their words in common."""
    return are_same(one, other) or len(one & other) >= _ALIKE * len(one | other) > _ALIKE


class AboutIndex(Generic[T]):
    """Things by what they are about. Those that may fit are found by rare words, without a look at all."""

    def __init__(self) -> None:
        self.found = list[T]()
        self._meant = list[About]()
        self._by_word = dict[str, list[int]]()
        self._short = list[int]()
        """Those of one word, which may be mistyped."""

    def add(self, meant: About, one: T) -> None:
        number = len(self.found)
        for word in meant:
            self._by_word.setdefault(word, []).append(number)
        if len(meant) == 1:
            self._short.append(number)
        self._meant.append(meant)
        self.found.append(one)

    def find(self, meant: About, fits: Callable[[About, About], bool]) -> T | None:
        """Return the first thing about the same by `fits`, which is `are_same` or `are_alike`."""
        numbers = sorted(self._may_fit(meant))
        return next((self.found[number] for number in numbers if fits(self._meant[number], meant)), None)

    def _may_fit(self, meant: About) -> set[int]:
        """Return the numbers of all that have one of the rarest words: a question with none of them lacks too many."""
        lists = sorted((self._by_word.get(word, ()) for word in meant), key=len)
        lacking = max(1, len(meant) - ceil(_ALIKE * len(meant)))
        found = {number for listed in lists[: lacking + 1] for number in listed}
        return found.union(self._short) if len(meant) == 1 else found


def _called(word: str, lexicon: Lexicon) -> str:
    """Return the first name of the thing that a stem names, the stem itself where the lexicon has none."""
    named = lexicon.concepts.get((word,), ())
    return " ".join(named[0].phrases[0]) if named and named[0].kind in ("policy", "product", "synonym") else word


def _is_mistyped(one: str, other: str) -> bool:
    is_word = one.isalpha() and other.isalpha() and min(len(one), len(other)) >= _CERTAIN
    return is_word and distance(one, other) == 1


def _is_plain(changed: Iterable[str]) -> bool:
    """True if none of these words asks, denies, counts or names a kind of value."""
    return all(word.isalpha() and word not in _DECIDING for word in changed)


_DECIDING = frozenset(
    stem(word)
    for word in (
        "where when how who why much many long not no never without except only more less "
        "onde quando como quem porque quanto quantos quanta quantas nao nunca sem exceto apenas somente mais menos"
    ).split()
)


@cache
def _grammar() -> frozenset[str]:
    """Return the words of grammar. A file of the code's own: read once."""
    lines = (WORDS / "grammar.txt").read_text(encoding="utf-8").split("\n")
    texts = (line.partition(":")[2] for line in lines if line and not line.startswith("#"))
    return frozenset(piece for text in texts for word in words(text) for piece in pieces(word))
