"""Earlier answers and questions: nothing that was replaced is lost, each can be read, and taken back."""

from dataclasses import replace

from quart import Blueprint, abort

from handlers.pages.conversation_page import PAGE_MESSAGES, load_page
from handlers.replies.examination import Examination
from handlers.services import current_services, in_thread, rendered
from handlers.web.chat_page import refuse
from handlers.web.responses import Answer, is_htmx, language, redirect_to, render_fragment, render_page
from handlers.web.sessions import current_user
from memory.conversations import turns
from memory.conversations.turns import NotApplicable
from memory.conversations.versions import version
from memory.storage.folders import Busy, StorageError

versions = Blueprint("versions", __name__, url_prefix="/messages")


@versions.get("/<int:number>")
async def show_version(number: int) -> Answer:
    """The conversation as it stood with this version of a message, to read; one that stands is on the page itself."""
    user = current_user()
    found = await in_thread(version, user.folder, number)
    if found is None:
        abort(404)
    if found.until is None:
        return redirect_to(f"/#message-{number}")
    view = await in_thread(load_page, user.folder, number + PAGE_MESSAGES, until=found.until)
    can_take = found.standing is not None
    return render_page(
        "version.html",
        bubbles=await rendered(view.is_long, view.bubbles, language(), is_newest=False, version=found),
        version=number,
        standing=found.standing.number if found.standing else None,
        can_take=can_take,
    )


@versions.get("/<int:number>/tools")
async def show_tools(number: int) -> Answer:
    """What can be done with one message that stands, as a fragment; to a browser without JavaScript, as a page."""
    view = await in_thread(load_page, current_user().folder, number + 1)
    bubbles = await rendered(view.is_long, view.bubbles, language(), is_newest=False)
    found = [bubble for bubble in bubbles if bubble.number == number]
    if not found:
        abort(404)
    shown = replace(found[0], is_open=True)
    return (
        render_fragment("tools", bubble=shown) if is_htmx() else render_page("tools.html", bubble=shown, version=None)
    )


@versions.post("/<int:number>/take")
async def take_version(number: int) -> Answer:
    """Take back an earlier answer, or an earlier question with all that followed it; the present one stays available."""
    services, folder = current_services(), current_user().folder
    if await in_thread(version, folder, number) is None:
        abort(404)
    try:
        await in_thread(turns.take, folder, number, services.now(), Examination(services, folder))
    except NotApplicable as nothing:
        return await refuse(language().error_text(nothing), 409)
    except StorageError as error:
        return await refuse(language().error_text(error), 409 if isinstance(error, Busy) else 503)
    return redirect_to("/")
