"""Claims of contacts and SKUs: each must stand in the shop's data as it is written."""

import re
from collections.abc import Iterator, Sequence

from shop.claims.hedges import is_denied, is_quoted
from shop.claims.subjects import Names
from shop.claims.values import Claim, Passage
from shop.products import Product

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s()<>\[\]\"'|]{3,300}", re.I)
_PHONE = re.compile(r"(?<![\w#,.$-])(?:\+ ?\d{1,3}[ -]?)?(?:\(0?\d{2,3}\) ?)?\d{2,5}(?:[ .-]\d{2,5}){1,4}(?![\w%-]|[.,/]\d)")
_ORDER = re.compile(r"\b(?:order|pedido|tracking|rastre\w+|isbn|ean|gtin|cep|cnpj|zip|code|codigo)\b[^.;]{0,24}$")


def contacts(passage: Passage, known: str) -> Iterator[Claim]:
    """Return the claims of e-mail addresses, telephone numbers and web addresses; `known` are the texts that may hold them."""
    taken = list[tuple[int, int]]()
    for start, end, written, is_known in _found(passage, known, taken):
        if is_denied(passage.folded, start) or is_quoted(passage.folded, start, end):
            continue
        if is_known:
            yield Claim("contact", written, start, end, "", "supported")
        else:
            true = _nearest(written, known)
            yield Claim("contact", written, start, end, "", "contradicted" if true else "unsupported", "", true)


def _found(passage: Passage, known: str, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int, str, bool]]:
    lowered = known.lower()
    for pattern in (_EMAIL, _ADDRESS):
        for match in pattern.finditer(passage.text):
            written = match[0].rstrip(".,;:!?)*_`")
            start, end = match.start(), match.start() + len(written)
            if not any(begin < end and start < stop for begin, stop in taken):
                taken.append((start, end))
                yield start, end, written, _stands(written.lower().rstrip("/"), lowered)
    phones = [_digits(match[0]) for match in _PHONE.finditer(known)]
    for match in _PHONE.finditer(passage.text):
        start, end = match.span()
        digits = _digits(match[0])
        if not 8 <= len(digits) <= 15 or any(begin < end and start < stop for begin, stop in taken):
            continue
        if re.fullmatch(r"\d{4}[-/.]\d{2}[-/.]\d{2}|\d{2}[-/. ]\d{2}[-/. ]\d{4}", match[0]) or _ORDER.search(passage.folded[max(0, start - 40) : start]):
            continue
        yield start, end, match[0], any(one.endswith(digits) or digits.endswith(one) for one in phones if len(one) >= 8)


def _stands(written: str, known: str) -> bool:
    """True if an address stands among the known ones whole, not as the beginning of another."""
    plain = re.sub(r"^https?://(?:www\.)?|^www\.", "", written)
    return re.search(rf"(?<![\w.+-]){re.escape(plain)}(?![\w@-]|\.\w)", known) is not None


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _nearest(written: str, known: str) -> str:
    """Return what of its kind the shop has, the first with the same beginning first."""
    pattern = _EMAIL if "@" in written else _ADDRESS if re.match("https?:|www", written, re.I) else _PHONE
    found = [match[0].rstrip(".,;:") for match in pattern.finditer(known)]
    if pattern is _PHONE:
        found = [one for one in found if 8 <= len(_digits(one)) <= 15]
    return max(found, key=lambda one: _alike(one, written), default="")


def _alike(one: str, other: str) -> int:
    return sum(a == b for a, b in zip(one, other, strict=False))


def addresses(products: Sequence[Product]) -> str:
    """Return the web addresses of products as text."""
    return "\n".join(product.url for product in products if product.url)


def skus(passage: Passage, names: Names) -> Iterator[Claim]:
    """Return the claims that a SKU exists; one that is denied, such as "there is no RED-099", is none."""
    for start, end, written, item in names.skus(passage.text):
        if item is not None:
            yield Claim("sku", written, start, end, item.sku, "supported", item.source)
        elif not is_denied(passage.folded, start) and not is_quoted(passage.folded, start, end):
            yield Claim("sku", written, start, end, written, "unsupported")
