"""A customer's question as the search reads it: what is asked for, its price, order, colours and sizes. Pure."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from shop.folding import fold, sku_key, stem, words
from shop.lexicon import Concept, Lexicon, Phrase, phrase_of, pieces
from shop.limits import Order, read_limits


class Vocabulary(Protocol):
    """What a question is read against: the words of one catalogue, and general ones."""

    @property
    def lexicon(self) -> Lexicon: ...

    def frequency(self, stem: str) -> int:
        """Return how many products and passages have this stem."""

    def has_sku(self, key: str) -> bool:
        """True if it is the key of a SKU."""

    def nearest(self, word: str) -> tuple[tuple[str, int], ...]:
        """Return the stems of the catalogue that a mistyped word may be, nearest first, and how many letters differ."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way in which a row can have what a word asks for: these stems together, and how well that fits, up to 1."""

    phrase: Phrase
    fit: float


@dataclass(frozen=True, slots=True)
class Term:
    """One word or phrase of a question. `kind` is "word", "colour", "size", "material", "policy" or "light"."""

    text: str
    kind: str
    alternatives: tuple[Alternative, ...]
    is_known: bool
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What a question asks for. Prices are in minor units; `language` is "en", "pt" or "" where the words do not tell.

    `terms` are all words that name something, in order; `unknown` are those that nothing in the catalogue is called.
    `refers` is true where it speaks of what was shown before ("and in blue?", "e o preço dele?").
    """

    skus: tuple[str, ...] = ()
    lowest: int | None = None
    highest: int | None = None
    order: Order = None
    in_stock: bool = False
    colours: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    language: str = ""
    refers: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(term.text for term in self.terms)

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(term.text for term in self.terms if not term.is_known)

    @property
    def topics(self) -> tuple[str, ...]:
        """What it asks of the shop's rules, such as "delivery" or "returns"."""
        return tuple(dict.fromkeys(term.topic for term in self.terms if term.topic))


IN_STOCK = re.compile(
    r"\b(?:in stock|available|availability|left|sold out|out of stock|disponive(?:l|is)|disponibilidade"
    r"|(?:em|no|de) estoque|esgotad[oa]s?|pronta entrega)\b"
)
REFERS = re.compile(
    r"^(?:and|e|what about|how about|mas)\b|\b(?:it|its|they|them|their|those|these|that one|this one|that|this|the other|ones?"
    r"|ele|ela|eles|elas|dele|dela|deles|delas|nele|nela|esse|essa|esses|essas|este|esta|isso|isto|desse|dessa|deste|desta|aquele|aquela)\b"
)
SIZE_WORDS = frozenset("size sizes tamanho tamanhos tam numero number nr manequim numeracao".split())
_SKU = re.compile(r"(?=[a-z0-9]*\d)[a-z0-9]{3,}")


def parse(question: str, vocabulary: Vocabulary) -> Query:
    """Return what a question asks for, by the words of this vocabulary."""
    skus, without = _skus(fold(question), vocabulary)
    limits = read_limits(without)
    tokens = words(limits.rest)
    terms = _terms(tokens, _marked_sizes(question, tokens), vocabulary)
    return Query(
        skus=skus,
        lowest=limits.lowest,
        highest=limits.highest,
        order=limits.order,
        in_stock=bool(IN_STOCK.search(limits.rest)),
        colours=tuple(term.text for term in terms if term.kind == "colour"),
        sizes=tuple(term.text for term in terms if term.kind == "size"),
        terms=terms,
        language=vocabulary.lexicon.language(words(question)),
        refers=bool(REFERS.search(fold(question).strip())),
    )


def _skus(question: str, vocabulary: Vocabulary) -> tuple[tuple[str, ...], str]:
    """Return the SKUs of a question, in any spelling, and the question without them."""
    pieces = [(found.start(), found.end()) for found in re.finditer(r"[a-z0-9]+", question)]
    found: dict[str, tuple[int, int]] = {}
    n = 0
    while n < len(pieces):
        for length in range(min(5, len(pieces) - n), 0, -1):
            start, end = pieces[n][0], pieces[n + length - 1][1]
            written = question[start:end]
            key = sku_key(written)
            if _may_be_sku(written, key) and vocabulary.has_sku(key):
                found[key] = (start, end)
                n += length - 1
                break
        n += 1
    for start, end in reversed(found.values()):
        question = f"{question[:start]} {question[end:]}"
    return tuple(found), question


def _may_be_sku(written: str, key: str) -> bool:
    """True if it can be meant as a SKU: with a digit, and not a short number, which is a price or a size."""
    if not re.fullmatch(r"[a-z0-9]+(?:[ ._/#-]{1,3}[a-z0-9]+)*", written):
        return False
    return (bool(_SKU.fullmatch(key)) and (not key.isdigit() or len(key) >= 5)) or ("-" in written and len(key) >= 4)


def _marked_sizes(question: str, tokens: list[str]) -> frozenset[str]:
    """Return the folded words that are sizes by how they stand: after "size", or as one or two capital letters."""
    after = {token for before, token in pairwise(tokens) if before in SIZE_WORDS}
    is_shouted = question.isupper()
    capitals = {
        found.lower() for found in re.findall(r"(?<![\w'’-])(?:[PSMGL]|PP|X{0,3}[GSL]G?|EG{1,2})(?![\w'’-])", question)
    }
    return frozenset(after | (set() if is_shouted else capitals))


def _terms(tokens: list[str], sizes: frozenset[str], vocabulary: Vocabulary) -> tuple[Term, ...]:
    """Return the terms of a question: the longest known phrase at each place, else the word."""
    lexicon = vocabulary.lexicon
    flat = [piece for token in tokens for piece in pieces(token)]
    spelled = [stem(piece) for piece in flat]
    found = list[Term]()
    n = 0
    while n < len(flat):
        length, concepts = _phrase_at(spelled, n, lexicon)
        text = " ".join(flat[n : n + length])
        concepts = tuple(one for one in concepts if _is_meant(one, text, sizes))
        if concepts and not (
            length == 1 and flat[n] in lexicon.stop and all(one.kind == "product" for one in concepts)
        ):
            found.append(_concept_term(text, tuple(spelled[n : n + length]), concepts, vocabulary))
        elif flat[n] in lexicon.stop:
            length = 1
        else:
            length = 1
            joined = _joined(flat, n, vocabulary)
            length = 2 if joined else 1
            if term := _word_term(joined or flat[n], flat[n] in lexicon.light, flat[n] in sizes, vocabulary):
                found.append(term)
        n += length
    return tuple(found)


def _is_meant(concept: Concept, text: str, sizes: frozenset[str]) -> bool:
    """True if a phrase is meant so: a letter or two is a size only where it stands as one."""
    return concept.kind != "size" or len(text) > 2 or text in sizes


def _phrase_at(spelled: list[str], n: int, lexicon: Lexicon) -> tuple[int, tuple[Concept, ...]]:
    """Return the longest phrase of the lexicon that begins here, by its length, and what it can mean."""
    for length in range(min(lexicon.longest, len(spelled) - n), 0, -1):
        if concepts := lexicon.concepts.get(tuple(spelled[n : n + length])):
            return length, concepts
    return 1, ()


TRANSLATED, ALONE = 0.9, 0.4
"""How well another name of the same thing fits, and the first or last word of such a name alone."""


def _concept_term(text: str, phrase: Phrase, concepts: tuple[Concept, ...], vocabulary: Vocabulary) -> Term:
    fits = {phrase: 1.0}
    for other in (other for one in concepts for other in one.phrases):
        fits.setdefault(other, TRANSLATED)
    for other in [*fits]:
        if len(other) == 2:
            fits.setdefault((stem("".join(other)),), fits[other])
    alternatives = tuple(
        Alternative(one, fit) for one, fit in fits.items() if all(vocabulary.frequency(part) for part in one)
    )
    kinds = [one.kind for one in concepts]
    kind = next((name for name in ("policy", "product", "synonym") if name in kinds), kinds[0])
    topic = next((one.topic for one in concepts if one.topic), "")
    return Term(text, {"product": "word", "synonym": "word"}.get(kind, kind), alternatives, bool(alternatives), topic)


def _joined(flat: list[str], n: int, vocabulary: Vocabulary) -> str:
    """Return this word and the next as one, where the catalogue writes them so; else ""."""
    if n + 1 >= len(flat) or flat[n + 1] in vocabulary.lexicon.stop or flat[n][0].isdigit():
        return ""
    joined = flat[n] + flat[n + 1]
    return joined if len(joined) > 5 and vocabulary.frequency(stem(joined)) else ""


def _word_term(word: str, is_light: bool, is_size: bool, vocabulary: Vocabulary) -> Term | None:
    if len(word) < 2 and not is_size and not word.isdigit():
        return None
    own = stem(word)
    kind = "light" if is_light else "size" if is_size else "word"
    if vocabulary.frequency(own):
        return Term(word, kind, (Alternative((own,), 1.0),), True)
    if own in vocabulary.lexicon.known or word[0].isdigit():
        return Term(word, kind, (), False)
    near = vocabulary.nearest(word)
    alternatives = tuple(Alternative((other,), 0.9 if letters < 2 else 0.75) for other, letters in near)
    return Term(word, kind, alternatives, bool(alternatives))


def is_attribute(term: Term) -> bool:
    """True if it only says which one of a thing is meant."""
    return term.kind in ("colour", "size")


__all__ = ["Alternative", "Query", "Term", "Vocabulary", "is_attribute", "parse", "phrase_of"]
