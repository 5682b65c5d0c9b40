"""Workbooks (.xlsx): every visible sheet as rows of text."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from shop.readers.decode import UnusableFile
from shop.readers.tables import MOST_CELL, MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, TableRow, check_shape, too_many_rows

MOST_UNPACKED = 400_000_000
"""Bytes of all parts of a workbook together; the largest real ones have a tenth of that."""
_MOST_RATIO = 200
"""How often smaller a part may be packed; spreadsheets reach 30, bombs a thousand."""
_CHUNK = 1 << 20
_OWN_NAME = re.compile(r"[^\W\d_]+ ?\d+")


def read_sheets(file: BinaryIO) -> list[tuple[str, list[TableRow]]]:
    """Return name and rows of each visible sheet. Raise UnusableFile for what is no workbook or unpacks to too much."""
    _check_archive(file)
    try:
        book = CalamineWorkbook.from_filelike(file)
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        return [(name, list(_rows(book.get_sheet_by_name(name)))) for name in visible[:MOST_SHEETS]]
    except (CalamineError, ValueError, OSError) as error:
        raise UnusableFile(
            f"It is no .xlsx workbook that can be read ({error}). Save it again as .xlsx or as CSV UTF-8."
        ) from error


def heading(sheet: str, count: int) -> str:
    """Return the name of a sheet where it may be a category: beside others, and not the program's own "Sheet1"."""
    return "" if count < 2 or _OWN_NAME.fullmatch(sheet.strip()) else sheet.strip()


def _check_archive(file: BinaryIO) -> None:
    """Unpack the parts piece by piece, keeping nothing: what the archive says of their sizes may be wrong."""
    total = 0
    try:
        with zipfile.ZipFile(file) as archive:
            for part in archive.infolist():
                size = 0
                with archive.open(part) as content:
                    while chunk := content.read(_CHUNK):
                        size += len(chunk)
                        _check_sizes(size, total + size, part.compress_size)
                total += size
    except (zipfile.BadZipFile, RuntimeError, EOFError, ValueError) as error:
        raise UnusableFile(
            "It is no .xlsx workbook that can be read: damaged, protected by a password, or another kind of file. Save it"
            " again as .xlsx or as CSV UTF-8."
        ) from error
    file.seek(0)


def _check_sizes(part: int, total: int, packed: int) -> None:
    if total > MOST_UNPACKED or (part > 50 * _CHUNK and part > packed * _MOST_RATIO):
        raise UnusableFile("It unpacks to far more than a product list can hold. Save the products alone as CSV UTF-8.")


def _rows(sheet: CalamineSheet) -> Iterator[TableRow]:
    if sheet.total_width > MOST_COLUMNS:
        raise UnusableFile(
            f'The sheet "{sheet.name}" has {sheet.total_width:,} columns; at most {MOST_COLUMNS:,} can be read.'
        )
    first = (sheet.start or (0, 0))[0] + 1
    count = 0
    for n, values in enumerate(sheet.iter_rows()):
        cells = [cell_text(value) for value in values]
        if not any(cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise too_many_rows()
        yield check_shape(TableRow(first + n, cells))


def cell_text(value: object) -> str:
    """Return a cell as text: whole numbers without a point, and no number that could be read in two ways.

    A number of three decimals gets a fourth, because "1.234" may be a thousand as a text.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        text = f"{value:.10g}"
        return text + "0" if "." in text and len(text.partition(".")[2]) == 3 and "e" not in text else text
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()[:MOST_CELL] if value is not None else ""
