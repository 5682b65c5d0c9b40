"""Claims of stock: counts, "in stock", "sold out"."""

import re
from collections.abc import Iterator

from shop.claims.hedges import clause_start, is_denied, is_quoted
from shop.claims.subjects import NamedProduct
from shop.claims.values import Binding, Claim, RulePassage, binding_of, others_named
from shop.claims.wording import COUNT, number_of

_THINGS = r"units?|pieces?|pcs|sets?|packs?|pairs?|bags?|bottles?|copies|items?|pares?|unidades?|un\b\.?|pecas?|pacotes?|kits?|jogos?|metros|meters|of them|par|jars?|boxes|tins?|tubes?|rolls?|cans|frascos?|potes?|caixas?|latas?|garrafas?|rolos?|sacos?|exemplares"
_HERE = r"left|in stock|available|remaining|em estoque|disponive(?:l|is)|restantes?|restando|no estoque|a pronta entrega|on hand|at the moment|right now|no momento"
_NUMBER = rf"(?<![\w.,$/-])(?<!\bin )(?<!\bem )(?P<n>{COUNT})(?![\w/]|[.,]\d| ?(?:%|x\b|×))"
_SIZES = r"inch\w*|cm|mm|ml|litros?|liters?|litres?|lb|lbs|oz|kg|lumens|lm|people|pessoas|person|years?|days?|dias|anos|x|l|g|m|w|v"
_COUNTS = (
    re.compile(
        rf"\b(?:there (?:are|is)|have|only|just|temos|ha|apenas|so|restam?|exactly) (?:only |just |exactly |apenas |so |still |ainda |currently )*{_NUMBER}(?! (?:{_SIZES})\b)"
        rf"(?: [a-z'(][\w')-]*){{1,6}}? (?:{_HERE})\b"
    ),
    re.compile(rf"{_NUMBER} (?!(?:{_SIZES}|is|are|esta|estao)\b)[a-z'-]{{3,20}} (?:left|in stock|em estoque)\b"),
    re.compile(
        rf"(?:\b(?:only|just|apenas|so|somente) )?{_NUMBER}(?: more)?(?: (?:{_THINGS}))?(?: (?:are|is|currently|still|ainda|esta|estao|of it|of the [a-z' -]{{3,40}}))* ?\(?(?:{_HERE})\b"
    ),
    re.compile(
        r"\b(?:stock|estoque|availability|available|disponibilidade|disponive(?:l|is)|units left|left)\b[^:\n\d]{0,20}:\s*(?:in stock|em estoque|available)?\s*\(?(?P<n>\d{1,5})\b(?![.,]?\d)"
    ),
    re.compile(
        r"\b(?:restam?|sobram?|temos|ha|tem|have|there (?:are|is)|we've got|i see)\b (?:only |just |apenas |so |somente |exactly |exatamente |ainda |still |currently )*"
        rf"{_NUMBER}(?:(?= (?:{_THINGS})\b)|(?= of (?:them|these|our)\b)|(?= (?:of the|do|da|dos|das) )|(?=\s*(?:[.,;)]|$|nesse tamanho|in this size|nessa cor)))(?: (?:{_THINGS})\b)?"
    ),
    re.compile(rf"\(\s*{_NUMBER} (?:{_THINGS})\s*\)"),
    re.compile(r"\b(?:in stock|em estoque|available) \((?P<n>\d{1,5})\)"),
    re.compile(
        rf"\b(?:only|apenas|so|somente)(?: (?:ha|tem|temos|restam?))? {_NUMBER} (?:of (?:them|these)|left|{_THINGS})"
    ),
)
_OUT = re.compile(
    r"\b(?:(?:currently|temporarily|completely) )?(?:sold[ -]out|out of stock|unavailable|no longer available|esgotad[oa]s?|indisponive(?:l|is)|fora de estoque"
    r"|sem estoque|em falta|zerad[oa])\b"
)
_IN = re.compile(
    r"\b(?:(?:a )?pronta entrega|(?:available|disponive(?:l|is)) (?:in|em) (?:stock|estoque)|in stock|available|em estoque|disponive(?:l|is)|no estoque)\b"
)
_NO_IN = re.compile(
    r"\s*(?:again|in|from|by|(?:for|por)(?! (?:r?\$|€|£|only|apenas|just|\d))|on|to|at|through|via|only|em|na|no|nas|nos|para|a partir|de novo|novamente|colou?rs|sizes|options|tamanhos|cores|payment|discounts?)\b"
)
_NO_IN_STOCK = re.compile(r"\s*(?:again|from|by|only|de novo|novamente|a partir)\b")
_KINDS_OF = re.compile(r"[ -]*(?:products?|items?|goods|produtos?|itens|pecas)\b")
_LATER = re.compile(
    r"\b(?:if|when|once|whether|until|(?<!is )(?<!are )(?<!now )back|be|becomes?|as soon as|se|quando|caso|assim que|voltar?|ficar?|tiver|estiver|estara|check|verific\w+)\b[^.;:!?]{0,30}$"
)
_VAGUE_ONE = re.compile(r"(?:one|um|uma) of (?:the|our)")
_OF_ALL = re.compile(r"\b(?:both|all|they all|ambos|ambas|todos|todas|(?:[ao]s (?:dois|duas|tres|quatro)))\b")
_ALL_OF = re.compile(
    r"\b(?:all|both|the|these|those|other|first|last|todos|todas|[ao]s|ess[ea]s|est[ea]s|outr[ao]s)(?: [ao]s)? $"
)
"""What makes of a number a group that was named before: "all four are in stock"."""


def stocks(passage: RulePassage) -> Iterator[Claim]:
    """Return the claims of stock of a passage, each about the product that it stands by."""
    spans = list[tuple[int, int]]()
    for start, end, number_end, count in sorted(_counts(passage), key=lambda one: (one[0], -one[1])):
        if any(start < stop and begin < end for begin, stop in spans):
            continue
        spans.append((start, end))
        binding = binding_of(passage, start, end)
        if binding.ways and not is_denied(passage.folded, start) and not is_quoted(passage.folded, start, end):
            holds_name = any(start <= one.start < end for one in passage.mentions)
            yield _of_count(passage, start, number_end if holds_name else end, count, binding)
    for start, end, is_in in _flags(passage):
        if not any(start < stop and begin < end for begin, stop in spans):
            binding = binding_of(passage, start, end)
            if binding.ways:
                yield _of_flag(passage, start, end, is_in, binding)


def _counts(passage: RulePassage) -> Iterator[tuple[int, int, int, int]]:
    for pattern in _COUNTS if passage.has_number else ():
        for match in pattern.finditer(passage.folded):
            place = match.start("n")
            if not _VAGUE_ONE.match(passage.folded, place) and not _ALL_OF.search(passage.folded, 0, place):
                yield match.start("n"), match.end(), match.end("n"), number_of(match["n"])


def _flags(passage: RulePassage) -> Iterator[tuple[int, int, bool]]:
    folded = passage.folded
    for pattern, says_in in ((_OUT, False), (_IN, True)):
        for match in pattern.finditer(folded):
            start, end = match.span()
            if _KINDS_OF.match(folded, end) or _LATER.search(folded, max(0, start - 50), start):
                continue
            no_claim = _NO_IN_STOCK if match[0].endswith(("stock", "estoque")) else _NO_IN
            if says_in and (no_claim.match(folded, end) or passage.is_question):
                continue
            if is_quoted(folded, start, end):
                continue
            if is_denied(folded, start):
                if says_in:
                    yield start, end, False
                continue
            yield start, end, says_in


def _of_count(passage: RulePassage, start: int, end: int, count: int, binding: Binding) -> Claim:
    for item in (*binding.items, *others_named(passage, start)):
        numbers = [stock for stock in item.stocks if isinstance(stock, int) and not isinstance(stock, bool)]
        if count in numbers or (numbers and count == sum(numbers)) or (count == 0 and item.stocks == (False,)):
            return Claim("stock", passage.text[start:end], start, end, item.sku, "supported", item.source)
    return _wrong(passage, start, end, binding.ways[0][0])


def _of_flag(passage: RulePassage, start: int, end: int, is_in: bool, binding: Binding) -> Claim:
    if not passage.mentions and _OF_ALL.search(passage.folded, clause_start(passage.folded, start), start):
        return _of_all(passage, start, end, is_in)
    for item in binding.items:
        if _fits(item, is_in):
            return Claim("stock", passage.text[start:end], start, end, item.sku, "supported", item.source)
    return _wrong(passage, start, end, binding.ways[0][0])


def _of_all(passage: RulePassage, start: int, end: int, is_in: bool) -> Claim:
    """Return the claim that all that was spoken of last is in stock, or is not."""
    spoken_of = [items[0] for items in passage.subject if len(items) == 1]
    other = next((item for item in spoken_of if not _fits(item, is_in)), None)
    if other is not None:
        return _wrong(passage, start, end, other)
    item = passage.subject[0][0]
    return Claim("stock", passage.text[start:end], start, end, item.sku, "supported", item.source)


def _fits(item: NamedProduct, is_in: bool) -> bool:
    return any(item.stocks) if is_in else all(stock is not None and not stock for stock in item.stocks)


def _wrong(passage: RulePassage, start: int, end: int, item: NamedProduct) -> Claim:
    known = [stock for stock in item.stocks if stock is not None]
    text = passage.text[start:end]
    if not known or (any(stock is True for stock in known) and re.search(r"\d", text)):
        return Claim("stock", text, start, end, item.sku)
    true = stock_text(item)
    return Claim("stock", text, start, end, item.sku, "contradicted", item.source, true)


def stock_text(item: NamedProduct) -> str:
    """Return a product's stock as text: a count, "in stock" or "sold out"."""
    numbers = [stock for stock in item.stocks if isinstance(stock, int) and not isinstance(stock, bool)]
    if numbers:
        return str(sum(numbers))
    return "in stock" if any(item.stocks) else "sold out"
