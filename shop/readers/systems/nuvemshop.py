"""Nuvemshop's (Tiendanube's) product export in Portuguese, Spanish or English: one row a variant, the first says all."""

from dataclasses import replace

from shop.products import Product, Stock, Variant
from shop.readers.cells import count_of, is_no
from shop.readers.families import options_of, summed
from shop.readers.generic import reduced
from shop.readers.html import one_line, plain_text
from shop.readers.notes import HIDDEN, NAMELESS, Notes
from shop.readers.reading import FileReading, Terms, reading_of
from shop.readers.records import ExportRow, PricesOf, doubt_without_price, records_of
from shop.readers.tables import Table

KIND = "Nuvemshop"
_HEADERS = {
    "id": ("identificador url", "identificador de url", "identificador da url", "url identifier", "identifier url"),
    "name": ("nome", "nombre", "name"),
    "category": ("categorias", "categories"),
    "price": ("preco", "precio", "price"),
    "sale": ("preco promocional", "precio promocional", "promotional price"),
    "stock": ("estoque", "stock"),
    "sku": ("sku",),
    "shown": ("exibir na loja", "mostrar en tienda", "mostrar na loja", "show in store", "display in store"),
    "visibility": ("visibilidade", "visibilidad", "visibility"),
    "text": ("descricao", "descripcion", "description"),
    "brand": ("marca", "brand"),
}
_OPTIONS = (
    ("nome da variacao", "valor da variacao"), ("nombre de propiedad", "valor de propiedad"), ("nome da propriedade", "valor da propriedade"),
    ("nombre de la variante", "valor de la variante"), ("property name", "property value"), ("variation name", "variation value"),
)  # fmt: skip
NAMES = {header: name for name, headers in _HEADERS.items() for header in headers} | {
    f"{header} {n}": f"{part} {n}"
    for pair in _OPTIONS
    for part, header in zip(("option", "value"), pair, strict=True)
    for n in (1, 2, 3)
}


def fits(headers: frozenset[str]) -> bool:
    found = {NAMES[header] for header in headers if header in NAMES}
    return {"id", "name", "price"} <= found and bool(found & {"option 1", "sale", "shown"})


def read(table: Table, file: str, terms: Terms, notes: Notes) -> FileReading:
    """Return the products; a row without an identifier, or with that of the row before, is one more variant."""
    records = records_of(table, NAMES)
    prices = PricesOf(records, ("price", "sale"), terms.currency)
    products = list[Product]()
    for group in _groups(records):
        first = group[0]
        if not first.get("name"):
            notes.leave_out(NAMELESS)
        elif is_no(first.get("shown") or "sim") or first.get("visibility").lower() in ("oculto", "hidden"):
            notes.leave_out(HIDDEN)
        else:
            products.append(_product(group, file, prices, notes))
    return reading_of(KIND, products, notes)


def _groups(records: list[ExportRow]) -> list[list[ExportRow]]:
    groups = list[list[ExportRow]]()
    by_id = dict[str, list[ExportRow]]()
    for record in records:
        key = record.get("id")
        if not key and groups and not record.get("name"):
            groups[-1].append(record)
        elif key and key in by_id:
            by_id[key].append(record)
        else:
            groups.append([record])
            by_id[key] = groups[-1]
    return groups


def _product(group: list[ExportRow], file: str, prices: PricesOf, notes: Notes) -> Product:
    first = group[0]
    names = [first.get(f"option {n}") for n in (1, 2, 3)]
    variants = tuple(_variant(record, first, names, prices) for record in group)
    only = variants[0]
    product = Product(
        name=one_line(first.get("name")),
        sku=only.sku,
        category=one_line(first.get("category")),
        brand=one_line(first.get("brand")),
        price=only.price,
        old_price=only.old_price,
        stock=only.stock,
        options=options_of(variants),
        text=plain_text(first.get("text")),
        file=file,
        line=first.line,
    )
    for variant in variants:
        doubt_without_price(variant.price, variant.line, notes)
    return replace(summed(product, variants), options=product.options) if len(variants) > 1 else product


def _variant(record: ExportRow, first: ExportRow, names: list[str], prices: PricesOf) -> Variant:
    """Return a variant; where its price is blank, it is that of the first row."""
    price = prices.money(record, "price")
    sale = prices.money(record, "sale")
    if price is None:
        price, sale = prices.money(first, "price"), prices.money(first, "sale")
    now, before = reduced(price, sale, None) if price else (None, None)
    values = [(record.get(f"option {n}") or name, record.get(f"value {n}")) for n, name in enumerate(names, 1)]
    return Variant(
        choice=tuple((name, one_line(value)) for name, value in values if value),
        sku=record.get("sku"),
        price=now,
        old_price=before,
        stock=_stock(record),
        line=record.line,
    )


def _stock(record: ExportRow) -> Stock:
    """Return the stock; blank means that it is not counted: there is always some."""
    return count_of(record.get("stock")) if record.get("stock") else True
