"""The shop's texts, cut into the passages that answer: a line or a list item each, with the heading that it stands below. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shop.products import Text

_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*$")
_BOLD = re.compile(r"\*\*([^*]+)\*\*:?|__([^_]+)__:?")
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

    An item that ends with a question mark or a colon opens what follows: "Q: ..." and its answer are one passage.
    """
    headings: dict[int, str] = {}
    opening: tuple[int, str] | None = None
    for number, raw in enumerate(text.text.split("\n"), 1):
        line = raw.strip()
        if not line or _RULE.fullmatch(line):
            continue
        if heading := _HEADING.match(line):
            level = len(line) - len(line.lstrip("#"))
            headings = {above: name for above, name in headings.items() if above < level} | {level: heading[1]}
            opening = None
            continue
        plain = _plain(line)
        if opening is None and plain.endswith(("?", ":")) and len(plain) < 200:
            opening = number, plain
            continue
        start, whole = (opening[0], f"{opening[1]} {plain}") if opening else (number, plain)
        if opening and not opening[1].endswith("?"):
            start = number
        opening = opening if opening and _ITEM.match(line) and opening[1].endswith(":") else None
        for piece in _pieces(whole):
            yield Passage(text.file, start, " / ".join(headings[level] for level in sorted(headings)), piece)
    if opening:
        yield Passage(text.file, opening[0], " / ".join(headings[level] for level in sorted(headings)), opening[1])


def _plain(line: str) -> str:
    """Return a line without the marks of a list item and of bold."""
    return _BOLD.sub(
        lambda found: (found[1] or found[2]).rstrip(":") + (":" if found[0].endswith(":") else ""), _ITEM.sub("", line)
    )


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
