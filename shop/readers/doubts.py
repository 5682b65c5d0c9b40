"""Doubts that no single row shows: the same SKU twice, several currencies, two files with the same products."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from shop.products import Product
from shop.readers.notes import Notes
from shop.readers.reading import FileReading, Terms

_SHOWN = 3
_FEW = 2
"""Rows that are no list."""
_PRICE = re.compile(r"[^\d\s]{0,3} ?\d{1,3}(?:[.,]?\d{3})*[.,]\d{2} ?[^\d\s]{0,3}")


NO_HEADER = 'It is read as a text, not as products: no header names an article and a price. Call the columns "name" and "price".'


def are_prices(rows: Sequence[Sequence[str]]) -> bool:
    """True if most rows have a cell that is written as prices are: a list of products whose header is not understood."""
    priced = sum(any(_PRICE.fullmatch(cell.strip()) for cell in row) for row in rows)
    return len(rows) > _FEW and priced * 2 > len(rows)


def doubts_about(readings: Mapping[str, FileReading], terms: Terms) -> dict[str, tuple[str, ...]]:
    """Return the further doubts about each file, in plain words."""
    first = dict[str, tuple[str, int]]()  # where a SKU stands first
    found = dict[str, tuple[str, ...]]()
    for name, reading in readings.items():
        notes = Notes()
        _doubt_repeated(name, reading, first, notes)
        _doubt_currencies(reading, terms, notes)
        found[name] = notes.doubts()
    return found


def normal_sku(sku: str) -> str:
    """Return a SKU's letters and digits in lower case: how customers write it does not count."""
    return "".join(c for c in sku.lower() if c.isalnum())


def _doubt_repeated(name: str, reading: FileReading, first: dict[str, tuple[str, int]], notes: Notes) -> None:
    elsewhere, again = dict[str, list[str]](), dict[str, list[int]]()
    for sku, line in (pair for product in reading.products for pair in _skus(product)):
        key = normal_sku(sku)
        if not key:
            continue
        file, _ = first.setdefault(key, (name, line))
        if file != name:
            elsewhere.setdefault(file, []).append(sku)
        elif first[key][1] != line:
            again.setdefault(sku, []).append(line)
    for sku, lines in list(again.items())[:_SHOWN]:
        for line in lines:
            notes.doubt(f"The SKU {sku} stands here again, first in line {first[normal_sku(sku)][1]}", line)
    if len(again) > _SHOWN:
        notes.doubt(f"{len(again) - _SHOWN} more SKUs stand in several lines")
    for file, skus in elsewhere.items():
        shown = ", ".join(dict.fromkeys(skus[:_SHOWN]))
        if len(skus) == 1:
            notes.doubt(f"1 SKU stands in {file} too ({shown}); is one of the files old?")
        else:
            notes.doubt(f"{len(skus):,} SKUs stand in {file} too ({shown}); is one of the files old?")


def _skus(product: Product) -> Iterator[tuple[str, int]]:
    yield product.sku, product.line
    for variant in product.variants:
        yield variant.sku, variant.line


def _doubt_currencies(reading: FileReading, terms: Terms, notes: Notes) -> None:
    counts = Counter(product.currency for product in reading.products if product.currency)
    if len(counts) > 1:
        listed = ", ".join(f"{currency} ({count})" for currency, count in counts.most_common())
        notes.doubt(f"Prices are in several currencies: {listed}")
    elif counts and terms.currency and terms.currency not in counts:
        notes.doubt(f"Prices are in {next(iter(counts))}, the shop's currency is {terms.currency}")
