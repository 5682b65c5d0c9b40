"""Text as it is kept: normalised once, on the way in."""

import re

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def normalise(text: str) -> str:
    r"""Return the text with line feeds only, no control characters and no blank lines at its end.

    CRLF and CR become LF. Other C0 and C1 controls (tab stays), U+2028, U+2029 and lone surrogates become
    U+FFFD; a surrogate pair that came as two halves becomes its character. Idempotent.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("\ufffd", join_surrogates(text)).rstrip("\n")


def join_surrogates(text: str) -> str:
    """Return the text with every surrogate pair as its one character; lone halves stay."""
    return _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)


class Normaliser:
    """Normalises a text that comes in pieces: what may still change is held back until the next piece.

    Held back are a CR (the LF of its pair may follow), the first half of a surrogate pair and line feeds
    (they may turn out to be the end). The pieces joined equal `normalise` of the whole, save that half a
    character at its very end is left out.
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        text = self._held + piece
        end = len(text)
        while end and (text[end - 1] in "\r\n" or "\ud800" <= text[end - 1] <= "\udbff"):
            end -= 1
        self._held = text[end:]
        return _normalise_inner(text[:end])


def _normalise_inner(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("\ufffd", join_surrogates(text))
