"""Ecwid's export: what the column `type` says of each row."""

from pathlib import Path

from shop.products import Option
from tests.support.store_files import products_of, report_of, table

HEADER = (
    "type | product_internal_id | product_sku | product_name | product_price | product_compare_to_price | product_cost_price | "
    "product_is_inventory_tracked | product_quantity | product_is_available | product_brand | product_description | product_category_1 | "
    "product_category_2 | product_option_name | product_option_value | product_option_markup | product_variation_sku | "
    "product_variation_option_{Wood kind} | product_media_main_image_url"
)
STOOL = "product | 7 | ST | Stool | 90.00 | 120.00 | 31.31 | true | 5 | true | Oak & Sons | <p>Low.</p> | Home | Chairs | | | | | | https://x.example/s.jpg"
KIND = "product_option | 7 | ST | | | | | | | | | | | | Wood kind | Oak | 0 | | |"
OAK = "product_variation | 7 | ST | | 95.00 | | | true | 5 | | | | | | | | | ST-O | Oak |"
ASH = "product_variation | 7 | ST | | 90.00 | | | true | 0 | | | | | | | | | ST-A | Ash |"
SHELF = "product | 8 | SH | Shelf | 40 | | | false | | true | | | | | | | | | |"
LENGTH = "product_option | 8 | SH | | | | | | | | | | | | Length | 90 cm | 12.00 | | |"
SECRET = "product | 9 | XX | Secret | 1 | | | true | 3 | false | | | | | | | | | |"
ROWS = (HEADER, STOOL, KIND, OAK, ASH, SHELF, LENGTH, SECRET)


def test_variations_are_folded_under_their_product(tmp_path: Path) -> None:
    stool, shelf = products_of(tmp_path, "export.csv", table(*ROWS))

    assert (stool.sku, stool.brand, stool.category, stool.text, stool.image) == (
        "ST", "Oak & Sons", "Home > Chairs", "Low.", "https://x.example/s.jpg",
    )  # fmt: skip
    assert stool.options == (Option("Wood kind", ("Oak", "Ash")),)
    assert [(one.sku, one.price, one.old_price, one.stock) for one in stool.variants] == [
        ("ST-O", 9500, None, 5), ("ST-A", 9000, 12000, 0),
    ]  # fmt: skip
    assert (shelf.price, shelf.stock, shelf.options, shelf.variants) == (
        4000,
        True,
        (Option("Length", ("90 cm",)),),
        (),
    )
    assert "3131" not in repr(stool)


def test_hidden_products_and_surcharges_are_reported(tmp_path: Path) -> None:
    report = report_of(tmp_path, "export.csv", table(*ROWS))

    assert (report.kind, report.products, report.left_out) == ("Ecwid", 2, {"hidden": 1})
    assert report.doubts == ("What an option adds to the price is not read (line 7).",)
