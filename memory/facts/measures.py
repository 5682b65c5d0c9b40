"""Money, percentages, dimensions, sizes and quantities in a text, English and Portuguese. Pure.

It reads folded text: lower case, without accents (`values.fold`). Metric lengths are compared in centimetres, weights
in grams, volumes in millilitres.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from memory.facts import number_words
from memory.facts.number_words import DIGITS, plain

_SIGNS = {
    "r$": "brl", "brl": "brl", "us$": "usd", "u$s": "usd", "usd": "usd", "$": "usd", "€": "eur", "eur": "eur",
    "£": "gbp", "gbp": "gbp",
}  # fmt: skip
_CURRENCIES = {
    name: code
    for code, names in {
        "brl": "reais real brl contos conto pila pilas",
        "usd": "dollars dollar dolares dolar bucks usd us$",
        "eur": "euros euro eur €",
        "gbp": "pounds pound libras libra quid gbp £",
    }.items()
    for name in names.split()
}
_CENTS = {"centavos": "brl", "centavo": "brl", "cents": "usd", "cent": "usd", "pence": "gbp"}
_UNITS = {
    name: unit
    for unit, names in {
        "day": "days day dias dia",
        "week": "weeks week semanas semana",
        "month": "months month meses mes",
        "year": "years year anos ano",
        "hour": "hours hour horas hora h",
        "minute": "minutes minute min minutos minuto",
        "x": "x times vezes vez parcelas parcela instalments installments instalment installment prestacoes",
        "piece": "pieces piece pcs pc units unit unidades unidade un pecas peca items item itens",
        "pair": "pairs pair pares par",
        "set": "sets set jogos jogo kits kit conjuntos conjunto",
        "degree": "degrees degree graus grau °c °",
        "inch": 'inches inch in polegadas polegada "',
        "ft": "feet foot ft pes",
    }.items()
    for name in names.split()
}
_METRIC = {
    name: (base, Decimal(factor))
    for base, factor, names in (
        ("cm", "0.1", "mm milimetros"),
        ("cm", "1", "cm centimetros centimetro centimeters centimetres"),
        ("cm", "100", "m metros metro meters metres meter metre mt mts"),
        ("cm", "100000", "km quilometros kilometers kilometres"),
        ("g", "1", "g gr gramas grama grams gram"),
        ("g", "1000", "kg kgs kilos kilo quilos quilo kilograms"),
        ("ml", "1", "ml mililitros"),
        ("ml", "1000", "l litros litro liters litres liter litre"),
    )
    for name in names.split()
}
_SIZE_NAMES = {
    "small": "s", "medium": "m", "large": "l", "pequeno": "p", "pequena": "p", "medio": "m", "media": "m", "grande": "g",
}  # fmt: skip

WORDS = frozenset(
    {*_CURRENCIES, *_CENTS, "tamanho", "tamanhos", "tam", "size", "sizes", "manequim", "calco", "calca", "visto", "veste"}
    | {"shoe", "one", "um", "uma", "xs", "xl", "xxl", "xxxl", "pp", "gg", "ggg", "xg", "xgg", "p", "m", "g", "s", "l"}
    | {"brl", "usd", "eur", "gbp"}
)  # fmt: skip
"""The words that a value of this module may begin with, numbers aside."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What was found: its kind, its key and where it ends."""

    kind: str
    key: str
    end: int


def read(text: str, low: str, at: int) -> Measure | None:
    """Return the price, percentage, dimensions or quantity that begins at a place of the folded text; None if none does.

    `text` is the same text as it stands: a capital letter after a number is a size, not a unit.
    """
    if (money := _sign_first(low, at)) is not None:
        return money
    number = number_words.read(low, at, articles=True)
    if number is None:
        return None
    return _money(low, number) or _percent(low, number) or _dimensions(low, at) or _quantity(text, low, number)


def implied_by_dimensions(sides: list[str]) -> Iterator[str]:
    """Return the keys of dimensions in another unit of length, and without one."""
    numbers = [Decimal(side) for side in sides if side[0].isdigit()]
    yield f"dimensions {' '.join(plain(number) for number in numbers)}"
    if sides[-1] == "cm":
        yield f"dimensions {' '.join(plain(number / 100) for number in numbers)}"


_SIGN = re.compile(
    rf"(?:{'|'.join(map(re.escape, sorted(_SIGNS, key=len, reverse=True)))})(?!\w) ?|(?:r\$|us\$|u\$s|[$€£])\s?"
)
_CURRENCY = re.compile(rf" ?(?:de )?({'|'.join(map(re.escape, sorted(_CURRENCIES, key=len, reverse=True)))})(?!\w)")
_CENT = re.compile(rf" ?({'|'.join(_CENTS)})(?!\w)")
_AND = re.compile(r" (?:e|and) ")
_PERCENT = re.compile(r" ?%| (?:por cento|per cent|percent|pct)(?!\w)")


def _sign_first(low: str, at: int) -> Measure | None:
    sign = _SIGN.match(low, at)
    if sign is None:
        return None
    number = number_words.read(low, sign.end())
    if number is None or number.is_word:
        return None
    return Measure("money", _money_key(number.amount, _SIGNS[sign[0].strip()]), number.end)


def _money_key(amount: Decimal, currency: str) -> str:
    return f"money {plain(amount)} {currency}"


def _money(low: str, number: number_words.Number) -> Measure | None:
    cents = _CENT.match(low, number.end)
    if cents is not None:
        return Measure("money", _money_key(number.amount / 100, _CENTS[cents[1]]), cents.end())
    currency = _CURRENCY.match(low, number.end)
    if currency is None or (currency[1] in ("real", "pound") and number.amount != 1):
        return None
    amount, end = number.amount, currency.end()
    if (glue := _AND.match(low, end)) is not None:
        more = number_words.read(low, glue.end(), articles=True)
        cents = _CENT.match(low, more.end) if more is not None else None
        if more is not None and cents is not None:
            amount, end = amount + more.amount / 100, cents.end()
    return Measure("money", _money_key(amount, _CURRENCIES[currency[1]]), end)


def _percent(low: str, number: number_words.Number) -> Measure | None:
    sign = _PERCENT.match(low, number.end)
    return Measure("percent", f"percent {plain(number.amount)}", sign.end()) if sign is not None else None


_LENGTH = "|".join(
    sorted(
        {*(name for name, (base, _) in _METRIC.items() if base == "cm"), *_UNITS}
        & {*_METRIC, "ft", "feet", "foot", "pes", "in", "inches", "inch", "polegadas"},
        key=len,
        reverse=True,
    )
)
_COUNT = r"one|two|three|four|five|six|seven|eight|nine|ten|um|dois|tres|quatro|cinco|seis|sete|oito|nove|dez"
_SIDE = rf"({DIGITS}|(?:{_COUNT})(?!\w)) ?({_LENGTH})?(?![^\W\dx])"
_BY = r"(?:[x×]| [x×] | by )"
_DIMENSIONS = re.compile(rf"{_SIDE}{_BY}{_SIDE}(?:{_BY}{_SIDE})?(?!\w)")
_POR = re.compile(rf"{_SIDE} por {_SIDE}(?!\w)")


def _dimensions(low: str, at: int) -> Measure | None:
    match = _DIMENSIONS.match(low, at)
    if match is None:
        match = _POR.match(low, at)
        if match is None or not (match[2] or match[4]):
            return None
    groups = match.groups()
    sides = [(one, unit) for one, unit in zip(groups[::2], groups[1::2], strict=True) if one]
    if _CURRENCY.match(low, match.end()) is not None:
        return None
    last = next((unit for _, unit in reversed(sides) if unit), None)
    found = [_in_base(number_words.read(one, 0, articles=True), unit or last) for one, unit in sides]
    base = found[-1][1]
    return Measure(
        "dimensions", " ".join(("dimensions", *(one for one, _ in found), *([base] if base else []))), match.end()
    )


def _in_base(number: number_words.Number | None, unit: str | None) -> tuple[str, str]:
    """Return a length in its base unit, and that unit; "" where there is none."""
    amount = number.amount if number is not None else Decimal()
    if unit in _METRIC:
        base, factor = _METRIC[unit]
        return plain(amount * factor), base
    return plain(amount), _UNITS.get(unit or "", "")


_UNIT = re.compile(
    rf"(?P<space> ?)(?P<unit>{'|'.join(map(re.escape, sorted({*_UNITS, *_METRIC} - {'in'}, key=len, reverse=True)))})(?!\w)"
    r"(?P<working> uteis?| business)?|(?P<before> business| working) days?(?!\w)"
)


def _quantity(text: str, low: str, number: number_words.Number) -> Measure | None:
    match = _UNIT.match(low, number.end)
    if match is None:
        return None
    name = match["unit"]
    if name is None or match["working"]:
        return Measure("quantity", f"quantity {plain(number.amount)} workday", match.end())
    if name in ("m", "g", "l") and text[match.start("unit")].isupper():
        return None
    amount, unit = _in_base(number, name)
    return Measure("quantity", f"quantity {amount} {unit}", match.end())


_SIZE = rf"\d{{1,3}}(?:[.,]5|½| ?1/2)?|x{{0,3}}[sl]|\dxl|pp|p|m|g{{1,3}}|xx?g|unico|{'|'.join(_SIZE_NAMES)}"
_SIZE_LEAD = re.compile(
    r"(?:tamanhos?|tam\.?|sizes?|shoe sizes?|manequim|calc[oa]|visto|veste)(?: (?:e|is|do|da|no|na|eu|uk|us|br|an?|the|numero|o))*:? "
)
_ONE_SIZE = re.compile(rf"(?:{_SIZE})(?![\w])(?![.,/]\d)")
_NEXT_SIZE = re.compile(r" ?(?:/|,) ?| (?:e|and|ou|or|to|para|a|pelo|instead of) ")
_ENDS = re.compile(r"\W*$|\s*[.,;:!?)/\n]| (?:na|no|nas|nos|da|do|in|for|para|de|please|por)(?!\w)")
_PAIR = re.compile(r"(\d\d)/(\d\d)(?!\d|/|[.,-]\d)")
_ALONE = {"xs", "xl", "xxl", "xxxl", "pp", "gg", "ggg", "xg", "xgg"}
_LETTER_BEFORE = re.compile(
    r"(?:^|[/,(]|(?<!\w)(?:um|uma|o|a|an|the|pelo|para|pra|em|in|no|na|to|from|do|da|e|and|ou|or|is|it|\d)) ?$"
)


def read_sizes(text: str, low: str, at: int) -> list[tuple[str, int, int]]:
    """Return the sizes that begin at a place, each with its key, start and end: "tamanho P ou M", "42/44", "XL"."""
    lead = _SIZE_LEAD.match(low, at)
    if lead is not None:
        return _row_of_sizes(low, lead.end(), at)
    pair = _PAIR.match(low, at)
    if pair is not None and _are_sizes(int(pair[1]), int(pair[2])):
        return [(f"size {pair[n]}", pair.start(n), pair.end(n)) for n in (1, 2)]
    letters = _ONE_SIZE.match(low, at)
    if letters is None or not text[at : letters.end()].isupper():
        return []
    is_single = len(letters[0]) == 1 and _LETTER_BEFORE.search(low, max(0, at - 8), at) is not None
    if letters[0] not in _ALONE and not (is_single and letters[0] in "pmgsl"):
        return []
    return [(f"size {letters[0]}", at, letters.end())]


def _are_sizes(one: int, other: int) -> bool:
    """True for two neighbouring sizes that are no day and month: 38/40, 42/44."""
    return min(one, other) > 12 and one != other and (max(one, other) > 31 or other - one == 2)


def _row_of_sizes(low: str, at: int, start: int) -> list[tuple[str, int, int]]:
    found = list[tuple[str, int, int]]()
    while len(found) < 8 and (size := _ONE_SIZE.match(low, at) or _SLASHED.match(low, at)) is not None:
        is_figures = size[0][0].isdigit()
        if found and is_figures and low[at - 1] != "/" and _ENDS.match(low, size.end()) is None:
            break
        found.append((_size_key(size[0]), start, size.end()))
        glue = _NEXT_SIZE.match(low, size.end())
        if glue is None:
            break
        at = start = glue.end()
    return found


_SLASHED = re.compile(r"\d\d(?=/\d\d(?!\d|/))")


def _size_key(size: str) -> str:
    if size[0].isdigit() and not size.endswith("xl"):
        return f"size {plain(number_words.amount(size.replace(' ', '').replace('1/2', '½')))}"
    return f"size {_SIZE_NAMES.get(size, size)}"
