"""GET /replies/<id>: a reply as server-sent events, while it is written and after."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from quart import Blueprint, Response

from handlers.pages import reply_events
from handlers.pages.bubbles import Shown, bubble, reply_blocks
from handlers.pages.conversation_page import claims_of
from handlers.pages.languages import Language
from handlers.pages.markdown import is_long
from handlers.pages.templates import Pages
from handlers.replies.live import FinishedReply, LiveReply, follow
from handlers.replies.steps import Replied, ReplyNotSaved
from handlers.replies.stream_limit import Stream
from handlers.services import Services, current_services, in_thread, rendered
from handlers.web import sessions
from handlers.web.app import Web, current_web
from handlers.web.responses import Answer, language, sees_details
from handlers.web.sessions import User, current_user
from memory.conversations import versions
from memory.conversations.records import Record
from memory.conversations.turns import ReplyId

stream = Blueprint("stream", __name__)

STREAM_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader of a stream: their language, and whether they see what a reply took."""

    language: Language
    sees_details: bool


@stream.get("/replies/<reply_id>")
async def follow_reply(reply_id: str) -> Answer:
    """The reply as server-sent events: all so far, then what comes, then the finished bubble.

    Always a stream, also for a reply that is over, unknown or another user's: htmx asks again for ever otherwise.
    """
    named = ReplyId.read(reply_id)
    events = (
        _events(current_user(), named, current_services(), current_web(), Reader(language(), sees_details()))
        if named
        else _nothing()
    )
    response = Response(events, content_type="text/event-stream; charset=utf-8")
    response.headers["Cache-Control"] = "no-store, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    response.timeout = None  # the stream has limits of its own; Quart's would leave the connection hanging
    return response


async def _nothing() -> AsyncIterator[bytes]:
    yield reply_events.DONE


async def _events(user: User, reply_id: ReplyId, services: Services, web: Web, reader: Reader) -> AsyncIterator[bytes]:
    found = await web.replies.find(user.folder, reply_id)
    if isinstance(found, LiveReply):

        def wake() -> None:
            found.show(found.text, found.claims)

        with web.replies.streams.opened(user.folder.name, wake) as opened:
            async for piece in _followed(user, found, opened, services, web, reader):
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
    known = await in_thread(versions.version, user.folder, reply_id.number) if is_another else None
    claims = await in_thread(claims_of, user.folder, [end.record]) if end.record.checks else {}
    found_of = claims.get(reply_id.number, ())
    shown = Shown(reply_id.began, known.versions if known else (), end.record, is_last=True, claims=found_of)
    finished = await rendered(is_long(end.record.text), _finished, end, version, reply_id, shown, web.pages, reader)
    yield finished + reply_events.DONE


async def _followed(
    user: User, found: LiveReply, opened: Stream, services: Services, web: Web, reader: Reader
) -> AsyncIterator[bytes]:
    """Return what shows a reply while it is written, until it is over, or until this stream is."""
    loop = asyncio.get_running_loop()
    ends, check_at = loop.time() + STREAM_SECONDS, loop.time() + services.ping_seconds
    screen = web.screens.get(found) or web.screens.setdefault(found, reply_events.Screen(found, reader.language))
    if found.text:
        seen, so_far = await rendered(screen.is_long, screen.state)
    else:
        seen, so_far = found.version, reply_events.THINKING if found.is_thinking else b""
    yield reply_events.HELLO + so_far
    async for version in follow(found, ping_seconds=services.ping_seconds):
        if web.replies.is_closing and not found.is_over:
            yield b"retry: 1000\n\n"
            return
        if opened.is_over and not found.is_over:
            yield reply_events.DONE  # the page opens it again when it has a place
            return
        if not found.is_over:
            seen, data = await rendered(screen.is_long, screen.since, seen, is_late=version is None)
            if data or version is None:
                yield data or reply_events.PING
        if loop.time() > check_at:
            check_at = loop.time() + services.ping_seconds
            if loop.time() > ends:
                return
            if await sessions.find(services, f"{user.name}.{user.session_id}") is None:
                yield reply_events.DONE
                return


def _finished(
    end: Replied | ReplyNotSaved, version: int, reply_id: ReplyId, known: Shown, templates: Pages, reader: Reader
) -> bytes:
    record: Record = end.record
    retry_after = end.retry_after_seconds if isinstance(end, Replied) else None
    blocks = reply_events.with_ids(reply_id.number, reply_blocks(reader.language, record, known))
    shown = bubble(reader.language, record, known, retry_after_seconds=retry_after, blocks=blocks)
    return reply_events.event(
        templates.fragment("finished", reader.language, bubble=shown, version=None, details=reader.sees_details),
        version,
    )
