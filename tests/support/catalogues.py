"""Catalogues for tests and measurements: the shop's products out of a plain CSV, texts out of lines, without the readers."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from settings import ROOT
from shop.products import FileReport, Option, Product, StoreContents, Text, Variant
from shop.search.index import Index, build

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


def demo_contents(store: Path = ROOT / "prompts" / "store") -> StoreContents:
    """Return the contents of the demonstration shop: its products with their options, and its texts."""
    rows = csv.DictReader(io.StringIO((store / "products.csv").read_text()))
    products = [_demo_product(row, line) for line, row in enumerate(rows, 2)]
    return contents_of(products, {path.name: path.read_text() for path in sorted(store.glob("*.md"))})


def _demo_product(row: Mapping[str, str], line: int) -> Product:
    plain = {**row, "category": row["family"]}
    values = tuple(value.strip() for value in row["options"].split(";"))
    return replace(product_of(plain, line), options=(Option("", values),), currency="BRL")


def variants_contents(file: Path) -> StoreContents:
    """Return the contents of a JSON file of products with their variants: {name, variants: {id: {options, available, price}}}."""
    listed = json.loads(file.read_text()).values()
    return contents_of([_product_of_variants(one, line, file.name) for line, one in enumerate(listed, 1)])


def _product_of_variants(one: Mapping[str, Any], line: int, file: str) -> Product:
    variants = tuple(
        Variant(tuple(each["options"].items()), number, round(each["price"] * 100), stock=each["available"])
        for number, each in one["variants"].items()
    )
    names = dict.fromkeys(name for each in variants for name, _ in each.choice)
    options = tuple(
        Option(name, tuple(dict.fromkeys(value for each in variants for key, value in each.choice if key == name)))
        for name in names
    )
    price = min(each.price or 0 for each in variants)
    return Product(one["name"], price=price, options=options, variants=variants, file=file, line=line)
