"""Figures from texts: what notes carried over, what they made up, who they say said it. Pure and deterministic, no judge.

The rules of finding are in wording.py. A figure's interval is Wilson's, at 95 %.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, sqrt
from random import Random
from typing import Literal

from tests.comparison.dialogues import CLASSES, Dialogue, Plant, woven
from tests.comparison.wording import Forms, fold, is_change, says, says_folded, sentences

Lane = Literal["raw", "verified"]
LANES: tuple[Lane, ...] = ("raw", "verified")
_Z = 1.959963984540054

_CUSTOMER = re.compile(r"\b(?:customer|client|buyer|user|cliente|compradora?)\b")
_SHOP = re.compile(r"\b(?:shop|store|seller|assistant|loja|vendedora?|atendente)\b")
_CODE = re.compile(r"\b[A-Z]{1,4}-?\d{2,}\b")
_NUMBER = re.compile(r"\d+")
_ORDINAL = re.compile(r"^\s*(?:[-*]\s*)?\d{1,2}[.)]\s", re.MULTILINE)
_OWN = re.compile(r"\((?:customer|shop), message \d+|\(\d+ older values|messages? \d+ to \d+")


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
        """Give the share where there is one; ValueError of nothing."""
        if not self.n:
            raise ValueError("a share of nothing")
        return self.hits / self.n

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.hits, self.n)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Give the 95 % interval of a share by E. B. Wilson (J. Am. Stat. Assoc. 22, 1927); (0, 1) of nothing."""
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


@lru_cache(maxsize=512)
def _read(notes: str) -> tuple[_Sentence, ...]:
    """Give the sentences of notes, each with the speaker that it, or its line before it, names first."""
    read = list[_Sentence]()
    for line in notes.split("\n"):
        speaker = None
        for text in sentences(line):
            folded = fold(text)
            named = [
                (match.start(), who)
                for form, who in ((_CUSTOMER, "user"), (_SHOP, "assistant"))
                if (match := form.search(folded))
            ]
            speaker = min(named)[1] if named else speaker
            read.append(_Sentence(text, folded, speaker))
    return tuple(read)


def look(plant: Plant, source_line: str, notes: str) -> Found:
    """Look for a fact in notes.

    It is stale when the value that it took the place of is told alone and nothing later tells of the change.
    """
    read = _read(notes)
    holding = [one for one in read if says_folded(one.folded, plant.forms)]
    is_stale = bool(plant.old_forms) and _is_stale(plant, read)
    if holding:
        return Found(plant, True, is_stale, holding[0].speaker, holding[0].text)
    words = set(fold(source_line).split())
    nearest = max(read, key=lambda one: len(words & set(one.folded.split())), default=None)
    return Found(plant, False, is_stale, None, nearest.text if nearest else "")


def _is_stale(plant: Plant, read: Sequence[_Sentence]) -> bool:
    alone, changed = -1, -1
    for n, one in enumerate(read):
        has_new, has_old = says_folded(one.folded, plant.forms), says_folded(one.folded, plant.old_forms)
        if has_new and (has_old or is_change(one.text)):
            changed = n
        elif has_old:
            alone = n
    return alone > changed


@lru_cache(maxsize=512)
def _values(text: str) -> tuple[frozenset[str], frozenset[str]]:
    plain = _OWN.sub("", _ORDINAL.sub("", text))
    return frozenset(_NUMBER.findall(plain)), frozenset(code.replace("-", "") for code in _CODE.findall(plain))


def unsupported(notes: str, source: str) -> list[str]:
    """Give the numbers and codes of notes that their source has not. One digit alone may be a word of the source."""
    numbers, codes = _values(notes)
    known_numbers, known_codes = _values(source)
    wrong = set(codes - known_codes)
    wrong |= {
        number for number in numbers - known_numbers if len(number) > 1 and not any(number in code for code in wrong)
    }
    return sorted(wrong)


def percentile(values: Iterable[float], share: float) -> float | None:
    """Give the nearest-rank percentile; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """How many deliberately wrong notes the scorer refused, and how many right ones it took."""

    wrong: Share
    right: Share

    @property
    def is_sound(self) -> bool:
        return self.wrong.known >= 0.99 and self.right.known >= 0.99


_VAGUE = {
    "order": "The customer gave an order number.",
    "sku": "The customer asked about a product of the shop.",
    "money": "An amount of R$ was named.",
    "date": "A date was agreed.",
    "size": "The customer chose a colour and a size in cm.",
    "address": "The customer gave an address.",
    "preference": "The customer named a preference.",
    "correction": "The customer corrected something.",
}


def check_scorer(count: int = 26) -> SelfCheck:
    """Give the scorer wrong notes of every fact: a digit turned, another fact's value, a vague one. And right ones."""
    random, refused, wrong, taken, right = Random("self-check"), 0, 0, 0, 0
    for dialogue in woven(count, seed=7):
        by_class = {klass: [plant for plant in dialogue.plants if plant.klass == klass] for klass in CLASSES}
        for plant in dialogue.plants:
            others = [other.value for other in by_class[plant.klass] if other.value != plant.value]
            for value in (_turned(plant.value, random), random.choice(others), _VAGUE[plant.klass], plant.old):
                if value:
                    wrong += 1
                    refused += not says(f"The customer said: {value}.", plant.forms)
            right += 1
            taken += says(f"The customer said: {plant.value}.", plant.forms)
    return SelfCheck(Share(refused, wrong), Share(taken, right))


def _turned(value: str, random: Random) -> str:
    """Give the value with one digit made another; "" for a value without digits."""
    places = [n for n, letter in enumerate(value) if letter.isdigit()]
    if not places:
        return ""
    at = random.choice(places)
    return value[:at] + str((int(value[at]) + random.randrange(1, 10)) % 10) + value[at + 1 :]


def source_of(dialogue: Dialogue, plant: Plant) -> str:
    return dialogue.turns[plant.turn][1]


def any_says(texts: Iterable[str], forms: Forms) -> bool:
    return any(says(one, forms) for text in texts for one in sentences(text))
