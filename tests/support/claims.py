"""The set of claims of answers (tests/data/claims.jsonl): its shops, what the checks find in it, and how well."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import msgspec

from settings import ROOT
from shop.checks import Checker, Claim, Evidence
from shop.claims.policies import read_policies
from shop.claims.subjects import plain_sku
from shop.products import Product, Text

DATA = ROOT / "tests" / "data"
HALVES = ("dev", "unseen", "fresh", "fresh-2", "fresh-3")
KINDS = ("price", "total", "fee", "stock", "date", "percent", "sku", "contact", "grant")
WRONG = ("contradicted", "unsupported")
CURRENCIES = {
    "quintal-cabure": "BRL",
    "pedra-azul": "BRL",
    "harbor-pine": "USD",
    "inkwell-lane": "GBP",
    "velo-norte": "BRL",
    "fern-attic": "EUR",
}


class Truth(msgspec.Struct, frozen=True):
    """One claim as its author judged it; `true` is the value of the data where the claim has another."""

    kind: str
    start: int
    text: str
    verdict: str
    true: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_wrong(self) -> bool:
        return self.verdict in WRONG


class Answer(msgspec.Struct, frozen=True):
    """An answer of the set, with the question before it and the SKUs that the last answer named."""

    id: str
    half: str
    shop: str
    language: str
    question: str
    previous: tuple[str, ...]
    answer: str
    claims: tuple[Truth, ...]


@cache
def answers(half: str) -> tuple[Answer, ...]:
    name = "claims-fresh.jsonl" if half.startswith("fresh") else "claims.jsonl"
    lines = (DATA / name).read_bytes().splitlines()
    return tuple(one for one in (msgspec.json.decode(line, type=Answer) for line in lines) if one.half == half)


@cache
def shop_of(name: str) -> Evidence:
    """Return all rows and texts of a shop as evidence."""
    folder = ROOT / "prompts" / "store" if name == "quintal-cabure" else DATA / "shops" / name
    texts = tuple(Text(path.name, path.read_text()) for path in sorted(folder.glob("*.md")))
    products = tuple(_rows(folder))
    known = {plain_sku(product.sku): product for product in products}
    return Evidence(
        products,
        texts,
        currency=CURRENCIES[name],
        known_skus=lambda sku: known.get(plain_sku(sku)),
        policies=read_policies(texts),
    )


def claims_about_demo(text: str, question: str) -> list[Claim]:
    """Return the claims of an answer to a question, held against the demonstration shop as a turn does."""
    return claims_in(text, replace(shop_of("quintal-cabure"), question=question))


def _rows(folder: Path) -> Iterable[Product]:
    for path in folder.glob("*.jsonl"):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            yield replace(msgspec.json.decode(line, type=Product), file=path.name, line=number)
    for path in folder.glob("*.csv"):
        with path.open(newline="") as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                price = round(float(row["price"]) * 100)
                yield Product(
                    row["name"],
                    row["sku"],
                    row["family"],
                    price=price,
                    stock=int(row["stock"]),
                    file=path.name,
                    line=number,
                )


def evidence_of(answer: Answer) -> Evidence:
    shop = shop_of(answer.shop)
    previous = [product for product in shop.products if product.sku in answer.previous]
    return replace(shop, question=answer.question, previous=previous)


def found_in(answer: Answer) -> list[Claim]:
    return claims_in(answer.answer, evidence_of(answer))


def claims_in(text: str, evidence: Evidence) -> list[Claim]:
    """Return the claims found, with places counted from the answer's beginning; it comes in pieces of seven letters."""
    checker = Checker(evidence)
    done = [part for n in range(0, len(text), 7) for part in checker.add(text[n : n + 7])]
    return [
        replace(one, start=one.start + part.start, end=one.end + part.start)
        for part in (*done, *checker.finish())
        for one in part.claims
    ]


@dataclass(frozen=True, slots=True)
class Score:
    """What was found of one kind: wrong claims called wrong, called right, and right ones called wrong or known as right."""

    kind: str
    hits: int = 0
    missed: int = 0
    false_alarms: int = 0
    proved: int = 0
    right: int = 0


def score(half: str, kinds: Sequence[str]) -> Score:
    """Return the figures of these kinds: recall by the truth's kind, precision by the kind that was claimed."""
    hits = missed = alarms = proved = right = 0
    for answer in answers(half):
        found = found_in(answer)
        flagged = [one for one in found if one.verdict in WRONG]
        for truth in (one for one in answer.claims if one.kind in kinds):
            if truth.is_wrong:
                is_hit = any(_meet(one, truth) for one in flagged)
                hits, missed = hits + is_hit, missed + (not is_hit)
            else:
                right += 1
                proved += any(_meet(one, truth) and one.verdict not in WRONG for one in found)
        wrong = [truth for truth in answer.claims if truth.is_wrong]
        alarms += sum(one.kind in kinds and not any(_meet(one, truth) for truth in wrong) for one in flagged)
    return Score("+".join(kinds), hits, missed, alarms, proved, right)


def _meet(claim: Claim, truth: Truth) -> bool:
    return claim.start < truth.end and truth.start < claim.end
