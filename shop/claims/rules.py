"""Claims of what the shop's rules say: times, percentages, what is free. Each is held against the texts' values of its kind."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from shop.claims.amounts import Day, Duration, Percent, StatedAmount, dates, durations, percents
from shop.claims.hedges import is_denied, is_quoted, is_supposed
from shop.claims.policies import Policies, Role, Value, fits, pieces, topic_of
from shop.claims.subjects import NamedProduct, Names
from shop.claims.topics import FREE, FROM
from shop.claims.values import Claim, Kind, RulePassage, Verdict, binding_of

_TIMED = frozenset(
    "delivery dispatch pickup returns refund exchange warranty damage boleto pix card giftcard restock reply unpaid attempt cancel service".split()
)
_RATED = frozenset("discount restocking pix refund tax instalment".split())
_FREE_THINGS = frozenset("delivery pickup label giftwrap exchange".split())
_SURE = 3.0
_COMMA = re.compile(r"[,;:(]\s|\b(?:and|e|mas|but)\b")
_OF_PLACES = {"purpose": frozenset({"delivery", "pickup"})}
"""What rules that name a place are about."""
_NO_LIMIT = re.compile(r"\b(?:ago|old|atras|every|a cada|desde)\b")
_AFTER = re.compile(r"\b(?:after|older than|apos|depois de|com mais de)[ :]*$")
_INSTALMENTS = re.compile(
    r"(?<![\w.,])(?P<n>\d{1,2}) ?(?:x|×|vezes|times|parcelas|inst?all?ments|interest-free (?:payments|inst?all?ments)|monthly payments)"
    r"(?= |$|[.,;:)])(?! ?(?:r?\$|€|£|\d|[a-z]{2,5}-\d))"
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say to a value: the verdict, where it stands, and the value that stands there instead."""

    verdict: Verdict
    source: str = ""
    true: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the shop's texts, asked for one turn."""

    policies: Policies
    names: Names

    def judge(self, value: Value, passage: RulePassage, bounds: tuple[int, int], role: Role = "amount") -> Judgement:
        """Return what the rules say to a value in the piece of its passage that speaks of it.

        A rule bears it out unless the clause itself speaks of another one; what contradicts it must also agree with what the
        piece and the sentences around it are about.
        """
        piece = passage.folded[slice(*bounds)]
        own = topic_of(piece)
        if own.places and "purpose" not in own.distinctions:
            own = replace(own, distinctions=own.distinctions | _OF_PLACES)
        topic = own.over(passage.own).over(passage.wide)
        rows = self._about(passage, piece)
        near = topic_of(_clause(passage.folded, value, bounds)).distinctions
        is_known = any(is_equal(value, fact.value) for fact in self.policies.of_kind.get(type(value), ()))
        found = fits(self.policies, type(value), topic, role, rows, self.names.about_rule)
        likely = found
        if near != topic.distinctions and (is_known or not found):
            likely = fits(
                self.policies, type(value), replace(topic, distinctions=near), role, rows, self.names.about_rule
            )
            found = found or likely
        about = topic.places[0][0] if topic.places else ""
        for fit in (*likely, *found) if is_known else ():
            if is_equal(value, fit.fact.value):
                return Judgement("supported", fit.fact.source, about=about)
        if found and found[0].score >= _SURE:
            best = found[0].fact
            return Judgement("contradicted", best.source, value_text(best.value, best.text), about)
        return Judgement("unsupported", about=about)

    def _about(self, passage: RulePassage, piece: str) -> frozenset[int]:
        named = self.names.about(piece) or self.names.about(passage.folded)
        return named or self.rows(item for way in passage.subject for item in way)

    def rows(self, items: Iterable[NamedProduct]) -> frozenset[int]:
        products = {id(item.product) for item in items}
        if not products:
            return frozenset()
        return frozenset(n for n, item in enumerate(self.names.items) if id(item.product) in products)


def _clause(folded: str, value: Value, bounds: tuple[int, int]) -> str:
    """Return the clause around a value, within its piece."""
    before = [match.end() for match in _COMMA.finditer(folded, bounds[0], value.start)]
    after = _COMMA.search(folded, value.end, bounds[1])
    return folded[before[-1] if before else bounds[0] : after.start() if after else bounds[1]]


def is_equal(value: Value, other: Value) -> bool:
    """True if a claimed value is the stated one."""
    match value, other:
        case StatedAmount(), StatedAmount():
            return value.minor == other.minor
        case Percent(), Percent():
            return value.hundredths == other.hundredths
        case Duration(), Duration():
            return value.fits(other)
        case Day(), Day():
            return (value.month, value.day) == (other.month, other.day)
    return False


def value_text(value: Value, written: str) -> str:
    """Return a value for the customer to read."""
    match value:
        case StatedAmount():
            return value.text if value.minor else "free"
        case Percent():
            return f"{value.hundredths / 100:g}%"
        case Duration():
            return _duration_text(value)
    return written


def _duration_text(value: Duration) -> str:
    unit, days = next(
        (unit, days)
        for unit, days in (("years", 720), ("months", 30), ("days", 1), ("hours", 1 / 24), ("minutes", 1 / 1440))
        if value.high >= days or unit == "minutes"
    )
    if unit == "years":
        unit, days = "months", 30
    low, high = round(value.low / days), round(value.high / days)
    return f"{high} {unit}" if low == high else f"{low}–{high} {unit}"


def timed(
    passage: RulePassage, rules: Rules, asked: Sequence[Duration], happened: Sequence[Duration]
) -> Iterator[Claim]:
    """Return the claims of times: of delivery, returns, refunds, warranties and what else a shop has rules for.

    A time of the customer's own that stands beside another, or after which something happened, is taken up, not claimed.
    """
    if not passage.has_number:
        return
    found = durations(passage.folded, bare=bool(passage.own.topics & _TIMED))
    for value, (start, end) in zip(found, pieces(passage.folded, found), strict=True):
        named = topic_of(passage.folded[start:end]).over(passage.own).over(passage.wide).topics
        if not named & _TIMED or _NO_LIMIT.search(passage.folded, value.end, min(end, value.end + 12)):
            continue
        if not _is_said(passage, value) or passage.is_question:
            continue
        judgement = rules.judge(value, passage, (start, end))
        is_theirs = (len(found) > 1 and _is_asked(value, asked)) or (
            _is_asked(value, happened) and _AFTER.search(passage.folded, 0, value.start)
        )
        if judgement.verdict == "supported" or not is_theirs:
            yield _claim("date", value, passage, judgement)
    for day in dates(passage.folded):
        if _is_said(passage, day) and not passage.is_question:
            yield _claim("date", day, passage, rules.judge(day, passage, (0, len(passage.folded))))


def _is_asked(value: Duration, asked: Sequence[Duration]) -> bool:
    return any((one.low, one.high) == (value.low, value.high) for one in asked)


def rated(passage: RulePassage, rules: Rules) -> Iterator[Claim]:
    """Return the claims of percentages: of discounts and fees; those of a fabric, say, are none.

    A discount that no text gives is a grant.
    """
    found = list(percents(passage.folded)) if passage.has_number else []
    for value, (start, end) in zip(found, pieces(passage.folded, found), strict=True):
        piece = passage.folded[start:end]
        if not topic_of(piece).over(passage.own).topics & _RATED or passage.is_question or not _is_said(passage, value):
            continue
        judgement = rules.judge(value, passage, (start, end))
        items = binding_of(passage, value.start, value.end).items
        if judgement.verdict != "supported" and any(_is_reduced_by(item, value) for item in items):
            judgement = Judgement("computed", items[0].source, about=items[0].sku)
        is_given = judgement.verdict == "unsupported" and "discount" in topic_of(piece).over(passage.own).topics
        yield _claim("grant" if is_given else "percent", value, passage, judgement)


def _is_reduced_by(item: NamedProduct, value: Percent) -> bool:
    rates = (100 * (old - price) / old for old in item.old_prices for price in item.prices if old)
    return any(abs(rate - value.hundredths / 100) < 1 for rate in rates)


def free(passage: RulePassage, rules: Rules) -> Iterator[Claim]:
    """Return the claims that something of the shop's service is free. What is free from some sum on is taken for true."""
    if passage.is_question:
        return
    for match in FREE.finditer(passage.folded):
        value = StatedAmount(match.start(), match.end(), 0)
        if not (passage.own.topics or passage.wide.topics) & _FREE_THINGS or not _is_said(passage, value):
            continue
        if FROM.search(passage.folded[max(0, match.start() - 30) : match.start()]):
            continue
        judgement = rules.judge(value, passage, (0, len(passage.folded)))
        if judgement.verdict != "unsupported":
            yield _claim("fee", value, passage, judgement)


def instalments(passage: RulePassage, rules: Rules) -> Iterator[Claim]:
    """Return the claims of how many instalments there may be."""
    most = rules.policies.instalments
    if most is None or not passage.has_number:
        return
    for match in _INSTALMENTS.finditer(passage.folded):
        if is_denied(passage.folded, match.start()) or passage.is_question:
            continue
        is_right = int(match["n"]) <= most
        text = passage.text[match.start() : match.end()]
        verdict: Verdict = "supported" if is_right else "contradicted"
        yield Claim("fee", text, match.start(), match.end(), "", verdict, "", "" if is_right else f"{most}x")


def _is_said(passage: RulePassage, value: Value) -> bool:
    folded, end = passage.folded, value.end
    return not (is_denied(folded, value.start) or is_quoted(folded, value.start, end) or is_supposed(folded, end))


def _claim(kind: Kind, value: Value, passage: RulePassage, judgement: Judgement) -> Claim:
    text = passage.text[value.start : value.end]
    return Claim(
        kind, text, value.start, value.end, judgement.about, judgement.verdict, judgement.source, judgement.true
    )
