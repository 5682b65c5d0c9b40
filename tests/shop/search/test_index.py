"""Tests of the index: what is built is found again, by SKU, key and words, and the file is replaced as a whole."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.products import FileReport, Product, StoreContents, Text, Variant
from shop.search.index import Index, IndexUnusable, build, key_of
from tests.support.catalogues import contents_of, index_of, products_of

GOODS = """sku,name,category,brand,price,stock,colours,sizes,description
RED-011,Rede de solteiro Caburé,Redes,Caburé,189.00,14,natural; azul,,Rede leve de algodão.
RED-012,Rede de casal Caburé,Redes,Caburé,289.00,0,verde; azul,,
BON-7,Boné de palha,Roupas,Orla,49.90,,,P; M,
,Chaveiro,Acessórios,Orla,9.90,3,,,
"""
DELIVERY = "# Entrega\n\n- Recife: R$ 12,00.\n- Europa: não entregamos.\n"
SHIRT = Product(
    "Camiseta", sku="CAM", price=5_000, file="more.csv", line=2,
    variants=(
        Variant((("cor", "azul"),), sku="CAM-AZ", price=5_000, stock=0),
        Variant((("cor", "preta"),), sku="CAM-PR", price=6_000, stock=4),
    ),
)  # fmt: skip


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = index_of(tmp_path, contents_of([*products_of(GOODS), SHIRT], {"delivery.md": DELIVERY}))
    yield opened
    opened.close()


def test_products_texts_and_reports_come_back_as_they_were(index: Index) -> None:
    products = (*products_of(GOODS), SHIRT)

    assert tuple(index.all()) == products
    assert (index.count, index.variant_count) == (5, 2)
    assert index.texts() == (Text("delivery.md", DELIVERY),)
    assert index.reports() == (FileReport("products.csv", "table", 5, 2),)


@pytest.mark.parametrize("key", ["RED-012", "red012", "Red 012", "RED.012", "products.csv:3"])
def test_a_product_is_known_by_its_sku_in_any_spelling(index: Index, key: str) -> None:
    found = index.product(key)

    assert found is not None
    assert found.sku == "RED-012"


def test_a_variants_sku_names_its_product(index: Index) -> None:
    assert index.product("cam pr") == SHIRT


def test_a_product_without_a_sku_is_known_by_its_place(index: Index) -> None:
    found = index.product("products.csv:5")

    assert found is not None
    assert (found.name, key_of(found)) == ("Chaveiro", "products.csv:5")
    assert index.products(["products.csv:5", "none", "", "BON-7"])[1].name == "Boné de palha"


def test_the_fingerprint_is_that_of_the_contents(tmp_path: Path) -> None:
    def fingerprint(contents: StoreContents, synonyms: list[list[str]]) -> str:
        build(contents, tmp_path / "x.sqlite", synonyms)
        return Index.open(tmp_path / "x.sqlite").fingerprint

    one, two = contents_of(products_of(GOODS)), contents_of(products_of(GOODS), {"delivery.md": DELIVERY})

    assert fingerprint(one, []) == fingerprint(one, [])
    assert len({fingerprint(one, []), fingerprint(two, []), fingerprint(one, [["a", "b"]])}) == 3


def test_an_open_index_goes_on_when_its_file_is_replaced(index: Index, tmp_path: Path) -> None:
    build(contents_of(), tmp_path / "catalogue.sqlite")

    assert index.find("rede de casal").hits[0].product.sku == "RED-012"
    assert Index.open(tmp_path / "catalogue.sqlite").count == 0
    assert [path.name for path in tmp_path.iterdir()] == ["catalogue.sqlite"]


def test_what_a_killed_build_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite.new").write_text("torn")

    assert index_of(tmp_path, contents_of([SHIRT])).count == 1


def test_a_file_that_is_no_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "torn").write_text("no database")
    with sqlite3.connect(tmp_path / "other") as db:
        db.execute("CREATE TABLE meta (name, value)")
        db.execute("INSERT INTO meta VALUES ('version', '0')")
    db.close()

    for name in ("torn", "other", "missing"):
        with pytest.raises(IndexUnusable):
            Index.open(tmp_path / name)


def test_many_threads_ask_one_index(index: Index) -> None:
    found = list[str]()

    def ask() -> None:
        found.extend(index.find("rede de solteiro").hits[0].product.sku for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == ["RED-011"] * 160


@pytest.mark.parametrize(
    "question",
    ['"', "NEAR(", "rede AND", "name:rede", "*", "rede* OR 1", "'; DROP TABLE rows;--", "", "  ", "{", "½ ² ª"],
)
def test_no_word_of_a_question_is_an_operator(index: Index, question: str) -> None:
    index.find(question)

    assert index.find("rede de casal").hits[0].product.sku == "RED-012"


LONG = [
    "rede " * 20_000,
    " ".join(f"palavra{n}" for n in range(5_000)),
    "roupa sapato brinquedo joia ferramenta eletrônico móvel " * 50,
    "A" * 100_000,
    "-" * 50_000 + "1" * 50_000,
    "R$ " + "1.000" * 20_000,
]


@pytest.mark.parametrize("question", LONG, ids=range(len(LONG)))
def test_a_long_message_is_searched_in_bounded_time(index: Index, question: str) -> None:
    began = time.process_time()

    index.find(question, previous=["RED-011"] * 100, last_question=question)

    assert time.process_time() - began < 2


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_question_is_answered(index: Index, question: str) -> None:
    assert 0 <= index.find(question, previous=["RED-011"], last_question=question).coverage <= 1
