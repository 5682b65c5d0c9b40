"""Log in, log out, sign up."""

import logging
from dataclasses import dataclass
from datetime import datetime

from quart import Blueprint, Response, g, request

from handlers.desk import setup
from handlers.services import current_services, in_thread
from handlers.web import login_limits, sessions
from handlers.web.app import current_web
from handlers.web.channel import has_mail
from handlers.web.chat_page import KEPT, render_chat_page
from handlers.web.guards import refusal_of
from handlers.web.login_page import render_login_page
from handlers.web.responses import Answer, _, language, redirect_to, render_page, retry_after
from memory.i18n import N_, UserError
from memory.people import accounts, passwords, signups
from memory.people.accounts import Account
from memory.people.attempts import Attempts
from memory.people.throttle import RateLimit
from memory.storage.folders import StorageError
from memory.storage.users import NAME_RULE, NameTaken, Users, is_name

log = logging.getLogger("storekeeper.login")
login = Blueprint("login", __name__)

_SAID = {
    "deleted": N_("Your account has been deleted."),
    "reset": N_("Password changed. Log in with the new one."),
}


@login.get("/login")
async def show_login() -> Answer:
    """The login page, or the chat for a user who is logged in."""
    if await sessions.authenticate():
        return redirect_to("/")
    said = _(_SAID.get(request.args.get("said", ""), "")) or None
    return render_login_page(first=await in_thread(current_services().users.is_empty), said=said)


@login.post("/login")
async def log_in() -> Answer:
    """303 to the chat, or the chat itself with a message that was carried here; 401 with the page for a wrong name or password, which of them is not revealed.

    429 and Retry-After after too many failures, before anything is hashed; 503 when too many log in at once.
    """
    services, form = current_services(), await request.form
    name, password = form.get("username", "")[:256], form.get("password", "")[: passwords.MOST_CHARS + 1]
    carried = form.get("content", "")
    counted = login_limits.of_login(name)
    if wait := await in_thread(services.attempts.wait_seconds, counted, services.now()):
        return _later(name, wait, carried)
    try:
        tried = await current_web().password_pool.run(
            _try, services.users, services.attempts, name, password, counted, services.now(), sessions.browser()
        )
    except UserError as error:
        status, text, seconds = refusal_of(error)
        return retry_after(render_login_page(status, error=text, name=name, carried=carried), seconds)
    if tried.wait_seconds:
        return _later(name, tried.wait_seconds, carried)
    if tried.session_id is None:
        log.warning("login_failed")
        return render_login_page(401, error=_("Wrong name or password."), name=name, carried=carried)
    sessions.set_cookie(name, tried.session_id)
    await sessions.save_browser_language(services.users.folder(name))
    log.info("login", extra={"person": name})
    entered = await _enter(name, tried.session_id, carried)
    login_limits.remember(entered, name)
    return entered


async def _enter(name: str, session_id: str, carried: str) -> Answer:
    """Lead to the chat; what was written before the session ended stands in its box again, and was not sent."""
    user = await sessions.find(current_services(), f"{name}.{session_id}") if carried else None
    if user is None or user.account.one_time_until is not None:
        return redirect_to("/")
    g.user = user
    g.pop("language", None)  # from here on it is the account's
    return await render_chat_page(typed=carried, problem=_(KEPT))


@dataclass(frozen=True, slots=True)
class LoginResult:
    """What an attempt came to: a session, a wait, or neither."""

    session_id: str | None = None
    wait_seconds: int = 0


def _try(
    users: Users,
    attempts: Attempts,
    name: str,
    password: str,
    counted: tuple[RateLimit, ...],
    now: datetime,
    browser: tuple[str, str],
) -> LoginResult:
    """Count the attempt, then compare the password: the same steps for a name that nobody has. Blocks."""
    if wait := attempts.take(counted, now):
        return LoginResult(wait_seconds=wait)
    if is_name(name):
        session_id = accounts.log_in(users.folder(name), password, now, browser)
    else:
        accounts.verify(None, password)
        session_id = None
    if session_id is not None:
        attempts.give_back(counted, now, now)
    return LoginResult(session_id)


def _later(name: str, seconds: int, carried: str) -> Answer:
    log.warning("login_throttled")
    minutes = -(-seconds // 60)
    error = language().ngettext(
        "Too many attempts. Please try again in %(num)s minute.",
        "Too many attempts. Please try again in %(num)s minutes.",
        minutes,
    )
    return retry_after(render_login_page(429, error=error, name=name, carried=carried), seconds)


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
    token = request.args.get("token", "")
    return _signup_page(200, token) if await _is_signup_allowed(token) else _closed()


@login.post("/signup")
async def sign_up() -> Answer:
    """303 to the chat, logged in, or for the first account to the first run; 422 with the rule that name or password breaks, 403 when signup is closed."""
    services, form = current_services(), await request.form
    name, password, email = form.get("username", ""), form.get("password", ""), form.get("email", "")[:255]
    token = form.get("token") or request.args.get("token", "")
    if not is_name(name):
        if not await _is_signup_allowed(token):
            return _closed()
        return _signup_page(422, token, name, _("Choose a name with %(rule)s.", rule=NAME_RULE), email)
    counted = (login_limits.of_address("signup"),)
    if wait := await in_thread(services.attempts.wait_seconds, counted, services.now()):
        return _asked_too_often(token, name, wait)
    try:
        accounts.check_email(email)
        account = await current_web().password_pool.run(
            signups.sign_up, services.users, services.settings.signup, token, name, password,
            services.now(), services.settings.limits.signups_per_hour,
        )  # fmt: skip
    except signups.SignupClosed:
        return _closed()
    except NameTaken as error:
        if wait := await in_thread(services.attempts.take, counted, services.now()):
            return _asked_too_often(token, name, wait)
        return _signup_page(422, token, name, language().error_text(error), email)
    except UserError as error:
        status, text, seconds = refusal_of(error)
        return retry_after(_signup_page(status, token, name, text, email), seconds)
    if email.strip():
        await in_thread(accounts.set_email, services.users.folder(name), email)
    await sessions.log_in(name)
    await sessions.save_browser_language(services.users.folder(name))
    log.info("signup", extra={"person": name})
    answer = redirect_to("/admin/setup" if await _is_led(account) else "/")
    login_limits.remember(answer, name)
    return answer


async def _is_led(account: Account) -> bool:
    """True for the first account, the owner's, who is led through the first run from here on."""
    if account.role != "owner":
        return False
    try:
        await in_thread(setup.begin, current_services().users)
    except StorageError as error:  # the account is there; the steps can be found without it
        log.warning("setup_not_begun", extra={"error": str(error)})
    return True


async def _is_signup_allowed(token: str) -> bool:
    services = current_services()
    return await in_thread(signups.allows, services.users, services.settings.signup, token, services.now())


def _signup_page(status: int, token: str, name: str = "", error: str | None = None, email: str = "") -> Response:
    return render_page(
        "signup.html",
        status,
        error=error,
        username=name[:64],
        token=token,
        email=email if has_mail() else None,
        rule=_(NAME_RULE),
        password_rule=_(passwords.RULE),
    )


def _asked_too_often(token: str, name: str, seconds: int) -> Answer:
    """Refuse a visitor who has tried too many names that are taken: asking is how one learns who has an account."""
    text = _("Too many of the names you tried are taken. Please try again later.")
    return retry_after(_signup_page(429, token, name, text), seconds)


def _closed() -> Answer:
    text = _("You need an invitation from the shop. If you have one, it has been used or has expired.")
    return render_page("error.html", 403, title=_("Sign-up is closed"), text=text)
