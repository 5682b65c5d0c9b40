"""Conversations taken along and brought in: exports as files, imports of ours and of ChatGPT's."""

import asyncio
from contextlib import ExitStack
from datetime import datetime
from typing import IO, cast

from quart import Blueprint, abort, request
from werkzeug.exceptions import RequestEntityTooLarge

from handlers.services import current_services, in_thread
from handlers.web.app import current_web
from handlers.web.conversation_list import refuse_on_list
from handlers.web.downloads import TOO_MANY, download
from handlers.web.responses import Answer, _, language, redirect_to
from handlers.web.sessions import current_user
from handlers.web.uploads import Request
from memory.conversations import exports, imports, intake, listing
from memory.conversations.exports import Form
from memory.conversations.imports import NotImported, TooManyImports
from memory.storage.folders import Folder, StorageError

transfers = Blueprint("transfers", __name__, url_prefix="/conversations")

TYPES: dict[str, tuple[Form, str]] = {
    "txt": ("txt", "text/plain; charset=utf-8"),
    "md": ("md", "text/markdown; charset=utf-8"),
    "json": ("json", "application/json"),
}


@transfers.get("/<name>/export/<form>")
async def export(name: str, form: str) -> Answer:
    """A conversation as a file: txt, md or json; 429 while two are being sent to this user."""
    if form not in TYPES:
        abort(404)
    kind, content_type = TYPES[form]
    folder = current_user().folder
    listed = await in_thread(listing.describe, folder, name)
    if listed is None:
        abort(404)
    file_name = f"conversation-{_stem(name, listed)}.{form}"
    give_back = current_web().exports.take(folder.name)
    if give_back is None:
        return await refuse_on_list(_(TOO_MANY), 429, 10)
    with ExitStack() as stack:
        stack.callback(give_back)
        file = await in_thread(exports.export, folder, name, kind, language().gettext)
        if file is None:
            abort(404)
        stack.callback(file.close)
        pieces = iter(()) if request.method == "HEAD" else file.pieces
        response = download(pieces, stack.pop_all().close, content_type, file_name)
    if file.size is not None:
        response.headers["Content-Length"] = str(file.size)
    return response


def _stem(name: str, listed: listing.ConversationInfo) -> str:
    return f"{listed.began:%Y%m%dT%H%M%SZ}" if listed.is_current else name


@transfers.post("/import")
async def bring_in() -> Answer:
    """Keep the conversations of a file as conversations set aside; 413, 422 or 429 with a sentence, and nothing was kept."""
    asked = cast(Request, request)
    taking: asyncio.Task[list[str]] | None = None
    try:
        file = (await asked.files).get("file")
        if file is None or not file.filename:
            return await refuse_on_list(_("Choose a file first."), 422)
        taking = asyncio.create_task(_take(asked, file.stream, current_user().folder))
        _keep(taking)
        names = await asyncio.shield(taking)  # a browser that leaves meanwhile does not make room for the next one
    except RequestEntityTooLarge:
        await asked.drain(imports.MOST_BYTES)
        text = _(
            "This file is larger than %(megabytes)s MB, the most that can be imported.",
            megabytes=imports.MOST_BYTES >> 20,
        )
        return await refuse_on_list(text, 413)
    except TooManyImports as error:
        return await refuse_on_list(language().error_text(error), 429, error.wait_seconds)
    except NotImported as error:
        return await refuse_on_list(language().error_text(error), 422)
    except StorageError as error:
        return await refuse_on_list(language().error_text(error), 503)
    finally:
        if taking is None:
            asked.close_files()
    return redirect_to(f"/conversations/{names[0]}" if len(names) == 1 else f"/conversations?imported={len(names)}")


async def _take(asked: Request, file: IO[bytes], folder: Folder) -> list[str]:
    """Read a file and keep what it holds. One at a time in a process, for its memory; one of a user's, for the others."""
    services = current_services()
    limits, now = services.settings.limits, services.now()
    try:
        with await in_thread(imports.begin, folder, now, limits.imports_per_hour):
            async with current_web().imports:
                return await in_thread(_read_and_keep, file, folder, now, limits.kept_bytes_per_person)
    finally:
        asked.close_files()


def _read_and_keep(file: IO[bytes], folder: Folder, now: datetime, most_bytes: int) -> list[str]:
    with intake.read_apart(file, now) as arriving:
        return imports.keep(folder, arriving, most_bytes=most_bytes)


def _keep(taking: asyncio.Task[list[str]]) -> None:
    """Keep an import until its end, and take its outcome, though its reader may have left."""
    takings = current_web().import_tasks
    takings.add(taking)

    def end(taking: asyncio.Task[list[str]]) -> None:
        takings.discard(taking)
        if not taking.cancelled():
            taking.exception()

    taking.add_done_callback(end)
