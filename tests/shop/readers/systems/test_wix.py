"""Wix Stores' export, older and newer."""

from pathlib import Path

from shop.products import Option
from tests.support.store_files import products_of, report_of, table

HEADER = (
    "handleId | fieldType | name | description | productImageUrl | collection | sku | price | surcharge | visible | discountMode | "
    "discountValue | inventory | cost | productOptionName1 | productOptionType1 | productOptionDescription1"
)
PRINT = "p1 | Product | Print | <p>Art</p> | a~mv2.jpg;b.jpg | Prints;New | P | 10 | | true | PERCENT | 10 | InStock | 4.44 | Size | DROP_DOWN | A5;A4"
SMALL = "p1 | Variant | | | | | P-5 | | 0 | true | | | 3 | | | | A5"
LARGE = "p1 | Variant | | | | | P-4 | | 5 | true | | | 0 | | | | A4"
HIDDEN = "p2 | Product | Hidden | | | | | 5 | | false | | | InStock | | | |"
CARD = "p3 | Product | Card | | | | | 4 | | true | AMOUNT | 1 | OutOfStock | | Colour | COLOR | #ff0000:Red;#00f:Blue"


def test_surcharges_and_discounts_make_the_price(tmp_path: Path) -> None:
    sheet, card = products_of(tmp_path, "catalog.csv", table(HEADER, PRINT, SMALL, LARGE, HIDDEN, CARD))

    assert (sheet.name, sheet.category, sheet.image) == (
        "Print",
        "Prints, New",
        "https://static.wixstatic.com/media/a~mv2.jpg",
    )
    assert [(v.sku, v.price, v.old_price, v.stock) for v in sheet.variants] == [
        ("P-5", 900, 1000, 3),
        ("P-4", 1350, 1500, 0),
    ]
    assert (sheet.price, sheet.stock, sheet.options) == (900, 3, (Option("Size", ("A5", "A4")),))
    assert (card.price, card.old_price, card.stock, card.options) == (
        300,
        400,
        False,
        (Option("Colour", ("Red", "Blue")),),
    )


def test_hidden_products_are_left_out(tmp_path: Path) -> None:
    report = report_of(tmp_path, "catalog.csv", table(HEADER, PRINT, SMALL, HIDDEN))

    assert (report.kind, report.products, report.variants, report.left_out) == ("Wix", 1, 1, {"hidden": 1})


def test_a_surcharge_on_nothing_is_the_price(tmp_path: Path) -> None:
    free = PRINT.replace("| 10 | | true | PERCENT | 10", "| 0.0 | | true | PERCENT | 0.0")

    (sheet,) = products_of(tmp_path, "catalog.csv", table(HEADER, free, LARGE))

    assert (sheet.price, sheet.variants[0].price) == (500, 500)


def test_the_newer_export_has_prices_of_variants(tmp_path: Path) -> None:
    text = table(
        "handle | fieldType | name | visible | plainDescription | media | brand | price | strikethroughPrice | inventory | sku | "
        "productOptionName[1] | productOptionChoices[1]",
        "tea | PRODUCT | Tea | TRUE | Green | https://x/t.jpg | Chá | 12 | 15 | IN_STOCK | T | Pack | 50 g;100 g",
        "tea | VARIANT | | TRUE | | | | 20 | | OUT_OF_STOCK | T-100 | Pack | 100 g",
    )

    (tea,) = products_of(tmp_path, "catalog.csv", text)

    assert (tea.name, tea.brand, tea.text, tea.options) == ("Tea", "Chá", "Green", (Option("Pack", ("50 g", "100 g")),))
    assert [(v.sku, v.price, v.stock, v.choice) for v in tea.variants] == [("T-100", 2000, False, (("Pack", "100 g"),))]


def test_a_choice_of_colours_has_its_name_behind_a_colon(tmp_path: Path) -> None:
    named = CARD.replace("#ff0000:Red;#00f:Blue", "white:White;black:Black")
    other = CARD.replace("COLOR | #ff0000:Red;#00f:Blue", "DROP_DOWN | Ratio 1:2;Big")

    (card,), (ratio,) = (products_of(tmp_path, "catalog.csv", table(HEADER, row)) for row in (named, other))

    assert card.options == (Option("Colour", ("White", "Black")),)
    assert ratio.options == (Option("Colour", ("Ratio 1:2", "Big")),)


def test_what_the_page_says_below_the_text_is_kept(tmp_path: Path) -> None:
    text = table(f"{HEADER} | additionalInfoTitle1 | additionalInfoDescription1", f"{CARD} | Paper | <p>300 g</p>")

    assert products_of(tmp_path, "catalog.csv", text)[0].text == "Paper: 300 g"
