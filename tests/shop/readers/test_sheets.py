"""Workbooks: every visible sheet, numbers as they were meant, nothing that unpacks without end."""

import io
import zipfile
from pathlib import Path

import pytest

from shop.readers.sheets import cell_text, heading
from tests.support.store_files import products_of, read_files, report_of
from tests.support.workbooks import Cell, workbook


def test_numbers_and_texts_are_read(tmp_path: Path) -> None:
    book = workbook({"Sheet1": [["sku", "name", "price", "stock"], ["0042", "Mug", 289.9, 3.0], [7891234567895.0, "Cup", 1234.5, True]]})  # fmt: skip

    mug, cup = products_of(tmp_path, "list.xlsx", book)

    assert (mug.sku, mug.name, mug.price, mug.stock, mug.line) == ("0042", "Mug", 28990, 3, 2)
    assert (cup.sku, cup.price, cup.stock) == ("7891234567895", 123450, True)


def test_a_header_in_row_five_and_its_lines(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [["Bakery of Anna"], [], ["Prices from May"], [], ["Produto", "Preço"], ["Pão", 4.5]]

    (bread,) = products_of(tmp_path, "list.xlsx", workbook({"Planilha1": rows}))

    assert (bread.name, bread.price, bread.line) == ("Pão", 450, 6)


def test_each_visible_sheet_is_read_and_is_a_category(tmp_path: Path) -> None:
    head = ["Item", "Price"]
    book = workbook(
        {"Drinks": [head, ["Tea", 3]], "Food": [head, ["Soup", 9]], "Costs": [head, ["Secret", 1]]}, hidden=["Costs"]
    )

    found = products_of(tmp_path, "menu.xlsx", book)

    assert [(p.name, p.category) for p in found] == [("Tea", "Drinks"), ("Soup", "Food")]


def test_a_formula_is_its_value(tmp_path: Path) -> None:
    assert products_of(tmp_path, "a.xlsx", workbook({"A": [["name", "price"], ["Mug", "=1+6"]]}))[0].price == 700


def test_a_workbook_without_products_is_a_text(tmp_path: Path) -> None:
    contents = read_files(tmp_path, {"hours.xlsx": workbook({"Hours": [["Monday", "9 to 18"]]})})

    assert [text.text for text in contents.texts] == ["# Hours\nMonday, 9 to 18"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (289.9, "289.9"), (1.234, "1.2340"), (0.1 + 0.2, "0.3"), (True, "yes"), (None, ""), (" x ", "x"), (1e20, "1e+20")],
)  # fmt: skip
def test_a_number_reads_in_one_way_only(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_a_sheets_own_name_is_no_category() -> None:
    assert [heading(name, 2) for name in ("Sheet1", "Planilha 2", "Vinhos")] == ["", "", "Vinhos"]
    assert heading("Vinhos", 1) == ""


def bomb(parts: int, size: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(parts):
            archive.writestr(f"xl/{n}.xml", b"0" * size)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [(bomb(1, 60_000_000), "unpacks to far more"), (b"hello", "no .xlsx"), (b"", "no .xlsx"), (b"PK\x03\x04" + b"x" * 99, "no .xlsx")],
    ids=["bomb", "text", "empty", "torn"],
)  # fmt: skip
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    assert message in (report_of(tmp_path, "list.xlsx", content).error or "")


def test_a_csv_opened_wrongly_and_saved_is_read(tmp_path: Path) -> None:
    book = workbook({"Hoja1": [["id,nombre,precio"], ["1,Sellador,25000"], ['2,"Cera, roja",18000']]})

    assert [(one.name, one.price) for one in products_of(tmp_path, "precios.xlsx", book)] == [
        ("Sellador", 2500000),
        ("Cera, roja", 1800000),
    ]
