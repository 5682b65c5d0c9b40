"""The login page. A message that was sent after its session had ended goes with it, and comes back behind the login."""

from typing import cast

from quart import Response, request

from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from handlers.web.responses import render_page
from handlers.web.uploads import Request
from memory.people import accounts
from memory.storage.users import is_name

CARRIED = frozenset(["chat.send_message", "chat.edit_message"])
"""The routes whose `content` a user has written."""


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
        "login.html",
        status,
        error=error,
        username=name[:64],
        first=first,
        said=said,
        carried=carried.strip("\n"),
        has_mail=bool(current_services().settings.notify.smtp),
    )


async def ended_session_page() -> Response | None:
    """Return the login page that carries the message of this request; None if it has none, or no account had a session.

    Only for a cookie that was signed here: a stranger's text is not shown to anybody.
    """
    if request.endpoint not in CARRIED or not await _has_account(current_web().cookies.load_cookie()):
        return None
    try:
        written = (await request.form).get("content", "")
    finally:
        cast(Request, request).close_files()
    return render_login_page(401, carried=written) if written.strip() else None


async def _has_account(auth_id: str | None) -> bool:
    """True if the account is still there that a cookie was signed for."""
    name = (auth_id or "").partition(".")[0]
    return is_name(name) and await in_thread(accounts.load, current_services().users.folder(name)) is not None
