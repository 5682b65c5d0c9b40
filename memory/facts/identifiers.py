"""Identifiers in a text by their form: documents, phones, postcodes, keys, codes. Pure.

It reads folded text: lower case, without accents (`values.fold`). Two spellings have one key: the letters and digits
without what separates them, so that a document with and without its points is one, whatever it was taken for.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_IBAN_LENGTHS = {
    "at": 20, "be": 16, "br": 29, "ch": 21, "cz": 24, "de": 22, "dk": 18, "es": 24, "fi": 18, "fr": 27, "gb": 22,
    "gr": 27, "hr": 21, "hu": 28, "ie": 22, "it": 27, "lt": 20, "lu": 20, "lv": 21, "mt": 31, "nl": 18, "no": 15,
    "pl": 28, "pt": 25, "ro": 24, "se": 24, "si": 19, "sk": 24, "tr": 26,
}  # fmt: skip
"""Characters of an IBAN by country; source: the SWIFT registry of IBANs."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """What was found: its kind, its key and where it ends."""

    kind: str
    key: str
    end: int


def read(text: str, at: int) -> Identifier | None:
    """Return the identifier of a known form that begins at a place; None if there is none."""
    return _first(_OF_LETTERS if text[at].isalpha() else _OF_FIGURES, text, at)


def read_code(text: str, at: int) -> Identifier | None:
    """Return the code that begins at a place: letters and figures together, or figures after a #."""
    return _first(_CODES, text, at)


def _first(forms: "tuple[_Form, ...]", text: str, at: int) -> Identifier | None:
    for kind, pattern, is_meant in forms:
        match = pattern.match(text, at)
        if match is not None and is_meant(match[0]):
            return Identifier(kind, key_of(match[0], kind), match.end())
    return None


def key_of(value: str, kind: str = "code") -> str:
    """Return the key: "number ..." where there are figures alone, else "code ..."."""
    plain = re.sub(r"[\W_]", "", value)
    if not plain.isdecimal():
        return f"code {plain}"
    if kind == "phone" and len(plain) in (12, 13) and plain.startswith("55"):
        plain = plain[2:]
    return f"number {plain}"


def _always(_: str) -> bool:
    return True


def _is_iban(value: str) -> bool:
    """True if its check digits are right (ISO 13616: the rest of a division by 97 is 1)."""
    plain = value.replace(" ", "")
    if len(plain) != _IBAN_LENGTHS.get(plain[:2]):
        return False
    return int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1


def _iban_form(country: str, length: int) -> str:
    groups, rest = divmod(length - 4, 4)
    last = rf"(?: ?[a-z\d]{{{rest}}})" if rest else ""
    return rf"{country}\d\d(?: ?[a-z\d]{{4}}){{{groups}}}{last}(?!\w)"


_Form = tuple[str, re.Pattern[str], Callable[[str], bool]]


def _compiled(*forms: tuple[str, str, Callable[[str], bool]]) -> tuple[_Form, ...]:
    return tuple((kind, re.compile(form), is_meant) for kind, form, is_meant in forms)


_NO_MORE = r"(?![\w])(?![.-]\d)"
_OF_FIGURES = _compiled(
    ("uuid", r"[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?!\w)", _always),
    ("invoice key", rf"\d{{4}}(?:[ .]?\d{{4}}){{10}}{_NO_MORE}", _always),
    ("payment slip", rf"\d{{5}}\.\d{{5}} \d{{5}}\.\d{{6}} \d{{5}}\.\d{{6}} \d \d{{14}}{_NO_MORE}", _always),
    ("cnpj", rf"[\da-z]{{2}}\.[\da-z]{{3}}\.[\da-z]{{3}}/[\da-z]{{4}}-\d\d{_NO_MORE}", _always),
    ("cpf", rf"\d{{3}}\.\d{{3}}\.\d{{3}}-\d\d{_NO_MORE}", _always),
    ("phone", rf"\+\d{{1,3}}(?:[ .-]?\(?\d{{1,5}}\)?){{1,6}}{_NO_MORE}", lambda value: len(re.sub(r"\D", "", value)) >= 8),
    ("phone", rf"(?:55 )?(?:\(0?\d\d\)|0?\d\d) ?-?(?:9[ .-]?)?\d{{4}}[ .-]\d{{4}}{_NO_MORE}", _always),
    ("phone", rf"\(\d\d\) ?9?\d{{8}}{_NO_MORE}", _always),
    ("phone", rf"(?:1[ -])?\(?\d{{3}}\)?[ .-]\d{{3}}[ .-]\d{{4}}{_NO_MORE}", _always),
    ("phone", rf"9[ .]?\d{{4}}[ .-]\d{{4}}{_NO_MORE}|\d{{4}}-\d{{4}}{_NO_MORE}|\d{{3}}-\d{{4}}{_NO_MORE}", _always),
    ("phone", rf"[29]\d\d \d{{3}} \d{{3}}{_NO_MORE}|0[38]00[ -]?\d{{3}}[ -]?\d{{4}}{_NO_MORE}", _always),
    ("phone", rf"0\d{{2,4}} \d{{3,4}} \d{{3,4}}{_NO_MORE}|0\d{{2,4}}[ /-]\d{{6,8}}{_NO_MORE}", _always),
    ("postcode", rf"\d{{5}}-\d{{3,4}}{_NO_MORE}|\d\d\.\d{{3}}-\d{{3}}{_NO_MORE}|\d{{4}}-\d{{3}}{_NO_MORE}", _always),
    ("card", rf"\d{{4}}(?: \d{{4}}){{2,4}}{_NO_MORE}", _always),
    ("number", rf"\d{{2,}}(?:-\d+){{1,6}}{_NO_MORE}", lambda value: len(re.sub(r"\D", "", value)) >= 7),
)  # fmt: skip
_OF_LETTERS = _compiled(
    ("uuid", r"[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?!\w)", _always),
    ("cnpj", rf"[\da-z]{{2}}\.[\da-z]{{3}}\.[\da-z]{{3}}/[\da-z]{{4}}-\d\d{_NO_MORE}", _always),
    ("iban", "|".join(_iban_form(*one) for one in _IBAN_LENGTHS.items()), _is_iban),
    ("postcode", r"(?:[a-z]\d{1,2}|[a-z]\d[a-z]|[a-z]{2}\d{1,2}|[a-z]{2}\d[a-z]) ?\d[a-z]{2}(?!\w)|[a-z]\d[a-z] \d[a-z]\d(?!\w)", _always),
    ("tracking", r"[a-z]{2} ?\d{9} ?[a-z]{2}(?!\w)|[a-z]{2}(?: \d{3}){3} [a-z]{2}(?!\w)", _always),
)  # fmt: skip
_CODES = _compiled(
    ("plate", r"[a-z]{3}[- ]?\d[a-z]\d\d(?![\w-])", _always),
    ("code", r"#?(?=[\w-]{0,40}\d)(?=[\d-]{0,40}[a-z_])[^\W_]\w*+(?:-\w++)*+(?:/\d+)?", _always),
    ("code", r"#\d++(?:-\d+)*", _always),
)  # fmt: skip
