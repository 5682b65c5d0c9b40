"""Variants that stand in another file than their products: PrestaShop's combinations."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from shop.products import Product
from shop.readers.currencies import digits_of
from shop.readers.families import options_of, summed
from shop.readers.notes import HIDDEN
from shop.readers.reading import Choices, FileReading, Terms

ALONE = (
    "These are combinations, which belong to products of another file. Put the export of the products beside this file."
)


def with_choices(readings: Mapping[str, FileReading], terms: Terms) -> dict[str, FileReading]:
    """Return the readings with all combinations folded under their products. A file that belongs to none is an error."""
    by_id = {one.product_id: one for reading in readings.values() for one in reading.choices}
    if not by_id:
        return dict(readings)
    known = {product_id for reading in readings.values() for product_id in reading.ids}
    hidden = {product_id for reading in readings.values() for product_id in reading.hidden_ids}
    return {
        name: _reported(reading, known, hidden) if reading.choices else _folded(reading, by_id, terms)
        for name, reading in readings.items()
    }


def _folded(reading: FileReading, by_id: Mapping[str, Choices], terms: Terms) -> FileReading:
    products = tuple(
        _with_variants(product, by_id[product_id], terms) if product_id in by_id else product
        for product_id, product in zip(reading.ids, reading.products, strict=False)
    )
    return replace(reading, products=products + reading.products[len(products) :])


def _with_variants(product: Product, choices: Choices, terms: Terms) -> Product:
    """Return a product with its variants, each at the product's price and what it adds to it."""
    digits = digits_of(product.currency or terms.currency)
    added = [round(impact * 10**digits / 100) for impact in choices.impacts]
    variants = tuple(
        replace(variant, price=_plus(product.price, extra), old_price=_plus(product.old_price, extra))
        for variant, extra in zip(choices.variants, added, strict=True)
    )
    return replace(summed(product, variants), options=options_of(variants))


def _plus(price: int | None, extra: int) -> int | None:
    return None if price is None else max(price + extra, 0)


def _reported(reading: FileReading, known: set[str], hidden: set[str]) -> FileReading:
    """Return the reading of combinations with what became of them."""
    left_out = Counter(reading.left_out)
    joined = 0
    for one in reading.choices:
        count = len(one.variants)
        if one.product_id in known:
            joined += count
        else:
            left_out[HIDDEN if one.product_id in hidden else "product not found"] += count
    error = None if joined or hidden else ALONE
    return replace(reading, left_out=dict(left_out), error=error)
