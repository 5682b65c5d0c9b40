"""prompts/synonyms.csv: one group of words a line, which mean the same in this shop."""

import csv
from pathlib import Path

from shop.readers import decode
from shop.readers.decode import UnusableFile
from shop.readers.files import open_regular


def read_synonyms(path: Path) -> tuple[tuple[str, ...], ...]:
    """Return the groups of two words and more; () without a file that can be read."""
    try:
        with open_regular(path) as file:
            encoding = decode.encoding_of(file)
            text = decode.limited(decode.open_text(file, encoding).read(decode.MOST_TEXT + 1))
    except (OSError, UnusableFile):
        return ()
    delimiter = ";" if text.count(";") > text.count(",") else ","
    groups = (
        tuple(word.strip() for word in row if word.strip())
        for row in csv.reader(text.splitlines(), delimiter=delimiter)
    )
    return tuple(group for group in groups if len(group) > 1)
