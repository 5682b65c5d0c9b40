"""The conversation: its page, its messages, its replies."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakKeyDictionary

from quart import Blueprint, Response, current_app, request

from handlers.pages import reply_events, reply_texts
from handlers.pages.conversation_page import PAGE_MESSAGES, load_page
from handlers.pages.languages import Language
from handlers.pages.markdown import is_long, render_blocks
from handlers.pages.templates import Pages, Shown, bubble, draft
from handlers.replies import preview
from handlers.replies.live import FinishedReply, LiveReplies, LiveReply, follow
from handlers.replies.stream_limit import Stream
from handlers.replies.turn import Asked, RefusedTurn, Replied, ReplyNotSaved
from handlers.services import Services, in_thread, rendered, services
from handlers.web import sessions
from handlers.web.responses import (
    Answer,
    _,
    html,
    is_htmx,
    language,
    pages,
    redirect_to,
    render_fragment,
    render_notice,
    render_page,
)
from handlers.web.sessions import Person, person
from memory.conversations import versions
from memory.conversations.records import Record
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
from memory.usage.budget import BudgetExceeded
from shop import texts

log = logging.getLogger("storekeeper.chat")
chat = Blueprint("chat", __name__)

STREAM_SECONDS = 600.0

_screens: WeakKeyDictionary[LiveReply, reply_events.Screen] = WeakKeyDictionary()


def replies() -> LiveReplies:
    found: LiveReplies = current_app.extensions["storekeeper.replies"]
    return found


@chat.get("/")
async def show_chat() -> Answer:
    """The chat page."""
    services().tables.want()
    return await _chat_page()


async def _chat_page(status: int = 200, *, typed: str = "", problem: str | None = None) -> Response:
    shared = services()
    return render_page(
        "chat.html",
        status,
        person=person().name,
        is_owner=person().account.role == "owner",
        typed=typed,
        problem=problem,
        readiness=shared.readiness,
        choices=shared.settings.chat,
        chosen="",
        **await _shown(*_asked_page()),
    )


async def _shown(before: int | None = None, after: int | None = None) -> dict[str, Any]:
    """Return what the log shows: the newest messages, or those before or after a number, and the reply that is being written."""
    shared, asking = services(), person()
    answering = await replies().answering(asking.folder)
    view = await in_thread(load_page, asking.folder, before, after)
    if view.more_after is not None:
        answering = None  # it is written further down
    written = await replies().find(asking.folder, answering) if answering else None
    if answering and view.records and not view.records[-1].is_question:
        view.records.pop()  # it is being written anew
    last = answering.number if answering else view.records[-1].number if view.records else 0
    is_new = not view.records and answering is None
    is_newest = view.more_after is None and answering is None
    drafted = written.text if isinstance(written, LiveReply) else ""
    shelf, offered = await in_thread(_shelf, shared, language().code) if is_new else (None, ())
    noted = await in_thread(preview.noted, shared, asking.folder)
    return {
        "bubbles": await rendered(view.is_long, view.bubbles, language(), is_newest=is_newest),
        "more_before": view.more_before,
        "more_after": view.more_after,
        "is_older": view.more_after is not None,
        "version": None,
        "unanswered": bool(view.records)
        and view.records[-1].is_question
        and answering is None
        and view.more_after is None,
        "answering": answering,
        "draft": await rendered(is_long(drafted), draft, drafted),
        "after": last,
        "examples": offered or shared.settings.examples or (shelf.questions[:3] if shelf else ()),
        "topics": shelf.topics if shelf else (),
        "noted_until": noted.until,
        "gap": noted.gap,
    }


def _asked_page() -> tuple[int | None, int | None]:
    """Return the number before which messages are to be shown, or the one after which; neither: the newest."""
    if request.method != "GET":
        return None, None
    before, after = (request.args.get(key, type=int) for key in ("before", "after"))
    return before, after if before is None else None


def _shelf(shared: Services, language_code: str) -> tuple[texts.ShopTexts | None, tuple[str, ...]]:
    """Read what the assistant knows and the questions in this language, for who comes the first time. Blocks."""
    offered = texts.questions(shared.prompts, language_code)
    try:
        return texts.load(shared.prompts), offered
    except texts.PromptsUnreadable:
        return None, offered


@chat.get("/history")
async def show_history() -> Answer:
    """An older page of the conversation, as a fragment; to a browser without JavaScript, as a page."""
    if not is_htmx():
        return await _chat_page()
    before, loaded = request.args.get("before", type=int), request.args.get("loaded", PAGE_MESSAGES, type=int)
    view = await in_thread(load_page, person().folder, before)
    bubbles = await rendered(view.is_long, view.bubbles, language(), is_newest=False)
    return render_fragment(
        "older",
        bubbles=bubbles,
        more_before=view.more_before,
        loaded=loaded + len(bubbles),
        noted_until=(await in_thread(preview.noted, services(), person().folder)).until,
        newer=before,
        version=None,
    )


@chat.get("/waking")
async def show_waking() -> Answer:
    """The word that the embedded model is awake, as a fragment; 204 while it is not, and the page asks again."""
    readiness = services().readiness
    return render_fragment("waking", readiness=readiness) if readiness.is_awake else Response(status=204)


@chat.post("/messages")
async def send_message() -> Answer:
    """Accept one message: its two fragments, or a notice with 409, 422 or 429 (and nothing was changed)."""
    form = await request.form
    typed = form.get("content", "")
    content = normalise(typed).strip("\n")
    after = form.get("after", type=int)
    model = form.get("model") or None
    if problem := _problem_of(content):
        return await refuse(problem, 422, typed)
    if model is not None and model not in services().settings.chat:
        return await refuse(_("That model isn't available here."), 422, typed)
    return await _take(NewMessage(content, after), typed, model)


@chat.post("/messages/<int:number>/edit")
async def edit_message(number: int) -> Answer:
    """Replace message `number`; what followed it is replaced, but nothing after `after`."""
    form = await request.form
    typed, after = form.get("content", ""), form.get("after", type=int)
    content = normalise(typed).strip("\n")
    if problem := _problem_of(content):
        return await refuse(problem, 422, typed)
    return await _take(EditMessage(number, content, after), typed)


@chat.post("/replies/again")
async def answer_again() -> Answer:
    """Answer the last question again, which is that of message `number` if it says so; the reply that was there is replaced."""
    return await _take(Regenerate((await request.form).get("number", type=int)))


@chat.post("/replies/continue")
async def continue_reply() -> Answer:
    """Continue the last reply, cut or stopped; it is `number` if the form says so."""
    return await _take(ContinueReply((await request.form).get("number", type=int)))


def _problem_of(content: str) -> str | None:
    limit = services().settings.limits.message_chars
    if not content.strip():
        return _("Write a message first.")
    if len(content) > limit:
        return _(
            "Your message is too long: it has %(chars)s characters, and the limit is %(most)s. Please shorten it.",
            chars=len(content), most=limit,
        )  # fmt: skip
    return None


async def _take(wish: Action, typed: str = "", model: str | None = None) -> Answer:
    """Start the turn and answer for it, in either way of asking."""
    asking = person()
    if replies().is_closing:
        text = _("The assistant is restarting. Please try again in a moment.")
        return await refuse(text, 503, typed, Retry_After="3")
    try:
        taken = await replies().start(asking.folder, wish, model, language().gettext)
    except NotApplicable as nothing:
        return await refuse(language().told(nothing), 409, typed)
    except StorageError as error:
        text = _("Your message wasn't sent.")
        return await refuse(f"{text} {language().told(error)}", 503, typed, Retry_After="5")
    except FileNotFoundError:
        return redirect_to("/login")
    except OSError as error:
        log.critical("not_accepted", extra={"error": str(error)})
        text = _("Your message wasn't sent: it couldn't be saved.")
        return await refuse(text, 503, typed, Retry_After="5")
    if isinstance(taken, RefusedTurn):
        match taken.reason:
            case ReplyInProgress(reply_id, question, same=True) if question is not None:
                taken = Asked(reply_id, question, None, "")
            case ReplyInProgress():
                text = _("Please wait for the current answer to finish, or stop it.")
                return await refuse(text, 409, typed)
            case StaleView():
                return await _missed(wish, typed)
            case RateLimited(seconds):
                text = _("You're sending messages too fast. Try again in %(time)s.", time=language().duration(seconds))
                return await refuse(text, 429, typed, Retry_After=str(seconds))
            case BudgetExceeded(resets=resets) as spent:
                now = services().now()
                seconds = max(1, int((resets - now).total_seconds()))
                return await refuse(reply_texts.spent(language(), spent, now), 429, typed, Retry_After=str(seconds))
    if isinstance(wish, EditMessage) and is_htmx():
        return redirect_to("/")  # what followed is gone from the page too
    if not is_htmx():
        await replies().until_over(asking.folder, taken.reply_id)
        return redirect_to("/")
    if isinstance(wish, NewMessage) and wish.after is not None and taken.question.number != wish.after + 1:
        return redirect_to(
            "/"
        )  # more was said in another tab, or this is a page of older messages: the newest are shown now
    return render_fragment(
        "asked",
        version=None,
        asked=taken,
        question=bubble(language(), taken.question, Shown(taken.reply_id.began)),
        is_new=isinstance(wish, NewMessage | EditMessage),
        draft=await rendered(is_long(taken.draft), draft, taken.draft),
    )


async def _missed(wish: Action, typed: str) -> Answer:
    """Return the notice that the conversation was continued elsewhere; an edit keeps what was typed."""
    if isinstance(wish, EditMessage):
        text = _(
            "This conversation was continued in another tab. Reload the page to see the new messages before you edit."
        )
        return await refuse(text, 409, typed)
    text = _("This conversation was continued in another tab. It's up to date now.")
    if is_htmx():
        return html(pages().fragment("caught_up", language(), text=text, status=409, **await _shown()), 409)
    return await refuse(text, 409, "")


async def refuse(text: str, status: int, typed: str, **headers: str) -> Answer:
    """Return why nothing was accepted; what was typed is kept in its box, with htmx or without."""
    if is_htmx():
        return render_notice(text, status, **headers)
    response = await _chat_page(status, typed=typed, problem=text)
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


@chat.post("/replies/<reply_id>/stop")
async def stop_reply(reply_id: str) -> Answer:
    """204; a plain browser is sent back to the page. Stopping what is over, or is not there, changes nothing."""
    named = ReplyId.read(reply_id)
    if named is not None:
        await replies().stop(person().folder, named)
        if not is_htmx():
            await replies().until_over(person().folder, named)
    if is_htmx() or request.headers.get("Sec-Fetch-Mode") != "navigate":
        return Response(status=204)
    return redirect_to("/")


@chat.get("/replies/<reply_id>")
async def follow_reply(reply_id: str) -> Answer:
    """The reply as server-sent events: all so far, then what comes, then the finished bubble.

    Always a stream, also for a reply that is over, unknown or somebody else's: htmx asks again for ever otherwise.
    """
    named = ReplyId.read(reply_id)
    events = _events(person(), named, replies(), services(), pages(), language()) if named else _nothing()
    response = Response(events, content_type="text/event-stream; charset=utf-8")
    response.headers["Cache-Control"] = "no-store, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    response.timeout = None  # the stream has limits of its own; Quart's would leave the connection hanging
    return response


async def _nothing() -> AsyncIterator[bytes]:
    yield reply_events.DONE


async def _events(
    asking: Person,
    reply_id: ReplyId,
    shared_replies: LiveReplies,
    shared: Services,
    templates: Pages,
    said_in: Language,
) -> AsyncIterator[bytes]:
    found = await shared_replies.find(asking.folder, reply_id)
    if isinstance(found, LiveReply):

        def wake() -> None:
            found.show(found.text)

        with shared_replies.streams.opened(asking.folder.name, wake) as stream:
            async for piece in _followed(asking, found, stream, shared_replies, shared):
                yield piece
            if not found.is_over:
                return
        end, version = found.end, found.version + 1
    else:
        end, version = (Replied(found.record) if isinstance(found, FinishedReply) else None), 1
    if end is None:
        yield reply_events.DONE
        return
    is_another = end.record.replaces is not None
    known = await in_thread(versions.version, asking.folder, reply_id.number) if is_another else None
    shown = Shown(reply_id.began, known.versions if known else (), end.record, is_last=True)
    finished = await rendered(is_long(end.record.text), _finished, end, version, reply_id, shown, templates, said_in)
    yield finished + reply_events.DONE


async def _followed(
    asking: Person, found: LiveReply, stream: Stream, shared_replies: LiveReplies, shared: Services
) -> AsyncIterator[bytes]:
    """Return what shows a reply while it is written, until it is over, or until this stream is."""
    loop = asyncio.get_running_loop()
    ends, check_at = loop.time() + STREAM_SECONDS, loop.time() + shared.ping_seconds
    screen = _screens.get(found) or _screens.setdefault(found, reply_events.Screen(found))
    if found.text:
        seen, so_far = await rendered(screen.is_long, screen.state)
    else:
        seen, so_far = found.version, reply_events.THINKING if found.is_thinking else b""
    yield reply_events.HELLO + so_far
    async for version in follow(found, ping_seconds=shared.ping_seconds):
        if shared_replies.is_closing and not found.is_over:
            yield b"retry: 1000\n\n"
            return
        if stream.is_over and not found.is_over:
            yield reply_events.DONE  # the page opens it again when it has a place
            return
        if not found.is_over:
            seen, data = await rendered(screen.is_long, screen.since, seen, is_late=version is None)
            if data or version is None:
                yield data or reply_events.PING
        if loop.time() > check_at:
            check_at = loop.time() + shared.ping_seconds
            if loop.time() > ends:
                return
            if await sessions.find(shared, f"{asking.name}.{asking.session_id}") is None:
                yield reply_events.DONE
                return


def _finished(
    end: Replied | ReplyNotSaved, version: int, reply_id: ReplyId, known: Shown, templates: Pages, said_in: Language
) -> bytes:
    record: Record = end.record
    retry_after = end.retry_after_seconds if isinstance(end, Replied) else None
    blocks = reply_events.with_ids(reply_id.number, render_blocks(record.text))
    shown = bubble(said_in, record, known, retry_after_seconds=retry_after, blocks=blocks)
    return reply_events.event(templates.fragment("finished", said_in, bubble=shown, version=None), version)
