"""Etsy's listings download: one row a listing. Its header is in the seller's language, but its columns keep their places."""

from shop.products import Option, Product
from shop.readers.cells import count_of, values_in
from shop.readers.currencies import currency_code
from shop.readers.folding import fold
from shop.readers.html import one_line, plain_text
from shop.readers.notes import NAMELESS, Notes
from shop.readers.reading import FileReading, Terms, reading_of
from shop.readers.records import ExportRow, PricesOf, doubt_without_price, records_at
from shop.readers.tables import Table

KIND = "Etsy"
_PLACES = ("title", "text", "price", "currency", "quantity", "tags", "materials")
_VARIATIONS = {"name 1": 18, "values 1": 19, "name 2": 21, "values 2": 22, "sku": 23}
_WIDTH = 24


def fits_columns(header: tuple[str, ...]) -> bool:
    """True if the header has Etsy's columns in Etsy's order, in whatever language."""
    folded = [fold(cell) for cell in header]
    return len(folded) >= _WIDTH and folded[3] == "currency code" and all(cell.endswith("1") for cell in (folded[7],))


def read(table: Table, file: str, terms: Terms, notes: Notes) -> FileReading:
    """Return the listings; their variations have no prices of their own in this file."""
    places = {name: n for n, name in enumerate(_PLACES)} | {"image": len(_PLACES)} | _VARIATIONS
    records = records_at(table, places)
    currency = currency_code(records[0].get("currency")) if records else ""
    prices = PricesOf(records, ("price",), currency or terms.currency)
    products = list[Product]()
    for record in records:
        if record.get("title"):
            products.append(_product(record, file, prices, notes))
        else:
            notes.leave_out(NAMELESS)
    return reading_of(KIND, products, notes)


def _product(record: ExportRow, file: str, prices: PricesOf, notes: Notes) -> Product:
    price = prices.money(record, "price")
    doubt_without_price(price.amount if price else None, record.line, notes)
    materials = ", ".join(values_in(record.get("materials").replace(",", ", ").replace("_", " ")))
    text = plain_text(record.get("text"))
    return Product(
        name=one_line(record.get("title")),
        sku=one_line(record.get("sku")),
        price=price.amount if price else None,
        currency=currency_code(record.get("currency")) or (price.currency if price else ""),
        stock=count_of(record.get("quantity")),
        options=tuple(
            Option(
                one_line(record.get(f"name {n}")),
                tuple(one_line(v) for v in record.get(f"values {n}").split(",") if v.strip()),
            )
            for n in (1, 2)
            if record.get(f"values {n}")
        ),
        text="\n".join(filter(None, (text, f"Materials: {materials}" if materials else ""))),
        image=record.get("image"),
        file=file,
        line=record.line,
    )
