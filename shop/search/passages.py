"""The shop's texts, cut into the passages that answer: a line or a list item each, with the heading that it stands below. Pure."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from shop.products import Text
from shop.search.titles import UNMARKED, headed

_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*$")
_BOLD = re.compile(r"\*\*([^*]+)\*\*|__([^_]+)__")
_ITEM = re.compile(r"^(?:[-*+•]|\d+[.)])\s+")
_RULE = re.compile(r"[-=*_|:\s]+")
_LONGEST = 600
"""Characters; a longer line is cut between its sentences."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One piece of a text: the file, its line from 1, the headings above it (the last one last), what it says."""

    file: str
    line: int
    section: str
    text: str


def passages(text: Text) -> Iterator[Passage]:
    """Yield the passages of a text in order; headings, rules and blank lines are none.

    A line that ends with a question mark is one with the line after it; one that ends with a colon stands before each item
    of the list that follows.
    """
    headings: dict[int, str] = {}
    opening = ""
    start, is_used = 0, True
    for number, line in enumerate(_rows_told(headed([raw.strip() for raw in text.text.split("\n")])), 1):
        if not line or _RULE.fullmatch(line):
            continue
        heading, plain = _HEADING.match(line), _plain(line)
        is_opened = opening.endswith("?") or (opening and _ITEM.match(line))
        section = _section(headings)
        if not is_used and (heading or not is_opened):
            yield Passage(text.file, start, section, opening)
        if heading:
            level = len(line) - len(line.lstrip("#"))
            headings = {above: name for above, name in headings.items() if above < level} | {level: heading[1]}
            opening, is_used = "", True
        elif not is_opened and plain.endswith(("?", ":")) and len(plain) < _LONGEST_OPENING:
            opening, start, is_used = plain, number, False
            if plain.endswith("?"):
                headings.pop(UNMARKED, None)
        else:
            at, whole = (start if opening.endswith("?") else number), (f"{opening} {plain}" if is_opened else plain)
            opening, is_used = (opening if opening.endswith(":") and is_opened else ""), True
            yield from (Passage(text.file, at if is_opened else number, section, piece) for piece in _pieces(whole))
    if not is_used:
        yield Passage(text.file, start, _section(headings), opening)


_LONGEST_OPENING = 200


def _section(headings: dict[int, str]) -> str:
    return " / ".join(headings[level] for level in sorted(headings))


def _plain(line: str) -> str:
    """Return a line without the marks of a list item and of bold."""
    return _BOLD.sub(lambda found: found[1] or found[2], _ITEM.sub("", line))


def _pieces(line: str) -> Iterator[str]:
    """Yield a long line in pieces of whole sentences."""
    piece = ""
    for sentence in re.split(r"(?<=[.!?;])\s+", line) if len(line) > _LONGEST else [line]:
        if piece and len(piece) + len(sentence) >= _LONGEST:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}".strip()
    if piece:
        yield piece


_MOST_LABEL_WORDS = 4


def label_of(text: str) -> str:
    """Return the short labels that a passage begins with: "Recife (city)" of "Fee per order and its days: Recife (city): R$ 12"."""
    *labels, _ = text.split(": ")
    opening = itertools.takewhile(lambda part: not _SENTENCE_END.search(part), labels)
    return " ".join(part for part in opening if len(part.split()) <= _MOST_LABEL_WORDS)


_SENTENCE_END = re.compile(r"[.!?;]\s")
_CELLS = re.compile(r"\|(.*?)\|?$")


def _rows_told(lines: list[str]) -> list[str]:
    """Return the lines, those of tables with the names of their columns: "South: Fee R$ 29,90; Time 4 days"."""
    result, names = list[str](), list[str]()
    for line, after in itertools.pairwise([*lines, ""]):
        cells = _cells(line)
        if not cells:
            names = []
        elif names and not _RULE.fullmatch(line):
            values = [f"{name} {cell}".strip() for name, cell in zip(names[1:], cells[1:], strict=False) if cell]
            line = f"{cells[0]}: {'; '.join(values)}"
        elif _cells(after) and _RULE.fullmatch(after):
            names, line = cells, ""
        result.append(line)
    return result


def _cells(line: str) -> list[str]:
    found = _CELLS.match(line)
    return [cell.strip() for cell in found[1].split("|")] if found else []
