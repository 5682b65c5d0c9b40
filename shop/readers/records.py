"""Rows of a known system under names that do not depend on its version and language, and their prices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shop.readers.dates import is_within
from shop.readers.folding import fold
from shop.readers.generic import reduced
from shop.readers.notes import Notes
from shop.readers.prices import Money, numbers_of
from shop.readers.tables import Table


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One row, and the line on which it begins."""

    line: int
    values: Mapping[str, str]

    def get(self, name: str) -> str:
        return self.values.get(name, "").strip()


def records_of(table: Table, names: Mapping[str, str]) -> list[ExportRow]:
    """Return the rows under the names that folded headers stand for; the first column of a name counts."""
    positions = dict[str, int]()
    for n, header in enumerate(table.header):
        if name := names.get(fold(header)):
            positions.setdefault(name, n)
    return records_at(table, positions)


def records_at(table: Table, positions: Mapping[str, int]) -> list[ExportRow]:
    """Return the rows under the names of these columns; blank cells are not kept, nor the table's own rows.

    A row goes as its record comes, so that a large file is not in memory twice.
    """
    found = list[ExportRow]()
    table.rows.reverse()
    while table.rows:
        row = table.rows.pop()
        cells, count = row.cells, len(row.cells)
        found.append(ExportRow(row.line, {name: cells[n] for name, n in positions.items() if n < count and cells[n]}))
    return found


class PricesOf:
    """Reads the columns of money of one file, each by how it writes its numbers."""

    def __init__(self, records: Sequence[ExportRow], names: Iterable[str], currency: str) -> None:
        self._numbers = {name: numbers_of(record.get(name) for record in records) for name in names}
        self._currency = currency

    def money(self, record: ExportRow, name: str) -> Money | None:
        cell = record.get(name)
        return self._numbers[name].money(cell, self._currency) if cell else None

    def reduced(
        self, record: ExportRow, regular: str, sale: str, span: tuple[str, str], today: date
    ) -> tuple[int | None, int | None]:
        """Return the price on a day and what it is reduced from; a sale counts only between its two dates."""
        price = self.money(record, regular)
        offer = self.money(record, sale) if is_within(today, record.get(span[0]), record.get(span[1])) else None
        if price is None:
            return (offer.amount if offer else None), None
        return reduced(price, offer, None)


def doubt_without_price(price: int | None, line: int, notes: Notes) -> None:
    if price is None:
        notes.doubt("No price", line)
