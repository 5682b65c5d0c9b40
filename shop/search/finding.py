"""From a question to rows and passages: which are looked up, and in which order they come."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from shop.products import Product, Variant
from shop.search import ranking
from shop.search.folding import sku_key, stems
from shop.search.lexicon import Phrase
from shop.search.limits import DESCENDING
from shop.search.passages import Passage
from shop.search.queries import Query, Term, Vocabulary, is_attribute, parse
from shop.search.results import Found, Hit, TextHit
from shop.search.rows import COLUMNS, is_available, stock_of

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
    def lines(self) -> "Sequence[SearchedPassage]": ...

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


def find(catalogue: Searchable, question: str, before: Before, most: int, most_texts: int) -> Found:
    """Return what a question finds; see Index.find."""
    query = parse(question, catalogue)
    texts = find_texts(catalogue.lines, query, most_texts)
    if query.skus:
        return Found(query, _by_sku(catalogue, query, most), texts, 1.0)
    searched = _with_earlier(catalogue, query, before)
    scored = find_rows(catalogue, searched)
    products = catalogue.by_ids([one.id for one in scored[:most]])
    hits = [_hit(searched, product, one.score, _reason(one)) for product, one in zip(products, scored, strict=False)]
    if not query.order:
        hits.sort(key=lambda hit: (-round(hit.score, 2), stock_of(hit.product) is False))
    best = scored[0].coverage if scored else 0.0
    shown = _shown(searched, _earlier(catalogue, query, before, best))
    hits = [*shown, *(hit for hit in hits if all(hit.product != one.product for one in shown))]
    return Found(query, tuple(hits[:most]), texts, 1.0 if shown and _names_nothing(query) else best)


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
        less = ranking.UNASKED * ranking.unasked(query, fields) if share else 0.0
        words = tuple(term.text for term, fit in zip(query.terms, fits, strict=True) if fit)
        scored.append(Scored(number, share - less, share, words))
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


# Passages


@dataclass(frozen=True, slots=True)
class SearchedPassage:
    """A passage as it is searched: the stems of what it says, and of the headings above it."""

    passage: Passage
    inside: frozenset[str]
    heading: frozenset[str]


def find_texts(lines: Sequence[SearchedPassage], query: Query, most: int) -> tuple[TextHit, ...]:
    """Return the passages that have most of a question's words, best first."""
    if not lines:
        return ()
    fits = [[_text_fit(term, line) for term in query.terms] for line in lines]
    counts = [sum(fit > 0 for fit in column) for column in zip(*fits, strict=True)]
    weights = [ranking.weight(term, count, len(lines)) for term, count in zip(query.terms, counts, strict=True)]
    scored = [
        (ranking.coverage(query.terms, weights, fit), line.passage)
        for line, fit in zip(lines, fits, strict=True)
        if any(fit)
    ]
    best = sorted(scored, key=lambda one: -one[0])[:most]
    return tuple(TextHit(one.file, one.line, one.section, one.text, share) for share, one in best)


_ABOVE, _SPLIT = 0.6, 0.8
"""What a phrase is worth in a heading above a passage, and where some of its words stand there and some below."""


def _text_fit(term: Term, line: SearchedPassage) -> float:
    return max((one.fit * _place(one.phrase, line) for one in term.alternatives), default=0.0)


def _place(phrase: Phrase, line: SearchedPassage) -> float:
    """Return what a phrase is worth where it stands, 0 where it does not."""
    if line.inside.issuperset(phrase):
        return 1.0
    if line.heading.issuperset(phrase):
        return _ABOVE
    return _SPLIT if all(stem in line.inside or stem in line.heading for stem in phrase) else 0.0
