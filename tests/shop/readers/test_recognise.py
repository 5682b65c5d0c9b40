"""A table's system is known by its header, wherever among the first rows it stands."""

from datetime import date

import pytest

from shop.readers.decode import UnusableFile
from shop.readers.reading import Terms
from shop.readers.recognise import read_rows
from shop.readers.tables import TableRow

TERMS = Terms("", date(2026, 3, 1))


def rows(*cells: list[str]) -> list[TableRow]:
    return [TableRow(n, row) for n, row in enumerate(cells, 1)]


def test_a_systems_header_may_stand_under_a_title() -> None:
    reading = read_rows(
        rows(["Export of May"], ["Handle", "Title", "Variant Price"], ["mug", "Mug", "5.00"]), "a.csv", TERMS
    )

    assert reading is not None
    assert (reading.kind, [product.price for product in reading.products]) == ("Shopify", [500])


def test_another_table_is_read_by_its_columns() -> None:
    reading = read_rows(rows(["Nome", "Preço"], ["Caneca", "5,00"]), "a.csv", TERMS)

    assert reading is not None
    assert (reading.kind, [product.price for product in reading.products]) == ("table", [500])


def test_a_table_without_products_is_none() -> None:
    assert read_rows(rows(["Day", "Hours"], ["Monday", "9 to 18"]), "a.csv", TERMS) is None


def test_a_list_of_costs_is_refused() -> None:
    with pytest.raises(UnusableFile, match='called "price"'):
        read_rows(rows(["Nome", "Preço de custo"], ["Caneca", "5,00"]), "a.csv", TERMS)
