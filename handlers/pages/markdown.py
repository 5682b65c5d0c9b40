"""Model text as HTML: CommonMark with tables, raw HTML shown as text, no images, sanitised last. Pure.

pyromark passes raw HTML through. So every `<` goes through it as a private-use character, which is nothing to
Markdown, and comes out as `&lt;`: then no raw HTML exists at all, in one pass and wherever the text is cut.

Its time, and that of the sanitiser, grows with the square of the depth. So quotations and lists inside one another are
cut at `DEEPEST` before it sees them, by the same means: the marker of a deeper one goes through it as text.

Code gets its colours when its block is finished, once; while it grows it is plain.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import quote

import nh3
import pyromark

from handlers.pages.highlight import CLASSES, highlight
from handlers.pages.links import REL, link
from handlers.pages.prices import keep_together
from shop.answers.card import PICTURE

DEEPEST = 12
"""Quotations and lists inside one another, and likewise emphasis; what is deeper is shown as it was written."""
LONG_CHARS = 4096
"""Texts longer than this are rendered in a thread."""

_LESS, _BANG = "\ue000", "\ue001"
_TEXT_OF = {
    _LESS: "<",
    _BANG: "!",
    "\ue002": ">",
    "\ue003": "*",
    "\ue004": "-",
    "\ue005": "+",
    "\ue006": ".",
    "\ue007": ")",
}
"""What the private-use characters stand for."""
_VEILED = {text: private for private, text in _TEXT_OF.items()}
_AS_TEXT = str.maketrans(_TEXT_OF)
_AS_HTML = str.maketrans(_TEXT_OF | {_LESS: "&lt;", "\ue002": "&gt;"})
_PRIVATE = re.compile("[\ue000-\ue007]")
_IMAGE = re.compile(rf"!\[(?!(?:[^\[\]\n\\]|\\.){{0,200}}\]\({PICTURE.pattern}\))")
"""The beginning of an image, save of a picture of the shop's own: any other server would learn who reads what, and when."""
_DEEP = re.compile(rf"^[ \t>*+\-0-9.)]{{{DEEPEST + 1}}}", re.M)
"""The beginning of a line that may stand deeper than `DEEPEST`: each level takes a character at least."""
_LINE = re.compile(r"^[ \t]*[>*+\-0-9]", re.M)
_MARKER = re.compile(r"[ \t]*(>|[*+-](?=[ \t\n]|\Z)|\d{1,9}[.)](?=[ \t\n]|\Z))")
_RULE = re.compile(r"[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,})$", re.M)
_BEGINS_BLOCK = r"[ \t]*(?:[^\w\s\"'(*`.,;!?$€£“‘¿¡]|[*`~]{3}|[*+](?:\s|\Z)|\d+[.)]|_{3}|\n)"
_FIRST_LINE = re.compile(_BEGINS_BLOCK)
_LATER_LINE = re.compile(rf"\n(?:{_BEGINS_BLOCK}|[ \t]*[*`_])")
"""Lines that may make more of a text than one plain paragraph."""
_ITEMS = "|".join(rf"(?:{mark} (?:\*\*)?\w[^\n]*(?:\n|\Z))+" for mark in ("-", r"\*", r"\d{1,9}\."))
_LIST = re.compile(_ITEMS)
"""A list of one kind, an item a line: one block, whatever stands within its lines."""
_LIST_END = re.compile(rf"\n*(?:{_ITEMS})\n+(?=[^\W\d_])")
"""Such a list, its blank lines, and the letter of a paragraph: nothing that follows belongs to it."""
_ALIGN = re.compile(r' style="text-align: (left|center|right)"')

parser = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH)

_TAGS = {
    "p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "span",
}  # fmt: skip
_CLASSES = {tag: {"left", "center", "right"} for tag in ("th", "td")} | {"span": set(CLASSES.values())}
_cleaner = nh3.Cleaner(
    tags=_TAGS,
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    allowed_classes=_CLASSES,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel=REL,
    strip_comments=True,
)


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value where pictures are allowed, None for an address that is not."""
    if name == "src":
        return value if PICTURE.fullmatch(value) else None
    return value if name != "href" or _ABSOLUTE.match(value) else None


_ABSOLUTE = re.compile(r"(?:https?://|mailto:)", re.I)
_picture_cleaner = nh3.Cleaner(
    tags=_TAGS | {"img"},
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}, "img": {"src", "alt"}},
    attribute_filter=_attribute,
    allowed_classes=_CLASSES,
    url_schemes={"http", "https", "mailto"},
    url_relative="pass_through",
    link_rel=REL,
    strip_comments=True,
)
"""The same for a text with pictures of the shop's own; it looks at each attribute, which takes longer."""
_ESCAPED = {quote(private): quote(text, safe="!*+)") for private, text in _TEXT_OF.items()}
"""What an address makes of the private-use characters."""
_MARK = re.compile("%EE%80%8[0-7]")
_ADDRESS = re.compile(r'href="[^"]*"')
_HEADINGS = {f"<{slash}h{n}>": f"<{slash}h{min(6, n + 2)}>" for n in range(1, 7) for slash in ("", "/")}
_HEADING = re.compile(r"</?h[1-6]>")
_MARKS = {"em": "*", "strong": "**", "del": "~~"}
_EMPHASIS = re.compile("<(/?)(em|strong|del)>")
_MOST_COLOURED_CHARS = 10_000
"""Of one text; a lexer takes about five microseconds a character."""
_MOST_DEFINED_CHARS = 4096
"""Of link definitions that reach the blocks after them, each of which is parsed with all of them."""
_MOST_BLOCKS = 500
_NEWLINES = re.compile("\n*")
_CODE = re.compile(r'<pre><code class="language-([^" ]*)[^"]*">(.*?)</code></pre>', re.S)
_COPY = '<button class="copy" type="button" aria-labelledby="copy-code"><svg aria-hidden="true"><use href="#copy-icon"/></svg></button>'
"""Copies the code beside it. Its name and its picture stand in the page, once; without script it is not shown."""


def is_long(*texts: str) -> bool:
    """True if these texts together are to be rendered in a thread."""
    return sum(map(len, texts)) > LONG_CHARS


def render(text: str) -> str:
    """Return the whole text as safe HTML."""
    return _render(_veil(text))[0] if text else ""


def _veil(text: str) -> str:
    """Hide from Markdown what is not to be HTML or an image of others, or stands too deep; as many characters as before."""
    if _PRIVATE.search(text):
        text = _PRIVATE.sub("\ufffd", text)
    if "![" in text:
        text = _IMAGE.sub(_BANG + "[", text)
    text = text.replace("<", _LESS)
    return _flatten(text) if _DEEP.search(text) else text


def _flatten(text: str) -> str:
    """Veil the markers of quotations and lists that stand deeper than `DEEPEST`. Takes time in proportion to the text.

    Only lines that begin with a marker are looked at, and only they close what is open. So what is counted is at least
    what the parser finds; a marker that is veiled within code comes out of it unchanged.
    """
    parts, end = list[str](), 0
    open_levels = list[int | None]()
    """A list's item: the column from which its content may begin. None: a quotation."""
    for line in _LINE.finditer(text):
        at, column, depth = line.start(), 0, 0
        while (marker := _MARKER.match(text, at)) and not _RULE.match(text, at):
            column += len(text[at : marker.start(1)].expandtabs(4))
            mark = marker[1]
            while depth < len(open_levels) and (level := open_levels[depth]) is not None and column >= level:
                depth += 1
            is_known = mark == ">" and depth < len(open_levels) and open_levels[depth] is None
            at = marker.end()
            if not is_known:
                del open_levels[depth:]
                if depth == DEEPEST:
                    parts += [text[end : at - 1], _VEILED[mark[-1]]]
                    end = at
                    break
                open_levels.append(None if mark == ">" else column + len(mark) + 1)
            column += len(mark)
            depth += 1
    return "".join([*parts, text[end:]])


def _render(veiled: str, colours: int = _MOST_COLOURED_CHARS) -> tuple[str, int]:
    """Return the HTML, and how many of the characters of code that get colours are left for what follows."""
    html = parser.html(veiled)
    if "<code class=" in html:
        html, colours = _coloured(html, colours)
    return _cleaned(html), colours


def _cleaned(html: str, *, is_open: bool = False) -> str:
    if html.count("<em>") + html.count("<strong>") + html.count("<del>") > DEEPEST:
        html = _flatten_emphasis(html)
    if " style=" in html:
        html = _ALIGN.sub(r' class="\1"', html)
    html = (_picture_cleaner if "<img " in html else _cleaner).clean(html)
    if "<h" in html:
        html = _HEADING.sub(lambda tag: _HEADINGS[tag[0]], html)
    if "%EE%80" in html:
        html = _ADDRESS.sub(lambda address: _MARK.sub(lambda mark: _ESCAPED[mark[0]], address[0]), html)
    if "<table>" in html:  # a wide table scrolls by itself, also by keyboard
        html = html.replace("<table>", '<div class="table" tabindex="0" role="group"><table>').replace(
            "</table>", "</table></div>"
        )
    if "<pre>" in html:  # so does wide code
        html = html.replace("<pre>", '<div class="code"><pre tabindex="0">')
        if is_open:  # nothing stands after its words, so that more can be added
            html = html.replace("\n</code></pre>", "</code></pre>").replace("</pre>", "</pre></div>")
        else:
            html = html.replace("</pre>", f"</pre>{_COPY}</div>")
    html = html.translate(_AS_HTML) if _PRIVATE.search(html) else html
    return keep_together(link(html.strip(), is_open=is_open))


def _coloured(html: str, left: int) -> tuple[str, int]:
    """Colour the code of the first blocks, so many characters; return also how many are left.

    Veiled characters are what they stand for then, so that a lexer reads them.
    """

    def colour(block: re.Match[str]) -> str:
        nonlocal left
        left = max(0, left - len(block[2]))
        coloured = highlight(unescape(block[2]).translate(_AS_TEXT), unescape(block[1]).lower()) if left else None
        return block[0] if coloured is None else f"<pre><code>{coloured}</code></pre>"

    return _CODE.sub(colour, html), left


def _flatten_emphasis(html: str) -> str:
    """Show emphasis that stands deeper than `DEEPEST` by its marks. The parser's tags are closed in order."""
    depth = 0

    def flatten(tag: re.Match[str]) -> str:
        nonlocal depth
        depth += not tag[1]
        is_deep = depth > DEEPEST
        depth -= bool(tag[1])
        return _MARKS[tag[2]] if is_deep else tag[0]

    return _EMPHASIS.sub(flatten, html)


@dataclass(frozen=True, slots=True)
class Block:
    """A block's HTML, and the characters of the text that it was made of."""

    html: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Step:
    """What a frame carries: the blocks finished since the last one, and those that are still open (HTML of each).

    `blocks` are all of these, with their places.
    """

    finished: tuple[str, ...]
    open: tuple[str, ...]
    blocks: tuple[Block, ...] = field(default=(), compare=False)


class Blocks:
    """Renders a growing text block by block: what is finished is given once and never again.

    Only whole lines decide that a block is finished, and the last block is always open. Link definitions reach the
    blocks after them; the one-shot rendering at the end of a reply settles the rest.
    """

    def __init__(self) -> None:
        self._done = 0
        self._definitions = ""
        self._colours = _MOST_COLOURED_CHARS
        self.count = 0
        """Blocks finished so far."""

    def open_chars(self, text: str) -> int:
        """Return how many characters `feed` would parse."""
        return len(text) - self._done

    def feed(self, text: str) -> Step:
        """Take the whole text so far; it begins with what was given before."""
        finished = self._finish(text)
        self.count += len(finished)
        shown, start = list[Block](), self._done
        for block in _split(_whole_rows(text[self._done :])):
            html = _cleaned(parser.html(self._definitions + _veil(block)), is_open=True)
            if html:
                shown.append(Block(html, start, start + len(block)))
            start += len(block)
        return Step(_html_of(finished), _html_of(shown), (*finished, *shown))

    def end(self, text: str) -> list[str]:
        """Return the blocks that were not given yet, of a text that will not grow: what was open is finished."""
        return list(_html_of(self.end_blocks(text)))

    def end_blocks(self, text: str) -> list[Block]:
        """Return the same, with their places."""
        finished = self._finish(text)
        for block in _split(text[self._done :]):
            self._finish_block(block, finished)
        return finished

    def _finish(self, text: str) -> list[Block]:
        finished = list[Block]()
        while end := _block_end(text, self._done):
            self._finish_block(text[self._done : end], finished)
        lines_end = text.rfind("\n\n", self._done) + 1  # any other block ends at a blank line, at the earliest
        if lines_end > self._done:
            for block in _split(text[self._done : lines_end])[:-1]:
                self._finish_block(block, finished)
        return finished

    def _finish_block(self, block: str, finished: list[Block]) -> None:
        start = self._done
        self._done += len(block)
        veiled = _veil(block)
        html, self._colours = _render(self._definitions + veiled, self._colours)
        if html:
            finished.append(Block(html, start, self._done))
        elif "]:" in block and len(self._definitions) + len(block) < _MOST_DEFINED_CHARS:
            self._definitions += veiled.strip() + "\n\n"


def _html_of(blocks: Sequence[Block]) -> tuple[str, ...]:
    return tuple(block.html for block in blocks)


def _whole_rows(text: str) -> str:
    """Leave out a table's row until it is whole, and its head until the line below it is: pipes would turn into a table."""
    end = text.rfind("\n") + 1
    if text[end:].strip() and not _begins_row(text, end):
        return text
    above = text.rfind("\n", 0, max(0, end - 1)) + 1
    is_head = end and _begins_row(text, above) and not (above and _begins_row(text, text.rfind("\n", 0, above - 1) + 1))
    finished = text[:end] if text[end:].strip() else text
    return text[:above] if is_head else finished


def _begins_row(text: str, start: int) -> bool:
    return text[start:].lstrip(" ").startswith("|")


def _is_paragraph(text: str) -> bool:
    """True if, at a glance, this is one plain paragraph, the usual case while it is being written."""
    return not _FIRST_LINE.match(text) and not _LATER_LINE.search(text)


def _block_end(text: str, start: int) -> int:
    """Return where the plain paragraph or list ends that begins at `start`, its blank lines included; 0 where none has ended.

    A paragraph has ended at its blank line, whatever follows.
    """
    if found := _LIST_END.match(text, start):
        return found.end()
    begin = _end_of_newlines(text, start)
    end = text.find("\n\n", begin)
    if end == -1 or text[begin].isspace() or not _is_paragraph(text[begin:end]):
        return 0
    return _end_of_newlines(text, end)


def _end_of_newlines(text: str, start: int) -> int:
    found = _NEWLINES.match(text, start)
    return found.end() if found else start


def _split(text: str) -> list[str]:
    """Return the top-level blocks of the text, each as its lines; joined they are the text."""
    if _is_paragraph(text) or _LIST.fullmatch(text):
        return [text]
    veiled = _veil(text)
    starts, depth = list[int](), 0
    for event, place in parser.events_with_range(veiled):
        if isinstance(event, dict) and "Start" in event:
            if depth == 0:
                starts.append(place["start"])
            depth += 1
        elif isinstance(event, dict) and "End" in event:
            depth -= 1
        elif depth == 0:
            starts.append(place["start"])
    if len(starts) < 2:
        return [text]
    data = veiled.encode()
    cuts, seen = [0], 0
    for start in starts[1:]:
        cut = data.rfind(b"\n", 0, start) + 1
        cuts.append(cuts[-1] + len(data[seen:cut].decode()))
        seen = cut
    del cuts[0]
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def render_blocks(text: str) -> list[str]:
    """Return the whole text as safe HTML, block by block, as `whole_blocks` does."""
    return list(_html_of(whole_blocks(text)))


def whole_blocks(text: str) -> list[Block]:
    """Return the whole text as safe HTML, block by block; joined by line feeds they are `render`'s, save in rare cases.

    Where a block by itself reads otherwise than within the text, or there are very many, the whole is given as one block.
    """
    whole = render(text)
    if len(text) > LONG_CHARS and len(_split(text)) > _MOST_BLOCKS:
        return [Block(whole, 0, len(text))]
    blocks = Blocks().end_blocks(text)
    return blocks if "\n".join(_html_of(blocks)) == whole else [Block(whole, 0, len(text))]
