"""An amount of money where it stands in an answer: what all readings of it look at."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shop.claims.amounts import StatedAmount
from shop.claims.policies import Role, role_of
from shop.claims.sums import NamedItem
from shop.claims.till import Till
from shop.claims.values import Binding, Claim, Kind, RulePassage, Verdict

_MAY_SUM = re.compile(
    r"\b(?:fica(?:m)?|sai|saem|da(?:ria)?|dao|resulta\w*|would be|brings? it to|bringing it to|pay|paga|wrapped|including|included|incluindo|with|com|that's|that is|makes|brings|it's|isso)\b"
)
GAP = re.compile(
    r"\b(?:cheaper|less|more than|difference|saves?|saving|diferenca|economi\w+|mais barat\w+|mais car\w+|a mais|a menos|another|faltam?|missing|still need|remaining|dearer|short|shy|more(?: (?:of|to|for|in|worth)\b|(?=\s*(?:[.,;)]|$)))|to reach|get back|minus|deduct\w*|leaves?|sobra\w*|restante)\b"
)
APART = re.compile(
    r"[*) ]*(?:more|cheaper|less|dearer|apart|difference|de diferenca|a mais|a menos|mais (?:car|barat)\w+|(?:below|under|above|over|abaixo|acima) (?:the|its|d[oae]s?))\b"
)
_CLAUSE = re.compile(r"[;!?]|[.,]\s")


@dataclass(frozen=True, slots=True)
class PlacedAmount:
    """An amount in its passage, with the products that it may be about (`binding`) and those that the passage names (`own`).

    `piece` is the part of the passage that is about the amount and no other. `is_gap`: it is how far two others are apart, or
    what is missing to one. `may_sum`: its clause speaks of several things together.
    """

    passage: RulePassage
    value: StatedAmount
    binding: Binding
    till: Till
    own: Sequence[NamedItem]
    piece: tuple[int, int]
    is_gap: bool
    may_sum: bool

    @property
    def folded(self) -> str:
        return self.passage.folded

    @property
    def role(self) -> Role:
        return role_of(self.folded, self.value)

    @property
    def is_summand(self) -> bool:
        """True if it is one of a written sum, whose parts stand in any order."""
        before, after = self.folded[: self.value.start].rstrip(), self.folded[self.value.end :].lstrip()
        return before.endswith("+") or after.startswith("+")

    def is_same(self, minor: int) -> bool:
        """True if it is this many minor units of the shop's currency."""
        currency = self.till.currency
        return self.value.minor == minor and (
            not self.value.currency or not currency or self.value.currency == currency
        )

    def claim(self, kind: Kind, verdict: Verdict, about: str = "", source: str = "", true: str = "") -> Claim:
        start, end = self.value.start, self.value.end
        return Claim(kind, self.passage.text[start:end], start, end, about, verdict, source, true)


def placed(
    passage: RulePassage,
    value: StatedAmount,
    binding: Binding,
    till: Till,
    own: Sequence[NamedItem],
    piece: tuple[int, int],
) -> PlacedAmount:
    """Return an amount where it stands."""
    folded = passage.folded
    nearby = max(0, value.start - 160), min(len(folded), value.end + 40)
    is_gap = GAP.search(folded, *nearby) is not None or APART.match(folded, value.end) is not None
    may_sum = is_gap or _MAY_SUM.search(clause_before(folded, value)) is not None
    return PlacedAmount(passage, value, binding, till, own, piece, is_gap, may_sum)


def clause_before(folded: str, value: StatedAmount) -> str:
    """Return the part of an amount's clause that stands before it."""
    begin = max(0, value.start - 80)
    start = max((match.end() for match in _CLAUSE.finditer(folded, begin, value.start)), default=begin)
    return folded[start : value.start]
