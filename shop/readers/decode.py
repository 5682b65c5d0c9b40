"""Which encoding a file is in, decided the same way each time: byte order marks, UTF-8, then Windows-1252.

Files are decoded as they are read, so that a large one is never in memory as a whole.
"""

import codecs
import io
import os
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 16
MOST_TEXT = 2_000_000
"""Characters of one text; all texts of a shop together have a tenth of that."""
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MIXED = "windows-1252-byte"
"""The error handler that reads single bytes which are not UTF-8 as Windows-1252."""


class UnusableFile(Exception):
    """A file cannot be used; str() says in plain words which line and what to do, for the owner."""


def encoding_of(file: BinaryIO) -> str:
    """Return the name of the encoding of an open file, which is left at its beginning.

    Raise UnusableFile for what is no text.
    """
    start = file.read(CHUNK)
    file.seek(0)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if wide := _utf_16_without_mark(start):
        return wide
    good, bad = _measure(file)
    file.seek(0)
    if not bad or good > bad:
        return "utf-8"
    return "cp1252"


def open_text(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """Return the file as text with its line feeds as they are; no byte is an error."""
    codecs.register_error(_MIXED, _as_windows_1252)
    errors = _MIXED if encoding.startswith("utf-8") else "replace"
    return io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")


def name_of(path: Path) -> str:
    """Return a file's name as text. One that is no UTF-8, as old archives unpack them, is read as Windows-1252."""
    name = os.fsencode(path.name)
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("cp1252", "replace")


def limited(text: str) -> str:
    """Return a text. Raise UnusableFile where it is longer than any text of a shop."""
    if len(text) > MOST_TEXT:
        raise UnusableFile(
            f"It is a text of more than {MOST_TEXT:,} characters. If it is a table, its header needs a name and a price; if"
            " it is a text, shorten it."
        )
    return text


def _utf_16_without_mark(start: bytes) -> str | None:
    """Return the kind of UTF-16 whose Latin letters have NULs at every other place."""
    half = len(start) // 2
    if half < 2:
        return None
    if start[1::2].count(0) > half * 0.7 and start[::2].count(0) < half * 0.1:
        return "utf-16-le"
    if start[::2].count(0) > half * 0.7 and start[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return None


def _measure(file: BinaryIO) -> tuple[int, int]:
    """Return how many characters beyond ASCII are valid UTF-8, and how many bytes are not.

    A file of two encodings, as programs that append to each other's files make, is mostly UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = line = 0
    while chunk := file.read(CHUNK):
        if b"\0" in chunk:
            line += chunk[: chunk.index(b"\0")].count(b"\n")
            raise UnusableFile(
                f"Line {line + 1} has a NUL byte: the file is damaged or no text. Save it again as CSV UTF-8 or .xlsx."
            )
        line += chunk.count(b"\n")
        if chunk.isascii() and not decoder.getstate()[0]:
            continue
        text = decoder.decode(chunk)
        wrong = sum("\udc80" <= c <= "\udcff" for c in text)
        bad += wrong
        good += sum(c > "\x7f" for c in text) - wrong
    bad += len(decoder.getstate()[0])
    return good, bad


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end
