"""A customer's word or phrase as the search reads it: what it may be called in the catalogue, and how well each name fits. Pure."""

import re
from dataclasses import dataclass
from typing import Protocol

from shop.search.folding import stem
from shop.search.lexicon import CONNECTORS, Concept, Lexicon, Phrase


class Vocabulary(Protocol):
    """What a question is read against: the words of one catalogue, and general ones."""

    @property
    def lexicon(self) -> Lexicon: ...

    @property
    def language(self) -> str:
        """The language of the catalogue's names, "en" or "pt"; "" where it is another or both."""

    def frequency(self, stem: str) -> int:
        """Return how many products and passages have this stem."""

    def has_sku(self, key: str) -> bool:
        """True if it is the key of a SKU."""

    def nearest(self, word: str) -> tuple[tuple[str, int], ...]:
        """Return the words that a mistyped one may be, and how many letters differ."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way in which a row can have what a word asks for: these stems together, and how well that fits, up to 1."""

    phrase: Phrase
    fit: float


@dataclass(frozen=True, slots=True)
class Term:
    """One word or phrase of a question. `kind` is "word", "colour", "size", "material", "quality", "use", "policy" or
    "light"."""

    text: str
    kind: str
    alternatives: tuple[Alternative, ...]
    is_known: bool
    topic: str = ""
    is_thing: bool = False
    """True for the name of a thing that shops sell."""
    is_aside: bool = False
    """True after "for", "with" and their like: what a thing is for, not what it is."""

    def is_in(self, stems: frozenset[str]) -> bool:
        """True if all stems of one of its names are among these."""
        return any(stems.issuperset(one.phrase) for one in self.alternatives)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a question: what it was probably meant to be, the stem of that, and of what else it may be."""

    text: str
    meant: str
    stem: str
    others: tuple[str, ...] = ()
    letters: int = 0
    """How many letters were mistaken."""


@dataclass(frozen=True, slots=True)
class WordReading:
    """What a question is read with: the vocabulary, the languages of the question and of the catalogue, marked sizes."""

    vocabulary: Vocabulary
    asked: str
    sizes: frozenset[str]

    @property
    def written(self) -> str:
        return self.vocabulary.language

    @property
    def is_foreign(self) -> bool:
        return bool(self.asked and self.written and self.asked != self.written)


def token_of(word: str, vocabulary: Vocabulary) -> Token:
    own, lexicon = stem(word), vocabulary.lexicon
    is_word = word in lexicon.stop or word in lexicon.light or own in lexicon.known
    if is_word or word[0].isdigit() or vocabulary.frequency(own):
        return Token(word, word, own)
    if (small := _DIMINUTIVE.fullmatch(word)) and (base := _base_of(small[1], small[2], vocabulary)):
        return Token(word, base, stem(base), (), 1)
    near = vocabulary.nearest(word)
    if not near:
        return Token(word, word, own)
    others = tuple(dict.fromkeys(stem(other) for other, _ in near[1:]))
    return Token(word, near[0][0], stem(near[0][0]), others, near[0][1])


_DIMINUTIVE = re.compile(r"(\w{3,}?)z?inh([oa])s?")
"""Portuguese small things: "cafezinho", "cestinha", "vasinhos"."""


def _base_of(root: str, gender: str, vocabulary: Vocabulary) -> str:
    """Return the word of which a diminutive has this root and gender, "" where the catalogue and the lexicon have none."""
    words = (f"{root}{gender}", root, f"{root}e")
    return next((one for one in words if vocabulary.frequency(stem(one)) or stem(one) in vocabulary.lexicon.known), "")


def term_at(flat: list[Token], reading: WordReading) -> tuple[int, Term | None]:
    """Return how many words the first term has, and the term; None where the words name nothing."""
    first, lexicon = flat[0], reading.vocabulary.lexicon
    if joined := _joined(flat, reading):
        return 2, joined
    length, phrase, concepts = _phrase_at(flat, lexicon)
    text = " ".join(token.text for token in flat[:length])
    is_grammar = first.text in lexicon.stop
    concepts = tuple(
        one
        for one in concepts
        if _is_meant(one, text, reading.sizes)
        and not (is_grammar and length == 1 and _is_foreign(one, phrase, reading))
    )
    if length == 1 and _counts(flat, lexicon):
        return 1, _word_term(first, reading)
    if concepts and not (is_grammar and length == 1 and all(one.kind == "product" for one in concepts)):
        guessed = _GUESSED[max(token.letters for token in flat[:length])]
        return length, _concept_term(text, phrase, concepts, guessed, reading)
    return 1, None if is_grammar else _word_term(first, reading)


def _counts(flat: list[Token], lexicon: Lexicon) -> bool:
    """True if the first word counts what follows: "jogo de 6 copos", "a set of plates"."""
    after = [token.text for token in flat[1:3] if not token.text.isdigit()]
    return flat[0].text in lexicon.light and bool(after) and after[0] in CONNECTORS


_GUESSED = (1.0, 0.9, 0.75)
"""How well a word fits by the letters that it was mistyped by."""


def _is_meant(concept: Concept, text: str, sizes: frozenset[str]) -> bool:
    """True if a phrase is meant so: a letter or two is a size only where it stands as one."""
    return concept.kind != "size" or len(text) > 2 or text in sizes


def _is_foreign(concept: Concept, phrase: Phrase, reading: WordReading) -> bool:
    """True if a phrase means so in the other language alone: "eu" is "I" in a Portuguese question."""
    return bool(reading.asked) and phrase not in concept.side(reading.asked)


def _phrase_at(flat: list[Token], lexicon: Lexicon) -> tuple[int, Phrase, tuple[Concept, ...]]:
    """Return the longest phrase of the lexicon at the beginning: how many words it takes, its stems, what it can mean."""
    best: tuple[int, Phrase, tuple[Concept, ...]] = (1, (), ())
    phrase: Phrase = ()
    for end, token in enumerate(flat, 1):
        if token.text in CONNECTORS:
            if not phrase:
                break
            continue
        phrase += (token.stem,)
        if len(phrase) > lexicon.longest:
            break
        if concepts := lexicon.concepts.get(phrase):
            best = end, phrase, concepts
    return best


TRANSLATED = 0.9
"""How well another name of the same thing fits."""
OTHER_LANGUAGE = 0.8
"""The same for a rule in the language that the names of the goods are not in: texts may be written in another one."""
LESS_USUAL = 0.01
"""What each name costs that stands before a name in its line: the usual names stand first."""
ALONE = 0.4
"""How well the noun of a name fits where the rest of the name is not found."""
PART, _BESIDE = 0.8, 0.6
"""How well a word fits that is part of the name of a rule of the shop; the same where the shop has the whole name too."""
NARROWER = 0.8
"""How well the name of a narrower thing fits."""
FOREIGN = 0.4
"""How well a word of the other language fits that the catalogue's language does not call so."""


def _concept_term(
    text: str, phrase: Phrase, concepts: tuple[Concept, ...], guessed: float, reading: "WordReading"
) -> Term:
    """Return the term of a phrase that the lexicon has, with its other names in the language of the catalogue.

    A word of the question's language that the catalogue's own language has too means something else there: the
    Portuguese "notebook" is a laptop.
    """
    meant = [one for one in concepts if phrase in one.side(reading.asked)] or list(concepts)
    fits: dict[Phrase, float] = {}
    for one in meant:
        for place, name in enumerate(one.side(reading.written)):
            fits.setdefault(name, guessed * (TRANSLATED - min(place, 5) * LESS_USUAL))
        if one.kind == "policy":
            fits |= {name: guessed * OTHER_LANGUAGE for name in one.phrases if name not in fits}
    if phrase in fits or not reading.is_foreign or len(phrase) > 1 or any(one.kind == "policy" for one in meant):
        fits[phrase] = guessed
    else:
        fits[phrase] = guessed * FOREIGN
    for other in (other for one in meant for other in one.narrower):
        fits.setdefault(other, guessed * NARROWER)
    for other in [one for one in fits if len(one) == 2]:
        fits.setdefault((stem("".join(other)),), fits[other])
    has = reading.vocabulary.frequency
    alternatives = tuple(Alternative(one, fit) for one, fit in fits.items() if all(map(has, one)))
    kinds = [one.kind for one in meant]
    if "policy" in kinds:
        alternatives += _of_parts(phrase, guessed * (_BESIDE if alternatives else PART), reading)
    else:
        alternatives = alternatives or _of_head(phrase, guessed, reading)
    kind = next((name for name in ("product", "synonym", "policy") if name in kinds), kinds[0])
    topic = next((one.topic for one in meant if one.topic), "")
    return Term(
        text,
        {"product": "word", "synonym": "word"}.get(kind, kind),
        alternatives,
        bool(alternatives),
        topic,
        kind == "product",
    )


def _of_head(phrase: Phrase, guessed: float, reading: WordReading) -> tuple[Alternative, ...]:
    """Return what fits the noun of a phrase alone, where nothing has the name of the whole: too little to be taken for it."""
    if len(phrase) < 2:
        return ()
    heads = {"pt": phrase[:1], "en": phrase[-1:]}.get(reading.asked, (phrase[0], phrase[-1]))
    names = [
        name
        for head in heads
        for one in reading.vocabulary.lexicon.concepts.get((head,), ())
        for name in one.side(reading.written)
    ]
    names += [(head,) for head in heads]
    has = reading.vocabulary.frequency
    return tuple(Alternative(name, guessed * ALONE) for name in dict.fromkeys(names) if all(map(has, name)))


def _of_parts(phrase: Phrase, fit: float, reading: WordReading) -> tuple[Alternative, ...]:
    """Return the names of what the words of a rule's phrase are about: "formas de pagamento" of "pagamento"."""
    if len(phrase) < 2:
        return ()
    names = [
        name
        for word in phrase
        for one in reading.vocabulary.lexicon.concepts.get((word,), ())
        if one.kind == "policy"
        for name in one.side(reading.written)
    ]
    has = reading.vocabulary.frequency
    return tuple(Alternative(name, fit) for name in dict.fromkeys(names) if all(map(has, name)))


def _joined(flat: list[Token], reading: WordReading) -> Term | None:
    """Return the term of the first two words written as one, "table cloth", where that is a word and they are no phrase."""
    vocabulary, pair = reading.vocabulary, flat[:2]
    if len(pair) < 2 or any(one.text in vocabulary.lexicon.stop or one.stem[0].isdigit() for one in pair):
        return None
    apart, word = (pair[0].stem, pair[1].stem), pair[0].meant + pair[1].meant
    if apart in vocabulary.lexicon.concepts or len(word) < _SHORTEST_JOINED:
        return None
    text, own, fit = f"{pair[0].text} {pair[1].text}", stem(word), _GUESSED[max(one.letters for one in pair)]
    if concepts := vocabulary.lexicon.concepts.get((own,)):
        return _concept_term(text, (own,), concepts, fit, reading)
    if not vocabulary.frequency(own):
        return None
    both = (Alternative(apart, fit),) if all(map(vocabulary.frequency, apart)) else ()
    return Term(text, "word", (Alternative((own,), fit), *both), True)


_SHORTEST_JOINED = 6


def _word_term(token: Token, reading: WordReading) -> Term | None:
    word, vocabulary = token.text, reading.vocabulary
    if len(word) < 2 and word not in reading.sizes and not word.isdigit():
        return None
    is_light = word in vocabulary.lexicon.light or _is_count(word)
    kind = "size" if word in reading.sizes else "light" if is_light else "word"
    fit = _GUESSED[token.letters]
    alternatives = tuple(Alternative((one,), fit) for one in (token.stem, *token.others) if vocabulary.frequency(one))
    return Term(word, kind, alternatives, bool(alternatives))


def _is_count(word: str) -> bool:
    """True if it is a number so small that it may only count what is asked for."""
    return word.isdigit() and len(word) < 3


def is_attribute(term: Term) -> bool:
    """True if it only says which one of a thing is meant."""
    return term.kind in ("colour", "size")
