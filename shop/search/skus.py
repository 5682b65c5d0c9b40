"""The SKUs of a question, in any spelling: "moc 4471", "MOC4471". Pure."""

import re
from collections.abc import Callable

from shop.search.folding import sku_key


def skus_of(question: str, has_sku: Callable[[str], bool]) -> tuple[tuple[str, ...], str]:
    """Return the SKUs of a folded question, by `has_sku` of their keys, and the question without them."""
    pieces = [(found.start(), found.end()) for found in re.finditer(r"[a-z0-9]+", question)]
    found: dict[str, tuple[int, int]] = {}
    n = 0
    while n < len(pieces):
        for length in range(min(5, len(pieces) - n), 0, -1):
            start, end = pieces[n][0], pieces[n + length - 1][1]
            written = question[start:end]
            key = sku_key(written)
            if _may_be_sku(written, key, written == question.strip()) and has_sku(key):
                found[key] = (start, end)
                n += length - 1
                break
        n += 1
    for start, end in reversed(found.values()):
        question = f"{question[:start]} {question[end:]}"
    return tuple(found), question


def _may_be_sku(written: str, key: str, is_all: bool) -> bool:
    """True if it can be meant as a SKU: one word with a digit or a hyphen, or more words that are no "a 12" or "37 38"."""
    if not _SPELLED.fullmatch(written) or len(key) < _SHORT:
        return False
    if key.isdigit():
        return len(key) >= _LONG or "-" in written or is_all
    if " " in written:
        return bool(_DIGIT.search(key)) and (len(key) >= _LONG or bool(_LETTERS.match(written)))
    return is_all or bool(_DIGIT.search(key)) or "-" in written or "_" in written


_SPELLED = re.compile(r"[a-z0-9]+(?:[ ._/#-]{1,3}[a-z0-9]+)*")
_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[a-z]{3}")
_SHORT, _LONG = 3, 5
