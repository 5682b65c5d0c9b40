"""Identifiers in a text: the values that must never be lost or invented. Pure.

Order numbers, SKUs, money, dates, times, e-mail addresses, telephone numbers, postcodes, percentages and quantities
are found by their form; two spellings of one value have one key. What has no such form (a preference, a promise) rests
on the model.
"""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from memory.conversations.records import Record, Speaker

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janeiro", "february feb fevereiro fev", "march mar março marco", "april apr abril abr",
            "may maio mai", "june jun junho", "july jul julho", "august aug agosto ago",
            "september sep sept setembro set", "october oct outubro out", "november nov novembro",
            "december dec dezembro dez",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_UNITS = r"kg|g|ml|l|cm|mm|m|km|pcs|pieces?|units?|unidades?|peças?|days?|dias?|items?|itens|sets?|pairs?|pares?|par|x"
_CURRENCY = r"R\$|US\$|USD|BRL|EUR|GBP|\$|€|£"

_FORMS = (
    ("e-mail", r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+"),
    ("money", rf"(?:{_CURRENCY})\s?\d[\d.,]*\d|(?:{_CURRENCY})\s?\d|\d[\d.,]{{0,24}}\s?(?:(?:reais|dollars|dólares|euros?|USD|BRL|EUR)\b|€)"),
    ("date", rf"\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?\b|\b\d{{1,2}}(?:st|nd|rd|th|º)?(?: de)? (?:{_MONTH})\b(?:(?: de)?,? \d{{4}})?|\b(?:{_MONTH})\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?"),
    ("time", r"\b\d{1,2}:\d\d\b|\b\d{1,2} ?(?:am|pm)\b|\b\d{1,2}h(?:\d\d)?\b"),
    ("phone", r"\+\d[\d ()-]{7,}\d|\(\d{2}\) ?\d{4,5}-\d{4}"),
    ("postcode", r"\b\d{5}-\d{3}\b"),
    ("percent", r"\b\d+(?:[.,]\d+)? ?%"),
    ("code", r"#[A-Za-z]{0,4}-?\d[\w-]*|\b[A-Z]{2,6}-\d[\w-]*\b|\b[A-Z]{1,4}\d{3,}[\w-]*\b"),
    ("quantity", rf"\b\d+(?:x\d+| x \d+)+(?: ?[cm]?m)?\b|\b\d+(?:[.,]\d+)? ?(?:{_UNITS})\b"),
    ("number", r"\b\d{2,}(?:[.,-]\d+)*\b"),
)  # fmt: skip
# Every form costs at most the text's length: no run of letters or digits is read again from each place inside of it.
_FORM = re.compile("|".join(f"(?P<k{n}>{form})" for n, (_, form) in enumerate(_FORMS)), re.IGNORECASE)
_KINDS = {f"k{n}": kind for n, (kind, _) in enumerate(_FORMS)}
_CANDIDATE = re.compile(r"[\d@]")
"""What every identifier has: most of a conversation has none, and is not looked at by the forms."""
_LEAD = 12
"""Characters before an identifier's first digit, at most: "september. 12". Only an e-mail address may have more."""
_OF_AN_ADDRESS = re.compile(r"[\w.+-]")
_UPPER_CODE = re.compile(r"#|[A-Z]{1,6}-?\d")

_CUE = re.compile(
    r"\b(actually|correction|corrected|sorry|i meant|i mean|wrong|mistake|instead|changed?|rather|no longer|not|"
    r"na verdade|corrigindo|correção|desculp\w*|quis dizer|errad\w*|mudar?|mudou|trocar?|em vez|não)\b",
    re.IGNORECASE,
)
_OLD_BEFORE = re.compile(
    r"\b(?:not|instead of|rather than|no longer|from|was|em vez d[eo]|ao invés d[eo]|não|de|era)\s+"
    r"(?:(?:the|on|for|at|in|order|size|o|a|é|em|dia|para|pedido|tamanho)\s+){0,2}$",
    re.IGNORECASE,
)


MOST_INSTEAD = 8
"""Earlier values that a fact names, the newest ones. A chain of thousands of corrections is no list for a prompt."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One value, who said it first and in which message.

    `instead_of` are values it took the place of, at most MOST_INSTEAD; `earlier` is how many there were before those.
    """

    value: str
    kind: str
    speaker: Speaker
    number: int
    instead_of: tuple[str, ...] = ()
    earlier: int = 0

    @property
    def key(self) -> str:
        return key_of(self.value, self.kind)


def find(text: str) -> list[tuple[str, str, int]]:
    """Return the identifiers of a text in order: value, kind and where each starts."""
    found = list[tuple[str, str, int]]()
    for match in _matches(text):
        kind = _KINDS[match.lastgroup or ""]
        value = match[0].strip(" .,-")
        if kind == "code" and not _UPPER_CODE.match(value):
            kind = "number"
        if any(letter.isdigit() for letter in value) or kind == "e-mail":
            found.append((value, kind, match.start()))
    return found


def _matches(text: str) -> Iterator[re.Match[str]]:
    """Return what `_FORM.finditer` does, tried only where a digit or an @ follows closely: some ten times as fast."""
    at = 0
    while (candidate := _CANDIDATE.search(text, at)) is not None:
        last = candidate.start()
        first = last
        while first > at and _OF_AN_ADDRESS.match(text[first - 1]):
            first -= 1
        first = max(at, min(first, last - _LEAD))
        match = next((found for n in range(first, last + 1) if (found := _FORM.match(text, n))), None)
        if match is not None:
            yield match
        at = match.end() if match is not None else last + 1


def key_of(value: str, kind: str) -> str:
    """Return what two spellings of one value have in common."""
    low = " ".join(value.lower().split())
    match kind:
        case "code":
            return low.lstrip("#")
        case "money":
            return f"money {amount(low)} {currency(low)}"
        case "percent" | "number" | "quantity":
            return re.sub(r"\s+", "", low).lstrip("#").replace(",", ".")
        case "date":
            return "date " + date_of(low)
        case "phone":
            return "phone " + re.sub(r"\D", "", low)
        case _:
            return low


def amount(text: str) -> str:
    """Return the number in a price with a point and two decimals: 1.234,5 and 1,234.50 are one."""
    digits = re.sub(r"[^\d.,]", "", text).strip(".,")
    last = max(digits.rfind("."), digits.rfind(","))
    if last != -1 and len(digits) - last - 1 <= 2:
        whole, cents = re.sub(r"\D", "", digits[:last]), digits[last + 1 :].ljust(2, "0")
    else:
        whole, cents = re.sub(r"\D", "", digits), "00"
    return f"{whole.lstrip('0') or '0'}.{cents}"


def currency(text: str) -> str:
    """Return a price's currency by its usual signs and words."""
    if re.search(r"r\$|reais|brl", text):
        return "brl"
    if re.search(r"€|eur", text):
        return "eur"
    return "gbp" if re.search(r"£|gbp", text) else "usd"


def date_of(text: str) -> str:
    """Return a date as month and day, with the year where one is given: the order of day and month is kept as written."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    names = [name for name in re.findall(r"[^\W\d_]+", text) if name in _MONTHS]
    if names:
        year = next((number for number in numbers if number > 31), None)
        day = next((number for number in numbers if number <= 31), 0)
        return f"{_MONTHS[names[0]]:02}-{day:02}" + (f" {year}" if year else "")
    if re.match(r"\d{4}-", text):
        return f"{numbers[1]:02}-{numbers[2]:02} {numbers[0]}"
    return "/".join(str(number) for number in numbers)


def of_records(records: Iterable[Record]) -> list[Fact]:
    """Return the facts of messages, each value once, the superseded ones folded into those that took their place."""
    gathered = Gathered()
    for record in records:
        gathered.add(record)
    return gathered.facts()


class Gathered:
    """The facts of messages that are read one after the other, oldest first.

    What a customer says or brings in takes the place of nothing that the shop said: both stay. With `most` at least so many of the
    newest facts are held and not many more, and `left_out` counts the others: memory does not grow with the conversation.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._facts = dict[str, Fact]()
        self._newest = dict[tuple[str, str], str]()
        self.left_out = 0

    def facts(self) -> list[Fact]:
        """Return them in the order in which they were first named."""
        return list(self._facts.values())

    def add(self, record: Record) -> None:
        """Take in the next message."""
        facts, newest = self._facts, self._newest
        found = find(record.text)
        if not found:
            return
        kinds = Counter(kind for _, kind, _ in found)
        old = _old_values(record.text, found) if max(kinds.values()) > 1 and _CUE.search(record.text) else {}
        gone_keys = {key_of(value, kind) for (_, kind), values in old.items() for value in values}
        seen = set[str]()
        for value, kind, _ in found:
            key = key_of(value, kind)
            if key in seen:  # a second mention says nothing new
                newest[record.speaker, kind] = key
                continue
            replaced = old.get((key, kind), ())
            if key in gone_keys and not replaced:
                continue
            seen.add(key)
            before = facts.get(key)
            fact = before or Fact(value, kind, record.speaker, record.number)
            last = newest.get((record.speaker, kind), "")
            is_new = not before and not replaced and last in facts and kind not in ("number", "quantity")
            if is_new and kinds[kind] == 1 and _is_correction(record.text):
                replaced = (facts[last].value,)
            facts[key] = self._instead(fact, key, replaced, record.speaker) if replaced else fact
            newest[record.speaker, kind] = key
        if self._most is not None and len(facts) > 4 * self._most:
            for key in list(facts)[: -2 * self._most]:
                del facts[key]
                self.left_out += 1

    def _instead(self, fact: Fact, key: str, replaced: Iterable[str], speaker: str) -> Fact:
        """Return the fact with what it took the place of, which goes, and with what that had taken the place of."""
        values, earlier = dict.fromkeys(fact.instead_of), fact.earlier
        for gone in replaced:
            previous = self._facts.get(key_of(gone, fact.kind))
            if previous is not None:
                values.update(dict.fromkeys(previous.instead_of))
                earlier += previous.earlier
                if speaker == "assistant" or previous.speaker == speaker:
                    del self._facts[previous.key]
            values.pop(gone, None)
            values[gone] = None
        others = [value for value in values if key_of(value, fact.kind) != key]
        earlier += max(0, len(others) - MOST_INSTEAD)
        return replace(fact, instead_of=tuple(others[-MOST_INSTEAD:]), earlier=earlier)


_CORRECTION = re.compile(
    r"\b(actually|correction|i meant|i mean|changed? (?:it|that|my|the)|wrong|mistake|instead|na verdade|corrigindo|quis dizer|errad\w*|mud(?:ar|ou|ei)|em vez)\b",
    re.IGNORECASE,
)
_OF_A_CORRECTION = ("actual", "correct", "i mean", "change", "wrong", "mistake", "instead", "verdade", "corrig", "quis", "errad", "mud", "em vez")  # fmt: skip
"""One of these stands in every correction: they are looked for some hundred times as fast."""


def _is_correction(text: str) -> bool:
    """True if a message sets an earlier value right without repeating it."""
    low = text.lower()
    return any(piece in low for piece in _OF_A_CORRECTION) and _CORRECTION.search(text) is not None


def _old_values(text: str, found: Sequence[tuple[str, str, int]]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the values that the text itself says no longer hold ("not X but Y", "from X to Y", "Y instead of X").

    They stand by the key and kind of what took their place: the nearest other value of the kind.
    """
    old = dict[tuple[str, str], dict[str, None]]()
    for kind in {kind for _, kind, _ in found}:
        values = [(value, start) for value, of, start in found if of == kind]
        are_old = [bool(_OLD_BEFORE.search(text[max(0, start - 32) : start])) for _, start in values]
        new = [n for n, is_old in enumerate(are_old) if not is_old]
        for n in (n for n, is_old in enumerate(are_old) if is_old and new):
            value, start = values[n]
            at = bisect(new, n)
            nearest = min(new[max(0, at - 1) : at + 1], key=lambda m: _distance(values[m], start, start + len(value)))
            key = key_of(values[nearest][0], kind)
            if key != key_of(value, kind):
                old.setdefault((key, kind), {})[value] = None
    return {one: tuple(values) for one, values in old.items()}


def _distance(value: tuple[str, int], start: int, end: int) -> int:
    return value[1] - end if value[1] >= end else start - value[1] - len(value[0])


def keys(text: str) -> set[str]:
    """Return the keys of all identifiers in a text, and of the plain numbers inside of them."""
    return {key_of(value, kind) for value, kind, _ in find(text)}


def cut_unsupported(text: str, source: str) -> tuple[str, int]:
    """Return the text without identifiers that the source has not, in this spelling or another, and how many were cut."""
    source_keys, low, parts, at, cut = keys(source), source.lower(), list[str](), 0, 0
    for value, kind, start in find(text):
        if key_of(value, kind) not in source_keys and not _stands_in(low, value.lower()):
            parts += [text[at:start], "[…]"]
            at, cut = start + len(value), cut + 1
    return "".join([*parts, text[at:]]), cut


def _stands_in(source: str, value: str) -> bool:
    """True if the value stands in the source by itself, as no part of a longer one."""
    return re.search(rf"(?<!\w)(?<!\d[.,]){re.escape(value)}(?!\w)(?![.,]\d)", source) is not None


def missing(facts: Iterable[Fact], text: str) -> list[Fact]:
    """Return the facts whose value, or what it took the place of, the text does not carry."""
    carried = keys(text)
    return [fact for fact in facts if fact.key not in carried or fact.instead_of]
