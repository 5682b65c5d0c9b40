"""From a query to rows: which are looked up in the index, and in which order they come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from shop.products import Product
from shop.search import ranking
from shop.search.limits import DESCENDING
from shop.search.queries import Query
from shop.search.rows import COLUMNS
from shop.search.terms import Term, Vocabulary, is_attribute
from shop.search.text_finding import SearchedTexts

_CANDIDATES = 60
"""Rows that are weighed one by one; the index has them best first."""
_COMMON = 5_000
"""Rows that have a word above which rows are not ranked by it: bm25 counts them all for each question."""
_MOST_MATCHED = 2_000
"""Rows that a search for any of the words may pass through: the common words are left out of it above that."""


class Searchable(Vocabulary, Protocol):
    """What is searched."""

    count: int

    @property
    def passages(self) -> SearchedTexts: ...

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple]: ...  # type: ignore[type-arg]

    def by_ids(self, ids: Sequence[int]) -> list[Product]: ...

    def product(self, key: str) -> Product | None: ...


@dataclass(frozen=True, slots=True)
class Scored:
    """A row by its number: how well it fits, what share of the question it has, and the words of the question that it has."""

    id: int
    score: float
    coverage: float
    words: tuple[str, ...] = ()
    is_called: bool = False
    """True if the question calls it what its name calls it."""


Candidates = dict[int, ranking.Fields]
"""The stems of rows by number, best first."""
Counts = Mapping[Term, int]
"""About how many rows have each term of a query."""


def find_rows(catalogue: Searchable, query: Query) -> list[Scored]:
    """Return the rows for a query, best first, or by price where it asks so."""
    known = _required(query.terms)
    is_unnamed = all(term.kind in ("use", "light") for term in query.terms)
    priced = _priced(catalogue, query) if is_unnamed else []
    if not known:
        return priced
    counts = {term: _frequency(catalogue, term) for term in query.terms}
    if priced:
        matching = _scored(catalogue, query, _matching(catalogue, query, known, counts), counts)
        return [one for one in matching if one.is_called] or priced
    if query.order and (found := _ordered(catalogue, query, known, counts)):
        return found
    scored = _scored(catalogue, query, _matching(catalogue, query, known, counts), counts)
    if query.order and scored:
        has = _fields(catalogue, [scored[0].id])[scored[0].id]
        return _ordered(catalogue, query, [term for term in known if ranking.fit(term, has)], counts) or scored
    return scored


def _matching(catalogue: Searchable, query: Query, known: Sequence[Term], counts: Counts) -> Candidates:
    """Return the rows to weigh: those called by a term that have all of them, those that have all, those that have some."""
    every, named = " AND ".join(map(_match, known)), _named(known)
    best = _best(known, counts)
    found: Candidates = {}
    if named:
        found = _candidates(catalogue, query, f"({every}) AND ({_called(named)})", f"p.modifiers > 0, {best}")
    if len(found) < _CANDIDATES:
        found |= _candidates(catalogue, query, every, best)
    if len(found) < _CANDIDATES and len(known) > 1:
        rare = _rare(known, counts)
        found |= _candidates(catalogue, query, " OR ".join(map(_match, rare)), _best(rare, counts))
    return found


def _best(terms: Sequence[Term], counts: Counts) -> str:
    """Return by what the rows that have these terms are ordered: by how well, or as they stand where some word is common."""
    return "rank" if max(counts[term] for term in terms) <= _COMMON else "rows.rowid"


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


def _rare(terms: Sequence[Term], counts: Counts) -> list[Term]:
    """Return the terms to search any of: the rarest, and more as long as few rows have them."""
    by_count = sorted((counts[term], n) for n, term in enumerate(terms))
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
    if not query.order and not query.is_limited:
        return []
    clauses, values = _filters(query)
    by = "p.highest DESC" if query.order == DESCENDING else "p.lowest" if query.order else "p.id"
    found = catalogue.rows(f"SELECT p.id FROM products p WHERE 1{clauses} ORDER BY {by} LIMIT {_CANDIDATES}", values)  # noqa: S608
    return [Scored(number, 1.0, 1.0) for (number,) in found]


def _scored(catalogue: Searchable, query: Query, found: Candidates, counts: Counts) -> list[Scored]:
    """Return rows weighed against all terms of a query, best first."""
    weights = [ranking.weight(term, counts[term], catalogue.count) for term in query.terms]
    scored = list[Scored]()
    for number, fields in found.items():
        fits = ranking.fits(query.terms, fields)
        share = ranking.coverage(query.terms, weights, fits)
        is_called = ranking.is_called(query, fields)
        less = ranking.UNASKED * ranking.unasked(query, fields) if share and is_called else 0.0
        words = tuple(term.text for term, fit in zip(query.terms, fits, strict=True) if fit)
        scored.append(Scored(number, share - less, share, words, is_called))
    return sorted(scored, key=lambda one: -one.score)


def _ordered(catalogue: Searchable, query: Query, known: Sequence[Term], counts: Counts) -> list[Scored]:
    """Return by price the rows that have all of these terms, those that are called so if there are any."""
    by = "p.highest DESC" if query.order == DESCENDING else "p.lowest"
    every = "{" + " ".join(COLUMNS[:-1]) + "} : (" + " AND ".join(map(_match, known)) + ")"
    found: Candidates = {}
    if named := _named(known):
        called = f"({every}) AND ({_called(named)})"
        found = _candidates(catalogue, query, called, by, _kinds(catalogue, called))
    found = found or _candidates(catalogue, query, every, by)
    scored = {one.id: replace(one, score=one.coverage) for one in _scored(catalogue, query, found, counts)}
    return [scored[number] for number in found]


def _kinds(catalogue: Searchable, match: str) -> list[str]:
    """Return the categories of the rows that are called just so, without "de ..."; none where there is no such row.

    A "tapete de ioga" of another category is no "tapete"; a "rede de casal" beside a "rede" is one.
    """
    sql = "SELECT DISTINCT p.category FROM rows JOIN products p ON p.id = rows.rowid WHERE rows MATCH ? AND p.modifiers = 0"
    return [category for (category,) in catalogue.rows(sql, [match])]
