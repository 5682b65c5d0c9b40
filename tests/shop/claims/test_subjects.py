"""Tests of which products a sentence names."""

from shop.claims.subjects import Names, plain_sku, shape
from shop.claims.values import unknown
from shop.claims.wording import fold
from shop.products import Product

ROWS = [
    Product("Rede Casal double hammock", "RED-012"),
    Product("Rede Solteiro single hammock", "RED-011"),
    Product("Cast Iron Skillet, 12 inch", "HP-121"),
    Product("Gooseneck Kettle", "HP-110"),
]
NAMES = Names(ROWS, unknown)


def named(text: str) -> list[tuple[tuple[str, ...], bool, int | None]]:
    return [
        (tuple(item.sku for item in one.items), one.is_sure, one.quantity) for one in NAMES.mentions(text, fold(text))
    ]


def test_a_sku_is_found_however_it_is_written() -> None:
    assert plain_sku("red 012") == plain_sku("RED-012")
    assert shape("RED-012") == "AAA-999"
    assert named("the red-012") == [(("RED-012",), True, None)]


def test_a_name_and_its_sku_are_one() -> None:
    assert named("2 × Rede Casal (RED-012)") == [(("RED-012",), True, 2)]


def test_words_that_fit_several_rows_name_all_of_them() -> None:
    assert named("a hammock") == [(("RED-012", "RED-011"), False, None)]


def test_a_number_of_the_name_is_no_quantity() -> None:
    assert named("three 12 inch skillets") == [(("HP-121",), True, 3)]


def test_general_words_name_nothing() -> None:
    assert named("a single order of the double amount") == []


def test_and_parts_two_names() -> None:
    assert [skus for skus, _, _ in named("the double hammock and the kettle")] == [("RED-012",), ("HP-110",)]


def test_a_sku_that_is_none_is_told_by_its_shape() -> None:
    assert [(written, item) for _, _, written, item in NAMES.skus("RED-099, A4, 2026")] == [("RED-099", None)]


def test_with_may_join_two_names() -> None:
    assert [skus for skus, _, _ in named("double hammock with kettle")] == [("RED-012",), ("HP-110",)]


def test_a_number_that_a_name_has_is_a_quantity_with_its_sign() -> None:
    names = Names([Product("Coffee cups, 4 pieces", "CUP-4")], unknown)

    assert [one.quantity for one in names.mentions("4 coffee cups", "4 coffee cups")] == [None]
    assert [one.quantity for one in names.mentions("4 x coffee cups", "4 x coffee cups")] == [4]
