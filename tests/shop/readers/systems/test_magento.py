"""Magento's export: simple rows are the variants of configurable ones."""

from pathlib import Path

from shop.products import Option
from tests.support.store_files import products_of, report_of, table

HEADER = (
    "sku ; store_view_code ; attribute_set_code ; product_type ; categories ; name ; description ; product_online ; visibility ; price ; "
    "special_price ; special_price_from_date ; special_price_to_date ; base_image ; additional_attributes ; qty ; is_in_stock ; "
    "configurable_variations ; configurable_variation_labels"
)
RED = "T-R ; ; Default ; simple ; Default Category/Clothes ; Shirt red ; <p>Bright</p> ; 1 ; Not Visible Individually ; 50.0000 ; 40 ; 01.01.2026 ; 31.12.2026 ; /r.jpg ; color=Red,size=M ; 4 ; 1 ; ;"
BLUE = "T-B ; ; Default ; simple ; ; Shirt blue ; ; 1 ; Not Visible Individually ; 55.0000 ; 9 ; 01.01.2015 ; 31.12.2015 ; ; color=Blue ; 0 ; 0 ; ;"
SHIRT = "T ; ; Default ; configurable ; Default Category/Clothes|Default Category/Clothes/Shirts ; Shirt ; <ul><li>Soft<li>Warm</ul> ; 1 ; Catalog, Search ; ; ; ; ; /t.jpg ; manufacturer=Olaria ; 0 ; 1 ; sku=T-R,color=Red|sku=T-B,color=Blue ; color=Colour"
GROUP = "G ; ; Default ; grouped ; ; Set of shirts ; ; 1 ; Catalog, Search ; ; ; ; ; ; ; 0 ; 1 ; ;"
OFF = "O ; ; Default ; simple ; ; Off ; ; 2 ; Catalog, Search ; 5 ; ; ; ; ; ; 1 ; 1 ; ;"
GERMAN = "T ; de ; Default ; configurable ; ; Hemd ; ; ; ; ; ; ; ; ; ; ; ; ;"


def magento(*rows: str) -> str:
    return table(*(row.replace("|", "\x00").replace(";", "|") for row in (HEADER, *rows))).replace("\x00", "|")


def test_simple_rows_are_variants_of_the_configurable_one(tmp_path: Path) -> None:
    (shirt,) = products_of(tmp_path, "export.csv", magento(RED, BLUE, SHIRT, GERMAN))

    assert (shirt.name, shirt.sku, shirt.brand, shirt.category) == ("Shirt", "T", "Olaria", "Clothes > Shirts")
    assert (shirt.price, shirt.old_price, shirt.stock, shirt.text) == (4000, 5000, 4, "- Soft\n- Warm\nRed: Bright")
    assert shirt.options == (Option("Colour", ("Red", "Blue")),)
    assert [(v.sku, v.price, v.old_price, v.stock) for v in shirt.variants] == [
        ("T-R", 4000, 5000, 4),
        ("T-B", 5500, None, 0),
    ]


def test_the_report_names_what_has_no_price_and_what_is_off(tmp_path: Path) -> None:
    report = report_of(tmp_path, "export.csv", magento(RED, BLUE, SHIRT, GROUP, OFF, GERMAN))

    assert (report.kind, report.products, report.variants) == ("Magento", 2, 2)
    assert report.left_out == {"another store view": 1, "hidden": 1}
    assert report.doubts == ('No price: "Set of shirts" is a grouped product (line 5).',)


def test_a_group_is_in_stock_without_a_count(tmp_path: Path) -> None:
    assert products_of(tmp_path, "export.csv", magento(GROUP))[0].stock is True


def test_other_attributes_are_told(tmp_path: Path) -> None:
    """Those about money, and answers of yes and no, are not."""
    shirt = SHIRT.replace("manufacturer=Olaria", "cost=21.50,climate=Cool|Indoor,eco_collection=No,pattern=Solid")

    (product,) = products_of(tmp_path, "export.csv", magento(RED, shirt))

    assert product.text.endswith("\nClimate: Cool, Indoor")
    assert "21.50" not in repr(product)
