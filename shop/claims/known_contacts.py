"""The contacts that stand in the shop's data: e-mail addresses, web addresses and telephone numbers, as they are written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s()<>\[\]\"'|]{3,300}", re.I)
PHONE = re.compile(
    r"(?<![\w#,.$-])(?:\+ ?\d{1,3}[ -]?(?:\d[ -])?)?(?:\(0?\d{2,3}\) ?)?\d{2,5}(?:[ .-]\d{2,5}){1,4}(?![\w%-]|[.,/]\d)"
)


@dataclass(frozen=True, slots=True)
class KnownContacts:
    """The texts that may hold contacts, in lower case, and the telephone numbers, addresses and e-mails in them."""

    folded: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    def and_of(self, texts: Iterable[str]) -> "KnownContacts":
        """Return these contacts with those of more texts."""
        more = known_contacts(texts)
        return KnownContacts(
            f"{self.folded}\n{more.folded}",
            self.phones + more.phones,
            self.emails + more.emails,
            self.addresses + more.addresses,
        )


def known_contacts(texts: Iterable[str]) -> KnownContacts:
    """Return the contacts that stand in these texts."""
    text = "\n".join(texts)
    phones = tuple(match[0] for match in PHONE.finditer(text) if 8 <= len(digits(match[0])) <= 15)
    emails = tuple(match[0].rstrip(".") for match in EMAIL.finditer(text))
    return KnownContacts(
        text.lower(), phones, emails, tuple(match[0].rstrip(".,;:") for match in ADDRESS.finditer(text))
    )


def digits(text: str) -> str:
    """Return the digits of a telephone number, without what is written between them."""
    return re.sub(r"\D", "", text)
