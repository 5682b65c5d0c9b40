"""What the columns of a table mean, by their headers and by what is in them. Pure."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

from shop.readers import words
from shop.readers.cells import stock_of
from shop.readers.currencies import currency_in
from shop.readers.folding import fold
from shop.readers.headers import (
    COST,
    LIST,
    OLD,
    OPTION,
    PRICE,
    SALE,
    SIZE,
    is_title,
    meanings,
    size_in,
    without_brackets,
)

_NAMED = (
    "currency", "name", "sku", "text", "category", "brand", "stock", "quantity", "url", "image", "published", "hidden", "status", "parent",
    "on sale", "sale begins", "sale ends",
)  # fmt: skip
SAMPLE_ROWS = 200
_MOST_DIGITS = 5
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
_ROW_NUMBERS = frozenset(("no", "nr", "n", "num", "numero", "nummer", "id", "item", "product id"))
_LESS = 20
"""What a price of a size, "box of 12", ranks below the others, where there are others."""
_WORST_SUBSTITUTE = 12
"""The rank of a price without tax, which counts where the one with tax is blank."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column has what: positions by field, and the columns that are options or prices to be kept from customers.

    `prices` are all columns of the kind of price that is used, best first: where one is blank, the next one counts.
    `sizes` are the columns that have a price for each size, with the sizes' names, `stocks` those that have a stock. `pairs` are columns of an option's name
    and of its value, "Option Name 1" and "Option Value 1". `categories` are the columns of the category's levels.
    """

    header: tuple[str, ...]
    positions: Mapping[str, int]
    options: tuple[int, ...] = ()
    secret: tuple[int, ...] = ()
    currency: str = ""
    prices: tuple[int, ...] = field(default=())
    sizes: tuple[tuple[str, int], ...] = ()
    stocks: tuple[tuple[str, int], ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()
    categories: tuple[int, ...] = ()

    @property
    def is_product_table(self) -> bool:
        return "name" in self.positions and PRICE in self.positions


def find_columns(header: Sequence[str], rows: Sequence[Sequence[str]], currency: str = "") -> Columns:
    """Return what the columns of a table mean; a meaning needs cells that can have it.

    `currency` chooses between prices in several currencies.
    """
    seen, by_field = _cells_seen(header, rows), _by_field(header)
    sizes, pairs = _sizes(by_field, header, seen), option_pairs(header)
    positions = _positions(by_field, header, seen, currency, sizes)
    price = positions.get(PRICE)
    return Columns(
        header=tuple(header),
        positions=positions,
        options=_options(by_field.get(OPTION, []), seen, {*positions.values(), *(n for pair in pairs for n in pair)}),
        secret=tuple(n for _, n in by_field.get(COST, []) if _has_digits(seen[n])),
        currency="" if price is None else currency_in(header[price]),
        prices=_prices(price, by_field.get(PRICE, []), seen),
        sizes=sizes,
        stocks=() if sizes else _stocks(by_field.get(SIZE, []), header, seen),
        pairs=pairs,
        categories=_levels(positions.get("category"), [n for _, n in by_field.get("category", [])], header),
    )


def _cells_seen(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the cells of each column that are not blank, of rows from all over the table; a row of one cell is a heading."""
    sample = _spread([row for row in rows if sum(bool(cell.strip()) for cell in row) > 1] or rows)
    return [[row[n].strip() for row in sample if n < len(row) and row[n].strip()] for n in range(len(header))]


def _by_field(header: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """Return the columns whose headers have a meaning, by it, each behind its rank."""
    found = dict[str, list[tuple[int, int]]]()
    for n, cell in enumerate(header):
        for meaning in meanings(cell):
            found.setdefault(meaning.field, []).append((meaning.rank, n))
    return found


def _positions(
    by_field: Mapping[str, list[tuple[int, int]]],
    header: Sequence[str],
    seen: Sequence[Sequence[str]],
    currency: str,
    sizes: Sequence[tuple[str, int]],
) -> dict[str, int]:
    """Return the one column of each field, prices first: no column has two meanings."""
    positions = _price_positions(by_field, header, seen, currency)
    if sizes:
        positions[PRICE] = sizes[0][1]
    for name in _NAMED:
        for _, n in _candidates(name, by_field.get(name, []), header, seen):
            if n not in positions.values() and _can_be(name, header[n], seen[n]):
                positions[name] = n
                break
    if "name" not in positions and PRICE in positions:
        positions |= _unnamed(positions, header, seen)
        if positions.get("category") == positions.get("name"):
            positions.pop("category", None)
    return positions


def _options(found: Sequence[tuple[int, int]], seen: Sequence[Sequence[str]], taken: Set[int]) -> tuple[int, ...]:
    return tuple(n for _, n in sorted(found) if n not in taken and _can_be(OPTION, "", seen[n]))


def _prices(price: int | None, found: Sequence[tuple[int, int]], seen: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the column of the price, and those that count where it is blank, best first."""
    if price is None:
        return ()
    others = (n for rank, n in sorted(found) if n != price and rank <= _WORST_SUBSTITUTE and _has_digits(seen[n]))
    return (price, *others)


def _has_digits(cells: Sequence[str]) -> bool:
    return any(map(_DIGIT.search, cells))


def _stocks(
    found: Sequence[tuple[int, int]], header: Sequence[str], seen: Sequence[Sequence[str]]
) -> tuple[tuple[str, int], ...]:
    """Return the columns that have a count for each size, "P", "M", "G", beside one price; () for what is no such grid."""
    columns = [n for _, n in sorted(found) if seen[n]]
    cells = [cell for n in columns for cell in seen[n]]
    are_counts = all(cell.isdigit() and len(cell) < _MOST_DIGITS for cell in cells) and any(
        cell.strip("0") for cell in cells
    )
    has_totals = any(set(fold(cell).split()) & words.TOTALS for cell in header)  # an order form's quantities
    return tuple((size_in(header[n]), n) for n in columns) if len(columns) > 1 and are_counts and not has_totals else ()


def _levels(category: int | None, columns: Sequence[int], header: Sequence[str]) -> tuple[int, ...]:
    """Return the columns of a category's levels: those whose headers differ in a number only, or say that they are below."""
    if category is None:
        return ()
    plain = {n: re.sub(r"[\W\d_]+", "", fold(header[n])) for n in columns}
    below = [n for n in sorted(columns) if n != category]
    return (category, *(n for n in below if plain[n] in (plain[category], f"sub{plain[category]}")))


def option_pairs(header: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return the columns of options' names with those of their values, by their numbers."""
    names, values = dict[str, int](), dict[str, int]()
    for n, cell in enumerate(header):
        parts = fold(cell).split()
        number = next((part for part in parts if part.isdigit()), "")
        if set(parts) & words.UNNAMED_OPTIONS:
            if set(parts) & words.NAME_OF_OPTION:
                names.setdefault(number, n)
            elif set(parts) & words.VALUE_OF_OPTION:
                values.setdefault(number, n)
    return tuple((n, values[number]) for number, n in names.items() if number in values)


def _sizes(
    by_field: Mapping[str, list[tuple[int, int]]], header: Sequence[str], seen: Sequence[Sequence[str]]
) -> tuple[tuple[str, int], ...]:
    """Return the columns that have a price for each size; () where a column has the one price of all."""
    priced = sorted(n for _, n in by_field.get(PRICE, []) if _is_money(seen[n]))
    if any(not size_in(header[n]) for n in priced):
        return ()
    columns = sorted({*priced, *(n for _, n in by_field.get(SIZE, []) if _is_money(seen[n]))})
    found = tuple((size_in(header[n]), n) for n in columns)
    return found if len({name for name, _ in found}) > 1 else ()


def _unnamed(positions: Mapping[str, int], header: Sequence[str], seen: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return the column of the articles where none is called so.

    It is one without a header, or has "sections" that never repeat, or is the first such one under a word that is not known.
    """
    for n, cell in enumerate(header):
        if not cell.strip() and n not in positions.values() and _can_be("name", cell, seen[n]):
            return {"name": n}
    category = positions.get("category")
    if category is not None and _seldom_repeat(seen[category]):
        return {"name": category}
    for n, cell in enumerate(header):
        if (
            n not in positions.values()
            and is_title(cell)
            and _can_be("name", cell, seen[n])
            and _seldom_repeat(seen[n])
        ):
            return {"name": n}
    return {}


def _seldom_repeat(cells: Sequence[str]) -> bool:
    return len(set(cells)) * 10 >= len(cells) * 9


def _candidates(
    name: str, found: Sequence[tuple[int, int]], header: Sequence[str], seen: Sequence[Sequence[str]]
) -> list[tuple[int, int]]:
    """Return the columns that may have a meaning, best first: counts before words; no number of an article that several rows
    have before a SKU of each."""
    if name == "stock":
        return sorted(found, key=lambda it: (not any(map(_DIGIT.search, seen[it[1]])), it))
    if name == "category":
        return sorted(found, key=lambda it: (fold(header[it[1]]).startswith("sub"), it))
    if name == "sku":
        repeats = {n: _plain(header[n]) in words.PRODUCT_IDS and len(set(seen[n])) < len(seen[n]) for _, n in found}
        return sorted(found, key=lambda it: (repeats[it[1]], it))
    return sorted(found)


def _spread(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Return rows from all over the table."""
    return rows[:: max(1, len(rows) // SAMPLE_ROWS)]


def _price_positions(
    by_field: Mapping[str, list[tuple[int, int]]], header: Sequence[str], seen: Sequence[Sequence[str]], currency: str
) -> dict[str, int]:
    """Return the columns of the price, of a reduced one and of the one before, as far as the table has them."""
    found = dict[str, int]()
    for kind in (PRICE, LIST, SALE, OLD):
        fitting = [
            (rank + _LESS * bool(size_in(header[n])), n) for rank, n in by_field.get(kind, []) if _is_money(seen[n])
        ]
        own = [(rank, n) for rank, n in fitting if currency and currency_in(header[n]) == currency]
        if best := min(own or fitting, default=None):
            found[kind] = best[1]
    if PRICE not in found:
        for kind in (LIST, OLD, SALE):
            if kind in found:
                found[PRICE] = found.pop(kind)
                break
    found.pop(LIST, None)
    return found if PRICE in found else {}


def _is_money(cells: Sequence[str]) -> bool:
    """True if most cells that are not words have a number; a column of "yes" and "no" has none."""
    numbers = sum(bool(_DIGIT.search(cell)) and "%" not in cell for cell in cells)
    return numbers > 0 and numbers * 3 >= len(cells) and sum(len(cell) < 60 for cell in cells) * 2 > len(cells)


def _plain(header: str) -> str:
    """Return a header without brackets and small words: "id produto" for "ID do Produto (fixo)"."""
    return " ".join(word for word in without_brackets(header).split() if word not in words.CONNECTING)


def _can_be(name: str, header: str, cells: Sequence[str]) -> bool:
    if not cells:
        return name not in ("name", "sku")
    match name:
        case "name":
            lettered = sum(bool(_LETTER.search(cell)) for cell in cells)
            return lettered * 2 > len(cells) and not all(map(_looks_like_code, cells))
        case "sku":
            is_short = sum(len(cell) <= 40 and len(cell.split()) <= 3 for cell in cells) * 10 >= len(cells) * 9
            return is_short and not (fold(header) in _ROW_NUMBERS and _counts_rows(cells))
        case "text":
            return any(_LETTER.search(cell) for cell in cells)
        case "url" | "image":
            return any("/" in cell or "." in cell for cell in cells)
        case "category" | "brand" | "option":
            is_worded = name == OPTION or any(map(_LETTER.search, cells))
            return is_worded and not _are_kinds(cells)
        case "stock":
            return any(stock_of(cell) is not None for cell in cells)
        case "parent":
            return len(set(cells)) < len(cells)
        case "published" | "hidden":
            return all(fold(cell) in words.YES | words.NO or cell.strip() in words.YES | words.NO for cell in cells)
    return True


def _are_kinds(cells: Sequence[str]) -> bool:
    """True if the cells are a program's kinds of rows, "simple" and "variation", which say nothing of an article."""
    return all(fold(cell) in words.ROW_KINDS for cell in cells)


def _looks_like_code(cell: str) -> bool:
    return " " not in cell and bool(_DIGIT.search(cell))


def _counts_rows(cells: Sequence[str]) -> bool:
    """True if the cells are 1, 2, 3 and so on, evenly: a row's number is no article's."""
    if not all(cell.isdigit() and len(cell) < 7 for cell in cells[:50]) or len(cells) < 2:
        return False
    numbers = [int(cell) for cell in cells[:50]]
    steps = {b - a for a, b in pairwise(numbers)}
    return numbers[0] in (0, 1) and len(steps) == 1
