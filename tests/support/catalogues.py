"""Catalogues for tests and measurements: the shop's products out of a plain CSV, texts out of lines, without the readers."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from shop.index import Index, build
from shop.products import FileReport, Option, Product, StoreContents, Text, Variant

COLOURS, SIZES = "colours", "sizes"


def product_of(row: Mapping[str, str], line: int, file: str = "products.csv") -> Product:
    """Return the product of a row with the columns sku, name, category, brand, price, stock, colours, sizes, description."""
    options = [(name, tuple(v.strip() for v in row.get(name, "").split(";") if v.strip())) for name in (COLOURS, SIZES)]
    return Product(
        name=row["name"],
        sku=row.get("sku", ""),
        category=row.get("category", ""),
        brand=row.get("brand", ""),
        price=round(float(row["price"]) * 100) if row.get("price") else None,
        stock=int(row["stock"]) if row.get("stock") else None,
        options=tuple(Option(name, values) for name, values in options if values),
        text=row.get("description", ""),
        file=file,
        line=line,
    )


def products_of(text: str) -> tuple[Product, ...]:
    """Return the products of a CSV."""
    return tuple(product_of(row, line) for line, row in enumerate(csv.DictReader(io.StringIO(text)), 2))


def contents_of(products: Iterable[Product] = (), texts: Mapping[str, str] | None = None) -> StoreContents:
    """Return the contents of a store with these products and texts, by the texts' files."""
    all_products = tuple(products)
    reports = (FileReport("products.csv", "table", len(all_products), sum(len(one.variants) for one in all_products)),)
    return StoreContents(all_products, tuple(Text(file, text) for file, text in (texts or {}).items()), reports)


def index_of(folder: Path, contents: StoreContents, synonyms: Iterable[Iterable[str]] = ()) -> Index:
    """Return an index built in a folder."""
    path = folder / "catalogue.sqlite"
    build(contents, path, [list(group) for group in synonyms])
    return Index.open(path)


__all__ = ["Variant", "contents_of", "index_of", "product_of", "products_of"]
