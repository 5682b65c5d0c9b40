"""The page with one's conversations, and the answer to what could not be done with one of them."""

from typing import Any

from quart import Response, request

from handlers.services import in_thread
from handlers.web.responses import Answer, is_htmx, render_fragment, render_notice, render_page, retry_after
from handlers.web.sessions import current_user
from memory.conversations import listing

LIST_PAGE = 30


async def render_conversation_list(status: int = 200, *, problem: str | None = None) -> Response:
    """Answer with a page of the list; `problem` says why something was not done."""
    return render_page(
        "conversations.html",
        status,
        query="",
        found=None,
        **await _load_list(),
        imported=max(0, request.args.get("imported", 0, type=int)) if request.method == "GET" else 0,
        problem=problem,
    )


async def render_side_list() -> Response:
    """Answer with a page of the list beside the chat, as a fragment; `shown` names the one that the chat shows."""
    return render_fragment("side_list", shown=request.args.get("shown", ""), **await _load_list())


async def _load_list() -> dict[str, Any]:
    """Read the page of the list that is asked for; the current conversation is on the first one."""
    number = max(1, request.args.get("page", 1, type=int)) if request.method == "GET" else 1
    folder, skip = current_user().folder, (number - 1) * LIST_PAGE
    listed = await in_thread(listing.set_aside, folder, skip=skip, count=LIST_PAGE + 1)
    return {
        "current": await in_thread(listing.current, folder) if number == 1 else None,
        "listed": listed[:LIST_PAGE],
        "number": number,
        "has_older": len(listed) > LIST_PAGE,
    }


async def refuse_on_list(text: str, status: int, seconds: int = 0) -> Answer:
    """Return why nothing was done: a notice for htmx, else the list with the sentence above it."""
    answer = render_notice(text, status) if is_htmx() else await render_conversation_list(status, problem=text)
    return retry_after(answer, seconds)
