"""BigCommerce's product export, older and newer: rows of variants, rules and pictures stand below their product."""

import re
from collections.abc import Iterator
from dataclasses import replace

from shop.products import Product, Stock, Variant
from shop.readers.cells import count_of, first_address, is_no
from shop.readers.families import options_of, summed
from shop.readers.generic import reduced
from shop.readers.html import one_line, plain_text
from shop.readers.notes import HIDDEN, NAMELESS, Notes
from shop.readers.reading import FileReading, Terms, reading_of
from shop.readers.records import ExportRow, PricesOf, doubt_without_price, records_of
from shop.readers.tables import Table

KIND = "BigCommerce"
NAMES = {
    "item type": "kind", "item": "kind", "product name": "name", "name": "name", "product code sku": "sku", "sku": "sku",
    "brand name": "brand", "product description": "text", "description": "text", "price": "price", "sale price": "sale",
    "allow purchases": "buyable", "product visible": "visible", "is visible": "visible", "track inventory": "tracked",
    "inventory tracking": "tracked", "current stock level": "stock", "stock level": "stock", "current stock": "stock",
    "category": "category", "categories": "category", "product image file 1": "image", "internal image url export": "image",
    "variant image url": "image", "options": "options",
}  # fmt: skip
_NEW_CHOICE = re.compile(r"Name=([^|]+)\|Value=(.+?)(?=Type=|$)", re.DOTALL)
_MARK = re.compile(r"\[/?\w+\]")
_AS_ONE = ("by product", "product")
"""What older and newer exports call the count of a product that its variants share; what their own rows have is not used."""


def fits(headers: frozenset[str]) -> bool:
    older = {"item type", "product name", "product code sku", "price"}
    newer = {"item", "name", "sku", "options", "inventory tracking", "price"}
    return older <= headers or newer <= headers


def read(table: Table, file: str, terms: Terms, notes: Notes) -> FileReading:
    """Return the products with their variants. What rules change of a price is not read, and is doubted."""
    records = records_of(table, NAMES)
    prices = PricesOf(records, ("price", "sale"), terms.currency)
    products = list[Product]()
    for first, rows in _groups(records, notes):
        if not first.get("name"):
            notes.leave_out(NAMELESS)
        elif is_no(first.get("visible") or "yes"):
            notes.leave_out(HIDDEN)
        else:
            products.append(_product(first, rows, file, prices, notes))
    return reading_of(KIND, products, notes)


def _groups(records: list[ExportRow], notes: Notes) -> Iterator[tuple[ExportRow, list[ExportRow]]]:
    """Yield each product's row with those below it."""
    first, rows = None, list[ExportRow]()
    for record in records:
        if record.get("kind").lower() == "product":
            if first:
                yield first, rows
            first, rows = record, []
        elif record.get("kind").lower() == "rule":
            notes.doubt("A rule that changes prices is not read", record.line)
        else:
            rows.append(record)
    if first:
        yield first, rows


def _product(first: ExportRow, rows: list[ExportRow], file: str, prices: PricesOf, notes: Notes) -> Product:
    price, old = _price(first, prices)
    pictures = (row for row in rows if row.get("kind").lower() == "image")
    variants = tuple(_variant(row, first, prices) for row in rows if row.get("kind").lower() in ("sku", "variant"))
    product = Product(
        name=one_line(first.get("name")),
        sku=first.get("sku"),
        category=_category(first.get("category")),
        brand=one_line(first.get("brand")),
        price=price,
        old_price=old,
        stock=_stock(first, first),
        text=plain_text(first.get("text")),
        image=next(filter(None, (first_address(row.get("image")) for row in (first, *pictures))), ""),
        options=options_of(variants),
        file=file,
        line=first.line,
    )
    doubt_without_price(price, first.line, notes)
    if not any(variant.choice for variant in variants):  # a product without options has one nameless variant
        return product
    return replace(summed(product, variants), sku=product.sku)


def _price(record: ExportRow, prices: PricesOf) -> tuple[int | None, int | None]:
    price, sale = prices.money(record, "price"), prices.money(record, "sale")
    return reduced(price, sale, None) if price else (None, None)


def _variant(row: ExportRow, first: ExportRow, prices: PricesOf) -> Variant:
    """Return a variant, at its product's price where it has none of its own."""
    own, own_old = _price(row, prices)
    price, old = (own, own_old) if own is not None else _price(first, prices)
    image = first_address(row.get("image"))
    return Variant(tuple(_choice(row)), row.get("sku"), price, old, _stock(row, first), image, row.line)


def _choice(row: ExportRow) -> Iterator[tuple[str, str]]:
    """Yield the pairs of "[RB]Colour=Navy,[RT]Size=M", or of "Type=Rectangles|Name=Colour|Value=Navy"."""
    if found := _NEW_CHOICE.findall(row.get("options")):
        pairs = found
    else:
        parts = _MARK.sub(",", row.get("name")).split(",")
        pairs = [(name, value) for name, sign, value in (part.partition("=") for part in parts) if sign]
    for name, value in pairs:
        yield one_line(name), one_line(value.partition(":")[0])  # a swatch's colour or picture follows


def _stock(record: ExportRow, first: ExportRow) -> Stock:
    """Return the stock of a product's or a variant's row; what is not counted is there as long as it may be bought."""
    tracked = first.get("tracked").lower()
    if any(is_no(row.get("buyable") or "yes") for row in (first, record)):
        return False
    if tracked in ("none", "n", ""):
        return True
    return None if tracked in _AS_ONE and record is not first else count_of(record.get("stock"))


def _category(cell: str) -> str:
    """Return the deepest of the categories that a cell lists."""
    deepest = max(cell.split(";"), key=lambda path: path.count("/"))
    return " > ".join(part.strip() for part in deepest.split("/") if part.strip())
