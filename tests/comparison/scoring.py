"""Figures from texts: what notes carried over, what they made up, who they say said it. Pure and deterministic, no judge.

The rules of finding are in wording.py. A figure's interval is Wilson's, at 95 %.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, sqrt
from typing import Literal

from tests.comparison import phrases
from tests.comparison.dialogues import Dialogue, Plant
from tests.comparison.wording import Forms, find, fold, is_change, possible, says, says_folded, sentences

Stage = Literal["raw", "verified"]
STAGES: tuple[Stage, ...] = ("raw", "verified")
_Z = 1.959963984540054

_CUSTOMER = re.compile(r"\b(?:customer|client|buyer|user|cliente|compradora?)\b")
_SHOP = re.compile(r"\b(?:shop|store|seller|assistant|loja|vendedora?|atendente)\b")
_CODE = re.compile(r"\b[A-Z]{1,4}-?\d{2,}\b")
_NUMBER = re.compile(r"\d+")
_ORDINAL = re.compile(r"^\s*(?:[-*]\s*)?\d{1,2}[.)]\s", re.MULTILINE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_MONTHS = {
    name[:3].lower(): n for names in phrases.MONTHS.values() for n, name in enumerate(names, 1)
}  # three letters name a month in either language: "mai" and "may", "out" and "oct"
_MONTH = "|".join(sorted((name for names in phrases.MONTHS.values() for name in (*names, *(one[:3] for one in names))), key=len, reverse=True)).lower()  # fmt: skip
_DAY = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of| de)? ({_MONTH})\b|\b({_MONTH})\.? (\d{{1,2}})(?!\d)")
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?![\d])")
_ISO = re.compile(r"\b\d{4}-(\d{2})-(\d{2})\b")
_CURRENCIES = {"r$": "BRL", "brl": "BRL", "reais": "BRL", "us$": "USD", "$": "USD", "usd": "USD", "dollars": "USD", "€": "EUR", "eur": "EUR", "euros": "EUR", "£": "GBP", "gbp": "GBP"}  # fmt: skip
_AMOUNT = re.compile(r"(r\$|us\$|(?<!\w)\$|€|£|\bbrl|\busd|\beur|\bgbp) ?(\d+(?:[.,]\d\d)?)(?![\d])|\b(\d+(?:[.,]\d\d)?) (reais|brl|dollars|usd|euros|eur|gbp)\b")  # fmt: skip
_SAID_BY = re.compile(r"\" \((customer|shop)(?:, as brought in by the customer)?, message \d+[;)]")
_OWN = re.compile(
    r"\((?:customer|shop), message \d+|\((?:M|Parts of m)essages? \d+(?: to \d+)? (?:is|are) not in these notes\.\)"
)
"""What the product's notes say of messages by their numbers."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of n; an empty one is None."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def known(self) -> float:
        """Return the share where there is one; ValueError of nothing."""
        if not self.n:
            raise ValueError("a share of nothing")
        return self.hits / self.n

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.hits, self.n)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by E. B. Wilson (J. Am. Stat. Assoc. 22, 1927); (0, 1) of nothing."""
    if not n:
        return 0.0, 1.0
    share, square = hits / n, _Z * _Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _Z * sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Found:
    """How one fact fares in some notes. `speaker`: to whom they give it, None when they do not say."""

    plant: Plant
    is_there: bool
    is_stale: bool
    speaker: str | None
    sentence: str
    """The sentence that carries it, else the one most like its source."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    folded: str
    speaker: str | None


@dataclass(frozen=True, slots=True)
class _Notes:
    sentences: tuple[_Sentence, ...]
    folded: str
    """All sentences in one text."""


@lru_cache(maxsize=512)
def _read(notes: str) -> _Notes:
    """Return the sentences of notes, each with the speaker that it, or its line before it, names first.

    A card says at its end who said it: what its clause names is somebody else's word.
    """
    read = list[_Sentence]()
    for line in notes.split("\n"):
        card = _SAID_BY.search(line)
        speaker = None if card is None else "user" if card[1] == "customer" else "assistant"
        for text in sentences(line):
            folded = fold(text)
            named = [
                (match.start(), who)
                for form, who in ((_CUSTOMER, "user"), (_SHOP, "assistant"))
                if (match := form.search(folded))
            ]
            speaker = min(named)[1] if named and card is None else speaker
            read.append(_Sentence(text, folded, speaker))
    return _Notes(tuple(read), "\n".join(one.folded for one in read))


def look(plant: Plant, source_line: str, notes: str) -> Found:
    """Look for a fact in notes.

    It is stale when the value that it took the place of is told alone and nothing later tells of the change.
    """
    read = _read(notes).sentences
    forms = possible(_read(notes).folded, plant.forms)
    holding = [one for one in read if says_folded(one.folded, forms) and not _is_reversed(plant, one.folded)]
    is_stale = bool(plant.old_forms) and _is_stale(plant, read)
    if holding:
        rightly = [one for one in holding if one.speaker == plant.speaker]  # both may have said it
        best = (rightly or holding)[0]
        return Found(plant, True, is_stale, best.speaker, best.text)
    words = set(fold(source_line).split())
    nearest = max(read, key=lambda one: len(words & set(one.folded.split())), default=None)
    return Found(plant, False, is_stale, None, nearest.text if nearest else "")


def _is_reversed(plant: Plant, folded: str) -> bool:
    """True if a sentence with both values tells the change the wrong way round: from the new one to the old one."""
    new, old = find(folded, plant.forms), find(folded, plant.old_forms)
    if min(new, old) < 0:
        return False
    before_new, before_old = folded[:new], folded[:old]
    if _GONE.search(before_new):
        return not _GONE.search(before_old)
    return bool(_FROM.search(before_new) and _TO.search(before_old))


def _is_stale(plant: Plant, read: Sequence[_Sentence]) -> bool:
    alone, changed = -1, -1
    for n, one in enumerate(read):
        has_new, has_old = says_folded(one.folded, plant.forms), says_folded(one.folded, plant.old_forms)
        if has_new and has_old and _is_reversed(plant, one.folded):
            alone = n
        elif has_new and (has_old or is_change(one.text)):
            changed = n
        elif has_old:
            alone = n
    return alone > changed


_LEAD = r"\s+(?:(?:the|on|at|in|day|date|place|o|a|em|dia|para)\s+){0,2}$"
_GONE = re.compile(rf"\b(?:from|not|instead of|rather than|no longer|em vez de|em vez do|ao invés de|não){_LEAD}")
_FROM = re.compile(rf"\bde{_LEAD}")
_TO = re.compile(rf"\b(?:to|para|por|a){_LEAD}")


@dataclass(frozen=True, slots=True)
class _Values:
    """What can be made up in a text. A day has its month where one is named, an amount its currency."""

    numbers: frozenset[str]
    codes: frozenset[str]
    mails: frozenset[str]
    days: frozenset[tuple[int, int]]
    amounts: frozenset[tuple[str, str]]


@lru_cache(maxsize=512)
def _values(text: str, *, is_notes: bool) -> _Values:
    plain = _OWN.sub("", _ORDINAL.sub("", text)) if is_notes else text
    folded = fold(plain)
    days = {(int(first or last), _MONTHS[(before or after)[:3]]) for first, after, before, last in _DAY.findall(folded)}
    days |= {pair for one, two in _SLASHED.findall(folded) for pair in ((int(one), int(two)), (int(two), int(one)))}
    days |= {(int(day), int(month)) for month, day in _ISO.findall(folded)}
    amounts = {
        (_CURRENCIES[sign or word], re.sub(r"[.,]00$", "", first or last).replace(",", "."))
        for sign, first, last, word in _AMOUNT.findall(folded)
    }
    return _Values(
        frozenset(_NUMBER.findall(plain)),
        frozenset(code.replace("-", "") for code in _CODE.findall(plain)),
        frozenset(_MAIL.findall(folded)),
        frozenset(days),
        frozenset(amounts),
    )


def unsupported(notes: str, source: str) -> list[str]:
    """Return the numbers, codes, e-mails, days and amounts of notes that their source has not.

    One digit alone may be a word of the source; so may a currency where the source names none. What is made up of a
    number that is itself made up counts once.
    """
    told, known = _values(notes, is_notes=True), _values(source, is_notes=False)
    wrong = set(told.codes - known.codes) | set(told.mails - known.mails)
    wrong |= {
        number
        for number in told.numbers - known.numbers
        if len(number) > 1 and not any(number in code for code in wrong)
    }
    wrong |= {f"{day}/{month}" for day, month in told.days - known.days if str(day) in known.numbers}
    signs = dict[str, set[str]]()
    for currency, amount in known.amounts:
        signs.setdefault(amount, set()).add(currency)
    wrong |= {f"{sign} {amount}" for sign, amount in told.amounts if sign not in signs.get(amount, {sign})}
    return sorted(wrong)


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the nearest-rank percentile; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


def source_of(dialogue: Dialogue, plant: Plant) -> str:
    return dialogue.turns[plant.turn][1]


def any_says(texts: Iterable[str], forms: Forms) -> bool:
    return any(says(one, forms) for text in texts for one in sentences(text))
