"""The language that a user chooses: kept in their account, and in a cookie for visitors who are not logged in."""

from urllib.parse import unquote, urlsplit

from quart import Blueprint, abort, current_app, request

from handlers.services import in_thread
from handlers.web import sessions
from handlers.web.app import current_web
from handlers.web.responses import CHOSEN, Answer, redirect_to, set_own_cookie
from memory.people import accounts

choice = Blueprint("choice", __name__)

_YEAR_SECONDS = 365 * 24 * 3600


@choice.post("/language")
async def choose_language() -> Answer:
    """303 back to the page that the form was on, in the chosen language from now on; 404 for one that is not there."""
    chosen = current_web().languages.of((await request.form).get("language"))
    if chosen is None:
        abort(404)
    user = await sessions.authenticate()
    if user is not None:
        await in_thread(accounts.set_language, user.folder, chosen.code)
    answer = redirect_to(_back() or ("/login" if user is None else "/"))
    set_own_cookie(answer, CHOSEN, chosen.code, _YEAR_SECONDS)
    return answer


def _back() -> str | None:
    """Return the address of ours that the form was on, if it can be asked for with GET; None for any other."""
    referer = request.headers.get("Referer", "")
    try:
        parts = urlsplit(referer)
    except ValueError:
        return None
    is_ours = parts.netloc == request.host and referer.isascii() and referer.isprintable()
    if not is_ours or not current_app.url_map.bind("").test(unquote(parts.path), "GET"):
        return None
    return parts._replace(scheme="", netloc="", fragment="").geturl()
