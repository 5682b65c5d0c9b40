"""Tests of questions that name several things."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.search.index import Index
from shop.search.several import parts_of
from tests.support.catalogues import contents_of, index_of, products_of

GOODS = """sku,name,brand,price
CAN-1,Caneca Orla Tamarindo,Orla,30.00
CHA-1,Chaleira Zimbro,Zimbro,99.90
CAM-1,Camiseta Azul & Cia,Azul & Cia,40.00
CAM-2,Camiseta azul,Orla,40.00
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder: Path = tmp_path_factory.mktemp("index")
    opened = index_of(folder, contents_of(products_of(GOODS)))
    yield opened
    opened.close()


def test_a_question_is_cut_between_its_things() -> None:
    assert parts_of("preço da caneca e da chaleira") == ["preco da caneca", "da chaleira"]
    assert parts_of("a mug, please") == ["a mug", "please"]
    assert parts_of("a mug") == []
    assert parts_of("a, b, c, d") == []


@pytest.mark.parametrize(
    "question", ["preço da caneca tamarindo e da chaleira zimbro", "price of the tamarindo mug and the zimbro kettle"]
)
def test_two_things_in_a_question_are_both_found(index: Index, question: str) -> None:
    found = index.find(question)

    assert found.things == 2
    assert [hit.product.sku for hit in found.hits[:2]] == ["CAN-1", "CHA-1"]


def test_the_better_rows_of_two_things_come_first(tmp_path: Path) -> None:
    mugs = "".join(f"CAN-{n},Caneca {name},Orla,30.00\n" for n, name in enumerate(("Orla", "Zimbro", "de metal"), 2))
    shop = index_of(tmp_path, contents_of(products_of(GOODS + mugs)))
    found = shop.find("preço da chaleira e da caneca", most=4)

    assert found.things == 2
    assert [hit.product.sku for hit in found.hits[1:]] == [hit.product.sku for hit in shop.find("caneca").hits[:3]]


def test_a_thing_with_two_words_and_an_and_is_one(index: Index) -> None:
    assert index.find("camiseta azul e cia").things == 1


def test_the_one_of_two_things_that_has_the_price_is_found(index: Index) -> None:
    found = index.find("chaleira ou caneca por menos de 40 reais")

    assert not found.is_nearest
    assert found.hits[0].product.sku == "CAN-1"


RULES = {"r.md": "# Entrega\n\n- Recife: R$ 12,00.\n\n# Trocas\n\n- Trocas em 7 dias.\n"}


@pytest.mark.parametrize(
    ("question", "skus", "line"),
    [
        ("quanto custa a caneca tamarindo e vocês entregam em Recife?", ["CAN-1"], "Recife: R$ 12,00."),
        ("I want the zimbro kettle. Can I exchange it?", ["CHA-1"], "Trocas em 7 dias."),
    ],
)
def test_goods_and_rules_are_found_apart(tmp_path: Path, question: str, skus: list[str], line: str) -> None:
    shop = index_of(tmp_path, contents_of(products_of(GOODS), RULES))
    found = shop.find(question)

    assert len(found.parts) == 2
    assert [hit.product.sku for hit in found.parts[0].hits[:1]] == skus
    assert found.parts[1].texts[0].text == line


def test_goods_and_rules_are_no_more_than_asked_for(tmp_path: Path) -> None:
    shop = index_of(tmp_path, contents_of(products_of(GOODS), RULES))
    question = "quero uma camiseta azul, a chaleira zimbro, e vocês entregam em Recife?"
    found = shop.find(question, most=2, most_texts=1)

    assert len(found.parts) == 3
    assert [hit.product.sku for hit in found.hits] == [part.hits[0].product.sku for part in found.parts[:2]]
    assert [hit.text for hit in found.texts] == ["Recife: R$ 12,00."]
    assert shop.find(question, most=9).hits[:2] == found.hits


def test_what_was_bought_is_no_goods_to_be_had(tmp_path: Path) -> None:
    shop = index_of(tmp_path, contents_of(products_of(GOODS), RULES))

    assert shop.find("comprei a caneca tamarindo e quero trocar").parts == ()


def test_the_second_thing_may_be_named_by_half(index: Index) -> None:
    for question in ("a diferença entre a caneca tamarindo e a zimbro", "what is cheaper, the mug or the kettle?"):
        assert index.find(question).things <= 2
    assert index.find("what is cheaper, the mug or the kettle?").things == 2


def test_a_long_message_is_answered_by_its_best_clause(index: Index) -> None:
    story = "Hello! My aunt Rosalind collects porcelain and goes hiking every weekend with neighbours. I need a kettle."

    assert index.find(story).hits[0].product.sku == "CHA-1"
