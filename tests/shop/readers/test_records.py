"""Rows of a system under names that do not depend on its version and language."""

from datetime import date

from shop.readers.records import ExportRow, PricesOf, records_of
from shop.readers.tables import Table, TableRow

SPAN = ("begins", "ends")


def test_rows_have_the_names_and_lose_blank_cells() -> None:
    table = Table(
        ("Preço", "PRECO", "Other", "Nome"), [TableRow(2, ["5", "6", "x", "Mug"]), TableRow(3, ["", "", "y"])]
    )

    assert records_of(table, {"preco": "price", "nome": "name"}) == [
        ExportRow(2, {"price": "5", "name": "Mug"}),
        ExportRow(3, {}),
    ]
    assert table.rows == []


def test_a_sale_counts_between_its_dates() -> None:
    row = ExportRow(2, {"regular": "10,00", "sale": "8,00", "begins": "2026-01-01", "ends": "2026-03-01"})
    prices = PricesOf([row], ("regular", "sale"), "")

    assert prices.reduced(row, "regular", "sale", SPAN, date(2026, 3, 1)) == (800, 1000)
    assert prices.reduced(row, "regular", "sale", SPAN, date(2026, 3, 2)) == (1000, None)


def test_a_sale_without_a_regular_price_is_the_price() -> None:
    row = ExportRow(2, {"sale": "8"})

    assert PricesOf([row], ("regular", "sale"), "").reduced(row, "regular", "sale", SPAN, date(2026, 3, 1)) == (
        800,
        None,
    )
