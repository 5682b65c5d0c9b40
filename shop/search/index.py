"""The index of the shop's products and texts, read: looks up SKUs, words and rows, and finds what a question asks for.

`build` writes it. Its file is open for reading only; a new file in its place is another Index. One Index serves all threads.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from shop.products import FileReport, Product, Text
from shop.search import finding, lexicon
from shop.search.folding import distance, shortened, sku_key, sound, stem
from shop.search.indexing import VERSION, build
from shop.search.passages import Passage
from shop.search.results import Found
from shop.search.text_finding import SearchedPassage, SearchedTexts

_AT_ONCE = 200
"""Products that are read in one visit."""
_CERTAIN = 5
"""Letters of a word from which one of them may be wrong; from three more, two. A shorter one may only sound the same."""
_NEAREST = 3


_PASSAGES = "SELECT file, line, section, text, stems, section_stems, last_stems, label_stems, value_kinds FROM passages"


class IndexUnusable(Exception):
    """The file is no index of this version; it is to be built anew."""


class Index:
    """The products and texts of one file."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db, self._lock = db, threading.Lock()
        try:
            meta = dict(self._db.execute("SELECT name, value FROM meta"))
        except sqlite3.DatabaseError as error:
            raise IndexUnusable(str(error)) from error
        if meta.get("version") != VERSION:
            raise IndexUnusable("It is of another version.")
        self.count, self.variant_count = int(meta["count"]), int(meta["variants"])
        self.fingerprint: str = meta["fingerprint"]
        self.language: str = meta["language"]
        self._texts = msgspec.json.decode(meta["texts"], type=tuple[Text, ...])
        self._reports = msgspec.json.decode(meta["reports"], type=tuple[FileReport, ...])
        self.passages = SearchedTexts(map(_passage, self._db.execute(_PASSAGES)))
        synonyms = msgspec.json.decode(meta["synonyms"], type=list[list[str]])
        self.lexicon = lexicon.read(synonyms=synonyms)

    @classmethod
    def open(cls, path: Path) -> "Index":
        """Return the index of a file. IndexUnusable when it is none of this version, also when there is no file."""
        try:
            uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
            return cls(sqlite3.connect(uri, uri=True, check_same_thread=False))
        except sqlite3.DatabaseError as error:
            raise IndexUnusable(str(error)) from error

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a query."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def find(
        self,
        question: str,
        *,
        previous: Sequence[str] = (),
        last_question: str = "",
        most: int = 10,
        most_texts: int = 3,
    ) -> Found:
        """Return the products and passages for a question, best first.

        `previous` are the SKUs or keys of the products shown last, `last_question` is what was asked then: a question
        that names no product, "and in blue?", speaks of them.
        """
        return finding.find(self, question, finding.Before(tuple(previous), last_question), most, most_texts)

    def product(self, key: str) -> Product | None:
        """Return a product by the SKU of it or of a variant, in any spelling, or by its key; None where there is none."""
        found = self.rows("SELECT product FROM skus WHERE sku = ? LIMIT 1", (sku_key(key),)) if sku_key(key) else []
        if not found and (source := finding.SOURCE.fullmatch(key)):
            found = self.rows(
                "SELECT id FROM products WHERE file = ? AND line = ? LIMIT 1", (source[1], int(source[2]))
            )
        return self.by_ids([found[0][0]])[0] if found else None

    def products(self, keys: Sequence[str]) -> tuple[Product, ...]:
        """Return the products of these keys that there are, in order."""
        return tuple(product for key in keys if (product := self.product(key)))

    def all(self) -> Iterator[Product]:
        """Yield all products in the order of the files."""
        for start in range(1, self.count + 1, _AT_ONCE):
            yield from self.by_ids(range(start, min(start + _AT_ONCE, self.count + 1)))

    def by_ids(self, ids: Sequence[int]) -> list[Product]:
        """Return products by their numbers in the index, in order."""
        marks = ", ".join("?" * len(ids))
        found = dict(self.rows(f"SELECT id, json FROM products WHERE id IN ({marks})", list(ids)))  # noqa: S608
        return [msgspec.json.decode(found[one], type=Product) for one in ids]

    def texts(self) -> tuple[Text, ...]:
        """Return the shop's texts as their owner wrote them."""
        return self._texts

    def reports(self) -> tuple[FileReport, ...]:
        """Return what was made of each file."""
        return self._reports

    # What a question is read against (shop/search/queries.py)

    def frequency(self, word: str) -> int:
        """Return how many products and passages have a stem."""
        found = self.rows("SELECT rows + texts FROM stems WHERE stem = ?", (word,))
        return found[0][0] if found else 0

    def has_sku(self, key: str) -> bool:
        return bool(self.rows("SELECT 1 FROM skus WHERE sku = ? LIMIT 1", (key,)))

    def nearest(self, word: str) -> tuple[tuple[str, int], ...]:
        """Return the words that a mistyped one may be, those of the catalogue first, and by how many letters of their sound
        they differ. The first letter is taken to be right."""
        spoken = sound(word)
        if len(spoken) < 3:
            return ()
        allowed = 0 if len(word) < _CERTAIN else 1 if len(word) < _CERTAIN + 3 else 2
        keys = list(shortened(spoken, allowed))
        marks = ", ".join("?" * len(keys))
        found = self.rows(f"SELECT DISTINCT word FROM typos WHERE spoken IN ({marks})", keys)  # noqa: S608
        spelled = [(other, sound(other)) for (other,) in found]
        measured = [
            (distance(spoken, sounds), distance(word, other), other)
            for other, sounds in spelled
            if word[0] == other[0] or spoken[0] == sounds[0]
        ]
        best = sorted(one for one in measured if one[0] <= allowed and one[1] <= allowed + 1)
        near = [(other, letters) for letters, _, other in best if letters == best[0][0]]
        return tuple(sorted(near, key=lambda one: not self.frequency(stem(one[0]))))[:_NEAREST]


def _passage(row: Sequence[Any]) -> SearchedPassage:
    return SearchedPassage(Passage(*row[:4]), *(frozenset(column.split()) for column in row[4:]))


def key_of(product: Product) -> str:
    """Return what a product is called between turns: its SKU, else its file and line."""
    return product.sku or product.source


__all__ = ["Index", "IndexUnusable", "build", "key_of"]
