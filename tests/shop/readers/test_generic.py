"""Any table with a name and a price becomes products."""

from pathlib import Path

import pytest

from shop.products import Option, Variant
from tests.support.store_files import products_of, read_files, report_of, table


def test_all_that_a_row_says_is_kept(tmp_path: Path) -> None:
    text = table(
        "sku | name | category | brand | price | old price | stock | colours | description | link | image",
        "M-1 | Mug  blue | Kitchen | Olaria | 19.90 | 25.00 | 4 | blue; green | <p>Big</p> | https://x.example/m | m.jpg",
    )

    (mug,) = products_of(tmp_path, "list.csv", text)

    assert (mug.sku, mug.name, mug.category, mug.brand) == ("M-1", "Mug blue", "Kitchen", "Olaria")
    assert (mug.price, mug.old_price, mug.stock, mug.text) == (1990, 2500, 4, "Big")
    assert (mug.options, mug.url, mug.image) == (
        (Option("colours", ("blue", "green")),),
        "https://x.example/m",
        "m.jpg",
    )
    assert mug.source == "list.csv:2"


def test_secret_columns_are_nowhere(tmp_path: Path) -> None:
    text = table("name | cost | supplier | margin % | price", "Mug | 3.33 | Secret Ltd | 77 | 5.00")

    products = products_of(tmp_path, "list.csv", text)

    assert products[0].price == 500
    assert not any(secret in repr(products) for secret in ("3.33", "333", "Secret", "77"))


def test_other_columns_are_told_as_text(tmp_path: Path) -> None:
    (mug,) = products_of(tmp_path, "list.csv", table("name | price | Origin | flag", "Mug | 5.00 | Recife | 0"))

    assert mug.text == "Origin: Recife"


def test_a_sale_price_is_paid_and_the_other_one_was(tmp_path: Path) -> None:
    (mug,) = products_of(tmp_path, "list.csv", table("name | price | sale price", "Mug | 10.00 | 8.00"))

    assert (mug.price, mug.old_price) == (800, 1000)


def test_headings_are_the_category_of_what_follows(tmp_path: Path) -> None:
    text = "Produto;Preço\nBEBIDAS;\nSuco;8,00\nDOCES;\nPudim;9,00\n"

    assert [(p.name, p.category) for p in products_of(tmp_path, "list.csv", text)] == [
        ("Suco", "BEBIDAS"),
        ("Pudim", "DOCES"),
    ]


def test_totals_are_no_products(tmp_path: Path) -> None:
    assert report_of(tmp_path, "list.csv", "name,price\nMug,5.00\nTotal,5.00\n").left_out == {"total": 1}


@pytest.mark.parametrize(
    ("header", "cell", "reason"),
    [("status", "draft", "draft"), ("Ativo", "não", "hidden"), ("hidden", "yes", "hidden"), ("status", "archived", "archived")],
)  # fmt: skip
def test_what_is_not_shown_is_left_out(tmp_path: Path, header: str, cell: str, reason: str) -> None:
    shown = "active" if header == "status" else "sim" if header == "Ativo" else "no"
    text = table(f"name | price | {header}", f"Mug | 5.00 | {cell}", f"Cup | 4.00 | {shown}")

    report = report_of(tmp_path, "list.csv", text)

    assert (report.products, report.left_out) == (1, {reason: 1})


def test_rows_without_a_price_are_kept_and_told(tmp_path: Path) -> None:
    report = report_of(tmp_path, "list.csv", table("sku | name | price", "A | Mug | on request", "B | Cup | 4.00"))

    assert (report.products, report.doubts) == (2, ("No price (line 2).",))


def test_a_price_in_two_forms_is_doubted(tmp_path: Path) -> None:
    text = table("sku | name | price", "A | Mug | 1.234,50", "B | Cup | 9.90")

    report = report_of(tmp_path, "list.csv", text)

    assert "decimal point and with a decimal comma" in report.doubts[0]
    assert [p.price for p in products_of(tmp_path, "list.csv", text)] == [123450, 990]


def test_an_order_forms_quantity_is_no_stock(tmp_path: Path) -> None:
    form = "Order form May,,,\nItem,Price,Quantity,Total\nMug,5.00,2,10.00\nCup,4.00,1,4.00\n"
    stock = "Item,Price,Quantity\nMug,5.00,2\nCup,4.00,0\n"

    assert [p.stock for p in products_of(tmp_path, "a.csv", form)] == [None, None]
    assert [p.stock for p in products_of(tmp_path, "a.csv", stock)] == [2, 0]


def test_a_column_of_what_is_sold_out_says_so(tmp_path: Path) -> None:
    text = table("name | price | sold out", "Mug | 5.00 | yes", "Cup | 4.00 | no")

    assert [p.stock for p in products_of(tmp_path, "a.csv", text)] == [False, True]


def test_rows_that_differ_in_a_size_are_variants(tmp_path: Path) -> None:
    text = table(
        "sku | name | tamanho | preço | estoque",
        "C-P | Camiseta | P | 49,90 | 3",
        "C-M | Camiseta | M | 59,90 | 0",
        "B-1 | Boné |  | 30,00 | 1",
        delimiter=";",
    )

    shirt, cap = products_of(tmp_path, "a.csv", text)

    assert (shirt.name, shirt.price, shirt.stock, shirt.options) == (
        "Camiseta",
        4990,
        3,
        (Option("tamanho", ("P", "M")),),
    )
    assert shirt.variants == (
        Variant((("tamanho", "P"),), "C-P", 4990, None, 3, line=2),
        Variant((("tamanho", "M"),), "C-M", 5990, None, 0, line=3),
    )
    assert (cap.name, cap.variants) == ("Boné", ())


def test_a_formula_is_its_text(tmp_path: Path) -> None:
    assert products_of(tmp_path, "a.csv", 'name,price\n"=HYPERLINK(""x"")",5\n')[0].name == '=HYPERLINK("x")'


def test_the_currency_is_that_of_header_cell_or_column(tmp_path: Path) -> None:
    assert products_of(tmp_path, "a.csv", "name,Price (EUR)\nMug,5\n")[0].currency == "EUR"
    assert products_of(tmp_path, "a.csv", "name,price\nMug,R$ 5\n")[0].currency == "BRL"
    assert products_of(tmp_path, "a.csv", "name,price,currency\nMug,5,usd\n")[0].currency == "USD"
    assert products_of(tmp_path, "a.csv", "name,price\nMug,5\n", "BRL")[0].currency == ""


def test_a_blank_price_is_that_of_the_next_column(tmp_path: Path) -> None:
    text = table("Article | Prix HT | Prix TTC", "Thé | 3,50 | 4,20", "Café | 1,20 |")

    assert [p.price for p in products_of(tmp_path, "a.csv", text)] == [420, 120]


def test_the_price_from_which_it_fell_is_the_old_one(tmp_path: Path) -> None:
    (ring,) = products_of(tmp_path, "a.csv", table("nome | preco_de | preco_por", "Anel | 109,90 | 92,90"))

    assert (ring.price, ring.old_price) == (9290, 10990)


@pytest.mark.parametrize(
    ("header", "sizes"),
    [("250 g | 1 kg", ("250 g", "1 kg")), ("Glass | Bottle", ("Glass", "Bottle")), ("Preço P | Preço G", ("P", "G"))],
)
def test_columns_of_prices_for_sizes_are_variants(tmp_path: Path, header: str, sizes: tuple[str, ...]) -> None:
    (tea,) = products_of(tmp_path, "a.csv", table(f"Product | {header}", "Tea | 10.00 | 35.00"))

    assert (tea.price, tea.options) == (1000, (Option("", sizes),))
    assert [(v.choice, v.price) for v in tea.variants] == [((("", sizes[0]),), 1000), ((("", sizes[1]),), 3500)]


def test_counts_by_size_are_stocks(tmp_path: Path) -> None:
    (shirt,) = products_of(tmp_path, "a.csv", table("Produto | Preço | P | M | G", "Camiseta | 49,90 | 3 | 0 |"))

    assert (shirt.price, shirt.stock, shirt.options) == (4990, 3, (Option("", ("P", "M")),))
    assert [(one.choice, one.price, one.stock) for one in shirt.variants] == [
        ((("", "P"),), 4990, 3),
        ((("", "M"),), 4990, 0),
    ]


@pytest.mark.parametrize(
    "text",
    [
        table("Produto | Preço | P | M", "Camiseta | 49,90 | 0 | 0"),
        table("Produto | Preço | P | M | Total", "Camiseta | 49,90 | 1 | 0 | 49,90"),
    ],
    ids=["nothing filled in", "with totals"],
)
def test_sizes_to_be_ordered_are_no_stocks(tmp_path: Path, text: str) -> None:
    (shirt,) = products_of(tmp_path, "a.csv", text)

    assert (shirt.stock, shirt.variants) == (None, ())


def test_a_price_of_a_box_is_not_the_price(tmp_path: Path) -> None:
    text = table("Produto | Preço Unitário | Preço Caixa (12 un)", "Água | 2,50 | 24,00")

    assert products_of(tmp_path, "a.csv", text)[0].price == 250


def test_nothing_to_choose_is_no_option(tmp_path: Path) -> None:
    text = table(
        "Item Name | Variation Name | Option Name 1 | Option Value 1 | Price",
        "Mug | Small | Size | Small | 5.00",
        "Tea | Regular | | | 4.00",
    )

    assert [one.options for one in products_of(tmp_path, "a.csv", text)] == [(Option("Size", ("Small",)),), ()]


def test_a_sale_that_is_over_is_none(tmp_path: Path) -> None:
    text = table("name | price | sale price | sale ends", "Mug | 10 | 8 | 2026-02-28", "Cup | 10 | 8 | 2026-03-01")

    assert [(p.price, p.old_price) for p in products_of(tmp_path, "a.csv", text)] == [(1000, None), (800, 1000)]


def test_articles_called_sections_are_articles(tmp_path: Path) -> None:
    text = "Sezione,Prezzo\n\ncaffetteria\nCaffè,1.00\nThé,2.00\n"

    assert [(p.name, p.category) for p in products_of(tmp_path, "a.csv", text)] == [
        ("Caffè", "caffetteria"),
        ("Thé", "caffetteria"),
    ]


def test_options_may_stand_as_names_and_values(tmp_path: Path) -> None:
    text = table(
        "Product URL | Title | Description | SKU | Option Name 1 | Option Value 1 | Option Name 2 | Option Value 2 | Price | Sale Price | On Sale | Stock | Visible",
        "/tea | Tea | <p>Green</p> | T-50 | Pack | 50 g | | | 10.00 | 8.00 | No | 3 | Yes",
        " | | | T-100 | | 100 g | | | 18.00 | 0.00 | No | 0 |",
        "/cup | Cup | | C | | | | | 5.00 | 4.00 | Yes | 1 | Yes",
    )

    tea, cup = products_of(tmp_path, "products.csv", text)

    assert (tea.name, tea.text, tea.price, tea.old_price, tea.stock) == ("Tea", "Green", 1000, None, 3)
    assert [(v.choice, v.sku, v.price, v.stock) for v in tea.variants] == [
        ((("Pack", "50 g"),), "T-50", 1000, 3),
        ((("Pack", "100 g"),), "T-100", 1800, 0),
    ]
    assert (cup.price, cup.old_price, cup.variants) == (400, 500, ())


def test_a_quantity_that_is_no_count_is_told_as_a_size(tmp_path: Path) -> None:
    cola, water = products_of(
        tmp_path, "a.csv", table("Artikel | Menge | Preis", "Cola | 0,33 l | 2,50", "Wasser | 1 l | 3,00")
    )

    assert (cola.text, cola.stock, water.text) == ("Menge: 0,33 l", None, "Menge: 1 l")


def test_rows_right_below_the_header_may_explain_it(tmp_path: Path) -> None:
    text = table(
        "ITEM_ID | TITLE | QUANTITY | PRICE | STATUS",
        "Não edite esta linha | | | |",
        "Código do anúncio | Título | Quantidade | Preço | Status",
        "Não é possível modificar | Não é possível modificar | Obrigatório | Obrigatório | Opcional",
        "MLB1 | Panela | 5 | 189.90 | Ativo",
        "MLB2 | Faca | 1 | combinar | Ativo",
        "MLB3 | Copo | 9 | 9.90 | Ativo",
    )

    contents = read_files(tmp_path, {"list.csv": text})

    assert [(product.name, product.price, product.category) for product in contents.products] == [
        ("Panela", 18990, ""),
        ("Faca", None, ""),
        ("Copo", 990, ""),
    ]
    assert contents.reports[0].left_out == {"explanation": 3}


def test_one_cell_may_name_all_that_is_chosen(tmp_path: Path) -> None:
    text = table(
        "title | variations | price",
        "Shirt | Colour: black, Size: M | 5.00",
        "Shirt | Colour: black, Size: L | 6.00",
    )

    (shirt,) = products_of(tmp_path, "list.csv", text)

    assert shirt.options == (Option("Colour", ("black",)), Option("Size", ("M", "L")))
    assert [variant.choice for variant in shirt.variants] == [
        (("Colour", "black"), ("Size", "M")),
        (("Colour", "black"), ("Size", "L")),
    ]


def test_a_grid_of_options_is_called_by_what_is_chosen(tmp_path: Path) -> None:
    text = table("nome | preco | grade-tamanho-de-camisa-blusa", "Polo | 5,00 | P", "Polo | 5,00 | M")

    assert products_of(tmp_path, "list.csv", text)[0].options == (Option("Tamanho", ("P", "M")),)


def test_switches_addresses_and_totals_are_not_told(tmp_path: Path) -> None:
    text = table(
        "name | price | Summe (ca.) | app link | Giftable | Token | _internal | fee | Vegan",
        "Mug | 5.00 | 0,00 | app://x/1 | Y | ABC | 7 | 12% | yes",
    )

    assert products_of(tmp_path, "list.csv", text)[0].text == "Vegan: yes"


@pytest.mark.parametrize("status", ["false", "0", "no", "não"])
def test_a_status_of_no_hides(tmp_path: Path, status: str) -> None:
    assert report_of(tmp_path, "list.csv", f"name,price,status\nMug,5.00,{status}\n").left_out == {"hidden": 1}


def test_of_very_many_columns_the_first_are_told(tmp_path: Path) -> None:
    header, row = (" | ".join(f"{word}{n}" for n in range(1_000)) for word in ("trait", "value"))

    (mug,) = products_of(tmp_path, "list.csv", table(f"name | price | {header}", f"Mug | 5.00 | {row}"))

    assert mug.text.startswith("trait0: value0\n")
    assert mug.text.count("\n") < 100


def test_the_number_of_a_kind_of_stock_is_no_stock(tmp_path: Path) -> None:
    text = table("name | price | quantity | stock_status_id", "Mug | 5.00 | 41 | 7", "Cup | 4.00 | 30 | 5")

    assert [product.stock for product in products_of(tmp_path, "list.csv", text)] == [41, 30]


def test_a_makers_warranty_is_no_maker(tmp_path: Path) -> None:
    (mug,) = products_of(tmp_path, "list.csv", table("name | price | manufacturer_warranty", "Mug | 5.00 | true"))

    assert (mug.brand, mug.text) == ("", "")


@pytest.mark.parametrize(
    ("header", "cells"),
    [("Square Online Item Visibility", ("visible", "hidden")), ("Status", ("Ativo", "Pausado")), ("Status", ("active", "paused"))],
)  # fmt: skip
def test_what_a_till_or_a_marketplace_does_not_show(tmp_path: Path, header: str, cells: tuple[str, str]) -> None:
    text = table(f"name | price | {header}", f"Mug | 5.00 | {cells[0]}", f"Cup | 4.00 | {cells[1]}")

    assert [product.name for product in products_of(tmp_path, "list.csv", text)] == ["Mug"]
