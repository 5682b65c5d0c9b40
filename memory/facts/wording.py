"""The words of a clause: folded, compared by their stems, and what they show the clause to be. Pure, linear in the text."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from memory.conversations.records import Role
from memory.facts import cues

_LETTERS = {
    code: (unicodedata.normalize("NFD", chr(code).lower())[0]) for code in (*range(0x41, 0x5B), *range(0xC0, 0x250))
}
_FOLDED = _LETTERS | {ord(sign): " " for sign in "'’`´"}
_WORD = re.compile(r"[^\W_]+(?:-[^\W\d_]+)*")
_STEM = 6
"""Letters at most by which two forms of a word are one, without the endings that forms have."""
_LEAST_STEM = 4
_MOST_REMEMBERED = 200
"""Characters of a text that is folded once for all who ask: a clause."""
_ENDINGS = sorted("""
ing ings ed ied ies es y ly e a o os as ar er ir am em ou ei iu ado ada ados adas ido ida idos idas ando endo indo amos emos imos
ava avam aria ariam ara aram era eram isse issem asse assem aremos arei mente
""".split(), key=len, reverse=True)  # fmt: skip


def flat(text: str) -> str:
    """Return the text in lower case without accents and apostrophes, as long as it was."""
    return flat_short(text) if len(text) <= _MOST_REMEMBERED else text.translate(_FOLDED)


@lru_cache(maxsize=4_096)
def flat_short(text: str) -> str:
    """Return the same of a short text, folded once."""
    return text.translate(_FOLDED)


def words(text: str) -> list[str]:
    """Return the words and numbers of a text, folded."""
    return _WORD.findall(flat(text))


@lru_cache(maxsize=32_768)
def stem(word: str) -> str:
    """Return what forms of a folded word have in common; of a word with hyphens, what those of all its parts have."""
    if "-" in word:
        return "-".join(map(stem, word.split("-")))
    bare = word.removesuffix("s") if len(word) >= _LEAST_STEM else word
    for ending in _ENDINGS:
        if len(bare) - len(ending) >= _LEAST_STEM and bare.endswith(ending):
            return bare[: -len(ending)][:_STEM]
    return bare[:_STEM]


@lru_cache(maxsize=32_768)
def is_content(word: str) -> bool:
    """True if a folded word says something of its own."""
    return (
        len(word) > 1 and not word.isdigit() and not (word in cues.STOP or word in cues.GENERIC or word in cues.SOCIAL)
    )


def content(text: str) -> frozenset[str]:
    """Return the stems of the words that say something of their own."""
    return frozenset(stem(word) for word in words(text) if is_content(word))


def is_courtesy(said: Iterable[str]) -> bool:
    """True if these folded words are thanks, greetings and the like alone."""
    return all(word in cues.SOCIAL for word in said)


def language_of(text: str) -> str:
    """Return the language that most of a text is in, by its commonest words: "English" or "Portuguese"."""
    counted = Counter(words(text[:_MOST_READ]))
    portuguese = sum(counted[word] for word in _PORTUGUESE)
    return "Portuguese" if portuguese > sum(counted[word] for word in _ENGLISH) else "English"


_MOST_READ = 100_000
_PORTUGUESE = frozenset(
    "o os um uma e que de da do em no na para com nao por eu voce meu minha sim quero obrigado obrigada".split()
)
_ENGLISH = frozenset("the an and that of in on to for with not by i you my yes is are it thanks please would".split())


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: tuple[str, ...]
    is_open: bool
    """The last word may go on."""
    names: tuple[str, ...]

    def stands_at(self, said: list[str], at: int) -> bool:
        end = at + len(self.words)
        here = said[at:end]
        if len(here) < len(self.words) or here[:-1] != list(self.words[:-1]):
            return False
        return here[-1].startswith(self.words[-1]) if self.is_open else here[-1] == self.words[-1]


def _phrases() -> dict[str, list[_Phrase]]:
    """Return the phrases of `cues` by their first word; those of one open word by its first letters, "~" after them."""
    named = dict[str, list[str]]()
    for name, text in cues.PHRASES.items():
        for phrase in (part.strip() for part in text.replace("\n", ",").split(",")):
            if phrase:
                named.setdefault(phrase, []).append(name)
    found = dict[str, list[_Phrase]]()
    for phrase, names in named.items():
        parts = tuple(_WORD.findall(phrase))
        first = f"{parts[0]}~" if len(parts) == 1 and phrase.endswith("~") else parts[0]
        found.setdefault(first, []).append(_Phrase(parts, phrase.endswith("~"), tuple(names)))
    return found


_PHRASES = _phrases()


@lru_cache(maxsize=32_768)
def _begun(word: str) -> tuple[frozenset[str], dict[str, list[_Phrase]]]:
    """Return what this word is a cue of by itself, and the longer phrases that begin with it by their second word.

    Under "" are those of which any ending of the second word will do.
    """
    begun = list(_PHRASES.get(word, ()))
    for end in range(2, len(word) + 1):
        begun += _PHRASES.get(f"{word[:end]}~", ())
    longer = dict[str, list[_Phrase]]()
    for phrase in begun:
        if len(phrase.words) > 1:
            is_any = phrase.is_open and len(phrase.words) == 2
            longer.setdefault("" if is_any else phrase.words[1], []).append(phrase)
    return frozenset(name for phrase in begun if len(phrase.words) == 1 for name in phrase.names), longer


def found_cues(said: list[str]) -> frozenset[str]:
    """Return which of `cues.PHRASES` stand in these folded words."""
    found = set[str]()
    for at, word in enumerate(said):
        alone, longer = _begun(word)
        found |= alone
        following = said[at + 1] if longer and at + 1 < len(said) else ""
        for phrase in (*longer.get(following, ()), *longer.get("", ())) if following else ():
            if phrase.stands_at(said, at):
                found.update(phrase.names)
    return frozenset(found)


@lru_cache(maxsize=8_192)
def cues_in(clause: str) -> frozenset[str]:
    """Return which of `cues.PHRASES` stand in a clause."""
    return found_cues(words(clause))


def speaker_of(text: str) -> Role | None:
    """Return whom a sentence of notes names first: the customer, the shop, or nobody."""
    for word in words(text):
        found = found_cues([word])
        if "of customers" in found:
            return "user"
        if "of shops" in found:
            return "assistant"
    return None
