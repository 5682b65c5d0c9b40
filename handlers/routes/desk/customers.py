"""The owner's pages of customers: their accounts, invitations, budgets, conversations where they may be read."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from quart import Blueprint, Response, abort, request

from handlers.pages.conversation_page import load_page
from handlers.services import Services, current_services, in_thread, rendered
from handlers.web.app import current_web
from handlers.web.guards import refusal_of
from handlers.web.owner import only_owners
from handlers.web.photos import photo_response
from handlers.web.removal import remove_user
from handlers.web.responses import Answer, _, language, redirect_to, render_page, retry_after
from handlers.web.sessions import current_user
from memory.conversations import archive, listing
from memory.i18n import N_, UserError
from memory.people import accounts, invites, passwords
from memory.people.accounts import Account
from memory.storage.folders import Folder, StorageError
from memory.storage.users import NAME_RULE, is_name
from memory.usage import reports
from memory.usage.reports import Sum

log = logging.getLogger("storekeeper.admin")
customers = Blueprint("desk_customers", __name__, url_prefix="/admin")
customers.before_request(only_owners)

PAGE_USERS = 50
_MOST_TOKENS = 10**12
_MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One user in the list. `account` is None where account.toml cannot be read; `budget_tokens` 0 is no limit."""

    name: str
    account: Account | None
    today: Sum
    month: Sum
    budget_tokens: int


@customers.get("/customers")
async def show_users() -> Answer:
    """The users, a page of them, with what they used; the forms to add and to invite."""
    return await _people()


async def _people(status: int = 200, problem: str | None = None) -> Response:
    services = current_services()
    sought = request.args.get("q", "").strip()[:64]
    number = max(1, request.args.get("page", 1, type=int))
    names = [name for name in await in_thread(services.users.names) if sought in name]
    pages = max(1, -(-len(names) // PAGE_USERS))
    number = min(number, pages)
    shown_names = names[(number - 1) * PAGE_USERS : number * PAGE_USERS]
    return render_page(
        "admin_customers.html",
        status,
        rows=await in_thread(lambda: [_row(services, name) for name in shown_names]),
        count=len(names),
        number=number,
        pages=pages,
        sought=sought,
        signup=services.settings.signup,
        invites=await in_thread(invites.standing, services.users, services.now()),
        days=invites.DAYS,
        most_days=invites.MOST_DAYS,
        name_rule=NAME_RULE,
        problem=problem,
    )


def _row(services: Services, name: str) -> Row:
    folder = services.users.folder(name)
    account = accounts.load(folder)
    today, month = reports.of_user(folder, services.now())
    own_budget = account.daily_tokens if account else None
    budget = services.settings.budget.daily_tokens_per_user if own_budget is None else own_budget
    return Row(name, account, today, month, budget)


@customers.post("/customers")
async def add_user() -> Answer:
    """Make an account with a one-time password, which is shown once."""
    services, name = current_services(), (await request.form).get("username", "")
    if not is_name(name):
        return await _people(422, _("Choose a name with %(rule)s.", rule=NAME_RULE))
    password = passwords.make()
    try:
        await current_web().password_pool.run(
            accounts.create, services.users, name, password, "customer", services.now(), is_one_time=True
        )
    except UserError as error:
        status, text, seconds = refusal_of(error)
        return retry_after(await _people(status, text), seconds)
    log.info("person_added", extra={"person": name, "by": current_user().name})
    return _show_password(name, password)


def _show_password(name: str, password: str) -> Answer:
    text = _(
        "Temporary password for %(name)s. Copy it now: it won't be shown again. "
        "It expires in %(days)s days; %(name)s will choose a new one.",
        name=name, days=accounts.ONE_TIME.days,
    )  # fmt: skip
    return render_page("secret.html", title=_("Password for %(name)s", name=name), text=text, secret=password)


@customers.post("/invites")
async def invite() -> Answer:
    """Make a link that makes one account; it is shown once."""
    services, days = current_services(), (await request.form).get("days", invites.DAYS, type=int)
    if services.settings.signup == "closed":
        return await _people(409, _('Invitations are off: signup = "closed" in settings.toml.'))
    if not 1 <= days <= invites.MOST_DAYS:
        return await _people(422, _("An invitation can be valid for 1 to %(most)s days.", most=invites.MOST_DAYS))
    try:
        token, made = await in_thread(invites.make, services.users, services.now(), days)
    except StorageError as error:
        return await _people(503, language().told(error))
    log.info("invited", extra={"by": current_user().name})
    link = f"{services.settings.origin or f'http://{request.host}'}/signup?token={token}"  # the guard knows the host
    text = _(
        "Anyone with this link can create one account. Copy it now: it won't be shown again. Expires %(time)s.",
        time=language().moment(made.ends),
    )
    return render_page("secret.html", title=_("Invitation"), text=text, secret=link)


@customers.post("/invites/<invite_id>/revoke")
async def revoke_invite(invite_id: str) -> Answer:
    """Take an invite back; 404 when there is none such."""
    if not await in_thread(invites.revoke, current_services().users, invite_id, current_services().now()):
        abort(404)
    return redirect_to("/admin/customers")


async def _folder(name: str) -> Folder:
    """Return the folder of a user there is; else the answer is 404."""
    if not is_name(name):
        abort(404)
    folder = current_services().users.folder(name)
    if not await in_thread(folder.path.is_dir):
        abort(404)
    return folder


@customers.get("/customers/<name>")
async def show_user(name: str) -> Answer:
    """One user: their account, what they used, and what can be done."""
    return await _user(await _folder(name))


async def _user(folder: Folder, status: int = 200, problem: str | None = None) -> Response:
    services = current_services()
    return render_page(
        "admin_customer.html",
        status,
        row=await in_thread(_row, services, folder.name),
        is_self=folder.name == current_user().name,
        reads=services.settings.owner_reads_conversations,
        kept=await in_thread(listing.set_aside, folder, count=_MOST_LISTED)
        if services.settings.owner_reads_conversations
        else [],
        problem=problem,
    )


@customers.post("/customers/<name>/reset")
async def reset_password(name: str) -> Answer:
    """Set a one-time password for the user, shown once; all their sessions end."""
    services, folder, password = current_services(), await _folder(name), passwords.make()
    try:
        done = await current_web().password_pool.run(
            accounts.set_password, folder, password, services.now(), is_one_time=True
        )
    except UserError as error:
        status, text, seconds = refusal_of(error)
        return retry_after(await _user(folder, status, text), seconds)
    if not done:
        return await _user(folder, 409, _(_UNREADABLE))
    log.info("password_reset", extra={"person": name, "by": current_user().name})
    return _show_password(name, password)


_UNREADABLE = N_("This customer's account.toml can't be read. Nothing was changed.")


@customers.post("/customers/<name>/disable")
async def disable(name: str) -> Answer:
    """Disable the account: all its sessions and streams end."""
    if name == current_user().name:
        return await _user(await _folder(name), 409, _("You can't disable your own account."))
    return await _change(name, "disabled", accounts.disable)


@customers.post("/customers/<name>/enable")
async def enable(name: str) -> Answer:
    """Enable the account again, with its password."""
    return await _change(name, "enabled", accounts.enable)


@customers.post("/customers/<name>/budget")
async def set_budget(name: str) -> Answer:
    """Set the user's own budget of tokens a day: 0 for none, nothing for the shop's."""
    text = (await request.form).get("daily_tokens", "").strip().replace(",", "").replace("_", "")
    if text and not (text.isascii() and text.isdigit() and int(text[:20]) <= _MOST_TOKENS):
        return await _user(await _folder(name), 422, _("Enter a whole number of tokens, or 0 for no limit."))
    return await _change(
        name, "budget_set", lambda folder: accounts.set_daily_tokens(folder, int(text) if text else None)
    )


async def _change(name: str, event: str, change: Callable[[Folder], bool]) -> Answer:
    folder = await _folder(name)
    try:
        done = await in_thread(change, folder)
    except StorageError as error:
        return await _user(folder, 503, language().told(error))
    if not done:
        return await _user(folder, 409, _(_UNREADABLE))
    log.info(event, extra={"person": name, "by": current_user().name})
    return redirect_to(f"/admin/customers/{name}")


@customers.get("/customers/<name>/delete")
async def confirm_delete(name: str) -> Answer:
    """Ask whether the account is to be deleted."""
    await _folder(name)
    return render_page(
        "confirm.html",
        title=_("Delete %(name)s?", name=name),
        text=_("The account and all its conversations, memory and usage will be permanently deleted."),
        action=f"/admin/customers/{name}/delete",
        button=_("Delete permanently"),
    )


@customers.post("/customers/<name>/delete")
async def delete(name: str) -> Answer:
    """Delete a user and all that is remembered of them, for good."""
    folder = await _folder(name)
    if name == current_user().name:
        return await _user(folder, 409, _("To delete your own account, use the Account page."))
    try:
        await remove_user(folder)
    except StorageError as error:
        return await _user(folder, 503, language().told(error))
    log.info("person_deleted", extra={"person": name, "by": current_user().name})
    return redirect_to("/admin/customers")


@customers.get("/customers/<name>/files/<file>")
async def show_photo(name: str, file: str) -> Answer:
    """A photo that a user sent, where the owner may read conversations; else 404."""
    if not current_services().settings.owner_reads_conversations:
        abort(404)
    return await photo_response(await _folder(name), file)


@customers.get("/customers/<name>/conversation")
async def read_conversation(name: str) -> Answer:
    """A user's conversation, where the settings let the owner read it and the chat page says so; else 404."""
    services = current_services()
    if not services.settings.owner_reads_conversations:
        abort(404)
    folder = await _folder(name)
    of = request.args.get("of", "")
    place = await in_thread(archive.find, folder, of) if of else folder
    if place is None:
        abort(404)
    before = request.args.get("before", type=int)
    view = replace(await in_thread(load_page, place, before), is_own=False)
    log.info("conversation_read", extra={"person": name, "by": current_user().name})
    return render_page(
        "admin_conversation.html",
        name=name,
        of=of,
        bubbles=await rendered(view.is_long, view.bubbles, language(), is_newest=False),
        more_before=view.more_before,
    )
