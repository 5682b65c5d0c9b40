"""Answers made by code: product cards, lines of the shop's texts, a greeting, a contact. Pure.

Nothing is invented: each sentence is a fixed one, filled with values of the rows that it stands before. The caller
hands in what was found and what says the sentences in the customer's language.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from shop.answers import asking, card, sentences
from shop.answers.asking import Wanted
from shop.answers.card import Speaker
from shop.products import Text
from shop.search.folding import distance, sku_key, stem, stems
from shop.search.queries import Query
from shop.search.results import Found, Hit, TextHit
from shop.search.terms import Term

Kind = Literal["products", "texts", "contact", "courtesy", "nothing"]
Speak = Callable[[str], Speaker | None]
"""Returns what says sentences in the language of a code ("pt_BR", or "pt" for any Portuguese), None where there is none."""

MOST_CARDS, MOST_TEXTS, MOST_CONTACTS = 3, 2, 3
COVERED = 0.45
"""Share of a question's weight that a row must have. Below it, measured on others' questions, finds are mostly wrong."""
SURE = 0.5
"""The same above which a word that nothing in the shop is called does not count. On 13 such questions: 0.46 to 0.48 where it
names another thing ("swimming" cap), 0.53 to 0.67 where it does not ("is it gone")."""
COVERED_BY_TOPIC = 0.3
"""The same for a line of the texts, where the question has a word of a policy."""
MOST_OF_IT, EXACT, SAME = 0.55, 0.95, 0.85
"""The same where it has none: of several words more than half; one alone must be the very word, or another name of the same."""
OF_TOPIC = 0.25
"""What a word of a policy adds to the share of a line of the texts, against that of a product."""
SHORT = 4
"""Letters of a word in which none may be wrong."""
NEAR, NEAR_TEXT = 0.8, 0.6
"""Share of the best row's score above which another row answers as well."""

_CONTACT = re.compile(r"(?:\+\d|\(\d{2,4}\) ?\d)[\d ()-]{6,}|[\w.+-]+@[\w-]+\.[\w.-]+")
_LONGEST_CONTACT = 120
_SELLS = re.compile(r"(?i)\b(?:sells?|sold|offer|vend\w+|comercializ\w+)\b")
"""What a line about goods says: "do you sell irons?" is not answered with the warranty of cast iron."""
_CODE = re.compile(r"\b[A-Za-z]{1,6}-\d{2,}\w*\b")
"""A SKU as most shops write them: letters, a hyphen, digits."""


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """An answer as Markdown, and where it comes from: SKUs of its cards in order, lines such as "delivery.md:12"."""

    text: str
    kind: Kind
    products: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contacts:
    """Lines that say how to reach a person, and where those of the shop's texts stand."""

    lines: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lines)


def in_english(code: str) -> Speaker | None:
    """Return what says everything in English, where no catalogue of another language is at hand."""
    return Speaker("en", str)


def answer(found: Found, *, question: str, speaker: Speaker, currency: str, contacts: Contacts) -> CodeAnswer:
    """Return what the shop's data say to a question."""
    asked = asking.read(question)
    if asked.is_courtesy:
        said = sentences.THANKS if asked.wants("thanks") and not asked.wants("greeting") else sentences.GREETING
        return CodeAnswer(speaker.say(said), "courtesy")
    if asked.wants("person"):
        return _reach(speaker, contacts)
    if asked.wants("order") and set(found.query.rules) <= {"delivery"}:
        return _of_order(found, speaker, contacts)
    if asked.wants("ours"):
        return _nothing(sentences.NOT_SHARED, speaker, contacts)
    if not found.query.skus and _names_another(question, found.hits):
        return _nothing(sentences.NOTHING, speaker, contacts)
    hits, texts = _chosen(found, asked)
    if hits and (having := [hit for hit in hits if not card.lacks(hit, found.query)]) != list(hits):
        if not having:
            return _not_in(hits[0], found.query, speaker)
        hits = tuple(having)
    if not hits and not texts:
        return _nothing(sentences.NOTHING, speaker, contacts)
    if hits and _is_near(found):
        return _near(hits[0], found.query, speaker, currency)
    return _answer(hits, texts, asked, found, speaker, currency)


def _chosen(found: Found, asked: Wanted) -> tuple[tuple[Hit, ...], tuple[TextHit, ...]]:
    """Return the products and the lines that answer; questions of what is sold are answered by lines that speak of selling alone."""
    is_for_sale = asked.wants("sell", "price", "stock", "colour")
    hits, texts = _of_parts(found.parts) if found.parts else _hits_or_texts(found, is_for_sale=is_for_sale)
    if hits and not texts and _is_mentioned_only(found, asked):
        return (), ()
    if not hits and asked.wants("sell") and not found.query.rules:
        texts = tuple(hit for hit in texts if _SELLS.search(hit.text))
    return hits, texts


_SEEKING = ("have", "sell", "price", "stock", "list", "option", "size", "colour")
"""What a question is after that looks for goods."""


def _is_mentioned_only(found: Found, asked: Wanted) -> bool:
    """True if the one word that a question names stands in descriptions alone, and it does not say that it looks for goods."""
    named = [term for term in found.query.terms if term.kind not in ("light", "use")]
    if found.query.skus or len(named) != 1 or asked.wants(*_SEEKING) or len(asked.rest) < _SAID:
        return False
    product = found.hits[0].product
    return not named[0].is_in(
        frozenset(stems(" ".join((product.name, product.category, product.brand, *product.choices))))
    )


_SAID = 3
"""Words from which a question says more than the name of a thing."""


def unread(speaker: Speaker, contacts: Contacts) -> CodeAnswer:
    """Return the answer where the shop's data could not be read at all."""
    return _nothing(sentences.NOTHING, speaker, contacts)


def contacts_of(texts: Sequence[Text], own: str = "") -> Contacts:
    """Return how a person is reached: the owner's own words, else the first short lines with a telephone or an address.

    Lines of the texts that say the same as the owner's words are their sources.
    """
    found = [
        (re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+", "", line).strip(), f"{text.file}:{number}")
        for text in texts
        for number, line in enumerate(text.text.split("\n"), 1)
        if is_contact(line)
    ]
    if own:
        found = [(line, source) for line, source in found if all(one in own for one in _CONTACT.findall(line))]
    found = found[:MOST_CONTACTS]
    return Contacts((own,) if own else tuple(line for line, _ in found), tuple(source for _, source in found))


def is_contact(line: str) -> bool:
    """True if a line says how to reach somebody."""
    return len(line) < _LONGEST_CONTACT and _CONTACT.search(line) is not None


def _hits_or_texts(found: Found, *, is_for_sale: bool = True) -> tuple[tuple[Hit, ...], tuple[TextHit, ...]]:
    """Return what answers: products, or lines of texts; both where a SKU and a rule of the shop are asked about."""
    hits, texts = _hits(found), _texts(found)
    if found.query.is_limited and not found.query.topics:
        return hits, ()
    if not hits or not texts:
        return hits, texts
    if found.query.skus:
        return hits, texts if found.query.topics else ()
    if found.query.order or found.things > 1:
        return hits, ()
    if _is_about_rule(found.query, hits[0]) or (found.query.topics and texts[0].score + OF_TOPIC > found.coverage):
        return (), texts
    if found.query.is_owned and texts[0].score >= found.coverage:
        return (), texts
    if not is_for_sale and _tells_more(found, texts[0]):
        return (), texts
    return hits, ()


def _tells_more(found: Found, text: TextHit) -> bool:
    """True if a line answers a question better than the best product: it has more of it, also a word that the product lacks."""
    if not found.hits[0].is_called:
        return text.score > found.coverage + OF_TOPIC
    product, said = found.hits[0].product, frozenset(stems(f"{text.section} {text.text}"))
    having = frozenset(stems(" ".join((product.name, product.category, product.brand, product.text, *product.choices))))
    named = [term for term in found.query.terms if term.kind in ("word", "quality", "material")]
    return text.score > found.coverage and any(term.is_in(said) and not term.is_in(having) for term in named)


def _of_parts(parts: Sequence[Found]) -> tuple[tuple[Hit, ...], tuple[TextHit, ...]]:
    """Return what answers a message of several parts: products for those that ask for goods, lines for those for rules."""
    each = [_hits_or_texts(part) for part in parts]
    hits = {hit.product.source: hit for found, _ in each for hit in found}
    rules = [found for _, found in each if found]
    texts = {(hit.file, hit.line): hit for found in rules for hit in found[: MOST_TEXTS // len(rules) or 1]}
    return tuple(hits.values())[:MOST_CARDS], tuple(texts.values())[:MOST_TEXTS]


def _is_about_rule(query: Query, hit: Hit) -> bool:
    """True if a question names a rule of the shop and the product is not called so: the warranty of a pot is no pot."""
    called = frozenset(stems(f"{hit.product.name} {hit.product.category}"))
    rules = [term for term in query.terms if term.topic in query.rules]
    return bool(rules) and not any(term.is_in(called) for term in rules)


def _not_in(hit: Hit, query: Query, speaker: Speaker) -> CodeAnswer:
    """Return that what was found is not there in the colour or size asked for, and in which it is."""
    values = ", ".join((*query.colours, *query.sizes))
    said = [speaker.fill(sentences.NOT_IN, values=card.escape(values)), card.all_values(hit, speaker)]
    return CodeAnswer(" ".join(part for part in said if part), "nothing")


def _is_near(found: Found) -> bool:
    """True if the best product ignores a word that says what is wanted and that nothing in the shop is called.

    A product with more of the question is not held up by one word more; a material distinguishes more than other words.
    """
    if found.things > 1 or found.parts or found.query.skus:
        return False
    return bool(found.query.missing_materials or (found.query.missing and found.coverage < SURE))


def _near(hit: Hit, query: Query, speaker: Speaker, currency: str) -> CodeAnswer:
    """Return that nothing is all that was asked for, and what comes nearest: food for cats is none for rabbits."""
    shown = card.print_card(hit, query.words, speaker, currency, is_only=True)
    return CodeAnswer(f"{speaker.say(sentences.NOT_QUITE)}\n\n{shown}", "nothing")


def _hits(found: Found) -> tuple[Hit, ...]:
    """Return the products that answer: all that fit as well as the best, three at most."""
    if not found.hits or found.coverage < COVERED or _is_guess(found.query):
        return ()
    first = found.hits[0]
    if found.is_nearest:
        return found.hits[:1]
    if found.things > 1:
        return found.hits[: min(found.things, MOST_CARDS)]
    if found.query.order:
        return tuple(hit for hit in found.hits if _price(found.query.order, hit) == _price(found.query.order, first))[
            :MOST_CARDS
        ]
    return tuple(hit for hit in found.hits if hit.score >= NEAR * first.score)[:MOST_CARDS]


def _least(query: Query) -> float:
    """Return the share of a question that a line of the texts must have."""
    if query.rules or (query.topics and len(query.terms) == 1):
        return COVERED_BY_TOPIC
    if len(query.terms) > 1:
        return MOST_OF_IT
    return EXACT if any(map(_is_guessed, query.terms)) else SAME


def _price(order: str, hit: Hit) -> int | None:
    """Return the price that decides an order: the lowest of a product's for the cheapest first."""
    offer = card.offer_of(hit, "")
    return offer.highest if order == "price_desc" else offer.lowest


def _names_another(question: str, hits: Sequence[Hit]) -> bool:
    """True if a question has what is written like a SKU and stands in no row: another product than those found."""
    codes = [sku_key(code) for code in _CODE.findall(question)]
    rows = [sku_key(f"{hit.product.name} {hit.product.text}") for hit in hits]
    return any(all(code not in row for row in rows) for code in codes)


def _is_guess(query: Query) -> bool:
    """True if all that a question names are short words that the catalogue has only in another spelling.

    One letter of four makes another word as often as it is a mistake.
    """
    named = [term for term in query.terms if term.kind == "word"]
    return bool(named) and not query.skus and all(_is_respelled(term) for term in named)


def _is_respelled(term: Term) -> bool:
    return len(term.text) <= SHORT and _is_guessed(term, 1)


def _is_guessed(term: Term, letters: int = 2) -> bool:
    """True if a word is known only as one that differs in so many letters at most."""
    spelled = stem(term.text)
    others = [one.phrase[0] for one in term.alternatives if len(one.phrase) == 1]
    return spelled not in others and any(distance(spelled, one) <= letters for one in others)


def _texts(found: Found) -> tuple[TextHit, ...]:
    """Return the lines that answer."""
    if not found.texts or found.texts[0].score < _least(found.query):
        return ()
    return tuple(hit for hit in found.texts if hit.score >= NEAR_TEXT * found.texts[0].score)[:MOST_TEXTS]


def _answer(
    hits: tuple[Hit, ...], texts: tuple[TextHit, ...], asked: Wanted, found: Found, speaker: Speaker, currency: str
) -> CodeAnswer:
    """Return the sentence about what was asked, the cards and the lines."""
    parts = list[str]()
    if hits and found.is_nearest:
        parts.append(speaker.say(sentences.NEAREST))
    elif hits and (said := card.sentence(hits, _unsaid(asked, found.query), speaker, currency)):
        parts.append(said)
    parts += [card.print_card(hit, found.query.words, speaker, currency, is_only=len(hits) == 1) for hit in hits]
    parts += [card.print_text(hit) for hit in texts]
    return CodeAnswer(
        "\n\n".join(parts),
        "products" if hits else "texts",
        tuple(card.sku_of(hit) for hit in hits),
        tuple(f"{hit.file}:{hit.line}" for hit in texts),
    )


def _unsaid(asked: Wanted, query: Query) -> Wanted:
    """Return what is asked for without what the question says itself: "tamanho G" does not ask which sizes there are."""
    said = {intent for intent, values in (("size", query.sizes), ("colour", query.colours)) if values}
    return replace(asked, intents=asked.intents - said)


def _reach(speaker: Speaker, contacts: Contacts) -> CodeAnswer:
    """Return how a person is reached."""
    if not contacts:
        return CodeAnswer(speaker.say(sentences.NO_CONTACT), "contact")
    return CodeAnswer(print_contacts(contacts, speaker), "contact", (), contacts.sources)


def _of_order(found: Found, speaker: Speaker, contacts: Contacts) -> CodeAnswer:
    """Return whom to ask about an order, which no data of the shop know, with the line that says what to do if it is late."""
    late = [hit for hit in _texts(found) if hit.score >= COVERED and found.query.rules][:1]
    parts = [*map(card.print_text, late), _reach(speaker, contacts).text]
    sources = (*(f"{hit.file}:{hit.line}" for hit in late), *contacts.sources)
    return CodeAnswer("\n\n".join(parts), "contact", (), sources)


def _nothing(sentence: str, speaker: Speaker, contacts: Contacts) -> CodeAnswer:
    """Return that nothing is known, with one question back and who else may be asked."""
    parts = [speaker.say(sentence), print_contacts(contacts, speaker)]
    return CodeAnswer("\n\n".join(filter(None, parts)), "nothing")


def print_contacts(contacts: Contacts, speaker: Speaker) -> str:
    """Return how a person is reached, "" where nobody says so."""
    listed = (f"- {line}" for line in contacts.lines)
    return "\n".join([speaker.say(sentences.CONTACT), "", *listed]) if contacts else ""
