"""What holds for every request and every answer: who may ask, and what a browser may do with it.

The rules are Go 1.25's for cross-origin requests, two notches stricter, and a Content-Security-Policy of nonces only:
with 'self', a script that somebody got into a fragment would run, since htmx makes a fragment's scripts anew.
"""

import secrets
from urllib.parse import urlsplit

from quart import Request, Response

_SAFE = {"GET", "HEAD", "OPTIONS"}
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Origins:
    """The addresses under which this server is itself."""

    def __init__(self, origin: str | None, host: str, port: int) -> None:
        self.is_https = origin is not None and origin.startswith("https://")
        if origin is not None:
            self._origins = {origin.lower()}
        else:
            names = (*_LOOPBACK, f"[{host}]" if ":" in host else host)
            self._origins = {f"http://{name}:{port}" for name in names}
            if port == 80:
                self._origins |= {f"http://{name}" for name in names}
        self._hosts = {urlsplit(known).netloc for known in self._origins}

    def knows_host(self, host: str) -> bool:
        """True if a request's Host is this server. Without a configured origin any port of loopback is (a tunnel's end)."""
        return host.lower() in self._hosts

    def allows(self, request: Request) -> bool:
        """True if a request may change something, or see something private, as what sent it goes."""
        if len(request.headers.getlist("Sec-Fetch-Site")) > 1 or len(request.headers.getlist("Origin")) > 1:
            return False
        site = request.headers.get("Sec-Fetch-Site")
        if request.method in _SAFE:
            is_visit = (
                request.headers.get("Sec-Fetch-Mode") == "navigate"
                and request.headers.get("Sec-Fetch-Dest") == "document"
            )
            return site in (None, "same-origin", "none") or is_visit
        if site is not None:
            return site in ("same-origin", "none")
        return request.headers.get("Origin", "").lower() in self._origins


def make_nonce() -> str:
    return secrets.token_urlsafe(16)


_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), browsing-topics=()"),
    ("X-Frame-Options", "DENY"),
)
"""What every answer carries, and nobody else sets: they are added as they are, without a look at those that are there."""


def protect(response: Response, nonce: str, *, is_https: bool) -> Response:
    """Put the headers on an answer of any kind, errors and Quart's own included."""
    headers = response.headers
    if "Content-Security-Policy" not in headers:
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self'; font-src 'self'; "
            "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
        )
        headers.add("Content-Security-Policy", policy)
    if is_https:
        headers.add("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    headers.extend(_HEADERS)
    if "Cache-Control" not in headers:
        headers.add("Cache-Control", "no-store")
    return response
