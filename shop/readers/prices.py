"""Prices as people and programs write them, read as minor units. The decimal sign is decided by column."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from shop.readers.currencies import currency_in, digits_of

_NUMBER = re.compile(r"\d(?:[\d.,'’]|[ \u00a0\u202f](?=\d{3}(?!\d)))*")
_MARKED = re.compile(
    rf"(?:[$€£¥₹₺₽₩₫₱฿]|\b[A-Z]{{3}}\b) ?({_NUMBER.pattern})|({_NUMBER.pattern}) ?(?:[€£₽₺]|zł|Kč|\b[A-Z]{{3}}\b)"
)
_GROUPING = re.compile(r"[ \u00a0\u202f'’]")
_MOST = Decimal(10**15)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as a cell has it, in minor units of `currency` ("" where the cell names none).

    `is_certain` is False where the cell has several numbers; the first one is taken.
    """

    amount: int
    currency: str = ""
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Numbers:
    """How the numbers of a column are written: its decimal sign, and whether any number showed it."""

    decimal: str = "."
    is_shown: bool = False
    is_mixed: bool = False

    def money(self, cell: str, currency: str = "") -> Money | None:
        """Return the price of a cell, None where there is none or it is not above zero.

        `currency` is the one to count digits by where the cell names none.
        """
        found = [_trimmed(number) for number in _NUMBER.findall(cell)]
        if not found or "%" in cell or cell.lstrip().startswith(("-", "−", "(")):
            return None
        named = currency_in(cell)
        digits = digits_of(named or currency)
        marked = _MARKED.search(cell) if len(found) > 1 else None  # "3x R$ 10,00": the number with the sign
        value = self.value(_trimmed(marked[1] or marked[2]) if marked else found[0], digits)
        if value is None:
            return None
        amount = int((value.scaleb(digits)).quantize(Decimal(1), ROUND_HALF_UP))
        return Money(amount, named, len(found) == 1) if amount > 0 else None

    def value(self, number: str, digits: int = 2) -> Decimal | None:
        """Return a number without a sign of currency, None where it is none."""
        number = _GROUPING.sub("", number)
        sign = _own_sign(number)
        if sign is None and any(c in ".," for c in number):
            is_decimal = (self.is_shown and self.decimal in number) or (digits == 3 and not self.is_shown)
            sign = number[-4] if is_decimal else ("," if number[-4] == "." else ".")
        try:
            value = Decimal(number.replace("." if sign == "," else ",", "").replace(",", "."))
        except InvalidOperation:
            return None
        return value if value < _MOST else None


def numbers_of(cells: Iterable[str]) -> Numbers:
    """Return how a column writes its numbers: the sign that most cells show to be the decimal one."""
    votes = {".": 0, ",": 0}
    for cell in cells:
        for number in _NUMBER.findall(cell)[:1]:
            if sign := _own_sign(_GROUPING.sub("", _trimmed(number))):
                votes[sign] += 1
    decimal = "," if votes[","] > votes["."] else "."
    return Numbers(decimal, any(votes.values()), all(votes.values()))


EXACT = Numbers(".", True)
"""Numbers as programs write them: a point, no grouping."""


def _trimmed(number: str) -> str:
    return number.rstrip(".,'’ \u00a0\u202f")


def _own_sign(number: str) -> str | None:
    """Return the decimal sign that a number shows by itself; None where it has none or could be read in two ways.

    "1.234,5" and "12,50" show theirs; "1.234.567" shows that the point is not; "1,234" may be either.
    """
    point, comma = number.rfind("."), number.rfind(",")
    if point < 0 and comma < 0:
        return None
    if point >= 0 and comma >= 0:
        return "." if point > comma else ","
    sign, other = (".", ",") if point >= 0 else (",", ".")
    if number.count(sign) > 1:
        return other
    before, _, after = number.partition(sign)
    if len(after) != 3 or len(before) > 3 or before.startswith("0"):
        return sign
    return None
