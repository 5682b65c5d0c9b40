"""A customer's conversations and photos, where the settings let the owner read them and the chat page says so; else 404."""

import logging
from dataclasses import replace

from quart import Blueprint, abort, request

from handlers.pages.conversation_page import load_page
from handlers.services import current_services, in_thread, rendered
from handlers.web.changes import note_look
from handlers.web.customer_pages import find_customer
from handlers.web.owner import only_owners
from handlers.web.photos import photo_response
from handlers.web.responses import Answer, language, render_page
from handlers.web.sessions import current_user
from memory.conversations import archive

log = logging.getLogger("storekeeper.admin")
reading = Blueprint("desk_reading", __name__, url_prefix="/admin/customers")
reading.before_request(only_owners)


@reading.get("/<name>/files/<file>")
async def show_photo(name: str, file: str) -> Answer:
    """A photo that a user sent."""
    if not current_services().settings.owner_reads_conversations:
        abort(404)
    return await photo_response(await find_customer(name), file)


@reading.get("/<name>/conversation")
async def read_conversation(name: str) -> Answer:
    """A user's conversation. That it was read stands in the list of changes."""
    if not current_services().settings.owner_reads_conversations:
        abort(404)
    folder = await find_customer(name)
    of = request.args.get("of", "")
    place = await in_thread(archive.find, folder, of) if of else folder
    if place is None:
        abort(404)
    before = request.args.get("before", type=int)
    view = replace(await in_thread(load_page, place, before), is_own=False)
    log.info("conversation_read", extra={"person": name, "by": current_user().name})
    await note_look(f"customer {name}: conversation read")
    return render_page(
        "admin_conversation.html",
        name=name,
        of=of,
        bubbles=await rendered(view.is_long, view.bubbles, language(), is_newest=False),
        more_before=view.more_before,
    )
