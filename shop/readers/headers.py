"""What the headers of tables mean, by their words. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shop.readers import words
from shop.readers.currencies import currency_in
from shop.readers.folding import fold

_DIGIT = re.compile(r"\d")
PRICE, SALE, OLD, LIST, COST, OPTION, SIZE = "price", "sale", "old", "list", "cost", "option", "size"
_BRACKETS = re.compile(r"[(\[].*?[)\]]")
_INITIALS = re.compile(r"\b[a-z]\b(?: [a-z]\b)+")
_ALONE = dict.fromkeys(words.PRICE_OF_PROGRAMS | words.NOW_ALONE, PRICE) | dict.fromkeys(words.OLD_ALONE, OLD)
_SIGN_PER = re.compile(r"\s*(?:R\$|US\$|[$€£]) ?(?:/|por\b|per\b|pro\b)")
"""A currency per measure: "R$/m", "€ pro kg"."""
_COMPOUND = re.compile(r"(.+?)s?(preis|prijs|pris)$")
_MEASURE = re.compile(
    r"\b\d+(?:[.,]\d+)? ?(?:kg|g|gr|mg|ml|cl|l|lt|oz|lb|lbs|cm|mm|un|und|pcs|pc|tabs|caps)\b", re.IGNORECASE
)
_RANKS = {name: {header: rank for rank, header in enumerate(headers)} for name, headers in words.FIELDS.items()}
_KNOWN_WORDS = {
    name: [(frozenset(header.split()) - words.CONNECTING, rank) for header, rank in ranks.items() if len(header) > 3]
    for name, ranks in _RANKS.items()
}
_IN_WORDS = {name: [(header.split(), header) for header in ranks] for name, ranks in _RANKS.items()}
_LOOSE = 100
"""The rank of a header that has the words of a known one and others."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One meaning that a header can have; the lowest rank is the best."""

    field: str
    rank: int


def meanings(header: str) -> list[Meaning]:
    """Return all that a header can mean; [] for what no product has."""
    folded = _folded(header)
    bare = without_brackets(header)
    if money := _money(header, folded):
        return [money]
    if size_in(header):
        return [Meaning(SIZE, 0)]
    parts = set(bare.split())
    texts = {folded, bare, _folded(header.replace("#", " no ")), bare.removesuffix(" html")}
    found = [Meaning(name, ranks[text]) for name, ranks in _RANKS.items() for text in texts if text in ranks]
    if found:
        return found + ([Meaning(OPTION, 0)] if parts & words.OPTIONS else [])
    if parts & words.SHOWN and parts <= words.SHOWN | words.OF_SHOWN:
        return [Meaning("published", _LOOSE)]
    if bare.startswith(words.STOCK_AT):
        return [Meaning("stock", _LOOSE)]
    if parts & (words.NOT_OF_ARTICLES | words.PRICE):
        return []
    if _is_option(bare, parts):
        return [Meaning(OPTION, 0)]
    return _loose(parts) or ([] if header.rstrip().endswith("-") else _abbreviated(bare))


def option_name(header: str) -> str:
    """Return what an option's header says is chosen, "" where it does not: "Tamanho" of "grade-tamanho-de-camisa"."""
    folded = fold(header)
    if set(folded.split()) <= words.UNNAMED_OPTIONS | words.NAME_OF_OPTION | words.CONNECTING | {"details"}:
        return ""
    first, _, rest = folded.partition(" ")
    named = next((word for word in rest.split() if word in words.OPTIONS), "")
    return named.capitalize() if first == words.GRID and named else header


def is_choice(header: str) -> bool:
    """True if rows of one product differ in such an option."""
    return bool(set(fold(header).split()) & words.DISTINGUISHING)


def is_title(header: str) -> bool:
    """True if a header of no known meaning may be what the articles are called: "Cake" in a baker's list."""
    parts = set(fold(header).split())
    unfit = words.NOT_OF_ARTICLES | words.INTERNAL | words.NO_PRICE | words.OF_RULES
    is_word = 0 < len(parts) <= 2 and not any(map(_DIGIT.search, header))
    return is_word and not parts & unfit and not meanings(header)


def header_score(cells: Sequence[str], *, needs_name: bool = True) -> int:
    """Return how many different things a row names that a product has; 0 where it names no article or no price.

    With `needs_name` False the articles' own column may be the first one beside a SKU, without a header or with one that is
    not known.
    """
    filled = [cell for cell in cells if cell.strip()]
    if len(filled) < 2 or any(len(cell) > 120 for cell in filled):
        return 0
    fields = [meaning.field for cell in filled for meaning in meanings(cell)]
    found = set(fields)
    has_name = found & {"name", "category"} or (not needs_name and _may_be_unnamed(cells))
    has_price = found & {PRICE, SALE, OLD, LIST, COST} or fields.count(SIZE) > 1
    return len(found) if has_name and has_price else 0


def _may_be_unnamed(cells: Sequence[str]) -> bool:
    """True if the first column beside a SKU may be the articles' own: without a header, or with one that is not known."""
    if not cells[0].strip() and not any(map(_DIGIT.search, cells)):
        return True
    return is_title(next((cell for cell in cells if not any(one.field == "sku" for one in meanings(cell))), ""))


def size_in(header: str) -> str:
    """Return the size that a column of prices is for, "" for none: "500 g", "Preço P", "Bottle"."""
    if measure := _MEASURE.search(header):
        return measure[0].strip()
    bare = _BRACKETS.sub(" ", header)
    parts = [part for part in fold(bare).split() if part not in words.PRICE]
    if len(parts) != 1 or parts[0] not in words.SIZES:
        return ""
    return " ".join([bare.split()[-1], *_BRACKETS.findall(header)])


def _money(header: str, folded: str) -> Meaning | None:
    """Return which kind of price a header means, None where it is none."""
    parts = set(folded.split())
    if alone := _ALONE.get(folded):
        return Meaning(alone, 10)
    for word in folded.split():
        if compound := _COMPOUND.fullmatch(word):
            parts |= {compound[1], compound[2]}
    if parts & words.COST and folded not in _RANKS["brand"]:
        return Meaning(COST, 0)
    is_sign = (bool(currency_in(header.upper())) and len(parts) <= 1) or bool(_SIGN_PER.match(header))
    if not (parts & words.PRICE or _is_sales_price(parts) or is_sign or header.strip() == "$"):
        return None
    if parts & words.NO_PRICE and not parts & (words.WITH_TAX | words.WITHOUT_TAX):
        return None
    rank = 10 - (2 if parts & words.WITH_TAX else 0) + (2 if parts & words.WITHOUT_TAX else 0)
    rank += (-1 if parts & words.SOLD_AT else 0) + 3 * len(parts & words.BESIDE) + max(0, len(parts) - 3)
    if folded.endswith(" de"):  # Portuguese and Spanish: "from 20 for 15"
        return Meaning(OLD, rank)
    for kind, marks in ((SALE, words.SALE), (OLD, words.OLD), (LIST, words.LIST_PRICE)):
        if parts & marks:
            return Meaning(kind, rank)
    return Meaning(PRICE, rank)


def _is_sales_price(parts: set[str]) -> bool:
    """True for "Venda" and "Venta con IVA"."""
    return bool(parts & words.SALES_PRICE) and parts <= words.SALES_PRICE | words.OF_TAX


def _folded(header: str) -> str:
    """Return a folded header with initials as one word: "P.V.P." is "pvp"."""
    return _INITIALS.sub(lambda found: found[0].replace(" ", ""), fold(header))


def without_brackets(header: str) -> str:
    """Return a folded header without what stands in brackets, if there is more."""
    return _folded(_BRACKETS.sub(" ", header)) or _folded(header)


def _is_option(bare: str, parts: set[str]) -> bool:
    if parts & {"id", "type", "sku"} or not parts & words.OPTIONS:
        return False
    return len(parts) <= 3 or bare.startswith(f"{words.GRID} ")


def _loose(parts: set[str]) -> list[Meaning]:
    """Return the meaning of a header that has all words of a known one, and up to two more."""
    if parts & words.OF_SERVICE:
        return []
    parts = {part for part in parts - words.CONNECTING if not part.isdigit()}
    found = [
        (len(parts - known), order, Meaning(name, _LOOSE * (1 + len(parts - known)) + rank))
        for order, name in enumerate(("sku", "stock", "image", "url", "brand", "category", "name", "text"))
        if not (name == "stock" and parts & words.ABOUT_STOCK)
        for known, rank in _KNOWN_WORDS[name]
        if known <= parts and (len(known) > 1 or len(parts) <= len(known) + 2)
    ]
    return [min(found, key=lambda it: it[:2])[2]] if found else []


def _abbreviated(bare: str) -> list[Meaning]:
    """Return the meaning of a header whose words are the beginnings of a known one's: "descrip", "cod artic"."""
    begun = bare.split()
    if not begun or any(len(word) < (4 if len(begun) == 1 else 3) for word in begun):
        return []
    fields = ("name", "sku", "text") if len(begun) == 1 else ("name", "sku", "text", "category", "stock")
    for name in fields:
        for whole, known in _IN_WORDS[name]:
            if len(whole) == len(begun) and all(map(str.startswith, whole, begun)):
                return [
                    Meaning(field, _LOOSE + rank)
                    for field, ranks in _RANKS.items()
                    if (rank := ranks.get(known, -1)) >= 0
                ]
    return []
