"""GET /replies/<id>/claims/<at>: what one claim of a reply was held against, as it stood when the reply was checked."""

from quart import Blueprint, abort

from handlers.pages.claim_rows import claim_row
from handlers.pages.conversation_page import claims_of
from handlers.replies.live import LiveReply
from handlers.services import in_thread
from handlers.web.app import current_web
from handlers.web.responses import Answer, is_htmx, language, render_fragment, render_page
from handlers.web.sessions import current_user
from memory.conversations import archive, history
from memory.conversations.turns import ReplyId
from memory.storage.folders import Folder
from shop.claims.values import Claim

claims = Blueprint("claims", __name__)


@claims.get("/replies/<reply_id>/claims/<int:at>")
async def show_claim(reply_id: str, at: int) -> Answer:
    """The row or the line behind the claim that begins there: a fragment for a dialog, or a page with a way back."""
    named = ReplyId.read(reply_id)
    found = await _claim(current_user().folder, named, at) if named else None
    if named is None or found is None:
        abort(404)
    shown = claim_row(language(), found)
    if is_htmx():
        return render_fragment("claim", one=shown)
    return render_page("claim.html", one=shown, number=named.number, began=_id_of(named))


def _id_of(named: ReplyId) -> str:
    """Return what the conversation of a reply is called once it is set aside; as current one it is found by it, too."""
    return f"{named.began:%Y%m%dT%H%M%SZ}"


async def _claim(folder: Folder, named: ReplyId, at: int) -> Claim | None:
    """Return a claim with its row, of a reply that is written now or kept, in whichever conversation."""
    live = await current_web().replies.find(folder, named)
    every = live.claims if isinstance(live, LiveReply) else await in_thread(_kept, folder, named)
    return next((one for one in every if one.start == at and one.row), None)


def _kept(folder: Folder, named: ReplyId) -> tuple[Claim, ...]:
    """Return the claims of a kept reply. Blocks."""
    is_current = history.began(folder) == named.began
    place = folder if is_current else archive.find(folder, _id_of(named))
    entry = history.find(place, named.number) if place is not None else None
    if place is None or entry is None:
        return ()
    return claims_of(place, [entry.record]).get(named.number, ())
