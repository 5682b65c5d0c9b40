"""Tables out of delimited text: the delimiter and quoting that fit, real CSV reading over the whole file, the header's row.

Knows nothing of shop systems.
"""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from shop.readers.decode import UnusableFile
from shop.readers.headers import header_score

MOST_ROWS = 250_000
MOST_COLUMNS = 2_000
MOST_CELL = 1_000_000
MOST_SHEETS = 50
HEADER_WITHIN = 30
"""A header stands in one of the first rows that are not blank; price lists begin with the shop's name and a date."""
_SAMPLE = 1 << 16
_FEWEST_SWALLOWED = 5
_FEW_COLUMNS = 3
_DELIMITERS = ",;\t|"
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of cells, and the line of the file on which it begins."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows under it, with the texts that stand above and the name of the sheet, if it has one."""

    header: tuple[str, ...]
    rows: list[TableRow]
    header_line: int = 1
    above: tuple[str, ...] = ()
    sheet: str = ""


class Delimited(csv.Dialect):
    """How the cells of a file are parted and quoted."""

    lineterminator = "\n"
    quoting = csv.QUOTE_MINIMAL
    skipinitialspace = False

    def __init__(self, delimiter: str, quotechar: str = '"', escapechar: str | None = None) -> None:
        self.delimiter, self.quotechar, self.escapechar = delimiter, quotechar, escapechar
        self.doublequote = escapechar is None
        super().__init__()


def read_rows(text: io.TextIOBase) -> list[TableRow]:
    """Return all rows of a delimited text that are not blank. Raise UnusableFile where it is too large or torn."""
    sample = text.read(_SAMPLE)
    text.seek(0)
    dialect = dialect_of(sample)
    rows = list(_parsed(text, dialect))
    if rows and rows[0].cells[0].strip().lower().startswith("sep="):
        rows = rows[1:]
    return rows


def unpacked(rows: list[TableRow]) -> list[TableRow]:
    """Return the rows; where each is one cell with a whole line in it, as a CSV that was opened wrongly is saved, its cells."""
    if len(rows) < 2 or any(sum(map(bool, row.cells)) > 1 for row in rows):
        return rows
    lines = [_LINE_END.sub(" ", next(filter(None, row.cells), "")) for row in rows]
    dialect = dialect_of("\n".join(lines)[:_SAMPLE])
    if not all(dialect.delimiter in line for line in lines[:2]):
        return rows
    try:
        return [TableRow(rows[one.line - 1].line, one.cells) for one in _parsed(lines, dialect)]
    except UnusableFile:
        return rows


def dialect_of(sample: str) -> Delimited:
    """Return the dialect under which the beginning of a file makes most sense: known columns first, then even rows."""
    first = sample.partition("\n")[0].strip().strip('"').lower()
    if first.startswith("sep=") and len(first) == 5:
        return _quoting(first[4], sample)
    if first == "sep=":
        return _quoting("\t", sample)
    return max((_quoting(delimiter, sample) for delimiter in _DELIMITERS), key=lambda it: _fit(it, sample))


def find_header(rows: Sequence[TableRow], sheet: str = "") -> Table | None:
    """Return the table under the row that names most of a product's columns; None where no row names any."""
    scores = [header_score(row.cells) for row in rows[:HEADER_WITHIN]]
    if best := max(scores, default=0):
        return table_at(rows, scores.index(best), sheet)
    return _under_two_rows(rows, sheet) or _without_name(rows, sheet)


def _under_two_rows(rows: Sequence[TableRow], sheet: str) -> Table | None:
    """Return the table whose header takes two rows."""
    for n in range(min(len(rows) - 1, HEADER_WITHIN)):
        both = _stacked(rows[n].cells, rows[n + 1].cells)
        if both and header_score(both):
            return table_at([*rows[:n], TableRow(rows[n].line, both), *rows[n + 2 :]], n, sheet)
    return None


def _without_name(rows: Sequence[TableRow], sheet: str) -> Table | None:
    """Return the table whose header has a price, and nothing above the articles."""
    heads = (n for n, row in enumerate(rows[:HEADER_WITHIN]) if header_score(row.cells, needs_name=False))
    n = next(heads, None)
    return None if n is None else table_at(rows, n, sheet)


def table_at(rows: Sequence[TableRow], n: int, sheet: str = "") -> Table:
    """Return the table whose header is the n-th row."""
    header = _without_letters([" ".join(cell.replace("\ufeff", "").split()) for cell in rows[n].cells])
    above = tuple(" ".join(cell for cell in row.cells if cell) for row in rows[:n])
    body = [row for row in rows[n + 1 :] if row.cells != rows[n].cells]
    return Table(header, body, rows[n].line, above, sheet)


def _without_letters(header: list[str]) -> tuple[str, ...]:
    """Return a header without the letters that spreadsheet programs give to columns without one: "L" is no size there."""
    letters = {n for n, cell in enumerate(header) if len(cell) == 1 and cell == chr(ord("A") + n)}
    return tuple("" if n in letters and len(letters) > 2 else cell for n, cell in enumerate(header))


def _stacked(upper: list[str], lower: list[str]) -> list[str]:
    """Return the header that two rows make together, "Bestell-" over "menge"; [] where one of them has numbers."""
    if any(sum(any(c.isdigit() for c in cell) for cell in cells) > 1 for cells in (upper, lower)):
        return []
    pairs = zip_longest(map(str.strip, upper), map(str.strip, lower), fillvalue="")
    return [above[:-1] + below if above.endswith("-") else f"{above} {below}".strip() for above, below in pairs]


def check_shape(row: TableRow) -> TableRow:
    """Return the row. Raise UnusableFile where it has more columns or longer cells than any product table."""
    if len(row.cells) > MOST_COLUMNS:
        raise UnusableFile(
            f"Line {row.line} has {len(row.cells):,} columns; at most {MOST_COLUMNS:,} can be read. Remove the columns that"
            " are not about products."
        )
    return row


def too_many_rows() -> UnusableFile:
    return UnusableFile(
        f"There are more than {MOST_ROWS:,} rows. Split the file, or remove the rows that are not for sale."
    )


def _parsed(text: Iterable[str], dialect: Delimited) -> Iterator[TableRow]:
    csv.field_size_limit(MOST_CELL)
    reader = csv.reader(text, dialect)
    count = begun = columns = 0
    try:
        for cells in reader:
            line, begun = begun + 1, reader.line_num
            if not any(cell and not cell.isspace() for cell in cells):
                continue
            count += 1
            if count > MOST_ROWS:
                raise too_many_rows()
            columns = columns or len(cells)
            yield _check_quotes(check_shape(TableRow(line, cells)), dialect.delimiter, columns)
    except csv.Error as error:
        raise UnusableFile(
            f"Line {begun + 1}: {error}. Is a quotation mark never closed there? Save the file again as CSV UTF-8."
        ) from error


def _check_quotes(row: TableRow, delimiter: str, columns: int) -> TableRow:
    """Return the row. Raise UnusableFile where a cell holds whole rows: a quotation mark before them was never closed.

    Lines of a description have commas too, but not each as many as a row of many columns.
    """
    fewest = _FEWEST_SWALLOWED if columns > _FEW_COLUMNS else _FEWEST_SWALLOWED * 10
    for cell in row.cells:
        if cell.count("\n") < fewest:
            continue
        inside = [line.count(delimiter) for line in cell.split("\n")[1:] if line.strip()]
        width, count = Counter(inside).most_common(1)[0] if inside else (0, 0)
        if width == columns - 1 > 0 and count >= fewest and count * 10 >= len(inside) * 9:
            raise UnusableFile(
                f"Line {row.line}: a quotation mark is opened and not closed, so that {cell.count(chr(10))} lines are read as"
                " one cell. Remove it, or write it twice, and save the file again."
            )
    return row


def _quoting(delimiter: str, sample: str) -> Delimited:
    if '\\"' in sample and '""' not in sample.replace(f'{delimiter}""{delimiter}', ""):
        return Delimited(delimiter, escapechar="\\")
    first = [cell.strip() for cell in sample.partition("\n")[0].split(delimiter)]
    if len(first) > 1 and all(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in first):
        return Delimited(delimiter, quotechar="'")
    return Delimited(delimiter)


def _fit(dialect: Delimited, sample: str) -> tuple[int, float]:
    csv.field_size_limit(MOST_CELL)
    lines = io.StringIO(sample, newline="")
    rows = list[list[str]]()
    try:
        for cells in csv.reader(lines, dialect):
            if any(cells):
                rows.append(cells)
            if len(rows) > 100:
                break
    except csv.Error:
        return 0, 0.0
    if len(rows) > 2 and len(sample) >= _SAMPLE:
        rows.pop()  # cut by the sample's end
    widths = Counter(len(cells) for cells in rows if len(cells) > 1)
    if not widths:
        return 0, 0.0
    width, count = widths.most_common(1)[0]
    known = max(header_score(cells) for cells in rows[:HEADER_WITHIN])
    return known, count / len(rows) * math.log2(width)
