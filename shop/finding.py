"""From a question to rows and passages: which are looked up, and in which order they come."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from shop import ranking
from shop.folding import sku_key, stems
from shop.products import Product, Variant
from shop.queries import Query, Term, Vocabulary, is_attribute, parse
from shop.rows import COLUMNS, is_available
from shop.search import Found, Hit, TextHit

SOURCE = re.compile(r"(.+):(\d+)")
"""A product without a SKU is named by its file and line."""
_CANDIDATES = 60
"""Rows that are weighed one by one; the index has them best first."""
_MOST_MATCHED = 4_000
"""Rows that a search for any of the words may pass through: the common words are left out of it above that."""


class Catalogue(Vocabulary, Protocol):
    """What is searched."""

    count: int

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
    """A row by its number: how well it fits, what share of the question it has, and the stems it was found by."""

    id: int
    score: float
    coverage: float


def find(catalogue: Catalogue, question: str, before: Before, most: int, most_texts: int) -> Found:
    """Return what a question finds; see Index.find."""
    query = parse(question, catalogue)
    texts = find_texts(catalogue, query, most_texts)
    if query.skus:
        return Found(query, _by_sku(catalogue, query, most), texts, 1.0)
    searched = _with_earlier(catalogue, query, before)
    scored = find_rows(catalogue, searched)
    products = catalogue.by_ids([one.id for one in scored[:most]])
    hits = [_hit(searched, product, one.score) for product, one in zip(products, scored, strict=False)]
    best = scored[0].coverage if scored else 0.0
    shown = _shown(searched, _earlier(catalogue, query, before, best))
    hits = [*shown, *(hit for hit in hits if all(hit.product != one.product for one in shown))]
    return Found(query, tuple(hits[:most]), texts, 1.0 if shown and _names_nothing(query) else best)


FOUND = 0.45
"""The coverage from which a row is taken to be what a question names."""


def _names_nothing(query: Query) -> bool:
    return all(is_attribute(term) or term.kind == "light" for term in query.terms)


def _earlier(catalogue: Catalogue, query: Query, before: Before, coverage: float) -> list[Product]:
    """Return the products of the last turn where a question speaks of them.

    It does where it names nothing ("and in blue?"), unless it asks for others by a price, or where it says "it" and what
    it names is not found ("is it waterproof?").
    """
    is_other = bool(before.question and (query.order or query.lowest is not None or query.highest is not None))
    if (_names_nothing(query) and not is_other) or (query.refers and coverage < FOUND):
        return [product for key in before.keys if (product := catalogue.product(key))]
    return []


def _with_earlier(catalogue: Catalogue, query: Query, before: Before) -> Query:
    """Return the query with the words of the last question, where it names nothing itself."""
    if not _names_nothing(query) or not before.question:
        return query
    last = parse(before.question, catalogue)
    kinds = {term.kind for term in query.terms}
    kept = tuple(term for term in last.terms if term.kind not in kinds)
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


def _by_sku(catalogue: Catalogue, query: Query, most: int) -> tuple[Hit, ...]:
    hits = list[Hit]()
    for key in query.skus:
        product = catalogue.product(key)
        if product and all(hit.product != product for hit in hits):
            named = next((one for one in product.variants if sku_key(one.sku) == key), None)
            hits.append(Hit(product, named or chosen(query, product), f"SKU {key.upper()}", 1.0))
    return tuple(hits[:most])


def _hit(query: Query, product: Product, score: float, reason: str = "") -> Hit:
    words = ", ".join(term.text for term in query.terms)
    return Hit(product, chosen(query, product), reason or f"words: {words}" if words else "price", score)


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


def find_rows(catalogue: Catalogue, query: Query) -> list[Scored]:
    """Return the rows for a query, best first."""
    terms = [term for term in query.terms if term.kind != "policy" or term.alternatives]
    known = _required(terms)
    if not known:
        return _priced(catalogue, query) if not terms else []
    found = _candidates(catalogue, query, " AND ".join(map(_match, known)), "p.modifiers > 0, rank")
    if len(found) < _CANDIDATES and len(known) > 1:
        found |= _candidates(catalogue, query, " OR ".join(map(_match, _rare(catalogue, known))), "rank")
    scored = _scored(catalogue, query, terms, found)
    return _ordered(catalogue, query, terms, scored) if query.order else scored


def _required(terms: Sequence[Term]) -> list[Term]:
    """Return the terms that a row should have: those that some row has, without words that only count ("a pair of")."""
    known = [term for term in terms if term.alternatives]
    return [term for term in known if term.kind != "light" or term.text.isdigit()] or known


def _quoted(stem: str) -> str:
    return '"' + stem.replace('"', '""') + '"'


def _match(term: Term) -> str:
    """Return an expression of FTS5 for a term; every word is quoted, so that none is an operator."""
    phrases = (" AND ".join(map(_quoted, one.phrase)) for one in term.alternatives)
    return "(" + " OR ".join(f"({phrase})" for phrase in phrases) + ")"


def _rare(catalogue: Catalogue, terms: Sequence[Term]) -> list[Term]:
    """Return the terms to search any of: the rarest, and more as long as few rows have them."""
    by_count = sorted((_frequency(catalogue, term), n) for n, term in enumerate(terms))
    kept, total = list[int](), 0
    for count, n in by_count:
        total += count
        if kept and total > _MOST_MATCHED:
            break
        kept.append(n)
    return [terms[n] for n in sorted(kept)]


def _frequency(catalogue: Catalogue, term: Term) -> int:
    """Return about how many rows have a term: a phrase is as rare as its rarest word."""
    return sum(min(catalogue.frequency(part) for part in one.phrase) for one in term.alternatives)


def _filters(query: Query) -> tuple[str, list[int]]:
    clauses, values = list[str](), list[int]()
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


Candidates = dict[int, ranking.Fields]


def _candidates(catalogue: Catalogue, query: Query, match: str, order: str) -> Candidates:
    """Return the stems of the rows that match, by number, in this order."""
    clauses, values = _filters(query)
    columns = ", ".join(f"rows.{name}" for name in COLUMNS)
    sql = (
        f"SELECT p.id, {columns} FROM rows JOIN products p ON p.id = rows.rowid"  # noqa: S608
        f" WHERE rows MATCH ? AND rows.rank MATCH 'bm25(8, 4, 4, 2, 3, 2, 1)'{clauses} ORDER BY {order} LIMIT {_CANDIDATES}"
    )
    found = catalogue.rows(sql, [match, *values])
    return {row[0]: tuple(frozenset(column.split()) for column in row[1:]) for row in found}


def _priced(catalogue: Catalogue, query: Query) -> list[Scored]:
    """Return rows by price and stock alone."""
    if not query.order and query.lowest is None and query.highest is None:
        return []
    clauses, values = _filters(query)
    by = "p.highest DESC" if query.order == "price_desc" else "p.lowest" if query.order else "p.id"
    found = catalogue.rows(f"SELECT p.id FROM products p WHERE 1{clauses} ORDER BY {by} LIMIT {_CANDIDATES}", values)  # noqa: S608
    return [Scored(number, 1.0, 1.0) for (number,) in found]


def _scored(catalogue: Catalogue, query: Query, terms: Sequence[Term], found: Candidates) -> list[Scored]:
    weights = [ranking.weight(term, _frequency(catalogue, term), catalogue.count) for term in terms]
    scored = list[Scored]()
    for number, fields in found.items():
        fits = [ranking.fit(term, fields) for term in terms]
        share = ranking.coverage(terms, weights, fits)
        scored.append(Scored(number, share - ranking.UNASKED * ranking.unasked(query, fields) * bool(share), share))
    return sorted(scored, key=lambda one: -one.score)


def _ordered(catalogue: Catalogue, query: Query, terms: Sequence[Term], scored: Sequence[Scored]) -> list[Scored]:
    """Return the rows that have as much of the question as the best one, by price."""
    if not scored:
        return []
    known = _required(terms)
    by = "p.highest DESC" if query.order == "price_desc" else "p.lowest"
    plain = "{" + " ".join(COLUMNS[:-1]) + "} : "
    head = "{head modifier} : (" + " OR ".join(_match(term) for term in known if not is_attribute(term)) + ")"
    every = plain + "(" + " AND ".join(map(_match, known)) + ")"
    found: Candidates = {}
    if any(not is_attribute(term) for term in known):
        found = _candidates(catalogue, query, f"({every}) AND ({head})", f"p.modifiers > 0, {by}")
    found = found or _candidates(catalogue, query, every, by)
    if not found:
        return list(scored)
    shares = {one.id: one.coverage for one in _scored(catalogue, query, terms, found)}
    return [Scored(number, shares[number], shares[number]) for number in found]


# Passages


def find_texts(catalogue: Catalogue, query: Query, most: int) -> tuple[TextHit, ...]:
    """Return the passages that have most of a question's words."""
    passages = catalogue.rows("SELECT file, line, section, text, section_stems, stems FROM passages")
    terms = [term for term in query.terms if term.alternatives]
    if not terms or not passages:
        return ()
    scored = list[TextHit]()
    for file, line, section, text, above, body in passages:
        inside, heading = frozenset(body.split()), frozenset(above.split())
        share = sum(_text_fit(term, inside, heading) for term in terms) / len(query.terms)
        if share:
            scored.append(TextHit(file, line, section, text, share))
    return tuple(sorted(scored, key=lambda one: -one.score)[:most])


def _text_fit(term: Term, inside: frozenset[str], heading: frozenset[str]) -> float:
    fits = [one.fit for one in term.alternatives if inside.issuperset(one.phrase)]
    above = [one.fit * 0.6 for one in term.alternatives if heading.issuperset(one.phrase)]
    return max([*fits, *above], default=0.0)
