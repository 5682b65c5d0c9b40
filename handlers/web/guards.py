"""What every request passes first, what every answer carries, and the tables of errors and their statuses."""

import logging
from functools import partial
from typing import cast

from quart import Quart, Response, abort, g, request
from werkzeug.exceptions import HTTPException

from handlers.logs import trace
from handlers.replies import incidents
from handlers.services import current_services, in_thread
from handlers.web import security, sessions
from handlers.web.app import current_web
from handlers.web.login_page import ended_session_page
from handlers.web.password_pool import PoolBusy
from handlers.web.responses import Answer, _, html, is_htmx, language, redirect_to, render_notice, render_page
from handlers.web.sessions import User
from handlers.web.uploads import LARGEST_BODY, Request
from memory.i18n import N_, UserError
from memory.people.accounts import BadEmail
from memory.people.owners import LastOwner
from memory.people.passwords import BadPassword
from memory.people.signups import TooManySignups
from memory.storage.folders import NotRegular, StorageError
from memory.storage.users import NameTaken

log = logging.getLogger("storekeeper")

PUBLIC = {
    "login.show_login",
    "login.log_in",
    "login.log_out",
    "login.show_signup",
    "login.sign_up",
    "resets.show_request",
    "resets.request_reset",
    "resets.show_reset",
    "resets.reset_password",
    "choice.choose_language",
    "static.healthz",
    "static.asset",
    "static.robots",
    "metrics.show_metrics",
}
"""The routes that need no login; every other one does."""

FIRST_STEPS = {"account.show_account", "account.change_password", "account.end_all_sessions"}
"""The routes open to a user with a one-time password, until they have set one of their own."""

STREAM = "stream.follow_reply"

REFUSALS: tuple[tuple[type[UserError], int, int], ...] = (
    (PoolBusy, 503, 3),
    (TooManySignups, 429, 3600),
    (BadPassword, 422, 0),
    (BadEmail, 422, 0),
    (NameTaken, 409, 0),
    (LastOwner, 409, 0),
    (StorageError, 503, 0),
)
"""For each error that a user is shown: the status, and the seconds of Retry-After, 0 for none. The first one counts."""

_ERRORS = {
    400: (N_("Bad request"), N_("The request couldn't be read.")),
    404: (N_("Page not found"), N_("There's nothing at this address.")),
    405: (N_("Method not allowed"), N_("This page doesn't accept that kind of request.")),
    408: (N_("Request timed out"), N_("Your request didn't arrive in time. Please try again.")),
    413: (N_("Too large"), N_("That's too much to send at once. Please shorten it.")),
    429: (N_("Too many requests"), N_("Please try again in a moment.")),
    503: (
        N_("Not available right now"),
        N_("The server couldn't save this. Nothing was changed; please try again in a moment."),
    ),
    500: (
        N_("Something went wrong"),
        N_("The server had an error. Your earlier messages are safe; please try again."),
    ),
}
_OTHER_ERROR = (N_("That didn't work"), N_("The server couldn't do this."))


def refusal_of(error: UserError) -> tuple[int, str, int]:
    """Return how an error is answered: a status, a sentence in the language of the request, the seconds of Retry-After.

    An error that is not in the table is raised.
    """
    for kind, status, retry_after in REFUSALS:
        if isinstance(error, kind):
            return status, language().error_text(error), retry_after
    raise error


def add_guards(app: Quart) -> None:
    """Have an application check every request, complete every answer, and explain every error."""
    app.before_request(check_request)
    app.after_request(protect_answer)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(StorageError, on_storage_error)
    app.register_error_handler(NotRegular, on_storage_error)
    app.register_error_handler(Exception, on_error)


async def check_request() -> Answer | None:
    """Return the answer that refuses a request; None for one that may go on to its route."""
    g.nonce = security.make_nonce()
    if request.url_rule is not None:
        trace().route = request.url_rule.rule
    if refused := _refuse_stranger():
        return refused
    if (request.content_length or 0) > LARGEST_BODY and not cast(Request, request).takes_file:
        abort(413)  # also where nobody would have looked at the body
    if request.endpoint in PUBLIC or request.endpoint is None:
        return None
    return await _check_user()


def _refuse_stranger() -> Answer | None:
    """Refuse a request for another host, or one that another site sent."""
    origins, hosts = current_web().origins, request.headers.getlist("Host")
    is_known = len(hosts) == 1 and origins.knows_host(hosts[0])
    if not is_known and request.endpoint != "static.healthz":  # asked by a monitor, under any name it knows
        log.warning("unknown_host")
        return html(_("This server isn't set up for that address. Its owner can set `origin` in settings.toml."), 421)
    if not origins.allows(request):
        log.warning("cross_origin_refused")
        return html(_("This request came from another site and was refused."), 403)
    return None


async def _check_user() -> Answer | None:
    """Find the user of the request; one with a one-time password may only set another."""
    user = await sessions.authenticate()
    if user is None:
        return await _rejection()
    g.user = user
    trace().user = user.name
    if user.account.one_time_until is not None and request.endpoint not in FIRST_STEPS:
        return reject_anonymous() if request.endpoint == STREAM else redirect_to("/account")
    cast(Request, request).on_form = partial(_check_again, user)
    return None


async def _check_again(before: User) -> None:
    """Refuse a form whose user has been logged out, or is no owner any more, by the time that it has come: that takes minutes at worst."""
    user = await sessions.authenticate()
    if user is None or (user.account.role, user.account.one_time_until) != (
        before.account.role,
        before.account.one_time_until,
    ):
        g.pop("user")
        abort(cast(Response, await _rejection()))
    g.user = user


async def _rejection() -> Answer:
    """Return the answer for a browser without a session; a message that it sent is carried to the login."""
    return reject_anonymous() if is_htmx() else await ended_session_page() or reject_anonymous()


def reject_anonymous() -> Answer:
    """Send a browser without a session to the login page. A stream is ended, since htmx would open it for ever."""
    if request.endpoint == STREAM and "text/event-stream" in request.headers.get("Accept", ""):
        return Response("event: done\ndata: done\n\n", content_type="text/event-stream; charset=utf-8")
    if is_htmx():
        return html("", 401, HX_Redirect="/login")
    return redirect_to("/login")


async def protect_answer(response: Response) -> Response:
    return security.protect(response, g.get("nonce", ""), is_https=current_web().origins.is_https)


async def on_http_error(error: HTTPException) -> Answer:
    """Explain a status, on a page or in a notice."""
    if g.get("user") is None and (user := await sessions.authenticate()):  # an unknown address: nobody was asked yet
        g.language = current_web().languages.of(user.account.language) or language()
    status = error.code or 500
    answer = _explain(status)
    for name, value in error.get_headers() if status in (405, 429) else ():
        if name.lower() in ("allow", "retry-after"):
            answer.headers[name] = value
    return answer


async def on_storage_error(error: StorageError | NotRegular) -> Answer:
    """Explain a disk that is full, read-only or broken: nothing was changed, and the same may succeed later."""
    log.critical("disk_failed", extra={"error": str(error)})
    if (user := g.get("user")) is not None:
        await in_thread(incidents.note_refused_write, current_services(), user.name, error)
    answer = _explain(503)
    answer.headers["Retry-After"] = "5"
    return answer


async def on_error(error: Exception) -> Answer:
    """Log an error that nobody expected, and explain it by the request's id."""
    log.error("request_failed", exc_info=error)
    return _explain(500, f" ({trace().id})")


def _explain(status: int, notice_end: str = "") -> Response:
    title, text = map(_, _ERRORS.get(status, _OTHER_ERROR))
    if is_htmx():
        return render_notice(text + notice_end, status)
    return render_page("error.html", status, title=title, text=text)
