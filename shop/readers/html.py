"""Plain text out of the HTML of descriptions. Takes time in proportion to the text, whatever is in it."""

import html
import re

MOST_CHARACTERS = 20_000
"""What is kept of one description; what is searched and sent is shorter still."""

_TAG = re.compile(r"<!--|<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>|<[!?][^<>]*>")
_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p"
    " pre section table tbody td tfoot th thead tr ul".split()
)
_SILENT = frozenset(("script", "style", "template", "iframe", "svg", "head"))
_ENTITY_OR_TAG = re.compile(r"[<&]")
_BLANKS = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[\n ]*")


def plain_text(source: str) -> str:
    """Return the text as a reader sees it: blocks on lines of their own, list items after "- ", entities as characters."""
    text = source[: MOST_CHARACTERS * 4]
    if _ENTITY_OR_TAG.search(text):
        text = html.unescape(_without_tags(text))
        if "&" in text or "<" in text:  # exports escape their HTML once more now and then
            text = html.unescape(_without_tags(text))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u200b", "").replace("\ufeff", "")
    text = _BREAKS.sub("\n", _BLANKS.sub(" ", text))
    return text[:MOST_CHARACTERS].strip()


def one_line(source: str) -> str:
    """Return a name or another short text without HTML, line feeds and double blanks."""
    return " ".join(plain_text(source).split())


def _without_tags(text: str) -> str:
    parts = list[str]()
    end = 0
    while tag := _TAG.search(text, end):
        parts.append(text[end : tag.start()])
        end = tag.end()
        if tag[0] == "<!--":
            end = _after(text, "-->", end)
            continue
        name = (tag[2] or "").lower()
        if name in _SILENT and not tag[1]:
            end = _after_element(text, name, end)
        parts.append("\n- " if name == "li" and not tag[1] else "\n" if name in _BLOCKS or name == "li" else "")
    parts.append(text[end:])
    return "".join(parts)


def _after(text: str, mark: str, start: int) -> int:
    """Return the place after a mark; the end of the text where it never comes, which is then looked for once only."""
    found = text.find(mark, start)
    return len(text) if found < 0 else found + len(mark)


def _after_element(text: str, name: str, start: int) -> int:
    closing = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, start)
    return closing.end() if closing else len(text)
