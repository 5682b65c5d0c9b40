"""Which products a sentence names, and where: by SKU, or by words of their names."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from string import ascii_letters, digits

from shop.claims.wording import COUNT, WORD, fold, number_of, stem, stems, words
from shop.products import Product, Stock, Variant

Word = tuple[str, int, int]
"""A word's stem, where it begins and where it ends."""
Lookup = Callable[[str], Product | None]
_FUNCTION = frozenset(
    "the a an of and with without for in on to de da do das dos e com sem para por em no na um uma o as os".split()
)
"""Words that join others: they distinguish no name from another."""
_GENERIC = _FUNCTION | frozenset(
    stem(word)
    for word in (
        "small medium large big great single double mini set pair pack kit box bag item piece pequeno medio grande solteiro casal jogo par "
        "black white red blue green grey gray yellow brown gold silver natural preto branco vermelho azul verde cinza amarelo dourado "
        "hand wall table home kitchen house garden travel day card print book gift free new order price stock product plate light dark "
        "mesa casa parede mao viagem dia cartao presente novo pedido preco produto luz rapido seco "
        "pessoa person people cm mm ml kg lb oz litro metro meter inch g l x man woman"
    ).split()
)
"""Words that stand in names and mean no product by themselves: sizes, colours, and what any answer of a shop says."""
_SKU = re.compile(r"(?<![\w@/.-])[A-Za-z0-9]+(?:[-_./][A-Za-z0-9]+){0,5}(?![\w@])")
_DIGIT = re.compile(r"\d")
_NO_SKU_SIGN = re.compile(r"[^A-Z0-9]")
_SHAPES = str.maketrans(dict.fromkeys(ascii_letters, "A") | dict.fromkeys(digits, "9"))
_BREAKS = re.compile(r"[;:()+=!?]|\.\s|—|\s-\s|\b(?:and|e|or|ou|plus|mais|against|than|que)\b")
_MEASURE = re.compile(r"[ -]?(?:inch|in|cm|mm|ml|l|litros?|oz|lb|kg|g|lm|w|pessoas?|person)\b")
_MOST_NAMES = 40
_GAP = 2


@dataclass(frozen=True, slots=True)
class NamedProduct:
    """A product, or one variant of it."""

    product: Product
    variant: Variant | None = None

    @property
    def sku(self) -> str:
        return (self.variant.sku if self.variant else "") or self.product.sku or self.product.name

    @property
    def source(self) -> str:
        line = self.variant.line if self.variant and self.variant.line else self.product.line
        return f"{self.product.file}:{line}" if self.product.file else ""

    @property
    def parts(self) -> tuple[Product | Variant, ...]:
        """What carries prices and stocks of its own."""
        return (self.variant,) if self.variant else self.product.variants or (self.product,)

    @property
    def prices(self) -> tuple[int, ...]:
        found = (part.price if part.price is not None else self.product.price for part in self.parts)
        return tuple(dict.fromkeys(price for price in found if price is not None))

    @property
    def old_prices(self) -> tuple[int, ...]:
        found = (part.old_price if part.old_price is not None else self.product.old_price for part in self.parts)
        return tuple(dict.fromkeys(price for price in found if price is not None))

    @property
    def stocks(self) -> tuple[Stock, ...]:
        """The stocks of its parts; variants of which none has one share the product's."""
        if all(variant.stock is None for variant in self.product.variants):
            return (self.product.stock,)
        return tuple(part.stock for part in self.parts)


Subject = tuple[tuple[NamedProduct, ...], ...]
"""What was spoken of before a passage: the items of each name, the last first."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that names a product. More than one item: the words fit all of these. `is_sure`: by SKU or several words."""

    start: int
    end: int
    items: tuple[NamedProduct, ...]
    is_sure: bool
    quantity: int | None = None


def plain_sku(sku: str) -> str:
    """Return a SKU without case and signs."""
    return _NO_SKU_SIGN.sub("", sku.upper())


def shape(sku: str) -> str:
    """Return how a SKU is written: "AAA-999" for "RED-012"."""
    return sku.translate(_SHAPES)


class Names:
    """The rows of a turn by SKU and by words of their names and categories."""

    def __init__(self, products: Sequence[Product], known: Lookup) -> None:
        self._known = known
        self.items = tuple(NamedProduct(product) for product in products)
        self._by_sku = dict[str, NamedProduct]()
        for product in products:
            for variant in product.variants:
                if variant.sku:
                    self._by_sku.setdefault(plain_sku(variant.sku), NamedProduct(product, variant))
        self._by_sku |= {plain_sku(product.sku): NamedProduct(product) for product in products if product.sku}
        self._shapes = {shape(item.sku) for item in self._by_sku.values() if re.search(r"\d", item.sku)}
        self._words = [frozenset(word for word, _, _ in words(fold(item.product.name))) for item in self.items]
        self._of_rules = dict[str, frozenset[int]]()
        self._holders = dict[str, set[int]]()
        self._of_category = dict[str, set[int]]()
        for n, (name, item) in enumerate(zip(self._words, self.items, strict=True)):
            for word in name:
                self._holders.setdefault(word, set()).add(n)
            for word, _, _ in words(fold(item.product.category)):
                if len(word) > 3:
                    self._of_category.setdefault(word, set()).add(n)

    def item(self, product: Product) -> NamedProduct:
        return next((one for one in self.items if one.product == product), NamedProduct(product))

    def by_sku(self, written: str) -> NamedProduct | None:
        """Return what has this SKU: of the turn's rows, else of the whole shop where it is written like a SKU."""
        found = self._by_sku.get(plain_sku(written))
        if found is None and self.looks_like_sku(written) and (product := self._known(written)) is not None:
            plain = plain_sku(written)
            variant = next((one for one in product.variants if one.sku and plain_sku(one.sku) == plain), None)
            found = NamedProduct(product, None if plain == plain_sku(product.sku) else variant)
        return found

    def looks_like_sku(self, written: str) -> bool:
        if self._shapes:
            return shape(written) in self._shapes
        return re.fullmatch(r"[A-Z]{2,5}-\d{2,6}", written) is not None

    def about_rule(self, folded: str) -> frozenset[int]:
        """Return the same as `about` for a line of the shop's texts, which is read once: each claim asks for all of them."""
        rows = self._of_rules.get(folded)
        if rows is None:
            rows = self._of_rules[folded] = self.about(folded)
        return rows

    def about(self, folded: str) -> frozenset[int]:
        """Return which rows a text speaks of, by any word of their names or categories that means a product."""
        found = {word for word, _, _ in words(folded) if not word.isdigit()}
        by_category = [self._of_category[word] for word in found & self._of_category.keys()]
        named = [self._holders[word] for word in (found - _GENERIC) & self._holders.keys()]
        return frozenset().union(*by_category, *named)

    def skus(self, text: str) -> Iterator[tuple[int, int, str, NamedProduct | None]]:
        """Return each SKU of a text with its place and its item; None where it is written like one and is none."""
        if _DIGIT.search(text) is None:
            return
        looked_up = 0
        for match in _SKU.finditer(text):
            written = match[0]
            if not 3 <= len(written) <= 30 or not _DIGIT.search(written) or looked_up >= _MOST_NAMES:
                continue
            if written.isdigit() and (len(written) < 4 or not self.looks_like_sku(written)):
                continue
            known = plain_sku(written) in self._by_sku
            if known or self.looks_like_sku(written):
                looked_up += 1
                yield match.start(), match.end(), written, self.by_sku(written)

    def mentions(self, text: str, folded: str) -> tuple[Mention, ...]:
        """Return the places of a sentence that name products, in order; a SKU replaces the name right before it."""
        by_sku = [Mention(start, end, (item,), True) for start, end, _, item in self.skus(text) if item is not None]
        taken = [(one.start, one.end) for one in by_sku]
        named = list(self._named(folded, taken))
        by_name = [one for one in named if not _leads_to(one, by_sku, folded)]
        ordered = sorted([*by_sku, *by_name], key=lambda one: one.start)
        starts = {sku.start: name.start for sku in by_sku for name in named if _leads_to(name, [sku], folded)}
        return tuple(_with_quantity(one, folded, starts.get(one.start, one.start)) for one in ordered[:_MOST_NAMES])

    def _named(self, folded: str, taken: Sequence[tuple[int, int]]) -> Iterator[Mention]:
        clusters = list(self._clusters(folded, taken))
        while clusters:
            cluster = clusters.pop(0)
            found = [word for word, _, _ in cluster]
            scores = Counter[int]()
            for word in set(found) - _FUNCTION:
                for n in self._holders[word]:
                    scores[n] += 1
            most = max(scores.values(), default=0)
            telling = {word for word in found if word not in _GENERIC and not word.isdigit()}
            best = [n for n, score in scores.items() if score == most and telling & self._words[n]]
            if not best or (most == 1 and not any(len(word) >= 3 for word in telling)):
                continue
            best.sort(key=lambda n: (len(self._words[n]), n))
            is_sure = most >= 2 or (len(best) == 1 and len(self._words[best[0]]) == 1)
            first, more = self._parted(cluster, best, telling)
            if more:
                clusters.insert(0, more)
            yield Mention(first[0][1], first[-1][2], tuple(self.items[n] for n in best), is_sure)

    def _parted(self, cluster: list[Word], best: Iterable[int], telling: Set[str]) -> tuple[list[Word], list[Word]]:
        """Return what of a run of words names these rows, and the rest of it from the first word on that belongs to another product: "the double hammock with hooks" names two."""
        own = frozenset().union(*(self._words[n] for n in best))
        at = next((start for word, start, _ in cluster if word in telling - own), None)
        first = cluster if at is None else [one for one in cluster if one[1] < at]
        if at is None or telling.isdisjoint(word for word, _, _ in first):
            return cluster, []
        return first, [one for one in cluster if one[1] >= at]

    def _clusters(self, folded: str, taken: Sequence[tuple[int, int]]) -> Iterator[list[Word]]:
        """Return runs of words that stand in names, with at most two others between them and no break."""
        if self._holders.keys().isdisjoint(map(stem, WORD.findall(folded))):
            return
        cluster = list[Word]()
        gap = 0
        for word, start, end in words(folded):
            if any(begin <= start < stop for begin, stop in taken):
                continue
            is_start = not cluster and (word.isdigit() or (word in _GENERIC and len(word) < 4))
            if word not in self._holders or (is_start and not _MEASURE.match(folded, end)):
                gap += 1
                continue
            if cluster and (gap > _GAP or _BREAKS.search(folded, cluster[-1][2], start)):
                yield cluster
                cluster = []
            cluster.append((word, start, end))
            gap = 0
        if cluster:
            yield cluster


def _leads_to(name: Mention, skus: Iterable[Mention], folded: str) -> bool:
    """True if the name stands with its SKU, as in "Rede Casal (RED-012)" or "RED-012, Rede Casal", and means the same."""
    for sku in skus:
        between = folded[name.end : sku.start] if name.end <= sku.start else folded[sku.end : name.start]
        is_near = len(between) <= 60 and not re.search(r"[;.!?]\s|\d|\band\b|\be\b", between)
        if is_near and any(one.product is sku.items[0].product for one in name.items):
            return True
        if len(between) <= 4 and name.end <= sku.start and "(" in between:
            return True
    return False


_QUANTITY_BEFORE = re.compile(
    rf"(?<![\w.,$])(?P<n>{COUNT}) ?(?:x|×|units? of|pcs of|of(?: the| our)?|unidades d[eao]s?|sets? of|packs? of|pares d[eao]|metros d[ae])? *(?:the |o |a |os |as )?$"
)
_QUANTITY_AFTER = re.compile(r"[)\s]{0,3}(?:x|×) ?(\d{1,3})\b(?! ?[r$€£])")


def _with_quantity(mention: Mention, folded: str, start: int) -> Mention:
    """Return the mention with the number of things before or after it, unless that is of its own name: "6 napkins"."""
    before = _QUANTITY_BEFORE.search(folded, max(0, start - 30), start)
    after = None if before else _QUANTITY_AFTER.match(folded, mention.end)
    count = number_of(before["n"]) if before else int(after[1]) if after else None
    is_of_name = before is not None and before[0].split() == [before["n"]]
    if count is None or (is_of_name and str(count) in stems(fold(mention.items[0].product.name))):
        return mention
    return replace(mention, quantity=count)
