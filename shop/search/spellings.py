"""What customers write in a hurry, read as what they mean: "qto", "kd", "em 10x". Data: shop/words/spellings.txt. Pure."""

import re
from functools import cache

from shop.search.lexicon import WORDS, lines_in

_WITH = (
    (re.compile(r"(?<!\w)c/\s*"), "com "),
    (re.compile(r"(?<!\w)p/\s*"), "para "),
    (re.compile(r"(?<!\w)s/\s*"), "sem "),
    (re.compile(r"\bpronta entrega\b"), "em estoque"),
    (
        re.compile(r"\b(send|give|bring|take|ship|mail)((?: (?!(?:back|to|in|at|on|money)\b)\w+){1,4}) back\b"),
        r"\1 back\2",
    ),  # English particles
    (re.compile(r"\b(?:in|em|ate|up to)\s\d{1,2}\s?(?:x|vezes|parcelas|payments|instal+ments|times)\b"), "parcelas"),
)
"""Signs and numbers that stand for words."""
_WORD = re.compile(r"(?<![\w'’-])[a-z0-9]+(?![\w'’-])")
"""A word that stands alone: the d of "i'd" and of "caixa d'agua" is none."""


def spelled(question: str) -> str:
    """Return a folded question with short forms written out."""
    for pattern, meant in _WITH:
        question = pattern.sub(meant, question)
    forms = _forms()
    return _WORD.sub(lambda found: forms.get(found[0], found[0]), question)


@cache
def _forms() -> dict[str, str]:
    """Return what each short form means. A file of the code's own: read once."""
    pairs = (line.split(" = ") for line in lines_in(WORDS / "spellings.txt"))
    return {form.strip(): meant for meant, written in pairs for form in written.split(",")}
