"""Which rate limits an attempt to log in counts in: a browser that the user has used before has one of its own.

A login leaves a signed cookie with the user's name. It distinguishes the user's browser from all others, so that guessing
passwords from another one closes the rate limit of unknown browsers only, and never shuts the user out.
"""

import ipaddress
import secrets
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeTimedSerializer
from quart import current_app, request

from handlers.services import current_services
from handlers.web.app import current_web
from handlers.web.responses import Answer, set_own_cookie
from memory.people.throttle import RateLimit

DEVICE_SECONDS = 365 * 86_400
OF_A_DEVICE, OF_A_NAME, OF_AN_ADDRESS = 10, 20, 30
"""Failed attempts in ten minutes: of one known browser, of all unknown ones at one name, of one address."""


def of_login(name: str) -> tuple[RateLimit, ...]:
    """Return the rate limits of an attempt at this name, whether anybody has it or not."""
    device = _device_of(name)
    if device is not None:
        return (RateLimit(f"device {device}", OF_A_DEVICE),)
    return (RateLimit(f"name {name}", OF_A_NAME), of_address())


def of_address(what: str = "login") -> RateLimit:
    return RateLimit(f"{what} {address()}", OF_AN_ADDRESS)


def of_session(session_id: str) -> RateLimit:
    """Return the rate limit of a session in which the user's password is asked again."""
    return RateLimit(f"session {session_id}", OF_A_DEVICE)


def remember(answer: Answer, name: str) -> None:
    """Leave the cookie by which this browser is known as one that the user has used."""
    set_own_cookie(answer, _cookie(), _signer().dumps([name, secrets.token_urlsafe(12)]), DEVICE_SECONDS)


def address() -> str:
    """Return the client's address; of IPv6 the network of 64 bits, which is what one household has.

    What X-Forwarded-For says counts only from the proxy that the settings trust: the last address it tells that is not
    the proxy itself.
    """
    scope_client = request.scope.get("client")
    peer = str(scope_client[0]) if scope_client else ""
    proxy = current_services().settings.trusted_proxy
    if proxy is not None and _is_of(peer, proxy):
        forwarded = [
            part.strip() for header in request.headers.getlist("X-Forwarded-For") for part in header.split(",")
        ]
        peer = next((part for part in reversed(forwarded) if not _is_of(part, proxy)), peer)
    try:
        found = ipaddress.ip_address(peer)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _is_of(text: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(text) in ipaddress.ip_network(network)
    except ValueError:
        return False


def _device_of(name: str) -> str | None:
    """Return the nonce of the cookie, if it is this user's."""
    try:
        (whose, nonce), left = _signer().loads(request.cookies.get(_cookie(), "")[:512], return_timestamp=True)
    except (BadData, ValueError, TypeError):
        return None
    if datetime.now(UTC) - left > timedelta(seconds=DEVICE_SECONDS):  # one of a clock that was ahead counts
        return None
    return nonce if whose == name and isinstance(nonce, str) else None


def _signer() -> URLSafeTimedSerializer:
    assert current_app.secret_key is not None
    return URLSafeTimedSerializer(current_app.secret_key, salt="storekeeper device")


def _cookie() -> str:
    return "__Host-dev" if current_web().origins.is_https else "dev"
