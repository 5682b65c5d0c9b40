"""Our own questions with their truths, in both languages, about the demo shop and a small made-up one: what code answers."""

import json
from collections import Counter
from typing import Any

import pytest

from handlers.pages import languages
from settings import ROOT
from shop.answers import cards
from shop.answers.card import Speaker
from shop.answers.cards import CodeAnswer
from shop.readers.store import read_store
from shop.search.index import Index, build

QUESTIONS = [
    json.loads(line)
    for line in (ROOT / "tests" / "data" / "ask-questions.jsonl").read_text(encoding="utf-8").splitlines()
]
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
RIGHT, WRONG, SOLD = 0.85, 0.04, 0.03
"""Shares: right at least, wrong at most, and at most of what is not sold answered with a product."""


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Index]:
    tea = tmp_path_factory.mktemp("tea")
    (tea / "produtos.csv").write_text(TEA, encoding="cp1252")
    (tea / "regras.md").write_text(RULES, encoding="utf-8")
    found = dict[str, Index]()
    for name, store in (("demo", ROOT / "prompts" / "store"), ("garden", tea)):
        path = tmp_path_factory.mktemp(name) / "catalogue.sqlite"
        build(read_store(store, "BRL"), path)
        found[name] = Index.open(path)
    return found


def answered(index: Index, question: str, language: str) -> CodeAnswer:
    known = languages.load(ROOT / "languages")
    found = index.find(question)
    speaker = known.speaker(found.query.language or language) or Speaker("en", str)
    contacts = cards.contacts_of(index.texts())
    return cards.answer(found, question=question, speaker=speaker, currency="BRL", contacts=contacts)


def verdict(answer: CodeAnswer, truth: dict[str, Any]) -> str:
    """Return "right", "silent" or "wrong"."""
    if truth.get("nothing"):
        return "right" if answer.kind == "nothing" else "wrong"
    if answer.kind == "nothing":
        return "silent"
    says = truth.get("says", "").replace(" ", "") in answer.text.replace(" ", "")
    files = {source.rpartition(":")[0] for source in answer.texts}
    is_it = (
        answer.products[:1] == (truth["product"],)
        if "product" in truth
        else bool(files & set(truth["text"]))
        if "text" in truth
        else answer.kind == truth["kind"]
    )
    return "right" if is_it and says else "wrong"


def test_most_questions_are_answered_right_and_few_wrong(indexes: dict[str, Index]) -> None:
    verdicts, missed = Counter[str](), list[str]()
    for one in QUESTIONS:
        answer = answered(indexes[one["shop"]], one["question"], one["lang"])
        found = verdict(answer, one["truth"])
        verdicts[found] += 1
        if found != "right":
            missed.append(f"{found}: {one['question']} -> {answer.kind} {answer.products} {answer.texts}")

    total = verdicts.total()
    assert total >= 60
    assert verdicts["right"] / total >= RIGHT, "\n".join(missed)
    assert verdicts["wrong"] / total <= WRONG, "\n".join(missed)


def test_what_is_not_sold_is_not_answered_with_a_product(indexes: dict[str, Index]) -> None:
    absent = [one for one in QUESTIONS if one["kind"] == "none"]
    sold = [one["question"] for one in absent if answered(indexes[one["shop"]], one["question"], one["lang"]).products]

    assert len(sold) / len(absent) <= SOLD, sold


def test_each_number_of_an_answer_stands_in_the_shops_data(indexes: dict[str, Index]) -> None:
    """Prices and counts come from rows: every number of a card is one of its product."""
    index = indexes["garden"]
    for product in index.all():
        answer = answered(index, f"quanto custa {product.sku}?", "pt")
        assert answer.products == (product.sku,)
        cents = f"{(product.price or 0) / 100:.2f}".replace(".", ",")
        assert cents in answer.text
        assert f"({product.stock})" in answer.text or not product.stock
