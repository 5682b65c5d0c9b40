"""What an answer's totals may be: sums of what it names, of quantities that it or the customer states, and of its fees."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shop.claims.amounts import minor_units
from shop.claims.subjects import NamedProduct
from shop.claims.wording import COUNT, number_of

_MOST_LINES = 40
_MOST_STATED = 12
_STATED = re.compile(rf"(?<![\w.,$/-]){COUNT}(?![\w/%]|[.,]\d| ?%)")
_GROUPS = {
    **dict.fromkeys(("pair", "couple", "both", "par", "casal", "dupla", "ambos", "ambas"), 2),
    **dict.fromkeys(("trio",), 3),
    **dict.fromkeys(("half a dozen", "half-dozen", "meia duzia"), 6),
    **dict.fromkeys(("dozen", "duzia"), 12),
}
_GROUP = re.compile(rf"\b({'|'.join(sorted(_GROUPS, key=len, reverse=True))})\b")
_TERM = re.compile(
    r"(?:(?P<times>\d{1,4}) ?[x×*] ?)?(?:r\$|us\$|\$|€|£|brl|usd)? ?(?P<amount>\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{2})?|\d{1,9}(?:[.,]\d{1,2})?)(?: ?[x×*] ?(?P<by>\d{1,4})(?![.,]?\d))?"
)


@dataclass(frozen=True, slots=True)
class NamedItem:
    """One thing that the answer names, with its true price each and how many of it are spoken of."""

    item: NamedProduct
    unit: int | None
    quantity: int | None = None


@dataclass(slots=True)
class Ledger:
    """What an answer has named until now that a total may add up."""

    lines: list[NamedItem] = field(default_factory=list)
    fees: list[int] = field(default_factory=list)
    totals: list[tuple[int, int]] = field(default_factory=list)
    """Each sum that came out right, with how many of the fees were stated before it."""
    amounts: list[int] = field(default_factory=list)
    """What the answer has stated to be paid, in order, each wrong amount with its true value."""
    asked: dict[str, int] = field(default_factory=dict)
    """How many of each SKU the customer asked for."""
    asked_numbers: frozenset[int] = frozenset()
    is_reduced: bool = False
    """True once the answer spoke of a discount."""

    def name(self, item: NamedProduct, quantity: int | None, unit: int | None = None) -> None:
        """Add what a passage names; of the same thing named again, the later quantity counts."""
        unit = unit if unit is not None else item.prices[0] if item.prices else None
        for n, line in enumerate(self.lines):
            if line.item == item or (line.item.product == item.product and None in (line.item.variant, item.variant)):
                exact = item if item.variant else line.item
                price = (
                    exact.prices[0] if exact.variant and exact.prices else unit if item.variant else line.unit or unit
                )
                self.lines[n] = NamedItem(exact, price, quantity or line.quantity)
                return
        if len(self.lines) < _MOST_LINES:
            self.lines.append(NamedItem(item, unit, quantity))

    def charge(self, fee: int) -> None:
        if fee and fee not in self.fees and len(self.fees) < _MOST_LINES:
            self.fees.append(fee)

    def state(self, amount: int) -> None:
        if amount:
            self.amounts = [*self.amounts, amount][-_MOST_STATED:]

    def add_up(self, total: int) -> None:
        self.totals.append((total, len(self.fees)))

    def sum_of(self, lines: Iterable[NamedItem]) -> int:
        return sum((line.unit or 0) * self.quantity_of(line) for line in lines)

    def quantity_of(self, line: NamedItem) -> int:
        return line.quantity or self.asked.get(line.item.product.sku) or 1


def numbers_stated(folded: str) -> frozenset[int]:
    """Return the small numbers of a text that may be quantities; "a pair" is two."""
    named = frozenset(_GROUPS[match[1]] for match in _GROUP.finditer(folded))
    return named | frozenset(n for match in _STATED.finditer(folded) if 1 < (n := number_of(match[0])) <= 10_000)


def candidates(ledger: Ledger, own: Sequence[NamedItem], stated: frozenset[int], rates: Iterable[int]) -> list[int]:
    """Return what a total may be, the likeliest first: of the passage's own things, then of all of the answer's; without
    fees, with each, and with all; less each of the discounts (in hundredths of a percent) that hold."""
    groups = [list(own)] if own else []
    if len(ledger.lines) != len(own) or not own:
        groups.append(ledger.lines)
    if len(own) == 1 and len(ledger.lines) > 1:
        groups.reverse()
    bases = [ledger.sum_of(group) for group in groups if group]
    singles = own if len(own) == 1 else ledger.lines if len(ledger.lines) == 1 else ledger.lines[-1:]
    bases += [(line.unit or 0) * n for line in singles for n in sorted(stated | ledger.asked_numbers)]
    bases += [line.unit or 0 for line in (*own, *ledger.lines[-1:])]
    bases = [base for base in dict.fromkeys(bases) if base]
    fees = [sum(ledger.fees), *ledger.fees, 0] if ledger.fees else [0]
    later = [(total, sum(ledger.fees[count:])) for total, count in ledger.totals[-3:]]
    found = [base + fee for base in bases for fee in dict.fromkeys(fees)]
    found += [round(base * (10_000 - rate) / 10_000) + fee for rate in rates for base in bases for fee in fees]
    found += [total + fee for total, fee in later]
    return list(dict.fromkeys(found))


def differences(ledger: Ledger, thresholds: Iterable[int]) -> list[int]:
    """Return how far things that the answer names are apart, and what is missing to a threshold, the latest first."""
    prices = [line.unit for line in ledger.lines[-6:] if line.unit]
    found = [abs(one - other) for n, one in enumerate(prices) for other in prices[n + 1 :]][::-1]
    for line in ledger.lines[-6:][::-1]:
        found += [old - price for old in line.item.old_prices for price in line.item.prices]
    total = ledger.sum_of(ledger.lines)
    found += [threshold - total for threshold in thresholds if threshold > total]
    return list(dict.fromkeys(one for one in found if one > 0))


def tallies(ledger: Ledger) -> list[int]:
    """Return the sums of the first or the last few amounts that the answer has stated."""
    stated = ledger.amounts
    return [sum(part) for n in range(2, len(stated) + 1) for part in (stated[-n:], stated[:n])]


def gaps(ledger: Ledger) -> list[int]:
    """Return how far amounts that the answer has stated are apart, the latest first."""
    stated = ledger.amounts[::-1]
    return [abs(one - other) for n, one in enumerate(stated) for other in stated[n + 1 :] if one != other]


def equation(folded: str, start: int) -> int | None:
    """Return what the written-out sum before a value comes to, as in "85 + 38 + 52 = "; None without one."""
    window = folded[max(0, start - 160) : start].rstrip()
    if not re.search(r"=\s*(?:r\$|\$|€|£)?$", window):
        return None
    left = window[: window.rindex("=")]
    run = re.search(r"[\d.,x×*+$r€£ ]*$", left)
    expression = run[0].strip() if run else ""
    if not re.search(r"[x×*+]", expression) or not re.search(r"\d", expression):
        return None
    total = 0
    for part in expression.split("+"):
        term = _TERM.fullmatch(part.strip())
        if term is None:
            return None
        total += minor_units(term["amount"]) * int(term["times"] or 1) * int(term["by"] or 1)
    return total
