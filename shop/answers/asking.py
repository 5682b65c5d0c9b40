"""What a question is after besides what it names: a price, a stock, a person, or only good morning. Data: shop/words/asking.txt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from shop.search.folding import broken, fold, words
from shop.search.lexicon import WORDS, named_phrases
from shop.search.spellings import spelled

Phrase = tuple[str, ...]
_NEAR = 5
"""Words between "talk" and "a person", or "track" and "my order", at most."""
_ALONE = 4
"""Words of a question that says no more than "a person, please" at most."""


@dataclass(frozen=True, slots=True)
class ShopQuestion:
    """A question, with the last one and its answer before it; `language` is the code of the page's.

    `has_photo`: a photo came with it, which code does not look at.
    """

    text: str
    last_question: str = ""
    last_answer: str = ""
    language: str = "en"
    has_photo: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question is after. `rest` are its words that stand in no phrase of `intents`, folded, in order."""

    intents: frozenset[str]
    rest: tuple[str, ...]

    def wants(self, *intents: str) -> bool:
        """True if it is after one of these."""
        return not self.intents.isdisjoint(intents)

    @property
    def is_courtesy(self) -> bool:
        """True if it says hello or thanks and nothing else."""
        return not self.rest and self.wants("greeting", "thanks") and self.intents <= {"greeting", "thanks"}


def read(question: str) -> Wanted:
    """Return what a question is after."""
    said = _words(spelled(fold(question)))
    places = dict[str, list[int]]()
    taken, there = set[int](), set(said)
    for intent, phrase in _phrases():
        for start in _starts(said, phrase) if phrase[0] in there else ():
            places.setdefault(intent, []).append(start)
            taken |= set(range(start, start + len(phrase)))
    intents = set(places) - {"reach", "person", "contact", "seek", "own", "polite"}
    if _stand_near(places.get("seek", ()), places.get("own", ())):
        intents.add("order")
    if _asks_for_a_person(said, places):
        intents.add("person")
    return Wanted(frozenset(intents), tuple(word for n, word in enumerate(said) if n not in taken))


def without(said: list[str], intents: frozenset[str]) -> tuple[frozenset[str], list[str]]:
    """Return which of these intents some folded words have a phrase of, and the words that stand in none of their phrases."""
    found, taken, there = set[str](), set[int](), set(said)
    for intent, phrase in _phrases():
        if intent in intents and phrase[0] in there and (starts := list(_starts(said, phrase))):
            found.add(intent)
            taken |= {n for start in starts for n in range(start, start + len(phrase))}
    return frozenset(found), [word for n, word in enumerate(said) if n not in taken]


def _asks_for_a_person(said: list[str], places: dict[str, list[int]]) -> bool:
    """True if a verb of talking stands near a noun for a person, that noun is all there is, or the contact is asked for."""
    if "contact" in places:
        return True
    persons = places.get("person", [])
    if _stand_near(places.get("reach", ()), persons):
        return True
    return bool(persons) and len(said) <= _ALONE and not places.keys() & {"price", "stock", "size", "list"}


def _stand_near(some: Sequence[int], others: Sequence[int]) -> bool:
    """True if a word of one kind stands near one of the other: "when", "track" or "late" near "my order"."""
    return any(abs(one - other) <= _NEAR for one in some for other in others)


def _words(text: str) -> list[str]:
    return [word for whole in words(text) for word in broken(whole)]


def _starts(said: list[str], phrase: Phrase) -> Iterator[int]:
    return (n for n in range(len(said) - len(phrase) + 1) if tuple(said[n : n + len(phrase)]) == phrase)


@cache
def _phrases() -> tuple[tuple[str, Phrase], ...]:
    """Return all phrases, each with its intent. A file of the code's own: read once."""
    named = named_phrases(WORDS / "asking.txt")
    return tuple((intent, tuple(_words(phrase))) for intent, phrases in named for phrase in phrases)
