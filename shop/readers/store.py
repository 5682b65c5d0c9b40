"""All of prompts/store/: every file read by itself, then what belongs together joined, and a report a file."""

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from shop.products import FileReport, Product, StoreContents, Text
from shop.readers.combinations import with_choices
from shop.readers.decode import name_of
from shop.readers.doubts import doubts_about
from shop.readers.files import read_file
from shop.readers.names import is_own
from shop.readers.reading import FileReading, Terms


def read_store(store: Path, currency: str = "", today: date | None = None) -> StoreContents:
    """Return all that the files of a directory hold; an unusable file is an error in its report.

    `currency` is the shop's own, `today` the day that the dates of sales are compared with. Files are read in this
    process: shop/readers/bounded.py does it in another one, which hostile files cannot exhaust.
    """
    terms = Terms(currency, today or date.today())
    return contents_of(((name_of(path), read_file(path, terms)) for path in files_of(store)), terms)


def files_of(store: Path) -> list[Path]:
    """Return the owner's files by name; those of editors, file managers and spreadsheet programs are not among them."""
    try:
        names = sorted(os.listdir(store))
    except OSError:
        return []
    return [store / name for name in names if is_own(name)]


def contents_of(readings: Iterable[tuple[str, FileReading]], terms: Terms) -> StoreContents:
    """Return the contents of a store from its files' readings, in the order given."""
    read = with_choices(dict(readings), terms)
    products = list[Product]()
    texts = list[Text]()
    reports = list[FileReport]()
    doubts = doubts_about(read, terms)
    for name, reading in read.items():
        products.extend(reading.products)
        reports.append(reading.report(name, doubts.get(name, ())))
        if reading.text is not None:
            texts.append(Text(name, reading.text))
    return StoreContents(tuple(products), tuple(texts), tuple(reports))
