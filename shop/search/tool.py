"""The search that a model may ask for: the function as it is described to it, its arguments read, its rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from shop.lines import digits_of
from shop.products import Product
from shop.search.index import Index
from shop.search.limits import Order
from shop.search.queries import parse
from shop.search.row_finding import find_rows
from shop.search.rows import stock_of

NAME = "search_products"

SPECIFICATION: Mapping[str, Any] = {
    "type": "function",
    "function": {
        "name": NAME,
        "description": (
            "Search the shop's products once more, when the rows in the customer's message do not answer it. Use the words"
            " of a product's name or kind, in the language of those rows; translate the customer's words and try synonyms."
        ),
        "parameters": {
            "type": "object",
            "properties": {
                "words": {
                    "type": "string",
                    "description": "words of the product, such as its kind, brand, colour or SKU",
                },
                "lowest": {"type": "number", "description": "lowest price"},
                "highest": {"type": "number", "description": "highest price"},
                "order": {"type": "string", "enum": list(get_args(Order))},
                "in_stock": {"type": "boolean", "description": "true: only products that are in stock"},
            },
            "required": ["words"],
        },
    },
}
_LONGEST = 300


class BadArguments(Exception):
    """The arguments of a call cannot be used; str() is the reason, for the model."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a model searches for; prices in units of the currency, as it reads them."""

    words: str = ""
    lowest: float | None = None
    highest: float | None = None
    order: Order | None = None
    in_stock: bool = False


def read(arguments: str) -> Search:
    """Return the search that a call's arguments ask for. BadArguments where they cannot be used.

    Numbers and booleans in quotes are read; keys that nobody asked for are left out.
    """
    try:
        given = json.loads(arguments)
    except (ValueError, RecursionError):
        raise BadArguments("The arguments are not valid JSON.") from None
    if not isinstance(given, dict):
        raise BadArguments("The arguments are to be an object.")
    words, order = given.get("words"), given.get("order")
    if not isinstance(words, str | None) or (order is not None and order not in (*get_args(Order), "")):
        raise BadArguments('"words" takes text, "order" takes "price_asc" or "price_desc".')
    search = Search(
        " ".join((words or "").split())[:_LONGEST],
        _number(given, "lowest"),
        _number(given, "highest"),
        order or None,
        str(given.get("in_stock", "")).lower() in ("true", "1", "yes"),
    )
    if search == Search():
        raise BadArguments('"words" is missing.')
    return search


def run(index: Index, search: Search, currency: str, most: int) -> list[Product]:
    """Return the products that a search finds, best first."""
    query = parse(search.words, index)
    unit = 10 ** digits_of(currency)
    query = replace(
        query,
        lowest=query.lowest if search.lowest is None else round(search.lowest * unit),
        highest=query.highest if search.highest is None else round(search.highest * unit),
        order=search.order or query.order,
        in_stock=search.in_stock or query.in_stock,
    )
    if query.skus:
        return list(index.products(query.skus))[:most]
    found = [one.id for one in find_rows(index, query)]
    products = index.by_ids(found[: 4 * most] if query.in_stock else found[:most])
    return [one for one in products if not query.in_stock or stock_of(one) is not False][:most]


def _number(given: Mapping[str, Any], key: str) -> float | None:
    value = given.get(key)
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise BadArguments(f'"{key}" takes a number.') from None
    if isinstance(value, bool) or not 0 <= number < 1e12:
        raise BadArguments(f'"{key}" takes a number from 0.')
    return number
