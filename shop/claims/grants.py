"""Claims to have granted or done what the assistant cannot: orders, refunds, discounts, reservations, messages.

promises.py has the ways in which such a thing is said. Conditions ("if it arrived broken, we refund it"), questions,
denials and instructions are none; a discount that the shop's texts give to all is none either.
"""

import re
from collections.abc import Iterator

from shop.claims.amounts import Percent, percents
from shop.claims.beginnings import ByBeginnings
from shop.claims.hedges import CONDITION, LIMIT_OF_TIME, denies, is_denied, is_quoted
from shop.claims.policies import Policies
from shop.claims.promises import AND_MORE, WAYS, Way
from shop.claims.values import Claim, RulePassage

_WAYS = ByBeginnings((way.pattern, way) for way in WAYS)
_INSTRUCTION = re.compile(
    r"^\W*(?:in order to|how to|to (?:get|have|be|make|ask|request|cancel|change|exchange|return|(?![a-z]+(?: [a-z]+)?,? (?:it|we|that|delivery|this)\b)[a-z]+))\b|^\W*(?:para|a fim de|como) (?:\w+ )?\w+(?:[aei]r|por)\b"
)
_INFORMATION = re.compile(
    r"(?: (?:you|your|te|lhe|para|voce|abaixo|aqui|here|below|some|a|an|the|o|os|as|um|uma|alguns|algumas|few|all|more|mais|short|full|of|de|logo|our|nossa|complete|em|together))*"
    r" (?:contacts?|contatos?|lists?|listas?|links?|details?|detalhes|information|informac\w+|options?|opcoes|overview|ideas?|ideias?|summary|resumo|explanations?"
    r"|examples?|exemplos|answers?|respostas?|advice|tips?|dicas?|suggestions?|sugest\w+|products?|produtos?|models?|modelos?|items?|itens|alternativ\w+|prices|precos|comparison|table|tabela)\b"
)
_CODE = re.compile(r"\b[A-Z]{3,}[0-9]{1,4}\b")
_OF_CODES = re.compile(r"\b(?:codes?|coupons?|vouchers?|discounts?|off|cupom|cupons|codigos?|descontos?)\b")
_VALID = re.compile(
    r"[\"'” ]*(?:is|e|esta|continua|segue|vale)(?: (?:now|still|already|ja|ainda|agora))* (?:valid[oa]?|active|ativ[oa])\b"
)
_FOR_YOU = re.compile(r"\b(?:free|gratis|de graca) (?:for|para|pra) (?:you|voce)\b")
_GIFT = re.compile(r"\b(?:free gifts?|brindes?)\b")
_PERSON = re.compile(
    r"\b(?:lets|let|a person|the team|our team|somebody|someone|uma pessoa|a equipe|o atendimento|for me to|(?<!confirm )that)\s*$"
)


def grants(passage: RulePassage, policies: Policies, *, has_granted: bool = False) -> Iterator[Claim]:
    """Return what a passage grants or says to have done, each place once.

    `has_granted`: the answer granted something before, which what would be a rule by itself goes on with.
    """
    if passage.is_question:
        return
    end = -1
    for match, way in sorted(_found(passage), key=lambda one: (one[0].start(), -one[0].end())):
        start, stop = match.start(), match.end()
        while start < stop and not passage.folded[start].isalnum():
            start += 1
        if start < end or not _stands(passage, start, stop, way, has_granted=has_granted):
            continue
        if way.gives and _is_given_to_all(passage, start, stop, policies):
            continue
        if way.gives and (code := _CODE.search(passage.text, start, stop + 24)):
            stop = max(stop, code.end())
        end, has_granted = stop, True
        yield _grant(passage, start, stop)
    if end >= 0 and (more := AND_MORE.search(passage.folded, end)) and not is_denied(passage.folded, more.end()):
        start = more.start() + len(more[0]) - len(more[0].lstrip(" ,;"))
        yield _grant(passage, start, more.end())


def _grant(passage: RulePassage, start: int, stop: int) -> Claim:
    return Claim("grant", passage.text[start:stop], start, stop, "", "unsupported")


def codes(passage: RulePassage, policies: Policies) -> Iterator[Claim]:
    """Return the codes of discounts that a passage names as good and the shop's texts do not know."""
    folded = passage.folded
    for match in _CODE.finditer(passage.text):
        start, end = match.span()
        is_valid = _VALID.match(folded, end) is not None
        if passage.is_question or not (is_valid or _OF_CODES.search(folded)):
            continue
        is_product = any(one.start < end and start < one.end for one in passage.mentions)
        if is_product or is_denied(folded, start) or is_quoted(folded, start, end):
            continue
        if (is_valid or not denies(folded[end:])) and not _is_known(match[0], policies):
            yield Claim("grant", match[0], start, end, "", "unsupported")


def _is_known(code: str, policies: Policies) -> bool:
    return re.search(rf"\b{code.lower()}\b", policies.folded) is not None


def _found(passage: RulePassage) -> Iterator[tuple[re.Match[str], Way]]:
    for pattern, way in _WAYS.possible(passage.folded):
        for match in pattern.finditer(passage.folded):
            yield match, way


def _stands(passage: RulePassage, start: int, stop: int, way: Way, *, has_granted: bool) -> bool:
    folded = passage.folded
    if (
        is_denied(folded, start)
        or (not way.denies and is_denied(folded[start:stop], stop - start))
        or is_quoted(folded, start, stop)
    ):
        return False
    if (
        _INFORMATION.match(folded, stop)
        or _INSTRUCTION.match(folded)
        or _PERSON.search(folded, max(0, start - 24), start)
    ):
        return False
    if way.goes_on and not has_granted:
        return False
    if way.as_rule and not has_granted and (CONDITION.search(folded, stop) or LIMIT_OF_TIME.search(folded, stop)):
        return False
    return way.in_spite or CONDITION.search(folded, max(0, start - 120), start) is None


def _is_given_to_all(passage: RulePassage, start: int, stop: int, policies: Policies) -> bool:
    """True if the discount, code or free delivery is one of the shop's texts."""
    if named := _CODE.findall(passage.text[start : stop + 24]):
        return all(_is_known(code, policies) for code in named)
    rates = [one.hundredths for one in percents(passage.folded[start : stop + 12])]
    if rates:
        stated = {
            f.value.hundredths for f in policies.facts if isinstance(f.value, Percent) and "discount" in f.wide.topics
        }
        return set(rates) <= stated
    if _GIFT.search(passage.folded, start, stop):
        return _GIFT.search(policies.folded) is not None
    if _FOR_YOU.search(passage.folded, start, stop):  # a fee or a price, which is held against its own rule or row
        return bool(passage.own.topics & {"delivery", "pickup"} or any(one.is_sure for one in passage.mentions))
    is_delivery = (
        re.search(r"free (?:delivery|shipping)|pay for|pagar|frete", passage.folded[start : stop + 12]) is not None
    )
    return (
        is_delivery
        and re.search(r"\b(?:from|over|above|acima|a partir|because|since|pois|ja que|como)\b", passage.folded)
        is not None
    )
