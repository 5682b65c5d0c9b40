"""What the shop's data says to a question, found by code: the last resort when no model answers. Pure.

Lines count by the words that they share with the question, rare words more than common ones; accents, case and a
plural's s make no difference. Nothing is worded anew: the lines stand as the owner wrote them.
"""

import csv
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

MOST_LINES = 6
MOST_CONTACTS = 3

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_CONTACT = re.compile(r"\+\d[\d ()-]{7,}|[\w.+-]+@[\w-]+\.[\w.-]+")
_COMMON = 0.15
"""A word that stands in more than this share of the lines tells nothing of any of them."""


@dataclass(frozen=True, slots=True)
class ShopAnswer:
    """The lines of the shop's texts that have words of a question, and the lines that tell how to reach a person."""

    lines: tuple[str, ...]
    contacts: tuple[str, ...]


def find(store: str, question: str) -> ShopAnswer:
    """Return what the shop's texts say to a question; each line as the owner wrote it, none twice."""
    lines = list(_lines(store))
    found = matching(lines, question)
    return ShopAnswer(tuple(found), tuple(line for line in contacts_of(lines) if line not in found))


def matching(lines: list[str], question: str) -> list[str]:
    """Return the lines that fit the question best, in their order."""
    words = [set(_words(line)) for line in lines]
    count = Counter(word for line in words for word in line)
    most = max(3.0, _COMMON * len(lines))
    weights = {
        word: math.log(1 + len(lines) / count[word]) * (2 if any(map(str.isdigit, word)) else 1)
        for word in set(_words(question))
        if 0 < count[word] <= most
    }
    scores = [sum(weights.get(word, 0.0) for word in line) for line in words]
    by_score = sorted(range(len(lines)), key=lambda n: (-scores[n], len(words[n]), n))
    best = list[int]()
    for word in sorted(
        weights, key=lambda word: (-weights[word], word)
    ):  # each word has the line that is most about it
        having = [n for n in by_score if word in words[n]]
        best.append(max(having, key=lambda n: scores[n] / (8 + len(words[n]))))
    best += [n for n in by_score if scores[n] > 0 and scores[n] >= scores[by_score[0]] / 2]
    return [lines[n] for n in sorted(list(dict.fromkeys(best))[:MOST_LINES])]


def contacts_of(lines: list[str]) -> list[str]:
    """Return the first short lines with a telephone number or an e-mail address."""
    return [line for line in lines if len(line) < 120 and _CONTACT.search(line)][:MOST_CONTACTS]


def _lines(store: str) -> Iterator[str]:
    """Return the data line by line, without headings; a row of a CSV section with the names of its columns."""
    columns: list[str] | None = None
    for line in store.split("\n"):
        text = line.strip()
        if text.startswith("#"):
            columns = [] if text.endswith("(CSV)") else None
        elif not text:
            continue
        elif columns is None:
            yield re.sub(r"^(?:[-*]|\d+\.)\s+", "", text)
        elif not columns:
            columns = _row(text)
        else:
            yield ", ".join(f"{name}: {value}" for name, value in zip(columns, _row(text), strict=False) if value)


def _row(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return [line]


def _words(text: str) -> Iterator[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    for match in _WORD.finditer(plain):
        word = match[0]
        if len(word) > 2:
            yield word[:-1] if word.endswith("s") and len(word) > 4 else word
