"""Magento's product export (2, and 1 where its columns differ): simple rows are the variants of configurable ones."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from shop.products import Option, Product, Stock, Variant
from shop.readers.cells import count_of, is_no, is_yes
from shop.readers.families import options_of, summed
from shop.readers.generic import is_attribute, is_told
from shop.readers.html import one_line, plain_text
from shop.readers.notes import HIDDEN, NAMELESS, Notes
from shop.readers.reading import FileReading, Terms, reading_of
from shop.readers.records import ExportRow, PricesOf, doubt_without_price, records_of
from shop.readers.tables import Table

KIND = "Magento"
NAMES = {
    "sku": "sku", "store view code": "store", "store": "store", "product type": "type", "type": "type",
    "categories": "category", "category": "category", "name": "name", "description": "text",
    "short description": "short", "product online": "online", "status": "online", "visibility": "visibility",
    "price": "price", "special price": "sale", "special price from date": "begins", "special from date": "begins",
    "special price to date": "ends", "special to date": "ends", "base image": "image", "image": "image", "qty": "quantity",
    "is in stock": "in stock", "additional attributes": "attributes", "configurable variations": "variations",
    "configurable variation labels": "labels", "manufacturer": "brand", "brand": "brand",
}  # fmt: skip
_UNSHOWN = ("not visible individually", "1")
_COMPOSITE = frozenset(("configurable", "grouped", "bundle"))
_SHORT_LINE = 120
_BRANDS = ("manufacturer", "brand")
_OPTIONS = ("color", "colour", "size", "material", "pattern")
"""Attributes that are options, where nothing is chosen by them."""
_PAIR = re.compile(r",(?=[A-Za-z_]\w*=)")


def fits(headers: frozenset[str]) -> bool:
    second = {"sku", "product type", "name"} <= headers and bool(headers & {"attribute set code", "store view code"})
    return second or {"sku", "attribute set", "type", "visibility", "price"} <= headers


def read(table: Table, file: str, terms: Terms, notes: Notes) -> FileReading:
    """Return the products: simple rows that a configurable one names become its variants."""
    records = [record for record in records_of(table, NAMES) if record.get("sku")]
    prices = PricesOf(records, ("price", "sale"), terms.currency)
    own = {record.get("sku"): record for record in records if record.get("store") in ("", "admin", "default")}
    notes.left_out.update({"another store view": len(records) - len(own)} if len(own) < len(records) else {})
    shown = {sku: record for sku, record in own.items() if _is_online(record)}
    children = {
        sku
        for record in shown.values()
        if record.get("name") and not _is_unshown(record)
        for sku, _ in variations_of(record)
        if sku in own and sku != record.get("sku")
    }
    products = list[Product]()
    for sku, record in own.items():
        if sku in children:
            continue
        if not record.get("name"):
            notes.leave_out(NAMELESS)
        elif sku not in shown or _is_unshown(record):
            notes.leave_out(HIDDEN)
        else:
            products.append(_product(record, shown, file, prices, terms, notes))
    return reading_of(KIND, products, notes)


def variations_of(record: ExportRow) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """Return SKU and choice of each variant out of "sku=A-1,color=Red,size=M|sku=A-2,...", under the options' labels."""
    labels = dict(_pairs(record.get("labels")))
    for part in record.get("variations").split("|"):
        pairs = dict(_pairs(part))
        if sku := pairs.pop("sku", ""):
            yield (
                sku,
                tuple((labels.get(name, name.replace("_", " ").capitalize()), value) for name, value in pairs.items()),
            )


def _pairs(cell: str) -> Iterator[tuple[str, str]]:
    for part in _PAIR.split(cell):
        name, sign, value = part.partition("=")
        if sign:
            yield name.strip(), value.strip()


def _is_online(record: ExportRow) -> bool:
    return record.get("online") not in ("0", "2")


def _is_unshown(record: ExportRow) -> bool:
    return record.get("visibility").lower() in _UNSHOWN


def _product(
    record: ExportRow, shown: dict[str, ExportRow], file: str, prices: PricesOf, terms: Terms, notes: Notes
) -> Product:
    attributes = dict(_pairs(record.get("attributes")))
    price, old = prices.reduced(record, "price", "sale", ("begins", "ends"), terms.today)
    choices = dict(variations_of(record))
    variants = tuple(_variant(shown[sku], choice, prices, terms) for sku, choice in choices.items() if sku in shown)
    product = Product(
        name=one_line(record.get("name")),
        sku=record.get("sku"),
        category=_category(record.get("category")),
        brand=record.get("brand") or next(filter(None, map(attributes.get, _BRANDS)), ""),
        price=price,
        old_price=old,
        stock=_stock(record),
        options=_options(attributes, variants),
        text=_text(record, attributes, [(shown[sku], choice) for sku, choice in choices.items() if sku in shown]),
        image=record.get("image") if record.get("image") != "no_selection" else "",
        file=file,
        line=record.line,
    )
    if variants:
        product = replace(summed(product, variants), options=product.options)
    if product.price is None:
        notes.doubt(f'No price: "{product.name}" is a {record.get("type") or "simple"} product', record.line)
    for variant in variants:
        doubt_without_price(variant.price, variant.line, notes)
    return product


def _text(
    record: ExportRow, attributes: Mapping[str, str], variants: Sequence[tuple[ExportRow, tuple[tuple[str, str], ...]]]
) -> str:
    """Return the descriptions, with the short lines that those of the variants have besides: "8 foot: 2 cm wide"."""
    texts = dict.fromkeys(filter(None, map(plain_text, (record.get("short"), record.get("text")))))
    lines = "\n".join(texts).split("\n") if texts else []
    for variant, choice in variants:
        own = (line for line in plain_text(variant.get("text")).split("\n") if line and line not in lines)
        name = ", ".join(value for _, value in choice)
        lines += [f"{name}: {line.removeprefix('- ')}" for line in own if len(line) <= _SHORT_LINE]
    lines += [
        f"{name.replace('_', ' ').capitalize()}: {value.replace('|', ', ')}"
        for name, value in attributes.items()
        if name not in _OPTIONS and is_attribute(name) and is_told(value) and not is_yes(value) and not is_no(value)
    ]
    return "\n".join(lines)


def _variant(record: ExportRow, choice: tuple[tuple[str, str], ...], prices: PricesOf, terms: Terms) -> Variant:
    price, old = prices.reduced(record, "price", "sale", ("begins", "ends"), terms.today)
    return Variant(choice, record.get("sku"), price, old, _stock(record), record.get("image"), record.line)


def _stock(record: ExportRow) -> Stock:
    """Return the stock; what is made of other products has no count of its own, only "in stock"."""
    state = record.get("in stock")
    if record.get("type") in _COMPOSITE:
        return state == "1" if state else None
    count = count_of(record.get("quantity"))
    if state == "0":
        return 0 if count is not None else False
    return True if state == "1" and not count else count


def _category(cell: str) -> str:
    """Return the deepest category, without the root that every shop has."""
    paths = [part.strip() for part in re.split(r"[|,](?!\s)", cell) if part.strip()]
    deepest = max(paths, key=lambda path: path.count("/"), default="")
    return " > ".join(part for part in deepest.split("/") if part not in ("Default Category", "Root Catalog"))


def _options(attributes: dict[str, str], variants: tuple[Variant, ...]) -> tuple[Option, ...]:
    """Return what the variants choose between, and the attributes that say what the product is like."""
    chosen = options_of(variants)
    known = {option.name.lower() for option in chosen}
    return chosen + tuple(
        Option(name.capitalize(), tuple(attributes[name].split("|")))
        for name in _OPTIONS
        if attributes.get(name) and name not in known
    )
