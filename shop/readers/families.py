"""Rows that are one article: folded under it as its variants, with what they choose between."""

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import replace

from shop.products import Option, Product, Stock, Variant
from shop.readers.folding import fold

_ENDS = " -–—|,/·:(["


def fold_variants(products: list[Product], parents: Mapping[int, str], distinguishing: Set[str]) -> list[Product]:
    """Return the products with rows of one article folded: those of one parent, or of one name that differ in an option.

    `parents` has, by a row's line, what the row says of its article: its SKU, where that has a row of its own.
    """
    products, parents = _under_parents(products, parents, distinguishing)
    if not parents and not distinguishing:
        return products
    groups = dict[object, list[Product]]()
    for product in products:
        parent = parents.get(product.line)
        key: object = parent or (fold(product.name), fold(product.category), fold(product.brand))
        groups.setdefault(key, []).append(product)
    folded = list[Product]()
    for group in groups.values():
        folded.extend(fold_group(group, distinguishing))
    return sorted(folded, key=lambda product: product.line)


def _under_parents(
    products: list[Product], parents: Mapping[int, str], distinguishing: Set[str]
) -> tuple[list[Product], Mapping[int, str]]:
    """Return the products with the rows that name another row's SKU folded under that row, and the other rows' parents."""
    by_sku = {product.sku: product for product in products if product.sku and product.line not in parents}
    children = dict[str, list[Product]]()
    for product in products:
        if (parent := parents.get(product.line)) in by_sku and parent:
            children.setdefault(parent, []).append(product)
    if not children:
        return products, parents
    folded = {row.line for rows in children.values() for row in rows}
    kept = [
        _with_children(product, children.get(product.sku, []), distinguishing)
        for product in products
        if product.line not in folded
    ]
    return kept, {line: parent for line, parent in parents.items() if line not in folded}


def _with_children(parent: Product, rows: list[Product], distinguishing: Set[str]) -> Product:
    """Return an article with its variants: what each is called beyond its name says what is chosen, where no option does."""
    if not rows or parent.variants:
        return parent
    choices = [choice_of(row, distinguishing) or _choice_in(row.name, parent.name) or (("", row.sku),) for row in rows]
    variants = _variants(rows, choices)
    others = tuple(option for option in parent.options if option.name not in distinguishing)
    whole = replace(summed(parent, variants), options=options_of(variants, others))
    first = rows[0]
    return replace(
        whole,
        sku=parent.sku,
        text=whole.text or first.text,
        image=whole.image or first.image,
        brand=whole.brand or first.brand,
    )


def choice_of(row: Product, distinguishing: Set[str]) -> tuple[tuple[str, str], ...]:
    """Return what a row's options choose."""
    return tuple((o.name, o.values[0]) for o in row.options if o.name in distinguishing and len(o.values) == 1)


def _choice_in(name: str, article: str) -> tuple[tuple[str, str], ...]:
    """Return what a variant's name says beyond its article's: "Mug Colour:Blue;Size:M", "Mug - Blue"."""
    rest = name.removeprefix(article).strip(_ENDS)
    if not rest or rest == name:
        return (("", name),) if name != article else ()
    return named_values(rest) or (("", rest),)


def named_values(text: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs of "Colour: blue, Size: M", or of "Size=M;Colour=red"; () for a text that is not made of such pairs."""
    parts = [re.split("[:=]", part) for part in re.split("[,;|]", text) if part.strip()]
    if not parts or any(len(part) != 2 or not all(map(str.strip, part)) for part in parts):
        return ()
    return tuple((name.strip(), value.strip()) for name, value in parts)


def fold_group(group: list[Product], distinguishing: Set[str]) -> list[Product]:
    """Return one product with variants where the rows of a group differ in what they come in; else the rows as they are."""
    choices = [choice_of(row, distinguishing) for row in group]
    if len(group) < 2 or len(set(choices)) < len(group) or not all(choices):
        return group
    variants = _variants(group, choices)
    first = group[0]
    return [replace(summed(first, variants), options=options_of(variants, first.options))]


def _variants(rows: Iterable[Product], choices: Iterable[tuple[tuple[str, str], ...]]) -> tuple[Variant, ...]:
    return tuple(
        Variant(choice, row.sku, row.price, row.old_price, row.stock, row.image, row.line)
        for choice, row in zip(choices, rows, strict=True)
    )


def options_of(variants: tuple[Variant, ...], others: tuple[Option, ...] = ()) -> tuple[Option, ...]:
    """Return the options of a product: what its variants choose between, then those that all share."""
    values = dict[str, dict[str, None]]()
    for variant in variants:
        for name, value in variant.choice:
            values.setdefault(name, {})[value] = None
    chosen = tuple(Option(name, tuple(found)) for name, found in values.items())
    return chosen + tuple(option for option in others if option.name not in values)


def summed(product: Product, variants: tuple[Variant, ...]) -> Product:
    """Return a product with its variants: the lowest price is its own, its stock is what all of them have.

    Variants of which no stock is known share the product's.
    """
    priced = [variant for variant in variants if variant.price is not None]
    lowest = min(priced, key=lambda variant: variant.price or 0, default=None)
    stocks = [variant.stock for variant in variants]
    sku = product.sku if product.sku not in {variant.sku for variant in variants} else ""
    return replace(
        product,
        sku=sku,
        price=lowest.price if lowest else product.price,
        old_price=lowest.old_price if lowest else product.old_price,
        stock=product.stock if all(stock is None for stock in stocks) else summed_stock(stocks),
        variants=variants,
    )


def summed_stock(stocks: list[Stock]) -> Stock:
    """Return the stock of all variants together; a count where all are counted."""
    if all(isinstance(stock, int) and not isinstance(stock, bool) for stock in stocks):
        return sum(stock or 0 for stock in stocks)
    if any(stocks):
        return True
    return None if any(stock is None for stock in stocks) else False
