"""Clauses: the sentences of a message, each on one line and of bounded length. Pure, linear in the text."""

import re
from collections.abc import Iterator

MOST_CHARS = 200
"""Characters of a clause; a longer sentence is parted, where it has a comma or the like if it can be."""

_END = re.compile(r"[.!?…]+[\"'”’)\]*_]*(?=\s|$)")
_ABBREVIATED = frozenset(
    "nº n no nr sr sra srs dr dra mr mrs ms st av r ap apt apto etc tel cel ref approx vs e.g i.e p.ex prof al tv vol art".split()
)
_NUMBERED = re.compile(r"\s*\d{1,3}")
_ITEM = re.compile(r"\s*(?:[-*•–]|\d{1,3}[.)])\s+\S")
_NOTHING = re.compile(r"[\s|:+*=_`~-]*(?:```\s*\w*)?\s*")
_PAUSES = (";", " — ", " – ", ",", ":", " ")


def clauses(text: str) -> Iterator[str]:
    """Return the clauses of a message in order, word for word; a list stands with the line that it belongs to."""
    held, is_list = "", False
    for line in text.split("\n"):
        if _NOTHING.fullmatch(line[:80]) and len(line) <= 80:
            continue
        line = " ".join(line.replace("**", "").split())
        if (is_item := _ITEM.match(line) is not None) and held and len(held) + len(line) < MOST_CHARS:
            held, is_list = f"{held} {line}", True
            continue
        if held:
            yield from _sentences(held) if not is_list else _pieces(held)
        held, is_list = line, is_item
        if not is_item and not line.endswith(":"):
            yield from _sentences(line)
            held = ""
    if held:
        yield from _pieces(held)


def _sentences(line: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(line):
        said = line[start : end.end()]
        if end[0][0] == "." and _is_abbreviated(line[max(start, end.start() - 8) : end.start()], said):
            continue
        yield from _pieces(said)
        start = end.end()
    yield from _pieces(line[start:])


def _is_abbreviated(before: str, said: str) -> bool:
    """True if the point after these characters ends no sentence: "nº.", "St.", "1."."""
    last = before.rsplit(" ", 1)[-1].lower()
    return last in _ABBREVIATED or _NUMBERED.fullmatch(said[:-1]) is not None


def _pieces(said: str) -> Iterator[str]:
    """Return a sentence in pieces of at most MOST_CHARS."""
    said = said.strip()
    start = 0
    while len(said) - start > MOST_CHARS:
        part = said[start : start + MOST_CHARS]
        cut = next((at + len(pause) for pause in _PAUSES if (at := part.rfind(pause)) > MOST_CHARS // 3), MOST_CHARS)
        yield part[:cut].strip()
        start += cut
    if rest := said[start:].strip():
        yield rest


def fine(clause: str) -> list[str]:
    """Return the parts of a clause between its pauses and its "and"s: what is said of one thing each."""
    return [part for part in _FINE.split(clause) if part.strip()]


_FINE = re.compile(r"[,;]\s|\s(?:and|but|e|mas|y)\s|:\s")
