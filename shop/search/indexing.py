"""Writes the index: one SQLite file of the shop's products and texts, which can be deleted and is built anew."""

import hashlib
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from shop.products import Product, StoreContents
from shop.search import lexicon as lexicons
from shop.search.folding import fold, shortened, sku_key, sound, stems, words
from shop.search.passages import label_of, passages
from shop.search.rows import COLUMNS, row_of
from shop.search.text_values import DAYS, values_in

VERSION = "2"
"""Of the file's form; another one is built anew."""

_SCHEMA = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE products (id INTEGER PRIMARY KEY, file TEXT, line INT, category TEXT, modifiers INT, lowest INT, highest INT, stock INT, json BLOB);
CREATE TABLE skus (sku TEXT, product INT, variant INT);
CREATE VIRTUAL TABLE rows USING fts5({", ".join(COLUMNS)}, tokenize = "unicode61 tokenchars '.'", detail = column);
CREATE TABLE stems (stem TEXT PRIMARY KEY, rows INT, texts INT) WITHOUT ROWID;
CREATE TABLE typos (spoken TEXT, word TEXT, PRIMARY KEY (spoken, word)) WITHOUT ROWID;
CREATE TABLE passages (id INTEGER PRIMARY KEY, file TEXT, line INT, section TEXT, text TEXT, section_stems TEXT, stems TEXT, last_stems TEXT, label_stems TEXT, value_kinds TEXT);
"""
_INSERT_ROW = f"INSERT INTO rows (rowid, {', '.join(COLUMNS)}) VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"  # noqa: S608
_COUNT_TEXTS = """INSERT INTO stems (texts, stem, rows) VALUES (?, ?, 0)
ON CONFLICT (stem) DO UPDATE SET texts = excluded.texts"""
_SAMPLE = 2_000
"""Names by which the language of a catalogue is recognised."""
_CLEAR = 4
"""How many times as many words of one language as of the other make a catalogue one of that language alone."""
_SHORTEST_TYPO = 4


def build(contents: StoreContents, target: Path, synonyms: Sequence[Sequence[str]] = ()) -> None:
    """Write the index of these contents beside the target, then put it in its place.

    Synonyms are the owner's: groups of words that mean the same. Another build of the same target must not run.
    """
    beside = target.with_name(f"{target.name}.new")
    beside.unlink(missing_ok=True)
    with closing(sqlite3.connect(beside, isolation_level=None)) as db:
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8000;")
        db.executescript(_SCHEMA)
        db.execute("BEGIN")
        _Writer(db, contents, synonyms).write()
        db.execute("COMMIT")
    os.replace(beside, target)


class _Writer:
    """Fills the tables of one new index."""

    def __init__(self, db: sqlite3.Connection, contents: StoreContents, synonyms: Sequence[Sequence[str]]) -> None:
        self._db, self._contents, self._synonyms = db, contents, synonyms
        self._lexicon = lexicons.read(synonyms=synonyms)
        sample = (f"{one.name} {one.category}" for one in contents.products[:_SAMPLE])
        self._language = self._lexicon.language((word for text in sample for word in words(text)), _CLEAR)
        self._texts: Counter[str] = Counter()
        self._names = set[str]()
        self._digest = hashlib.sha256(VERSION.encode() + msgspec.json.encode(list(map(list, synonyms))))

    def write(self) -> None:
        self._write_products()
        self._write_texts()
        self._write_words()
        self._write_meta()

    def _write_products(self) -> None:
        met: dict[str, list[str]] = {}
        for number, product in enumerate(self._contents.products, 1):
            row = row_of(product, self._language, self._lexicon, met)
            encoded = msgspec.json.encode(product)
            self._digest.update(encoded)
            where = (number, product.file, product.line, product.category)
            values = (*where, row.modifiers, row.lowest, row.highest, row.is_in_stock, encoded)
            self._db.execute("INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
            self._db.execute(_INSERT_ROW, (number, *row.columns))
            self._db.executemany("INSERT INTO skus VALUES (?, ?, ?)", _skus(number, product))
            self._names.update(words(product.name), words(product.brand), words(product.category))

    def _write_texts(self) -> None:
        for text in self._contents.texts:
            self._digest.update(msgspec.json.encode(text))
            for one in passages(text):
                section, body = stems(f"{Path(one.file).stem} {one.section}"), [*stems(one.text), *_implied(one.text)]
                last, label = stems(one.section.rpartition(" / ")[2]), stems(label_of(one.text))
                searched = (section, body, last, label, values_in(one.text))
                values = (one.file, one.line, one.section, one.text, *map(" ".join, searched))
                self._db.execute("INSERT INTO passages VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
                self._texts.update({*section, *body})
                self._names.update(words(one.text))

    def _write_words(self) -> None:
        self._db.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, rows, row)")
        self._db.execute("INSERT INTO stems SELECT term, doc, 0 FROM temp.terms")
        counts = ((count, stem) for stem, count in self._texts.items())
        self._db.executemany(_COUNT_TEXTS, counts)
        for word in sorted(self._names | self._lexicon.spelled):
            if len(word) >= _SHORTEST_TYPO and not any(map(str.isdigit, word)):
                keys = ((key, word) for key in shortened(sound(word), 1))
                self._db.executemany("INSERT OR IGNORE INTO typos VALUES (?, ?)", keys)

    def _write_meta(self) -> None:
        contents = self._contents
        self._db.execute("CREATE INDEX skus_by_sku ON skus (sku)")
        self._db.execute("CREATE INDEX products_by_place ON products (file, line)")
        self._db.execute("CREATE INDEX products_by_price ON products (lowest)")
        meta = {
            "version": VERSION,
            "fingerprint": self._digest.hexdigest(),
            "language": self._language,
            "synonyms": msgspec.json.encode(self._synonyms).decode(),
            "texts": msgspec.json.encode(contents.texts).decode(),
            "reports": msgspec.json.encode(contents.reports).decode(),
            "count": str(len(contents.products)),
            "variants": str(sum(len(one.variants) for one in contents.products)),
        }
        self._db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())


_IMPLIED = (
    (re.compile(r"\+?\d[\d ().-]{7,}\d"), "phone telephone telefone"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "email e-mail"),
    (re.compile(r"\b(?:[2-9]|1\d|2[0-4])x\b(?!\s*\d)", re.I), "instalments parcelas"),
    (re.compile(rf"\b(?:{DAYS})\b.*\b\d{{1,2}}\s?(?:h|:\d\d|[ap]\.?m\b|to|as|-)", re.I), "hours horário"),
    (
        re.compile(
            r"\b(?:rua|avenida|alameda|travessa|praça|rodovia)\s[^.;\d]{2,50}\d{1,5}\b"
            r"|\b\d{1,5}\s(?:\w+\s){1,3}(?:street|road|avenue|lane|square|boulevard|drive)\b",
            re.I,
        ),
        "address endereço",
    ),
)
"""What stands in a text without being named, and the words that customers ask for it by."""
_NOT = re.compile(r"\b[Uu]n(\w{2,}(?:ed|rn|en))\b")
"""English words that say of goods what they are not: unused, unworn, unopened, unbroken."""


def _implied(text: str) -> list[str]:
    """Return the stems of what a text has without naming it: a telephone number, instalments, the "worn" of "unworn"."""
    folded = fold(text)
    named = [name for pattern, name in _IMPLIED if pattern.search(text) or pattern.search(folded)]
    return [stem for name in (*named, *_NOT.findall(text)) for stem in stems(name)]


def _skus(number: int, product: Product) -> Iterator[tuple[str, int, int | None]]:
    """Yield the keys of a product's SKU and of those of its variants, by their place."""
    if key := sku_key(product.sku):
        yield key, number, None
    for place, variant in enumerate(product.variants):
        if key := sku_key(variant.sku):
            yield key, number, place
