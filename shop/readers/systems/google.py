"""Feeds of the Google Merchant kind (also Meta's catalogues), as tables, RSS or Atom: one row a variant."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import takewhile

from shop.products import Option, Product, Stock, Variant
from shop.readers import words
from shop.readers.cells import count_of, first_address, reason_hidden, stock_of
from shop.readers.currencies import currency_code
from shop.readers.dates import is_within
from shop.readers.families import options_of, summed
from shop.readers.folding import fold
from shop.readers.generic import reduced
from shop.readers.html import one_line, plain_text
from shop.readers.notes import NAMELESS, Notes
from shop.readers.reading import FileReading, Terms, reading_of
from shop.readers.records import ExportRow, PricesOf, doubt_without_price, records_of
from shop.readers.tables import Table

KIND = "Google Merchant"
_SAME = (
    "id", "title", "description", "link", "availability", "price", "sale price", "sale price effective date", "brand", "item group id",
    "color", "size", "material", "pattern", "gender", "age group", "product type", "google product category", "quantity", "inventory",
    "status", "visibility", "condition", "currency",
)  # fmt: skip
NAMES = {name: name for name in _SAME} | {f"g {name}": name for name in _SAME} | {
    "g image link": "image", "summary": "description", "image link": "image", "colour": "color", "price amount": "price", "image": "image",
    "quantity to sell on facebook": "quantity", "sell on google quantity": "quantity",
}  # fmt: skip
_CHOICES = ("color", "size", "material", "pattern")
_LABELS = {"color": "Color", "size": "Size", "material": "Material", "pattern": "Pattern"}
_ENDS = " -–—|,/·:(["


def fits(headers: frozenset[str]) -> bool:
    """True if the columns are those of a feed: they are all in English and spelled one way."""
    plain = {header.removeprefix("g ") for header in headers}
    return {"id", "title", "price"} <= plain and len(plain & {"image link", "availability", "link"}) >= 2


def read(table: Table, file: str, terms: Terms, notes: Notes) -> FileReading:
    return read_records(records_of(table, NAMES), file, terms, notes)


def read_records(records: Sequence[ExportRow], file: str, terms: Terms, notes: Notes) -> FileReading:
    """Return the products; items of one group are variants of one."""
    prices = PricesOf(records, ("price", "sale price"), terms.currency)
    groups = dict[str, list[ExportRow]]()
    for n, record in enumerate(records):
        if reason := reason_hidden(record.get("status") or record.get("visibility")):
            notes.leave_out(reason)
        elif not record.get("title"):
            notes.leave_out(NAMELESS)
        else:
            groups.setdefault(record.get("item group id") or f"item {n}", []).append(record)
    products = [
        _joined([_item(record, file, prices, terms.today, notes) for record in group], group)
        for group in groups.values()
    ]
    return reading_of(KIND, products, notes)


def _item(record: ExportRow, file: str, prices: PricesOf, today: date, notes: Notes) -> Product:
    now, before, currency = _price(record, prices, today)
    doubt_without_price(now, record.line, notes)
    text = plain_text(record.get("description"))
    condition = record.get("condition").lower()
    return Product(
        name=one_line(record.get("title")),
        sku=record.get("id"),
        category=_category(record),
        brand=one_line(record.get("brand")),
        price=now,
        currency=currency,
        old_price=before,
        stock=_stock(record),
        options=tuple(Option(_LABELS[name], (record.get(name),)) for name in _CHOICES if record.get(name)),
        text=f"{text}\nCondition: {condition}".strip() if condition not in ("", "new") else text,
        url=record.get("link"),
        image=first_address(record.get("image")),
        file=file,
        line=record.line,
    )


def _category(record: ExportRow) -> str:
    """Return the shop's own category, else Google's, unless that is a number."""
    cell = one_line(record.get("product type") or record.get("google product category"))
    return "" if cell.isdigit() else cell


def _price(record: ExportRow, prices: PricesOf, today: date) -> tuple[int | None, int | None, str]:
    price, sale = prices.money(record, "price"), prices.money(record, "sale price")
    begins, _, ends = record.get("sale price effective date").partition("/")
    if sale and not is_within(today, begins, ends):
        sale = None
    if price is None:
        return None, None, ""
    now, before = reduced(price, sale, None)
    return now, before, price.currency or currency_code(record.get("currency"))


def _stock(record: ExportRow) -> Stock:
    """Return the stock: a count where the feed has one and says that there is any."""
    state = stock_of(record.get("availability"))
    counted = record.get("quantity") or record.get("inventory")
    count = count_of(counted)
    if state is False:
        return 0 if count is not None else False
    return count if count else state if state is not None else count


def _joined(items: list[Product], records: list[ExportRow]) -> Product:
    """Return one product for the items of a group, named by what their titles share."""
    first = items[0]
    if len(items) == 1:
        return first
    differing = [name for name in _CHOICES if len({record.get(name) for record in records}) > 1]
    name = _common([item.name for item in items])
    choices = [tuple((_LABELS[key], record.get(key)) for key in differing if record.get(key)) for record in records]
    if len(set(choices)) < len(choices):
        choices = [
            (*choice, ("", item.name.removeprefix(name).strip(_ENDS) or item.sku))
            for choice, item in zip(choices, items, strict=True)
        ]
    variants = tuple(
        Variant(choice, item.sku, item.price, item.old_price, item.stock, item.image, item.line)
        for choice, item in zip(choices, items, strict=True)
    )
    others = tuple(option for option in first.options if option.name not in {_LABELS[key] for key in differing})
    return replace(summed(replace(first, name=name), variants), options=options_of(variants, others))


def _common(names: list[str]) -> str:
    """Return what the names begin with, in whole words; the first name where that is next to nothing."""
    letters = takewhile(lambda column: len(set(column)) == 1, zip(*names, strict=False))
    shared = "".join(column[0] for column in letters)
    if any(len(name) > len(shared) and name[len(shared)].isalnum() for name in names) and shared[-1:].isalnum():
        shared = shared.rpartition(" ")[0]
    shared = shared.strip(_ENDS)
    before, _, last = shared.rpartition(" ")
    if fold(last) in words.DISTINGUISHING:  # "Cup - Size 11oz" and "Cup - Size 15oz"
        shared = before.strip(_ENDS)
    return shared if len(shared) * 3 >= len(min(names, key=len)) else names[0]
