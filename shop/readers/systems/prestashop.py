"""PrestaShop's import and export of products, and the file of combinations that goes with it."""

import re
from datetime import date
from decimal import Decimal

from shop.products import Product, Stock, Variant
from shop.readers.cells import count_of, first_address, is_no
from shop.readers.dates import is_within
from shop.readers.html import one_line, plain_text
from shop.readers.notes import HIDDEN, NAMELESS, Notes
from shop.readers.prices import Money, numbers_of
from shop.readers.reading import Choices, FileReading, Terms
from shop.readers.records import ExportRow, PricesOf, doubt_without_price, records_of
from shop.readers.tables import Table

KIND = "PrestaShop"
COMBINATIONS = "PrestaShop combinations"
NAMES = {
    "product id": "id", "id": "id", "active 0 1": "active", "name": "name", "categories x y z": "category",
    "price tax excluded": "price", "price tax excl": "price", "price tax included": "price with tax",
    "price tax incl": "price with tax", "price tax excluded or price tax included": "price",
    "discount amount": "amount", "discount percent": "percent", "discount from yyyy mm dd": "begins",
    "discount to yyyy mm dd": "ends", "reference": "sku", "manufacturer": "brand", "brand": "brand",
    "quantity": "quantity", "visibility": "visibility", "summary": "short", "short description": "short",
    "description": "text", "show price 0 no 1 yes": "shows price", "image urls x y z": "image",
    "out of stock action": "when sold out", "out of stock": "when sold out", "condition": "condition",
    "feature name value position": "features", "feature name value position customized": "features",
}  # fmt: skip
OF_COMBINATIONS = {
    "product id": "id", "attribute name type position": "attributes", "value value position": "values",
    "reference": "sku", "impact on price": "impact", "quantity": "quantity", "image urls x y z": "image",
    "default 0 no 1 yes": "default",
}  # fmt: skip
_FEATURE = re.compile(r"([^:,]+):([^:]+):\d+(?::\d+)?(?:,|$)")


def fits(headers: frozenset[str]) -> bool:
    prices = {"price tax excluded", "price tax included", "price tax excluded or price tax included"}
    return {"name", "active 0 1"} <= headers and bool(headers & prices)


def fits_combinations(headers: frozenset[str]) -> bool:
    return {"product id", "attribute name type position", "value value position"} <= headers


def read(table: Table, file: str, terms: Terms, notes: Notes) -> FileReading:
    """Return the products; their combinations, if any, stand in another file."""
    records = records_of(table, NAMES)
    prices = PricesOf(records, ("price", "price with tax", "amount"), terms.currency)
    if not any(record.get("price with tax") for record in records):
        notes.doubt("Prices are those of the column without tax")
    products, ids, hidden = list[Product](), list[str](), list[str]()
    for record in records:
        if reason := _reason_left_out(record):
            notes.leave_out(reason)
            hidden.append(record.get("id"))
        else:
            products.append(_product(record, file, prices, terms.today, notes))
            ids.append(record.get("id"))
    return FileReading(
        KIND, tuple(products), dict(notes.left_out), notes.doubts(), ids=tuple(ids), hidden_ids=tuple(hidden)
    )


def read_combinations(table: Table, file: str, terms: Terms, notes: Notes) -> FileReading:
    """Return the variants for the products of another file, each with what it adds to the price."""
    records = records_of(table, OF_COMBINATIONS)
    impacts = numbers_of(record.get("impact") for record in records)
    by_product = dict[str, list[tuple[Variant, int]]]()
    for record in records:
        variant = Variant(
            choice=_choice(record),
            sku=record.get("sku"),
            stock=count_of(record.get("quantity")),
            image=first_address(record.get("image")),
            line=record.line,
        )
        value = impacts.value(record.get("impact").lstrip("-") or "0") or Decimal(0)
        impact = int(value * 100) * (-1 if record.get("impact").startswith("-") else 1)
        by_product.setdefault(record.get("id"), []).append((variant, impact))
    choices = tuple(
        Choices(product_id, tuple(v for v, _ in pairs), tuple(i for _, i in pairs))
        for product_id, pairs in by_product.items()
    )
    return FileReading(COMBINATIONS, left_out=dict(notes.left_out), doubts=notes.doubts(), choices=choices)


def _reason_left_out(record: ExportRow) -> str | None:
    if not record.get("name"):
        return NAMELESS
    return HIDDEN if is_no(record.get("active") or "1") or record.get("visibility").lower() == "none" else None


def _product(record: ExportRow, file: str, prices: PricesOf, today: date, notes: Notes) -> Product:
    price = prices.money(record, "price with tax") or prices.money(record, "price")
    now, before = _discounted(record, price, prices, today)
    if is_no(record.get("shows price") or "1"):
        now = before = None
    doubt_without_price(now, record.line, notes)
    condition = record.get("condition").lower()
    texts = [plain_text(record.get("short")), plain_text(record.get("text"))]
    texts += [f"Condition: {condition}" if condition not in ("", "new") else "", _features(record.get("features"))]
    return Product(
        name=one_line(record.get("name")),
        sku=record.get("sku"),
        category=one_line(record.get("category")),
        brand=one_line(record.get("brand")),
        price=now,
        old_price=before,
        currency=price.currency if price else "",
        stock=_stock(record),
        text="\n".join(dict.fromkeys(text for text in texts if text)),
        image=first_address(record.get("image")),
        file=file,
        line=record.line,
    )


def _features(cell: str) -> str:
    """Return lines out of "Material:Brass:0,Height:42 cm:1"."""
    return "\n".join(f"{name.strip()}: {value.strip()}" for name, value in _FEATURE.findall(one_line(cell)))


def _discounted(record: ExportRow, price: Money | None, prices: PricesOf, today: date) -> tuple[int | None, int | None]:
    """Return the price on a day and the one before; a discount is an amount or a percentage between two dates."""
    if price is None:
        return None, None
    if not is_within(today, record.get("begins"), record.get("ends")):
        return price.amount, None
    amount = prices.money(record, "amount")
    percent = numbers_of([record.get("percent")]).value(record.get("percent")) if record.get("percent") else None
    reduced = price.amount - amount.amount if amount else price.amount
    if percent and 0 < percent < 100:
        reduced = round(price.amount * (100 - percent) / 100)
    return (reduced, price.amount) if 0 < reduced < price.amount else (price.amount, None)


def _stock(record: ExportRow) -> Stock:
    count = count_of(record.get("quantity"))
    return True if count == 0 and record.get("when sold out") == "1" else count


def _choice(record: ExportRow) -> tuple[tuple[str, str], ...]:
    """Return the pairs out of "Color:color:0, Size:select:1" and "Blue:0, M:1"."""
    names = [part.split(":")[0].strip() for part in record.get("attributes").split(",")]
    values = [part.rsplit(":", 1)[0].strip() for part in record.get("values").split(",")]
    return tuple(zip(names, values, strict=False))
