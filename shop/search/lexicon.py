"""General words of shops in English and Portuguese: what names the same thing, what names no thing. Data: shop/words/.

Which words stand there is decided by what shops sell and how they serve in general, never by one shop's own goods.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from shop.search.folding import broken, fold, stem, words

WORDS = Path(__file__).parent.parent / "words"
Phrase = tuple[str, ...]
"""Stems in order."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing and what it is called: the phrases of each language, the usual ones first; `topic` is a policy's."""

    kind: str
    topic: str
    english: tuple[Phrase, ...]
    portuguese: tuple[Phrase, ...]
    narrower: tuple[Phrase, ...] = ()
    """Names of narrower things: those of sneakers and sandals for shoes."""
    asked: tuple[Phrase, ...] = ()
    """By which of its names it is asked for, where not by all: a place in a region by its own, not by the region's."""

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        return tuple(dict.fromkeys((*self.english, *self.portuguese)))

    def side(self, language: str) -> tuple[Phrase, ...]:
        """Return the names in a language, "en" or "pt"; all names for another, and those of an owner's own synonyms."""
        if self.kind == "synonym":
            return self.phrases
        return {"en": self.english, "pt": self.portuguese}.get(language, self.phrases)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All concepts, found by the stems of a phrase, and the words that name no thing."""

    concepts: dict[Phrase, tuple[Concept, ...]]
    longest: int
    stop: frozenset[str]
    light: frozenset[str]
    english: frozenset[str]
    portuguese: frozenset[str]
    known: frozenset[str]
    """Stems of all words that stand in some concept: words of the language, so that none is taken for a typing mistake."""
    spelled: frozenset[str]
    """Those words as they are written, folded."""
    colours: tuple[Concept, ...] = ()
    headings: dict[str, frozenset[str]] = field(default_factory=dict)
    """What a rule of the shop is called by itself, by its topic: the words of the topic's first line."""

    def language(self, tokens: Iterable[str], times: float = 1) -> str:
        """Return "en" or "pt" by the words of a text, "" where neither has more than so many times those of the other."""
        found = list(tokens)
        en, pt = (sum(token in side for token in found) for side in (self.english, self.portuguese))
        return "en" if en > pt * times else "pt" if pt > en * times else ""


KINDS = {
    "products.txt": "product", "qualities.txt": "quality", "colours.txt": "colour", "sizes.txt": "size", "materials.txt": "material",
    "uses.txt": "use", "policies.txt": "policy",
}  # fmt: skip
"""The files of shop/words/, and the kind of what stands there."""
CONNECTORS = frozenset("de do da dos das of para pra".split())
"""Words within a phrase that may be left out: "fone ouvido"."""


def read(folder: Path = WORDS, synonyms: Sequence[Sequence[str]] = ()) -> Lexicon:
    """Return the lexicon of a folder of words, with the owner's own synonyms: one group of words each."""
    return _read(folder, tuple(map(tuple, synonyms)))


@lru_cache(maxsize=2)
def _read(folder: Path, synonyms: tuple[tuple[str, ...], ...]) -> Lexicon:
    entries = [entry for file, kind in KINDS.items() for entry in _entries(folder / file, kind)]
    groups = (WordLine("synonym", "", group, (), ()) for group in synonyms)
    concepts = [one for one in map(_concept, [*entries, *groups]) if one.phrases]
    concepts += [place for entry in entries if entry.kind == "policy" for place in _places(entry)]
    by_phrase: dict[Phrase, tuple[Concept, ...]] = {}
    for one in concepts:
        for phrase in one.asked or one.phrases:
            by_phrase[phrase] = (*by_phrase.get(phrase, ()), one)
    by_phrase = {phrase: tuple(_widened(one, by_phrase) for one in found) for phrase, found in by_phrase.items()}
    grammar = _grammar(folder / "stop.txt")
    en, pt = (grammar[side] | _spelled(getattr(one, side) for one in entries) for side in ("en", "pt"))
    return Lexicon(
        by_phrase,
        longest=max(map(len, by_phrase)),
        stop=grammar["en"] | grammar["pt"],
        light=grammar["light"],
        english=en - pt,
        portuguese=pt - en,
        known=frozenset(word for phrase in by_phrase for word in phrase),
        spelled=_spelled(
            side for one in entries for side in (one.en, one.pt, *(place.split("/") for place in one.narrower))
        ),
        colours=tuple(one for one in concepts if one.kind == "colour"),
        headings=_headings(concepts),
    )


def _headings(concepts: Iterable[Concept]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for one in concepts:
        if one.topic:
            found.setdefault(one.topic, frozenset(phrase[0] for phrase in one.phrases if len(phrase) == 1))
    return found


def lines_in(file: Path) -> Iterator[str]:
    """Return the lines of a file of words, without comments and empty ones."""
    return (line for line in file.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#"))


def named_phrases(file: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the lines "name: phrase, phrase | phrase" of a file as a name and its folded phrases, those of both languages."""
    for line in lines_in(file):
        name, _, listed = line.partition(":")
        yield name, [phrase for one in re.split("[,|]", listed) if (phrase := fold(one).strip())]


def _grammar(file: Path) -> dict[str, frozenset[str]]:
    """Return the words of each language, and of "light"."""
    found: dict[str, set[str]] = {"en": set(), "pt": set(), "light": set()}
    for line in lines_in(file):
        name, _, listed = line.partition(":")
        found[name] |= {fold(word) for word in listed.split()}
    return {name: frozenset(listed) for name, listed in found.items()}


@dataclass(frozen=True, slots=True)
class WordLine:
    """One line of a file of words, as it is written."""

    kind: str
    topic: str
    en: tuple[str, ...]
    pt: tuple[str, ...]
    narrower: tuple[str, ...]


def _entries(file: Path, kind: str) -> Iterator[WordLine]:
    for line in lines_in(file):
        topic, colon, rest = line.partition(": ")
        both, _, narrower = (rest if colon else line).partition(">")
        en, _, pt = both.partition("|")
        listed = [tuple(one.strip() for one in part.split(",") if one.strip()) for part in (en, pt, narrower)]
        yield WordLine(kind, topic if colon else "", *listed)


def _spelled(phrases: Iterable[Iterable[str]]) -> frozenset[str]:
    """Return the words of phrases, folded."""
    return frozenset(piece for one in phrases for text in one for word in words(text) for piece in pieces(word))


def _concept(entry: WordLine) -> Concept:
    there = _phrases(entry.pt)
    if entry.kind in ("colour", "quality"):
        there = tuple(form for phrase in there for form in _agreeing(phrase))
    narrower = () if entry.kind == "policy" else _phrases(entry.narrower)
    return Concept(entry.kind, entry.topic, _phrases(entry.en), there, narrower)


def _places(entry: WordLine) -> Iterator[Concept]:
    """Yield the places in a region, each with its own names before those of the region."""
    region = _concept(entry)
    for written in entry.narrower:
        names = _phrases(written.split("/"))
        yield Concept(entry.kind, entry.topic, (*names, *region.english), (*names, *region.portuguese), (), names)


def _widened(one: Concept, by_phrase: dict[Phrase, tuple[Concept, ...]]) -> Concept:
    """Return a concept with all names of its narrower things."""
    narrower = (name for phrase in one.narrower for other in by_phrase.get(phrase, ()) for name in other.phrases)
    return replace(one, narrower=tuple(dict.fromkeys((*one.narrower, *narrower)))) if one.narrower else one


def _phrases(written: Iterable[str]) -> tuple[Phrase, ...]:
    return tuple(phrase for one in written if (phrase := phrase_of(one)))


def phrase_of(text: str) -> Phrase:
    """Return the stems of a phrase in order, without "de" and its like; parts of a word with a hyphen are words of their own."""
    return tuple(stem(part) for word in words(text) for part in pieces(word) if part not in CONNECTORS)


def pieces(word: str) -> list[str]:
    """Return the parts of a word with a hyphen or an apostrophe, without a possessive's s."""
    found = broken(word)
    return [piece for piece in found if piece != "s" or len(found) == 1]


def _agreeing(phrase: Phrase) -> tuple[Phrase, ...]:
    """Return a colour or a quality in both genders: vermelho, vermelha."""
    if len(phrase) == 1 and phrase[0].endswith("o"):
        return phrase, (phrase[0][:-1] + "a",)
    return (phrase,)
