"""The application object, and what its routes share: current_web() reaches it, as current_services() reaches what a turn needs."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol
from weakref import WeakKeyDictionary

from quart import Quart, current_app
from quart.wrappers.base import BaseRequestWebsocket
from werkzeug.routing import MapAdapter

from completions.client import Completer
from handlers.desk.trial import Trial
from handlers.pages.assets import Assets
from handlers.pages.languages import Languages
from handlers.pages.palette import palette_of
from handlers.pages.reply_events import Screen
from handlers.pages.templates import ContactLine, Pages, contact
from handlers.replies.live import LiveReplies, LiveReply
from handlers.services import Clock, Services, in_thread, utc_now
from handlers.web.cookies import Cookies
from handlers.web.downloads import Places
from handlers.web.password_pool import PasswordPool
from handlers.web.security import Origins
from handlers.web.uploads import Request
from settings import ROOT, VERSION, Environment, Settings
from shop import logo
from shop.hours import hours_of


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


class FollowedFiles(Protocol):
    """The files of settings, which are followed. `problem` says why what stands in them is not in force, "" where it is."""

    problem: str

    async def look(self) -> None:
        """Put the files in force if they have changed since the last look."""


@dataclass(frozen=True, slots=True)
class Web:
    """What the routes share beside what a turn needs. Made once by create_app."""

    pages: Pages
    languages: Languages
    assets: Assets
    origins: Origins
    cookies: Cookies
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
    """Questions that owners try: they go on when the page is closed, so that the budget is settled."""
    import_tasks: set[asyncio.Task[list[str]]] = field(default_factory=set)
    mail_tasks: set[asyncio.Task[None]] = field(default_factory=set)
    mails: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Two mails at once are sent to users."""
    live: FollowedFiles | None = None
    """What puts edits of settings.toml and .env in force; None where the settings came from elsewhere."""
    screens: WeakKeyDictionary[LiveReply, Screen] = field(default_factory=WeakKeyDictionary)
    """What the followers of a live reply see, for as long as the reply lives."""

    mail_delay_seconds: float = 5.0
    """A mail that a user asked for is sent after a random part of this."""

    def mail_in_background(self, send_mails: Callable[[], Awaitable[None]]) -> None:
        """Send mails in a task that belongs to no request, some time after it: its work would slow the client's next request."""

        async def send() -> None:
            await asyncio.sleep(random.uniform(0, self.mail_delay_seconds))
            async with self.mails:
                await send_mails()

        task = asyncio.get_running_loop().create_task(send())
        self.mail_tasks.add(task)
        task.add_done_callback(self.mail_tasks.discard)


def make_web(
    settings: Settings,
    environment: Environment,
    known: Languages,
    origins: Origins,
    cookies: Cookies,
    replies: LiveReplies,
    now: Clock = utc_now,
) -> Web:
    """Return what the routes share. FileNotFoundError for a missing asset."""
    pages, assets = _pages(settings, environment, known, now)
    return Web(pages, known, assets, origins, cookies, replies, environment)


def _pages(settings: Settings, environment: Environment, known: Languages, now: Clock) -> tuple[Pages, Assets]:
    """Return the pages of these settings and of the logo that is there now, with what they need. Blocks."""
    found = logo.read(environment.prompts, settings.brand.logo)
    assets = Assets(
        ROOT / "static",
        settings.shop,
        palette=palette_of(settings.brand.color),
        logo=None if found is None else (settings.brand.logo, found),
    )
    pages = Pages(
        ROOT / "templates",
        assets,
        known,
        ContactLine(contact(settings.contact), hours_of(settings), now),
        shop=settings.shop,
        version=VERSION,
        greeting=settings.brand.greeting,
        owner_reads=settings.owner_reads_conversations,
        signup_open=settings.signup == "open",
    )
    return pages, assets


def current_web() -> Web:
    found: Web = current_app.extensions["storekeeper.web"]
    return found


async def use_settings(
    app: Quart, settings: Settings, environment: Environment, completer: Completer, known: Languages
) -> Services:
    """Put other settings in force for all that begins from now on; what runs ends with what it began with. Return its services."""
    services: Services = app.extensions["storekeeper"]
    web: Web = app.extensions["storekeeper.web"]
    changed = await in_thread(services.under, settings, completer, known.speaker)
    pages, assets = await in_thread(_pages, settings, environment, known, changed.now)
    origins = Origins(settings.origin, environment.host, environment.port)
    app.extensions["storekeeper"] = changed
    app.extensions["storekeeper.web"] = replace(
        web, pages=pages, languages=known, assets=assets, origins=origins, environment=environment
    )
    web.cookies.use(is_https=origins.is_https)
    web.replies.use(changed)
    app.config["RESPONSE_TIMEOUT"] = response_timeout(settings)
    return changed


def response_timeout(settings: Settings) -> float:
    """Return how long an answer may take in seconds: a whole reply, and what is around it."""
    return settings.limits.reply_seconds + 60
