"""Prices in an answer's HTML that no line end parts: a no-break space between an amount and its currency. Pure."""

import re

from babel.numbers import list_currencies

_SIGN = "[$¢£¥\u058f\u060b\u09f3\u0e3f\u20a0-\u20c0]"
"""Unicode's signs of currencies (category Sc)."""
_CODES = frozenset(list_currencies())
_PRICE = re.compile(rf" (?:(?=-?\d)(?:(?<={_SIGN} )|(?<=\b([A-Z]{{3}}) ))|(?={_SIGN}|([A-Z]{{3}})\b)(?<=\d ))")
"""A blank between an amount and its currency. It begins with the blank, by which it is found fast."""
_KEPT = re.compile(r"(<(pre|code)\b.*?</\2>|<[^>]*>)|[^<]+", re.S)


def keep_together(html: str) -> str:
    """Return the HTML with its prices held together; code and attributes stay as they are, to be copied."""

    if _PRICE.search(html) is None:
        return html
    return _KEPT.sub(lambda piece: piece[0] if piece[1] else _PRICE.sub(_held, piece[0]), html)


def _held(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return "\u00a0" if code is None or code in _CODES else " "
