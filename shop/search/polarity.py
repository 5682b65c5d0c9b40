"""What something is with and without: "água com gás" is no "água sem gás". Pure."""

import re
from dataclasses import dataclass

from shop.search.folding import fold, stem

_WITH = re.compile(r"\b(?:com|with)\s+(\w{2,})")
_WITHOUT = re.compile(r"\b(?:sem|without|zero)\s+(\w{2,})|\b(\w{2,})[ -]free\b")


@dataclass(frozen=True, slots=True)
class Polarity:
    """The stems of what a text says that something has, and has not."""

    having: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()

    def contradicts(self, other: "Polarity") -> bool:
        """True if one of both has what the other lacks."""
        return not self.having.isdisjoint(other.lacking) or not self.lacking.isdisjoint(other.having)


NEITHER = Polarity()


def polarity_of(text: str) -> Polarity:
    """Return what a text says that something is with and without."""
    folded = fold(text)
    having = frozenset(stem(found[1]) for found in _WITH.finditer(folded))
    lacking = frozenset(stem(found[1] or found[2]) for found in _WITHOUT.finditer(folded))
    return Polarity(having - lacking, lacking)
