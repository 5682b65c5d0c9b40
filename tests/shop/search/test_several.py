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


def test_a_thing_with_two_words_and_an_and_is_one(index: Index) -> None:
    assert index.find("camiseta azul e cia").things == 1


def test_the_one_of_two_things_that_has_the_price_is_found(index: Index) -> None:
    found = index.find("chaleira ou caneca por menos de 40 reais")

    assert not found.is_nearest
    assert found.hits[0].product.sku == "CAN-1"
