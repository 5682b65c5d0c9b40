"""From a question to rows and passages: which are looked up, and in which order they come."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shop.products import Option, Product, Variant
from shop.search import several
from shop.search.folding import sku_key, stems
from shop.search.limits import ASCENDING, DESCENDING
from shop.search.polarity import NEITHER, polarity_of
from shop.search.queries import MOST_CHARACTERS, Query, parse
from shop.search.results import Found, Hit
from shop.search.row_finding import Scored, Searchable, find_rows
from shop.search.rows import is_available, stock_of
from shop.search.terms import Alternative, Term, is_attribute
from shop.search.text_finding import find_texts

SOURCE = re.compile(r"(.+):(\d+)")
"""A product without a SKU is named by its file and line."""


@dataclass(frozen=True, slots=True)
class Before:
    """The last turn: the keys of the products it showed, and its question."""

    keys: tuple[str, ...] = ()
    question: str = ""


def find(catalogue: Searchable, question: str, before: Before, most: int, most_texts: int) -> Found:
    """Return what a question finds; see Index.find."""
    question = question[:MOST_CHARACTERS]
    found = _find(catalogue, question, before, most, most_texts)
    parts = several.parts_of(question)
    each = _found_apart(catalogue, parts, most, most_texts) if not found.query.skus or found.query.topics else []
    if apart := several.answered_apart(found, each, most, most_texts):
        return apart
    if each and not found.query.skus and not (found.query.topics and found.coverage < FOUND):
        found = several.together(found, each, FOUND, most)
    is_told = found.query.rules and found.texts and found.texts[0].score >= TOLD
    if found.coverage >= FOUND or found.query.skus or is_told:
        return found
    each = each if parts else _found_apart(catalogue, several.clauses_of(question), most, most_texts)
    best = [one for one in each if several.is_goods(one) or several.is_rule(one)]
    apart = several.answered_apart(found, each, most, most_texts)
    return apart or max(best, key=lambda one: one.coverage, default=found)


def _found_apart(catalogue: Searchable, parts: Sequence[str], most: int, most_texts: int) -> list[Found]:
    """Return what each part of a question finds that names something; "it" and "the blue one" are what another part names."""
    queries = [parse(part, catalogue) for part in parts]
    if any(query.without for query in queries):
        return []
    thing = several.thing_of(queries)
    each = list[Found]()
    for part, query in zip(parts, queries, strict=True):
        if not query.terms:
            continue
        found = _found(catalogue, query, Before(), most, most_texts)
        is_short = thing and not any(term.is_thing for term in query.terms)
        if is_short and query.topics and query.refers:
            of_it = find_texts(catalogue.passages, parse(f"{thing} {part}", catalogue), most_texts)
            found = replace(found, texts=of_it) if of_it and of_it[0].score >= several.RULE else found
        elif is_short and not query.topics and not (found.hits and found.hits[0].is_called):
            found = _find(catalogue, f"{thing} {part}", Before(), most, most_texts)
        each.append(found)
    return each


def _find(catalogue: Searchable, question: str, before: Before, most: int, most_texts: int) -> Found:
    return _found(catalogue, parse(question, catalogue), before, most, most_texts)


def _found(catalogue: Searchable, query: Query, before: Before, most: int, most_texts: int) -> Found:
    if query.skus:
        texts = find_texts(catalogue.passages, query, most_texts)
        return Found(query, _by_sku(catalogue, query, most), texts, 1.0)
    searched = _with_earlier(catalogue, query, before)
    scored = find_rows(catalogue, searched)
    is_nearest = False
    if query.terms and query.is_limited and (not scored or scored[0].coverage < FOUND):
        nearest = find_rows(catalogue, _without_limits(searched))
        if is_nearest := bool(nearest) and nearest[0].coverage >= FOUND:
            scored = nearest
    excludes = bool(query.without) or query.polarity != NEITHER
    products = catalogue.by_ids([one.id for one in scored[: most * (_MORE if excludes else 1)]])
    hits = [
        Hit(product, chosen(searched, product), _reason(one), one.score, one.is_called)
        for product, one in zip(products, scored, strict=False)
        if not (excludes and _is_excluded(query, product))
    ]
    if not query.order and not is_nearest:
        hits.sort(key=lambda hit: (-round(hit.score, 2), stock_of(hit.product) is False))
    best = scored[0].coverage if scored else 0.0
    shown = _shown(searched, _earlier(catalogue, query, before, best))
    hits = [*shown, *(hit for hit in hits if all(hit.product != one.product for one in shown))]
    best = 1.0 if shown and _names_nothing(query) else best
    is_about = bool(query.rules) and bool(hits) and hits[0].is_called
    asked = _or_of_its_kind(query, hits[0].product) if is_about else query
    texts = find_texts(catalogue.passages, asked, most_texts)
    return Found(query, tuple(hits[:most]), texts, best, is_nearest=is_nearest and not shown)


_MORE = 3
"""How many times as many rows are looked at where a question excludes some."""


def _or_of_its_kind(query: Query, product: Product) -> Query:
    """Return a query whose things may also be called by their kind: rules say "Ceramics: 6 months", not each pot's."""
    phrases = (tuple(stems(kind)) for kind in _KINDS.split(product.category))
    kinds = tuple(Alternative(phrase, _KIND) for phrase in phrases if phrase)
    return replace(
        query,
        terms=tuple(
            replace(term, alternatives=(*term.alternatives, *kinds)) if term.is_thing else term for term in query.terms
        ),
    )


_KINDS = re.compile(r"[>/|]")
_KIND = 0.9
"""How well the name of its kind fits in a rule."""


def _without_limits(query: Query) -> Query:
    """Return a query for the same things whatever they cost, those nearest to the limit first."""
    order = ASCENDING if query.highest is not None else DESCENDING
    return replace(query, lowest=None, highest=None, order=order)


def _is_excluded(query: Query, product: Product) -> bool:
    """True if a product is only to be had as the question does not want it: a choice that leaves another one is left to it."""
    if query.polarity.contradicts(polarity_of(product.name)):
        return True
    named = frozenset(stems(product.name)) - frozenset(stems(product.brand))
    if any(term.is_in(named) for term in query.without):
        return True
    unwanted = [option for option in product.options if _is_only(query, option)]
    return bool(unwanted) and _wanted(query, product) is None


def _is_only(query: Query, option: Option) -> bool:
    """True if an option has what a question excludes and leaves no other choice; "30 cm" is none beside a colour."""
    unwanted = [one for one in option.values if any(term.is_in(frozenset(stems(one))) for term in query.without)]
    return bool(unwanted) and all(one in unwanted or any(map(str.isdigit, one)) for one in option.values)


def _wanted(query: Query, product: Product) -> Variant | None:
    """Return the first variant that has nothing a question excludes, one in stock before others."""
    left = [
        one
        for one in product.variants
        if not any(term.is_in(frozenset(stems(value))) for term in query.without for _, value in one.choice)
    ]
    return min(left, key=lambda one: is_available(one.stock) is False, default=None)


TOLD = 0.3
"""The score from which a line of the texts is taken to be about the rule that a question names."""
FOUND = 0.45
"""The coverage from which a row is taken to be what a question names."""


def _names_nothing(query: Query) -> bool:
    return all(is_attribute(term) or term.kind == "light" for term in query.terms)


def _earlier(catalogue: Searchable, query: Query, before: Before, coverage: float) -> list[Product]:
    """Return the products of the last turn where a question speaks of them.

    It does where it names nothing ("and in blue?"), unless it asks for others by a price, or where it says "it" and what
    it names is not found ("is it waterproof?").
    """
    is_other = before.question and _asks_for_others(query)
    if (_names_nothing(query) and not is_other) or (query.refers and coverage < FOUND):
        return [product for key in before.keys if (product := catalogue.product(key))]
    return []


def _asks_for_others(query: Query) -> bool:
    return bool(query.order) or query.is_limited


def _with_earlier(catalogue: Searchable, query: Query, before: Before) -> Query:
    """Return the query with the words of the last question, where it names nothing itself.

    "Is there a cheaper one?" asks for others of the kind: only the words that name a thing are taken then, if there are any.
    """
    if not before.question or not (query.continues or _names_nothing(query)):
        return query
    earlier = parse(before.question, catalogue).terms
    if query.continues and not _names_nothing(query):
        named = {term.text for term in query.terms}
        said = (term for term in earlier if not term.topic and term.text not in named)
        things = tuple(term for term in said if not term.is_aside)[:1]
        return replace(query, terms=(*things, *query.terms))
    kinds = {term.kind for term in query.terms}
    kept = tuple(term for term in earlier if term.kind not in kinds)
    if _asks_for_others(query):
        kept = tuple(term for term in kept if term.is_thing) or kept
    return replace(query, terms=kept + query.terms)


def _shown(query: Query, products: Sequence[Product]) -> list[Hit]:
    """Return those of the last turn's products that have the colour and size now asked for."""
    wanted = [term for term in query.terms if is_attribute(term)]
    having = [one for one in products if all(_has(one, term) for term in wanted)]
    return [Hit(one, chosen(query, one), "shown before", 1.0) for one in having]


def _has(product: Product, term: Term) -> bool:
    return term.is_in(frozenset(stem for text in (product.name, *product.choices) for stem in stems(text)))


def _by_sku(catalogue: Searchable, query: Query, most: int) -> tuple[Hit, ...]:
    hits = list[Hit]()
    for key in query.skus:
        product = catalogue.product(key)
        if product and all(hit.product != product for hit in hits):
            named = next((one for one in product.variants if sku_key(one.sku) == key), None)
            hits.append(Hit(product, named or chosen(query, product), f"SKU {key.upper()}", 1.0))
    return tuple(hits[:most])


def _reason(row: Scored) -> str:
    return f"words: {', '.join(row.words)}" if row.words else "price"


def chosen(query: Query, product: Product) -> Variant | None:
    """Return the first variant that has all colours, sizes and other words of choices asked for; one in stock before others."""
    best: tuple[int, bool, Variant] | None = None
    for variant in product.variants:
        having = frozenset(stem for _, value in variant.choice for stem in stems(value))
        count = sum(term.is_in(having) for term in query.terms)
        rank = (count, is_available(variant.stock) is not False)
        if count and (best is None or rank > best[:2]):
            best = (*rank, variant)
    if best is None and query.without:
        return _wanted(query, product)
    return best[2] if best else None
