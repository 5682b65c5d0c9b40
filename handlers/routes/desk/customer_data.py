"""What an owner does with all that is kept about a customer: take a copy, delete it, bring it back within 30 days.

The owner's password is asked once more for the first two.
"""

import logging
from typing import Any

from quart import Blueprint, Response, abort, request

from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from handlers.web.changes import note_change
from handlers.web.customer_pages import UNREADABLE, Rejected, find_customer, render_customer, render_customers
from handlers.web.downloads import TOO_MANY, download
from handlers.web.guards import refusal_of
from handlers.web.owner import only_owners
from handlers.web.password_check import check_password
from handlers.web.removal import set_user_aside
from handlers.web.responses import Answer, _, language, redirect_to, render_page, retry_after
from handlers.web.sessions import current_user
from memory.people import accounts, data_export, deleted
from memory.people.owners import LastOwner
from memory.storage.folders import StorageError
from memory.timestamps import stamp

log = logging.getLogger("storekeeper.admin")
customer_data = Blueprint("desk_customer_data", __name__, url_prefix="/admin")
customer_data.before_request(only_owners)


@customer_data.post("/customers/<name>/export")
async def export_data(name: str) -> Answer:
    """All that is kept about a user, as a zip; without their conversations where the owner may not read them."""
    services, folder = current_services(), await find_customer(name)
    if refused := await check_password((await request.form).get("password", "")):
        status, problem, seconds = refused
        page = await render_customer(folder, status, rejected=Rejected.field("export", problem, {}))
        return retry_after(page, seconds)
    account, now = await in_thread(accounts.load, folder), services.now()
    if account is None:
        return await render_customer(folder, 409, _(UNREADABLE))
    give_back = current_web().exports.take(current_user().name)
    if give_back is None:
        return await render_customer(folder, 429, _(TOO_MANY))
    speaks = current_web().languages.of(account.language) or language()
    has_words = services.settings.owner_reads_conversations
    note = speaks.gettext(data_export.NOTE if has_words else data_export.NOTE_WITHOUT_WORDS)
    try:
        pieces = await in_thread(data_export.make, folder, now, note, has_words=has_words)
    except OSError as error:
        give_back()
        log.error("export_failed", extra={"person": name, "error": str(error)})
        return await render_customer(folder, 503, _("The data couldn't be prepared right now. Please try again later."))
    log.info("person_exported", extra={"person": name, "by": current_user().name})
    await note_change(f"customer {name}: data exported")
    return download(pieces, give_back, "application/zip", f"{name}-{stamp(now)[:10]}.zip")


@customer_data.get("/customers/<name>/delete")
async def confirm_delete(name: str) -> Answer:
    """Ask whether the account is to be deleted, and for the owner's password."""
    await find_customer(name)
    return _confirmation(name)


def _confirmation(name: str, status: int = 200, **problem: Any) -> Response:
    return render_page("admin_delete.html", status, **{"name": name, "problems": {}, "problem": None} | problem)


@customer_data.post("/customers/<name>/delete")
async def delete(name: str) -> Answer:
    """Delete a user; for 30 days they can be restored."""
    folder = await find_customer(name)
    if name == current_user().name:
        return await render_customer(folder, 409, _("To delete your own account, use the Account page."))
    if refused := await check_password((await request.form).get("password", "")):
        status, problem, seconds = refused
        return retry_after(_confirmation(name, status, problems={"password": problem}), seconds)
    try:
        if not await set_user_aside(folder):
            abort(404)
    except (LastOwner, StorageError) as error:
        status, text, seconds = refusal_of(error)
        return retry_after(_confirmation(name, status, problem=text), seconds)
    log.info("person_deleted", extra={"person": name, "by": current_user().name})
    ends = current_services().now() + deleted.KEPT
    await note_change(f"customer {name}: deleted", after=f"can be restored until {stamp(ends)}")
    return redirect_to("/admin/customers?said=deleted")


@customer_data.post("/deleted/<user_id>/restore")
async def restore(user_id: str) -> Answer:
    """Bring a deleted user back as they were; 404 when there is none such any more, 409 when the name is used anew."""
    try:
        one = await in_thread(deleted.restore, current_services().users, user_id)
    except StorageError as error:
        status, text, seconds = refusal_of(error)
        return retry_after(await render_customers(status, text), seconds)
    if one is None:
        abort(404)
    log.info("person_restored", extra={"person": one.name, "by": current_user().name})
    await note_change(f"customer {one.name}: restored")
    return redirect_to(f"/admin/customers/{one.name}?said=restored")
