"""Headers are known by their words."""

import pytest

from shop.readers.headers import meanings, option_name


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
    ("header", "name"),
    [("Colour", "Colour"), ("Variation", ""), ("grade-tamanho-de-camisa", "Tamanho"), ("Grade", "Grade")],
)
def test_an_option_is_called_by_what_is_chosen(header: str, name: str) -> None:
    assert option_name(header) == name
