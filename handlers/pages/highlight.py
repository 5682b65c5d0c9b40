"""Code in colours: a few classes around the words of known languages. Pure; nothing here runs what it reads.

Only languages that are written about often, none longer than `MOST_CHARS`: a lexer takes about five microseconds a
character, and the loop waits for it. What was coloured is kept for a while, since a block is shown in a stream, in the
finished reply and in a reload.
"""

import re
from functools import lru_cache
from html import escape
from typing import Any

from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, Token

MOST_CHARS = 5_000
_LONGEST_LINE = 2_000
_ENDLESS = re.compile(r"[\w\s*&]{200}")
"""Names and spaces without end. Lexers of C's kind look in them for a function: 2 kB took C#'s 7 s, in one match, so that
no other thread could run."""

LANGUAGES = frozenset(
    "bash c c++ cpp c# csharp css diff docker dockerfile go golang html ini java javascript js json jsx kotlin lua php "
    "powershell py python python3 rb rs ruby rust scss sh shell sql swift toml ts tsx typescript xml yaml yml zsh".split()
)
"""The names that are known, as they stand after the fence."""

CLASSES = {
    Comment: "c",
    Keyword: "k",
    Operator.Word: "k",
    String: "s",
    Number: "n",
    Name.Function: "f",
    Name.Class: "f",
    Name.Tag: "k",
    Name.Decorator: "f",
    Name.Builtin: "b",
    Name.Attribute: "b",
    Generic.Inserted: "s",
    Generic.Deleted: "n",
    Generic.Heading: "f",
}
"""The class of a token: of itself or of the nearest kind above it."""


def highlight(code: str, language: str) -> str | None:
    """Return the code as HTML with classes; None where it stays plain: unknown, long, or read otherwise than it stands."""
    if language not in LANGUAGES or len(code) > MOST_CHARS or max(map(len, code.split("\n"))) > _LONGEST_LINE:
        return None
    if _ENDLESS.search(code):
        return None
    return _highlight(code, language)


@lru_cache(maxsize=256)
def _highlight(code: str, language: str) -> str | None:
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    runs = list[tuple[str, str]]()
    for kind, words in lexer.get_tokens(code):
        name = _class_of(kind)
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1] + words)
        else:
            runs.append((name, words))
    if "".join(words for _, words in runs) != code:
        return None
    return "".join(_print(words, name) for name, words in runs)


def _class_of(kind: Any) -> str:
    while kind is not Token:
        if kind in CLASSES:
            return CLASSES[kind]
        kind = kind.parent
    return ""


def _print(words: str, name: str) -> str:
    text = escape(words, quote=False)
    return f'<span class="{name}">{text}</span>' if name and not words.isspace() else text
