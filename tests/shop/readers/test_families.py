"""Rows that are one article are folded under it."""

from pathlib import Path

import pytest

from shop.products import Option, Product, Variant
from shop.readers.families import named_values, summed
from tests.support.store_files import products_of, report_of, table


def test_rows_that_name_an_article_are_its_variants(tmp_path: Path) -> None:
    text = table(
        "sku | parent sku | name | category | description | size | price | stock",
        "POLO | | Polo | Shirts | Pique | | |",
        "POLO-S | POLO | Polo | | | S | 20.00 | 3",
        "POLO-M | POLO | Polo | | | M | 22.00 | 0",
    )

    (polo,) = products_of(tmp_path, "list.csv", text)

    assert (polo.sku, polo.category, polo.text, polo.price, polo.stock) == ("POLO", "Shirts", "Pique", 2000, 3)
    assert polo.options == (Option("size", ("S", "M")),)
    assert [(one.sku, one.choice, one.price, one.stock) for one in polo.variants] == [
        ("POLO-S", (("size", "S"),), 2000, 3),
        ("POLO-M", (("size", "M"),), 2200, 0),
    ]
    assert report_of(tmp_path, "list.csv", text).doubts == ()


def test_variants_without_stock_leave_their_article_its_own(tmp_path: Path) -> None:
    text = table(
        "sku | parent sku | name | size | price | stock",
        "POLO | | Polo | | | 12",
        "POLO-S | POLO | Polo | S | 20.00 |",
        "POLO-M | POLO | Polo | M | 22.00 |",
    )

    (polo,) = products_of(tmp_path, "list.csv", text)

    assert (polo.stock, [variant.stock for variant in polo.variants]) == (12, [None, None])


def test_a_variant_without_stock_is_no_other_ones() -> None:
    size_s, size_m = (Variant((("Size", size),), stock=stock) for size, stock in (("S", 0), ("M", None)))

    assert summed(Product("Polo", stock=0), (size_s, size_m)).stock is None


def test_a_variants_name_says_what_is_chosen(tmp_path: Path) -> None:
    text = table(
        "código | código pai | descrição | preço",
        "CAN | | Caneca | 0,00",
        "CAN-AZ | CAN | Caneca Cor:Azul | 35,00",
        "CAN-VE | CAN | Caneca - Verde | 36,00",
    )

    (mug,) = products_of(tmp_path, "list.csv", text)

    assert [variant.choice for variant in mug.variants] == [(("Cor", "Azul"),), (("", "Verde"),)]


def test_rows_without_their_article_are_one_by_what_they_share(tmp_path: Path) -> None:
    text = table("sku | parent sku | name | size | price", "P-S | P | Polo | S | 20.00", "P-M | P | Polo | M | 22.00")

    (polo,) = products_of(tmp_path, "list.csv", text)

    assert [variant.sku for variant in polo.variants] == ["P-S", "P-M"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Colour: blue, Size: M", (("Colour", "blue"), ("Size", "M"))),
        ("Cor:Azul;Tamanho:P", (("Cor", "Azul"), ("Tamanho", "P"))),
        ("Size=M;Colour=red", (("Size", "M"), ("Colour", "red"))),
        ("blue, red", ()),
        ("Ratio 1:2:3", ()),
        ("", ()),
    ],
)
def test_pairs_are_read_out_of_one_text(text: str, expected: tuple[tuple[str, str], ...]) -> None:
    assert named_values(text) == expected
