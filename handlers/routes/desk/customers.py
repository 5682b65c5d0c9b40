"""The owner's pages of customers: their accounts, temporary passwords, budgets and sessions."""

import logging
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial

from quart import Blueprint, abort, request

from handlers.pages.dollars import read_dollars
from handlers.pages.hand_over import password_text
from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from handlers.web.changes import note_change
from handlers.web.customer_pages import UNREADABLE, Rejected, find_customer, render_customer, render_customers
from handlers.web.guards import refusal_of
from handlers.web.owner import only_owners
from handlers.web.password_check import check_password
from handlers.web.responses import Answer, _, redirect_to, render_page, retry_after
from handlers.web.sessions import current_user
from handlers.web.shop_address import shop_address
from memory.i18n import UserError
from memory.people import accounts, owners, passwords
from memory.people.accounts import Account
from memory.people.audit import MASKED
from memory.people.owners import LastOwner
from memory.storage.folders import Folder, StorageError
from memory.storage.users import NAME_RULE, is_name

log = logging.getLogger("storekeeper.admin")
customers = Blueprint("desk_customers", __name__, url_prefix="/admin/customers")
customers.before_request(only_owners)

_MOST_TOKENS = 10**12
_SHORT = re.compile(r"[0-9a-f]{16}")


@customers.get("")
async def show_users() -> Answer:
    """The users, a page of them, with what they used; the forms to add and to invite; users who were deleted lately."""
    return await render_customers()


@customers.post("")
async def add_user() -> Answer:
    """Make an account with a one-time password, which is shown once."""
    services, name = current_services(), (await request.form).get("username", "").strip()
    typed = {"username": name[:64]}
    if not is_name(name):
        wrong = _("Choose a name with %(rule)s.", rule=NAME_RULE)
        return await render_customers(422, rejected=Rejected.field("username", wrong, typed))
    password, now = passwords.make(), services.now()
    try:
        await current_web().password_pool.run(
            accounts.create, services.users, name, password, "customer", now, is_one_time=True
        )
    except UserError as error:
        status, text, seconds = refusal_of(error)
        rejected = Rejected.field("username", text, typed)
        return retry_after(await render_customers(status, rejected=rejected), seconds)
    log.info("person_added", extra={"person": name, "by": current_user().name})
    await note_change(f"customer {name}: added")
    return _show_password(name, password, now, None)


def _show_password(name: str, password: str, now: datetime, account: Account | None) -> Answer:
    """Show a one-time password, and a text for its customer, in the language that they chose, else in the shop's."""
    known, shop, address = current_web().languages, current_services().settings.shop, shop_address()
    speaks = known.of(account.language if account else None) or known.default
    text = _("Copy it now: it won't be shown again. %(name)s will choose a new one.", name=name)
    return render_page(
        "admin_secret.html",
        title=_("Password for %(name)s", name=name),
        text=text,
        ends=now + accounts.ONE_TIME,
        secret=password,
        secret_name=_("Temporary password"),
        address=address,
        message=password_text(speaks, shop, address, name, password, now + accounts.ONE_TIME),
        message_language=speaks,
        back=f"/admin/customers/{name}",
    )


@customers.get("/<name>")
async def show_user(name: str) -> Answer:
    """One user: their account, what they used, and what can be done."""
    return await render_customer(await find_customer(name))


@customers.post("/<name>/reset")
async def reset_password(name: str) -> Answer:
    """Set a one-time password for the user, shown once; all their sessions end. 403 without the owner's own password.

    It opens the account, also an owner's: a session alone must not become one that knows the password.
    """
    services, folder, password = current_services(), await find_customer(name), passwords.make()
    if refused := await check_password((await request.form).get("password", "")):
        status, problem, seconds = refused
        page = await render_customer(folder, status, rejected=Rejected.field("reset", problem, {}))
        return retry_after(page, seconds)
    account, now = await in_thread(accounts.load, folder), services.now()
    try:
        done = await current_web().password_pool.run(accounts.set_password, folder, password, now, is_one_time=True)
    except UserError as error:
        status, text, seconds = refusal_of(error)
        return retry_after(await render_customer(folder, status, text), seconds)
    if not done:
        return await render_customer(folder, 409, _(UNREADABLE))
    log.info("password_reset", extra={"person": name, "by": current_user().name})
    await note_change(f"customer {name}: temporary password", MASKED, MASKED)
    return _show_password(name, password, now, account)


@customers.post("/<name>/disable")
async def disable(name: str) -> Answer:
    """Disable the account: all its sessions and streams end."""
    if name == current_user().name:
        return await render_customer(await find_customer(name), 409, _("You can't disable your own account."))
    return await _change(name, "disabled", partial(owners.disable, current_services().users))


@customers.post("/<name>/enable")
async def enable(name: str) -> Answer:
    """Enable the account again, with its password."""
    return await _change(name, "enabled", accounts.enable)


@customers.post("/<name>/budget")
async def set_budget(name: str) -> Answer:
    """Set the user's own budget a day, in dollars and in tokens: 0 for none, nothing for the shop's.

    A field that was not sent stays as it is.
    """
    form, folder = await request.form, await find_customer(name)
    account = await in_thread(accounts.load, folder)
    usd, tokens = (account.daily_usd, account.daily_tokens) if account else (None, None)
    problems = dict[str, str]()
    if (typed := form.get("daily_usd", "").strip()) or "daily_usd" in form:
        usd = read_dollars(typed) if typed else None
        if typed and usd is None:
            problems["daily_usd"] = _("Enter an amount in US dollars, such as 0.50, or 0 for no limit.")
    if (typed := form.get("daily_tokens", "").strip().replace(",", "").replace("_", "")) or "daily_tokens" in form:
        is_count = typed.isascii() and typed.isdigit() and int(typed[:20]) <= _MOST_TOKENS
        if typed and not is_count:
            problems["daily_tokens"] = _("Enter a whole number of tokens, or 0 for no limit.")
        tokens = int(typed) if is_count else None
    if problems:
        kept = {field: form.get(field, "")[:64] for field in ("daily_usd", "daily_tokens")}
        return await render_customer(folder, 422, rejected=Rejected(problems, kept))
    before = _budget_in_words(account.daily_usd, account.daily_tokens) if account else ""
    return await _change(
        name, "budget", lambda folder: accounts.set_budget(folder, tokens, usd), before, _budget_in_words(usd, tokens)
    )


def _budget_in_words(usd: Decimal | None, tokens: int | None) -> str:
    """Return a budget for the list of changes."""
    parts = [] if usd is None else [f"US$ {usd:.2f}" if usd == round(usd, 2) else f"US$ {usd.normalize():f}"]
    parts += [] if tokens is None else [f"{tokens} tokens"]
    return ", ".join(parts) or "default"


@customers.post("/<name>/sessions/end")
async def end_all_sessions(name: str) -> Answer:
    """Log the user out everywhere."""
    return await _change(name, "ended-all", accounts.close_all)


@customers.post("/<name>/sessions/<short>/end")
async def end_session(name: str, short: str) -> Answer:
    """Log one browser of the user's out; one that is not there is logged out already."""
    if _SHORT.fullmatch(short) is None:
        abort(404)
    return await _change(name, "ended", lambda folder: accounts.close_named(folder, short))


_WORDS = {
    "ended-all": "logged out everywhere",
    "ended": "one browser logged out",
}
"""What a change is called in the list of changes, where that is another word than the page's."""


async def _change(name: str, event: str, change: Callable[[Folder], bool], before: str = "", after: str = "") -> Answer:
    """Change an account, note it, and say on its page what was done."""
    folder = await find_customer(name)
    try:
        done = await in_thread(change, folder)
    except (LastOwner, StorageError) as error:
        status, text, seconds = refusal_of(error)
        return retry_after(await render_customer(folder, status, text), seconds)
    if not done:
        return await render_customer(folder, 409, _(UNREADABLE))
    log.info(f"person_{event.replace('-', '_')}", extra={"person": name, "by": current_user().name})
    await note_change(f"customer {name}: {_WORDS.get(event, event)}", before, after)
    return redirect_to(f"/admin/customers/{name}?said={event}")
