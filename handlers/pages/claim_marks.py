"""What was found of a reply's claims, as marks in its HTML. Pure.

A mark goes into the text of one element, never around or into a tag, and only where the words stand as often in the
HTML as in the Markdown that it was made of: then it is known which of them is meant. Anything else stays as it is.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import zip_longest

from handlers.pages.languages import Language
from handlers.pages.markdown import Block
from handlers.pages.prices import keep_together
from memory.i18n import N_
from shop.claims.values import Claim, Verdict

_Place = tuple[int, int, int]
"""A piece of HTML by its number, and from where to where in it."""
_TAG = re.compile(r'(<(?:[^<>"]|"[^"]*")*>)')
_NOT_MARKED = ("pre", "button", "svg")
_TITLES: dict[Verdict, str] = {
    "supported": N_("In the shop's data: %(source)s"),
    "computed": N_("Worked out from the shop's data"),
    "contradicted": N_("The shop's data say otherwise"),
    "unsupported": N_("The shop's data do not say this"),
}
_COMMA, _POINT, _TO_COMMA = re.compile(r",\d\d(?!\d)"), re.compile(r"\.\d\d(?!\d)"), str.maketrans(",.", ".,")
"""Amounts with cents after a comma, after a point, and what makes one of the other."""
_WRONG, _RIGHT = N_("Wrong:"), N_("Right:")
_UNSAID = N_("not in the shop's data")
_OTHERWISE = N_("the shop's data say otherwise")
_NOT_DONE = N_("the assistant can't do this")


@dataclass(frozen=True, slots=True)
class MadeMarks:
    """What was made for the marks of one text while it streams: each frame shows all of its open block anew."""

    patterns: dict[str, re.Pattern[str]] = field(default_factory=dict)
    """What finds the words of claims in HTML."""
    marks: dict[tuple[int, str, bool], str] = field(default_factory=dict)
    """The HTML of each claim, by where it begins, its words in HTML, and whether its grant goes on in the next claim."""


@dataclass(frozen=True, slots=True)
class Marking:
    """The claims of a reply, with places counted from its beginning, and the language in which they are marked."""

    language: Language
    claims: Sequence[Claim] = ()
    made: MadeMarks = field(default_factory=MadeMarks)
    reply: str = ""
    """The name of the reply: its marks lead to the rows of their claims. "" where they lead nowhere."""

    def blocks(self, blocks: Iterable[Block], text: str) -> list[str]:
        """Return the HTML of a reply's blocks, made of its text, with its claims marked."""
        return [self._mark(block, text) for block in blocks]

    def _mark(self, block: Block, text: str) -> str:
        inside = [one for one in self.claims if block.start <= one.start and one.end <= block.end and one.text]
        if not inside:
            return block.html
        pieces, of_block = _TAG.split(block.html), text[block.start : block.end]
        found = dict[_Place, Claim]()
        texts = _texts(pieces)
        places = {words: self._places(words, of_block, texts) for words in {one.text for one in inside}}
        for claim in inside:
            place = places[claim.text].get(claim.start - block.start)
            if place is not None:
                found[place] = claim
        marked, linked = {n for n, _, _ in found}, _in_links(pieces)
        return "".join(
            self._piece(n, piece, found, leads=n not in linked) if n in marked else piece
            for n, piece in enumerate(pieces)
        )

    def _places(self, words: str, text: str, texts: Sequence[tuple[int, str]]) -> dict[int, _Place]:
        """Return where the words stand in the HTML, by where they stand in the Markdown; nothing where that is not known."""
        pattern = self.made.patterns.get(words)
        if pattern is None:
            pattern = self.made.patterns[words] = _in_html(words)
        in_html = [(n, *match.span()) for n, piece in texts for match in pattern.finditer(piece)]
        in_text = list(_starts(words, text))
        return dict(zip(in_text, in_html, strict=True)) if len(in_html) == len(in_text) else {}

    def _piece(self, n: int, piece: str, found: dict[_Place, Claim], *, leads: bool) -> str:
        parts, end = list[str](), 0
        places = sorted(place for place in found if place[0] == n)
        for place, following in zip_longest(places, places[1:]):
            _, at, stop = place
            if at < end:
                continue
            claim, words = found[place], piece[at:stop]
            goes_on = following is not None and _is_one_grant(claim, found[following], piece[stop : following[1]])
            mark = self.made.marks.get((claim.start, words, goes_on))
            if mark is None:
                mark = self._marked(claim, words, leads=leads, goes_on=goes_on)
                self.made.marks[claim.start, words, goes_on] = mark
            parts += [piece[end:at], mark]
            end = stop
        return "".join([*parts, piece[end:]]) if parts else piece

    def _marked(self, claim: Claim, words: str, *, leads: bool, goes_on: bool) -> str:
        said = self.language.gettext
        title = escape(said(_TITLES[claim.verdict], source=claim.source))
        is_link = leads and bool(self.reply and claim.row)
        to = f' href="/replies/{self.reply}/claims/{claim.start}"' if is_link else ""
        tag, shown = "a" if is_link else "span", words if goes_on else self._shown(claim, words)
        return f'<{tag} class="claim" data-verdict="{claim.verdict}"{to} title="{title}">{shown}</{tag}>'

    def _shown(self, claim: Claim, words: str) -> str:
        """Return a claim's words with what is said to them."""
        said = self.language.gettext
        if claim.verdict in ("supported", "computed"):
            return words
        if claim.verdict == "contradicted" and claim.true:
            wrong, right = (f'<span class="hidden">{escape(said(word))} </span>' for word in (_WRONG, _RIGHT))
            return f"{wrong}<del>{words}</del> {right}<ins>{keep_together(escape(true_value(claim)))}</ins>"
        why = _UNSAID if claim.verdict == "unsupported" else _OTHERWISE
        if claim.kind == "grant":
            why = _NOT_DONE
        shown = f"<del>{words}</del>" if claim.verdict == "contradicted" else words
        return f"{shown} <small>({escape(said(why))})</small>"


def _is_one_grant(claim: Claim, following: Claim, between: str) -> bool:
    """True if two claims are of what one sentence grants, "I have applied" and "10%": one note behind both is enough."""
    return claim.kind == following.kind == "grant" and re.search(r"[.!?]", between) is None


def true_value(claim: Claim) -> str:
    """Return the true value, with the decimal sign of the words in whose place it stands: "R$ 289,90" for "R$ 279,90"."""
    is_comma = _COMMA.search(claim.text) is not None and _POINT.search(claim.text) is None
    if claim.kind in ("price", "total", "fee") and is_comma and _COMMA.search(claim.true) is None:
        return claim.true.translate(_TO_COMMA)
    return claim.true


def _starts(words: str, text: str) -> Iterator[int]:
    """Return where the words stand in a text, one behind the other."""
    at = text.find(words)
    while at != -1:
        yield at
        at = text.find(words, at + len(words))


def _texts(pieces: Sequence[str]) -> list[tuple[int, str]]:
    """Return the pieces that are text and may be marked, with their places among all: every other piece is a tag."""
    found, depth = list[tuple[int, str]](), 0
    for n, piece in enumerate(pieces):
        if n % 2 == 0:
            if not depth:
                found.append((n, piece))
        elif piece.strip("</>").split(" ", 1)[0] in _NOT_MARKED:
            depth += -1 if piece.startswith("</") else 1
    return found


def _in_links(pieces: Sequence[str]) -> set[int]:
    """Return the pieces that stand in a link: another one cannot stand in it."""
    found, is_in = set[int](), False
    for n, piece in enumerate(pieces):
        if n % 2 and re.match(r"</?a\b", piece):
            is_in = not piece.startswith("</")
        elif is_in:
            found.add(n)
    return found


def _in_html(text: str) -> re.Pattern[str]:
    """Return what finds the words in HTML, in which a blank may have become one that no line end parts."""
    parts = re.split(r"[ \xa0]", escape(text, quote=False))
    return re.compile("(?: |\xa0|&nbsp;)".join(map(re.escape, parts)))
