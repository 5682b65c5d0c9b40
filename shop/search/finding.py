"""From a question to rows and passages: which are looked up, and in which order they come."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from shop.products import Product, Variant
from shop.search import ranking, several
from shop.search.folding import sku_key, stems
from shop.search.limits import ASCENDING, DESCENDING
from shop.search.queries import MOST_CHARACTERS, Query, Term, Vocabulary, is_attribute, parse
from shop.search.results import Found, Hit
from shop.search.rows import COLUMNS, is_available, stock_of
from shop.search.text_finding import SearchedPassage, find_texts

SOURCE = re.compile(r"(.+):(\d+)")
"""A product without a SKU is named by its file and line."""
_CANDIDATES = 60
"""Rows that are weighed one by one; the index has them best first."""
_MOST_MATCHED = 2_000
"""Rows that a search for any of the words may pass through: the common words are left out of it above that."""


class Searchable(Vocabulary, Protocol):
    """What is searched."""

    count: int

    @property
    def lines(self) -> Sequence[SearchedPassage]: ...

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple]: ...  # type: ignore[type-arg]

    def by_ids(self, ids: Sequence[int]) -> list[Product]: ...

    def product(self, key: str) -> Product | None: ...


@dataclass(frozen=True, slots=True)
class Before:
    """The last turn: the keys of the products it showed, and its question."""

    keys: tuple[str, ...] = ()
    question: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """A row by its number: how well it fits, what share of the question it has, and the words of the question that it has."""

    id: int
    score: float
    coverage: float
    words: tuple[str, ...] = ()
    is_called: bool = False
    """True if the question calls it what its name calls it."""


def find(catalogue: Searchable, question: str, before: Before, most: int, most_texts: int) -> Found:
    """Return what a question finds; see Index.find."""
    found = _find(catalogue, question, before, most, most_texts)
    if found.query.skus or found.query.order or (found.query.topics and found.coverage < FOUND):
        return found
    each = [_find(catalogue, part, Before(), most, 0) for part in several.parts_of(question[:MOST_CHARACTERS])]
    return several.together(found, each, FOUND, most)


def _find(catalogue: Searchable, question: str, before: Before, most: int, most_texts: int) -> Found:
    query = parse(question, catalogue)
    texts = find_texts(catalogue.lines, query, most_texts)
    if query.skus:
        return Found(query, _by_sku(catalogue, query, most), texts, 1.0)
    searched = _with_earlier(catalogue, query, before)
    scored = find_rows(catalogue, searched)
    is_nearest = False
    if _is_limited(query) and (not scored or scored[0].coverage < FOUND):
        nearest = find_rows(catalogue, _without_limits(searched))
        if is_nearest := bool(nearest) and nearest[0].coverage >= FOUND:
            scored = nearest
    products = catalogue.by_ids([one.id for one in scored[: most * (_MORE if query.without else 1)]])
    hits = [
        replace(_hit(searched, product, one.score, _reason(one)), is_called=one.is_called)
        for product, one in zip(products, scored, strict=False)
        if not _is_excluded(query, product)
    ]
    if not query.order and not is_nearest:
        hits.sort(key=lambda hit: (-round(hit.score, 2), stock_of(hit.product) is False))
    best = scored[0].coverage if scored else 0.0
    shown = _shown(searched, _earlier(catalogue, query, before, best))
    hits = [*shown, *(hit for hit in hits if all(hit.product != one.product for one in shown))]
    best = 1.0 if shown and _names_nothing(query) else best
    return Found(query, tuple(hits[:most]), texts, best, is_nearest=is_nearest and not shown)


_MORE = 3
"""How many times as many rows are looked at where a question excludes some."""


def _is_limited(query: Query) -> bool:
    return bool(query.terms) and (query.lowest is not None or query.highest is not None)


def _without_limits(query: Query) -> Query:
    """Return a query for the same things whatever they cost, those nearest to the limit first."""
    order = ASCENDING if query.highest is not None else DESCENDING
    return replace(query, lowest=None, highest=None, order=order)


def _is_excluded(query: Query, product: Product) -> bool:
    """True if a product is only to be had as the question does not want it."""
    named = frozenset(stems(product.name)) - frozenset(stems(product.brand))
    if any(_is_named(term, named) for term in query.without):
        return True
    values = [frozenset(stems(value)) for option in product.options for value in option.values]
    return (
        any(any(_is_named(term, one) for one in values) for term in query.without) and _wanted(query, product) is None
    )


def _is_named(term: Term, having: frozenset[str]) -> bool:
    return any(having.issuperset(one.phrase) for one in term.alternatives)


def _wanted(query: Query, product: Product) -> Variant | None:
    """Return the first variant that has nothing a question excludes, one in stock before others."""
    left = [
        one
        for one in product.variants
        if not any(_is_named(term, frozenset(stems(value))) for term in query.without for _, value in one.choice)
    ]
    return min(left, key=lambda one: is_available(one.stock) is False, default=None)


FOUND = 0.45
"""The coverage from which a row is taken to be what a question names."""


def _names_nothing(query: Query) -> bool:
    return all(is_attribute(term) or term.kind == "light" for term in query.terms)


def _earlier(catalogue: Searchable, query: Query, before: Before, coverage: float) -> list[Product]:
    """Return the products of the last turn where a question speaks of them.

    It does where it names nothing ("and in blue?"), unless it asks for others by a price, or where it says "it" and what
    it names is not found ("is it waterproof?").
    """
    is_other = bool(before.question) and _asks_for_others(query)
    if (_names_nothing(query) and not is_other) or (query.refers and coverage < FOUND):
        return [product for key in before.keys if (product := catalogue.product(key))]
    return []


def _asks_for_others(query: Query) -> bool:
    return bool(query.order or query.lowest is not None or query.highest is not None)


def _with_earlier(catalogue: Searchable, query: Query, before: Before) -> Query:
    """Return the query with the words of the last question, where it names nothing itself.

    "Is there a cheaper one?" asks for others of the kind: only the words that name a thing are taken then, if there are any.
    """
    if not _names_nothing(query) or not before.question:
        return query
    kinds = {term.kind for term in query.terms}
    kept = tuple(term for term in parse(before.question, catalogue).terms if term.kind not in kinds)
    if _asks_for_others(query):
        kept = tuple(term for term in kept if term.is_thing) or kept
    return replace(query, terms=kept + query.terms)


def _shown(query: Query, products: Sequence[Product]) -> list[Hit]:
    """Return those of the last turn's products that have the colour and size now asked for."""
    wanted = [term for term in query.terms if is_attribute(term)]
    return [_hit(query, one, 1.0, "shown before") for one in products if all(_has(one, term) for term in wanted)]


def _has(product: Product, term: Term) -> bool:
    values = [value for option in product.options for value in option.values]
    values += [value for variant in product.variants for _, value in variant.choice]
    having = {stem for text in (product.name, *values) for stem in stems(text)}
    return any(having.issuperset(one.phrase) for one in term.alternatives)


def _by_sku(catalogue: Searchable, query: Query, most: int) -> tuple[Hit, ...]:
    hits = list[Hit]()
    for key in query.skus:
        product = catalogue.product(key)
        if product and all(hit.product != product for hit in hits):
            named = next((one for one in product.variants if sku_key(one.sku) == key), None)
            hits.append(Hit(product, named or chosen(query, product), f"SKU {key.upper()}", 1.0))
    return tuple(hits[:most])


def _hit(query: Query, product: Product, score: float, reason: str) -> Hit:
    return Hit(product, chosen(query, product), reason, score)


def _reason(row: Scored) -> str:
    return f"words: {', '.join(row.words)}" if row.words else "price"


def chosen(query: Query, product: Product) -> Variant | None:
    """Return the first variant that has all colours, sizes and other words of choices asked for; one in stock before others."""
    asked = [term for term in query.terms if term.alternatives]
    best: tuple[int, bool, Variant] | None = None
    for variant in product.variants:
        having = {stem for _, value in variant.choice for stem in stems(value)}
        count = sum(any(having.issuperset(one.phrase) for one in term.alternatives) for term in asked)
        rank = (count, is_available(variant.stock) is not False)
        if count and (best is None or rank > best[:2]):
            best = (*rank, variant)
    if best is None and query.without:
        return _wanted(query, product)
    return best[2] if best else None


# Rows

Candidates = dict[int, ranking.Fields]
"""The stems of rows by number, best first."""


def find_rows(catalogue: Searchable, query: Query) -> list[Scored]:
    """Return the rows for a query, best first, or by price where it asks so."""
    terms, known = query.terms, _required(query.terms)
    if not known:
        return [] if terms else _priced(catalogue, query)
    if query.order and (found := _ordered(catalogue, query, known)):
        return found
    scored = _scored(catalogue, query, _matching(catalogue, query, known))
    if query.order and scored:
        has = _fields(catalogue, [scored[0].id])[scored[0].id]
        return _ordered(catalogue, query, [term for term in known if ranking.fit(term, has)]) or scored
    return scored


def _matching(catalogue: Searchable, query: Query, known: Sequence[Term]) -> Candidates:
    """Return the rows to weigh: those called by a term that have all of them, those that have all, those that have some."""
    every, named = " AND ".join(map(_match, known)), _named(known)
    found: Candidates = {}
    if named:
        found = _candidates(catalogue, query, f"({every}) AND ({_called(named)})", "p.modifiers > 0, rank")
    if len(found) < _CANDIDATES:
        found |= _candidates(catalogue, query, every, "rank")
    if len(found) < _CANDIDATES and len(known) > 1:
        found |= _candidates(catalogue, query, " OR ".join(map(_match, _rare(catalogue, known))), "rank")
    return found


def _named(terms: Sequence[Term]) -> list[Term]:
    return [term for term in terms if not is_attribute(term)]


def _required(terms: Sequence[Term]) -> list[Term]:
    """Return the terms that a row should have: those that some row has, without words that only count ("a pair of")."""
    known = [term for term in terms if term.alternatives]
    return [term for term in known if term.kind != "light" or term.text.isdigit()] or known


def _quoted(stem: str) -> str:
    return '"' + stem.replace('"', '""') + '"'


def _match(term: Term) -> str:
    """Return an expression of FTS5 for a term; every word is quoted, so that none is an operator."""
    phrases = (" AND ".join(map(_quoted, one.phrase)) for one in term.alternatives)
    columns = "{name options} : " if is_attribute(term) else ""
    return f"({columns}(" + " OR ".join(f"({phrase})" for phrase in phrases) + "))"


def _called(terms: Sequence[Term]) -> str:
    """Return the expression for rows that are called by one of these terms."""
    return "{head modifier} : (" + " OR ".join(map(_match, terms)) + ")"


def _rare(catalogue: Searchable, terms: Sequence[Term]) -> list[Term]:
    """Return the terms to search any of: the rarest, and more as long as few rows have them."""
    by_count = sorted((_frequency(catalogue, term), n) for n, term in enumerate(terms))
    kept, total = list[int](), 0
    for count, n in by_count:
        total += count
        if kept and total > _MOST_MATCHED:
            break
        kept.append(n)
    return [terms[n] for n in sorted(kept)]


def _frequency(catalogue: Searchable, term: Term) -> int:
    """Return about how many rows have a term: a phrase is as rare as its rarest word."""
    return sum(min(catalogue.frequency(part) for part in one.phrase) for one in term.alternatives)


def _filters(query: Query) -> tuple[str, list[object]]:
    clauses, values = list[str](), list[object]()
    if query.highest is not None:
        clauses.append("p.lowest <= ?")
        values.append(query.highest)
    if query.lowest is not None:
        clauses.append("p.highest >= ?")
        values.append(query.lowest)
    if query.order:
        clauses.append("p.lowest IS NOT NULL")
        if query.in_stock:
            clauses.append("p.stock IS NOT 0")
    return "".join(f" AND {clause}" for clause in clauses), values


def _candidates(
    catalogue: Searchable, query: Query, match: str, order: str, categories: Sequence[str] = ()
) -> Candidates:
    """Return the stems of the rows that match, by number, in this order; only those of these categories, if any are named."""
    clauses, values = _filters(query)
    if categories:
        clauses += f" AND p.category IN ({', '.join('?' * len(categories))})"
        values = [*values, *categories]
    joined = " JOIN products p ON p.id = rows.rowid" if clauses or "p." in order else ""
    sql = (
        f"SELECT rows.rowid FROM rows{joined} WHERE rows MATCH ? AND rows.rank MATCH '{_BM25}'{clauses}"  # noqa: S608
        f" ORDER BY {order} LIMIT {_CANDIDATES}"
    )
    return _fields(catalogue, [number for (number,) in catalogue.rows(sql, [match, *values])])


def _fields(catalogue: Searchable, ids: Sequence[int]) -> Candidates:
    """Return the stems of rows by number, in this order."""
    marks = ", ".join("?" * len(ids))
    sql = f"SELECT rowid, {', '.join(COLUMNS)} FROM rows WHERE rowid IN ({marks})"  # noqa: S608
    read = {row[0]: tuple(frozenset(column.split()) for column in row[1:]) for row in catalogue.rows(sql, ids)}
    return {number: read[number] for number in ids}


_BM25 = "bm25(8, 4, 4, 2, 3, 2, 1)"
"""What a word is worth in each of COLUMNS, before rows are weighed one by one."""


def _priced(catalogue: Searchable, query: Query) -> list[Scored]:
    """Return rows by price and stock alone."""
    if not query.order and query.lowest is None and query.highest is None:
        return []
    clauses, values = _filters(query)
    by = "p.highest DESC" if query.order == DESCENDING else "p.lowest" if query.order else "p.id"
    found = catalogue.rows(f"SELECT p.id FROM products p WHERE 1{clauses} ORDER BY {by} LIMIT {_CANDIDATES}", values)  # noqa: S608
    return [Scored(number, 1.0, 1.0) for (number,) in found]


def _scored(catalogue: Searchable, query: Query, found: Candidates) -> list[Scored]:
    """Return rows weighed against all terms of a query, best first."""
    weights = [ranking.weight(term, _frequency(catalogue, term), catalogue.count) for term in query.terms]
    scored = list[Scored]()
    for number, fields in found.items():
        fits = ranking.fits(query.terms, fields)
        share = ranking.coverage(query.terms, weights, fits)
        is_called = ranking.is_called(query, fields)
        less = ranking.UNASKED * ranking.unasked(query, fields) if share and is_called else 0.0
        words = tuple(term.text for term, fit in zip(query.terms, fits, strict=True) if fit)
        scored.append(Scored(number, share - less, share, words, is_called))
    return sorted(scored, key=lambda one: -one.score)


def _ordered(catalogue: Searchable, query: Query, known: Sequence[Term]) -> list[Scored]:
    """Return by price the rows that have all of these terms, those that are called so if there are any."""
    by = "p.highest DESC" if query.order == DESCENDING else "p.lowest"
    every = "{" + " ".join(COLUMNS[:-1]) + "} : (" + " AND ".join(map(_match, known)) + ")"
    found: Candidates = {}
    if named := _named(known):
        called = f"({every}) AND ({_called(named)})"
        found = _candidates(catalogue, query, called, by, _kinds(catalogue, called))
    found = found or _candidates(catalogue, query, every, by)
    scored = {one.id: replace(one, score=one.coverage) for one in _scored(catalogue, query, found)}
    return [scored[number] for number in found]


def _kinds(catalogue: Searchable, match: str) -> list[str]:
    """Return the categories of the rows that are called just so, without "de ..."; none where there is no such row.

    A "tapete de ioga" of another category is no "tapete"; a "rede de casal" beside a "rede" is one.
    """
    sql = "SELECT DISTINCT p.category FROM rows JOIN products p ON p.id = rows.rowid WHERE rows MATCH ? AND p.modifiers = 0"
    return [category for (category,) in catalogue.rows(sql, [match])]
