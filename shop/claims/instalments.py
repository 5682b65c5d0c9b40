"""Instalments: a price paid in so many equal parts."""

import re

from shop.claims.hedges import clause_start
from shop.claims.placed import PlacedAmount
from shop.claims.sums import candidates, numbers_stated
from shop.claims.till import text_of
from shop.claims.values import Claim
from shop.claims.wording import COUNT, number_of

_SPLIT = re.compile(
    rf"(?<![\w.,])(?P<n>{COUNT}) ?(?:x|×|vezes|times|parcelas|prestacoes|(?:monthly |equal |interest-free )*(?:inst?all?ments|payments))(?: (?:sem juros|iguais|mensais|interest-free))*"
    r" ?(?P<of>de|of|at|por)? *$"
)
_EACH_PART = re.compile(
    r"\b(?:cada (?:parcela|prestacao|uma)|each (?:monthly )?(?:inst?all?ment|payment|one|part)|(?:por|ao) mes|(?:per|a) month)\b[^.;:!?]{0,40}$"
)
_A_MONTH = re.compile(r" ?(?:/|por|ao|a|per|each|every) ?(?:mes|month)\b")
_PARTS = re.compile(
    rf"(?<![\w.,])(?P<n>{COUNT}) ?(?:x\b|×|vezes|parcelas|prestacoes|(?:monthly |equal |interest-free )*(?:inst?all?ments|payments))"
)
_CREDIT = re.compile(r"\b(?:juros|interest|parcel\w+|inst?all?ments?|cartao|card)\b")


def split_of(amount: PlacedAmount) -> re.Match[str] | None:
    """Return where the number of parts is stated that an amount is one of; None where it is no instalment."""
    folded, value = amount.folded, amount.value
    split = _SPLIT.search(folded, max(0, value.start - 60), value.start)
    if split is None and _is_each_part(amount) and amount.role == "amount":
        split = _PARTS.search(folded)
    return split if split is not None and _is_split(amount, split) else None


def _is_each_part(amount: PlacedAmount) -> bool:
    """True if the amount is paid for each part: "each instalment is R$ 50", "R$ 50 a month"."""
    folded, value = amount.folded, amount.value
    is_named = _EACH_PART.search(folded, clause_start(folded, value.start), value.start) is not None
    return is_named or _A_MONTH.match(folded, value.end) is not None


def _is_split(amount: PlacedAmount, split: re.Match[str]) -> bool:
    """True for instalments; "2 x R$ 189" is two things at their price, unless cards or interest are spoken of."""
    if split.re is _PARTS or split["of"] or not re.fullmatch(r"\d+ ?[x×] *", split[0]):
        return True
    prices = [price for item in amount.binding.items for price in item.prices]
    times = number_of(split["n"])
    bases = (*prices, *(total for total, _ in amount.till.ledger.totals))
    is_part = any(abs(times * amount.value.minor - base) <= times for base in bases)
    return amount.value.minor not in prices and (is_part or _CREDIT.search(amount.folded) is not None)


def instalment(amount: PlacedAmount, split: re.Match[str]) -> Claim:
    """Return the claim that something is paid in a number of parts; a part may be rounded by a cent."""
    passage, value, till = amount.passage, amount.value, amount.till
    times = number_of(split["n"])
    start = value.start if split.re is _PARTS else split.start("n")
    text, about, most = passage.text[start : value.end], amount.binding.about, till.rules.policies.instalments
    bases = [price for item in amount.binding.items for price in item.prices]
    bases += candidates(till.ledger, [], numbers_stated(passage.folded), till.rates(passage))
    bases += [total for total, _ in till.ledger.totals]
    if most is not None and times > most:
        return Claim("price", text, start, value.end, about, "contradicted", "", f"{most}x")
    if any(abs(times * value.minor - base) <= times for base in bases):
        return Claim("price", text, start, value.end, about, "computed")
    if not bases:
        return Claim("price", text, start, value.end, about, "unsupported")
    return Claim("price", text, start, value.end, about, "contradicted", "", text_of(round(bases[0] / times), till))
