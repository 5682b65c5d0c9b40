"""The session cookie: what it is called, how it is signed, and Quart's own, which is not used."""

from functools import lru_cache

from quart import Quart, Response, g
from quart.sessions import NullSession, SecureCookieSessionInterface
from quart.wrappers.base import BaseRequestWebsocket
from quart_auth import QuartAuth

from memory.people import accounts


class NoSession(SecureCookieSessionInterface):
    """Quart's own cookie session, which is not used: sessions are kept in account.toml."""

    def __init__(self) -> None:
        self._none = NullSession()

    async def open_session(self, app: Quart, request: BaseRequestWebsocket) -> NullSession:
        return self._none  # one for all requests: Quart would make one for each


class Cookies(QuartAuth):
    """quart-auth, which remembers what a cookie's signature said: to check it anew costs a tenth of a request.

    Only what was signed rightly is remembered. Whether the session still lasts is asked at every request, of
    account.toml, so a remembered cookie outlives nothing.
    """

    def init_app(self, app: Quart) -> None:
        super().init_app(app)
        self._remembered = lru_cache(maxsize=4096)(self._read)

    def use(self, *, is_https: bool) -> None:
        """Set and read the cookies of this kind of address from now on: with https:// they are never sent without it."""
        self.cookie_name = "__Host-sid" if is_https else "sid"
        self.cookie_secure = is_https

    async def after_request(self, response: Response) -> Response:
        """Write the cookie after a login or a logout; most requests have not even read it."""
        return await super().after_request(response) if hasattr(g, self.attribute_name or "") else response

    def load_token(self, token: str, app: Quart | None = None) -> str | None:
        """Return what the cookie's text was signed for, None for what was not signed here."""
        try:
            return self._remembered(token)
        except _Unsigned:
            return None

    def _read(self, token: str) -> str:
        found = super().load_token(token)
        if found is None:
            raise _Unsigned
        return found


def make_cookies(app: Quart, *, is_https: bool) -> Cookies:
    cookies = Cookies(
        cookie_http_only=True,
        cookie_samesite="Lax",
        cookie_path="/",
        duration=int(accounts.ABSOLUTE.total_seconds()),
        salt="storekeeper session",
    )
    cookies.use(is_https=is_https)
    cookies.init_app(app)
    return cookies


class _Unsigned(Exception):
    """Raised past the cache, which keeps no exception."""
