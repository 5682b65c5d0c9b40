"""WooCommerce's export, in several languages."""

from pathlib import Path

import pytest

from shop.products import Option
from tests.support.store_files import products_of, report_of, table

HEADER = (
    "ID | Type | SKU | Name | Published | Visibility in catalog | Short description | Description | Date sale price starts | "
    "Date sale price ends | In stock? | Stock | Sale price | Regular price | Categories | Images | Parent | Attribute 1 name | "
    "Attribute 1 value(s)"
)
SHIRT = r"10 | variable | SH | Shirt | 1 | visible | Soft | <p>Long</p>\n\nText | | | 1 | | | | Clothes > Shirts | https://x/1.jpg, https://x/2.jpg | | Size | S, M"
SMALL = "11 | variation | SH-S | Shirt - S | 1 | visible | | | | | 1 | 4 | 40 | 50 | | | SH | Size | S"
MEDIUM = "12 | variation | SH-M | Shirt - M | 1 | visible | | | | | 0 | | | 55 | | | id:10 | Size | M"
MUG = "13 | simple | MUG | Mug | 1 | visible | | | | | 1 | | | 20 | Kitchen | | | |"


def test_variations_are_folded_under_their_parent(tmp_path: Path) -> None:
    shirt, mug = products_of(tmp_path, "export.csv", table(HEADER, SHIRT, SMALL, MEDIUM, MUG))

    assert (shirt.name, shirt.price, shirt.old_price, shirt.stock) == ("Shirt", 4000, 5000, True)
    assert (shirt.text, shirt.category) == ("Soft\nLong\nText", "Clothes > Shirts")
    assert (shirt.options, shirt.image) == ((Option("Size", ("S", "M")),), "https://x/1.jpg")
    assert [(v.sku, v.price, v.old_price, v.stock) for v in shirt.variants] == [
        ("SH-S", 4000, 5000, 4),
        ("SH-M", 5500, None, False),
    ]
    assert (mug.price, mug.stock) == (2000, True)


@pytest.mark.parametrize(
    ("old", "new", "left_out"),
    [
        ("| 1 | visible", "| -1 | visible", {"draft": 1}),
        ("| 1 | visible", "| 0 | visible", {"hidden": 1}),
        ("| 1 | visible", "| 1 | hidden", {"hidden": 1}),
    ],
)
def test_drafts_and_hidden_products_are_left_out(tmp_path: Path, old: str, new: str, left_out: dict[str, int]) -> None:
    report = report_of(tmp_path, "export.csv", table(HEADER, SHIRT, SMALL, MUG.replace(old, new)))

    assert (report.kind, report.products, report.variants, report.left_out) == ("WooCommerce", 1, 1, left_out)


def test_a_sale_that_is_over_is_none(tmp_path: Path) -> None:
    over = MUG.replace("| visible | | | | |", "| visible | | | 2025-01-01 | 2025-12-31 |").replace(
        "| 1 | | | 20", "| 1 | | 15 | 20"
    )
    on = over.replace("2025-12-31", "2026-12-31")

    assert [(p.price, p.old_price) for p in products_of(tmp_path, "a.csv", table(HEADER, over))] == [(2000, None)]
    assert [(p.price, p.old_price) for p in products_of(tmp_path, "a.csv", table(HEADER, on))] == [(1500, 2000)]


def test_what_has_no_price_of_its_own_is_told(tmp_path: Path) -> None:
    group = "14 | grouped | SET | Set | 1 | visible | | | | | 1 | | | | | | | |"
    orphan = "15 | variation | X | X - S | 1 | visible | | | | | 1 | | | 9 | | | GONE | Size | S"

    report = report_of(tmp_path, "export.csv", table(HEADER, group, orphan))

    assert report.doubts == (
        "A group of products without a price of its own (line 2).",
        "The product of this variation is not in the file (line 3).",
    )
    assert report.left_out == {"variation without its product": 1}


@pytest.mark.parametrize(
    "header",
    [
        "ID | Tipo | SKU | Nome | Publicado | Visibilidade no catálogo | Em estoque? | Estoque | Preço promocional | Preço | Categorias | Ascendente | Nome do atributo 1 | Valores do atributo 1",
        "ID | Tipo | SKU | Nombre | Publicado | Visibilidad en el catálogo | ¿Existencias? | Inventario | Precio rebajado | Precio normal | Categorías | Superior | Nombre del atributo 1 | Valor(es) del atributo 1",
        "ID | Tipo | COD | Nome | Pubblicato | Visibilità nel catalogo | In stock? | Magazzino | Prezzo in offerta | Prezzo di listino | Categorie | Genitore | Nome dell'attributo 1 | Valore dell'attributo 1",
        "ID | Typ | Artikelnummer | Name | Veröffentlicht | Sichtbarkeit im Katalog | Vorrätig? | Bestand | Angebotspreis | Regulärer Preis | Kategorien | Übergeordnetes Produkt | Attribut 1 Name | Attribut 1 Wert(e)",
        "ID | Type | UGS | Nom | Publié | Visibilité dans le catalogue | En stock ? | Stock | Tarif promo | Tarif régulier | Catégories | Parent | Nom de l’attribut 1 | Valeur(s) de l’attribut 1",
    ],
    ids=["Portuguese", "Spanish", "Italian", "German", "French"],
)
def test_exports_in_other_languages_are_read(tmp_path: Path, header: str) -> None:
    rows = (
        "1 | variable | SH | Shirt | 1 | visible | 1 | | | | Clothes | | Size | S",
        "2 | variation | SH-S | Shirt - S | 1 | visible | 1 | 4 | 40 | 50 | | SH | Size | S",
        "3 | simple | H | Hidden | 1 | hidden | 1 | | | 9 | | | |",
    )

    contents = products_of(tmp_path, "export.csv", table(header, *rows))

    assert [(p.sku, p.price, p.old_price, p.stock, p.variants[0].sku) for p in contents] == [
        ("SH", 4000, 5000, 4, "SH-S")
    ]


def test_an_italian_sale_has_its_dates(tmp_path: Path) -> None:
    header = (
        "ID | Tipo | SKU | Nome | Pubblicato | Visibilità nel catalogo | Data di partenza del prezzo in saldo | "
        "Data in cui termina l'offerta | In stock? | Magazzino | Prezzo in offerta | Prezzo di listino | Immagine | Brand"
    )
    row = (
        "1 | simple | T | Tazza | 1 | visible | 2025-01-01 | 2025-12-31 | 1 | 3 | 8,00 | 10,00 | https://x/1.jpg | Luce"
    )

    (cup,) = products_of(tmp_path, "export.csv", table(header, row))

    assert (cup.price, cup.stock, cup.image, cup.brand) == (1000, 3, "https://x/1.jpg", "Luce")
