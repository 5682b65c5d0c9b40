"""What the model sees next: the ruler below the message box, and the prompt's page."""

from quart import Blueprint, abort

from handlers.replies.preview import preview
from handlers.services import current_services, in_thread
from handlers.web.responses import Answer, _, render_fragment, render_page, sees_details
from handlers.web.sessions import current_user
from shop.texts import PromptsUnreadable

prompt = Blueprint("prompt", __name__)


@prompt.get("/ruler")
async def show_ruler() -> Answer:
    """The ruler of what the model sees, as a fragment; the contact for users who see no details.

    From 80 % of a budget on it says so, and when the day ends.
    """
    near = await in_thread(current_services().budget.near, current_user().name, current_services().now())
    try:
        view = await in_thread(preview, current_services(), current_user().folder)
    except PromptsUnreadable:
        return render_fragment("ruler", view=None, near=near)
    return render_fragment("ruler", view=view, near=near)


@prompt.get("/prompt")
async def show_prompt() -> Answer:
    """The exact prompt that the next turn would send, with its tokens part by part; 404 for users who see no details."""
    if not sees_details():
        abort(404)
    try:
        view = await in_thread(preview, current_services(), current_user().folder)
    except PromptsUnreadable:
        text = _("The shop's instructions for the assistant contain an error, so nothing can be sent.")
        return render_page("error.html", 503, title=_("No prompt available"), text=text)
    return render_page("prompt.html", view=view)
