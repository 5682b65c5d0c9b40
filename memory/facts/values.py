"""Values in a text: what must never be lost, invented or mistaken for another. Pure, and linear in the text's length.

Money, numbers in figures and words, percentages, dates, times, dimensions, sizes, quantities, documents, phones,
addresses of the web and the post, and codes, in English and Portuguese. Two spellings of one value have one key. What
has no such form (a preference, a promise) is not found here.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from memory.facts import dates_and_times, identifiers, measures, number_words


@dataclass(frozen=True, slots=True)
class Value:
    """One value as it stands in a text, from `start` to `end`; `key` is what its spellings have in common."""

    kind: str
    text: str
    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Source:
    """A text as it stands and folded, and the day it was said: values are read from the one by places of the other."""

    text: str
    low: str
    said: date | None

    def value(self, kind: str, key: str, start: int, end: int) -> Value:
        return Value(kind, self.text[start:end], key, start, end)


def find(text: str, said: date | None = None) -> list[Value]:
    """Return the values of a text in order; none overlaps another.

    `said` is the day of the message: with it "amanhã", "next Friday" and "dia 12" have the key of the day they mean.
    """
    said = said if said is not None and said.year in _YEARS else None
    source = _Source(text, fold(text), said)
    return list(_in_order(source, sorted(_addresses(source), key=lambda one: one.start)))


def fold(text: str) -> str:
    """Return the text in lower case and without accents, each character in its place."""
    if text.isascii():
        return text.lower()
    return "".join(_folded.get(letter) or _fold_letter(letter) for letter in text)


def keys(text: str, said: date | None = None) -> set[str]:
    """Return the keys of all that a text states: of its values, and of what they imply.

    A price states its number, a date its weekday. What is relative states both its day and its words.
    """
    found = [*find(text), *(find(text, said) if said is not None else ())]
    return {key for value in found for key in (value.key, *implied(value))}


def is_stated(value: Value, stated: set[str]) -> bool:
    """True if a value stands among keys of a source: a size or quantity without known unit also by its number."""
    if value.key in stated:
        return True
    kind, number, *unit = value.key.split()
    return kind in ("size", "quantity") and f"number {number}" in stated and not unit


def implied(value: Value) -> Iterator[str]:
    """Return the keys of what a value says too: a price its number, a date its day, a phone number its end."""
    match value.key.split():
        case ["money" | "quantity" | "size", number, *_] if number[0].isdigit():
            yield f"number {number}"
        case ["date", day]:
            yield from _implied_by_date(day)
        case ["month", month] if len(month) > 2:
            yield f"month {month[-2:]}"
        case ["time", time] if time >= "13":
            yield f"time {int(time[:2]) - 12:02}{time[2:]}"
        case ["number", digits] if value.kind == "phone":
            yield from (f"number {digits[-length:]}" for length in (8, 9, 10, 11) if length < len(digits))
        case ["dimensions", *sides]:
            yield from measures.implied_by_dimensions(sides)


def _implied_by_date(day: str) -> Iterator[str]:
    yield f"day {int(day[-2:])}"
    yield f"month {day[-5:-3]}"
    if len(day) > 5:
        yield f"date {day[5:]}"
        yield f"month {day[:7]}"
        try:
            yield f"weekday {date.fromisoformat(day).isoweekday()}"
        except ValueError:
            return  # 31 February


_YEARS = range(100, 9_900)
"""Years in which days are counted from a message: the farthest future has no next month, and the first year no last one."""
_folded: dict[str, str] = {chr(code): chr(code).lower() for code in range(128)}


def _fold_letter(letter: str) -> str:
    low = letter.lower()
    base = unicodedata.normalize("NFD", low if len(low) == 1 else letter)[0]
    return base if len(base) == 1 else letter


_URL = re.compile(
    r"https?://[^\s<>\"')\]]++|www\.[^\s<>\"')\]]++"
    r"|(?<![\w.@-])(?:[a-z\d-]{1,63}\.){1,4}(?:com|net|org|shop|store|example|io|co|br|pt|uk|us|eu|de)(?:/[^\s<>\"')\]]*+|(?![\w.-]\w)(?!\w))"
)
_AT_END = "\"').!?… "
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}+@[\w-]++(?:\.[\w-]++)+")
_HANDLE = re.compile(r"(?<![\w.@])@[a-z_][\w.]{1,40}")
_COUPON = re.compile(r"(?<=[:\s\"'“])(?:[A-ZÀ-Ý\d]{2,12}(?:-[A-ZÀ-Ý\d]{2,12}){1,4}|[A-ZÀ-Ý\d]{4,24})(?![\w-])")
_COUPON_LEAD = re.compile(
    r"\b(?:cupom|cupao|cupons|coupons?|codigo|code|voucher|vale|promo)(?: (?:e|is|o|the|de|desconto|code))*[:\s\"'“]*$"
)


def _addresses(source: _Source) -> Iterator[Value]:
    """Return e-mail addresses, URLs, handles, and codes in capitals: what need not have a figure."""
    text, low = source.text, source.low
    if "@" in low:
        for match in _EMAIL.finditer(low):
            yield source.value(
                "e-mail", f"e-mail {text[match.start() : match.end()].lower()}", match.start(), match.end()
            )
        for match in _HANDLE.finditer(low):
            end = match.start() + len(match[0].rstrip("."))
            yield source.value("handle", f"handle {text[match.start() : end].lower()}", match.start(), end)
    for match in _URL.finditer(low) if "." in low.rstrip(_AT_END) else ():
        end = match.start() + len(match[0].rstrip(".,;:!?*_"))
        address = re.sub(r"^(?:https?://)?(?:www\.)?", "", low[match.start() : end]).rstrip("/")
        yield source.value("url", f"url {address}", match.start(), end)
    for match in _COUPON.finditer(text):
        start, end = match.span()
        is_known = _COUPON_LEAD.search(low, max(0, start - 24), start) is not None
        if is_known or ("-" in match[0] and len(match[0]) >= 7 and not any(letter.isdigit() for letter in match[0])):
            yield source.value("coupon" if is_known else "code", identifiers.key_of(low[start:end]), start, end)


_LEADS = sorted({*number_words.WORDS, *dates_and_times.WORDS, *measures.WORDS}, key=len, reverse=True)
_START = re.compile(
    rf"(?<![\w-])(?:[^\W\d]{{0,12}}\d|[^\W\d_]{{1,8}}(?:-[^\W\d_]{{1,8}}){{0,2}}-\d|(?:{'|'.join(_LEADS)})(?!\w))"
    r"|(?<!\w)[+#(]\d|(?<!\w)#[a-z]|(?<!\w)[a-z]{2}(?= \d{3} \d{3} \d{3} [a-z]{2}(?!\w))|(?<!\w)(?:r\$|us\$|u\$s)|[$€£]|(?<![^\W\d])\d|[½¼¾]"
)  # fmt: skip
"""Where a value may begin: at a figure, a word with one in it, a sign of money, or a word that begins a value."""
_REST_OF_WORD = re.compile(r"\w*")


def _in_order(source: _Source, taken: list[Value]) -> Iterator[Value]:
    """Return the values at all places, and those known already; where two overlap, the one that begins first."""
    at, known = 0, iter(taken)
    following = next(known, None)
    while (match := _START.search(source.low, at)) is not None:
        start = match.start()
        while following is not None and following.start <= start:
            if following.start >= at:
                yield following
                at = following.end
            following = next(known, None)
        if start < at:
            continue
        found = _read(source, start)
        yield from found
        end = found[-1].end if found else _REST_OF_WORD.match(source.low, match.end()).end()  # type: ignore[union-attr]
        at = max(end, start + 1)
    yield from (one for one in (following, *known) if one is not None and one.start >= at)


def _read(source: _Source, at: int) -> list[Value]:
    """Return the value that begins at a place, several for a row of sizes, none if none does."""
    low = source.low
    sizes = measures.read_sizes(source.text, low, at)
    if sizes:
        return [source.value("size", key, start, end) for key, start, end in sizes]
    for reader in (_moment, _identifier, _measure, _code, _number):
        value = reader(source, at)
        if value is not None:
            return [value]
    return []


def _identifier(source: _Source, at: int) -> Value | None:
    found = identifiers.read(source.low, at)
    return source.value(found.kind, found.key, at, found.end) if found is not None else None


def _moment(source: _Source, at: int) -> Value | None:
    found = dates_and_times.read(source.low, at, source.said)
    return source.value(found.kind, found.key, at, found.end) if found is not None else None


def _measure(source: _Source, at: int) -> Value | None:
    """Read money, a percentage, dimensions or a quantity; one of days ahead is a date where the day is known."""
    found = measures.read(source.text, source.low, at)
    if found is None:
        return None
    value = source.value(found.kind, found.key, at, found.end)
    if source.said is None or found.kind != "quantity":
        return value
    is_ahead = _AHEAD.search(source.low, max(0, at - 10), at) is not None
    is_past = (
        _AGO.match(source.low, found.end) is not None or _AGO_BEFORE.search(source.low, max(0, at - 6), at) is not None
    )
    number, unit = found.key.split()[1:3]
    key = None
    if (is_ahead or is_past) and number.isdecimal():
        key = dates_and_times.away(int(number), unit, source.said, is_past=is_past)
    return replace(value, kind="date", key=key) if key is not None else value


_AHEAD = re.compile(r"(?<!\w)(?:em|in|daqui a|dentro de) $")
_AGO = re.compile(r" (?:ago|atras)(?!\w)")
_AGO_BEFORE = re.compile(r"(?<!\w)ha $")


def _code(source: _Source, at: int) -> Value | None:
    found = identifiers.read_code(source.low, at)
    number = number_words.read(source.low, at) if found is not None else None
    if found is None or (number is not None and number.end >= found.end):
        return None  # "2k" is a number
    return source.value(found.kind, found.key, at, found.end)


_LIST_MARK = re.compile(r"\d{1,2}[.)] ")
_PLAIN_DIGITS = re.compile(r"\d+(?![.,]?\d)")
_COUNTED = re.compile(r" [^\W\d_]{2}")


def _number(source: _Source, at: int) -> Value | None:
    """Read a number without a unit; the numbering of a list is none."""
    low = source.low
    if (at == 0 or low[at - 1] == "\n") and _LIST_MARK.match(low, at):
        return None
    digits = _PLAIN_DIGITS.match(low, at)
    number = number_words.read(low, at)
    if number is None:
        return source.value("number", f"number {digits[0]}", at, digits.end()) if digits is not None else None
    is_counted = number.amount < 1_000 and _COUNTED.match(low, number.end) is not None
    is_long = digits is not None and digits.end() == number.end and (len(digits[0]) >= 6 or digits[0].startswith("0"))
    key = digits[0] if digits is not None and is_long else number_words.plain(number.amount)
    return source.value("quantity" if is_counted else "number", f"number {key}", at, number.end)
