"""Checks an answer against the shop's data, sentence by sentence, also while it streams. Pure.

Each value that an answer states is bound to what it is about: a product by the nearest SKU or name before it (or the row of
its table, its heading, the sentences before, the question), a rule of the shop by topic, place and way of payment. Then it
is held against that row or line alone. That a value stands somewhere in the data proves nothing (docs/checks.md).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from shop.claims.amounts import durations, money, times_asked
from shop.claims.contacts import contacts, skus
from shop.claims.grants import codes, grants
from shop.claims.known_rows import KnownRows
from shop.claims.labels import names_another
from shop.claims.policies import Policies, Topic, read_policies, topic_of
from shop.claims.prices import amounts, giveaways
from shop.claims.rules import Rules, free, instalments, rated, timed
from shop.claims.sentences import AnswerSentence, Splitter, cells, is_rule
from shop.claims.stocks import stocks
from shop.claims.subjects import Mention, Subject
from shop.claims.sums import Ledger, numbers_stated
from shop.claims.till import Till
from shop.claims.values import Claim, Evidence, RulePassage
from shop.claims.wording import fold, number_of, states_number

__all__ = ["Checked", "Checker", "Claim", "Evidence", "check"]

_TOTAL_ROW = re.compile(
    r"\b(?:total|subtotal|sub-total|soma|sum|frete|shipping|delivery|entrega|fee|taxa|desconto|discount)\b"
)
_QUANTITY = re.compile(r"^\s*(?:qty|qtd|qtde|quant\w*|units|unidades|x)\.?\s*$")
_DELIVERY = frozenset({"delivery"})
"""What a sentence is about that names a place and no topic: "to Alaska it is $18"."""
_URL = re.compile(r"https?://\S+|\S+@\S+")


@dataclass(frozen=True, slots=True)
class Checked:
    """A finished sentence of an answer: its text, where it begins in the answer, and its claims in order.

    The places of its claims count from the sentence's own beginning.
    """

    text: str
    start: int
    claims: tuple[Claim, ...]


def check(sentence: str, evidence: Evidence) -> tuple[Claim, ...]:
    """Return what one sentence claims, read by itself; places count from the beginning of the text."""
    checker = Checker(evidence)
    done = [*checker.add(sentence), *checker.finish()]
    return tuple(
        replace(one, start=one.start + part.start, end=one.end + part.start) for part in done for one in part.claims
    )


class Checker:
    """Checks one answer while it comes. What a sentence is about is carried to those after it."""

    def __init__(self, evidence: Evidence) -> None:
        self._splitter = Splitter()
        policies = evidence.policies or read_policies(evidence.texts)
        rows = _known_rows(evidence, policies)
        self._names = rows.names
        self._contacts = rows.contacts.and_of([evidence.question, evidence.contact])
        asked = fold(evidence.question)
        self._asked = topic_of(asked)
        mentions = self._names.mentions(evidence.question, asked)
        self._subject = (
            _subjects(mentions)
            or tuple(one.items for one in mentions)
            or tuple((self._names.item(product),) for product in evidence.previous)
        )
        ledger = Ledger(asked_numbers=numbers_stated(asked))
        ledger.asked = {one.items[0].product.sku: one.quantity for one in mentions if one.quantity}
        question = frozenset(one.minor for one in money(asked)) | {n * 100 for n in numbers_stated(asked) if n >= 10}
        self._till = Till(Rules(policies, self._names), ledger, evidence.currency, question, self._names.items)
        self._times, self._happened = durations(asked), times_asked(asked)
        self._heading = Topic()
        self._before = Topic()
        self._has_granted = False
        self._head = list[str]()
        self._rows = 0

    def add(self, text: str) -> tuple[Checked, ...]:
        """Take the next piece of the answer; return the sentences that it finishes."""
        return tuple(self._checked(sentence) for sentence in self._splitter.add(text))

    def finish(self) -> tuple[Checked, ...]:
        """Return what was left without an end."""
        return tuple(self._checked(sentence) for sentence in self._splitter.finish())

    def _checked(self, sentence: AnswerSentence) -> Checked:
        if sentence.form != "row":
            self._head, self._rows = [], 0
        if sentence.form == "code" or not sentence.text.strip():
            return Checked(sentence.text, sentence.start, ())
        claims = self._row(sentence.text) if sentence.form == "row" else self._prose(sentence)
        return Checked(sentence.text, sentence.start, tuple(sorted(claims, key=lambda one: (one.start, one.end))))

    def _prose(self, sentence: AnswerSentence) -> list[Claim]:
        passage = self._passage(sentence.text)
        if "discount" in passage.wide.topics:
            self._till.ledger.is_reduced = True
        claims = self._claims(passage)
        if sentence.form == "heading":
            self._heading = passage.own
            self._before = Topic()
        if passage.own.topics or passage.own.places:
            self._before = passage.own
        if found := _subjects(passage.mentions):
            self._subject = found
        return claims

    def _passage(self, text: str, subject: Subject | None = None) -> RulePassage:
        folded = fold(text)
        mentions = self._names.mentions(_without_addresses(text), _without_addresses(folded))
        own = topic_of(folded)
        if own.places and not own.topics:
            own = replace(own, topics=_DELIVERY)
        wide = own.over(self._heading).over(self._before).over(self._asked)
        if subject is None:
            subject = () if names_another(text, mentions, self._subject) else self._subject
        return RulePassage(text, folded, mentions, subject, own, wide, _is_question(folded), states_number(folded))

    def _claims(self, passage: RulePassage) -> list[Claim]:
        rules = self._till.rules
        found = list(grants(passage, rules.policies, has_granted=self._has_granted))
        self._has_granted = self._has_granted or bool(found)
        for claims in (
            codes(passage, rules.policies),
            skus(passage, self._names),
            contacts(passage, self._contacts),
            amounts(passage, self._till),
            giveaways(passage),
            stocks(passage),
            instalments(passage, rules),
            rated(passage, rules),
            timed(passage, rules, self._times, self._happened),
            free(passage, rules),
        ):
            found += [one for one in claims if not _overlaps(one, found)]
        return found

    def _row(self, text: str) -> list[Claim]:
        """Return the claims of a table's row: each cell is read behind the labels of its column and row."""
        if is_rule(text):
            return []
        places = cells(text)
        self._rows += 1
        if self._rows == 1:
            self._head = [text[start:end] for start, end in places]
            return []
        whole = self._passage(text)
        subject = _subjects(whole.mentions)
        quantity = self._quantity(text, places)
        for items in subject[:1]:
            self._till.ledger.name(items[0], quantity)
        spoken_of = subject or whole.subject
        claims = list[Claim]()
        label = text[places[0][0] : places[0][1]] if places and (not subject or _TOTAL_ROW.search(fold(text))) else ""
        for n, (start, end) in enumerate(places):
            head = self._head[n] if n < len(self._head) else ""
            parts = (head, label) if label and self._names.mentions(head, fold(head)) else (label, head)
            claims += self._cell(text[start:end], start, f"{' '.join(parts)}: " if n else "", spoken_of)
        if subject:
            self._subject = subject
        return claims

    def _quantity(self, text: str, places: Sequence[tuple[int, int]]) -> int | None:
        for (start, end), head in zip(places, self._head, strict=False):
            if _QUANTITY.match(fold(head)) and re.fullmatch(r"\W*\d{1,4}\W*x?\W*", text[start:end]):
                return number_of(re.sub(r"\D", "", text[start:end]))
        return None

    def _cell(self, cell: str, start: int, label: str, subject: Subject) -> Iterator[Claim]:
        """Return the claims of a cell, its label put before it for the reading alone."""
        if not cell:
            return
        passage = self._passage(label + cell, subject)
        shift = start - len(label)
        for one in self._claims(passage):
            if one.start >= len(label):
                yield replace(one, start=one.start + shift, end=one.end + shift)


def _known_rows(evidence: Evidence, policies: Policies) -> KnownRows:
    """Return the rows by SKU and name: those that were read before, where the last answers named no others."""
    if evidence.known_rows is not None and all(row in evidence.products for row in evidence.previous):
        return evidence.known_rows
    return KnownRows.of(evidence.products, policies, evidence.known_skus, evidence.previous)


def _subjects(mentions: Sequence[Mention]) -> Subject:
    """Return what a passage leaves as the thing spoken of: its last sure name first, then the others."""
    sure = [one.items for one in mentions if one.is_sure]
    return tuple(dict.fromkeys(reversed(sure)))[:4]


def _without_addresses(text: str) -> str:
    """Return a text with blanks in the place of addresses, whose words name no product."""
    if "@" not in text and "://" not in text:
        return text
    return _URL.sub(lambda match: " " * len(match[0]), text)


def _is_question(folded: str) -> bool:
    return folded.rstrip(" \n*_\"')").endswith("?")


def _overlaps(claim: Claim, others: Sequence[Claim]) -> bool:
    return any(claim.start < other.end and other.start < claim.end for other in others)
