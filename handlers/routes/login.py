"""Log in, log out, sign up."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quart import Blueprint, Response, request

from handlers.routes.language import adopt
from handlers.services import in_thread, services
from handlers.web import login_limits, sessions
from handlers.web.password_pool import PoolBusy
from handlers.web.responses import Answer, _, language, redirect_to, render_page
from memory.i18n import N_
from memory.people import accounts, passwords, signups
from memory.people.attempts import Attempts
from memory.people.passwords import BadPassword
from memory.people.throttle import RateLimit
from memory.storage.folders import StorageError
from memory.storage.users import NAME_RULE, NameTaken, Users, is_name

POOL_BUSY = N_("Too many people are logging in right now. Please try again in a moment.")

log = logging.getLogger("storekeeper.login")
login = Blueprint("login", __name__)


@login.get("/login")
async def show_login() -> Answer:
    """The login page, or the chat for who is logged in."""
    if await sessions.authenticate():
        return redirect_to("/")
    said = _("Your account has been deleted.") if request.args.get("said") == "deleted" else None
    return _login_page(first=await in_thread(services().users.is_empty), said=said)


@login.post("/login")
async def log_in() -> Answer:
    """303 to the chat; 401 with the page for a wrong name or password, which of them is not told.

    429 and Retry-After after too many failures, before anything is hashed; 503 when too many log in at once.
    """
    shared, form = services(), await request.form
    name, password = form.get("username", "")[:256], form.get("password", "")[: passwords.MOST_CHARS + 1]
    counted = login_limits.of_login(name)
    if wait := await in_thread(shared.attempts.wait_seconds, counted, shared.now()):
        return _later(name, wait)
    try:
        tried = await shared.hashing.run(_try, shared.users, shared.attempts, name, password, counted, shared.now())
    except PoolBusy:
        answer = _login_page(503, error=_(POOL_BUSY), name=name)
        answer.headers["Retry-After"] = "3"
        return answer
    except StorageError as error:
        return _login_page(503, error=language().told(error), name=name)
    if tried.wait_seconds:
        return _later(name, tried.wait_seconds)
    if tried.session_id is None:
        log.warning("login_failed")
        return _login_page(401, error=_("Wrong name or password."), name=name)
    sessions.set_cookie(name, tried.session_id)
    await adopt(shared.users.folder(name))
    log.info("login", extra={"person": name})
    entered = redirect_to("/")
    login_limits.remember(entered, name)
    return entered


@dataclass(frozen=True, slots=True)
class Tried:
    """What an attempt came to: a session, a wait, or neither."""

    session_id: str | None = None
    wait_seconds: int = 0


def _try(
    users: Users, attempts: Attempts, name: str, password: str, counted: tuple[RateLimit, ...], now: datetime
) -> Tried:
    """Count the attempt, then compare the password: the same steps for a name that nobody has. Blocks."""
    if wait := attempts.take(counted, now):
        return Tried(wait_seconds=wait)
    if is_name(name):
        session_id = accounts.log_in(users.folder(name), password, now)
    else:
        accounts.verify(None, password)
        session_id = None
    if session_id is not None:
        attempts.give_back(counted, now, now)
    return Tried(session_id)


def _later(name: str, seconds: int) -> Answer:
    log.warning("login_throttled")
    minutes = -(-seconds // 60)
    error = language().ngettext(
        "Too many attempts. Please try again in %(num)s minute.",
        "Too many attempts. Please try again in %(num)s minutes.",
        minutes,
    )
    answer = _login_page(429, error=error, name=name)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _login_page(
    status: int = 200, *, error: str | None = None, name: str = "", first: bool = False, said: str | None = None
) -> Response:
    return render_page("login.html", status, error=error, username=name[:64], first=first, said=said)


@login.post("/logout")
async def log_out() -> Answer:
    """303 to the login page; the session is closed on the server too."""
    await sessions.log_out(await sessions.authenticate())
    answer = redirect_to("/login")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@login.get("/signup")
async def show_signup() -> Answer:
    """The page for a new account: the first with the printed token, others with an invite or when signup is open."""
    shared, token = services(), request.args.get("token", "")
    if await in_thread(signups.allows, shared.users, shared.settings.signup, token, shared.now()):
        return render_page("signup.html", error=None, username="", **_rules(token))
    return _closed()


@login.post("/signup")
async def sign_up() -> Answer:
    """303 to the chat, logged in; 422 with the rule that name or password breaks, 403 when signup is closed."""
    shared, form = services(), await request.form
    name, password = form.get("username", ""), form.get("password", "")
    token = form.get("token") or request.args.get("token", "")

    def again(error: str, status: int = 422) -> Answer:
        return render_page("signup.html", status, error=error, username=name[:64], **_rules(token))

    if not is_name(name):
        if not await in_thread(signups.allows, shared.users, shared.settings.signup, token, shared.now()):
            return _closed()
        return again(_("Choose a name with %(rule)s.", rule=NAME_RULE))
    counted = (login_limits.of_address("signup"),)
    if wait := await in_thread(shared.attempts.wait_seconds, counted, shared.now()):
        return _asked_too_often(again, wait)
    try:
        await shared.hashing.run(
            signups.sign_up, shared.users, shared.settings.signup, token, name, password,
            shared.now(), shared.settings.limits.signups_per_hour,
        )  # fmt: skip
    except PoolBusy:
        answer = again(_(POOL_BUSY), 503)
        answer.headers["Retry-After"] = "3"
        return answer
    except signups.SignupClosed:
        return _closed()
    except signups.TooManySignups as error:
        answer = again(language().told(error), 429)
        answer.headers["Retry-After"] = "3600"
        return answer
    except NameTaken as error:
        if wait := await in_thread(shared.attempts.take, counted, shared.now()):
            return _asked_too_often(again, wait)
        return again(language().told(error))
    except BadPassword as error:
        return again(language().told(error))
    except StorageError as error:
        return again(language().told(error), 503)
    await sessions.log_in(name)
    await adopt(shared.users.folder(name))
    log.info("signup", extra={"person": name})
    answer = redirect_to("/")
    login_limits.remember(answer, name)
    return answer


def _rules(token: str) -> dict[str, Any]:
    return {"token": token, "rule": _(NAME_RULE), "password_rule": _(passwords.RULE)}


def _asked_too_often(again: Callable[[str, int], Answer], seconds: int) -> Answer:
    """Answer who has tried too many names that are taken: asking is how one learns who has an account."""
    answer = again(_("Too many of the names you tried are taken. Please try again later."), 429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _closed() -> Answer:
    text = _("You need an invitation from the shop. If you have one, it has been used or has expired.")
    return render_page("error.html", 403, title=_("Sign-up is closed"), text=text)
