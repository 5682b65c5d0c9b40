"""WooCommerce's product export, in whatever language: variable products and their variations are rows of their own."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from shop.products import Option, Product, Stock, Variant
from shop.readers.cells import count_of, first_address, values_in
from shop.readers.families import options_of, summed
from shop.readers.folding import fold
from shop.readers.html import one_line, plain_text
from shop.readers.notes import DRAFT, HIDDEN, NAMELESS, Notes
from shop.readers.reading import FileReading, Terms, reading_of
from shop.readers.records import ExportRow, PricesOf, doubt_without_price, records_at
from shop.readers.tables import Table

KIND = "WooCommerce"
_HEADERS = {
    "id": ("id",),
    "type": ("type", "tipo", "typ"),
    "sku": ("sku", "artikelnummer", "ugs", "cod", "codice", "referencia"),
    "name": ("name", "nome", "nombre", "nom"),
    "published": ("published", "publicado", "pubblicato", "veroffentlicht", "publie"),
    "visibility": (
        "visibility in catalog", "visibility in catalogue", "visibilidade no catalogo", "visibilidad en el catalogo",
        "visibilita nel catalogo", "sichtbarkeit im katalog", "visibilite dans le catalogue",
    ),
    "short": ("short description", "descricao curta", "descripcion corta", "breve descrizione", "kurzbeschreibung", "description courte"),
    "text": ("description", "descricao", "descripcion", "descrizione", "beschreibung"),
    "sale begins": (
        "date sale price starts", "data de preco promocional comeca em", "data de inicio do preco promocional", "dia en que empieza el precio rebajado",
        "data di inizio del prezzo in saldo", "data di partenza del prezzo in saldo", "data inizio saldo", "datum an dem angebotspreis beginnt", "date de debut de promo",
    ),
    "sale ends": (
        "date sale price ends", "data de preco promocional termina em", "data de termino do preco promocional", "dia en que termina el precio rebajado",
        "data di fine del prezzo in saldo", "data in cui termina l offerta", "data fine saldo", "datum an dem angebotspreis endet", "date de fin de promo",
    ),
    "in stock": ("in stock", "em estoque", "existencias", "en inventario", "hay existencias", "vorratig", "en stock"),
    "stock": ("stock", "estoque", "inventario", "magazzino", "lager", "bestand", "lagerbestand"),
    "sale": ("sale price", "preco promocional", "precio rebajado", "precio de oferta", "prezzo in offerta", "angebotspreis", "tarif promo"),
    "regular": ("regular price", "preco", "preco normal", "precio normal", "prezzo di listino", "regularer preis", "tarif regulier", "tarif normal"),
    "category": ("categories", "categorias", "categorie", "kategorien"),
    "brand": ("brands", "brand", "marcas", "marchi", "marken", "marques"),
    "image": ("images", "imagens", "imagenes", "immagini", "immagine", "bilder"),
    "parent": ("parent", "ascendente", "superior", "principal", "genitore", "ubergeordnetes produkt", "ubergeordnet"),
    "url": ("external url", "url externa", "url esterno", "externe url", "url externe"),
}  # fmt: skip
NAMES = {header: name for name, headers in _HEADERS.items() for header in headers}
_ATTRIBUTE = re.compile(r"\b(?:attribute?|attributo|atributo)\b")
_NAME = re.compile(r"\b(?:name|nome|nombre|nom)\b")
_VALUES = re.compile(r"\b(?:value|valor|valores|valore|valori|wert|werte|valeur|valeurs)\b")
_NUMBER = re.compile(r"\b\d{1,2}\b")


@dataclass(frozen=True, slots=True)
class WooRow:
    """One row: its record, and the names and values of its attributes."""

    record: ExportRow
    attributes: tuple[tuple[str, str], ...]

    @property
    def types(self) -> set[str]:
        return {part.strip().lower() for part in self.record.get("type").split(",")}


def fits(headers: frozenset[str]) -> bool:
    """True if the headers are those of a WooCommerce export in one of the known languages."""
    found = {NAMES[header] for header in headers if header in NAMES}
    is_own = any(_ATTRIBUTE.search(header) and _NUMBER.search(header) for header in headers)
    return {"type", "name", "regular"} <= found and (is_own or {"published", "visibility"} <= found)


def read(table: Table, file: str, terms: Terms, notes: Notes) -> FileReading:
    """Return the products of an export, variations under their parents."""
    rows = _rows(table)
    prices = PricesOf([row.record for row in rows], ("regular", "sale"), terms.currency)
    variations = dict[str, list[WooRow]]()
    for row in rows:
        if "variation" in row.types:
            variations.setdefault(_parent(row.record.get("parent")), []).append(row)
    products = list[Product]()
    for row in rows:
        if "variation" in row.types:
            continue
        keys = (f"id:{row.record.get('id')}", row.record.get("sku").lower())
        own = [variation for key in keys if key for variation in variations.pop(key, [])]
        own.sort(key=lambda variation: variation.record.line)
        if reason := reason_left_out(row.record):
            notes.leave_out(reason, 1)
        else:
            products.append(_product(row, own, file, prices, terms.today, notes))
    for orphans in variations.values():
        for row in orphans:
            notes.leave_out("variation without its product")
            notes.doubt("The product of this variation is not in the file", row.record.line)
    return reading_of(KIND, products, notes)


def reason_left_out(record: ExportRow) -> str | None:
    """Return why a product or a variation is not shown to customers."""
    published = record.get("published")
    if published in ("-1", "0"):
        return DRAFT if published == "-1" else HIDDEN
    if record.get("visibility").lower() == "hidden":
        return HIDDEN
    return None if record.get("name") or "variation" in record.get("type") else NAMELESS


def _rows(table: Table) -> list[WooRow]:
    positions = dict[str, int]()
    numbers = dict[str, None]()
    for n, header in enumerate(table.header):
        folded = fold(header)
        number = _NUMBER.search(folded)
        if number and _ATTRIBUTE.search(folded):
            part = "values" if _VALUES.search(folded) else "name" if _NAME.search(folded) else "more"
            positions.setdefault(f"attribute {part} {number[0]}", n)
            numbers[number[0]] = None
        elif folded in NAMES:
            is_question = header.rstrip().endswith("?")  # "In stock?" beside "Stock"
            name = "in stock" if NAMES[folded] == "stock" and is_question else NAMES[folded]
            positions.setdefault(name, n)
    return [WooRow(record, _attributes(record, numbers)) for record in records_at(table, positions)]


def _attributes(record: ExportRow, numbers: Iterable[str]) -> tuple[tuple[str, str], ...]:
    pairs = ((record.get(f"attribute name {n}"), record.get(f"attribute values {n}")) for n in numbers)
    return tuple((one_line(name), one_line(values)) for name, values in pairs if name)


def _parent(reference: str) -> str:
    return reference.replace(" ", "") if reference.lower().startswith("id:") else reference.lower()


def _product(row: WooRow, variations: list[WooRow], file: str, prices: PricesOf, today: date, notes: Notes) -> Product:
    record = row.record
    price, old = prices.reduced(record, "regular", "sale", ("sale begins", "sale ends"), today)
    shown = [variation for variation in variations if not reason_left_out(variation.record)]
    notes.left_out.update({HIDDEN: len(variations) - len(shown)} if len(shown) < len(variations) else {})
    variants = tuple(_variant(variation, prices, today) for variation in shown)
    product = Product(
        name=one_line(record.get("name")),
        sku=record.get("sku"),
        category=one_line(record.get("category")),
        brand=one_line(record.get("brand")),
        price=price,
        old_price=old,
        stock=stock_of(record),
        options=_options(row, variants),
        text=text_of(record.get("short"), record.get("text")),
        url=first_address(record.get("url")),
        image=first_address(record.get("image")),
        file=file,
        line=record.line,
    )
    if variants:
        product = replace(summed(product, variants), options=product.options)
        for variant in variants:
            doubt_without_price(variant.price, variant.line, notes)
    elif price is None:
        notes.doubt(NO_PRICE.get(record.get("type"), "No price"), record.line)
    return product


NO_PRICE: Mapping[str, str] = {
    "grouped": "A group of products without a price of its own",
    "variable": "A variable product without variations has no price",
}


def _variant(row: WooRow, prices: PricesOf, today: date) -> Variant:
    record = row.record
    price, old = prices.reduced(record, "regular", "sale", ("sale begins", "sale ends"), today)
    return Variant(
        choice=tuple((name, value) for name, value in row.attributes if value),
        sku=record.get("sku"),
        price=price,
        old_price=old,
        stock=stock_of(record),
        image=first_address(record.get("image")),
        line=record.line,
    )


def _options(row: WooRow, variants: tuple[Variant, ...]) -> tuple[Option, ...]:
    """Return what the product itself lists, and what only its variations name."""
    own = tuple(Option(name, values_in(value.replace("\\,", "‚"))) for name, value in row.attributes if value)
    named = {option.name for option in own}
    return own + tuple(option for option in options_of(variants) if option.name not in named)


def stock_of(record: ExportRow) -> Stock:
    """Return the stock; products that are not counted are in stock or not."""
    state = record.get("in stock").lower()
    count = count_of(record.get("stock"))
    if state in ("0", "no", "outofstock"):
        return 0 if count is not None else False
    if count:
        return count
    if state in ("1", "yes", "instock", "backorder", "onbackorder"):
        return True
    return count


def text_of(short: str, long: str) -> str:
    """Return the two descriptions as one text; exports write line feeds as a backslash and an n."""
    parts = [plain_text(part.replace("\\r", "").replace("\\n", "\n")) for part in (short, long)]
    return "\n".join(dict.fromkeys(part for part in parts if part))
