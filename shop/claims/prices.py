"""Claims of money: prices, totals, fees and instalments.

In goes a passage of an answer with the turn's Till; out come its claims, and the Till's ledger learns what was named and
charged. How one amount is read is in `money_readings.py` and `instalments.py`; here is which amounts are claims, and as what.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice

from shop.claims.amounts import StatedAmount, money
from shop.claims.hedges import clause_start, is_denied, is_limit, is_quoted, is_supposed
from shop.claims.instalments import instalment, split_of
from shop.claims.money_readings import as_fee, as_price, as_total, minor_of
from shop.claims.placed import PlacedAmount, clause_before, placed
from shop.claims.policies import pieces
from shop.claims.sums import NamedItem, equation
from shop.claims.till import Till
from shop.claims.topics import FREE
from shop.claims.values import Binding, Claim, RulePassage, binding_of

_FEE = re.compile(
    r"\b(?:fees?|frete|taxas?|deliver\w*|shipping|ships?|postage|labels?|etiqueta|entrega|gift[ -]?wrap\w*|embrulho|pick[ -]?ups?|retirada|restocking|minim\w+"
    r"|boletos?|orders? (?:of|over|from|above)|pedidos? (?:de|acima|a partir)|compras (?:de|acima|a partir)|parcela minima|(?<!-)free|gratis|envio|(?:go|goes|send|sent|sends) to)\b"
)
_FEE_AFTER = re.compile(
    r"[*) ]*(?:for |de |of )?(?:the )?(?:standard |expedited )?(?:delivery|shipping|frete|postage|fee|taxa|entrega)\b"
)
_TOTAL_AFTER = re.compile(
    r"[*) ]*(?:in total|altogether|in all|together|total|ao todo|no total|for (?:all|both|everything)|all in|delivered)\b"
)
_TOTAL = re.compile(
    r"\b(?:total|totals|subtotal|sub-total|sum|soma|somando|somam|altogether|together|in all|comes? to|come out (?:at|to)|amounts? to|adds? up to|add up to|overall"
    r"|looking at|that makes|you're at|you are at|ao todo|juntos|juntas|tudo)\b|=\s*$"
)
_IS = re.compile(
    r"\b(?:is|are|for|e|sai|sao|fica) (?:completely |totally |now |totalmente )?(?:free|gratis|gratuit[oa]s?|de graca|free of charge)"
    r"|\b(?:gives?|giving|get|gets|takes? home|da|damos|dou|ganha|leva|recebe)\b[^.;!?]{0,48}\b(?:free|gratis|de graca)"
)
_COMMA = re.compile(r"[,;:]\s")
_SAYS = re.compile(
    r"\b(?:is|it's|are|costs?|goes? for|sells? for|custam?|e|fica|sai|esta|vale|vai)(?: (?:only|just|now|so|apenas|agora|por))* $"
    r"|^\W*(?:(?:for you|para voce|today|hoje|sure|certainly|yes|sim|claro|certo)\W*)*$"
)
_YOURS = re.compile(r"\b(?:your|their|seus?|teus?)(?: (?:budget|limit|orcamento|limite)(?: (?:of|de))?)? *$")
_HAVING = re.compile(r"\b(?:for|so for|por|com|with) *$")
_INSTEAD = re.compile(r"\b(?:was|were|before|instead of|rather than|antes|em vez de)[ :,(]*$")
_OVER = re.compile(r"\b(?:over|for the|for your|about)[ :]*$")
_IN_THIS_ORDER = re.compile(r"\b(?:respectively|respectivamente)\b")

_RIGHT = ("supported", "computed")
MOST_AMOUNTS = 24
"""Amounts of one sentence that are looked at: what a sentence costs has a bound."""


def amounts(passage: RulePassage, till: Till) -> Iterator[Claim]:
    """Return the claims of money of a passage, in order; the ledger learns what was named and charged."""
    found = list(islice(money(passage.folded), MOST_AMOUNTS)) if passage.has_number else []
    own = _named(passage, till)
    paired = _respectively(passage, found)
    for n, (value, piece) in enumerate(zip(found, pieces(passage.folded, found), strict=True)):
        binding = paired.get(n) or binding_of(passage, value.start, value.end)
        if not _is_claim(passage, value, binding, till, piece):
            continue
        amount = placed(passage, value, binding, till, own, piece)
        claim = _claim(amount)
        is_paid = claim.start == value.start and amount.role == "amount"
        if is_paid and not _is_unit(passage.folded, value):
            till.ledger.state(value.minor if claim.verdict in _RIGHT else minor_of(claim.true))
        if claim.verdict == "unsupported" and value.minor in till.question and amount.role == "from":
            continue  # the customer's own bound, of which the texts say nothing
        yield claim


def _is_unit(folded: str, value: StatedAmount) -> bool:
    """True if the amount is what one of several costs, whose sum follows: "3 × R$ 5", "at R$ 5 = "."""
    before, after = folded[: value.start].rstrip(), folded[value.end : value.end + 12].lstrip(" *)")
    return before.endswith(("x", "×")) or after.startswith(("x ", "×")) or (after[:1] == "=" and before[-1:] != "+")


def giveaways(passage: RulePassage) -> Iterator[Claim]:
    """Return the claims that a product costs nothing."""
    for match in FREE.finditer(passage.folded):
        binding = binding_of(passage, match.start(), match.end())
        clause = passage.folded[clause_start(passage.folded, match.start()) : match.end() + 24]
        is_named = any(one.end <= match.start() for one in passage.mentions) and binding.is_sure
        if not is_named or _FEE.search(FREE.sub(" ", clause)) or not _IS.search(clause) or passage.is_question:
            continue
        if is_denied(passage.folded, match.start()) or is_quoted(passage.folded, *match.span()):
            continue
        item = binding.ways[0][0]
        true = StatedAmount(0, 0, item.prices[0]).text if item.prices else ""
        text = passage.text[match.start() : match.end()]
        yield Claim("price", text, match.start(), match.end(), item.sku, "contradicted", item.source, true)


def _named(passage: RulePassage, till: Till) -> list[NamedItem]:
    """Enter what the passage names into the ledger; return its own lines."""
    own = list[NamedItem]()
    for mention in passage.mentions:
        if len(mention.items) == 1 or mention.is_sure:
            item = mention.items[0]
            narrowed = (
                binding_of(passage, mention.end, mention.end).items
                if item.product.variants and not item.variant
                else ()
            )
            item = narrowed[0] if narrowed else item
            till.ledger.name(item, mention.quantity)
            own = [line for line in till.ledger.lines if line in own or line.item.product == item.product]
    return own


def _respectively(passage: RulePassage, found: Sequence[StatedAmount]) -> dict[int, Binding]:
    """Return what each amount is about in "A and B cost 1 and 2": as many names as amounts, all names first."""
    sure = [one for one in passage.mentions if one.is_sure]
    counted = found[: len(sure)]
    if len(sure) < 2 or len(counted) < len(sure) or sure[-1].end > counted[0].start:
        return {}
    if not _IN_THIS_ORDER.search(passage.folded):
        return {}
    return {n: Binding((mention.items,), True) for n, mention in enumerate(sure)}


def _is_claim(passage: RulePassage, value: StatedAmount, binding: Binding, till: Till, piece: tuple[int, int]) -> bool:
    """True if the passage states the amount itself, and neither denies, quotes, asks nor takes up what the customer wrote."""
    folded = passage.folded
    if is_denied(folded, value.start) and not _INSTEAD.search(folded, 0, value.start):
        return False
    if is_quoted(folded, value.start, value.end) or is_supposed(folded, value.end):
        return False
    if value.minor in till.question and _YOURS.search(folded, 0, value.start):
        return False
    is_named = any(clause_start(folded, value.start) - 80 <= one.end <= value.start for one in passage.mentions)
    is_taken_up = value.minor in till.question and not is_named
    if is_taken_up and not (binding.ways and _SAYS.search(folded, 0, value.start)) and _is_theirs(folded, value, piece):
        return False
    if is_limit(folded, value.start) and not _FEE.search(folded, *piece):
        return bool(is_named and _OVER.search(folded, 0, value.start))
    return not passage.is_question or (binding.is_sure and is_named)


def _is_theirs(folded: str, value: StatedAmount, piece: tuple[int, int]) -> bool:
    """True if an amount that the customer wrote is only taken up: "with R$ 500 you get two"."""
    return _HAVING.search(folded, 0, value.start) is not None or not _FEE.search(folded, *piece)


def _claim(amount: PlacedAmount) -> Claim:
    """Return what an amount claims: an instalment, or the first of its readings that the data bear out."""
    split = split_of(amount)
    return instalment(amount, split) if split is not None else _first_right(amount)


Reading = Callable[[PlacedAmount], Claim]


def _first_right(amount: PlacedAmount) -> Claim:
    """Return the first reading of an amount that the data bear out; where none is, the likeliest reading."""
    found = list[Claim]()
    for reading in _readings(amount):
        found.append(reading(amount))
        if found[-1].verdict in _RIGHT:
            return found[-1]
    return found[0]


def _readings(amount: PlacedAmount) -> list[Reading]:
    """Return how an amount may be read, the likeliest first: as a total, as a fee, as a price."""
    written = equation(amount.folded, amount.value.start)
    is_sum, is_fee, is_sure = written is not None or _is_total(amount), _is_fee(amount), amount.binding.is_sure
    readings = list[Reading]()
    if is_sum and not amount.is_summand:
        readings.append(partial(as_total, written=written))
    if is_fee or (amount.role == "from" and amount.passage.wide.topics & {"delivery", "minimum"}):
        readings.append(as_fee)
    if not readings:
        return [as_price, as_fee] if _FEE.search(amount.folded, *amount.piece) else [as_price]
    may_be_price = is_sure or amount.may_sum or amount.is_summand if is_fee else is_sure and not is_sum
    return [*readings, as_price] if may_be_price else readings


def _is_total(amount: PlacedAmount) -> bool:
    """True if the words before the amount in its clause, or right behind it, speak of a sum."""
    before = clause_before(amount.folded, amount.value)
    return _TOTAL.search(before) is not None or _TOTAL_AFTER.match(amount.folded, amount.value.end) is not None


def _is_fee(amount: PlacedAmount) -> bool:
    """True if a word of a fee stands nearer before the amount than a product, or right behind it."""
    folded, value, mentions = amount.folded, amount.value, amount.passage.mentions
    fees = [match.end() for match in _FEE.finditer(folded, amount.piece[0], value.start)]
    names = [one.end for one in mentions if one.end <= value.start and one.is_sure]
    if fees and fees[-1] > max(names, default=-1):
        return True
    if _FEE_AFTER.match(folded, value.end, value.end + 40):
        return True
    if mentions:
        return False
    comma = _COMMA.search(folded, value.end)
    clause = (clause_start(folded, value.start), comma.start() if comma else len(folded))
    return _FEE.search(folded, *clause) is not None or bool(amount.passage.own.places)
