"""Numbers in words and in figures, English and Portuguese: "dois mil e quinhentos", "half a dozen", "1,5 mil". Pure.

It reads folded text: lower case, without accents (`values.fold`).
"""

import re
from dataclasses import dataclass
from decimal import Decimal

_SMALL = (
    "zero", "one um uma", "two dois duas", "three tres", "four quatro", "five cinco", "six seis", "seven sete",
    "eight oito", "nine nove", "ten dez", "eleven onze", "twelve doze", "thirteen treze", "fourteen catorze quatorze",
    "fifteen quinze", "sixteen dezesseis dezasseis", "seventeen dezessete dezassete", "eighteen dezoito",
    "nineteen dezenove dezanove",
)  # fmt: skip
_TENS = (
    "twenty vinte", "thirty trinta", "forty quarenta", "fifty cinquenta", "sixty sessenta", "seventy setenta",
    "eighty oitenta", "ninety noventa",
)  # fmt: skip
_HUNDREDS = (
    "cem cento", "duzentos duzentas", "trezentos trezentas", "quatrocentos quatrocentas", "quinhentos quinhentas",
    "seiscentos seiscentas", "setecentos setecentas", "oitocentos oitocentas", "novecentos novecentas",
)  # fmt: skip
_VALUES = {
    word: value
    for start, step, rows in ((0, 1, _SMALL), (20, 10, _TENS), (100, 100, _HUNDREDS))
    for value, row in zip(range(start, 1_000, step), rows, strict=False)
    for word in row.split()
}
_SCALES = {
    "mil": 1_000, "thousand": 1_000, "grand": 1_000, "k": 1_000,
    "milhao": 1_000_000, "milhoes": 1_000_000, "million": 1_000_000,
}  # fmt: skip
_COUNTS = {
    "dozen": 12, "dozens": 12, "duzia": 12, "duzias": 12, "dezena": 10, "dezenas": 10,
}  # fmt: skip
_WHOLE = {"half a dozen": 6, "half dozen": 6, "meia duzia": 6, "a couple": 2, "a pair": 2, "um par": 2}
_ARTICLES = {"one", "um", "uma"}
"""Words for one that are articles and pronouns too: a number only as part of a larger one."""

WORDS = frozenset({*_VALUES, *_SCALES, *_COUNTS, "hundred", *(phrase.split()[0] for phrase in _WHOLE)} - {"k"})
"""The words that a number in words may begin with."""

_WORD = "|".join(sorted({*_VALUES, *_SCALES, *_COUNTS, *_WHOLE, "hundred"} - {"k"}, key=len, reverse=True))
_PHRASE = re.compile(rf"(?:{_WORD})(?!\w)(?:(?:-| (?:e |and )?)(?:{_WORD})(?!\w)){{0,12}}+")
_EACH = re.compile(rf"(?:{_WORD})(?!\w)")
_AND_A_HALF = re.compile(r" (?:e mei[oa]|and a half)(?!\w)(?! duzia)")

DIGITS = r"\d{1,24}+(?!\d)(?:[.,]\d{1,12}+(?!\d)){0,8}+(?:[½¼¾]| 1/2(?![\d/]))?|[½¼¾]"
"""Bounded: a longer row of figures is an identifier, and no hostile one is read again from each of its places."""
_FIGURES = re.compile(DIGITS)
_SCALE = re.compile(rf" ?({'|'.join(sorted({*_SCALES, *_COUNTS}, key=len, reverse=True))})(?!\w)")
_PARTS = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it ends; `is_word` where it stands in words alone."""

    amount: Decimal
    end: int
    is_word: bool


def read(text: str, at: int, *, articles: bool = False) -> Number | None:
    """Return the number that begins at a place, in figures or words; None if there is none.

    A lone "one", "um" or "uma" is a number only with `articles`: where a unit follows, for one.
    """
    figures = _FIGURES.match(text, at)
    if figures is None:
        return _read_words(text, at, articles=articles)
    scale = _SCALE.match(text, figures.end())
    if scale is None:
        return Number(amount(figures[0]), figures.end(), is_word=False)
    number = amount(figures[0]) * {**_SCALES, **_COUNTS}[scale[1]]
    rest = _read_words(text, scale.end() + 3) if text.startswith(" e ", scale.end()) else None
    if rest is not None and rest.amount < _SCALES.get(scale[1], 0):
        return Number(number + rest.amount, rest.end, is_word=False)
    return Number(number, scale.end(), is_word=False)


def amount(figures: str) -> Decimal:
    """Return the number that figures stand for: 1.234,5 and 1,234.50 are one, and so are 8½, 8 1/2 and 8.5.

    A single point or comma before three figures groups them, save after a lone zero.
    """
    part = _PARTS.get(figures[-1], Decimal("0.5") if figures.endswith(" 1/2") else Decimal())
    figures = figures.removesuffix(" 1/2").rstrip("½¼¾")
    last = max(figures.rfind("."), figures.rfind(","))
    whole, rest = (figures[:last], figures[last + 1 :]) if last != -1 else (figures, "")
    is_grouped = len(rest) == 3 and whole != "0" and not {".", ","} <= set(figures)
    if is_grouped:
        whole, rest = whole + rest, ""
    digits = re.sub(r"\D", "", whole) or "0"
    return Decimal(f"{digits}.{rest}" if rest else digits) + part


def plain(number: Decimal) -> str:
    """Return a number in the one way in which keys have it: without grouping and idle zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _read_words(text: str, at: int, *, articles: bool = False) -> Number | None:
    phrase = _PHRASE.match(text, at)
    if phrase is None:
        return None
    words = [(one[0], one.end()) for one in _EACH.finditer(text, at, phrase.end())]
    number, used = _evaluate([word for word, _ in words])
    end = words[used - 1][1]
    half = _AND_A_HALF.match(text, end)
    if half is not None and used == 1:
        return Number(Decimal(number) + Decimal("0.5"), half.end(), is_word=True)
    if used == 1 and words[0][0] in _ARTICLES and not articles:
        return None
    return Number(Decimal(number), end, is_word=True)


def _evaluate(words: list[str]) -> tuple[int, int]:
    """Return the number that the first words make together, and how many words those are.

    `room` is what the next word must be below: 1000 at first, 100 after hundreds, 10 after tens.
    """
    total, group, room, largest, used = 0, 0, 1_000, 1_000_000_000, 0
    for word in words:
        if word in _WHOLE or word in _COUNTS:
            if used and (word in _WHOLE or total):
                break
            return (_WHOLE[word] if word in _WHOLE else max(group, 1) * _COUNTS[word]), used + 1
        if word in _SCALES:
            if _SCALES[word] >= largest or (used and not group):
                break
            largest = _SCALES[word]
            total, group, room = total + max(group, 1) * largest, 0, 1_000
        elif word == "hundred":
            if group >= 20 or (used and not group and not total):
                break
            group, room = max(group, 1) * 100, 100
        else:
            value = _VALUES[word]
            if value >= room or (used and not value):
                break
            group, room = group + value, 100 if value >= 100 else 10 if value >= 20 else 0
        used += 1
    return total + group, used
