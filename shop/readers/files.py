"""One file of prompts/store/, whatever it is: opened with care, recognised by its contents, read by its reader."""

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from shop.readers import decode, feeds, json_lines, recognise, sheets, tables
from shop.readers.decode import UnusableFile, limited
from shop.readers.doubts import NO_HEADER, are_prices
from shop.readers.html import plain_text
from shop.readers.names import FEEDS, NEW_WORKBOOKS, OBJECTS, PAGES, SAVE_AS, TABLES, TEXTS
from shop.readers.reading import FileReading, Terms, joined
from shop.texts import without_comments

MOST_BYTES = 100_000_000

_MARKDOWN = (".md", ".markdown")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
"""How workbooks begin, new and old."""
_BLANK = b"\xef\xbb\xbf \t\r\n"
"""What may stand before the first sign: a byte order mark and blanks."""
_WORKBOOKS = (*NEW_WORKBOOKS, ".xls")
_NO_ARCHIVES = frozenset((*TABLES, *TEXTS, ".xls", ".xml", ".json", ".jsonl"))
"""Suffixes under which an archive is a workbook with a wrong name."""

Reader = Callable[[BinaryIO, str, Terms], FileReading]


def read_file(path: Path, terms: Terms) -> FileReading:
    """Return one file as read; never raises for what is in the file, but says so in the reading's error."""
    suffix = path.suffix.lower()
    try:
        return _doubted(_read(path, suffix, terms))
    except UnusableFile as error:
        return FileReading("unknown", error=str(error))
    except OSError as error:
        return FileReading("unknown", error=f"It cannot be opened: {error.strerror}.")
    except MemoryError:
        return FileReading(
            "unknown", error="It needs too much memory. Split it, or remove columns that are not about products."
        )


def _read(path: Path, suffix: str, terms: Terms) -> FileReading:
    with open_regular(path) as file:
        return reader_for(suffix, file)(file, decode.name_of(path), terms)


def _doubted(reading: FileReading) -> FileReading:
    """Return the reading with a doubt where there is nothing in it."""
    if reading.text is not None and not reading.text.strip():
        return replace(reading, doubts=(*reading.doubts, "It is empty."))
    return reading


def open_regular(path: Path) -> BinaryIO:
    """Return an open ordinary file. Raise UnusableFile for a directory, a pipe or a device, without waiting on it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode, size = (status := os.fstat(descriptor)).st_mode, status.st_size
    if stat.S_ISREG(mode) and size <= MOST_BYTES:
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise UnusableFile("It is a directory. Put its files directly into prompts/store/.")
    if not stat.S_ISREG(mode):
        raise UnusableFile("It is not an ordinary file but a device or a pipe. Put a copy of the file itself here.")
    raise UnusableFile(
        f"It has {size / 1e6:,.0f} MB; at most {MOST_BYTES / 1e6:,.0f} MB can be read. Split it into several files."
    )


def reader_for(suffix: str, file: BinaryIO) -> Reader:
    """Return what reads files with this suffix; one without is looked at, and one that has a wrong name is seen through.

    Programs call workbooks .csv and tables .xls. Raise UnusableFile for a file that cannot be read.
    """
    start = _start_of(file)
    if start.startswith(_ZIP) and suffix in _NO_ARCHIVES:
        return read_workbook
    if suffix == "" or (suffix in _WORKBOOKS and _is_table(start)):
        return _reader_by_look(start)
    if suffix in NEW_WORKBOOKS and start.startswith(_OLE):
        raise UnusableFile(f"It is an old workbook, or one with a password, under the name {suffix}. {SAVE_AS['.xls']}")
    if advice := SAVE_AS.get(suffix):
        raise UnusableFile(f"A {suffix} file cannot be read. {advice}")
    if reader := _READERS.get(suffix):
        return reader
    raise UnusableFile("This kind of file is not known. Save tables as CSV UTF-8 or .xlsx and texts as .md or .txt.")


def _reader_by_look(start: bytes) -> Reader:
    """Return what reads a file that has no suffix, as a fetched feed has none, by how it begins."""
    if start.startswith(_ZIP):
        return read_workbook
    first = start.lstrip(_BLANK)[:1]
    return feeds.read_xml if first == b"<" else json_lines.read_json_lines if first in (b"{", b"[") else read_delimited


def _start_of(file: BinaryIO) -> bytes:
    """Return how a file begins, and leave it at its beginning."""
    start = file.read(4096)
    file.seek(0)
    return start


def _is_table(start: bytes) -> bool:
    """True if a file that is called a workbook begins as lines with columns do; programs call pages .xls, too."""
    if b"\0" in start or start.lstrip(_BLANK).startswith(b"<"):
        return False
    return b"\n" in start and any(sign in start for sign in (b",", b";", b"\t"))


def read_html(file: BinaryIO, name: str, terms: Terms) -> FileReading:
    """Return the text of a page without its HTML."""
    return FileReading("text", text=plain_text(_whole(file, decode.encoding_of(file))))


def read_text(file: BinaryIO, name: str, terms: Terms) -> FileReading:
    """Return a text; one that is a table after all (a feed renamed .txt) is read as one."""
    encoding = decode.encoding_of(file)
    text = _whole(file, encoding)
    if name.lower().endswith(".txt") and "\t" in text.partition("\n")[0]:
        return read_delimited(file, name, terms)
    return FileReading("text", text=without_comments(text) if name.lower().endswith(_MARKDOWN) else text)


def read_delimited(file: BinaryIO, name: str, terms: Terms) -> FileReading:
    """Return the products of delimited text, or its text where it is no product table."""
    encoding = decode.encoding_of(file)
    with decode.open_text(file, encoding) as text:
        rows = tables.read_rows(text)
        if reading := recognise.read_rows(rows, name, terms):
            return reading
        text.seek(0)
        return FileReading("text", text=limited(text.read(decode.MOST_TEXT + 1)), doubts=_doubts_of_text(rows))


def read_workbook(file: BinaryIO, name: str, terms: Terms) -> FileReading:
    """Return the products of all sheets that have any, or all sheets as text where none has."""
    found = list[FileReading]()
    texts, doubts = list[str](), list[str]()
    book = sheets.read_sheets(file)
    for sheet, rows in book:
        if reading := recognise.read_rows(rows, name, terms, sheets.heading(sheet, len(book))):
            found.append(reading)
        else:
            lines = (", ".join(cell for cell in row.cells if cell) for row in rows)
            texts.append("\n".join([f"# {sheet}", *lines]))
            doubts += _doubts_of_text(rows)
    return joined(found) if found else FileReading("text", text=limited("\n\n".join(texts)), doubts=tuple(doubts[:1]))


def _doubts_of_text(rows: Sequence[tables.TableRow]) -> tuple[str, ...]:
    """Return the doubt about a table that becomes a text though it looks like a list of prices."""
    return (NO_HEADER,) if are_prices([row.cells for row in rows]) else ()


def _whole(file: BinaryIO, encoding: str) -> str:
    text = limited(file.read(4 * decode.MOST_TEXT).decode(encoding, "replace"))
    file.seek(0)
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


_READERS: dict[str, Reader] = {
    **dict.fromkeys(TEXTS, read_text),
    **dict.fromkeys(TABLES, read_delimited),
    **dict.fromkeys(NEW_WORKBOOKS, read_workbook),
    **dict.fromkeys(FEEDS, feeds.read_xml),
    **dict.fromkeys(OBJECTS, json_lines.read_json_lines),
    **dict.fromkeys(PAGES, read_html),
}
