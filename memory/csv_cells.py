"""The cells of CSV files that a spreadsheet program may open: quoted, and never a formula. Pure.

A program may split a line at semicolons whatever stands between quotation marks, as Excel does where the comma is the
decimal sign: so each semicolon counts as the beginning of a cell too.
"""

import csv
import io
import re
from collections.abc import Iterable

_BEGINNINGS = re.compile(r"(?:^|;)[ \"]*+(?=['=+\-@＝＋－＠])")
"""Where an apostrophe keeps a cell text, and where another one keeps an apostrophe that was there."""
_KEPT = re.compile(r"((?:^|;)[ \"]*+)'")


def safe(text: str) -> str:
    """Return the text on one line, with an apostrophe wherever a program would take what follows for a formula."""
    return _BEGINNINGS.sub(lambda begins: f"{begins[0]}'", " ".join(text.split()))


def read(text: str) -> str:
    """Return what `safe` was given, on one line."""
    return _KEPT.sub(r"\1", text)


def line(row: Iterable[object], *, quotes_all: bool = False) -> bytes:
    """Return the row as a line of CSV; quoted are all its cells, or those that have to be."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL if quotes_all else csv.QUOTE_MINIMAL)
    writer.writerow(row)
    return text.getvalue().encode()
