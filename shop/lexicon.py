"""General words of shops in English and Portuguese: what names the same thing, what names no thing. Data: shop/words/.

Which words stand there is decided by what shops sell and how they serve in general, never by one shop's own goods.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shop.folding import fold, stem, words

WORDS = Path(__file__).parent / "words"
Phrase = tuple[str, ...]
"""Stems in order."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing and what it is called: the phrases of each language, the usual ones first; `topic` is a policy's."""

    kind: str
    topic: str
    english: tuple[Phrase, ...]
    portuguese: tuple[Phrase, ...]

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        return tuple(dict.fromkeys((*self.english, *self.portuguese)))


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

    def language(self, tokens: Iterable[str]) -> str:
        """Return "en" or "pt" by the words of grammar in a text, "" where they do not tell."""
        found = list(tokens)
        en, pt = (sum(token in side for token in found) for side in (self.english, self.portuguese))
        return "en" if en > pt else "pt" if pt > en else ""


def read(folder: Path = WORDS, synonyms: Sequence[Sequence[str]] = ()) -> Lexicon:
    """Return the lexicon of a folder of words, with the owner's own synonyms: one group of words each."""
    concepts = [one for kind in KINDS for one in _concepts(folder / f"{kind}s.txt", kind)]
    concepts += [Concept("synonym", "", phrases, ()) for group in synonyms if (phrases := _phrases(group))]
    by_phrase: dict[Phrase, tuple[Concept, ...]] = {}
    for one in concepts:
        for phrase in one.phrases:
            by_phrase[phrase] = (*by_phrase.get(phrase, ()), one)
    grammar = _grammar(folder / "stop.txt")
    en, pt = grammar["en"], grammar["pt"]
    return Lexicon(
        by_phrase, max(map(len, by_phrase)), en | pt, grammar["light"], en - pt, pt - en,
        frozenset(word for phrase in by_phrase for word in phrase),
    )  # fmt: skip


KINDS = ("product", "colour", "size", "material", "policie")
"""The files of shop/words/, without their plural's s."""


def _lines(file: Path) -> Iterator[str]:
    return (line for line in file.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#"))


def _grammar(file: Path) -> dict[str, frozenset[str]]:
    """Return the words of each language, and of "light"."""
    found: dict[str, set[str]] = {"en": set(), "pt": set(), "light": set()}
    for line in _lines(file):
        name, _, listed = line.partition(":")
        found[name] |= {fold(word) for word in listed.split()}
    return {name: frozenset(listed) for name, listed in found.items()}


def _concepts(file: Path, kind: str) -> Iterator[Concept]:
    for line in _lines(file):
        topic, colon, rest = line.partition(": ")
        english, _, portuguese = (rest if colon else line).partition("|")
        there = _phrases(portuguese.split(","))
        if kind == "colour":
            there = tuple(form for phrase in there for form in _agreeing(phrase))
        yield Concept(kind.replace("policie", "policy"), topic if colon else "", _phrases(english.split(",")), there)


def _phrases(written: Iterable[str]) -> tuple[Phrase, ...]:
    return tuple(phrase for one in written if (phrase := phrase_of(one)))


def phrase_of(text: str) -> Phrase:
    """Return the stems of a phrase in order; parts of a word with a hyphen are words of their own."""
    return tuple(stem(part) for word in words(text) for part in pieces(word))


def pieces(word: str) -> list[str]:
    """Return the parts of a word with a hyphen or an apostrophe, without a possessive's s."""
    found = word.replace("’", "'").replace("'", "-").split("-")
    return [piece for piece in found if piece and (piece != "s" or len(found) == 1)]


def _agreeing(phrase: Phrase) -> tuple[Phrase, ...]:
    """Return a colour in both genders: vermelho, vermelha."""
    if len(phrase) == 1 and phrase[0].endswith("o"):
        return phrase, (phrase[0][:-1] + "a",)
    return (phrase,)
