"""Invitations: links that make one account each."""

import logging

from quart import Blueprint, abort, request

from handlers.pages.hand_over import invitation_text
from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from handlers.web.changes import note_change
from handlers.web.customer_pages import Rejected, render_customers
from handlers.web.owner import only_owners
from handlers.web.responses import Answer, _, language, redirect_to, render_page
from handlers.web.sessions import current_user
from handlers.web.shop_address import shop_address
from memory.people import invites
from memory.storage.folders import StorageError
from memory.timestamps import stamp

log = logging.getLogger("storekeeper.admin")
invitations = Blueprint("desk_invitations", __name__, url_prefix="/admin/invites")
invitations.before_request(only_owners)


@invitations.post("")
async def invite() -> Answer:
    """Make a link that makes one account; it is shown once."""
    services, typed = current_services(), (await request.form).get("days", str(invites.DAYS)).strip()[:16]
    if services.settings.signup == "closed":
        return await render_customers(409, _("Invitations are off, because sign-up is closed."))
    days = int(typed) if typed.isascii() and typed.isdigit() else 0
    if not 1 <= days <= invites.MOST_DAYS:
        wrong = _("An invitation can be valid for 1 to %(most)s days.", most=invites.MOST_DAYS)
        return await render_customers(422, rejected=Rejected.field("days", wrong, {"days": typed}))
    by = current_user().name
    try:
        token, made = await in_thread(invites.make, services.users, services.now(), days, by)
    except StorageError as error:
        return await render_customers(503, language().error_text(error))
    log.info("invited", extra={"by": by})
    await note_change("invitation: created", after=f"until {stamp(made.ends)}")
    link, speaks = f"{shop_address()}/signup?token={token}", current_web().languages.default
    text = _("Anyone with this link can create one account. Copy it now: it won't be shown again.")
    return render_page(
        "admin_secret.html",
        title=_("Invitation"),
        text=text,
        ends=made.ends,
        secret=link,
        secret_name=_("Link"),
        address="",
        message=invitation_text(speaks, services.settings.shop, link, made.ends),
        message_language=speaks,
        back="/admin/customers",
    )


@invitations.post("/<invite_id>/revoke")
async def revoke_invite(invite_id: str) -> Answer:
    """Take an invite back; 404 when there is none such."""
    if not await in_thread(invites.revoke, current_services().users, invite_id, current_services().now()):
        abort(404)
    log.info("invite_revoked", extra={"by": current_user().name})
    await note_change("invitation: revoked")
    return redirect_to("/admin/customers?said=revoked#invite-title")
