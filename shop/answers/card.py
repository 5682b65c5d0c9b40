"""One product as a card in Markdown, and the sentence about it that a question asks for. Pure.

![Rede Casal](/pictures/hammock.svg)
**[Rede Casal](https://shop.example/rede-casal)** · RED-012
R$ 289.00 · 9 in stock
Options: natural, blue, green
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import quote, urlsplit

from babel.numbers import format_currency, format_decimal

from shop.answers import sentences
from shop.answers.asking import Wanted
from shop.products import Option, Product, Stock
from shop.readers.currencies import NO_DIGITS, THREE_DIGITS
from shop.search.folding import fold, stem, stems, words
from shop.search.queries import Query
from shop.search.results import Hit, TextHit
from shop.search.terms import Term

PICTURE = re.compile(r"/pictures/[a-z0-9][a-z0-9._-]*\.(?:svg|png|jpg|jpeg|webp)")
"""An address of a picture of the shop's own; see docs/shop-data.md."""
_LONGEST_EXCERPT = 200
_MOST_VALUES = 12
_SPECIAL = re.compile(r"([\\`*\[\]<>])|(?<![^\W_])_|_(?![^\W_])")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says a sentence in the language of `code`, and its numbers as is usual there."""

    code: str
    say: Callable[[str], str]

    def fill(self, sentence: str, **values: str) -> str:
        """Return a sentence with its places filled."""
        return self.say(sentence) % values

    def money(self, minor: int, currency: str) -> str:
        """Return a price in a currency, or as a plain number where none is known."""
        if currency:
            digits = 0 if currency in NO_DIGITS else 3 if currency in THREE_DIGITS else 2
            amount = Decimal(minor).scaleb(-digits)
            written = format_currency(amount, currency, locale=self.code)
        else:
            written = format_decimal(Decimal(minor).scaleb(-2), "#,##0.00", locale=self.code)
        return str(written).replace("\xa0", " ").replace("\u202f", " ")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a hit is sold for: the variant's values where one was asked for, else the product's or those of its variants."""

    name: str
    sku: str
    lowest: int | None
    highest: int | None
    old: int | None
    stock: Stock
    currency: str


def offer_of(hit: Hit, currency: str) -> Offer:
    """Return what a hit is sold for."""
    product, variant = hit.product, hit.variant
    if variant is not None:
        choice = ", ".join(value for _, value in variant.choice if value)
        price = variant.price if variant.price is not None else product.price
        return Offer(
            f"{product.name} ({choice})" if choice else product.name, variant.sku or product.sku, price, price,
            variant.old_price if variant.price is not None else product.old_price,
            variant.stock if variant.stock is not None else product.stock, product.currency or currency,
        )  # fmt: skip
    prices = [one.price for one in product.variants if one.price is not None]
    if product.price is not None:
        prices.append(product.price)
    lowest, highest = min(prices, default=None), max(prices, default=None)
    old = product.old_price if lowest == highest else None
    return Offer(product.name, product.sku, lowest, highest, old, _stock(product), product.currency or currency)


def sku_of(hit: Hit) -> str:
    """Return the SKU of a hit; where it has none, that of its product, else the file and line."""
    return (hit.variant.sku if hit.variant else "") or hit.product.sku or hit.product.source


def _stock(product: Product) -> Stock:
    """Return a product's stock, else that of its variants together."""
    if product.stock is not None or not product.variants:
        return product.stock
    known = [one.stock for one in product.variants if one.stock is not None]
    if not known:
        return None
    if any(isinstance(one, bool) for one in known):
        return any(known)
    return sum(known)


def print_card(hit: Hit, asked_words: Sequence[str], speaker: Speaker, currency: str, *, is_only: bool) -> str:
    """Return a hit as a card. A card that stands alone has some words of the description too."""
    product, offer = hit.product, offer_of(hit, currency)
    image = (hit.variant.image if hit.variant else "") or product.image
    lines = list[str]()
    if PICTURE.fullmatch(image):
        lines.append(f"![{escape(product.name)}]({image})")
    lines.append(" · ".join(part for part in (_heading(offer.name, product.url), escape(offer.sku)) if part))
    lines.append(" · ".join(part for part in (print_price(offer, speaker), print_stock(offer.stock, speaker)) if part))
    lines += [_print_option(option, speaker) for option in product.options if option.values]
    lines.append(excerpt(product, asked_words, always=is_only))
    if is_address(image):
        lines.append(f"[{speaker.say(sentences.PICTURE)}]({_address(image)})")
    return "  \n".join(line for line in lines if line)


def _heading(name: str, url: str) -> str:
    return f"**[{escape(name)}]({_address(url)})**" if is_address(url) else f"**{escape(name)}**"


def is_address(url: str) -> bool:
    """True if a browser may be sent there."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _address(url: str) -> str:
    """Return an address as it may stand in a Markdown link."""
    return quote(url.strip(), safe="!#$%&'*+,/:;=?@~")


def escape(text: str) -> str:
    """Return a text on one line that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def print_price(offer: Offer, speaker: Speaker) -> str:
    """Return a price, with the one it is reduced from struck out; "" where there is none."""
    if offer.lowest is None or offer.highest is None:
        return ""
    price = speaker.money(offer.lowest, offer.currency)
    if offer.lowest != offer.highest:
        return speaker.fill(sentences.PRICE_FROM, price=price, highest=speaker.money(offer.highest, offer.currency))
    old = f" ~~{speaker.money(offer.old, offer.currency)}~~" if offer.old and offer.old > offer.lowest else ""
    return price + old


def print_stock(stock: Stock, speaker: Speaker) -> str:
    """Return a stock in words, "" where nothing is known."""
    if stock is None:
        return ""
    if isinstance(stock, bool):
        return speaker.say(sentences.IN_STOCK if stock else sentences.SOLD_OUT)
    return speaker.fill(sentences.COUNTED, count=str(stock)) if stock > 0 else speaker.say(sentences.SOLD_OUT)


def _print_option(option: Option, speaker: Speaker) -> str:
    shown = ", ".join(escape(value) for value in option.values[:_MOST_VALUES])
    more = ", …" if len(option.values) > _MOST_VALUES else ""
    return f"{escape(option.name) or speaker.say(sentences.OPTIONS)}: {shown}{more}"


def excerpt(product: Product, asked_words: Sequence[str], *, always: bool) -> str:
    """Return the sentence of a description that has most of the words asked for, else its beginning if `always`.

    A short description is shown whole.
    """
    whole = " ".join(product.text.split())
    if always and len(whole) <= _LONGEST_EXCERPT:
        return escape(whole)
    named = {stem(word) for word in words(f"{product.name} {product.category}")}
    wanted = {stem(fold(word)) for text in asked_words for word in words(text)} - named
    sentences = [sentence.strip() for sentence in _SENTENCE.split(product.text) if sentence.strip()]
    counts = [len(wanted & {stem(word) for word in words(sentence)}) for sentence in sentences]
    if any(counts):
        best = sentences[counts.index(max(counts))]
    elif sentences and always:
        best = sentences[0]
    else:
        return ""
    return escape(best if len(best) <= _LONGEST_EXCERPT else f"{best[:_LONGEST_EXCERPT].rsplit(' ', 1)[0]} …")


def print_text(hit: TextHit) -> str:
    """Return a line of the shop's texts with its section."""
    return f"**{escape(hit.section)}:** {hit.text}" if hit.section else hit.text


def lacks(hit: Hit, query: Query) -> bool:
    """True if a colour or size that was asked for is none of a product's, as far as its data say."""
    product = hit.product
    named, chosen = frozenset(stems(product.name)), _stems_of(product.choices)
    known = named | frozenset(stems(product.text))
    colours = [term for term in query.terms if term.kind == "colour"]
    is_chosen = any(term.is_in(chosen) for term in colours) or not query.other_colours.isdisjoint(chosen)
    if colours and not is_chosen and not query.other_colours.isdisjoint(named):
        return not any(_surely(term).is_in(named) for term in colours)
    if not product.choices:
        return False
    asked = [term for term in query.terms if term.kind in ("colour", "size")]
    return not all(term.is_in(known | chosen) for term in asked)


def _surely(term: Term) -> Term:
    """Return a term without the names that hardly fit: "black" in a Portuguese shop is more often a maker's than a colour."""
    return replace(term, alternatives=tuple(one for one in term.alternatives if one.fit >= _SURE_NAME))


_SURE_NAME = 0.5


def _stems_of(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(stem for text in texts for stem in stems(text))


def all_values(hit: Hit, speaker: Speaker) -> str:
    """Return in a sentence what can be chosen of a product, "" for nothing."""
    values = ", ".join(value for option in hit.product.options for value in option.values)
    name = escape(hit.product.name)
    return speaker.fill(sentences.COMES_IN, name=name, values=escape(values)) if values else ""


# The sentence before the cards


def sentence(hits: Sequence[Hit], asked: Wanted, speaker: Speaker, currency: str) -> str:
    """Return the one property that a question asks for, in a sentence about the first hit; "" where it asks for none."""
    offers = [offer_of(hit, currency) for hit in hits]
    first = offers[0]
    if asked.wants("more") and len(offers) > 1 and (difference := _difference(offers[0], offers[1], speaker)):
        return difference
    said = list[str]()
    if asked.wants("stock"):
        said.append(_said_stock(first, speaker))
    if asked.wants("price"):
        said.append(_said_price(first, speaker))
    is_only = all(hit.product.name != hits[0].product.name for hit in hits[1:])
    if is_only and (values := list(_values(hits[0].product, asked))):
        said.append(speaker.fill(sentences.COMES_IN, name=escape(first.name), values=escape(", ".join(values))))
    return " ".join(said)


def _said_price(offer: Offer, speaker: Speaker) -> str:
    name = escape(offer.name)
    if offer.lowest is None or offer.highest is None:
        return speaker.fill(sentences.NO_PRICE, name=name)
    price, highest = (speaker.money(minor, offer.currency) for minor in (offer.lowest, offer.highest))
    if offer.lowest != offer.highest:
        return speaker.fill(sentences.COSTS_FROM, name=name, price=price, highest=highest)
    if offer.old and offer.old > offer.lowest:
        return speaker.fill(sentences.REDUCED, name=name, price=price, old=speaker.money(offer.old, offer.currency))
    return speaker.fill(sentences.COSTS, name=name, price=price)


def _said_stock(offer: Offer, speaker: Speaker) -> str:
    name, stock = escape(offer.name), offer.stock
    if stock is None:
        return speaker.fill(sentences.STOCK_UNKNOWN, name=name)
    if not stock:
        return speaker.fill(sentences.IS_SOLD_OUT, name=name)
    if isinstance(stock, bool):
        return speaker.fill(sentences.IS_IN_STOCK, name=name)
    return speaker.fill(sentences.SO_MANY, name=name, count=str(stock))


def _difference(one: Offer, other: Offer, speaker: Speaker) -> str:
    """Return both prices and how far apart they are; "" where they are not single prices in one currency."""
    if one.lowest is None or other.lowest is None or one.currency != other.currency:
        return ""
    if (one.lowest, other.lowest) != (one.highest, other.highest):
        return ""
    return speaker.fill(
        sentences.DIFFERENCE, name=escape(one.name), price=speaker.money(one.lowest, one.currency),
        other=escape(other.name), highest=speaker.money(other.lowest, other.currency),
        difference=speaker.money(abs(one.lowest - other.lowest), one.currency),
    )  # fmt: skip


_OPTION_NAMES = {
    "size": re.compile(r"siz|tam|medida|numera|talla|taille|gr(?:o|ö)(?:ss|ß)e|taglia|dimens"),
    "colour": re.compile(r"colou?r|^cor(?:es)?$|couleur|farbe|colore"),
    "option": re.compile(""),
}
"""What options are called in which a size or a colour is chosen, in the languages of shops' files."""


def _values(product: Product, asked: Wanted) -> Iterator[str]:
    """Yield the values that can be chosen, of the options that are asked for; of all where none has such a name."""
    for intent, pattern in _OPTION_NAMES.items():
        if asked.wants(intent):
            named = [option for option in product.options if pattern.search(fold(option.name))]
            yield from (value for option in named or product.options for value in option.values)
            return
