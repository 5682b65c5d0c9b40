"""The application object, and what its routes share: current_web() reaches it, as current_services() reaches what a turn needs."""

import asyncio
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from quart import Quart, current_app
from quart.wrappers.base import BaseRequestWebsocket
from quart_auth import QuartAuth
from werkzeug.routing import MapAdapter

from handlers.desk.trial import Trial
from handlers.pages.assets import Assets
from handlers.pages.languages import Languages
from handlers.pages.reply_events import Screen
from handlers.pages.templates import Pages, contact
from handlers.replies.live import LiveReplies, LiveReply
from handlers.web.downloads import Places
from handlers.web.password_pool import PasswordPool
from handlers.web.security import Origins
from handlers.web.uploads import Request
from settings import ROOT, VERSION, Environment, Settings


class App(Quart):
    """Quart, whose routes are found whatever the Host header says, and whose large bodies are bounded."""

    request_class = Request

    def create_url_adapter(self, request: BaseRequestWebsocket | None) -> MapAdapter | None:
        """Find routes whatever the Host header says: a name of 64 characters would end in a traceback, before any guard."""
        if request is None:
            return None
        return self.url_map.bind(
            "localhost",
            default_method=request.method,
            path_info=request.path,
            query_args=request.query_string.decode("latin-1"),
        )


@dataclass(frozen=True, slots=True)
class Web:
    """What the routes share beside what a turn needs. Made once by create_app."""

    pages: Pages
    languages: Languages
    assets: Assets
    origins: Origins
    cookies: QuartAuth
    replies: LiveReplies
    environment: Environment
    password_pool: PasswordPool = field(default_factory=PasswordPool)
    exports: Places = field(default_factory=Places)
    searches: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Two searches at once in a process: a long one must not take the threads that messages need."""
    imports: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """One import at once in a process, for its memory."""
    photos: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Two photos at once are made anew in a process, for their memory."""
    trial_tasks: set[asyncio.Task[list[Trial]]] = field(default_factory=set)
    """Questions that owners try: whoever closes the page pays for what was asked, and the budget is settled."""
    import_tasks: set[asyncio.Task[list[str]]] = field(default_factory=set)
    screens: WeakKeyDictionary[LiveReply, Screen] = field(default_factory=WeakKeyDictionary)
    """What the followers of a live reply see, for as long as the reply lives."""


def make_web(
    settings: Settings,
    environment: Environment,
    known: Languages,
    origins: Origins,
    cookies: QuartAuth,
    replies: LiveReplies,
) -> Web:
    """Return what the routes share. FileNotFoundError for a missing asset."""
    assets = Assets(ROOT / "static", settings.shop)
    pages = Pages(
        ROOT / "templates",
        assets,
        known,
        shop=settings.shop,
        version=VERSION,
        contact=contact(settings.contact),
        owner_reads=settings.owner_reads_conversations,
        signup_open=settings.signup == "open",
    )
    return Web(pages, known, assets, origins, cookies, replies, environment)


def current_web() -> Web:
    found: Web = current_app.extensions["storekeeper.web"]
    return found
