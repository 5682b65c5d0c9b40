"""Conversations taken along and brought in: exports as files, imports of ours and of ChatGPT's."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import IO, cast

from quart import Blueprint, Response, abort, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from handlers.answers import Answer, _, is_htmx, language, notice, see
from handlers.bodies import Body, Request
from handlers.conversations import list_page
from handlers.people import person
from handlers.services import in_thread, services
from memory import catalogue, exports, imports
from memory.exports import Form
from memory.files import Folder, StorageError
from memory.imports import NotImported

transfers = Blueprint("transfers", __name__, url_prefix="/conversations")

TYPES: dict[str, tuple[Form, str]] = {
    "txt": ("txt", "text/plain; charset=utf-8"),
    "md": ("md", "text/markdown; charset=utf-8"),
    "json": ("json", "application/json"),
}
UPLOAD_SECONDS = 180
_BLOCK = 256 * 1024
_MOST_DRAINED = 8 * imports.MOST_BYTES
"""A body said to have more bytes than this is a mistake or a lie, and nobody waits for its end."""


@transfers.get("/<name>/export/<form>")
async def export(name: str, form: str) -> Answer:
    """A conversation as a file: txt, md or json."""
    if form not in TYPES:
        abort(404)
    kind, content_type = TYPES[form]
    folder = person().folder
    listed = await in_thread(catalogue.describe, folder, name)
    file = await in_thread(exports.export, folder, name, kind, language().gettext) if listed else None
    if listed is None or file is None:
        abort(404)
    size = os.fstat(file.fileno()).st_size
    if request.method == "HEAD":
        file.close()
        response = Response(b"", content_type=content_type)
    else:
        response = Response(_blocks(file, size), content_type=content_type)
    response.headers["Content-Length"] = str(size)
    response.headers["Content-Disposition"] = f'attachment; filename="conversation-{_stem(name, listed)}.{form}"'
    response.timeout = None  # a slow telephone may take its time
    return response


def _stem(name: str, listed: catalogue.Listed) -> str:
    return f"{listed.began:%Y%m%dT%H%M%SZ}" if listed.is_current else name


async def _blocks(file: IO[bytes], size: int) -> AsyncIterator[bytes]:
    """Give the file's first `size` bytes; what is appended meanwhile is not part of them."""
    try:
        while size > 0 and (block := await in_thread(file.read, min(size, _BLOCK))):
            size -= len(block)
            yield block
    finally:
        file.close()


@transfers.post("/import")
async def bring_in() -> Answer:
    """Keep the conversations of a file as conversations set aside; 413 or 422 with a sentence, and nothing was kept."""
    asked = cast(Request, request)
    asked.body_timeout = UPLOAD_SECONDS
    try:
        file = (await asked.files).get("file")
        if file is None or not file.filename:
            return await _refuse(_("Choose a file first."), 422)
        async with _one_at_a_time():
            names = await in_thread(_take, file.stream, person().folder, services().now())
    except RequestEntityTooLarge:
        if (request.content_length or 0) < _MOST_DRAINED:
            await cast(Body, asked.body).drained(UPLOAD_SECONDS)
        text = _(
            "This file is larger than %(megabytes)s MB, the most that can be imported.",
            megabytes=imports.MOST_BYTES >> 20,
        )
        return await _refuse(text, 413)
    except NotImported as error:
        return await _refuse(language().told(error), 422)
    except StorageError as error:
        return await _refuse(language().told(error), 503)
    finally:
        asked.close_files()
    return see(f"/conversations/{names[0]}" if len(names) == 1 else f"/conversations?imported={len(names)}")


def _take(stream: IO[bytes], folder: Folder, now: datetime) -> list[str]:
    arriving = imports.read(stream.read(), now)
    return imports.keep(folder, arriving)


def _one_at_a_time() -> asyncio.Semaphore:
    """One import at a time in a process: each takes several times its file's size of memory."""
    found: asyncio.Semaphore = current_app.extensions.setdefault("storekeeper.imports", asyncio.Semaphore(1))
    return found


async def _refuse(text: str, status: int) -> Answer:
    return notice(text, status) if is_htmx() else await list_page(status, problem=text)
