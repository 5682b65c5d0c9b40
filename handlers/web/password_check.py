"""The password of the user who is logged in, asked once more before what cannot be taken back."""

import logging

from handlers.services import current_services
from handlers.web import login_limits
from handlers.web.app import current_web
from handlers.web.guards import refusal_of
from handlers.web.responses import _
from handlers.web.sessions import current_user
from memory.i18n import UserError
from memory.people import accounts, passwords

log = logging.getLogger("storekeeper.account")


async def check_password(password: str) -> tuple[int, str, int] | None:
    """Compare a password with that of the user who is logged in; None when it is theirs.

    Else how it is refused: a status, a sentence in the language of the request, the seconds of Retry-After (0: none).
    """
    services, user = current_services(), current_user()
    counted = (login_limits.of_session(user.session_id),)

    def compare() -> bool | int:
        now = services.now()
        if wait := services.attempts.take(counted, now):
            return wait
        is_right = accounts.verify(accounts.load(user.folder), password[: passwords.MOST_CHARS + 1])
        if is_right:
            services.attempts.give_back(counted, now, now)
        return is_right

    try:
        compared = await current_web().password_pool.run(compare)
    except UserError as error:
        return refusal_of(error)
    if compared is True:
        return None
    if compared is False:
        log.warning("password_refused", extra={"person": user.name})
        return 403, _("The current password is wrong. Nothing was changed."), 0
    return 429, _("Too many attempts. Please try again later."), compared
