"""Files of a shop, written for one test and read."""

from datetime import date
from pathlib import Path

from shop.products import FileReport, Product, StoreContents
from shop.readers.store import read_store

TODAY = date(2026, 3, 1)


def read_files(directory: Path, files: dict[str, str | bytes], currency: str = "") -> StoreContents:
    """Write the files and return what is read of the directory on TODAY."""
    for name, content in files.items():
        (directory / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_store(directory, currency, TODAY)


def products_of(directory: Path, name: str, content: str | bytes, currency: str = "") -> tuple[Product, ...]:
    return read_files(directory, {name: content}, currency).products


def report_of(directory: Path, name: str, content: str | bytes, currency: str = "") -> FileReport:
    return read_files(directory, {name: content}, currency).reports[0]


def table(*rows: str, delimiter: str = ",") -> str:
    """Return rows, cells parted by bars, as delimited text with all cells quoted."""
    cells = ([cell.strip().replace('"', '""') for cell in row.split("|")] for row in rows)
    return "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in cells) + "\n"
