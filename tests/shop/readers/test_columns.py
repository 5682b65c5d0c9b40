"""Columns are known by the words of their headers and by what is in them."""

import pytest

from shop.readers.columns import find_columns, meanings


def found(header: str, *rows: str, currency: str = "") -> dict[str, str]:
    names = header.split(",")
    columns = find_columns(names, [row.split(",") for row in rows], currency)
    return {field: names[n] for field, n in columns.positions.items()}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Preço de venda", "price"), ("Precio unitario", "price"), ("Prezzo IVA incl.", "price"), ("Verkaufspreis (€)", "price"),
        ("Prix TTC", "price"), ("PVP", "price"), ("unit_price", "price"), ("R$", "price"), ("Preis/kg", "price"),
        ("Sale price", "sale"), ("Preço promocional", "sale"), ("Sonderpreis", "sale"), ("Prix soldé", "sale"),
        ("Compare at price", "old"), ("Preço antigo", "old"), ("Streichpreis", "old"), ("oldprice", "old"),
        ("MSRP", "list"), ("Prezzo consigliato", "list"),
        ("Cost", "cost"), ("cost_price", "cost"), ("Preço de custo", "cost"), ("Wholesale price", "cost"), ("Einkaufspreis", "cost"),
        ("Prix d'achat", "cost"), ("Costo", "cost"), ("Precio mayorista", "cost"), ("Margem", "cost"), ("Trade price", "cost"),
    ],
)  # fmt: skip
def test_the_kind_of_a_price_is_in_its_header(header: str, field: str) -> None:
    assert [meaning.field for meaning in meanings(header)] == [field]


@pytest.mark.parametrize(
    "header", ["Total price", "Valor total", "Shipping price", "Price type", "Tax rate", "Meta title"]
)
def test_other_columns_of_money_and_names_are_none(header: str) -> None:
    assert meanings(header) == []


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("código,nome,preço,estoque", "A1,Caneca,5,3", {"sku": "código", "name": "nome", "price": "preço", "stock": "estoque"}),
        ("Referencia,Producto,Precio,Existencias", "A1,Taza,5,3", {"sku": "Referencia", "name": "Producto", "price": "Precio", "stock": "Existencias"}),
        ("Codice,Articolo,Prezzo,Giacenza", "A1,Tazza,5,3", {"sku": "Codice", "name": "Articolo", "price": "Prezzo", "stock": "Giacenza"}),
        ("Artikelnr.,Bezeichnung,Preis,Bestand", "A1,Tasse,5,3", {"sku": "Artikelnr.", "name": "Bezeichnung", "price": "Preis", "stock": "Bestand"}),
        ("Réf.,Désignation,Prix,Stock", "A1,Tasse,5,3", {"sku": "Réf.", "name": "Désignation", "price": "Prix", "stock": "Stock"}),
        ("Item No.,Item,Price,On hand", "A1,Mug,5,3", {"sku": "Item No.", "name": "Item", "price": "Price", "stock": "On hand"}),
    ],
    ids=["Portuguese", "Spanish", "Italian", "German", "French", "English"],
)  # fmt: skip
def test_columns_are_known_in_several_languages(header: str, row: str, expected: dict[str, str]) -> None:
    assert found(header, row) == expected


def test_a_cost_is_never_the_price() -> None:
    assert found("name,cost,price", "Mug,2,5")["price"] == "price"
    assert "price" not in found("name,wholesale", "Mug,2")


def test_the_retail_price_of_a_resellers_list_is_the_price() -> None:
    assert found("Item,Wholesale,MSRP", "Mug,2,5")["price"] == "MSRP"


def test_the_price_with_tax_is_what_customers_pay() -> None:
    assert found("name,Price excl. VAT,Price incl. VAT", "Mug,4,5")["price"] == "Price incl. VAT"


def test_the_shops_currency_chooses_the_price() -> None:
    assert found("name,Price USD,Price EUR", "Mug,5,4", currency="EUR")["price"] == "Price EUR"


def test_a_sale_of_yes_and_no_is_no_price() -> None:
    assert "sale" not in found("name,price,On sale", "Mug,5,yes", "Cup,4,no")


def test_a_description_is_the_name_where_nothing_else_is() -> None:
    assert found("Code,Descrição,Preço", "A1,Caneca azul,5")["name"] == "Descrição"
    assert found("Nome,Descrição,Preço", "Caneca,Azul e grande,5") == {
        "name": "Nome",
        "text": "Descrição",
        "price": "Preço",
    }


def test_row_numbers_are_no_skus() -> None:
    assert "sku" not in found("No,name,price", "1,Mug,5", "2,Cup,4", "3,Jug,6")
    assert found("code,name,price", "16,Mug,5", "18,Cup,4")["sku"] == "code"


def test_numbers_are_no_names() -> None:
    assert found("Artikel,Bezeichnung,Preis", "1001,Tasse,5", "1002,Kanne,9")["name"] == "Bezeichnung"
