"""What is made of one file, and the settings that a reader reads it with."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from shop.products import FileReport, Product, Variant
from shop.readers.notes import Notes


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every file of a shop: its currency ("" if it has not set one), and the day that sales are judged by."""

    currency: str
    today: date


@dataclass(frozen=True, slots=True)
class Choices:
    """Variants that stand in a file of their own: the id of their product, and what each adds to its price."""

    product_id: str
    variants: tuple[Variant, ...]
    impacts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FileReading:
    """One file as read: its products and what was left out, or its text. `ids` are the system's own, one a product."""

    kind: str
    products: tuple[Product, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    text: str | None = None
    error: str | None = None
    ids: tuple[str, ...] = ()
    hidden_ids: tuple[str, ...] = ()
    choices: tuple[Choices, ...] = ()

    def report(self, file: str, doubts: Sequence[str] = ()) -> FileReport:
        """Return the report of a file with the doubts that only show beside other files."""
        variants = sum(len(product.variants) for product in self.products) + sum(
            len(one.variants) for one in self.choices
        )
        all_doubts = (*self.doubts, *doubts)
        return FileReport(file, self.kind, len(self.products), variants, dict(self.left_out), all_doubts, self.error)


def reading_of(kind: str, products: list[Product], notes: Notes) -> FileReading:
    """Return the reading of a table that has nothing to do with another file."""
    return FileReading(kind, tuple(products), dict(notes.left_out), notes.doubts())


def joined(readings: Sequence[FileReading]) -> FileReading:
    """Return the readings of a workbook's sheets as one."""
    left_out = Counter[str]()
    for reading in readings:
        left_out.update(reading.left_out)
    return replace(
        readings[0],
        products=tuple(product for reading in readings for product in reading.products),
        left_out=dict(left_out),
        doubts=tuple(doubt for reading in readings for doubt in reading.doubts),
        ids=tuple(one for reading in readings for one in reading.ids),
        hidden_ids=tuple(one for reading in readings for one in reading.hidden_ids),
        choices=tuple(one for reading in readings for one in reading.choices),
    )
