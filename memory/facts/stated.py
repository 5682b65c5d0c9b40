"""What a clause states, as far as rules of changes ask: its values, those that it ends, its words, and whether it is firm. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from memory.facts import cues, finding
from memory.facts.values import Value
from memory.facts.wording import content, cues_in, flat, is_content, language_of, stem, words

_OF_NUMBERS = frozenset({"number", "quantity", "coupon"})
_NEVER_RESTATED = frozenset({"code", "coupon", "percent", "url", "number"})
"""A second order does not take the place of the first, nor item 14 that of item 12."""
_IS = re.compile(r"\b(?:is|are|e|sao)\s+(?:a |an |um |uma |o |tamanho |size |numero |number )?(?:[a-z]{2,8} )?$")
_MEASURED_DIGITS = 3
_PAUSE = re.compile(
    r"[,;:]\s|\s[–—-]\s|\s(?:because|cos|since(?! today)|so that|porque|pois|pq|já que|so(?= (?:can|could|let|make|please|i|we)\b)|então)\s"
)
_NO = re.compile(r"\bno\b", re.IGNORECASE)
"""Denies in English; in Portuguese it is "in the"."""
_ADDING = frozenset({"conditional", "adds", "also"})
TAKING_BACK = frozenset({"cancels", "changes"})
_REFUSING = frozenset({"negated", "rejects", "absent"})
_OPEN = frozenset({"conditional", "also"})
_PLACES = frozenset(stem(word) for word in cues.SLOT_NOUNS)
_NUMBERED = content("number numero")
_CHANGING = (
    content(f"{cues.CHANGES} {cues.ADJUSTS} {cues.CHOSEN}".replace(",", " ") + " sorry use please")
    - _PLACES
    - content("partir")
)
"""The stems of words of change, which say nothing of what has changed; "a partir de" has the stem of "party"."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a clause says, as far as code can read it: its values by kind, those that it says are gone, and its words."""

    values: dict[str, frozenset[str]]
    gone: frozenset[tuple[str, str]]
    about: frozenset[str]
    """The stems of what is neither a value nor the name of a place to fill in."""
    places: frozenset[str]
    owners: frozenset[str]
    """Whose it is said to be: "mine", "theirs"."""
    cues: frozenset[str]
    restates: frozenset[str]
    """The kinds of its values that fill in a place, so that another sentence can fill it in anew."""
    is_firm: bool
    """It says how something is to be: neither "if ...", nor "also ...", nor a question that asks to know something."""
    is_asked: bool
    """It is a question: what it asks for can be restated, and restates nothing."""
    parts: tuple["Stated", ...] = ()
    """What its parts between pauses say that have values: "I measured again, the ring is 19" says the second by itself."""
    refused: tuple["Stated", ...] = ()
    """The parts that say no to something: "not home on Tuesday"."""
    chosen: tuple["Stated", ...] = ()
    """The parts after those, which may name what is to be instead: "can it be Thursday?"."""

    @property
    def named_places(self) -> frozenset[str]:
        """The places but for "number", which a phone and an order have."""
        return self.places - _NUMBERED

    @property
    def only_restates(self) -> bool:
        """True if it can take the place of nothing but what it says anew."""
        return not (self.gone or self.refused or self.parts or self.cues & TAKING_BACK)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(key for keys in self.values.values() for key in keys)


@lru_cache(maxsize=8_192)
def said_in(clause: str) -> Stated:
    """Return what a clause says, and what its parts do."""
    whole = _said_in(clause)
    may_change = "changes" in whole.cues or ": " in clause
    may_refuse = bool(whole.cues & _REFUSING) and any(len(keys) > 1 for keys in whole.values.values())
    if not (whole.values and (may_change or may_refuse)) or "conditional" in whole.cues or not _PAUSE.search(clause):
        return whole
    readable = _NO.sub("em", clause) if may_refuse and language_of(clause) == "Portuguese" else clause
    parts = [part for part in map(_said_in, _PAUSE.split(readable)) if part.values]
    if may_refuse:
        whole = _with_refused(whole, parts)
    if may_change and not whole.is_asked:
        own = bool(whole.cues & _ADDING)  # "make it four, my aunt is coming too" changes by its first part alone
        standing = [part for part in parts if part.is_firm and not part.gone and ("changes" in part.cues or not own)]
        whole = replace(whole, parts=tuple(standing))
    return whole


def _with_refused(whole: Stated, parts: Sequence[Stated]) -> Stated:
    """Return what a clause says with the values that it says no to, and what follows them."""
    refusing = [part for part in parts if part.cues & _REFUSING]
    if not refusing or (whole.is_asked and not whole.is_firm):
        return whole
    following = parts[parts.index(refusing[0]) :]
    chosen = [part for part in following if not (part in refusing or part.cues & _OPEN)]
    return replace(whole, refused=tuple(refusing), chosen=tuple(chosen))


def _said_in(clause: str) -> Stated:
    """Return what a clause says as a whole."""
    low, found, read = flat(clause), _cues_of(clause), finding.with_addresses(clause)
    values, gone, restates = dict[str, set[str]](), set[tuple[str, str]](), set[str]()
    for value in read:
        kind, key = _kind_and_key(value)
        values.setdefault(kind, set()).add(key)
        if (value.kind not in _NEVER_RESTATED and _counts(value, low)) or _measures(value, low):
            restates.add(kind)
        if _is_gone(value, low, found):
            gone.add((kind, key))
    stems = content(_without(read, low))
    owners = {"mine" if one[1] else "theirs" for one in cues.OWNERS.finditer(low)} if values else set()
    is_asked = clause.rstrip("\"'”’) ").endswith("?")
    inquires = is_asked and "inquires" in found
    return Stated(
        values={kind: frozenset(keys) for kind, keys in values.items()},
        gone=frozenset(gone),
        about=stems - _PLACES - _CHANGING,
        places=stems & _PLACES,
        owners=frozenset(owners),
        cues=found,
        restates=frozenset() if inquires or found & _ADDING else frozenset(restates),
        is_firm=not (found & _OPEN or inquires),
        is_asked=is_asked,
    )


def _cues_of(clause: str) -> frozenset[str]:
    """Return the cues of a clause; one that begins with "better" changes something."""
    is_better = any(word in cues.BETTER for word in words(clause)[:1])
    return cues_in(clause) | (frozenset({"changes"}) if is_better else frozenset())


def _kind_and_key(value: Value) -> tuple[str, str]:
    """Return a value's kind and key, a bare number under one kind whatever it counts."""
    is_count = value.kind in _OF_NUMBERS and value.key.startswith(("number ", "quantity "))
    is_number = is_count or value.kind == "number" or (value.kind == "size" and value.key[-1:].isdigit())
    return ("number", "number " + value.key.split()[1]) if is_number else (value.kind, value.key)


def _is_gone(value: Value, low: str, found: frozenset[str]) -> bool:
    """True if the words before a value say that it holds no longer."""
    before = low[max(0, value.start - 40) : value.start]
    return bool(cues.OLD_BEFORE.search(before) or ("moves" in found and cues.MOVED.search(before)))


def _without(values: Iterable[Value], low: str) -> str:
    """Return the words of a text beside its values."""
    at, rest = 0, list[str]()
    for value in values:
        rest.append(low[at : value.start])
        at = max(at, value.end)
    return " ".join([*rest, low[at:]])


def _counts(value: Value, low: str) -> bool:
    """True unless a value is a figure that counts nothing: "3 bowls" are some, "item 3 is" is one of them."""
    if value.kind != "quantity" or not value.key.startswith("number "):
        return True
    following = words(low[value.end : value.end + 30])
    return bool(following) and is_content(following[0])


def _measures(value: Value, low: str) -> bool:
    """True for a small number that something is said to be: "o aro é 19", not "item 19" nor "order 55018"."""
    if value.kind != "number" or value.end - value.start > _MEASURED_DIGITS:
        return False
    return _IS.search(low, max(0, value.start - 24), value.start) is not None
