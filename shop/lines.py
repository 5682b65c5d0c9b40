"""Products as lines that a model reads: a head that names the columns, and a row each. Pure.

Only what a customer may know stands in a row. The same product gives the same row, whatever it was found by.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from shop.products import Product, Stock, Variant
from shop.readers.currencies import NO_DIGITS, THREE_DIGITS

HEAD = "SKU | name | category | brand | price | stock | options | description | link"
SHORT_HEAD = "SKU | name | price | stock"
MOST_VARIANTS = 12
"""Choices of a product that are told one by one; of more, only the options are told."""


def money(minor: int | None, currency: str) -> str:
    """Return a price as a model reads it without doubt: "BRL 1299.90"; "" for none."""
    if minor is None:
        return ""
    digits = 0 if currency in NO_DIGITS else 3 if currency in THREE_DIGITS else 2
    return f"{currency} {minor / 10**digits:.{digits}f}".strip()


def row(product: Product, currency: str = "", *, most_chars: int | None = None) -> str:
    """Return a product as one line below HEAD. `most_chars` cuts its description; `currency` is the shop's own."""
    own = product.currency or currency
    cells = (
        product.sku,
        product.name,
        product.category,
        product.brand,
        _price(product, own),
        _stock(_stock_of(product)),
        _options(product, own),
        _cut(product.text, most_chars),
        product.url,
    )
    return _line(cells)


def short_row(product: Product, currency: str = "") -> str:
    """Return a product as one line below SHORT_HEAD."""
    return _line((product.sku, product.name, _price(product, product.currency or currency), _stock(_stock_of(product))))


def table(products: Iterable[Product], currency: str, *, most_chars: int) -> str | None:
    """Return products as sections, one a file, in their order; None for more than `most_chars` of text."""
    parts, chars = list[str](), 0
    for file, group in groupby(products, key=lambda product: product.file):
        lines = [f"# Products of {file}" if file else "# Products", "", HEAD]
        for product in group:
            lines.append(row(product, currency))
            chars += len(lines[-1])
            if chars > most_chars:
                return None
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _line(cells: Sequence[str]) -> str:
    """Return cells as one line; the bar and line feeds in them are none any more, and the empty ones at its end go."""
    return " | ".join(" ".join(cell.replace("|", "/").split()) for cell in cells).rstrip(" |")


def _price(product: Product, currency: str) -> str:
    prices = [one.price for one in product.variants if one.price is not None]
    if prices and min(prices) != max(prices):
        return f"{money(min(prices), currency)} to {money(max(prices), currency)}"
    now = product.price if product.price is not None or not prices else prices[0]
    before = money(product.old_price, currency) if product.old_price and product.old_price != now else ""
    return f"{money(now, currency)} (before {before})" if before and now is not None else money(now, currency)


def _stock_of(product: Product) -> Stock:
    """Return the product's stock; where only its variants have one, their sum, or whether any is in stock."""
    known = [one.stock for one in product.variants if one.stock is not None]
    if product.stock is not None or not known:
        return product.stock
    counts = [stock for stock in known if not isinstance(stock, bool)]
    return sum(counts) if len(counts) == len(known) else any(known)


def _stock(stock: Stock) -> str:
    if stock is None:
        return ""
    if stock is True:
        return "in stock"
    return f"{stock} in stock" if stock else "sold out"


def _options(product: Product, currency: str) -> str:
    """Return what can be chosen; each choice with its own SKU, price and stock where there are few."""
    options = "; ".join(f"{one.name}: {', '.join(one.values)}".removeprefix(": ") for one in product.options)
    if not 0 < len(product.variants) <= MOST_VARIANTS:
        return options
    return "; ".join(filter(None, (_variant(one, product, currency) for one in product.variants))) or options


def _variant(variant: Variant, product: Product, currency: str) -> str:
    """Return one choice: what it is, and what differs from the product."""
    parts = [
        variant.sku if variant.sku != product.sku else "",
        ", ".join(value for _, value in variant.choice),
        money(variant.price, currency) if variant.price != product.price else "",
        _stock(variant.stock),
    ]
    return " ".join(filter(None, parts))


def _cut(text: str, most_chars: int | None) -> str:
    if most_chars is None or len(text) <= most_chars:
        return text
    return text[:most_chars].rsplit(" ", 1)[0] + " …"
