"""Shopify's product export: several rows a handle; what the product is stands in the first, options and prices in each."""

import re
from dataclasses import replace

from shop.products import Product, Stock, Variant
from shop.readers.cells import count_of, is_no, reason_hidden
from shop.readers.families import options_of, summed
from shop.readers.folding import fold
from shop.readers.generic import is_told
from shop.readers.headers import OPTION, meanings
from shop.readers.html import one_line, plain_text
from shop.readers.notes import HIDDEN, NAMELESS, Notes
from shop.readers.reading import FileReading, Terms, reading_of
from shop.readers.records import ExportRow, PricesOf, doubt_without_price, records_of
from shop.readers.tables import Table
from shop.readers.words import INTERNAL, NOT_OF_ARTICLES

KIND = "Shopify"
_DETAIL = "detail "
NAMES = {
    "handle": "handle", "url handle": "handle", "title": "title", "body html": "body", "description": "body", "body": "body",
    "vendor": "vendor", "type": "type", "product category": "category", "published": "published",
    "published on online store": "published", "status": "status", "variant sku": "sku", "sku": "sku",
    "variant price": "price", "price": "price", "variant compare at price": "old", "compare at price": "old",
    "variant inventory tracker": "tracker", "inventory tracker": "tracker", "variant inventory qty": "quantity",
    "inventory quantity": "quantity", "variant inventory policy": "policy",
    "continue selling when out of stock": "policy", "image src": "image", "product image url": "image",
    "variant image": "variant image", "variant image url": "variant image",
} | {f"option{n} {part}": f"option{n} {part}" for n in (1, 2, 3) for part in ("name", "value")}  # fmt: skip
_METAFIELD = re.compile(r"(.+?)\s*\(product\.metafields\.(?:custom|shopify)\.[^)]+\)")
_NO_CHOICE = ("Default Title", "Title")


def fits(headers: frozenset[str]) -> bool:
    return (
        bool(headers & {"handle", "url handle"})
        and "title" in headers
        and bool(headers & {"variant price", "option1 value"})
    )


def read(table: Table, file: str, terms: Terms, notes: Notes) -> FileReading:
    """Return the products of an export, old template or new."""
    details = {fold(cell): name for cell in table.header if (name := _detail(cell))}
    records = records_of(table, NAMES | details)
    prices = PricesOf(records, ("price", "old"), terms.currency)
    has_tracker = any("tracker" in record.values for record in records)
    groups = _by_handle(records)
    records.clear()
    products = list[Product]()
    for handle in list(groups):
        group = groups.pop(handle)  # gone when its product is made: descriptions are not in memory twice
        if reason := _reason_left_out(group):
            notes.leave_out(reason)
        else:
            products.append(_product(group, file, prices, has_tracker, notes))
    return reading_of(KIND, products, notes)


def _detail(header: str) -> str:
    """Return what the owner's own column of a product is about, "" for one that is no customer's business."""
    found = _METAFIELD.fullmatch(header)
    if not found or any(meaning.field not in (OPTION, "text") for meaning in meanings(found[1])):
        return ""
    return f"{_DETAIL}{found[1]}" if not set(fold(found[1]).split()) & (NOT_OF_ARTICLES | INTERNAL) else ""


def _text(record: ExportRow) -> str:
    """Return the description with the owner's own columns as lines: "Care: hand wash"."""
    found = [
        (name.removeprefix(_DETAIL), one_line(cell)) for name, cell in record.values.items() if name.startswith(_DETAIL)
    ]
    lines = [
        f"{name}: {value.strip('[]').replace(chr(34), '')}"
        for name, value in found
        if is_told(value) and value[:1] != "{"
    ]
    return "\n".join(filter(None, (plain_text(record.get("body")), *lines)))


def _by_handle(records: list[ExportRow]) -> dict[str, list[ExportRow]]:
    """Return the rows of each handle in the order of the file, those without one under the one before."""
    groups, handle = dict[str, list[ExportRow]](), ""
    for record in records:
        handle = record.get("handle") or handle
        groups.setdefault(handle, []).append(record)
    return groups


def _reason_left_out(group: list[ExportRow]) -> str | None:
    if not any(record.get("title") for record in group):
        return NAMELESS
    status = next((reason for record in group if (reason := reason_hidden(record.get("status")))), None)
    return status or (HIDDEN if is_no(group[0].get("published") or "true") else None)


def _product(group: list[ExportRow], file: str, prices: PricesOf, has_tracker: bool, notes: Notes) -> Product:
    first = next(record for record in group if record.get("title"))
    names = [first.get(f"option{n} name") for n in (1, 2, 3)]
    rows = [record for record in group if record.get("option1 value") or record.get("price") or record.get("sku")]
    variants = tuple(_variant(record, names, prices, has_tracker) for record in rows)
    product = Product(
        name=one_line(first.get("title")),
        category=one_line(first.get("type") or first.get("category")),
        brand=one_line(first.get("vendor")),
        text=_text(first),
        image=next(filter(None, (record.get("image") for record in group)), ""),
        options=options_of(variants),
        file=file,
        line=first.line,
    )
    for variant in variants:
        doubt_without_price(variant.price, variant.line, notes)
    if not variants:
        notes.doubt("No price", first.line)
        return product
    if len(variants) > 1:
        return summed(product, variants)
    only = variants[0]
    return replace(product, sku=only.sku, price=only.price, old_price=only.old_price, stock=only.stock)


def _variant(record: ExportRow, names: list[str], prices: PricesOf, has_tracker: bool) -> Variant:
    price, old = prices.money(record, "price"), prices.money(record, "old")
    values = [record.get(f"option{n} value") for n in (1, 2, 3)]
    return Variant(
        choice=tuple(
            (name, one_line(value))
            for name, value in zip(names, values, strict=True)
            if value and value not in _NO_CHOICE
        ),
        sku=record.get("sku").lstrip("'"),
        price=price.amount if price else None,
        old_price=old.amount if price and old and old.amount > price.amount else None,
        stock=_stock(record, has_tracker),
        image=record.get("variant image"),
        line=record.line,
    )


def _stock(record: ExportRow, has_tracker: bool) -> Stock:
    """Return the stock; a variant that is not tracked has none that is known, one sold beyond its stock is there."""
    if has_tracker and not record.get("tracker"):
        return None
    count = count_of(record.get("quantity"))
    if count == 0 and record.get("policy").lower() in ("continue", "true"):
        return True
    return count
