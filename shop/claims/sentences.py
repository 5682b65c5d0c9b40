"""Sentences of an answer in Markdown, found while it streams: prose, items of lists, headings, rows of tables, code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

LONGEST = 1_000
"""What runs on without an end is cut here, so that no piece of text costs more than its length."""
_ABBREVIATIONS = frozenset(
    "a.m p.m e.g i.e etc approx no nr vs incl excl max min st dr mr mrs ms jr sr sra dra prof av r un aprox ex obs tel ref art pag n u.s fig ltd inc min max qtd".split()
)
_END = re.compile(r"[.!?…]+[\"'”’)*_]*(?=\s)|\n")
_LAST_WORD = re.compile(r"[\w.]*$")

Form = Literal["prose", "heading", "row", "code"]


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A piece of the answer, from `start` of it on; all pieces together are the whole answer."""

    text: str
    start: int
    form: Form = "prose"


class Splitter:
    """Cuts a text into sentences as it comes; what it returns does not change with how the text was cut into pieces."""

    def __init__(self) -> None:
        self._rest = ""
        self._start = 0
        self._seen = 0
        self._in_code = False

    def add(self, text: str) -> Iterator[AnswerSentence]:
        """Return the sentences that are finished with this text."""
        self._rest += text
        begin = 0
        while (end := self._next(begin)) is not None:
            yield self._sentence(begin, end)
            begin = end
        self._rest = self._rest[begin:]
        self._start += begin
        self._seen = max(0, len(self._rest) - 8)

    def finish(self) -> Iterator[AnswerSentence]:
        """Return what is left at the end."""
        if self._rest:
            yield self._sentence(0, len(self._rest))
            self._start += len(self._rest)
            self._rest = ""

    def _next(self, begin: int) -> int | None:
        is_row = self._rest.startswith("|", begin) or self._in_code
        for match in _END.finditer(self._rest, max(begin, self._seen), begin + LONGEST):
            if match[0] == "\n" or not (is_row or self._is_inside(begin, match)):
                self._seen = match.end()
                return match.end()
        return begin + LONGEST if len(self._rest) - begin >= LONGEST else None

    def _is_inside(self, begin: int, match: re.Match[str]) -> bool:
        """True if the point ends no sentence: after an abbreviation, or the number of a list's item."""
        if not match[0].startswith("."):
            return False
        before = self._rest[max(begin, match.start() - 12) : match.start()]
        last = _LAST_WORD.search(before)
        word = last[0].lower() if last else ""
        return word in _ABBREVIATIONS or (word.isdigit() and not before.removesuffix(word).strip(" *#>-"))

    def _sentence(self, begin: int, end: int) -> AnswerSentence:
        text = self._rest[begin:end]
        stripped = text.lstrip()
        if stripped.startswith(("```", "~~~")):
            self._in_code = not self._in_code
            return AnswerSentence(text, self._start + begin, "code")
        form: Form = "code" if self._in_code else "prose"
        if form == "prose" and stripped.startswith("|"):
            form = "row"
        elif form == "prose" and re.match(r"#{1,6} ", stripped):
            form = "heading"
        return AnswerSentence(text, self._start + begin, form)


def cells(row: str) -> list[tuple[int, int]]:
    """Return where the cells of a table's row begin and end, without spaces around them."""
    borders = [n for n, letter in enumerate(row) if letter == "|" and not row.startswith("\\", n - 1 if n else 0)]
    found = list[tuple[int, int]]()
    for one, other in zip(borders, [*borders[1:], len(row.rstrip())], strict=True):
        cell = row[one + 1 : other]
        if one + 1 < other or other in borders:
            start = one + 1 + len(cell) - len(cell.lstrip())
            found.append((start, max(start, one + 1 + len(cell.rstrip()))))
    return found


def is_rule(row: str) -> bool:
    """True if it is the line below a table's head."""
    return re.fullmatch(r"\|?[\s:|-]*-[\s:|-]*", row.strip()) is not None
