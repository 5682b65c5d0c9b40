"""Words as the search compares them: without accents, case and plurals, in English and Portuguese. Pure.

A stem is a class of forms, not a word: "knife" and "knives" are "knif", "som" and "sons" are "son". Rules for both languages
apply to every word, because a shop's names mix them.
"""

import re
import unicodedata
from collections.abc import Iterator

_UNITS = {
    "ml": "ml", "cl": "cl", "l": "l", "lt": "l", "litro": "l", "litros": "l", "liter": "l", "liters": "l", "litre": "l",
    "litres": "l", "mg": "mg", "g": "g", "gr": "g", "gramas": "g", "grams": "g", "kg": "kg", "quilos": "kg", "quilo": "kg",
    "kilos": "kg", "mm": "mm", "cm": "cm", "m": "m", "metros": "m", "metro": "m", "meters": "m", "metres": "m", "km": "km",
    "w": "w", "watts": "w", "v": "v", "volts": "v", "mah": "mah", "hz": "hz", "gb": "gb", "tb": "tb", "mb": "mb", "mp": "mp",
    "pol": "in", "polegadas": "in", "inch": "in", "inches": "in", "ft": "ft", "foot": "ft", "feet": "ft", "oz": "oz",
    "lb": "lb", "lbs": "lb",
}  # fmt: skip
"""How units are written, and the one way in which they are compared."""
_ACCENTS = re.compile("[\u0300-\u036f]")
_NUMBER = re.compile(rf"(\d[\d.,]*) ?({'|'.join(sorted(_UNITS, key=len, reverse=True))})?")
_TOKEN = re.compile(rf"\d+(?:[.,]\d+)*(?: ?(?:{'|'.join(_UNITS)})\b)?|[^\W_]+(?:[-'’][^\W_]+)*")
_ENDINGS = (
    ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ois", "ol"), ("uis", "ul"), ("ns", "n"),
    ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("sses", "ss"), ("zes", "z"),
)  # fmt: skip
"""Plurals that add or change more than an s, after folding: of Portuguese, then of English; longer words only."""
_LAST = (("ao", "oe"), ("m", "n"), ("v", "f"), ("y", "i"))
"""Last letters that a plural changes: coracao, coracoes; som, sons; knife, knives; berry, berries."""
_SHORTEST = 4
"""Letters of the shortest word that can be a plural."""


def fold(text: str) -> str:
    """Return the text in small letters without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return plain if plain.isascii() else _ACCENTS.sub("", plain)


def words(text: str) -> list[str]:
    """Return the words of a text, folded, in order: a number is joined to its unit, "1,5 L" is "1.5l"."""
    return [_number(token) if token[0].isdigit() else token for token in _TOKEN.findall(fold(text))]


def _number(token: str) -> str:
    found = _NUMBER.fullmatch(token)
    return found[1].replace(",", ".") + _UNITS.get(found[2], "") if found else token


def stem(word: str) -> str:
    """Return the class of forms that a folded word belongs to."""
    if word[0].isdigit():
        return word
    word = _singular(word) if len(word) >= _SHORTEST else word
    for last, one in _LAST:
        if word.endswith(last) and len(word) > len(last):
            word = word[: -len(last)] + one
            break
    return word[:-1] if word.endswith("e") and len(word) > _SHORTEST else word


def _singular(word: str) -> str:
    for ending, singular in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + (ending != "aes"):
            return word[: -len(ending)] + singular
    word = word[:-1] if word.endswith("s") and not word.endswith("ss") else word
    return word[:-1] if word.endswith("ve") else word


def parts(word: str) -> list[str]:
    """Return a word, and where it has a hyphen or an apostrophe its parts and all of it as one word."""
    found = broken(word)
    return [*found, "".join(found)] if len(found) > 1 else found


def broken(word: str) -> list[str]:
    """Return the parts of a word between hyphens and apostrophes."""
    return [part for part in re.split("[-'’]", word) if part]


def stems(text: str, met: dict[str, list[str]] | None = None) -> list[str]:
    """Return the stems of a text as it is indexed: those of parts of a word and of the whole beside each other.

    `met` remembers the stems of words for many texts: half of the CPU of a build. It gets the new ones.
    """
    met = {} if met is None else met
    found = list[str]()
    for word in words(text):
        if word not in met:
            met[word] = [stem(part) for part in parts(word)]
        found += met[word]
    return found


def sku_key(sku: str) -> str:
    """Return a SKU as it is looked up: its letters and digits alone."""
    return "".join(c for c in fold(sku) if c.isalnum())


_SOUNDS = (
    ("sce", "se"),
    ("sci", "si"),
    ("ce", "se"),
    ("ci", "si"),
    ("ph", "f"),
    ("ch", "x"),
    ("sh", "x"),
    ("qu", "c"),
    ("ck", "c"),
)
_SOUND = str.maketrans({"k": "c", "q": "c", "z": "s", "y": "i", "w": "v", "h": None, "-": None, "'": None, "’": None})


def sound(word: str) -> str:
    """Return about how a folded word is spoken: doubled letters and letters that are mistaken for each other are one."""
    for letters, one in _SOUNDS:
        word = word.replace(letters, one)
    word = word.translate(_SOUND)
    return re.sub(r"(.)\1+", r"\1", word)


def shortened(word: str, letters: int) -> Iterator[str]:
    """Yield the word and all that is left of it without one letter, or without up to so many, each once."""
    seen = {word}
    level = [word]
    yield word
    for _ in range(letters):
        level = [one for longer in level for one in _without_one(longer) if one not in seen]
        level = list(dict.fromkeys(level))
        seen |= set(level)
        yield from level


def _without_one(word: str) -> list[str]:
    return [word[:n] + word[n + 1 :] for n in range(len(word))]


def distance(one: str, other: str) -> int:
    """Return how many letters were left out, added, changed or swapped with their neighbour between two words."""
    before, row = list[int](), list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last_but_one, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last_but_one[j - 2] + 1)
            row.append(cost)
    return row[-1]
