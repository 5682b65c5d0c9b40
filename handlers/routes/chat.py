"""The conversation: its page, its messages, its replies. What streams a reply is in stream.py."""

import asyncio
import logging
from typing import cast

from quart import Blueprint, Response, request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from handlers.pages import reply_texts
from handlers.pages.bubbles import Shown, bubble, draft
from handlers.pages.markdown import is_long
from handlers.replies.steps import Asked, RefusedTurn
from handlers.services import current_services, rendered
from handlers.web.app import current_web
from handlers.web.chat_page import load_chat_page, refuse, render_chat_page, render_older
from handlers.web.conversation_change import resume
from handlers.web.photos import photo_response, take_photo
from handlers.web.responses import Answer, _, html, is_htmx, language, redirect_to, render_fragment, sees_details
from handlers.web.sessions import current_user
from handlers.web.uploads import Request
from memory.conversations import photos
from memory.conversations.photos import NotAPhoto
from memory.conversations.turns import (
    Action,
    ContinueReply,
    EditMessage,
    NewMessage,
    NotApplicable,
    RateLimited,
    Regenerate,
    ReplyId,
    ReplyInProgress,
    StaleView,
)
from memory.storage.folders import StorageError
from memory.text import normalise
from memory.timestamps import stamp
from memory.usage.budget import BudgetExceeded

log = logging.getLogger("storekeeper.chat")
chat = Blueprint("chat", __name__)


@chat.get("/")
async def show_chat() -> Answer:
    """The chat page."""
    asyncio.get_running_loop().run_in_executor(None, current_services().load)  # while the first words are typed
    return await render_chat_page()


@chat.get("/history")
async def show_history() -> Answer:
    """An older page of the conversation, as a fragment; to a browser without JavaScript, as a page."""
    return await render_older(None) if is_htmx() else await render_chat_page()


@chat.post("/messages")
async def send_message() -> Answer:
    """Accept one message, and a photo that comes with it: its two fragments, or a notice with 409, 413, 422, 429 or 503.

    Nothing is kept of one that is refused; a conversation set aside that it was written for may be the current one then.
    """
    asked = cast(Request, request)
    try:
        form, files = await asked.form, await asked.files
        return await _take(form, files.get("photo"))
    except RequestEntityTooLarge:
        if not asked.takes_file:
            raise
        await asked.drain(photos.MOST_BYTES)
        return await refuse(_(photos.TOO_LARGE), 413)
    except NotAPhoto as error:
        return await refuse(language().error_text(error), 422, form.get("content", ""))
    finally:
        asked.close_files()


async def _take(form: MultiDict[str, str], sent: FileStorage | None) -> Answer:
    """Take in a message of a form, with the file that was sent. NotAPhoto says why that is none."""
    typed = form.get("content", "")
    content = normalise(typed).strip("\n")
    after = form.get("after", type=int)
    model = form.get("model") or None
    has_photo = sent is not None and bool(sent.filename)
    if has_photo and not content.strip():
        content = _("See the photo.")
    if problem := _problem_of(content):
        return await refuse(problem, 422, typed)
    if model is not None and model not in current_services().settings.chat:
        return await refuse(_("That model isn't available here."), 422, typed)
    name = form.get("conversation", "")
    try:
        if name and not await resume(current_user().folder, name):
            return await refuse(_("This conversation has been deleted."), 409, typed)
    except StorageError as error:
        return await _refuse_unsaved(error, typed)
    taken = (await take_photo(sent),) if sent is not None and has_photo else ()
    return await _start(NewMessage(content, after, taken), typed, model, is_elsewhere=bool(name))


@chat.get("/files/<name>")
async def show_photo(name: str) -> Answer:
    """A photo that the user sent."""
    return await photo_response(current_user().folder, name)


@chat.post("/messages/<int:number>/edit")
async def edit_message(number: int) -> Answer:
    """Replace message `number`; what followed it is replaced, but nothing after `after`."""
    form = await request.form
    typed, after = form.get("content", ""), form.get("after", type=int)
    content = normalise(typed).strip("\n")
    if problem := _problem_of(content):
        return await refuse(problem, 422, typed)
    return await _start(EditMessage(number, content, after), typed)


@chat.post("/replies/again")
async def answer_again() -> Answer:
    """Answer the last question again, which is that of message `number` if it says so; the reply that was there is replaced."""
    return await _start(Regenerate((await request.form).get("number", type=int)))


@chat.post("/replies/continue")
async def continue_reply() -> Answer:
    """Continue the last reply, cut or stopped; it is `number` if the form says so."""
    return await _start(ContinueReply((await request.form).get("number", type=int)))


def _problem_of(content: str) -> str | None:
    limit = current_services().settings.limits.message_chars
    if not content.strip():
        return _("Write a message first.")
    if len(content) > limit:
        return _(
            "Your message is too long: it has %(chars)s characters, and the limit is %(most)s. Please shorten it.",
            chars=len(content), most=limit,
        )  # fmt: skip
    return None


async def _start(action: Action, typed: str = "", model: str | None = None, *, is_elsewhere: bool = False) -> Answer:
    """Start the turn, and answer with its fragments, or with the reason why nothing was accepted.

    `is_elsewhere`: the message came from the page of a conversation set aside, and the chat page is another one.
    """
    folder, replies = current_user().folder, current_web().replies
    if replies.is_closing:
        text = _("The assistant is restarting. Please try again in a moment.")
        return await refuse(text, 503, typed, Retry_After="3")
    try:
        started = await replies.start(folder, action, model, language().code)
    except FileNotFoundError:
        return redirect_to("/login")
    except NotApplicable as error:
        return await refuse(language().error_text(error), 409, typed)
    except (StorageError, OSError) as error:
        return await _refuse_unsaved(error, typed)
    if isinstance(started, RefusedTurn):
        match started.reason:
            case ReplyInProgress(reply_id, question, same=True) if question is not None:
                started = Asked(reply_id, question, None, "")  # sent twice: the first one is shown
            case _:
                return await refusal_response(action, started, typed)
    if is_elsewhere and is_htmx():
        return redirect_to("/")
    return await started_response(action, started)


async def _refuse_unsaved(error: StorageError | OSError, typed: str) -> Answer:
    if isinstance(error, StorageError):
        text = _("Your message wasn't sent.")
        return await refuse(f"{text} {language().error_text(error)}", 503, typed, Retry_After="5")
    log.critical("not_accepted", extra={"error": str(error)})
    text = _("Your message wasn't sent: it couldn't be saved.")
    return await refuse(text, 503, typed, Retry_After="5")


async def refusal_response(action: Action, refused: RefusedTurn, typed: str) -> Answer:
    """Return the answer to a message that was not accepted: 409 or 429. What was typed is kept in its box."""
    match refused.reason:
        case ReplyInProgress():
            return await refuse(_("Please wait for the current answer to finish, or stop it."), 409, typed)
        case StaleView():
            return await _stale_response(action, typed)
        case RateLimited(seconds):
            text = _("You're sending messages too fast. Try again in %(time)s.", time=language().duration(seconds))
            return await refuse(text, 429, typed, Retry_After=str(seconds))
        case BudgetExceeded(resets=resets) as spent:
            now = current_services().now()
            seconds = max(1, int((resets - now).total_seconds()))
            text = reply_texts.spent(language(), spent, now)
            return await refuse(text, 429, typed, resets=resets, Retry_After=str(seconds))


async def started_response(action: Action, asked: Asked) -> Answer:
    """Return the question and its reply as fragments, or the way to the page where they are not all that changed."""
    if not is_htmx():
        await current_web().replies.until_over(current_user().folder, asked.reply_id)
        return redirect_to("/")
    if isinstance(action, EditMessage):
        return redirect_to("/")  # what followed is gone from the page too
    if isinstance(action, NewMessage) and action.after is not None and asked.question.number != action.after + 1:
        return redirect_to("/")  # written in another tab meanwhile, or from a page of older messages
    return render_fragment(
        "asked",
        version=None,
        asked=asked,
        began=stamp(asked.reply_id.began),
        question=bubble(language(), asked.question, Shown(asked.reply_id.began)),
        is_new=isinstance(action, NewMessage),
        draft=await rendered(is_long(asked.draft), draft, asked.draft),
    )


async def _stale_response(action: Action, typed: str) -> Answer:
    """Return the notice that the conversation was continued elsewhere; an edit keeps what was typed."""
    if isinstance(action, EditMessage):
        text = _(
            "This conversation was continued in another tab. Reload the page to see the new messages before you edit."
        )
        return await refuse(text, 409, typed)
    text = _("This conversation was continued in another tab. It's up to date now.")
    if not is_htmx():
        return await refuse(text, 409)
    page = await load_chat_page()
    return html(
        current_web().pages.fragment(
            "caught_up", language(), text=text, status=409, details=sees_details(), **page.values()
        ),
        409,
    )


@chat.post("/replies/<reply_id>/stop")
async def stop_reply(reply_id: str) -> Answer:
    """204; a plain browser is sent back to the page. Stopping what is over, or is not there, changes nothing."""
    named = ReplyId.read(reply_id)
    if named is not None:
        await current_web().replies.stop(current_user().folder, named)
        if not is_htmx():
            await current_web().replies.until_over(current_user().folder, named)
    if is_htmx() or request.headers.get("Sec-Fetch-Mode") != "navigate":
        return Response(status=204)
    return redirect_to("/")
