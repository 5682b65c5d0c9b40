"""A product as the search knows it: the stems of its name, kind, options and text, each in a column of its own. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shop.products import Product, Stock
from shop.search.folding import fold, sku_key, stem, stems, words
from shop.search.lexicon import Lexicon, pieces

COLUMNS = ("head", "modifier", "name", "category", "brand", "options", "text")
"""The columns that words are searched in. `head` is what a name calls the thing, `modifier` what makes it another thing:
a "tapete de ioga" is a "tapete" with the modifier "ioga"."""

_LONGEST_TEXT = 4_000
"""Characters of a description that are searched."""
_SEGMENTS = re.compile(r"\s[-–—|/]\s|[,;:|(\[–—+]|\d")
_BRACKETS = re.compile(r"\([^()]*\)(?=\s*\w)|\[[^\[\]]*\](?=\s*\w)")
"""What stands in brackets within a name: it goes on after them."""
_NARROWING = frozenset("de of para p for".split())
"""After these stands what makes it another kind of thing; after "da" or "do" where it comes from: "café da serra"."""
_OF = _NARROWING | frozenset("do da dos das".split())
_WITH = frozenset("com c sem with without e and by por a em in on".split())


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product's searched columns, in the order of COLUMNS, and what it is filtered and sorted by."""

    columns: tuple[str, ...]
    modifiers: int
    lowest: int | None
    highest: int | None
    is_in_stock: bool | None


def row_of(product: Product, language: str, lexicon: Lexicon, met: dict[str, list[str]] | None = None) -> ProductRow:
    """Return the row of a product; `language` is that of the catalogue's names, "" where it is not known; `met` as in stems()."""
    heads, modifiers, before = head_of(product.name, product.brand, language, lexicon)
    prices = [price for price in (product.price, *(one.price for one in product.variants)) if price is not None]
    columns = (
        " ".join(heads),
        " ".join((*modifiers, *before)),
        " ".join(dict.fromkeys(stems(product.name, met))),
        " ".join(dict.fromkeys((*stems(product.category, met), *_implied(product)))),
        " ".join(dict.fromkeys(stems(product.brand, met))),
        " ".join(dict.fromkeys(stem for value in product.choices for stem in stems(value, met))),
        " ".join(dict.fromkeys(stems(product.text[:_LONGEST_TEXT], met))),
    )
    return ProductRow(
        columns, len(modifiers), min(prices, default=None), max(prices, default=None), stock_of(product)
    )  # fmt: skip


_ISBN = re.compile(r"97[89]\d{10}")
"""The numbers of books: GS1 sets these prefixes apart for them. A bookshop's list seldom says "book"."""


def _implied(product: Product) -> list[str]:
    """Return the stems of what a product is that its row does not say."""
    return stems("book livro") if _ISBN.fullmatch(sku_key(product.sku)) else []


def stock_of(product: Product) -> bool | None:
    """Return whether any of it can be had; None where nothing is known."""
    known = [stock for stock in (product.stock, *(one.stock for one in product.variants)) if stock is not None]
    return any(known) if known else None


def is_available(stock: Stock) -> bool | None:
    """Return whether a stock is more than nothing; None where nothing is known."""
    return None if stock is None else bool(stock)


def head_of(name: str, brand: str, language: str, lexicon: Lexicon) -> tuple[list[str], list[str], list[str]]:
    """Return the stems of what a name calls the thing, of what makes it another kind of thing, and of what stands before it.

    In Portuguese the noun stands first and "de" or "para" narrows it, in English it stands last before "for", "of" or
    "with"; what follows a bar is another name, if it is one of a thing. Where the language is not known, that of the words is taken, else both ends, and the name is read again after
    its first comma: "Panos de Prato, 3 tea towels". Materials narrow nothing: a "mesa de madeira" is a table.
    """
    segments = _segments(name, brand)
    if language:
        heads, modifiers, before = _head_of(segments[0], language, lexicon) if segments else ([], [], [])
        others = (one for bar in _after_bars(name, brand) for one in _head_of(bar, language, lexicon)[0])
        return (
            [*heads, *(one for one in dict.fromkeys(others) if one not in heads and _is_thing(one, lexicon))],
            modifiers,
            before,
        )
    found = [_head_of(tokens, _spoken(tokens, lexicon), lexicon) for tokens in segments[:2]]
    heads, modifiers, before = (list(dict.fromkeys(stem for one in found for stem in one[part])) for part in range(3))
    return heads, modifiers[:2], [one for one in before if _is_thing(one, lexicon)]


def _after_bars(name: str, brand: str) -> list[list[str]]:
    """Return the words of what stands after each bar in a name: what else it is called."""
    return [segments[0] for part in name.split("|")[1:] if (segments := _segments(part, brand))]


def _spoken(tokens: list[str], lexicon: Lexicon) -> str:
    """Return the language of a name's words where those that are of one are of the same: "tea towels" is a compound."""
    said = [piece for token in tokens for piece in pieces(token)]
    en, pt = (
        [piece in side or piece.removesuffix("s") in side for piece in said]
        for side in (lexicon.english, lexicon.portuguese)
    )
    return "en" if all(en[:2]) and not any(pt) else "pt" if any(pt) and not any(en) else ""


def _is_thing(one: str, lexicon: Lexicon) -> bool:
    return any(concept.kind == "product" for concept in lexicon.concepts.get((one,), ()))


def _head_of(tokens: list[str], language: str, lexicon: Lexicon) -> tuple[list[str], list[str], list[str]]:
    while len(tokens) > 2 and tokens[0] in lexicon.light and tokens[1] in _OF:
        tokens = tokens[2:]
    of = next((n for n, token in enumerate(tokens) if token in _OF and n), len(tokens))
    noun, narrowing = tokens[:of], tokens[of + 1 :]
    if not noun:
        return [], [], []
    ends = {"pt": noun[:1], "en": noun[-1:]}.get(language, [noun[0], noun[-1]])
    heads = [stem(piece) for end in ends for piece in _head_pieces(end, language)]
    if tokens[of : of + 1] and tokens[of] not in _NARROWING:
        narrowing = []
    modifiers = [stem(token) for token in narrowing if token not in _OF and not _is_material(token, lexicon)]
    before = [stem(piece) for token in noun[:-1] for piece in pieces(token)] if language != "pt" else []
    before += [stem(piece) for end in ends for piece in pieces(end)]
    return list(dict.fromkeys(heads)), modifiers[:2], [one for one in dict.fromkeys(before) if one not in heads]


def _head_pieces(word: str, language: str) -> list[str]:
    """Return the parts of a word that name the thing: of "porta-copos" not the "copos", of "t-shirt" the "shirt"."""
    found = pieces(word)
    ends = {"pt": found[:1], "en": found[-1:]}.get(language, found)
    return list(dict.fromkeys([*ends, word.replace("-", "")]))


def _is_material(token: str, lexicon: Lexicon) -> bool:
    return any(one.kind == "material" for one in lexicon.concepts.get((stem(token),), ()))


def _segments(name: str, brand: str) -> list[list[str]]:
    """Return the words of a name between its brand, commas, numbers and "with"; those that have any."""
    folded = _BRACKETS.sub(" ", fold(name))
    makers = [fold(brand)] if len(brand) > 1 else []
    found = list[list[str]]()
    for piece in _split(folded, makers):
        tokens = words(piece)
        end = next((n for n, token in enumerate(tokens) if token in _WITH and n), len(tokens))
        if tokens[:end]:
            found.append(tokens[:end])
    return found


def _split(folded: str, makers: Iterable[str]) -> list[str]:
    for maker in makers:
        folded = re.sub(rf"(?<!\w){re.escape(maker)}(?!\w)", ";", folded)
    return _SEGMENTS.split(folded)
