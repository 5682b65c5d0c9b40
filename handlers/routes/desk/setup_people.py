"""The first run's step that lets people in."""

import logging

from quart import Blueprint, request

from handlers.pages.hand_over import invitation_text
from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from handlers.web.changes import note_change
from handlers.web.owner import only_owners
from handlers.web.responses import Answer, _, language
from handlers.web.sessions import current_user
from handlers.web.settings_editing import save_settings
from handlers.web.setup_page import leave_step
from handlers.web.setup_people import render_people
from handlers.web.shop_address import shop_address
from memory.people import invites
from memory.storage.folders import StorageError
from memory.timestamps import stamp

log = logging.getLogger("storekeeper.admin")
setup_people = Blueprint("desk_setup_people", __name__, url_prefix="/admin/setup/people")
setup_people.before_request(only_owners)


@setup_people.post("")
async def choose_signup() -> Answer:
    """Set who may create an account; 303 to what comes next."""
    signup = (await request.form).get("signup", "")
    if signup not in ("closed", "invite", "open"):
        return await render_people(422, problems={"signup": _("Choose one of these.")})
    if signup != current_services().settings.signup and (refused := await save_settings({"signup": signup})):
        return await render_people(refused[0], problem=refused[1])
    return await leave_step("people", "done")


@setup_people.post("/invite")
async def invite() -> Answer:
    """Make an invitation, which is shown once; where sign-up is closed and the form says so, it is opened to invited people."""
    services, by = current_services(), current_user().name
    if services.settings.signup == "closed" and (await request.form).get("signup") != "invite":
        return await render_people(409, problem=_("Invitations are off, because sign-up is closed."))
    if services.settings.signup == "closed" and (refused := await save_settings({"signup": "invite"})):
        return await render_people(refused[0], problem=refused[1])
    try:
        token, made = await in_thread(invites.make, services.users, services.now(), invites.DAYS, by)
    except StorageError as error:
        return await render_people(503, problem=language().error_text(error))
    log.info("invited", extra={"by": by})
    await note_change("invitation: created", after=f"until {stamp(made.ends)}")
    link, speaks = f"{shop_address()}/signup?token={token}", current_web().languages.default
    return await render_people(
        link=link,
        ends=made.ends,
        message=invitation_text(speaks, current_services().settings.shop, link, made.ends),
        message_language=speaks,
    )
