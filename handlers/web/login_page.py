"""The login page. A message that was sent after its session had ended goes with it, and comes back behind the login."""

from quart import Response, request

from handlers.web.app import web
from handlers.web.responses import render_page

CARRIED = frozenset(["chat.send_message", "chat.edit_message"])
"""The routes whose `content` a person has written."""


def render_login_page(
    status: int = 200,
    *,
    error: str | None = None,
    name: str = "",
    first: bool = False,
    said: str | None = None,
    carried: str = "",
) -> Response:
    """Answer with the login page; `carried` is what was written before, and is given to the login beside the password."""
    return render_page(
        "login.html", status, error=error, username=name[:64], first=first, said=said, carried=carried.strip("\n")
    )


async def ended_session_page() -> Response | None:
    """Return the login page that carries the message of this request; None if it has none, or never had a session.

    Only for a cookie that was signed here: a stranger's text is not shown to anybody.
    """
    if request.endpoint not in CARRIED or web().cookies.load_cookie() is None:
        return None
    written = (await request.form).get("content", "")
    return render_login_page(401, carried=written) if written.strip() else None
