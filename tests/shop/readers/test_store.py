"""A directory of files becomes products, texts and reports."""

from datetime import date
from pathlib import Path

from shop.products import Product, StoreContents
from shop.readers.store import read_store

TODAY = date(2026, 3, 1)


def read_one(tmp_path: Path, name: str, text: str | bytes, currency: str = "") -> tuple[Product, ...]:
    (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return read_store(tmp_path, currency, TODAY).products


def test_a_brazilian_spreadsheet_keeps_its_cents(tmp_path: Path) -> None:
    text = "código;nome;preço;estoque\r\n0042;Chaleira azul;1.234,56;3\r\n0043;Xícara;19,90;0\r\n".encode("cp1252")

    kettle, cup = read_one(tmp_path, "produtos.csv", text)

    assert (kettle.sku, kettle.name, kettle.price, kettle.stock) == ("0042", "Chaleira azul", 123456, 3)
    assert (cup.name, cup.price, cup.stock, cup.line) == ("Xícara", 1990, 0, 3)


def test_texts_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "returns.md").write_text("# Returns\n\nWithin 30 days.\n")

    contents = read_store(tmp_path)

    assert [(text.file, text.text) for text in contents.texts] == [("returns.md", "# Returns\n\nWithin 30 days.\n")]
    assert contents.reports[0].kind == "text"


def test_an_unusable_file_is_reported_and_the_others_are_used(tmp_path: Path) -> None:
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "products.csv").write_text("sku,name,price\nA-1,Kettle,12.00\n")

    contents = read_store(tmp_path)

    assert [product.sku for product in contents.products] == ["A-1"]
    assert "save it as .xlsx" in (contents.reports[0].error or "")


def test_files_of_editors_and_other_programs_are_no_data(tmp_path: Path) -> None:
    for name in ("~$list.xlsx", ".DS_Store", "list.csv~", "list.csv.bak", ".list.csv.swp", "Thumbs.db"):
        (tmp_path / name).write_bytes(b"\0")

    assert read_store(tmp_path).reports == ()


def test_no_directory_is_an_empty_store(tmp_path: Path) -> None:
    assert read_store(tmp_path / "none") == StoreContents((), (), ())
