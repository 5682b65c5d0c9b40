"""Storekeeper: create_app puts the parts together, serve runs it. The command line is in commands.py.

uv run just serve             start, print the address, open a browser there
uv run just                   what else there is
"""

import asyncio
import gc
import json
import logging
import multiprocessing
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import nullcontext
from functools import lru_cache
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from quart import Quart, Response, abort, g, request
from quart.sessions import NullSession, SecureCookieSessionInterface
from quart.wrappers.base import BaseRequestWebsocket
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

import commands
import settings as configuration
from completions import embedded
from completions.client import Client, Completer, preload
from completions.prices import cost_usd
from completions.stream import Usage
from handlers import logs
from handlers.cores import Core
from handlers.logs import trace, traced
from handlers.metrics import SHARED, Metrics, Prometheus, watch_lag
from handlers.pages import languages
from handlers.pages.assets import TYPES, Assets
from handlers.pages.templates import Pages, contact
from handlers.replies.live import LiveReplies
from handlers.replies.pacing import Pacer
from handlers.routes.account import account
from handlers.routes.admin import admin
from handlers.routes.chat import chat
from handlers.routes.comparison import compare
from handlers.routes.conversations import conversations
from handlers.routes.feedback import feedback
from handlers.routes.language import choice
from handlers.routes.login import login
from handlers.routes.metrics import metrics
from handlers.routes.remembered import remembered
from handlers.routes.transfers import transfers
from handlers.routes.versions import versions
from handlers.services import PING_SECONDS, Clock, Readiness, Services, utc_now
from handlers.web import security, sessions
from handlers.web.cookies import Cookies
from handlers.web.responses import Answer, _, html, is_htmx, language, redirect_to, render_notice, render_page
from handlers.web.upgrades import NoWebSocket
from handlers.web.uploads import LARGER, Request
from memory.i18n import N_
from memory.integrity import repair
from memory.people import accounts, signups
from memory.storage import selftest
from memory.storage.folders import NotRegular, StorageError
from memory.storage.layout import SECRET
from memory.storage.users import Users
from settings import ROOT, Environment, Settings

log = logging.getLogger("storekeeper")


class App(Quart):
    """Quart, which asks of each function once whether it is a coroutine function: it would ask 18 times a turn."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.ensure_async = lru_cache(maxsize=256)(super().ensure_async)  # type: ignore[method-assign]

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


class NoSession(SecureCookieSessionInterface):
    """Quart's own cookie session is not used: who is logged in stands in account.toml."""

    def __init__(self) -> None:
        self._none = NullSession()

    async def open_session(self, app: Quart, request: BaseRequestWebsocket) -> NullSession:
        return self._none  # one for all requests: Quart would make one for each


PUBLIC = {
    "login.show_login",
    "login.log_in",
    "login.log_out",
    "login.show_signup",
    "login.sign_up",
    "choice.choose_language",
    "healthz",
    "asset",
    "robots",
    "metrics.show_metrics",
}
"""The routes that nobody needs to be logged in for; every other one does."""

FIRST_STEPS = {"account.show_account", "account.change_password", "account.end_all_sessions"}
"""All that is there for who came in with a one-time password, until they have set one of their own."""

LARGEST_BODY = 320 * 1024


def create_app(
    settings: Settings,
    place: Environment,
    *,
    completer: Completer | None = None,
    now: Clock = utc_now,
    readiness: Readiness | None = None,
    ping_seconds: float = PING_SECONDS,
    core: Core | None = None,
    owns_process: bool = False,
) -> Quart:
    """Make the application. The model client, the clock and the time between two pings can be handed in.

    `core` is the one that its process keeps to, which is looked after while it serves. `owns_process`: nothing else runs
    in it, so that what concerns all of it may be set.
    """
    users = Users(place.users)
    users.prepare()
    client = completer or Client(place.environ, settings.limits)
    token = place.metrics_token or settings.metrics_token
    shared = Services(
        settings, users, place.prompts, client, Pacer(), now, readiness or Readiness(),
        meter=Prometheus() if token else Metrics(), metrics_token=token, ping_seconds=ping_seconds,
    )  # fmt: skip
    origins = security.Origins(settings.origin, place.host, place.port)

    app = App(__name__, static_folder=None, template_folder=None)
    app.request_class = Request
    app.secret_key = place.secret_key or users.kept(SECRET, secrets.token_urlsafe(48))
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY, BODY_TIMEOUT=10, RESPONSE_TIMEOUT=settings.limits.reply_seconds + 60
    )
    app.extensions["storekeeper.cookies"] = Cookies(
        app,
        cookie_name="__Host-sid" if origins.is_https else "sid",
        cookie_secure=origins.is_https,
        cookie_http_only=True,
        cookie_samesite="Lax",
        cookie_path="/",
        duration=int(accounts.ABSOLUTE.total_seconds()),
        salt="storekeeper session",
    )
    app.session_interface = NoSession()
    app.asgi_app = traced(app.asgi_app, shared.meter)  # type: ignore[assignment,method-assign]
    assets = Assets(ROOT / "static", settings.shop)
    app.extensions["storekeeper"] = shared
    app.extensions["storekeeper.place"] = place
    app.extensions["storekeeper.languages"] = known = languages.load(place.languages, settings.language)
    app.extensions["storekeeper.pages"] = Pages(
        ROOT / "templates",
        assets,
        known,
        shop=settings.shop,
        version=configuration.VERSION,
        contact=contact(settings.contact),
        owner_reads=settings.owner_reads_conversations,
    )
    app.extensions["storekeeper.replies"] = LiveReplies(shared)
    app.extensions["storekeeper.reports"] = place.reports
    app.register_blueprint(account)
    app.register_blueprint(admin)
    app.register_blueprint(chat)
    app.register_blueprint(choice)
    app.register_blueprint(login)
    app.register_blueprint(compare)
    app.register_blueprint(conversations)
    app.register_blueprint(metrics)
    app.register_blueprint(remembered)
    app.register_blueprint(transfers)
    app.register_blueprint(versions)
    app.register_blueprint(feedback)
    _add_guards(app, origins, known)
    _add_plain_routes(app, assets)
    _add_life_cycle(app, shared, core, owns_process)
    return app


def _add_guards(app: Quart, origins: security.Origins, known: languages.Languages) -> None:
    """What every request passes first, and what every answer carries."""

    @app.before_request
    async def guard() -> Answer | None:
        g.nonce = security.make_nonce()
        if request.url_rule is not None:
            trace().route = request.url_rule.rule
        hosts = request.headers.getlist("Host")
        is_known = len(hosts) == 1 and origins.knows_host(hosts[0])
        if not is_known and request.endpoint != "healthz":  # asked by what watches the server, under any name it knows
            log.warning("unknown_host")
            return html(
                _("This server doesn't answer to that address. Its owner can set `origin` in settings.toml."), 421
            )
        if not origins.allows(request):
            log.warning("cross_origin_refused")
            return html(_("This request came from another site and was refused."), 403)
        if (request.content_length or 0) > LARGEST_BODY and request.path not in LARGER:
            abort(413)  # also where nobody would have looked at the body
        if request.endpoint in PUBLIC or request.endpoint is None:
            return None
        asking = await sessions.authenticate()
        if asking is None:
            return _nobody()
        g.person = asking
        trace().person = asking.name
        if asking.account.one_time_until is not None and request.endpoint not in FIRST_STEPS:
            return _nobody() if request.endpoint == "chat.follow_reply" else redirect_to("/account")
        return None

    @app.after_request
    async def protect(response: Response) -> Response:
        return security.protect(response, g.get("nonce", ""), is_https=origins.is_https)

    @app.errorhandler(HTTPException)
    async def explain(error: HTTPException) -> Answer:
        if g.get("person") is None and (
            asking := await sessions.authenticate()
        ):  # no address of ours, so nobody was asked yet
            g.language = known.of(asking.account.language) or language()
        status = error.code or 500
        title, text = map(_, _ERRORS.get(status, _OTHER_ERROR))
        answer = render_notice(text, status) if is_htmx() else render_page("error.html", status, title=title, text=text)
        for name, value in error.get_headers() if status in (405, 429) else ():
            if name.lower() in ("allow", "retry-after"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(StorageError)
    @app.errorhandler(NotRegular)
    async def apologise(error: StorageError | NotRegular) -> Answer:
        """A disk that is full, read-only or broken: nothing was changed, and the same may succeed later."""
        log.critical("disk_failed", extra={"error": str(error)})
        title, text = map(_, _ERRORS[503])
        answer = render_notice(text, 503) if is_htmx() else render_page("error.html", 503, title=title, text=text)
        answer.headers["Retry-After"] = "5"
        return answer

    @app.errorhandler(Exception)
    async def confess(error: Exception) -> Answer:
        log.error("request_failed", exc_info=error)
        title, text = map(_, _ERRORS[500])
        return (
            render_notice(f"{text} ({trace().id})", 500)
            if is_htmx()
            else render_page("error.html", 500, title=title, text=text)
        )


_ERRORS = {
    400: (N_("Bad request"), N_("The request couldn't be read.")),
    404: (N_("Page not found"), N_("There's nothing at this address.")),
    405: (N_("Method not allowed"), N_("This page doesn't accept that kind of request.")),
    408: (N_("Request timed out"), N_("Your request didn't arrive in time. Please try again.")),
    413: (N_("Too large"), N_("That's too much to send at once. Please shorten it.")),
    429: (N_("Too many requests"), N_("Please try again in a moment.")),
    503: (
        N_("Not available right now"),
        N_("The server couldn't save this. Nothing was changed; please try again in a moment."),
    ),
    500: (
        N_("Something went wrong"),
        N_("The server had an error. Your earlier messages are safe; please try again."),
    ),
}
_OTHER_ERROR = (N_("That didn't work"), N_("The server couldn't do this."))


def _nobody() -> Answer:
    """Answer who is not logged in: to the login page; a stream is ended, since htmx would open it for ever."""
    if request.endpoint == "chat.follow_reply" and "text/event-stream" in request.headers.get("Accept", ""):
        return Response("event: done\ndata: done\n\n", content_type="text/event-stream; charset=utf-8")
    if is_htmx():
        return html("", 401, HX_Redirect="/login")
    return redirect_to("/login")


def _add_plain_routes(app: Quart, assets: Assets) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/robots.txt")
    async def robots() -> Response:
        return Response("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")

    @app.get("/assets/<version>/<name>")
    async def asset(version: str, name: str) -> Answer:
        found = assets.find(version, name)
        if found is None:
            abort(404)
        packed = found.compressed if request.accept_encodings["gzip"] else None
        tag = found.version if packed is None else f"{found.version}-gzip"
        if request.if_none_match.contains_weak(tag):
            response = Response(status=304)
        else:
            response = Response(packed or found.body, content_type=TYPES[Path(name).suffix])
            if packed is not None:
                response.headers["Content-Encoding"] = "gzip"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.set_etag(tag)
        response.headers["Vary"] = "Accept-Encoding"
        return response


def _add_life_cycle(app: Quart, shared: Services, core: Core | None, owns_process: bool) -> None:
    replies: LiveReplies = app.extensions["storekeeper.replies"]
    tasks = set[asyncio.Task[Any]]()

    @app.before_serving
    async def begin() -> None:
        loop = asyncio.get_running_loop()
        _chain_sigterm(loop, replies, shared.settings.limits.grace_seconds)
        _end_with_parent(loop)
        tasks.add(loop.create_task(asyncio.to_thread(_warm, shared.settings, owns_process)))
        tasks.add(loop.create_task(asyncio.to_thread(_sweep, shared.users)))
        tasks.add(loop.create_task(shared.tables.keep()))
        if shared.readiness.is_embedded:
            from handlers.replies.warmup import wake

            tasks.add(loop.create_task(wake(shared)))
        if shared.meter.is_on:
            tasks.add(loop.create_task(watch_lag(shared.meter)))
        if core is not None:
            tasks.add(loop.create_task(core.keep()))

    @app.after_serving
    async def end() -> None:
        await replies.close(shared.settings.limits.grace_seconds)
        for task in tasks:
            task.cancel()
        if isinstance(shared.completer, Client):
            await shared.completer.close()


def _chain_sigterm(loop: asyncio.AbstractEventLoop, replies: LiveReplies, grace_seconds: float) -> None:
    """At SIGTERM close the replies first, then let the server go its way: it would wait for their streams."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def close(received: int, frame: Any, before: Any = before) -> None:
            loop.call_soon_threadsafe(lambda: loop.create_task(replies.close(grace_seconds)))
            if callable(before):
                before(received, frame)

        signal.signal(number, close)


def _end_with_parent(loop: asyncio.AbstractEventLoop) -> None:
    """Have a worker process end, as at SIGTERM, when the one that started it is gone, whatever killed that."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def end() -> None:
        loop.remove_reader(parent.sentinel)
        signal.raise_signal(signal.SIGTERM)

    loop.add_reader(parent.sentinel, end)


def _warm(settings: Settings, owns_process: bool) -> None:
    """Load what the first message needs, while the first page is being looked at.

    What is there then stays: the garbage collector, which stops everybody while it looks, need not look through it. In a
    process that is not ours alone it would keep others' garbage too. It looks less often than it is used to: most of
    what a turn makes is gone by itself meanwhile.
    """
    preload()
    import genai_prices  # noqa: F401

    if owns_process:
        gc.freeze()
        gc.set_threshold(_MADE_BETWEEN_LOOKS)

    if settings.budget.daily_usd or settings.budget.daily_usd_per_user:
        for name in dict.fromkeys((*settings.chat, *settings.summariser)):
            if cost_usd(settings.model(name), Usage(1, 1), utc_now()) is None:
                log.warning("price_unknown", extra={"model": name})


_MADE_BETWEEN_LOOKS = 5_000
"""Objects made and not yet gone until the garbage collector looks through the youngest, Python's usual 700."""


def _sweep(users: Users) -> None:
    """Remove what processes that died long ago left half-written, while the first page is being looked at."""
    try:
        if removed := repair.sweep(users.root, time.time()):
            log.info("swept", extra={"files": removed})
    except OSError as error:
        log.error("not_swept", extra={"error": str(error)})


def serve(settings: Settings, place: Environment, workers: int, verbose: bool = False) -> int:
    """Serve until SIGTERM or Ctrl-C. The page answers at once; the embedded model wakes meanwhile."""
    import uvicorn

    configuration.check_providers(settings, place.environ)
    settings = configuration.with_embedded(settings, place.environ, configuration.find_gguf())
    languages.load(place.languages, settings.language)  # told before anything is begun, if it cannot be used
    users = Users(place.users)
    users.prepare()
    users.sweep()
    selftest.run(users.root)
    served = _serve_files(settings, place.environ)
    os.environ[_SERVED] = json.dumps({name: one.base_url for name, one in served.items()})
    os.environ[_VERBOSE] = str(int(verbose))
    _begin_log(settings, place)
    is_counted = workers > 1 and (place.metrics_token or settings.metrics_token)
    counting = TemporaryDirectory(prefix="storekeeper-metrics-") if is_counted else nullcontext("")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(
            number, lambda *received: None
        )  # uvicorn raises the signal once more when it is done: then all is well
    _greet(settings, place, signups.first_token(users))
    try:
        with counting as shared_counts:
            if shared_counts:
                os.environ[SHARED] = shared_counts
            uvicorn.run(
                application() if workers == 1 else "server:application",
                factory=workers > 1,
                workers=workers,
                host=place.host,
                port=place.port,
                log_config=None,
                access_log=False,
                server_header=False,
                ws=NoWebSocket,
                proxy_headers=False,
                timeout_graceful_shutdown=ceil(settings.limits.grace_seconds) + 10,
                timeout_worker_healthcheck=60,  # a process that still starts on a busy machine is not a dead one
            )
    finally:
        for one in served.values():
            one.stop()
    return 0


_SERVED = "STOREKEEPER_SERVED"
"""The environment variable by which worker processes learn where the GGUF files are served."""


_VERBOSE = "STOREKEEPER_VERBOSE"
"""The environment variable by which worker processes learn how much to log."""


def _begin_log(settings: Settings, place: Environment, *more: str | None) -> None:
    headers = (value for model in settings.models for value in model.headers.values())
    secrets_here = logs.secrets_of(place.environ, settings.metrics_token, *headers, *more)
    logs.begin(secrets_here, verbose=os.environ.get(_VERBOSE) == "1")


def application() -> Quart:
    """Make the application of one worker process, from the environment that `serve` prepared."""
    environ = configuration.environment()
    place = configuration.place(environ)
    sys.setswitchinterval(0.0005)  # threads at work on files must not hold up the loop for Python's usual 5 ms
    settings = configuration.load(configuration.settings_path(environ))
    settings = configuration.with_embedded(settings, place.environ, configuration.find_gguf())
    addresses: dict[str, str] = json.loads(environ.get(_SERVED, "{}"))
    models = tuple(
        msgspec.structs.replace(model, base_url=addresses[model.name]) if model.name in addresses else model
        for model in settings.models
    )
    settings = msgspec.structs.replace(settings, models=models)
    is_embedded = settings.chat == (configuration.EMBEDDED,)
    core = Core() if settings.own_core else None
    if core is not None:
        core.take()
    readiness = Readiness(is_embedded=is_embedded, is_awake=not is_embedded)
    app = create_app(settings, place, readiness=readiness, core=core, owns_process=True)
    _begin_log(settings, place, str(app.secret_key))
    return app


def _serve_files(settings: Settings, environ: Mapping[str, str]) -> dict[str, embedded.Served]:
    """Start a server for each GGUF file that is to answer; return them by the model's name."""
    wanted = (model for model in settings.models if model.name in (*settings.chat, *settings.summariser))
    return {model.name: embedded.serve(model.gguf, model.total, environ) for model in wanted if model.gguf}


def _greet(settings: Settings, place: Environment, token: str | None) -> None:
    address = configuration.address(settings, place)
    print(f"\n  {settings.shop}: Storekeeper is at {address}")
    if token is not None:
        print("  Create the owner's account here (the link works once):")
        print(f"  {address}/signup?token={token}")
    if settings.chat == (configuration.EMBEDDED,):
        print("  A tiny demo model answers. For a real one, put OPENAI_API_KEY=... in .env, or see settings.toml.")
    else:
        print(f"  Answers come from {', '.join(settings.chat)}.")
    print(flush=True)


if __name__ == "__main__":
    sys.exit(commands.run(sys.argv[1:], serve))
