"""Currencies as shops write them (ISO 4217 codes and signs), and how many digits their minor units have."""

import re

CODES = frozenset(
    "AED ARS AUD BAM BDT BGN BHD BOB BRL BYN CAD CHF CLP CNY COP CRC CZK DKK DOP DZD EGP EUR GBP GEL GHS GTQ HKD HNL HRK HUF"
    " IDR ILS INR IQD IRR ISK JMD JOD JPY KES KRW KWD KZT LBP LKR MAD MDL MKD MUR MXN MYR NAD NGN NIO NOK NPR NZD OMR PAB PEN"
    " PHP PKR PLN PYG QAR RON RSD RUB RUR SAR SEK SGD THB TND TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND XAF XOF ZAR ZMW".split()
)
"""The currencies that are looked for as words; others are used where a column of currencies has them."""

SIGNS = {
    "R$": "BRL", "US$": "USD", "USD$": "USD", "U$S": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD",
    "HK$": "HKD", "S$": "SGD", "NT$": "TWD", "MX$": "MXN", "€": "EUR", "£": "GBP", "₹": "INR", "zł": "PLN", "Kč": "CZK",
    "Ft": "HUF", "₺": "TRY", "₽": "RUB", "₩": "KRW", "₪": "ILS", "₫": "VND", "₦": "NGN", "₱": "PHP", "฿": "THB", "₴": "UAH",
    "₲": "PYG", "₡": "CRC", "S/": "PEN", "S/.": "PEN", "RM": "MYR", "Rp": "IDR", "lei": "RON", "Bs": "BOB", "Fr.": "CHF",
}  # fmt: skip
"""Signs that belong to one currency; "$", "¥" and "kr" belong to several and name none."""

NO_DIGITS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
THREE_DIGITS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())

_WORD = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")
_SIGN = re.compile(
    "|".join(
        (r"(?<![^\W_])" if sign[0].isalpha() else "")
        + re.escape(sign)
        + (r"(?![^\W\d_])" if sign[-1].isalpha() else "")
        for sign in sorted(SIGNS, key=len, reverse=True)
    )
)
_CODE = re.compile(r"[A-Z]{3}")


def currency_in(text: str) -> str:
    """Return the code of the currency that a cell or a header names, "" for none or for a sign of several."""
    if text.isascii() and not any(c.isalpha() or c == "$" for c in text):
        return ""
    for word in _WORD.findall(text):
        if word in CODES:
            return str(word)
    sign = _SIGN.search(text)
    return SIGNS[sign[0]] if sign else ""


def currency_code(cell: str) -> str:
    """Return what a cell of a column of currencies says: a code or a sign."""
    cell = cell.strip()
    return cell.upper() if _CODE.fullmatch(cell.upper()) else currency_in(cell)


def digits_of(currency: str) -> int:
    """Return how many digits the minor unit has; 2 where the currency is not known."""
    return 0 if currency in NO_DIGITS else 3 if currency in THREE_DIGITS else 2
