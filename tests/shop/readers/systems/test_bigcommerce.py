"""BigCommerce's export, older and newer."""

from pathlib import Path

import pytest

from shop.products import Option
from tests.support.store_files import products_of, report_of, table

OLDER = (
    "Item Type | Product ID | Product Name | Product Type | Product Code/SKU | Brand Name | Option Set | Product Description | Price | "
    "Cost Price | Retail Price | Sale Price | Allow Purchases? | Product Visible? | Track Inventory | Current Stock Level | Category | "
    "Product Image File - 1"
)
TOTE = "Product | 77 | Tote | P | TOTE | Sail | Totes | <p>Strong</p> | 39.95 | 11.11 | 49.95 | 34.95 | Y | Y | by option | 12 | Shop All/Bags;Shop All | tote.jpg"
NAVY = "SKU | | [RB]Colour=Navy:#00f,[RT]Size=M | | TOTE-N | | | | | | | | | | | 12 | |"
RED = "SKU | | [S]Colour=Red[/S] [S]Size=M[/S] | | TOTE-R | | | | 41.00 | | | | | | | 0 | |"
RULE = "Rule | | | | TOTE-R | | | | [ADD]5 | | | | | | | | |"
HIDDEN = "Product | 78 | Hidden | P | H | | | | 10 | | | | Y | N | none | 0 | |"
RING = "Product | 79 | Ring | P | R | | | | 5 | 1 | | | Y | Y | none | 0 | Rings |"
NEWER = """Item,ID,Name,Type,SKU,Options,Inventory Tracking,Current Stock,Price,Cost Price,Categories,Description,Is Visible,Internal Image URL (Export)
Product,1,Mug,physical,MUG,,variant,5,12,3,Kitchen/Mugs,<p>Clay</p>,TRUE,
Variant,2,,,MUG-B,Type=Rectangles|Name=Colour|Value=BlueType=Rectangles|Name=Size|Value=L,,5,,,,,,
Variant,3,,,MUG-R,Type=Rectangles|Name=Colour|Value=RedType=Rectangles|Name=Size|Value=L,,0,14,,,,,
Image,,,,,,,,,,,,,https://x.example/mug.jpg
Product,9,Bowl,physical,BOWL,,none,0,8,3,,,TRUE,
Variant,8,,,BOWL,,,0,,,,,,
"""


def test_variants_are_folded_under_their_product(tmp_path: Path) -> None:
    tote, ring = products_of(tmp_path, "export.csv", table(OLDER, TOTE, NAVY, RED, RULE, HIDDEN, RING))

    assert (tote.sku, tote.brand, tote.category, tote.text, tote.image) == (
        "TOTE", "Sail", "Shop All > Bags", "Strong", "tote.jpg",
    )  # fmt: skip
    assert (tote.price, tote.old_price, tote.stock) == (3495, 3995, 12)
    assert tote.options == (Option("Colour", ("Navy", "Red")), Option("Size", ("M",)))
    assert [(one.sku, one.price, one.stock) for one in tote.variants] == [("TOTE-N", 3495, 12), ("TOTE-R", 4100, 0)]
    assert (ring.price, ring.stock, ring.variants) == (500, True, ())
    assert "1111" not in repr(tote)


def test_hidden_products_and_rules_are_reported(tmp_path: Path) -> None:
    report = report_of(tmp_path, "export.csv", table(OLDER, TOTE, NAVY, RED, RULE, HIDDEN, RING))

    assert (report.kind, report.left_out) == ("BigCommerce", {"hidden": 1})
    assert report.doubts == ("A rule that changes prices is not read (line 5).",)


def test_the_newer_export_names_its_options(tmp_path: Path) -> None:
    mug, bowl = products_of(tmp_path, "export.csv", NEWER)

    assert (mug.category, mug.text, mug.image) == ("Kitchen > Mugs", "Clay", "https://x.example/mug.jpg")
    assert [(one.sku, one.choice, one.price, one.stock) for one in mug.variants] == [
        ("MUG-B", (("Colour", "Blue"), ("Size", "L")), 1200, 5),
        ("MUG-R", (("Colour", "Red"), ("Size", "L")), 1400, 0),
    ]
    assert (bowl.sku, bowl.price, bowl.variants) == ("BOWL", 800, ())


@pytest.mark.parametrize("count", ["", "0"])
def test_a_product_that_is_counted_as_one_keeps_its_stock(tmp_path: Path, count: str) -> None:
    navy = NAVY.replace("| 12 |", f"| {count} |")

    (tote,) = products_of(tmp_path, "export.csv", table(OLDER, TOTE.replace("by option", "by product"), navy, RED))

    assert (tote.stock, [one.stock for one in tote.variants]) == (12, [None, None])


@pytest.mark.parametrize("count", ["", "0"])
def test_the_newer_export_counts_products_as_one_too(tmp_path: Path, count: str) -> None:
    text = NEWER.replace("MUG,,variant,5", "MUG,,product,5").replace("Value=L,,5,", f"Value=L,,{count},")

    mug, _ = products_of(tmp_path, "export.csv", text)

    assert (mug.stock, [one.stock for one in mug.variants]) == (5, [None, None])


def test_no_variant_of_a_product_that_may_not_be_bought_is_there(tmp_path: Path) -> None:
    (tote,) = products_of(tmp_path, "export.csv", table(OLDER, TOTE.replace("| Y | Y |", "| N | Y |"), NAVY, RED))

    assert (tote.stock, [one.stock for one in tote.variants]) == (False, [False, False])
