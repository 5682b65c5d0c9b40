"""Addresses in an answer as links: those that stand there bare, and what the words of a link hide. HTML in, HTML out. Pure.

It comes after the sanitiser, over its HTML, in which every `<` begins a tag and every attribute is quoted. It makes links
of fixed forms out of words, and takes an address away, adds a target or adds words; no other HTML comes of it.
"""

import re
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import urlsplit

REL = "noopener noreferrer nofollow ugc"
"""The target does not learn where from, and no search engine takes what a model wrote for the shop's own word."""

_PIECE = re.compile(r"(<(/?)([a-z0-9]+)[^>]*>)|[^<]+")
_NO_LINKS = frozenset(["a", "code", "pre", "button"])
_HREF = re.compile(r' href="([^"]*)"')
_ABSOLUTE = re.compile(r"(?:https?://[^/\\?#]|mailto:.)", re.I)
_END = r"\s<>\"'\u200b-\u200f\u202a-\u202e\u2060-\u2069"
"""What no address goes on after; of it the characters that nobody sees."""
_BARE = re.compile(
    rf"(?P<url>(?<!\w)https?://[^{_END}]{{1,2000}})"
    rf"|(?P<short>(?<![\w@/.-])(?:www\.|wa\.me/)[^{_END}]{{1,2000}})"
    r"|(?P<mail>(?<![\w.+/=-])[A-Za-z0-9_](?:[\w.+-]{0,62}[\w+-])?@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w@-]))"
    r"|(?P<call>(?<![\w+])(?:\+\d[\d ()\u00a0./-]{5,24}\d|\(\d{2,4}\)[ \u00a0]?\d{3,5}[ \u00a0-]\d{3,4})(?![\w:%]))",
    re.I,
)
"""Addresses that can be recognised among words: URLs, e-mail addresses, numbers with their country or area."""
_ENTITY = re.compile(r"&(?:gt|lt|quot|#39|nbsp);.*|&\w*;?\Z")
_MESSENGER = re.compile(r"whatsapp\W{0,4}\Z", re.I)
_HOST = re.compile(r"((?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24})(?![\w@-])")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w.-]{3,255}")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069]")
_DIGITS = range(8, 16)
"""Digits of a telephone number; more than fifteen has none (E.164)."""
_TRIGGERS = ("://", "@", "www.", "wa.me/", "+", "<a ")


def link(html: str, *, is_open: bool = False) -> str:
    """Return sanitised HTML with its addresses as links. Of an open block the last one stays words: it may still grow."""
    if not any(trigger in html for trigger in _TRIGGERS) and not re.search(r"\(\d\d|www\.|wa\.me/", html, re.I):
        return html
    links = _Links(_text_end(html) if is_open else None)
    for piece in _PIECE.finditer(html):
        if piece[1] is None:
            links.add_words(piece[0], piece.start())
        else:
            links.add_tag(piece[1], piece[3], is_end=bool(piece[2]))
    return "".join(links.parts)


def _text_end(html: str) -> int:
    """Return where the last words end, before the tags that end with them."""
    html = html.rstrip()
    while html.endswith(">"):
        html = html[: html.rindex("<")].rstrip()
    return len(html)


@dataclass(slots=True)
class _Links:
    """The HTML so far, and what it is within. `open_at`: from where words may still grow, None where nothing does."""

    open_at: int | None
    parts: list[str] = field(default_factory=list)
    within: int = 0
    address: str = ""
    """Where the link leads that is open, and its words so far."""
    words: str = ""
    before: str = ""
    """The last words before these."""

    def add_tag(self, tag: str, name: str, *, is_end: bool) -> None:
        if name in _NO_LINKS:
            self.within += -1 if is_end else 1
        if name != "a":
            self.parts.append(tag)
        elif is_end:
            self.parts += [tag, _truth(self.address, self.words)]
            self.address = ""
        else:
            found = _HREF.search(tag)
            self.address, self.words = unescape(found[1]) if found else "", ""
            self.parts.append(_checked(tag, self.address))

    def add_words(self, words: str, start: int) -> None:
        if self.address:
            self.words += words
        self.parts.append(words if self.within else _BARE.sub(lambda found: self._link(found, start), words))
        self.before = (self.before + words)[-24:]

    def _link(self, found: re.Match[str], start: int) -> str:
        words = found[0]
        if self.open_at is not None:
            rest = found.string[found.end() : max(found.end(), self.open_at - start)]
            if start + len(found.string) >= self.open_at and not re.search(r"\s\S", rest):
                return words
        if found["mail"]:
            return _anchor(f"mailto:{words}", words)
        if found["call"]:
            return _number(words, self.before + found.string[: found.start()])
        address = _trimmed(words)
        target = address if found["url"] else f"https://{address}"
        return _anchor(target, address) + words[len(address) :] if _host(unescape(target)) else words


def _anchor(target: str, words: str) -> str:
    return _checked(f'<a href="{target}" rel="{REL}">', unescape(target)) + f"{words}</a>"


def _checked(tag: str, address: str) -> str:
    """Return a link's tag: without an address that is none, and beside the page where it leads elsewhere."""
    if not _ABSOLUTE.match(address):
        return tag if address.startswith("tel:") else _HREF.sub("", tag)
    return tag if address.lower().startswith("mailto:") else tag.replace("<a ", '<a target="_blank" ', 1)


def _number(words: str, before: str) -> str:
    """Return a telephone number as a link to call it, to write to it where WhatsApp is named right before."""
    digits = re.sub(r"\D", "", words)
    if len(digits) not in _DIGITS:
        return words
    if not words.startswith("+"):
        return _anchor(f"tel:{digits}", words)
    is_messenger = _MESSENGER.search(before) is not None
    return _anchor(f"https://wa.me/{digits}" if is_messenger else f"tel:+{digits}", words)


def _trimmed(address: str) -> str:
    """Leave out what belongs to the sentence: punctuation at the end, a bracket that was not opened within, an entity."""
    address = _ENTITY.sub("", address)
    while True:
        shorter = address.rstrip(".,;:!?]}*_~’”»…")
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        if shorter == address:
            return address
        address = shorter


def _host(address: str) -> str:
    """Return the host of a web address; "" for what is none, or hides it behind another name."""
    try:
        parts = urlsplit(address)
        return parts.hostname or "" if parts.scheme in ("http", "https") and "." in (parts.hostname or "") else ""
    except ValueError:
        return ""


def _truth(address: str, words: str) -> str:
    """Return in brackets where a link leads, if its words name another host or mailbox; else nothing."""
    said = _INVISIBLE.sub("", unescape(words)).lower()
    if address.lower().startswith("mailto:"):
        mailbox = address[7:].partition("?")[0]
        return f" ({escape(mailbox)})" if {*_MAIL.findall(said)} - {mailbox.lower()} else ""
    host = _host(address)
    others = {name.removeprefix("www.") for name in _HOST.findall(said)} - {host.removeprefix("www.")}
    return f" ({escape(host)})" if host and others else ""
