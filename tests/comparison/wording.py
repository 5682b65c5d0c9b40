"""Finding a planted value in a text: the scorer's own eyes, independent of memory.context.facts, which it judges. Pure.

A value has alternatives (spellings, languages); one stands in a sentence when all of its parts do.
"""

import re
import unicodedata
from functools import lru_cache

Forms = tuple[tuple[str, ...], ...]
"""Alternatives of parts. "stem*" stands for a word that begins so, "+stem*" for one that is not denied, "!" for any
negation."""

_NEGATION = r"not|no|never|without|avoid\w*|nothing|não|nunca|sem|nada|refus\w+|against"
_DENIED = re.compile(rf"\b(?:{_NEGATION}|instead of|rather than|em vez de)\b|n't\b")
_CLAUSE = re.compile(r"[,:;.()]| (?:and|but|e|mas|because|porque) ")
_DENIES_WITHIN = 7
"""Words before a value in which a negation denies it, in the same clause."""
_CHANGE = re.compile(
    r"\b(?:chang\w+|instead|correct\w+|actually|updat\w+|replac\w+|rather|no longer|switch\w+|wrong|"
    r"meant|sorry|before(?=: \")|na verdade|desculp\w+|errei|corrig\w+|correção|mud\w+|troc\w+|em vez|agora|errou|errad\w+)\b"
)
_END = re.compile(r"(?<=[.!?;])\s+(?=[^\W\d_a-zà-ÿ]|[#“\"(\-*])")


def fold(text: str) -> str:
    """Return a text as it is compared: one case, one space, one kind of quote and dash."""
    text = unicodedata.normalize("NFKC", text).casefold()
    for written, plain in (("’", "'"), ("‘", "'"), ("×", "x"), ("–", "-"), ("‑", "-"), ("—", "-")):
        text = text.replace(written, plain)
    return " ".join(text.split())


def sentences(text: str) -> list[str]:
    """Return the sentences of all lines, as written."""
    return [part.strip() for line in text.split("\n") for part in _END.split(line) if part.strip()]


def says(sentence: str, forms: Forms) -> bool:
    """True if one of the alternatives stands in the sentence, whole."""
    return says_folded(fold(sentence), forms)


def says_folded(folded: str, forms: Forms) -> bool:
    return any(all(_stands(part, folded) for part in parts) for parts in forms)


def possible(folded: str, forms: Forms) -> Forms:
    """Return the alternatives whose letters all occur in a text: no other stands in any of its sentences."""
    return tuple(parts for parts in forms if all(_letters(part) in folded for part in parts))


def find(folded: str, forms: Forms) -> int:
    """Return where the first of the alternatives that stands there begins, -1 for none; parts that stand apart, the first's."""
    for parts in forms:
        if all(_stands(part, folded) for part in parts):
            together = _pattern(" ".join(parts)).search(folded)
            found = together or _pattern(parts[0].removeprefix("+")).search(folded)
            return found.start() if found else -1
    return -1


def _stands(part: str, folded: str) -> bool:
    if _letters(part) not in folded:  # much quicker than the pattern, and nearly always so
        return False
    if not part.startswith("+"):
        return _pattern(part).search(folded) is not None
    return any(not _is_denied(folded[: match.start()]) for match in _pattern(part[1:]).finditer(folded))


def _is_denied(before: str) -> bool:
    clause = _CLAUSE.split(before)[-1]
    return _DENIED.search(" ".join(clause.split()[-_DENIES_WITHIN:])) is not None


def is_change(sentence: str) -> bool:
    """True if the sentence tells of something that took another's place."""
    return _CHANGE.search(fold(sentence)) is not None


@lru_cache(maxsize=65_536)
def _letters(part: str) -> str:
    """Return what a sentence must hold, letter by letter, where the part stands in it."""
    plain = part.removeprefix("+")
    return "" if plain == "!" else fold(plain).removesuffix("*")


@lru_cache(maxsize=65_536)
def _pattern(part: str) -> re.Pattern[str]:
    if part == "!":
        return re.compile(rf"\b(?:{_NEGATION})\b|n't\b")
    word = fold(part)
    if word.endswith("*"):
        return re.compile(rf"(?<!\w){re.escape(word[:-1])}")
    # a digit must not go on: "R$ 28" is not in "R$ 28.90", nor "12" in "112" or "3.12"
    return re.compile(rf"(?<!\w)(?<!\d[.,]){re.escape(word)}(?!\w)(?![.,]\d)")
