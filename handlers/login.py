"""Log in, log out, sign up."""

import asyncio
import logging

from quart import Blueprint, request

from handlers import people
from handlers.answers import Answer, page, see
from handlers.services import in_thread, services
from memory import accounts, signups
from memory.accounts import BadPassword
from memory.files import NAME_RULE, NameTaken, StorageError, is_name

log = logging.getLogger("storekeeper.login")
login = Blueprint("login", __name__)

# A hash takes 19 MiB and 25 ms of a core: two at a time leave the rest of the server alone.
_hashing = asyncio.Semaphore(2)


@login.get("/login")
async def show_login() -> Answer:
    """The login page, or the chat for who is logged in."""
    if await people.recognise():
        return see("/")
    return page("login.html", error=None, username="", first=await in_thread(services().users.is_empty))


@login.post("/login")
async def log_in() -> Answer:
    """303 to the chat; 401 with the page for a wrong name or password, which of them is not told."""
    form = await request.form
    name, password = form.get("username", ""), form.get("password", "")
    account = None
    if is_name(name):
        account = await in_thread(accounts.load, services().users.folder(name))
    async with _hashing:
        known = await in_thread(accounts.verify, account, password[:257])
    if not known:
        log.warning("login_failed")
        return page("login.html", 401, error="Name or password is wrong.", username=name[:64], first=False)
    await people.enter(name)
    log.info("login", extra={"person": name})
    return see("/")


@login.post("/logout")
async def log_out() -> Answer:
    """303 to the login page; the session is closed on the server too."""
    await people.leave(await people.recognise())
    answer = see("/login")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@login.get("/signup")
async def show_signup() -> Answer:
    """The page for a new account: for the first one with the printed token, for others when signup is open."""
    token = request.args.get("token", "")
    if await in_thread(signups.allows, services().users, services().settings.signup, token):
        return page(
            "signup.html", error=None, username="", token=token, rule=NAME_RULE, password_rule=accounts.PASSWORD_RULE
        )
    return _closed()


@login.post("/signup")
async def sign_up() -> Answer:
    """303 to the chat, logged in; 422 with the rule that name or password breaks, 403 when signup is closed."""
    shared, form = services(), await request.form
    name, password = form.get("username", ""), form.get("password", "")
    token = form.get("token") or request.args.get("token", "")

    def again(error: str, status: int = 422) -> Answer:
        return page(
            "signup.html", status, error=error, username=name[:64], token=token,
            rule=NAME_RULE, password_rule=accounts.PASSWORD_RULE,
        )  # fmt: skip

    if not is_name(name):
        if not await in_thread(signups.allows, shared.users, shared.settings.signup, token):
            return _closed()
        return again(f"A name has {NAME_RULE}.")
    try:
        async with _hashing:
            await in_thread(
                signups.sign_up, shared.users, shared.settings.signup, token, name, password,
                shared.now(), shared.settings.limits.signups_per_hour,
            )  # fmt: skip
    except signups.Closed:
        return _closed()
    except signups.TooMany as error:
        answer = again(str(error), 429)
        answer.headers["Retry-After"] = "3600"
        return answer
    except (BadPassword, NameTaken) as error:
        return again(str(error))
    except StorageError as error:
        return again(str(error), 503)
    await people.enter(name)
    log.info("signup", extra={"person": name})
    return see("/")


def _closed() -> Answer:
    return page(
        "error.html",
        403,
        title="Signing up is closed",
        text="The shop gives out accounts here. Please ask the shop for one.",
    )
