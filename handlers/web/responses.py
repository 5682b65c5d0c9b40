"""How a handler answers: pages, fragments, notices, redirects. The one place that knows htmx from a plain browser."""

import json
from datetime import datetime
from typing import Any

from quart import Response, g, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from handlers.logs import trace
from handlers.pages.languages import Language
from handlers.services import current_services
from handlers.web.app import current_web
from memory.i18n import Value

Answer = Response | WerkzeugResponse

CHOSEN = "language"
"""The cookie with the language that was chosen in this browser."""


def language() -> Language:
    """Return the language of this request's answer: the account's, else the one chosen here, else what the browser asks for."""
    if "language" not in g:
        user, known = g.get("user"), current_web().languages
        g.language = (
            known.of(user.account.language if user is not None else None)
            or known.of(request.cookies.get(CHOSEN))
            or known.negotiate(request.headers.get("Accept-Language", ""))
        )
    found: Language = g.language
    return found


def _(sentence: str, /, **values: Value) -> str:
    return language().gettext(sentence, **values)


def sees_details() -> bool:
    """True if who asks may see what a reply took and was made from: an owner, or everybody where the settings say so."""
    return _is_owner() or current_services().settings.details == "everyone"


def _is_owner() -> bool:
    user = g.get("user")
    return user is not None and bool(user.account.role == "owner")


def is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def html(body: str, status: int = 200, **headers: str) -> Response:
    response = Response(body, status, content_type="text/html; charset=utf-8")
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    response.timeout = None  # it is here already, whole: what bounds its way to a slow browser is the server's
    return response


def json_response(value: object) -> Response:
    """Answer a program with a value as JSON."""
    return Response(json.dumps(value), content_type="application/json")


def file_response(body: bytes, content_type: str, tag: str, caching: str) -> Response:
    """Return a file under this tag; 304 where the browser has it. `caching` is its Cache-Control."""
    has_it = request.if_none_match.contains_weak(tag)
    response = Response(status=304) if has_it else Response(body, content_type=content_type)
    response.headers["Cache-Control"] = caching
    response.set_etag(tag)
    return response


def render_page(template: str, status: int = 200, **values: Any) -> Response:
    """Answer with a whole page; it knows whether its reader is an owner of the shop."""
    values = {"is_owner": _is_owner(), "details": sees_details(), "setup_step": g.get("setup_step")} | values
    return html(
        current_web().pages.render(template, language(), nonce=g.nonce, request_id=_told_id(status), **values), status
    )


def _told_id(status: int) -> str | None:
    """Return the request's id where a user may be asked for it: after an error of the server."""
    return trace().id if status >= 500 else None


def retry_after(answer: Response, seconds: int) -> Response:
    """Add Retry-After to an answer; 0 seconds adds none."""
    if seconds:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def render_fragment(noun: str, status: int = 200, **values: Any) -> Response:
    return html(current_web().pages.fragment(noun, language(), details=sees_details(), **values), status)


def render_notice(text: str, status: int, *, resets: datetime | None = None, **headers: str) -> Response:
    """Answer an htmx request with a sentence for the user; what they typed stays where it is.

    `resets`: when the same may succeed; the contact stands beside it.
    """
    return html(
        current_web().pages.fragment("notice", language(), text=text, status=status, resets=resets), status, **headers
    )


def set_own_cookie(answer: Answer, name: str, value: str, seconds: int) -> None:
    """Set a cookie that only this server reads."""
    is_https = current_web().origins.is_https
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=is_https, httponly=True, samesite="Lax")


def redirect_to(path: str) -> Answer:
    """Send the browser to one of our own paths, to be fetched with GET."""
    if is_htmx():
        return html("", 200, HX_Redirect=path)
    return redirect(path, 303)
