"""Addresses, and hours, that the owner sets: what they may be, and to which machines addresses may lead.

None may be link-local or one of those where clouds keep a machine's secrets, whatever its spelling or what its name stands
for. Nothing is looked up here.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_METADATA = {
    "metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal",
    "metadata.tencentyun.com",
}  # fmt: skip
"""Names by which clouds give a machine its credentials, where nobody looks up what they stand for: Google, Amazon, Tencent."""
_METADATA_NETWORKS = tuple(
    map(
        ipaddress.ip_network,
        ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::/32", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42"),
    )
)  # fmt: skip
"""Where they do so, besides what is link-local: Alibaba, Azure, Oracle; by IPv6 Amazon, Google, Oracle, Scaleway."""
_TRANSLATED = tuple(
    map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48"))
)
"""IPv6 addresses whose last 32 bits are the IPv4 address that a packet to them ends at: RFC 4291, 2765, 6052, 8215."""
_MAIL = re.compile(
    r"(?!.*=\?)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,253}\Z)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*"
)

HIDDEN = "***"

IP = ipaddress.IPv4Address | ipaddress.IPv6Address


class BadAddress(Exception):
    """An address that is not taken; str() ends the line "<the setting>: ..."."""


def is_loopback(host: str) -> bool:
    """True if a host, as an address names it, is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_of_the_machine(host: str) -> bool:
    """True if a host is link-local or a cloud's metadata service, in any spelling that a resolver takes."""
    try:
        address: IP = ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        try:
            address = ip_meant(host)
        except ValueError:
            return host in _METADATA
    return address.is_link_local or any(address in network for network in _METADATA_NETWORKS)


def ip_meant(text: str) -> IP:
    """Return the IP address that packets to one end at: of an IPv6 address that stands for an IPv4 one, that one.

    ValueError for what is none.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and int(address) > 1:
        if any(address in network for network in _TRANSLATED):
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.sixtofour or address
    return address


def is_public(host: str) -> bool:
    """True for an IP address of the public network."""
    try:
        return ip_meant(host).is_global
    except ValueError:
        return False


def refusal_of_ip(ip: str) -> str | None:
    """Return why no connection may go to an IP address that a name stands for, None where one may."""
    found = ip_meant(ip)
    if is_of_the_machine(str(found)) or found.is_multicast or found.is_unspecified:
        return f"It leads to {ip}, which is link-local or a cloud's own."
    return None


def check(address: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """Return the host of an address. BadAddress for what has no host, another scheme, or leads to the machine's secrets.

    Signs beyond ASCII are refused: clients read some of them as digits and full stops (UTS 46), and so as another host.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if re.search(r"[\s\x00-\x1f\x7f\\]", address):
        raise BadAddress("takes an address without blanks and backslashes.")
    if not host.isascii():
        raise BadAddress("takes a host in ASCII; of an international name its form that begins with xn--.")
    if not host or parts.scheme not in schemes:
        raise BadAddress(f"takes an address with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    if is_of_the_machine(host.partition("%")[0].rstrip(".")):
        raise BadAddress("is link-local, where clouds keep a machine's secrets; takes the address of a server.")
    return host


def check_model(address: str) -> None:
    """BadAddress for what is no model server's: as `check`, and a user or a password, beside which no key can be sent."""
    check(address)
    if "@" in urlsplit(address).netloc:
        raise BadAddress("takes no user and password; a key is in the variable that api_key_env names.")


def masked(address: str) -> str:
    """Return an address for people to see: user, password and query may be secrets, and are HIDDEN."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return HIDDEN
    _, user, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{HIDDEN}@{host}" if user else host, query=HIDDEN if parts.query else "").geturl()


def check_encrypted(address: str) -> None:
    """BadAddress for what is neither https:// nor, on this machine alone, http://."""
    if not is_loopback(check(address)) and not address.lower().startswith("https:"):
        raise BadAddress("takes an address with https://; http:// is for this machine only.")


def check_origin(text: str) -> None:
    """BadAddress for what is more, or less, than scheme, host and port."""
    try:
        parts = urlsplit(text)
        is_origin = bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        is_origin = False
    if not is_origin or re.fullmatch(r"https?://[^\s/?#@]+", text) is None:
        raise BadAddress('takes scheme, host and port only, such as "https://chat.example.com".')


def check_network(text: str) -> None:
    """BadAddress for what is neither an IP address nor a network."""
    try:
        ipaddress.ip_network(text or "127.0.0.1")
    except ValueError:
        raise BadAddress('takes an IP address, such as "127.0.0.1", or a network, such as "10.0.0.0/8".') from None


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in. `is_tls`: TLS from the first byte; else STARTTLS, which only this machine may do without."""

    host: str
    port: int
    user: str = ""
    is_tls: bool = False


def mail_server(address: str) -> MailServer:
    """Read "smtp://user@host:587" or "smtps://user@host". BadAddress for what is none, or holds a password."""
    host, parts = check(address, ("smtp", "smtps")), urlsplit(address)
    if parts.password is not None:
        raise BadAddress("takes no password, which is in STOREKEEPER_SMTP_PASSWORD.")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.port == 0:
        raise BadAddress('takes user, host and port only, such as "smtp://user@mail.example:587".')
    is_tls = parts.scheme == "smtps"
    return MailServer(host, parts.port or (465 if is_tls else 587), unquote(parts.username or ""), is_tls)


def check_hours(text: str) -> None:
    """BadAddress for what is not from one time of day to another, such as "22:00-07:00"."""
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", text) is None:
        raise BadAddress('takes two times of day, such as "22:00-07:00".')


def is_mail_address(text: str) -> bool:
    """True for a plain address such as ana@shop.example: no name beside it, no quotes, nothing that could split a header.

    None holds "=?", by which a header's encoded words begin (RFC 2047), with any line breaks in them.
    """
    return len(text) <= 254 and _MAIL.fullmatch(text) is not None
