"""Products as lines that a model reads: a head that names the columns, and a row each. Pure.

Only what a customer may know stands in a row. The same products give the same lines, whatever they were found by.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from shop.products import Product, Stock, Variant
from shop.readers.currencies import NO_DIGITS, THREE_DIGITS

COLUMNS = ("SKU", "name", "category", "brand", "price", "stock", "options", "description", "link")
SHORT_COLUMNS = ("SKU", "name", "price", "stock")
MOST_VARIANTS = 12
"""Choices of a product that are listed one by one; of more, only the options are listed."""

Cells = tuple[str, ...]


def lines_of(products: Sequence[Product], currency: str = "", *, most_chars: int | None = None) -> list[str]:
    """Return a head and a line for each product; a column that is empty in all of them is left out.

    `most_chars` cuts descriptions. `currency` is the shop's own; where all prices are in one, the head names it.
    """
    return _lines(COLUMNS, products, currency, lambda product, shown: _cells(product, shown, most_chars))


def short_lines_of(products: Sequence[Product], currency: str = "") -> list[str]:
    """Return a head and a short line for each product: what it is called and costs, and how many there are."""
    return _lines(SHORT_COLUMNS, products, currency, _short_cells)


def table(products: Iterable[Product], currency: str, *, most_chars: int) -> str | None:
    """Return products as sections, one a file, in their order; None for more than `most_chars` of text."""
    parts, chars = list[str](), 0
    for file, group in groupby(products, key=lambda product: product.file):
        read = list[Product]()
        for product in group:
            read.append(product)
            chars += len(product.name) + len(product.text) + len(product.url)
            if chars > most_chars:
                return None
        parts.append("\n".join([f"# Products of {file}".removesuffix(" of "), "", *lines_of(read, currency)]))
    whole = "\n\n".join(parts)
    return whole if len(whole) <= most_chars else None


def money(minor: int | None, currency: str, shown: str = "") -> str:
    """Return a price as a model reads it without doubt: "1299.90 BRL"; "" for none. `shown` is named in the head."""
    if minor is None:
        return ""
    digits = digits_of(currency)
    amount = f"{minor / 10**digits:.{digits}f}"
    return amount if currency == shown else f"{amount} {currency}".strip()


def digits_of(currency: str) -> int:
    """Return how many decimal places a currency's prices have."""
    return 0 if currency in NO_DIGITS else 3 if currency in THREE_DIGITS else 2


def _lines(
    columns: Cells, products: Sequence[Product], currency: str, cells_of: Callable[[Product, str], Cells]
) -> list[str]:
    currencies = {product.currency or currency for product in products if _has_price(product)}
    shown = next(iter(currencies)) if len(currencies) == 1 else ""
    own = [_with_currency(product, currency) for product in products]
    rows = [cells_of(product, shown) for product in own]
    used = [n for n in range(len(columns)) if any(row[n] for row in rows)]
    head = [f"price in {shown}" if shown and name == "price" else name for name in columns]
    return [_line([row[n] for n in used]) for row in (tuple(head), *rows)] if rows else []


def _with_currency(product: Product, currency: str) -> Product:
    return product if product.currency or not currency else replace(product, currency=currency)


def _has_price(product: Product) -> bool:
    return product.price is not None or any(one.price is not None for one in product.variants)


def _cells(product: Product, shown: str, most_chars: int | None) -> Cells:
    return (
        product.sku,
        product.name,
        product.category,
        product.brand,
        _price(product, shown),
        _stock(_stock_of(product)),
        _options(product, shown),
        _cut(product.text, most_chars),
        product.url,
    )


def _short_cells(product: Product, shown: str) -> Cells:
    return product.sku, product.name, _price(product, shown), _stock(_stock_of(product))


def _line(cells: Sequence[str]) -> str:
    """Return cells as one line; the bar and line feeds in them are none any more, and the empty ones at its end go."""
    return " | ".join(" ".join(cell.replace("|", "/").split()) for cell in cells).rstrip(" |")


def _price(product: Product, shown: str) -> str:
    prices = [one.price for one in product.variants if one.price is not None]
    if prices and min(prices) != max(prices):
        return f"{money(min(prices), product.currency, shown)} to {money(max(prices), product.currency, shown)}"
    now = product.price if product.price is not None or not prices else prices[0]
    if now is None or not product.old_price or product.old_price <= now:
        return money(now, product.currency, shown)
    return f"{money(now, product.currency, shown)}, before {money(product.old_price, product.currency, shown)}"


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
    return str(stock) if stock else "sold out"


def _options(product: Product, shown: str) -> str:
    """Return what can be chosen; each choice with its own SKU, price and stock where there are few."""
    options = "; ".join(f"{one.name}: {', '.join(one.values)}".removeprefix(": ") for one in product.options)
    if not 0 < len(product.variants) <= MOST_VARIANTS:
        return options
    return "; ".join(filter(None, _choices(product, shown))) or options


def _choices(product: Product, shown: str) -> Iterator[str]:
    """Yield what each choice is, and where it differs from the product."""
    for variant in product.variants:
        parts = [" ".join(value for _, value in variant.choice), *_differences(variant, product, shown)]
        yield ", ".join(filter(None, parts))


def _differences(variant: Variant, product: Product, shown: str) -> Iterator[str]:
    if variant.sku != product.sku:
        yield variant.sku
    if variant.price != product.price:
        yield money(variant.price, product.currency, shown)
    stock = _stock(variant.stock)
    yield f"{stock} in stock" if stock.isdigit() else stock


def _cut(text: str, most_chars: int | None) -> str:
    if most_chars is None or len(text) <= most_chars:
        return text
    return text[:most_chars].rsplit(" ", 1)[0] + " …"
