"""Claims of contacts and SKUs: each must stand in the shop's data as it is written."""

import re
from collections.abc import Iterator

from shop.claims.hedges import is_denied, is_quoted
from shop.claims.known_contacts import ADDRESS, EMAIL, PHONE, KnownContacts, digits
from shop.claims.subjects import Names
from shop.claims.values import Claim, RulePassage

_DATE = re.compile(r"\d{4}[-/.]\d{2}[-/.]\d{2}|\d{2}[-/. ]\d{2}[-/. ]\d{4}")
_ORDER = re.compile(r"\b(?:order|pedido|tracking|rastre\w+|isbn|ean|gtin|cep|cnpj|zip|code|codigo)\b[^.;]{0,24}$")


def contacts(passage: RulePassage, known: KnownContacts) -> Iterator[Claim]:
    """Return the claims of e-mail addresses, web addresses and telephone numbers."""
    taken = list[tuple[int, int]]()
    for start, end, written, is_known, others in _found(passage, known, taken):
        if is_denied(passage.folded, start) or is_quoted(passage.folded, start, end):
            continue
        if is_known:
            yield Claim("contact", written, start, end, "", "supported")
        else:
            true = max(others, key=lambda one: _alike(one, written), default="")
            yield Claim("contact", written, start, end, "", "contradicted" if true else "unsupported", "", true)


def _found(
    passage: RulePassage, known: KnownContacts, taken: list[tuple[int, int]]
) -> Iterator[tuple[int, int, str, bool, tuple[str, ...]]]:
    may_be = any(sign in passage.folded for sign in ("@", "://", "www."))
    for pattern, others in ((EMAIL, known.emails), (ADDRESS, known.addresses)) if may_be else ():
        for match in pattern.finditer(passage.text):
            written = match[0].rstrip(".,;:!?)*_`")
            start, end = match.start(), match.start() + len(written)
            if not any(begin < end and start < stop for begin, stop in taken):
                taken.append((start, end))
                yield start, end, written, _stands(written.lower().rstrip("/"), known.folded), others
    for match in PHONE.finditer(passage.text) if passage.has_number else ():
        start, end = match.span()
        if _is_phone(passage, match) and not any(begin < end and start < stop for begin, stop in taken):
            yield start, end, match[0], any(_is_same(match[0], one) for one in known.phones), known.phones


def _is_phone(passage: RulePassage, match: re.Match[str]) -> bool:
    """True if a number is long enough for a telephone's, and neither a date nor an order's."""
    if not 8 <= len(digits(match[0])) <= 15 or _DATE.fullmatch(match[0]):
        return False
    return _ORDER.search(passage.folded[max(0, match.start() - 40) : match.start()]) is None


def _is_same(one: str, other: str) -> bool:
    """True if two numbers are one, written with or without the codes of country and area."""
    return digits(one).endswith(digits(other)) or digits(other).endswith(digits(one))


def _stands(written: str, known: str) -> bool:
    """True if an address stands among the known ones whole, not as the beginning of another."""
    plain = re.sub(r"^https?://(?:www\.)?|^www\.", "", written)
    return re.search(rf"(?<![\w.+-]){re.escape(plain)}(?![\w@-]|\.\w)", known) is not None


def _alike(one: str, other: str) -> int:
    return sum(a == b for a, b in zip(one, other, strict=False))


def skus(passage: RulePassage, names: Names) -> Iterator[Claim]:
    """Return the claims that a SKU exists; one that is denied, such as "there is no RED-099", is none."""
    for start, end, written, item in names.skus(passage.text):
        if item is not None:
            yield Claim("sku", written, start, end, item.sku, "supported", item.source)
        elif not is_denied(passage.folded, start) and not is_quoted(passage.folded, start, end):
            yield Claim("sku", written, start, end, written, "unsupported")
