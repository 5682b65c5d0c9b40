"""One's conversations: list and search them, read one, start anew, rename, open, delete; clear the current one."""

from collections.abc import Callable

from quart import Blueprint, Response, abort, request

from handlers.pages.plain_text import plain_text
from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from handlers.web.chat_page import render_chat_page, render_older
from handlers.web.conversation_change import change_current
from handlers.web.conversation_list import refuse_on_list, render_conversation_list, render_side_list
from handlers.web.responses import Answer, _, is_htmx, language, redirect_to, render_notice, render_page
from handlers.web.sessions import current_user
from memory.conversations import archive, forgetting, listing, search
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
            search.search,
            current_user().folder,
            query,
            most=MOST_HITS,
            seconds=SEARCH_SECONDS,
            after=after,
            read=plain_text,
        )
    return render_page("conversations.html", query=query, found=found, is_first=after is None, problem=None, imported=0)


@conversations.get("/list")
async def show_side_list() -> Answer:
    """A page of the list beside the chat, as a fragment; to a browser without JavaScript, the page of all conversations."""
    return await render_side_list() if is_htmx() else redirect_to("/conversations")


@conversations.get("/<name>")
async def show(name: str) -> Answer:
    """A conversation, ready to be gone on with: the newest messages, those ?before= or ?after= a number, or ?at= one."""
    folder = current_user().folder
    if name != archive.CURRENT and await in_thread(archive.is_current, folder, name):
        return redirect_to("/")  # it was gone on with meanwhile
    listed = await in_thread(listing.describe, folder, name)
    if listed is None:
        abort(404)
    try:
        return await render_older(listed) if is_htmx() else await render_chat_page(listed=listed)
    except FileNotFoundError:  # it was moved meanwhile
        abort(404)


@conversations.post("/<name>/rename")
async def rename(name: str) -> Answer:
    """Call a conversation by another title, by its first words again when the title is empty."""
    form = await request.form
    try:
        if not await in_thread(listing.rename, current_user().folder, name, form.get("title", "")):
            abort(404)
    except StorageError as error:
        return await refuse_on_list(language().error_text(error), 503)
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
    users = current_services().users
    return await _change(lambda folder: forgetting.clear(users, folder))


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
        if not await in_thread(forgetting.delete, current_services().users, current_user().folder, name):
            abort(404)
    except StorageError as error:
        return await refuse_on_list(language().error_text(error), 503)
    return redirect_to("/conversations")


async def _change(change: Callable[[Folder], object]) -> Answer:
    try:
        await change_current(current_user().folder, change)
    except StorageError as error:
        if is_htmx():
            return render_notice(language().error_text(error), 409)
        return render_page("error.html", 409, title=_("Not available right now"), text=language().error_text(error))
    return redirect_to("/")
