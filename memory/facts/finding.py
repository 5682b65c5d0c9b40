"""The values in a clause that notes may not change: those with a form of their own, colours and addresses. Pure."""

import re
from collections.abc import Collection
from datetime import date
from functools import lru_cache

from memory.facts import cues, values
from memory.facts.values import Value
from memory.facts.wording import flat

_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=8_192)
def find(text: str) -> tuple[Value, ...]:
    """Return the values of a text in order."""
    found = values.find(text)
    taken = [(one.start, one.end) for one in found]
    for word in _WORD.finditer(flat(text)):
        if word[0] in cues.COLOURS and not any(start <= word.start() < end for start, end in taken):
            found.append(Value("colour", text[word.start() : word.end()], f"colour {word[0]}", *word.span()))
    return tuple(sorted(found, key=lambda one: one.start))


@lru_cache(maxsize=8_192)
def with_addresses(text: str) -> tuple[Value, ...]:
    """Return the values of a text in order, an address as one value."""
    found = find(text)
    streets = [
        Value("address", text[m.start() : m.end()], "address " + " ".join(m[0].split()), *m.span())
        for m in cues.STREET.finditer(flat(text))
    ]
    if not streets:
        return found
    others = [one for one in found if not any(street.start < one.end and one.start < street.end for street in streets)]
    return tuple(sorted((*others, *streets), key=lambda one: one.start))


@lru_cache(maxsize=8_192)
def keys(text: str, said: date | None = None) -> frozenset[str]:
    """Return the keys of all that a text states. `said` is the day of the message: "tomorrow" states a date by it."""
    found = (*find(text), *(values.find(text, said) if said is not None else ()))
    return frozenset(key for value in found for key in (value.key, *values.implied(value)))


def are_stated(text: str, stated: Collection[str]) -> bool:
    """True if all values of a text stand among these keys."""
    known = set(stated)
    return all(values.is_stated(value, known) for value in find(text))
