"""Variants of another file are folded under their products."""

from datetime import date

from shop.products import Product, Variant
from shop.readers.combinations import ALONE, with_choices
from shop.readers.reading import Choices, FileReading, Terms

BLUE = Choices("7", (Variant((("Colour", "blue"),), "B"),), (250,))
CHOICES = FileReading("combinations", choices=(BLUE,))


def folded(currency: str, price: int | None) -> tuple[int | None, ...]:
    products = FileReading("products", (Product("Lamp", price=price), Product("Desk", price=5)), ids=("7", "8"))

    found = with_choices({"p": products, "c": CHOICES}, Terms(currency, date(2026, 3, 1)))

    assert found["c"].error is None
    assert found["p"].products[1].variants == ()
    return tuple(variant.price for variant in found["p"].products[0].variants)


def test_a_combination_costs_what_it_adds() -> None:
    assert folded("EUR", 1000) == (1250,)
    assert folded("JPY", 1000) == (1002,)
    assert folded("EUR", None) == (None,)


def test_combinations_without_their_products_are_an_error() -> None:
    assert with_choices({"c": CHOICES}, Terms("", date(2026, 3, 1)))["c"].error == ALONE


def test_a_store_without_combinations_is_as_it_was() -> None:
    readings = {"p": FileReading("products", (Product("Lamp"),))}

    assert with_choices(readings, Terms("", date(2026, 3, 1))) == readings
