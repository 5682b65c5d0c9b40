"""The desk's first page."""

from quart import Blueprint

from handlers.web.owner import only_owners
from handlers.web.responses import Answer, redirect_to

today = Blueprint("desk_today", __name__, url_prefix="/admin")
today.before_request(only_owners)


@today.get("")
async def show_today() -> Answer:
    """How the shop's assistant is doing today."""
    return redirect_to("/admin/customers")
