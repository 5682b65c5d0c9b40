"""The step of the first run that lets people in: who may sign up, and invitations."""

from quart import Response, request

from addresses import is_loopback
from handlers.services import current_services
from handlers.web.setup_page import render_step
from handlers.web.shop_address import shop_address


async def render_people(status: int = 200, **values: object) -> Response:
    """Answer with the choices; `link` is an invitation that was just made, which is shown once."""
    host = request.host.rpartition(":")[0] or request.host
    values = {"link": None, "message": None} | values
    return await render_step(
        "people",
        status,
        signup=current_services().settings.signup,
        address=shop_address(),
        is_local=current_services().settings.origin is None and is_loopback(host.strip("[]")),
        **values,
    )
