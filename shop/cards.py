"""Answers made by code: product cards, lines of the shop's texts, a greeting, a contact. Pure.

Nothing is invented: each sentence is a fixed one, filled with values of the rows that it stands before. The caller
hands in what was found and what says the sentences in the customer's language.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from shop import asking, card, sentences
from shop.asking import Asked
from shop.card import Speaker
from shop.products import Text
from shop.search import Found, Hit, TextHit

Kind = Literal["products", "texts", "contact", "courtesy", "nothing"]
Speak = Callable[[str], Speaker | None]
"""Returns what says sentences in the language of a code ("pt_BR", or "pt" for any Portuguese), None where there is none."""

MOST_CARDS, MOST_TEXTS, MOST_CONTACTS = 3, 2, 3
COVERED = 0.45
"""Share of a question's weight that a row must have. Below it, measured on others' questions, finds are mostly wrong."""
NEAR = 0.8
"""Share of the best row's score above which another row answers as well."""

_CONTACT = re.compile(r"\+\d[\d ()-]{7,}|[\w.+-]+@[\w-]+\.[\w.-]+")
_LONGEST_CONTACT = 120


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """An answer as Markdown, and where it comes from: SKUs of its cards in order, lines such as "delivery.md:12"."""

    text: str
    kind: Kind
    products: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """A line that says how to reach a person, and where it stands; `source` is "" for the settings."""

    text: str
    source: str = ""


def in_english(code: str) -> Speaker | None:
    """Say everything in English, where no catalogue of another language is at hand."""
    return Speaker("en", str)


def answer(found: Found, *, question: str, speaker: Speaker, currency: str, contacts: Sequence[Contact]) -> CodeAnswer:
    """Return what the shop's data say to a question."""
    asked = asking.read(question)
    if asked.is_courtesy:
        said = sentences.THANKS if asked.wants("thanks") and not asked.wants("greeting") else sentences.GREETING
        return CodeAnswer(speaker.say(said), "courtesy")
    if asked.wants("person"):
        return _reach(found, speaker, contacts)
    if asked.wants("ours"):
        return _nothing(sentences.NOT_SHARED, speaker, contacts)
    hits, texts = _hits(found), _texts(found, asked)
    if hits and texts and not (found.query.skus or asked.wants("price", "stock", "size", "colour")):
        hits = () if found.query.topics else hits
    if found.query.topics and texts and not found.query.skus:
        hits = ()
    elif hits and not found.query.topics:
        texts = ()
    if not hits and not texts:
        return _nothing(sentences.NOTHING, speaker, contacts)
    return _answer(hits, texts, asked, found, speaker, currency)


def unread(speaker: Speaker, contacts: Sequence[Contact]) -> CodeAnswer:
    """Return the answer where the shop's data could not be read at all."""
    return _nothing(sentences.NOTHING, speaker, contacts)


def contacts_of(texts: Sequence[Text], own: str = "") -> tuple[Contact, ...]:
    """Return how a person is reached: the owner's own words, then the first short lines with a telephone or an address."""
    found = [Contact(own)] if own else []
    for text in texts:
        for number, line in enumerate(text.text.split("\n"), 1):
            if is_contact(line):
                found.append(Contact(re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+", "", line).strip(), f"{text.file}:{number}"))
    return tuple(found[:MOST_CONTACTS])


def is_contact(line: str) -> bool:
    """True if a line says how to reach somebody."""
    return len(line) < _LONGEST_CONTACT and _CONTACT.search(line) is not None


def _hits(found: Found) -> tuple[Hit, ...]:
    """Return the products that answer: all that fit as well as the best, three at most."""
    if not found.hits or found.coverage < COVERED:
        return ()
    least = NEAR * found.hits[0].score
    return tuple(hit for hit in found.hits if hit.score >= least)[:MOST_CARDS]


def _texts(found: Found, asked: Asked) -> tuple[TextHit, ...]:
    """Return the lines that answer."""
    if not found.texts:
        return ()
    least = NEAR * found.texts[0].score
    return tuple(hit for hit in found.texts if hit.score >= least)[:MOST_TEXTS]


def _answer(
    hits: tuple[Hit, ...], texts: tuple[TextHit, ...], asked: Asked, found: Found, speaker: Speaker, currency: str
) -> CodeAnswer:
    """Return the sentence about what was asked, the cards and the lines."""
    parts = list[str]()
    if hits and (said := card.sentence(hits, asked, speaker, currency)):
        parts.append(said)
    parts += [card.print_card(hit, found.query.words, speaker, currency, is_only=len(hits) == 1) for hit in hits]
    parts += [card.print_text(hit) for hit in texts]
    return CodeAnswer(
        "\n\n".join(parts),
        "products" if hits else "texts",
        tuple(card.sku_of(hit) for hit in hits),
        tuple(f"{hit.file}:{hit.line}" for hit in texts),
    )


def _reach(found: Found, speaker: Speaker, contacts: Sequence[Contact]) -> CodeAnswer:
    """Return how a person is reached."""
    if not contacts:
        return CodeAnswer(speaker.say(sentences.NO_CONTACT), "contact")
    text = "\n".join([speaker.say(sentences.CONTACT), "", *(f"- {one.text}" for one in contacts)])
    return CodeAnswer(text, "contact", (), tuple(one.source for one in contacts if one.source))


def _nothing(sentence: str, speaker: Speaker, contacts: Sequence[Contact]) -> CodeAnswer:
    """Return that nothing is known, with one question back and who else may be asked."""
    lines = [speaker.say(sentence)]
    if contacts:
        lines += ["", speaker.say(sentences.CONTACT), "", *(f"- {one.text}" for one in contacts)]
    return CodeAnswer("\n".join(lines), "nothing")
