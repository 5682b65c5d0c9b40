"""One's conversations: list and search them, read one, start anew, rename, open, delete; clear the current one."""

from collections.abc import Callable

from quart import Blueprint, Response, abort, request

from handlers.pages.bubbles import Bubble, Shown, bubble
from handlers.pages.conversation_page import PAGE_MESSAGES, claims_of
from handlers.pages.markdown import is_long
from handlers.services import in_thread, rendered
from handlers.web.app import current_web
from handlers.web.conversation_list import refuse_on_list, render_conversation_list
from handlers.web.responses import Answer, _, is_htmx, language, redirect_to, render_notice, render_page
from handlers.web.sessions import current_user
from memory.conversations import archive, listing, search, versions
from memory.storage.folders import Folder, StorageError

conversations = Blueprint("conversations", __name__, url_prefix="/conversations")

MOST_HITS = 30
SEARCH_SECONDS = 4.0


@conversations.get("")
async def list_conversations() -> Answer:
    """The current conversation and those set aside, or what is found in all of them with ?q=."""
    query = request.args.get("q", "").strip()[: search.MOST_CHARS]
    if search.words_of(query):
        return await _found(query)
    return await render_conversation_list()


async def _found(query: str) -> Response:
    after = search.Cursor.read(request.args.get("after", ""))
    async with current_web().searches:
        found = await in_thread(
            search.search, current_user().folder, query, most=MOST_HITS, seconds=SEARCH_SECONDS, after=after
        )
    return render_page("conversations.html", query=query, found=found, is_first=after is None, problem=None, imported=0)


@conversations.get("/<name>")
async def show(name: str) -> Answer:
    """A conversation to be read, a page at a time: the newest messages, those ?before= or ?after= a number, or ?at= one."""
    folder = current_user().folder
    listed = await in_thread(listing.describe, folder, name)
    place = await in_thread(archive.find, folder, name)
    if listed is None or place is None:
        abort(404)
    before, after, at = (request.args.get(key, type=int) for key in ("before", "after", "at"))
    try:
        if after is not None:
            shown = await in_thread(versions.page_after, place, count=PAGE_MESSAGES, after=after)
        else:
            before = at + PAGE_MESSAGES // 2 if at is not None else before
            shown = await in_thread(versions.page, place, count=PAGE_MESSAGES, before=before)
    except FileNotFoundError:  # it was moved meanwhile
        abort(404)
    said_in, claims = language(), await in_thread(claims_of, place, shown.records)

    def make() -> list[Bubble]:
        return [
            bubble(said_in, record, Shown(listed.began, claims=claims.get(record.number, ())))
            for record in shown.records
        ]

    bubbles = await rendered(is_long(*(record.text for record in shown.records)), make)
    return render_page("conversation.html", one=listed, bubbles=bubbles, shown=shown, sought=at, version=True)


@conversations.post("/<name>/rename")
async def rename(name: str) -> Answer:
    """Call a conversation by another title, by its first words again when the title is empty."""
    form = await request.form
    try:
        if not await in_thread(listing.rename, current_user().folder, name, form.get("title", "")):
            abort(404)
    except StorageError as error:
        return await refuse_on_list(language().told(error), 503)
    number = form.get("page", type=int)
    return redirect_to(f"/conversations/{name}" if number is None else f"/conversations?page={number}")


@conversations.post("/new")
async def start_new() -> Answer:
    """Set the current conversation aside and start a new one."""
    return await _change(archive.set_aside)


@conversations.get("/clear")
async def confirm_clear() -> Answer:
    """Ask whether the current conversation is to be deleted."""
    return render_page(
        "confirm.html",
        title=_("Delete this conversation?"),
        text=_("Its messages and memory will be permanently deleted."),
        back="/conversations",
        action="/conversations/clear",
        button=_("Delete permanently"),
    )


@conversations.post("/clear")
async def clear() -> Answer:
    """Delete the current conversation and its notes for good."""
    return await _change(archive.clear)


@conversations.post("/<name>/open")
async def bring_back(name: str) -> Answer:
    """Go on with a conversation set aside; the current one is set aside."""
    if name == archive.CURRENT or await in_thread(archive.find, current_user().folder, name) is None:
        abort(404)
    return await _change(lambda folder: archive.bring_back(folder, name))


@conversations.get("/<name>/delete")
async def confirm_delete(name: str) -> Answer:
    """Ask whether a conversation set aside is to be deleted."""
    listed = await in_thread(listing.describe, current_user().folder, name)
    if listed is None or listed.is_current:
        abort(404)
    text = language().ngettext(
        "“%(title)s” (%(num)s message) will be permanently deleted.",
        "“%(title)s” (%(num)s messages) will be permanently deleted.",
        listed.messages,
        title=listed.title or _("Untitled"),
    )
    return render_page(
        "confirm.html",
        title=_("Delete this conversation?"),
        text=text,
        back="/conversations",
        action=f"/conversations/{name}/delete",
        button=_("Delete permanently"),
    )


@conversations.post("/<name>/delete")
async def delete(name: str) -> Answer:
    """Delete a conversation set aside, for good."""
    try:
        if not await in_thread(archive.delete, current_user().folder, name):
            abort(404)
    except StorageError as error:
        return await refuse_on_list(language().told(error), 503)
    return redirect_to("/conversations")


async def _change(change: Callable[[Folder], object]) -> Answer:
    """Change the current conversation while nothing is written in it: a reply that runs is stopped first."""
    folder = current_user().folder
    try:
        answering = await current_web().replies.answering(folder)
        if answering is not None:
            await current_web().replies.stop(folder, answering)
        await current_web().replies.compactor.forget(folder)

        def undisturbed(folder: Folder) -> None:
            with archive.undisturbed(folder):
                change(folder)

        await in_thread(undisturbed, folder)
        await current_web().replies.compactor.forget(
            folder
        )  # one that the stopped reply began: nobody is to be sent those words now
    except StorageError as error:
        if is_htmx():
            return render_notice(language().told(error), 409)
        return render_page("error.html", 409, title=_("Not available right now"), text=language().told(error))
    return redirect_to("/")
