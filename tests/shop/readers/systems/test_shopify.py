"""Shopify's product export: rows of one handle are one product."""

from pathlib import Path

import pytest

from shop.products import Option
from tests.support.store_files import products_of, report_of, table

HEADER = (
    "Handle | Title | Body (HTML) | Vendor | Type | Published | Option1 Name | Option1 Value | Option2 Name | Option2 Value | "
    "Variant SKU | Variant Inventory Tracker | Variant Inventory Qty | Variant Inventory Policy | Variant Price | "
    "Variant Compare At Price | Image Src | Variant Image | Cost per item | Status"
)
SHIRT = "shirt | Shirt | <p>Soft</p> | Olaria | Clothes | true | Size | S | Colour | Red | S-S | shopify | 3 | deny | 50.00 | 60.00 | https://x/1.jpg | | 11.11 | active"
SHIRT_M = "shirt | | | | | | | M | | Red | S-M | shopify | 0 | deny | 45.00 | | | https://x/m.jpg | 11.11 |"
PICTURE = "shirt | | | | | | | | | | | | | | | | https://x/2.jpg | | |"
MUG = "mug | Mug | | Olaria | | true | Title | Default Title | | | | | | deny | 20.00 | | | | | active"


def test_variants_are_folded_under_their_product(tmp_path: Path) -> None:
    shirt, mug = products_of(tmp_path, "export.csv", table(HEADER, SHIRT, SHIRT_M, PICTURE, MUG))

    assert (shirt.name, shirt.brand, shirt.category, shirt.text) == ("Shirt", "Olaria", "Clothes", "Soft")
    assert (shirt.price, shirt.old_price, shirt.stock, shirt.image) == (4500, None, 3, "https://x/1.jpg")
    assert shirt.options == (Option("Size", ("S", "M")), Option("Colour", ("Red",)))
    assert [(v.sku, v.price, v.old_price, v.stock, v.line) for v in shirt.variants] == [
        ("S-S", 5000, 6000, 3, 2),
        ("S-M", 4500, None, 0, 3),
    ]
    assert (mug.name, mug.price, mug.stock, mug.options, mug.variants) == ("Mug", 2000, None, (), ())


def test_the_cost_is_nowhere(tmp_path: Path) -> None:
    assert "11.11" not in repr(products_of(tmp_path, "export.csv", table(HEADER, SHIRT)))


@pytest.mark.parametrize(
    ("published", "status", "reason"),
    [("false", "active", "hidden"), ("true", "draft", "draft"), ("true", "archived", "archived")],
)
def test_what_customers_do_not_see_is_left_out(tmp_path: Path, published: str, status: str, reason: str) -> None:
    row = SHIRT.replace("| true |", f"| {published} |").replace("| active", f"| {status}")

    report = report_of(tmp_path, "export.csv", table(HEADER, row, MUG))

    assert (report.kind, report.products, report.left_out) == ("Shopify", 1, {reason: 1})


def test_what_is_sold_beyond_its_stock_is_there(tmp_path: Path) -> None:
    (shirt,) = products_of(tmp_path, "export.csv", table(HEADER, SHIRT.replace("| 3 | deny", "| -2 | continue")))

    assert shirt.stock is True


def test_the_newer_template_is_read(tmp_path: Path) -> None:
    text = table(
        "Title | URL handle | Description | Vendor | Type | Published on online store | Status | SKU | Option1 name | Option1 value | "
        "Price | Compare-at price | Cost per item | Inventory tracker | Inventory quantity | Product image URL",
        "Mug | mug | Big | Olaria | Kitchen | TRUE | Active | M-1 | Title | Default Title | 20.00 | 25.00 | 3.33 | shopify | 7 | https://x/m.jpg",
    )

    (mug,) = products_of(tmp_path, "export.csv", text)

    assert (mug.sku, mug.price, mug.old_price, mug.stock, mug.image) == ("M-1", 2000, 2500, 7, "https://x/m.jpg")


def test_the_owners_own_columns_are_told(tmp_path: Path) -> None:
    """Metafields of other programs, and those about money, are not."""
    own = (
        "Care instructions (product.metafields.custom.care) | Material (product.metafields.shopify.material) | "
        "Supplier cost (product.metafields.custom.supplier_cost) | Rating (product.metafields.reviews.rating) | "
        "Related (product.metafields.custom.related)"
    )

    (mug,) = products_of(
        tmp_path, "export.csv", table(f"{HEADER} | {own}", f"{MUG} | Hand wash | [clay] | 4.44 | 5 | gid://shopify/1")
    )

    assert mug.text == "Care instructions: Hand wash\nMaterial: clay"
