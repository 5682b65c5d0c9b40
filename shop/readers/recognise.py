"""Which system a table comes from, by its header, and what reads it."""

from collections.abc import Callable
from dataclasses import dataclass

from shop.readers import generic, tables
from shop.readers.decode import UnusableFile
from shop.readers.folding import fold
from shop.readers.headers import COST, meanings
from shop.readers.notes import Notes
from shop.readers.reading import FileReading, Terms, reading_of
from shop.readers.systems import (
    bigcommerce,
    ecwid,
    etsy,
    google,
    magento,
    nuvemshop,
    prestashop,
    shopify,
    wix,
    woocommerce,
)
from shop.readers.tables import Table, TableRow

Read = Callable[[Table, str, Terms, Notes], FileReading]


@dataclass(frozen=True, slots=True)
class System:
    """A shop system's export: the header that it is recognised by, and its reader."""

    fits: Callable[[tuple[str, ...]], bool]
    read: Read


def _by_headers(fits: Callable[[frozenset[str]], bool]) -> Callable[[tuple[str, ...]], bool]:
    return lambda header: fits(frozenset(map(fold, header)))


SYSTEMS = (
    System(_by_headers(shopify.fits), shopify.read),
    System(_by_headers(woocommerce.fits), woocommerce.read),
    System(_by_headers(prestashop.fits), prestashop.read),
    System(_by_headers(prestashop.fits_combinations), prestashop.read_combinations),
    System(_by_headers(magento.fits), magento.read),
    System(_by_headers(bigcommerce.fits), bigcommerce.read),
    System(_by_headers(ecwid.fits), ecwid.read),
    System(_by_headers(nuvemshop.fits), nuvemshop.read),
    System(_by_headers(wix.fits), wix.read),
    System(etsy.fits_columns, etsy.read),
    System(_by_headers(google.fits), google.read),
)
_HEADER_WITHIN = 6


def read_rows(rows: list[TableRow], file: str, terms: Terms, sheet: str = "") -> FileReading | None:
    """Return the products of a table, a system's or any other; None where it is none of products. Empties a system's rows.

    Raise UnusableFile for a list of nothing but cost prices, which must not reach customers as a text either.
    """
    notes = Notes()
    rows = tables.unpacked(rows)
    for n, row in enumerate(rows[:_HEADER_WITHIN]):
        header = tuple(row.cells)
        for system in SYSTEMS:
            if system.fits(header):
                table = tables.table_at(rows, n)
                rows.clear()
                return system.read(table, file, terms, notes)
    other = tables.find_header(rows, sheet)
    if other is None:
        return None
    products = generic.read_table(other, file, terms, notes)
    if products is None:
        if any(meaning.field == COST for cell in other.header for meaning in meanings(cell)):
            raise UnusableFile(
                f"Line {other.header_line}: the only prices are what the shop pays or resellers pay. Add a column with the"
                ' selling price, called "price".'
            )
        return None
    return reading_of("table", products, notes)
