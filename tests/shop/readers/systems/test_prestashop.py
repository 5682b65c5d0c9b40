"""PrestaShop's products, and the combinations in another file."""

from pathlib import Path

from shop.products import Option
from tests.support.store_files import products_of, read_files, report_of, table

HEADER = (
    "Product ID | Active (0/1) | Name * | Categories (x,y,z...) | Price tax excluded | Wholesale price | On sale (0/1) | Discount amount | "
    "Discount percent | Discount from (yyyy-mm-dd) | Discount to (yyyy-mm-dd) | Reference # | Manufacturer | Quantity | Visibility | "
    "Description | Image URLs (x,y,z...) | Condition"
)
LAMP = "1 | 1 | Lamp | Light | 100 | 44.44 | 1 | | 10 | 2026-01-01 | 2026-12-31 | L-1 | Luz | 8 | both | <p>Bright</p> | https://x/1.jpg,https://x/2.jpg | used"
DESK = "2 | 1 | Desk | Tables | 300 | 44.44 | 1 | 50 | | 2013-06-01 | 2018-12-31 | D-1 | Luz | 0 | | Wood | | new"
GONE = "3 | 1 | Gone | | 5 | | 0 | | | | | G-1 | | 1 | none | | | new"
OFF = "4 | 0 | Off | | 5 | | 0 | | | | | O-1 | | 1 | both | | | new"
COMBINATIONS = table(
    "Product ID* | Attribute (Name:Type:Position)* | Value (Value:Position)* | Reference | Wholesale price | Impact on price | Quantity",
    "1 | Colour:color:0, Size:select:1 | Blue:0, M:1 | L-BM | 44.44 | 5.50 | 3",
    "1 | Colour:color:0, Size:select:1 | Red:0, M:1 | L-RM | 44.44 | -10 | 0",
    "3 | Colour:color:0 | Red:0 | G-R | | 0 | 1",
    delimiter=";",
)


def test_discounts_count_between_their_dates(tmp_path: Path) -> None:
    lamp, desk = products_of(tmp_path, "products.csv", table(HEADER, LAMP, DESK, GONE, OFF, delimiter=";"))

    assert (lamp.sku, lamp.price, lamp.old_price, lamp.stock, lamp.brand) == ("L-1", 9000, 10000, 8, "Luz")
    assert (lamp.text, lamp.image) == ("Bright\nCondition: used", "https://x/1.jpg")
    assert (desk.price, desk.old_price, desk.stock) == (30000, None, 0)


def test_hidden_products_and_the_wholesale_price_are_left_out(tmp_path: Path) -> None:
    text = table(HEADER, LAMP, DESK, GONE, OFF, delimiter=";")

    report = report_of(tmp_path, "products.csv", text)

    assert (report.kind, report.products, report.left_out) == ("PrestaShop", 2, {"hidden": 2})
    assert report.doubts == ("Prices are those of the column without tax.",)
    assert "4444" not in repr(products_of(tmp_path, "products.csv", text))


def test_combinations_are_variants_of_the_other_files_products(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "combinations.csv": COMBINATIONS,
        "products.csv": table(HEADER, LAMP, GONE, delimiter=";"),
    }

    contents = read_files(tmp_path, files)

    (lamp,) = contents.products
    assert lamp.options == (Option("Colour", ("Blue", "Red")), Option("Size", ("M",)))
    assert [(v.sku, v.price, v.old_price, v.stock) for v in lamp.variants] == [
        ("L-BM", 9550, 10550, 3),
        ("L-RM", 8000, 9000, 0),
    ]
    assert [(r.file, r.products, r.left_out, r.error) for r in contents.reports] == [
        ("combinations.csv", 0, {"hidden": 1}, None),
        ("products.csv", 1, {"hidden": 1}, None),
    ]


def test_combinations_alone_are_no_products(tmp_path: Path) -> None:
    contents = read_files(tmp_path, {"combinations.csv": COMBINATIONS})

    assert contents.products == ()
    assert "belong to products of another file" in (contents.reports[0].error or "")


def test_features_are_told(tmp_path: Path) -> None:
    text = table(
        f"{HEADER} | Feature(Name:Value:Position)", f"{DESK} | Material:Oak, brass:0,Height:75 cm:1", delimiter=";"
    )

    assert products_of(tmp_path, "products.csv", text)[0].text == "Wood\nMaterial: Oak, brass\nHeight: 75 cm"
