"""Words of English and Portuguese in one plain form, and numbers that are written as words."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_SIGNS = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-", "\u2010": "-", "\u2011": "-", "–": "-", "’": "'"}
    | {"*": " ", "`": " ", "~": " ", "|": " ", "[": " ", "]": " ", "#": " ", ">": " ", "<": " ", "\t": " "}
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_UNDERLINES = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


def fold(text: str) -> str:
    """Return the text in lower case, without accents or Markdown's signs, each letter in its old place."""
    text = text.translate(_SIGNS)
    if not text.isascii():
        text = _NOT_ASCII.sub(_plain, text)
    return _UNDERLINES.sub(lambda match: " " * len(match[0]), text.lower())


def _plain(match: re.Match[str]) -> str:
    letter = unicodedata.normalize("NFKD", match[0])[0]
    return letter if letter.isascii() else match[0] if len(match[0].lower()) == 1 else " "


_ENDINGS = (
    (re.compile(r"(?<=..)(?:ves|ve|fe)$"), "f"),  # knives, knife
    (re.compile(r"(?<=..)ies$"), "y"),
    (re.compile(r"(?<=.)(?:oes|aes)$"), "ao"),
    (re.compile(r"(?<=..)ais$"), "al"),
    (re.compile(r"(?<=..)eis$"), "el"),
    (re.compile(r"(?<=[aeiou])ns$"), "m"),
    (re.compile(r"(?<=ch|sh|ss)es$|(?<=x)es$|(?<=r)es$"), ""),
    (re.compile(r"(?<!s)s$"), ""),
)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return the word without the ending of a plural, in either language."""
    word = word.removesuffix("'s")
    if len(word) < 4 or word[-1] not in "se" or word.isdigit() or word.endswith("ss"):
        return word
    for ending, other in _ENDINGS:
        if ending.search(word):
            return ending.sub(other, word)
    return word


def words(folded: str) -> Iterator[tuple[str, int, int]]:
    """Return each word's stem, and where it begins and ends."""
    for match in WORD.finditer(folded):
        yield stem(match[0]), match.start(), match.end()


def stems(folded: str) -> frozenset[str]:
    return frozenset(word for word, _, _ in words(folded))


_UNITS = {
    "zero": 0,
    **dict.fromkeys(("one", "um", "uma"), 1),
    **dict.fromkeys(("two", "dois", "duas"), 2),
    **dict.fromkeys(("three", "tres"), 3),
    **dict.fromkeys(("four", "quatro"), 4),
    **dict.fromkeys(("five", "cinco"), 5),
    **dict.fromkeys(("six", "seis"), 6),
    **dict.fromkeys(("seven", "sete"), 7),
    **dict.fromkeys(("eight", "oito"), 8),
    **dict.fromkeys(("nine", "nove"), 9),
    **dict.fromkeys(("ten", "dez"), 10),
    **dict.fromkeys(("eleven", "onze"), 11),
    **dict.fromkeys(("twelve", "doze"), 12),
    **dict.fromkeys(("thirteen", "treze"), 13),
    **dict.fromkeys(("fourteen", "catorze", "quatorze"), 14),
    **dict.fromkeys(("fifteen", "quinze"), 15),
    **dict.fromkeys(("sixteen", "dezesseis"), 16),
    **dict.fromkeys(("seventeen", "dezessete"), 17),
    **dict.fromkeys(("eighteen", "dezoito"), 18),
    **dict.fromkeys(("nineteen", "dezenove"), 19),
    **dict.fromkeys(("twenty", "vinte"), 20),
    **dict.fromkeys(("thirty", "trinta"), 30),
    **dict.fromkeys(("forty", "quarenta"), 40),
    **dict.fromkeys(("fifty", "cinquenta"), 50),
    **dict.fromkeys(("sixty", "sessenta"), 60),
    **dict.fromkeys(("seventy", "setenta"), 70),
    **dict.fromkeys(("eighty", "oitenta"), 80),
    **dict.fromkeys(("ninety", "noventa"), 90),
    **dict.fromkeys(("cem", "cento"), 100),
    **dict.fromkeys(("duzentos", "duzentas"), 200),
    **dict.fromkeys(("trezentos", "trezentas"), 300),
    **dict.fromkeys(("quatrocentos", "quatrocentas"), 400),
    **dict.fromkeys(("quinhentos", "quinhentas"), 500),
    **dict.fromkeys(("seiscentos", "seiscentas"), 600),
    **dict.fromkeys(("setecentos", "setecentas"), 700),
    **dict.fromkeys(("oitocentos", "oitocentas"), 800),
    **dict.fromkeys(("novecentos", "novecentas"), 900),
}
_MULTIPLIERS = {"hundred": 100, "thousand": 1000, "mil": 1000}
_ONE = "|".join(sorted((*_UNITS, *_MULTIPLIERS), key=len, reverse=True))
NUMBER_WORDS = rf"(?:{_ONE})(?:(?:-| (?:and |e )?)(?:{_ONE})){{0,8}}"
"""A number of words, such as "one hundred and thirty-eight" or "cento e trinta e oito"; unbound at both ends."""
_SMALL = "|".join(sorted((word for word, value in _UNITS.items() if value < 100), key=len, reverse=True))
COUNT = rf"(?:\d{{1,5}}|(?:{_SMALL})(?:(?:-| e )(?:{_SMALL}))?)"
"""A number of things, in digits or words; unbound at both ends."""


_RUN = re.compile(r"[a-z]+")
_NUMBER_NAMES = frozenset([*_UNITS, *_MULTIPLIERS])
_DIGIT = re.compile(r"\d")


def states_number(folded: str) -> bool:
    """True if a text holds any number, in digits or in words."""
    return _DIGIT.search(folded) is not None or not _NUMBER_NAMES.isdisjoint(_RUN.findall(folded))


def number_of(written: str) -> int:
    """Return the number that COUNT or NUMBER_WORDS has matched."""
    if written.isdigit():
        return int(written)
    whole = part = 0
    for word in re.findall(r"[a-z]+", written):
        if word in _UNITS:
            part += _UNITS[word]
        elif word == "hundred":
            part = max(part, 1) * 100
        elif word in _MULTIPLIERS:
            whole, part = (whole + max(part, 1) * 1000), 0
    return whole + part
