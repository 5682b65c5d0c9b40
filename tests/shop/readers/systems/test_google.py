"""Feeds of the Google Merchant kind, as tables; the XML kinds are read in test_feeds.py."""

from pathlib import Path

import pytest

from shop.products import Option
from tests.support.store_files import products_of, report_of, table

HEADER = "id | title | description | link | image_link | availability | price | sale_price | sale_price_effective_date | brand | item_group_id | color | size | product_type"
SMALL = "T-S | Shirt blue - S | Soft | https://x/t | https://x/t.jpg | in_stock | 50.00 BRL | 40.00 BRL | 2026-01-01T00:00/2026-12-31T23:59 | Olaria | T | blue | S | Clothes"
LARGE = "T-L | Shirt blue - L | Soft | https://x/t | https://x/t.jpg | out_of_stock | 50.00 BRL | 30.00 BRL | 2025-01-01T00:00/2025-12-31T23:59 | Olaria | T | blue | L | Clothes"
MUG = "M | Mug | | https://x/m | https://x/m.jpg | preorder | EUR24.99 | | | | | | |"


@pytest.mark.parametrize("delimiter", ["\t", ","], ids=["TSV", "CSV"])
def test_items_of_a_group_are_variants(tmp_path: Path, delimiter: str) -> None:
    shirt, mug = products_of(tmp_path, "feed.tsv", table(HEADER, SMALL, LARGE, MUG, delimiter=delimiter))

    assert (shirt.name, shirt.price, shirt.old_price, shirt.currency, shirt.stock) == (
        "Shirt blue",
        4000,
        5000,
        "BRL",
        True,
    )
    assert shirt.options == (Option("Size", ("S", "L")), Option("Color", ("blue",)))
    assert [(v.sku, v.price, v.old_price, v.stock) for v in shirt.variants] == [
        ("T-S", 4000, 5000, True),
        ("T-L", 5000, None, False),
    ]
    assert (mug.sku, mug.price, mug.currency, mug.stock, mug.url) == ("M", 2499, "EUR", True, "https://x/m")


def test_several_currencies_are_doubted(tmp_path: Path) -> None:
    report = report_of(tmp_path, "feed.tsv", table(HEADER, SMALL, LARGE, MUG, delimiter="\t"))

    assert (report.kind, report.products, report.variants) == ("Google Merchant", 2, 2)
    assert report.doubts == ("Prices are in several currencies: BRL (1), EUR (1).",)


def test_comments_above_the_header_are_skipped(tmp_path: Path) -> None:
    note = "# Required. A unique content ID for the item " + "x" * 120

    assert report_of(tmp_path, "catalog.csv", table(note, HEADER, MUG)).products == 1


def test_items_that_differ_in_their_titles_alone_are_told_apart(tmp_path: Path) -> None:
    rows = (
        "A | Tea green | | https://x/a | | in_stock | 5 BRL | | | | G | | |",
        "B | Tea black | | https://x/b | | in_stock | 6 BRL | | | | G | | |",
    )

    (tea,) = products_of(tmp_path, "feed.tsv", table(HEADER, *rows, delimiter="\t"))

    assert (tea.name, [v.choice for v in tea.variants]) == ("Tea", [(("", "green"),), (("", "black"),)])


def test_a_number_of_googles_is_no_category(tmp_path: Path) -> None:
    text = table(
        "id | title | price | link | image link | google product category",
        "1 | Mug | 5 EUR | https://x/1 | https://x/1.jpg | 499776",
    )

    assert products_of(tmp_path, "feed.csv", text)[0].category == ""
