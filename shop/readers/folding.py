"""Words without accents and case, so that headers and cells compare."""

import re
import unicodedata

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORDS = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return a text in lower case without accents, its words parted by single blanks."""
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", text).casefold())
    return " ".join(_WORDS.findall("".join(c for c in plain if not unicodedata.combining(c))))
