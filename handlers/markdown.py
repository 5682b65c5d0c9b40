"""Model text as HTML: CommonMark with tables, raw HTML shown as text, no images, sanitised last. Pure.

pyromark passes raw HTML through. So every `<` goes through it as a private-use character, which is nothing to
Markdown, and comes out as `&lt;`: then no raw HTML exists at all, in one pass and wherever the text is cut.

Code gets its colours when its block is finished, once; while it grows it is plain.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

import nh3
import pyromark

from handlers.highlight import CLASSES, highlight

_LESS, _BANG = "\ue000", "\ue001"
_PRIVATE = re.compile("[\ue000\ue001]")
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

_OPTIONS = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH
_markdown = pyromark.Markdown(options=_OPTIONS)

_TAGS = {
    "p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "span",
}  # fmt: skip
_cleaner = nh3.Cleaner(
    tags=_TAGS,
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    allowed_classes={tag: {"left", "center", "right"} for tag in ("th", "td")} | {"span": set(CLASSES.values())},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
    strip_comments=True,
)
_ESCAPED = {"%EE%80%80": "%3C", "%EE%80%81": "!"}  # what an address makes of the two private-use characters
_ADDRESS = re.compile(r'href="[^"]*"')
_HEADINGS = {f"<{slash}h{n}>": f"<{slash}h{min(6, n + 2)}>" for n in range(1, 7) for slash in ("", "/")}
_HEADING = re.compile(r"</?h[1-6]>")
_CODE = re.compile(r'<pre><code class="language-([^" ]*)[^"]*">(.*?)</code></pre>', re.S)
_REMEMBERED_CHARS = 4096
_COPY = '<button class="copy" type="button" aria-labelledby="copy-code"><svg aria-hidden="true"><use href="#copy-icon"/></svg></button>'
"""Copies the code beside it. Its name and its picture stand in the page, once; without script it is not shown."""


def render(text: str) -> str:
    """Give the whole text as safe HTML."""
    return _render(_veil(text)) if text else ""


def _veil(text: str) -> str:
    """Hide from Markdown what is not to be HTML or an image."""
    if _LESS in text or _BANG in text:
        text = _PRIVATE.sub("\ufffd", text)
    return text.replace("![", _BANG + "[").replace("<", _LESS)


def _render(veiled: str) -> str:
    return _render_once(veiled) if len(veiled) <= _REMEMBERED_CHARS else _render_anew(veiled)


@lru_cache(maxsize=1024)
def _render_once(veiled: str) -> str:
    """Render what is rendered again soon: a short reply's last block is its finished bubble, and the page's after it."""
    return _render_anew(veiled)


def _render_anew(veiled: str, *, is_open: bool = False) -> str:
    html = _markdown.html(veiled)
    if not is_open and "<code class=" in html:
        html = _CODE.sub(_coloured, html)
    if " style=" in html:
        html = _ALIGN.sub(r' class="\1"', html)
    html = _cleaner.clean(html)
    if "<h" in html:
        html = _HEADING.sub(lambda tag: _HEADINGS[tag[0]], html)
    if "%EE%80" in html:
        html = _ADDRESS.sub(lambda address: re.sub("%EE%80%8[01]", lambda mark: _ESCAPED[mark[0]], address[0]), html)
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
    return html.replace(_LESS, "&lt;").replace(_BANG, "!").strip()


def _coloured(block: re.Match[str]) -> str:
    """Colour the code of one block; its veiled characters are what they stand for then, so that a lexer reads them."""
    code = unescape(block[2]).replace(_LESS, "<").replace(_BANG, "!")
    html = highlight(code, unescape(block[1]).lower())
    return block[0] if html is None else f"<pre><code>{html}</code></pre>"


@dataclass(frozen=True, slots=True)
class Step:
    """What a frame carries: the blocks finished since the last one, and those that are still open (HTML of each)."""

    finished: tuple[str, ...]
    open: tuple[str, ...]


class Blocks:
    """Renders a growing text block by block: what is finished is given once and never again.

    Only whole lines decide that a block is finished, and the last block is always open. Link definitions reach the
    blocks after them; the one-shot rendering at the end of a reply settles the rest.
    """

    def __init__(self) -> None:
        self._done = 0
        self._definitions = ""
        self.count = 0
        """Blocks finished so far."""

    def feed(self, text: str) -> Step:
        """Take the whole text so far; it begins with what was given before."""
        rest = text[self._done :]
        finished = list[str]()

        def finish(block: str) -> None:
            self._done += len(block)
            if html := _render(self._definitions + _veil(block)):
                finished.append(html)
            elif "]:" in block:
                self._definitions += _veil(block).strip() + "\n\n"

        while end := _block_end(rest):
            finish(rest[:end])
            rest = rest[end:]
        lines_end = rest.rfind("\n\n") + 1  # any other block ends at a blank line, at the earliest
        if lines_end > 0:
            for block in _split(rest[:lines_end])[:-1]:
                finish(block)
            rest = text[self._done :]
        self.count += len(finished)
        rendered = (_render_anew(self._definitions + _veil(block), is_open=True) for block in _split(_whole_rows(rest)))
        return Step(tuple(finished), tuple(html for html in rendered if html))

    def end(self, text: str) -> list[str]:
        """Give the blocks that were not given yet, of a text that will not grow: what was open is finished."""
        finished = self.feed(text).finished
        rest = (_render(self._definitions + _veil(block)) for block in _split(text[self._done :]))
        return [*finished, *(html for html in rest if html)]


def _whole_rows(text: str) -> str:
    """Leave out a table's row until it is whole: the table would jump about with each of its cells."""
    end = text.rfind("\n") + 1
    above = text.rfind("\n", 0, max(0, end - 1)) + 1
    return (
        text[:end]
        if end and text[end:].lstrip(" ").startswith("|") and text[above:end].lstrip(" ").startswith("|")
        else text
    )


def _is_paragraph(text: str) -> bool:
    """Say at a glance whether this is one plain paragraph, the usual case while it is being written."""
    return not _FIRST_LINE.match(text) and not _LATER_LINE.search(text)


def _block_end(text: str) -> int:
    """Give where the plain paragraph or list ends that the text begins with, its blank lines included; 0 where none has ended.

    A paragraph has ended at its blank line, whatever follows.
    """
    if found := _LIST_END.match(text):
        return found.end()
    begin = len(text) - len(text.lstrip("\n"))
    end = text.find("\n\n", begin)
    if end <= 0 or text[begin].isspace() or not _is_paragraph(text[begin:end]):
        return 0
    return len(text) - len(text[end:].lstrip("\n"))


def _split(text: str) -> list[str]:
    """Give the top-level blocks of the text, each as its lines; joined they are the text."""
    if _is_paragraph(text) or _LIST.fullmatch(text):
        return [text]
    veiled = _veil(text)
    starts, depth = list[int](), 0
    for event, place in _markdown.events_with_range(veiled):
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
    cuts = [len(data[: data.rfind(b"\n", 0, start) + 1].decode()) for start in starts[1:]]
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def render_blocks(text: str) -> list[str]:
    """Give the whole text as safe HTML, block by block; joined by line feeds they are `render`'s, save in rare cases.

    Where a block by itself reads otherwise than within the text, the whole is given as one block.
    """
    blocks = Blocks().end(text)
    whole = render(text)
    return blocks if "\n".join(blocks) == whole else [whole]
