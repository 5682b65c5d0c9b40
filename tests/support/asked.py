"""Questions with their truths, asked of what code answers: right, silent or wrong, over the shops of the tests and files of exports."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from handlers.pages import languages
from settings import ROOT
from shop.answers import cards
from shop.answers.card import Speaker
from shop.answers.cards import CodeAnswer
from shop.products import StoreContents
from shop.readers.store import read_store
from shop.search.index import Index, build
from tests.support.claims import CURRENCIES, DATA, shop_of

Verdict = Literal["right", "silent", "wrong"]
OURS = DATA / "ask-questions.jsonl"
TEA = """código;nome;categoria;preço;preço antigo;estoque;cor
CH-01;Lata de chá verde;Chás;35,00;42,00;12;
CH-02;Chá de hibisco 50 g;Chás;24,50;;30;
CH-03;Chá preto defumado;Chás;48,00;;0;
BU-20;Bule de ferro fundido;Bules;210,00;;4;preto
BU-21;Bule de porcelana;Bules;189,00;;7;branco, azul
XI-31;Xícara de vidro duplo;Xícaras;39,90;;16;
IN-40;Infusor de aço inox;Acessórios;29,00;;22;
"""
RULES = """# Entrega

- Frete: R$ 18,00 para todo o Brasil, 3 a 8 dias úteis.
- Não entregamos aos domingos.

# Pagamento

- Formas de pagamento: Pix, boleto e cartão de crédito.

# Trocas

- Troca de produto em até 15 dias, sem uso.

# Contato

- Fale com a gente: cha@loja.example ou +55 11 0555-0199.
"""


def contents_of_shop(name: str, folder: Path) -> StoreContents:
    """Return what is asked about: the demonstration shop, the garden's tea shop (written into `folder`) or one of tests/data/shops."""
    if name == "demo":
        return read_store(ROOT / "prompts" / "store", "BRL")
    if name == "garden":
        (folder / "produtos.csv").write_text(TEA, encoding="cp1252")
        (folder / "regras.md").write_text(RULES, encoding="utf-8")
        return read_store(folder, "BRL")
    shop = shop_of(name)
    return StoreContents(tuple(shop.products), tuple(shop.texts), ())


def index_of_shop(name: str, folder: Path) -> Index:
    """Return the index of a shop, built in a folder."""
    target = folder / "catalogue.sqlite"
    build(contents_of_shop(name, folder), target)
    return Index.open(target)


def read_questions(file: Path = OURS) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]


def currency_of(shop: str) -> str:
    return CURRENCIES.get(shop, "BRL")


@cache
def _languages() -> languages.Languages:
    return languages.load(ROOT / "languages")


def answered(index: Index, one: dict[str, Any]) -> CodeAnswer:
    """Return the answer to a question; one with "after" goes on from that."""
    previous = answered(index, {**one, "question": one["after"], "after": ""}).products if one.get("after") else ()
    found = index.find(one["question"], previous=previous, last_question=one.get("after", ""))
    speaker = _languages().speaker(found.query.language or one["lang"]) or Speaker("en", str)
    currency, contacts = currency_of(one["shop"]), cards.contacts_of(index.texts())
    return cards.answer(found, question=one["question"], speaker=speaker, currency=currency, contacts=contacts)


def verdict(answer: CodeAnswer, truth: dict[str, Any], index: Index) -> Verdict:
    """Return "right", "silent" where nothing was found though there is something, or "wrong"."""
    if any(_is_met(answer, one, index) for one in truth.get("either", [truth])):
        return "right"
    return "silent" if answer.kind == "nothing" else "wrong"


def _is_met(answer: CodeAnswer, truth: dict[str, Any], index: Index) -> bool:
    """True if all parts of a truth hold: nothing found; the first product, all of some, or one of them first; a price at most;
    the file of a line; the kind; what the answer says."""
    if truth.get("nothing"):
        return answer.kind == "nothing"
    checks = {
        "product": lambda: answer.products[:1] == (truth["product"],),
        "products": lambda: set(truth["products"]) <= set(answer.products),
        "any": lambda: bool(set(answer.products[:1]) & set(truth["any"])),
        "highest": lambda: (
            bool(answer.products) and all(_price(index, sku) <= truth["highest"] for sku in answer.products)
        ),
        "text": lambda: bool({source.rpartition(":")[0] for source in answer.texts} & set(truth["text"])),
        "kind": lambda: answer.kind == truth["kind"],
        "says": lambda: _plain(truth["says"]) in _plain(answer.text),
    }
    return answer.kind != "nothing" and all(check() for name, check in checks.items() if name in truth)


def _price(index: Index, sku: str) -> int:
    product = index.product(sku)
    return product.price or 0 if product else 0


def _plain(text: str) -> str:
    return text.replace(" ", "")


@dataclass(frozen=True, slots=True)
class Judged:
    """One question, its answer and what that is worth."""

    question: dict[str, Any]
    answer: CodeAnswer
    verdict: Verdict

    def __str__(self) -> str:
        one, said = self.question, self.answer
        return f"{self.verdict}: {one['shop']} {one['question']} -> {said.kind} {said.products} {said.texts}"


def judged(indexes: dict[str, Index], questions: Sequence[dict[str, Any]]) -> Iterator[Judged]:
    """Yield what each question is answered."""
    for one in questions:
        index = indexes[one["shop"]]
        answer = answered(index, one)
        yield Judged(one, answer, verdict(answer, one["truth"], index))
