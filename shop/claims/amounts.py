"""Money, percentages, lengths of time and dates, as answers and shops write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shop.claims.wording import COUNT, NUMBER_WORDS, number_of

NUMBER = r"(?:\d{1,3}(?:[.,]\d{3}){1,3}(?:[.,]\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?)(?![.,]?\d)"
_DECIMALS = re.compile(r"[.,](\d{1,2})$")
_NO_DIGIT = re.compile(r"\D")
_BEFORE = r"r\$|us\$|a\$|c\$|\$|€|£|\b(?:brl|usd|eur|gbp|cad|aud)(?=[ \d])"
_AFTER = r"reais|real|brl|dollars?|dolares|usd|euros?|eur|€|gbp|pounds sterling"
_MONEY = re.compile(
    rf"(?P<before>{_BEFORE}) {{0,3}}(?P<number>{NUMBER})(?P<thousands> mil\b)?"
    rf"|(?<![\w.,-])(?P<plain>{NUMBER}) ?(?P<after>{_AFTER})\b(?: e (?P<cents>\d\d) centavos)?"
    rf"|\b(?P<words>{NUMBER_WORDS}) (?P<named>reais|dollars|dolares|euros|pounds)\b"
    rf"(?:(?: (?:e|and))? (?P<small>{NUMBER_WORDS})(?: (?:centavos|cents|pence)\b|(?= *(?:[.,;:!?)]|$)| (?:e|and|no|na|cada|each|por) )))?"
)
_LABELLED_MONEY = re.compile(
    rf"\b(?:price|preco|valor|fee|frete|taxa|total|subtotal|unit(?: price)?)s?\b[^:\d\n]{{0,24}}: *(?P<bare>{NUMBER}) *$"
)
_CODES = {
    "r$": "BRL",
    "reais": "BRL",
    "real": "BRL",
    "us$": "USD",
    "a$": "AUD",
    "c$": "CAD",
    "€": "EUR",
    "£": "GBP",
    "euro": "EUR",
    "euros": "EUR",
    "pounds sterling": "GBP",
    "pounds": "GBP",
    **dict.fromkeys(("$", "dollar", "dollars", "dolares"), ""),
}
PERCENT = re.compile(r"(?<![\w.,])(\d{1,3}(?:[.,]\d{1,2})?) ?(?:%|percent\b|per cent\b|por cento\b)")
_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0, "year": 360.0, "bill": 30.5}
_UNIT_NAMES = {
    **dict.fromkeys(("minute", "minutes", "minuto", "minutos", "min"), "minute"),
    **dict.fromkeys(("hour", "hours", "hora", "horas", "h"), "hour"),
    **dict.fromkeys(("day", "days", "dia", "dias"), "day"),
    **dict.fromkeys(("week", "weeks", "semana", "semanas"), "week"),
    **dict.fromkeys(("month", "months", "mes", "meses"), "month"),
    **dict.fromkeys(("year", "years", "ano", "anos"), "year"),
    **dict.fromkeys(("fatura", "faturas"), "bill"),
}
_UNIT = "|".join(sorted(_UNIT_NAMES, key=len, reverse=True))
_WORKING = r"business|working|calendar|consecutive|full|more|uteis|corridos"
_DURATION = re.compile(
    rf"(?<![\w.,$/:-])(?P<low>{COUNT})(?: ?\(\d{{1,3}}\))?(?: ?(?:-|to|a|ao|e|and|ou|or|ate) ?(?P<high>{COUNT}))?"
    rf"[ -]{{1,2}}(?:(?:{_WORKING})[ -])?(?P<unit>{_UNIT})\b(?: (?P<kind>uteis|corridos|de calendario))?"
)
_LABELLED_DURATION = re.compile(
    r"\b(?:days?|dias?|prazo|time)\b[^:\d\n]{0,24}: *(?P<low>\d{1,3})(?: ?(?:-|to|a) ?(?P<high>\d{1,3}))? *$"
)
_ONE_UNIT = re.compile(rf"\b(?:a|an|um|uma) (?P<unit>{_UNIT})\b")
_UP_TO_BARE = re.compile(r"\b(?:up to|within|ate|em ate) (?P<low>\d{1,3})(?P<high>)(?= *(?:[,.;:]|$| after| apos))")
_ELLIPTIC = re.compile(r"(?<=[;,] )[a-z -]{2,24} (?P<low>\d{1,3})(?P<high>)(?= *(?:[,;.]|$))")
_MONTHS = (
    "jan(?:uary|eiro)?|feb(?:ruary)?|fev(?:ereiro)?|mar(?:ch|co)?|apr(?:il)?|abr(?:il)?|may|maio|june?|junho|july?|julho"
    "|aug(?:ust)?|ago(?:sto)?|sep(?:t|tember)?|set(?:embro)?|oct(?:ober)?|out(?:ubro)?|nov(?:ember|embro)?|dec(?:ember)?|dez(?:embro)?"
)
_FULL = "january|february|march|april|may|june|july|august|september|october|november|december"
_DATE = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|o)? (?:of |de )?(?P<month>{_MONTHS})\b(?!\w)"
    rf"|\b(?P<first>{_FULL}) (?P<second>\d{{1,2}})(?:st|nd|rd|th)?\b"
    r"|(?<![\d/.])(?P<numeric>\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{4}-\d{2}-\d{2})(?![\d/])"
)
_MONTH_NUMBERS = {name: n for n, names in enumerate(
    ("jan", "feb fev", "mar", "apr abr", "may mai", "jun", "jul", "aug ago", "sep set", "oct out", "nov", "dec dez"), 1
) for name in names.split()}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StatedAmount:
    """An amount in minor units; `currency` is "" where the sign alone is of several currencies."""

    start: int
    end: int
    minor: int
    currency: str = ""

    @property
    def text(self) -> str:
        return f"{self.minor // 100:,}.{self.minor % 100:02}"


@dataclass(frozen=True, slots=True)
class Percent:
    start: int
    end: int
    hundredths: int


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in days, from `low` to `high`, equal where one number stands; `is_working`: None where not said."""

    start: int
    end: int
    low: float
    high: float
    is_working: bool | None = None

    def fits(self, other: "Duration") -> bool:
        """True if this, as claimed, is what the other says."""
        if self.is_working is not None and other.is_working is not None and self.is_working != other.is_working:
            return False
        if abs(self.high - other.high) > 0.02 * other.high:
            return False
        return self.low == self.high or abs(self.low - other.low) <= 0.02 * other.low


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar, as (month, day)."""

    start: int
    end: int
    month: int
    day: int


def minor_units(number: str) -> int:
    """Return a written number in minor units, of two decimals; the last sign before one or two digits is the decimal one.

    "1.234" is a thousand: cents have two digits.
    """
    decimals = _DECIMALS.search(number)
    whole = number[: decimals.start()] if decimals else number
    return int(_NO_DIGIT.sub("", whole)) * 100 + (int(decimals[1].ljust(2, "0")) if decimals else 0)


def money(folded: str) -> Iterator[StatedAmount]:
    """Return the amounts of money of a text, in order."""
    for match in _MONEY.finditer(folded):
        sign = match["before"] or match["after"] or match["named"]
        currency = _CODES.get(sign, sign.upper())
        if match["words"]:
            cents = number_of(match["small"]) if match["small"] else 0
            minor = number_of(match["words"]) * 100 + cents
        else:
            minor = minor_units(match["number"] or match["plain"]) + int(match["cents"] or 0)
        yield StatedAmount(match.start(), match.end(), minor * 1000 if match["thousands"] else minor, currency)
    if labelled := _LABELLED_MONEY.search(folded):
        yield StatedAmount(labelled.start("bare"), labelled.end("bare"), minor_units(labelled["bare"]))


def percents(folded: str) -> Iterator[Percent]:
    for match in PERCENT.finditer(folded):
        yield Percent(match.start(), match.end(), minor_units(match[1]))


def times_asked(folded: str) -> list[Duration]:
    """Return the lengths of time of a question, "a year" among them."""
    days = [(match, _DAYS[_UNIT_NAMES[match["unit"]]]) for match in _ONE_UNIT.finditer(folded)]
    return [*durations(folded), *(Duration(match.start(), match.end(), one, one) for match, one in days)]


def durations(folded: str, *, bare: bool = False) -> list[Duration]:
    """Return the lengths of time of a text in order; with `bare` also "up to 10" without a unit, in days."""
    found = [_duration(match, _DAYS[_UNIT_NAMES[match["unit"]]], match[0]) for match in _DURATION.finditer(folded)]
    if labelled := _LABELLED_DURATION.search(folded):
        found.append(_duration(labelled, 1.0, labelled[0]))
    if bare:
        found += [_duration(match, 1.0, "") for match in _UP_TO_BARE.finditer(folded)]
    return sorted(found, key=lambda one: one.start)


def elliptic_durations(folded: str) -> list[Duration]:
    """Return the lengths of time without a unit of a line that has one before: "Pix 1 working day; boleto 5, by transfer"."""
    whole = _DURATION.search(folded)
    if whole is None:
        return []
    days = _DAYS[_UNIT_NAMES[whole["unit"]]]
    return [_duration(match, days, whole[0]) for match in _ELLIPTIC.finditer(folded, whole.end())]


def _duration(match: re.Match[str], days: float, written: str) -> Duration:
    low = number_of(match["low"])
    high = number_of(match["high"]) if match["high"] else low
    is_working = True if re.search("business|working|uteis", written) else None
    if re.search("calendar|consecutive|corridos", written):
        is_working = False
    return Duration(match.start("low"), match.end(), low * days, high * days, is_working)


def dates(folded: str) -> Iterator[Day]:
    """Return the days of the calendar that a text names; "38 sets" is none, and "12/5" is read day first."""
    for match in _DATE.finditer(folded):
        if match["numeric"]:
            parts = [int(part) for part in re.split("[/-]", match["numeric"])]
            month, day = (parts[1], parts[2]) if "-" in match["numeric"] else (parts[1], parts[0])
        else:
            name = (match["month"] or match["first"])[:3]
            month, day = _MONTH_NUMBERS[name], int(match["day"] or match["second"])
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield Day(match.start(), match.end(), month, day)
