"""Which kind of value a question wants of the shop's texts, and which a line has: a duration, an amount, hours. Pure.

Data: shop/words/values.txt.
"""

import re
from functools import cache

from shop.search.folding import fold
from shop.search.lexicon import WORDS, named_phrases

_SPANS = "minutes?|hours?|days?|weeks?|months?|years?|minutos?|horas?|dias?|semanas?|mes|meses|anos?"
DAYS = (
    "mon(?:day)?s?|tuesdays?|wednesdays?|thursdays?|fri(?:day)?s?|saturdays?|sundays?|weekdays?|daily"
    "|segundas?|tercas?|quartas?|quintas?|sextas?|sabados?|domingos?"
)
"""How a folded text names the days on which a shop is open."""
HAS = {
    "duration": re.compile(
        rf"\d\s?(?:calendar |working |business )?(?:{_SPANS})\b|\b(?:same|next|mesmo|proximo) (?:\w+ )?(?:day|dia)\b"
        r"|\bfor life\b|\blifetime\b|\bvitalicia\b"
    ),
    "amount": re.compile(
        r"(?:r\$|us\$|[$€£])\s?\d|\d\s?(?:reais|dollars|euros|pounds|brl|usd|eur|gbp)\b"
        r"|\bfree\b|\bgratis\b|\bgratuit[oa]s?\b|\bno (?:extra )?(?:cost|charge)\b|\bsem custo\b|\bwe pay\b|\bpor nossa conta\b"
    ),
    "times": re.compile(r"\d\s?(?:x\b|times\b|instal+ments\b|vezes\b|parcelas\b)|\b(?:up to|ate) \d"),
    "hours": re.compile(rf"\b\d{{1,2}}\s?(?:[:h]\s?\d{{2}}|h\b|horas\b|hrs?\b|a\.?m\b|p\.?m\b|o.clock)|\b(?:{DAYS})\b"),
}
"""How a value is written, in a folded text; weekdays are hours."""


def values_in(text: str) -> frozenset[str]:
    """Return the kinds of values that a text has."""
    folded = fold(text)
    return frozenset(kind for kind, pattern in HAS.items() if pattern.search(folded))


def wanted(question: str) -> frozenset[str]:
    """Return the kinds of values that a folded question wants."""
    return frozenset(kind for kind, pattern in _questions() if pattern.search(question))


@cache
def _questions() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return how each kind is asked for. A file of the code's own: read once."""
    found = list[tuple[str, re.Pattern[str]]]()
    for kind, phrases in named_phrases(WORDS / "values.txt"):
        longest_first = sorted(phrases, key=len, reverse=True)
        found.append((kind, re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")))
    return tuple(found)
