"""Wix Stores' product export, of the older catalogue (handleId, surcharges) and the newer one (handle, prices of variants)."""

from dataclasses import replace

from shop.products import Option, Product, Stock, Variant
from shop.readers.cells import count_of, is_no
from shop.readers.families import options_of, summed
from shop.readers.folding import fold
from shop.readers.html import one_line, plain_text
from shop.readers.notes import HIDDEN, NAMELESS, Notes
from shop.readers.prices import EXACT
from shop.readers.reading import FileReading, Terms, reading_of
from shop.readers.records import ExportRow, PricesOf, doubt_without_price, records_of
from shop.readers.tables import Table

KIND = "Wix"
_MEDIA = "https://static.wixstatic.com/media/"
_OF_OPTIONS = (("name", "option"), ("type", "type"), ("description", "values"), ("choices", "values"))
_COLOURS = ("color", "swatch choices")
"""Types of options whose choices have a colour before their name."""
_NUMBERS = range(1, 7)
"""Of options and of additional infos."""
NAMES = {
    "handle id": "id", "handle": "id", "field type": "kind", "name": "name", "description": "text", "plain description": "text",
    "product image url": "image", "media": "image", "collection": "category", "categories": "category", "sku": "sku", "price": "price",
    "strikethrough price": "old", "surcharge": "surcharge", "visible": "visible", "discount mode": "mode",
    "discount value": "discount", "inventory": "stock", "brand": "brand",
} | {
    f"additional info {part}{blank}{n}": f"info {part} {n}"
    for part in ("title", "description") for blank in ("", " ") for n in _NUMBERS
} | {
    f"product option {part}{blank}{n}": f"{name} {n}"
    for part, name in _OF_OPTIONS for blank in ("", " ") for n in _NUMBERS
}  # fmt: skip


def fits(headers: frozenset[str]) -> bool:
    return {"field type", "name", "price"} <= headers and bool(headers & {"handle id", "handle"})


def read(table: Table, file: str, terms: Terms, notes: Notes) -> FileReading:
    """Return the products, the rows of variants under the product before them."""
    records = records_of(table, NAMES)
    prices = PricesOf(records, ("price", "old", "surcharge", "discount"), terms.currency)
    groups = dict[str, list[ExportRow]]()
    for record in records:
        groups.setdefault(record.get("id") or f"line {record.line}", []).append(record)
    products = list[Product]()
    for group in groups.values():
        first = next((record for record in group if record.get("kind").lower() != "variant"), group[0])
        variants = [record for record in group if record.get("kind").lower() == "variant"]
        if not first.get("name"):
            notes.leave_out(NAMELESS)
        elif is_no(first.get("visible") or "true"):
            notes.leave_out(HIDDEN)
        else:
            products.append(_product(first, variants, file, prices, notes))
    return reading_of(KIND, products, notes)


def _product(first: ExportRow, rows: list[ExportRow], file: str, prices: PricesOf, notes: Notes) -> Product:
    names = [first.get(f"option {n}") for n in _NUMBERS]
    price, old = _price(first, prices, 0)
    shown = [row for row in rows if not is_no(row.get("visible") or "true")]
    if len(shown) < len(rows):
        notes.leave_out(HIDDEN, len(rows) - len(shown))
    variants = tuple(_variant(row, first, names, prices) for row in shown)
    product = Product(
        name=one_line(first.get("name")),
        sku=first.get("sku"),
        category=one_line(first.get("category").replace(";", ", ")),
        brand=one_line(first.get("brand")),
        price=price,
        old_price=old,
        stock=_stock(first),
        options=_options(first, names) or options_of(variants),
        text=_text(first),
        image=_image(first.get("image")),
        file=file,
        line=first.line,
    )
    if variants:
        product = replace(summed(product, variants), options=product.options)
        product = replace(product, stock=_stock(first) if product.stock is None else product.stock)
    doubt_without_price(product.price, first.line, notes)
    return product


def _price(record: ExportRow, prices: PricesOf, surcharge: int) -> tuple[int | None, int | None]:
    """Return the price with a variant's surcharge and the product's discount, and what it is reduced from."""
    price = prices.money(record, "price")
    if price is None and surcharge <= 0:
        return None, None
    full = (price.amount if price else 0) + surcharge
    old = prices.money(record, "old")
    if old and old.amount > full:
        return full, old.amount
    discount = prices.money(record, "discount")
    now = full
    if discount and record.get("mode").upper() == "PERCENT":
        now = round(full * (10_000 - discount.amount) / 10_000)
    elif discount:
        now = full - discount.amount
    return (now, full) if 0 < now < full else (full, None)


def _variant(row: ExportRow, first: ExportRow, names: list[str], prices: PricesOf) -> Variant:
    surcharge = _signed(row.get("surcharge"))
    own, own_old = _price(row, prices, 0)
    price, old = (own, own_old) if own is not None else _price(first, prices, surcharge)
    pairs = [(name, _value(row.get(f"values {n}"), first.get(f"type {n}"))) for n, name in enumerate(names, 1)]
    return Variant(
        choice=tuple(pair for pair in pairs if pair[1]),
        sku=row.get("sku"),
        price=price,
        old_price=old,
        stock=_stock(row),
        image=_image(row.get("image")),
        line=row.line,
    )


def _signed(cell: str) -> int:
    money = EXACT.money(cell.lstrip("-")) if cell else None
    return (money.amount if money else 0) * (-1 if cell.startswith("-") else 1)


def _text(record: ExportRow) -> str:
    """Return the description with what the page says below it: "Burn time: 40 hours"."""
    infos = ((record.get(f"info title {n}"), one_line(record.get(f"info description {n}"))) for n in _NUMBERS)
    lines = [f"{one_line(title)}: {info}" for title, info in infos if title and info]
    return "\n".join(filter(None, (plain_text(record.get("text")), *lines)))


def _options(record: ExportRow, names: list[str]) -> tuple[Option, ...]:
    found = [
        (name, [_value(choice, record.get(f"type {n}")) for choice in record.get(f"values {n}").split(";")])
        for n, name in enumerate(names, 1)
    ]
    return tuple(Option(name, tuple(filter(None, values))) for name, values in found if name and any(values))


def _value(choice: str, type_: str) -> str:
    """Return the name of a choice; colours stand as "#1a2b3c:Blue", "white:White"."""
    code, sign, name = choice.strip().partition(":")
    is_colour = fold(type_) in _COLOURS or code.startswith(("#", "rgb"))
    return name.strip() if sign and is_colour else choice.strip()


def _image(cell: str) -> str:
    first = cell.split(";")[0].strip()
    return (
        first
        if not first or first.startswith(("http", "//"))
        else _MEDIA + first.removeprefix("wix:image://v1/").split("/")[0]
    )


def _stock(record: ExportRow) -> Stock:
    state = fold(record.get("stock")).replace(" ", "")
    if state in ("instock", "outofstock"):
        return state == "instock"
    return count_of(record.get("stock")) if state.isdigit() else None
