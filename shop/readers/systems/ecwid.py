"""Ecwid's (Lightspeed's) product export: rows of options and of variations follow their product, as the column `type` says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from shop.products import Option, Product, Stock, Variant
from shop.readers.cells import count_of, first_address, is_no
from shop.readers.families import options_of, summed
from shop.readers.folding import fold
from shop.readers.generic import reduced
from shop.readers.html import one_line, plain_text
from shop.readers.notes import HIDDEN, NAMELESS, Notes
from shop.readers.reading import FileReading, Terms, reading_of
from shop.readers.records import ExportRow, PricesOf, doubt_without_price, records_at
from shop.readers.tables import Table

KIND = "Ecwid"
NAMES = {
    "type": "kind", "product internal id": "id", "product sku": "sku", "product variation sku": "own sku", "product name": "name",
    "product brand": "brand", "product description": "text", "product price": "price", "product variation price": "own price",
    "product compare to price": "old", "product is inventory tracked": "tracked", "product quantity": "stock",
    "product variation quantity": "own stock", "product is available": "shown", "product media main image url": "image",
    "product option name": "option", "product option value": "value", "product option markup": "markup", "product url": "url",
}  # fmt: skip
_CATEGORY = re.compile(r"product category (\d)")
_CHOICE = re.compile(r"product_variation_option_\{?([^}]+)\}?", re.IGNORECASE)
_CHOSEN = "choice "
"""Before the name of what a variation chooses, in a record."""


def fits(headers: frozenset[str]) -> bool:
    return {"type", "product internal id", "product name", "product price"} <= headers


def read(table: Table, file: str, terms: Terms, notes: Notes) -> FileReading:
    """Return the products with their variations, or with their options where they have none."""
    records = records_at(table, _positions(table.header))
    prices = PricesOf(records, ("price", "own price", "old"), terms.currency)
    products = list[Product]()
    for first, rows in _groups(records):
        if not first.get("name"):
            notes.leave_out(NAMELESS)
        elif is_no(first.get("shown") or "yes"):
            notes.leave_out(HIDDEN)
        else:
            products.append(_product(first, rows, file, prices, notes))
    return reading_of(KIND, products, notes)


def _positions(header: Sequence[str]) -> dict[str, int]:
    positions = dict[str, int]()
    for n, cell in enumerate(header):
        folded = fold(cell)
        if choice := _CHOICE.fullmatch(cell.strip()):
            positions.setdefault(f"{_CHOSEN}{choice[1]}", n)
        elif level := _CATEGORY.fullmatch(folded):
            positions.setdefault(f"category {level[1]}", n)
        elif name := NAMES.get(folded):
            positions.setdefault(name, n)
    return positions


def _groups(records: list[ExportRow]) -> Iterator[tuple[ExportRow, list[ExportRow]]]:
    """Yield each product's row with the rows of its options and variations."""
    groups = list[tuple[ExportRow, list[ExportRow]]]()
    by_id = dict[str, list[ExportRow]]()
    for record in records:
        rows = by_id.get(record.get("id"))
        if record.get("kind").lower() == "product":
            groups.append((record, by_id.setdefault(record.get("id"), [])))
        elif rows is not None:
            rows.append(record)
    yield from groups


def _product(first: ExportRow, rows: list[ExportRow], file: str, prices: PricesOf, notes: Notes) -> Product:
    price, old = _price(first, prices)
    variants = tuple(_variant(row, first, prices) for row in rows if row.get("kind").lower() == "product_variation")
    options = tuple(_options(rows, notes))
    product = Product(
        name=one_line(first.get("name")),
        sku=first.get("sku"),
        category=" > ".join(one_line(cell) for n in range(1, 10) if (cell := first.get(f"category {n}"))),
        brand=one_line(first.get("brand")),
        price=price,
        old_price=old,
        stock=_stock(first, first),
        options=options,
        text=plain_text(first.get("text")),
        url=first_address(first.get("url")),
        image=first_address(first.get("image")),
        file=file,
        line=first.line,
    )
    doubt_without_price(price, first.line, notes)
    if not variants:
        return product
    return replace(summed(product, variants), sku=product.sku, options=options_of(variants, options))


def _options(rows: list[ExportRow], notes: Notes) -> Iterator[Option]:
    """Yield what the rows of options offer; what a choice adds to the price is not read, and is doubted."""
    values = dict[str, dict[str, None]]()
    for row in rows:
        if row.get("kind").lower() == "product_option" and row.get("value"):
            values.setdefault(one_line(row.get("option")), {})[one_line(row.get("value"))] = None
            if row.get("markup").strip("0., "):
                notes.doubt("What an option adds to the price is not read", row.line)
    yield from (Option(name, tuple(found)) for name, found in values.items())


def _price(record: ExportRow, prices: PricesOf) -> tuple[int | None, int | None]:
    price = prices.money(record, "own price") or prices.money(record, "price")
    return reduced(price, None, prices.money(record, "old")) if price else (None, None)


def _variant(row: ExportRow, first: ExportRow, prices: PricesOf) -> Variant:
    """Return a variation, at its product's price, with what that is reduced from, where it has no other of its own."""
    own, whole = _price(row, prices), _price(first, prices)
    price, old = whole if own[0] is None or own == (whole[0], None) else own
    choice = tuple(
        (name.removeprefix(_CHOSEN), one_line(value))
        for name, value in row.values.items()
        if name.startswith(_CHOSEN) and value.strip()
    )
    sku = row.get("own sku") or row.get("sku")
    return Variant(choice, sku, price, old, _stock(row, first), first_address(row.get("image")), row.line)


def _stock(record: ExportRow, first: ExportRow) -> Stock:
    """Return the stock of a product's or a variation's row; what is not counted is there."""
    if is_no(record.get("tracked") or first.get("tracked") or "no"):
        return True
    return count_of(record.get("own stock") or record.get("stock"))
