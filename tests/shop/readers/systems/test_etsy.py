"""Etsy's listings download, in the seller's language."""

from pathlib import Path

import pytest

from shop.products import Option
from tests.support.store_files import products_of, report_of, table

ENGLISH = "TITLE | DESCRIPTION | PRICE | CURRENCY_CODE | QUANTITY | TAGS | MATERIALS | " + " | ".join(
    f"IMAGE{n}" for n in range(1, 11)
)
ENGLISH += " | VARIATION 1 TYPE | VARIATION 1 NAME | VARIATION 1 VALUES | VARIATION 2 TYPE | VARIATION 2 NAME | VARIATION 2 VALUES | SKU"
GERMAN = (
    ENGLISH.replace("TITLE", "TITEL")
    .replace("PRICE", "PREIS")
    .replace("QUANTITY", "MENGE")
    .replace("IMAGE", "BILD")
    .replace("VARIATION", "VARIANTE")
)
ROW = (
    "Vase &quot;Ona&quot; | Line one\nline two | 46.50 | EUR | 1 | a,b | Clay,Wax | https://x/1.jpg"
    + " |" * 9
    + " | Size | Size | Small,Large | | | | 32"
)


@pytest.mark.parametrize("header", [ENGLISH, GERMAN], ids=["English", "German"])
def test_columns_are_known_by_their_places(tmp_path: Path, header: str) -> None:
    (vase,) = products_of(tmp_path, "EtsyListingsDownload.csv", table(header, ROW))

    assert (vase.name, vase.sku, vase.price, vase.currency, vase.stock) == ('Vase "Ona"', "32", 4650, "EUR", 1)
    assert (vase.text, vase.image) == ("Line one\nline two\nMaterials: Clay, Wax", "https://x/1.jpg")
    assert vase.options == (Option("Size", ("Small", "Large")),)


def test_the_report_names_etsy(tmp_path: Path) -> None:
    report = report_of(
        tmp_path, "EtsyListingsDownload.csv", table(GERMAN, ROW, ROW.replace("Vase", "Bowl").replace("| 32", "| 33"))
    )

    assert (report.kind, report.products, report.variants, report.doubts) == ("Etsy", 2, 0, ())
