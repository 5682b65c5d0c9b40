"""What single cells say: stock, yes and no, whether something is shown, options in one cell. Pure."""

import re

from shop.products import Stock
from shop.readers import words
from shop.readers.folding import fold
from shop.readers.notes import ARCHIVED, DRAFT, HIDDEN

_COUNT = re.compile(r"[-+]?\d{1,3}(?:[.,]\d{3})*(?!\d)(?:[.,]\d+)?|[-+]?\d+(?:[.,]\d+)?")
_MOST_STOCK = 10**9
_LIST = re.compile(r"\s*[;|\n]\s*|\s*/(?!\d)\s*|\s*,\s+|,(?=[^\d\s])")


def is_yes(cell: str) -> bool:
    return cell.strip().lower() in words.YES or fold(cell) in words.YES


def is_no(cell: str) -> bool:
    return cell.strip().lower() in words.NO or fold(cell) in words.NO


def stock_of(cell: str) -> Stock:
    """Return the stock that a cell has: a count, True or False where only that is said, None where nothing is."""
    text = cell.strip()
    if not text:
        return None
    if plain := _COUNT.fullmatch(text):
        return count_of(plain[0])
    folded = fold(text)
    if folded in words.SOLD_OUT or text.lower() in words.SOLD_OUT:
        return False
    if folded in words.IN_STOCK or text.lower() in words.IN_STOCK or folded.replace(" ", "") in words.IN_STOCK:
        return True
    if text[0] in ">+<≥" or text.endswith("+"):
        return True if any(c in "123456789" for c in text) else None
    if number := _COUNT.search(text):
        return count_of(number[0])
    return None


def count_of(number: str) -> int | None:
    """Return a count as a whole number, 0 for one below zero (sold more than there was); None for a blank or other words."""
    text = number.strip()
    if re.fullmatch(r"[-+]?\d{1,3}([.,]\d{3})+", text):
        text = re.sub(r"[.,]", "", text)
    try:
        count = int(float(text.replace(",", ".")))
    except (ValueError, OverflowError):
        return None
    return min(max(count, 0), _MOST_STOCK)


def reason_hidden(status: str) -> str | None:
    """Return why a row with this status is not shown to customers; None where it is."""
    folded = fold(status)
    parts = set(folded.split())
    for reason, marks in ((ARCHIVED, words.ARCHIVED_WORDS), (DRAFT, words.DRAFTS), (HIDDEN, words.HIDDEN_WORDS)):
        if parts & marks:
            return reason
    return HIDDEN if folded in words.NO or folded in words.NOT_SHOWN else None


def values_in(cell: str) -> tuple[str, ...]:
    """Return the values of an option that stand in one cell, none twice."""
    return tuple(dict.fromkeys(value for value in map(str.strip, _LIST.split(cell)) if value))


def first_address(cell: str) -> str:
    """Return the first web address or path in a cell of one or several, "" for none."""
    for part in re.split(r"[\s,;|]+(?=https?:|//|/)|\s*[;|]\s*|,\s+|\n", cell.strip()):
        part = part.strip().strip("[]\"'")
        if part.startswith(("http://", "https://", "//", "/")) or re.fullmatch(r"[\w./%-]+\.\w{2,5}", part):
            return part
    return ""
