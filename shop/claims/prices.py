"""Claims of money: prices, totals, fees and instalments."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from shop.claims.amounts import StatedAmount, money
from shop.claims.hedges import clause_start, is_denied, is_limit, is_quoted, is_supposed
from shop.claims.policies import pieces, role_of
from shop.claims.sums import NamedItem, candidates, differences, equation, gaps, numbers_stated, tallies
from shop.claims.till import Till, money_text, text_of, thresholds
from shop.claims.topics import FREE
from shop.claims.values import Binding, Claim, RulePassage, Verdict, binding_of
from shop.claims.wording import COUNT, number_of

_FEE = re.compile(
    r"\b(?:fees?|frete|taxas?|deliver\w*|shipping|ships?|postage|labels?|etiqueta|entrega|gift[ -]?wrap\w*|embrulho|pick[ -]?ups?|retirada|restocking|minim\w+"
    r"|boletos?|orders? (?:of|over|from|above)|pedidos? (?:de|acima|a partir)|compras (?:de|acima|a partir)|parcela minima|(?<!-)free|gratis|envio|(?:go|goes|send|sent|sends) to)\b"
)
_MAY_SUM = re.compile(
    r"\b(?:fica(?:m)?|sai|saem|da(?:ria)?|dao|resulta\w*|would be|brings? it to|bringing it to|pay|paga|wrapped|including|included|incluindo|with|com|that's|that is|makes|brings|it's|isso)\b"
)
_TOTAL_AFTER = re.compile(
    r"[*) ]*(?:in total|altogether|in all|together|total|ao todo|no total|for (?:all|both|everything)|all in|delivered)\b"
)
_TOTAL = re.compile(
    r"\b(?:total|totals|subtotal|sub-total|sum|soma|somando|somam|altogether|together|in all|comes? to|come out (?:at|to)|amounts? to|adds? up to|add up to|overall"
    r"|looking at|that makes|you're at|you are at|ao todo|juntos|juntas|tudo)\b|=\s*$"
)
_CLAUSE = re.compile(r"[;!?]|[.,]\s")
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
_AGAINST = re.compile(r"\b(?:against|versus|vs\.?|compared (?:to|with)|contra|than)[ :(]*$")
_GAP = re.compile(
    r"\b(?:cheaper|less|more than|difference|saves?|saving|diferenca|economi\w+|mais barat\w+|mais car\w+|a mais|a menos|another|faltam?|missing|still need|remaining|dearer|short|shy|more(?: (?:of|to|for|in|worth)\b|(?=\s*(?:[.,;)]|$)))|to reach|get back|minus|deduct\w*|leaves?|sobra\w*|restante)\b"
)
_APART = re.compile(
    r"[*) ]*(?:more|cheaper|less|dearer|apart|difference|de diferenca|a mais|a menos|mais (?:car|barat)\w+|(?:below|under|above|over|abaixo|acima) (?:the|its|d[oae]s?))\b"
)
_APART_BY = re.compile(r"\b(?:difference|diferenca|saves?|saving|economi\w+)\b[^.;!?\d]{0,24}$")
_OLD = re.compile(
    r"\b(?:was|were|before|previously|originally|reduced from|down from|instead of|rather than|regular(?:ly)?|normal(?:ly)?|antes|era|de|em vez de|list price)[ :,(]*$"
)
_STRUCK = "~~"
"""How Markdown strikes a price out: it is the one before."""
_INSTEAD = re.compile(r"\b(?:was|were|before|instead of|rather than|antes|em vez de)[ :,(]*$")
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


_RIGHT = ("supported", "computed")
MOST_AMOUNTS = 24
"""Amounts of one sentence that are looked at: what a sentence costs has a bound."""


def amounts(passage: RulePassage, till: Till) -> Iterator[Claim]:
    """Return the claims of money of a passage, in order; the ledger learns what was named and charged."""
    found = list(islice(money(passage.folded), MOST_AMOUNTS)) if passage.has_number else []
    own = _named(passage, till)
    paired = _respectively(passage, found)
    for n, (value, (start, end)) in enumerate(zip(found, pieces(passage.folded, found), strict=True)):
        binding = paired.get(n) or binding_of(passage, value.start, value.end)
        if not _is_claim(passage, value, binding, till, (start, end)):
            continue
        claim = _claim(passage, value, binding, till, own, (start, end))
        is_paid = claim.start == value.start and role_of(passage.folded, value) == "amount"
        if is_paid and not _is_unit(passage.folded, value):
            till.ledger.state(value.minor if claim.verdict in _RIGHT else _minor(claim.true))
        if claim.verdict == "unsupported" and value.minor in till.question and role_of(passage.folded, value) == "from":
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
    if not re.search(r"\b(?:respectively|respectivamente)\b", passage.folded):
        return {}
    return {n: Binding((mention.items,), True) for n, mention in enumerate(sure)}


def _is_claim(passage: RulePassage, value: StatedAmount, binding: Binding, till: Till, piece: tuple[int, int]) -> bool:
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
        return bool(is_named and re.search(r"\b(?:over|for the|for your|about)[ :]*$", folded[: value.start]))
    return not passage.is_question or (binding.is_sure and is_named)


def _is_theirs(folded: str, value: StatedAmount, piece: tuple[int, int]) -> bool:
    """True if an amount that the customer wrote is only taken up: "with R$ 500 you get two"."""
    return _HAVING.search(folded, 0, value.start) is not None or not _FEE.search(folded, *piece)


def _claim(
    passage: RulePassage,
    value: StatedAmount,
    binding: Binding,
    till: Till,
    own: list[NamedItem],
    piece: tuple[int, int],
) -> Claim:
    folded = passage.folded
    split = _SPLIT.search(folded, max(0, value.start - 60), value.start)
    is_part = _EACH_PART.search(folded, clause_start(folded, value.start), value.start) or _A_MONTH.match(
        folded, value.end
    )
    if split is None and is_part and role_of(folded, value) == "amount":
        split = _PARTS.search(folded)
    if split and _is_split(passage, value, binding, split, till):
        return _instalment(passage, value, binding, till, split)
    before = folded[_clause(folded, value.start) : value.start]
    is_gap = bool(_GAP.search(folded, max(0, value.start - 160), min(len(folded), value.end + 40))) or bool(
        _APART.match(folded, value.end)
    )
    written = equation(folded, value.start)
    is_fee = _is_fee(passage, value, piece)
    readings = list[Reading]()
    sums = _TOTAL.search(before) or _TOTAL_AFTER.match(folded, value.end) or written is not None
    if sums and not _is_summand(folded, value):
        readings.append(lambda: _total(passage, value, binding, till, own, written))
    if is_fee or (role_of(folded, value) == "from" and passage.wide.topics & {"delivery", "minimum"}):
        readings.append(lambda: _fee(passage, value, till, piece, is_gap))
    may_be_fee = not readings and _FEE.search(folded, *piece) is not None
    may_sum = is_gap or _MAY_SUM.search(before) is not None

    def is_computed() -> bool:
        return _is_computed(passage, value, binding, till, own, is_gap, may_sum)

    is_from = not sums and not is_fee and binding.is_sure
    if not readings or is_from or (is_fee and (binding.is_sure or may_sum or _is_summand(folded, value))):
        kind = "total" if may_sum else "price"
        readings.append(lambda: _price(passage, value, binding, till, piece, kind, is_computed))
    if may_be_fee:
        readings.append(lambda: _fee(passage, value, till, piece, is_gap))
    return _first_right(readings)


Reading = Callable[[], Claim]


def _first_right(readings: Sequence[Reading]) -> Claim:
    """Return the first reading of an amount that the data bear out; where none is, the likeliest reading."""
    found = list[Claim]()
    for reading in readings:
        found.append(reading())
        if found[-1].verdict in _RIGHT:
            return found[-1]
    return found[0]


def _clause(folded: str, place: int) -> int:
    begin = max(0, place - 80)
    return max((match.end() for match in _CLAUSE.finditer(folded, begin, place)), default=begin)


def _is_fee(passage: RulePassage, value: StatedAmount, piece: tuple[int, int]) -> bool:
    """True if a word of a fee stands nearer before the amount than a product, or right behind it."""
    folded = passage.folded
    fees = [match.end() for match in _FEE.finditer(folded, piece[0], value.start)]
    names = [one.end for one in passage.mentions if one.end <= value.start and one.is_sure]
    if fees and fees[-1] > max(names, default=-1):
        return True
    if re.match(
        r"[*) ]*(?:for |de |of )?(?:the )?(?:standard |expedited )?(?:delivery|shipping|frete|postage|fee|taxa|entrega)\b",
        folded[value.end : value.end + 40],
    ):
        return True
    comma = _COMMA.search(folded, value.end)
    clause = (clause_start(folded, value.start), comma.start() if comma else len(folded))
    return not names and not passage.mentions and (_FEE.search(folded, *clause) is not None or bool(passage.own.places))


def _same(value: StatedAmount, minor: int, till: Till) -> bool:
    return value.minor == minor and (not value.currency or not till.currency or value.currency == till.currency)


def _made(
    kind: str,
    value: StatedAmount,
    passage: RulePassage,
    verdict: Verdict,
    about: str = "",
    source: str = "",
    true: str = "",
) -> Claim:
    return Claim(kind, passage.text[value.start : value.end], value.start, value.end, about, verdict, source, true)  # type: ignore[arg-type]


def _fee(passage: RulePassage, value: StatedAmount, till: Till, piece: tuple[int, int], is_gap: bool) -> Claim:
    role = role_of(passage.folded, value)
    judgement = till.rules.judge(value, passage, piece, role)
    verdict, true = judgement.verdict, judgement.true
    if verdict != "supported" and (is_gap or passage.wide.topics & {"restocking", "label"}):
        items = binding_of(passage, value.start, value.end).items
        prices = [line.unit for line in till.ledger.lines if line.unit] + [
            price for item in items for price in item.prices
        ]
        computed = [round(price * rate / 10_000) for price in prices for rate in till.rates(passage)]
        if is_gap:
            computed += differences(till.ledger, thresholds(till))
            computed += [limit - spent for limit in thresholds(till) for spent in till.question]
        if value.minor in computed:
            verdict, true = "computed", ""
    if role == "amount":
        till.ledger.charge(_minor(true) if verdict == "contradicted" else value.minor)
    return _made("fee", value, passage, verdict, judgement.about, judgement.source, money_text(true, till))


def _minor(text: str) -> int:
    return int(re.sub(r"\D", "", text) or 0)


def _price(
    passage: RulePassage,
    value: StatedAmount,
    binding: Binding,
    till: Till,
    piece: tuple[int, int],
    kind: str,
    is_computed: Callable[[], bool],
) -> Claim:
    is_struck = passage.text.endswith(_STRUCK, 0, value.start)
    is_old = is_struck or _OLD.search(passage.folded, max(0, value.start - 24), value.start) is not None
    for item in binding.items:
        if any(_same(value, price, till) for price in item.prices) or (
            is_old and any(_same(value, old, till) for old in item.old_prices)
        ):
            if not is_old:
                till.ledger.name(item, None, value.minor)
            return _made("price", value, passage, "supported", item.sku, item.source)
    if is_computed():
        till.ledger.add_up(value.minor)
        return _made(kind, value, passage, "computed", binding.about)
    is_from = role_of(passage.folded, value) == "from" and not binding.is_sure
    is_other = _AGAINST.search(passage.folded, 0, value.start) or _is_summand(passage.folded, value)
    if not binding.ways or is_from or is_other:
        return _unbound(passage, value, till, piece)
    judgement = till.rules.judge(value, passage, piece, role_of(passage.folded, value))
    if judgement.verdict == "supported" and not binding.is_sure:
        till.ledger.charge(value.minor)
        return _made("price", value, passage, "supported", judgement.about, judgement.source)
    item = binding.ways[0][0]
    prices = (item.old_prices if is_old else ()) or item.prices
    if not prices:
        return _made(kind, value, passage, "unsupported", item.sku)
    return _made(kind, value, passage, "contradicted", item.sku, item.source, text_of(prices[0], till))


def _unbound(passage: RulePassage, value: StatedAmount, till: Till, piece: tuple[int, int]) -> Claim:
    """Return the claim of a price that stands by no product: it is right where a rule or any row of the turn has it."""
    judgement = till.rules.judge(value, passage, piece, role_of(passage.folded, value))
    if judgement.verdict == "supported":
        till.ledger.charge(value.minor)
        return _made("price", value, passage, "supported", judgement.about, judgement.source)
    each = {one.minor for one in money(passage.folded) if one.start != value.start}
    if any(value.minor == one * n for one in each for n in numbers_stated(passage.folded)):
        return _made("total", value, passage, "computed")
    for item in till.items:
        if any(_same(value, price, till) for price in item.prices):
            return _made("price", value, passage, "supported", item.sku, item.source)
    return _made(
        "price", value, passage, judgement.verdict, judgement.about, judgement.source, money_text(judgement.true, till)
    )


def _is_summand(folded: str, value: StatedAmount) -> bool:
    """True if the amount is one of a written sum, whose parts stand in any order."""
    return folded[: value.start].rstrip().endswith("+") or folded[value.end :].lstrip().startswith("+")


def _is_computed(
    passage: RulePassage,
    value: StatedAmount,
    binding: Binding,
    till: Till,
    own: list[NamedItem],
    is_gap: bool,
    may_sum: bool,
) -> bool:
    stated = numbers_stated(passage.folded)
    lines = own or till.ledger.lines[-1:]
    rates = till.rates(passage)
    singles = [line.unit for line in lines if line.unit]
    singles += [price for way in binding.ways[:1] for item in way for price in item.prices]
    made = [unit * n for unit in singles for n in stated | till.ledger.asked_numbers]
    made += [
        round(unit * (10_000 - rate) / 10_000)
        for unit in (*singles, *(total for total, _ in till.ledger.totals[-2:]))
        for rate in rates
    ]
    bases = (*singles, *(total for total, _ in till.ledger.totals[-2:]))
    made += [round(base * rate / 10_000) for base in bases for rate in rates]
    if is_gap and till.ledger.fees:
        prices = (*bases, *(price for item in binding.items for price in item.prices))
        made += [base - fee for base in prices for fee in (*till.ledger.fees, sum(till.ledger.fees))]
    if is_gap:
        is_apart = _APART.match(passage.folded, value.end) or _APART_BY.search(passage.folded, 0, value.start)
        later = [one.minor for one in money(passage.folded) if is_apart and one.start > value.start]
        made += differences(till.ledger, thresholds(till)) + gaps(till.ledger)
        made += [abs(one - other) for one in later for other in later]
        made += [abs(one - asked) for one in till.ledger.amounts[-1:] for asked in till.question]
    elif may_sum or len(own) > 1 or not own:
        made += candidates(till.ledger, own, frozenset(), rates)
    if is_gap or may_sum or not own or _is_second(passage, value):
        made += tallies(till.ledger)
    return any(abs(one - value.minor) <= 1 for one in made if one)


def _is_second(passage: RulePassage, value: StatedAmount) -> bool:
    """True if another amount stands between the last name and this one, which then need not be a price."""
    named = max((one.end for one in passage.mentions if one.end <= value.start), default=0)
    return any(named <= one.start < value.start for one in money(passage.folded[: value.start]))


def _total(
    passage: RulePassage, value: StatedAmount, binding: Binding, till: Till, own: list[NamedItem], written: int | None
) -> Claim:
    stated = numbers_stated(passage.folded)
    before = [
        line
        for line in own
        if any(one.end <= value.start and line.item.product == one.items[0].product for one in passage.mentions)
    ]
    found = candidates(till.ledger, before, stated, till.rates(passage))
    if len(before) != len(own):
        found += candidates(till.ledger, own, stated, till.rates(passage))
    found += tallies(till.ledger)
    if _GAP.search(passage.folded):
        found += differences(till.ledger, thresholds(till)) + gaps(till.ledger)
    about = binding.about
    if any(abs(one - value.minor) <= 1 for one in found):
        till.ledger.add_up(value.minor)
        return _made("total", value, passage, "computed", about)
    if written is not None and (written == value.minor or not found) and not till.ledger.lines:
        verdict: Verdict = "computed" if written == value.minor else "contradicted"
        return _made(
            "total", value, passage, verdict, about, "", "" if verdict == "computed" else text_of(written, till)
        )
    if not found:
        return _made("total", value, passage, "unsupported" if written is None else "contradicted", about)
    return _made("total", value, passage, "contradicted", about, "", text_of(found[0], till))


def _is_split(passage: RulePassage, value: StatedAmount, binding: Binding, split: re.Match[str], till: Till) -> bool:
    """True for instalments; "2 x R$ 189" is two things at their price, unless cards or interest are spoken of."""
    if split.re is _PARTS or split["of"] or not re.fullmatch(r"\d+ ?[x×] *", split[0]):
        return True
    prices = [price for item in binding.items for price in item.prices]
    times = number_of(split["n"])
    bases = (*prices, *(total for total, _ in till.ledger.totals))
    is_part = any(abs(times * value.minor - base) <= times for base in bases)
    return value.minor not in prices and (is_part or _CREDIT.search(passage.folded) is not None)


def _instalment(passage: RulePassage, value: StatedAmount, binding: Binding, till: Till, split: re.Match[str]) -> Claim:
    """Return the claim that something is paid in so many parts of so much; a part may be rounded by a cent."""
    times = number_of(split["n"])
    start = value.start if split.re is _PARTS else split.start("n")
    most = till.rules.policies.instalments
    bases = [price for item in binding.items for price in item.prices]
    bases += candidates(till.ledger, [], numbers_stated(passage.folded), till.rates(passage)) + [
        one for one, _ in till.ledger.totals
    ]
    text = passage.text[start : value.end]
    about = binding.about
    if most is not None and times > most:
        return Claim("price", text, start, value.end, about, "contradicted", "", f"{most}x")
    if any(abs(times * value.minor - base) <= times for base in bases):
        return Claim("price", text, start, value.end, about, "computed")
    if not bases:
        return Claim("price", text, start, value.end, about, "unsupported")
    return Claim("price", text, start, value.end, about, "contradicted", "", text_of(round(bases[0] / times), till))
