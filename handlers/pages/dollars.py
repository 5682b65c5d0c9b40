"""Amounts of US dollars as people type them, with a comma or a point."""

import re
from decimal import Decimal

from handlers.pages.languages import Language
from memory.people.accounts import MOST_DAILY_USD

_AMOUNT = re.compile(r"([0-9]{1,8})(?:[.,]([0-9]{1,8}))?")


def read_dollars(text: str) -> Decimal | None:
    """Return the amount; None for what is none, and for what may be thousands or a fraction, such as 1,000."""
    match = _AMOUNT.fullmatch(re.sub(r"^(?:US)?\$\s*", "", text.strip(), flags=re.IGNORECASE))
    if match is None:
        return None
    whole, cents = match[1], match[2] or ""
    if len(cents) == 3 and int(whole):
        return None
    amount = Decimal(f"{whole}.{cents}" if cents else whole)
    return amount if amount <= MOST_DAILY_USD else None


def written_dollars(language: Language, amount: Decimal) -> str:
    """Return the amount as it stands in a field, with the language's decimal sign and at least the cents."""
    whole, _, cents = f"{amount:f}".partition(".")
    cents = cents.rstrip("0")
    if not cents:
        return whole
    cents = cents.ljust(4 if len(cents) == 3 else 2, "0")
    return f"{whole}{language.decimal_sign}{cents}"
