"""The ways a notice goes: a mail over SMTP, and a POST to the webhook. Knows nothing of the outbox.

A host is looked up once, its addresses are checked, and the connection goes to one of them. Certificates are verified, save
on this machine. `NotSent` says why something was not taken, without an address: a webhook's may hold a secret.
"""

import asyncio
import hashlib
import hmac
import json
import re
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from addresses import MailServer, is_loopback, refusal_of_ip
from memory.i18n import N_
from memory.notices.outbox import Notice
from memory.timestamps import stamp
from settings import VERSION
from shop.destinations import AddressRefused, Destination, resolver_of

if TYPE_CHECKING:
    import aiosmtplib

SEND_SECONDS = 30.0
_MOST_SAID, _MOST_SUBJECT, _MOST_DISCORD = 200, 120, 2_000

UNREACHABLE = N_("The server couldn't be reached.")
TOO_SLOW = N_("The server didn't answer in time.")
NOT_TRUSTED = N_("The server's certificate isn't trusted.")
NO_TLS = N_("The mail server doesn't offer encryption (STARTTLS).")
BAD_PASSWORD = N_("The mail server refused the user name or the password.")
NOT_ACCEPTED = N_("The mail server didn't accept the message.")
NOT_TAKEN = N_("The webhook's server didn't accept the message.")
FORBIDDEN = N_("The address leads to a place where nothing is sent.")


class NotSent(Exception):
    """Something was not taken: a sentence of the catalogues, and what the other side said."""

    def __init__(self, sentence: str, said: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.said = sentence, " ".join(said.split())[:_MOST_SAID]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail in plain text. `id` is the same for each attempt to send it, so that a mail program shows it once."""

    to: tuple[str, ...]
    subject: str
    text: str
    id: str
    language: str


def message_of(mail: Mail, sender: str, shop: str, now: datetime) -> EmailMessage:
    """Return the mail with its headers; nothing in a text makes a header of its own."""
    message = EmailMessage(policy=MAIL_POLICY)
    user, _, domain = sender.rpartition("@")
    message["From"] = Address(_name(shop), user, domain)
    message["To"] = tuple(Address("", *to.rsplit("@", 1)) for to in mail.to)
    message["Subject"] = _line(mail.subject)[:_MOST_SUBJECT]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text.encode(errors="replace").decode(), cte="quoted-printable")
    message["Content-Language"] = mail.language  # what came before it, set_content would have taken away
    return message


def _name(shop: str) -> str:
    """Return the shop's name as that of a sender, without the signs that part addresses.

    They would have to stand in quotation marks, which the mail package loses where it breaks a long line.
    """
    return _line(_PARTING.sub(" ", _line(shop)[:_MOST_SUBJECT]))


_PARTING = re.compile(r'[<>()\[\]:;@,"\\]|(?<!\w)\.|\.(?!\w)')


def _line(text: str) -> str:
    """Return a text as one line that a header can hold.

    What begins an encoded word (RFC 2047) is taken apart: the mail package would read it, and write the line breaks in it.
    """
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.replace("=?", "= ?").split())


async def send_mail(server: MailServer, password: str, message: EmailMessage) -> None:
    """Hand a mail in. NotSent where the server does not take it for anybody."""
    import aiosmtplib

    try:
        async with asyncio.timeout(SEND_SECONDS):
            client = aiosmtplib.SMTP(
                hostname=server.host, sock=await _connected(server.host, server.port), use_tls=server.is_tls, start_tls=False, timeout=SEND_SECONDS,
                validate_certs=not is_loopback(server.host),
                local_hostname=str(message["From"].addresses[0].domain),
            )  # fmt: skip
            async with client:
                await _encrypt(client, server)
                if server.user and password:
                    await client.login(server.user, password)
                await client.send_message(
                    message,
                    sender=message["From"].addresses[0].addr_spec,
                    recipients=[one.addr_spec for one in message["To"].addresses],
                )
    except NotSent:
        raise
    except (TimeoutError, aiosmtplib.SMTPTimeoutError):
        raise NotSent(TOO_SLOW) from None
    except aiosmtplib.SMTPException as error:
        raise _mail_error(error) from None
    except (OSError, ValueError) as error:
        raise _network_error(error) from None


async def _encrypt(client: "aiosmtplib.SMTP", server: MailServer) -> None:
    """Use STARTTLS. NotSent where it is not offered by another machine."""
    if server.is_tls:
        return
    await client.ehlo()
    if client.supports_extension("starttls"):
        await client.starttls()
    elif not is_loopback(server.host):
        raise NotSent(NO_TLS)


def _mail_error(error: Exception) -> NotSent:
    import aiosmtplib

    said = f"{error.code} {error.message}" if isinstance(error, aiosmtplib.SMTPResponseException) else ""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return NotSent(BAD_PASSWORD, said)
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return NotSent(NOT_ACCEPTED, "; ".join(f"{one.code} {one.message}" for one in error.recipients))
    cause = error.__cause__ or error.__context__
    if isinstance(cause, OSError | ValueError):
        return _network_error(cause)
    if isinstance(error, aiosmtplib.SMTPConnectError | aiosmtplib.SMTPServerDisconnected):
        return NotSent(UNREACHABLE, said)
    return NotSent(NOT_ACCEPTED, said)


def _network_error(error: BaseException) -> NotSent:
    while error.__cause__ is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotSent(NOT_TRUSTED, error.verify_message)
    return NotSent(UNREACHABLE, str(getattr(error, "strerror", None) or ""))


async def _connected(host: str, port: int) -> socket.socket:
    """Connect to one of the addresses that a host stands for, each checked beforehand. NotSent, OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, place in found:
        if refusal := refusal_of_ip(str(place[0])):
            raise NotSent(FORBIDDEN, refusal)
    last = OSError(f"{host} has no address")
    for family, kind, proto, _, place in found:
        connection = socket.socket(family, kind, proto)
        connection.setblocking(False)
        try:
            await loop.sock_connect(connection, place)
            return connection
        except OSError as error:
            last = error
            connection.close()
        except BaseException:
            connection.close()
            raise
    raise last


def body_of(written: str, notice: Notice, shop: str, link: str) -> bytes:
    """Return what a webhook is sent: our own JSON, or a text as Slack or Discord read it. No text there calls anybody."""
    body: dict[str, Any]
    if written == "slack":
        text = "\n".join(filter(None, (f"*{shop}*", notice.text, link)))
        body = {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
    elif written == "discord":
        text = "\n".join(filter(None, (f"**{shop}**", notice.text, link)))
        body = {"content": text[:_MOST_DISCORD], "allowed_mentions": {"parse": []}}
    else:
        body = {
            "event": notice.event, "time": stamp(notice.time), "shop": shop, "text": notice.text,
            "details": dict(notice.details),
        }  # fmt: skip
    return json.dumps(body, ensure_ascii=False).encode(errors="replace")


def signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def post(address: str, body: bytes, secret: str | None, delivery: str) -> None:
    """POST to the webhook, signed where there is a secret. NotSent for any answer but a 2xx; no redirect is followed."""
    import aiohttp

    destination = Destination(address)
    headers = {
        "Content-Type": "application/json", "User-Agent": f"Storekeeper/{VERSION}", "X-Storekeeper-Delivery": delivery,
    }  # fmt: skip
    if secret:
        headers["X-Storekeeper-Signature"] = signature(secret, body)
    try:
        destination.check()
        connector = aiohttp.TCPConnector(resolver=resolver_of(destination), use_dns_cache=False, limit=1)
        timeout = aiohttp.ClientTimeout(total=SEND_SECONDS)
        async with (
            aiohttp.ClientSession(connector=connector, trust_env=False, timeout=timeout) as session,
            session.post(address, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            status = answer.status
    except AddressRefused as error:
        raise NotSent(FORBIDDEN, str(error)) from None
    except TimeoutError:
        raise NotSent(TOO_SLOW) from None
    except aiohttp.ClientConnectorCertificateError:
        raise NotSent(NOT_TRUSTED) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        refused = error.__cause__ or error.__context__
        raise (
            NotSent(FORBIDDEN, str(refused)) if isinstance(refused, AddressRefused) else NotSent(UNREACHABLE)
        ) from None
    if not 200 <= status < 300:
        raise NotSent(NOT_TAKEN, f"HTTP {status}")
