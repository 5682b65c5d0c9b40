"""prompts/synonyms.csv: one group of words a line, which mean the same in this shop."""

import csv
import io
from pathlib import Path

from shop.readers import decode
from shop.readers.decode import UnusableFile


def read_synonyms(path: Path) -> tuple[tuple[str, ...], ...]:
    """Return the groups of two words and more; () without a file that can be read."""
    from shop.readers.files import (
        open_regular,  # the readers take 0.1 s to import, which a reader of texts need not wait for
    )

    try:
        with open_regular(path) as file:
            encoding = decode.encoding_of(file)
            with decode.open_text(file, encoding) as opened:
                text = decode.limited(opened.read(decode.MOST_TEXT + 1))
    except (OSError, UnusableFile):
        return ()
    return groups_of(text)


def groups_of(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the groups of two words and more that a text has, one a line; () for a text that cannot be read."""
    return tuple(group for group in lines_of(text) if len(group) > 1)


def lines_of(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of each line, none for a blank one; () for a text that cannot be read."""
    delimiter = ";" if text.count(";") > text.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return ()
    return tuple(tuple(word.strip() for word in row if word.strip()) for row in rows)
