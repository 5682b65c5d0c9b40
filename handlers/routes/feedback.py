"""What people think of replies: kept with the user, read by the owner."""

from quart import Blueprint, abort, request

from handlers.pages.bubbles import Shown, bubble
from handlers.pages.markdown import is_long
from handlers.replies.improving import note_rating
from handlers.services import Services, current_services, in_thread, rendered
from handlers.web.chat_page import refuse
from handlers.web.responses import Answer, _, is_htmx, language, redirect_to, render_fragment
from handlers.web.sessions import current_user
from memory.conversations import feedback as kept
from memory.conversations import history
from memory.conversations.feedback import Feedback
from memory.conversations.records import Record
from memory.conversations.turns import ReplyId
from memory.storage.folders import Folder, StorageError
from memory.text import normalise

feedback = Blueprint("feedback", __name__)


@feedback.post("/replies/<reply_id>/feedback")
async def judge_reply(reply_id: str) -> Answer:
    """Keep what the user thinks of a reply; the same word once more takes it back."""
    form, user = await request.form, current_user()
    named = ReplyId.read(reply_id)
    rating = form.get("rating", "")
    record = await in_thread(_reply, user.folder, named) if named else None
    if named is None or record is None:
        abort(404)
    if rating not in ("up", "down", "none"):
        return await refuse(_("Rate the answer as good or bad."), 422)
    reason = normalise(form.get("reason", ""))[: kept.MOST_REASON_CHARS]
    said = Feedback(current_services().now(), named.began, named.number, record.model or "", rating, reason)
    try:
        await in_thread(_keep, current_services(), user.folder, named, record, said)
    except StorageError as error:
        text = _("Your feedback wasn't saved.")
        return await refuse(f"{text} {language().error_text(error)}", 503)
    if not is_htmx():
        return redirect_to(f"/#message-{named.number}")
    seen = Shown(named.began, rating=said)
    shown = await rendered(is_long(record.text), bubble, language(), record, seen)
    return render_fragment("feedback", bubble=shown, is_asking=rating != "none" and not reason)


def _keep(services: Services, folder: Folder, named: ReplyId, record: Record, said: Feedback) -> None:
    """Keep a rating, for the owner too. Blocks."""
    last = kept.ratings(folder, named.began, since=record.time).get(named.number)
    kept.note(folder, said)
    note_rating(services, folder, named, record, last.rating if last else "none", said.rating)


def _reply(folder: Folder, named: ReplyId) -> Record | None:
    """Find a reply of the current conversation, whether it stands or was replaced. Blocks."""
    if history.began(folder) != named.began or (found := history.find(folder, named.number)) is None:
        return None
    return None if found.record.is_question else found.record
