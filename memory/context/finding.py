"""The values in a clause that a note may not change: those with a form of their own, and those that are words. Pure."""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from memory.context import cues, facts
from memory.context.wording import flat

_PLAIN = re.compile(r"[^\W_]+(?:-[^\W\d_]+)*")
_LETTERS = re.compile(r"(?<![\w'’.-])(?:X{0,3}[SL]|M|PP?|G{1,3}|EG{1,2}|[2-6]X[LG])(?![\w'’-])(?!\.\w)")
"""Sizes as letters, as they stand on labels here and abroad."""
_HAS_DIGIT = re.compile(r"\d")


class Value(NamedTuple):
    """A value and where it stands; two spellings of one have one key."""

    kind: str
    text: str
    key: str
    start: int
    end: int


@lru_cache(maxsize=8_192)
def find(text: str, said: date | None = None) -> tuple[Value, ...]:
    """Return the values of a text in order. `said` is the day of the message: "tomorrow" has a date by it."""
    found = [
        Value(kind, value, facts.key_of(value, kind), start, start + len(value))
        for value, kind, start in facts.find(text)
    ]
    low = flat(text)
    if streets := [
        Value("address", text[m.start() : m.end()], "address " + " ".join(m[0].split()), m.start(), m.end())
        for m in cues.STREET.finditer(low)
    ]:
        found = [
            one for one in found if not any(street.start < one.end and one.start < street.end for street in streets)
        ]
        found += streets
    taken = [(one.start, one.end) for one in found]
    for match in _PLAIN.finditer(low):
        kind = _kind_of(match[0])
        if kind and not any(start <= match.start() < end for start, end in taken):
            found.append(
                Value(
                    kind, text[match.start() : match.end()], f"{kind} {_NAMED.get(match[0], match[0])}", *match.span()
                )
            )
    found += [Value("size", m[0], "size " + m[0], *m.span()) for m in _LETTERS.finditer(text)]
    return tuple(sorted(found, key=lambda one: one.start))


_NAMED = dict[str, str]()


@lru_cache(maxsize=32_768)
def _kind_of(word: str) -> str:
    return "colour" if word in cues.COLOURS else "date" if word in cues.WEEKDAYS else ""


def keys(text: str) -> frozenset[str]:
    """Return the keys of the values of a text."""
    return frozenset(value.key for value in find(text))
