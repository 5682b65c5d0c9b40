"""The session cookie's signature, checked once for each cookie that comes again and again."""

from functools import lru_cache

from quart import Quart, Response, g
from quart_auth import QuartAuth


class Cookies(QuartAuth):
    """quart-auth, which remembers what a cookie's signature said: to check it anew costs a tenth of a request.

    Only what was signed rightly is remembered. Whether the session still lasts is asked at every request, of
    account.toml, so a remembered cookie outlives nothing.
    """

    def init_app(self, app: Quart) -> None:
        super().init_app(app)
        self._remembered = lru_cache(maxsize=4096)(self._read)

    async def after_request(self, response: Response) -> Response:
        """Write the cookie where somebody logged in or out; most requests have not even looked at who is asking by it."""
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


class _Unsigned(Exception):
    """Raised past the cache, which keeps no exception."""
