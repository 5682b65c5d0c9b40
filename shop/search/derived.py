"""Words that are made of one root: "roast", "roasted", "roasting"; "escurecer", "escurecimento". Pure.

Suffixes of verbs, and of the nouns and adjectives that are made of verbs, in English and Portuguese. Two words that differ in
a last vowel alone are none of one root here: "porta" and "porto", "prata" and "prato"; `genders` has the other gender of
what is known to name no thing: "murcho", "murcha".
"""

import re
from collections.abc import Iterable

_OF_VERBS = (
    "ation ations ment ments ing ings ed er ers able ables "
    "imento imentos amento amentos acao acoes icao icoes ador adores idor idores avel aveis ivel iveis agem agens "
    "ando endo indo ada adas ado ados ida idas ido idos aram eram iram amos emos imos ar er ir ei ou eu iu am em"
).split()
_VOWELS = "as es os a e o s".split()
_SUFFIX = re.compile(f"(?P<verb>{'|'.join(sorted(_OF_VERBS, key=len, reverse=True))})$|(?:{'|'.join(_VOWELS)})$")
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1$")
_SHORTEST_ROOT = 4


def root_of(word: str) -> tuple[str, bool]:
    """Return the root of a folded word, and whether a suffix of a verb was cut; "" where too little is left."""
    found = _SUFFIX.search(word)
    root = _DOUBLED.sub(r"\1", word[: found.start()] if found else word)
    return (root, bool(found and found["verb"])) if len(root) >= _SHORTEST_ROOT else ("", False)


class Families:
    """The words of some texts by their roots."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_root: dict[str, list[tuple[str, bool]]] = {}
        for word in sorted(set(words)):
            root, is_verb = root_of(word)
            if root and word.isalpha():
                self._by_root.setdefault(root, []).append((word, is_verb))

    def related(self, word: str) -> tuple[str, ...]:
        """Return the other words of the root of a folded word."""
        root, is_verb = root_of(word)
        return tuple(
            other for other, is_other in self._by_root.get(root, ()) if other != word and (is_verb or is_other)
        )


def genders(word: str) -> tuple[str, ...]:
    """Return a folded Portuguese adjective in both genders and numbers, () for what ends otherwise."""
    plain = word.removesuffix("s")
    return tuple(f"{plain[:-1]}{end}" for end in ("o", "a", "os", "as")) if plain[-1:] in ("o", "a") else ()
