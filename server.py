"""Storekeeper: create_app puts the parts together, serve runs it. The command line is in commands.py.

uv run just serve             start, print the address, open a browser there
uv run just                   what else there is
"""

import json
import os
import secrets
import signal
import sys
from contextlib import nullcontext
from math import ceil
from tempfile import TemporaryDirectory

from quart import Quart

import commands
import settings as configuration
from completions import available, embedded
from completions.client import Client, Completer
from handlers import logs
from handlers.desk import attention
from handlers.desk.notify import Channel, NoticeSender
from handlers.desk.week import figures
from handlers.lifecycle import add_lifecycle
from handlers.logs import traced
from handlers.metrics import SHARED, Metrics, Prometheus
from handlers.pages import languages
from handlers.replies.live import LiveReplies
from handlers.routes import add_routes
from handlers.services import PING_SECONDS, Clock, Services, utc_now
from handlers.web.app import App, make_web, response_timeout
from handlers.web.channel import channel_of
from handlers.web.cookies import NoSession, make_cookies
from handlers.web.guards import add_guards
from handlers.web.live_settings import add_live_settings
from handlers.web.security import Origins
from handlers.web.upgrades import NoWebSocket
from handlers.web.uploads import LARGEST_BODY
from memory.people import signups
from memory.storage import layout, selftest
from memory.storage.users import Users
from memory.usage import corrections
from settings import Environment, Settings
from shop.catalogue import Build

_SERVED = "STOREKEEPER_SERVED"
"""The environment variable by which worker processes learn where the GGUF files are served."""
_VERBOSE = "STOREKEEPER_VERBOSE"
"""The environment variable by which worker processes learn how much to log."""


def create_app(
    settings: Settings,
    place: Environment,
    *,
    completer: Completer | None = None,
    now: Clock = utc_now,
    ping_seconds: float = PING_SECONDS,
    owns_process: bool = False,
    build_index: Build | None = None,
) -> Quart:
    """Return the application. The model client, the clock, the time between two pings and the index's builder can be handed in.

    `owns_process` is that of handlers/lifecycle.py.
    """
    users = Users(place.users)
    users.prepare()
    token = place.metrics_token or settings.metrics_token
    known = languages.load(place.languages, settings.language)
    services = Services(
        settings, users, place.prompts, completer or Client(place.environ, settings.limits), now,
        metrics=Prometheus() if token else Metrics(), metrics_token=token, ping_seconds=ping_seconds,
        build_index=build_index, speak=known.speaker, corrections=corrections.load(users),
    )  # fmt: skip
    app = App(__name__, static_folder=None, template_folder=None)
    app.secret_key = place.secret_key or users.get_or_create(layout.SECRET, secrets.token_urlsafe(48))
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, BODY_TIMEOUT=10, RESPONSE_TIMEOUT=response_timeout(settings))
    app.session_interface = NoSession()
    app.asgi_app = traced(app.asgi_app, services.metrics)  # type: ignore[assignment,method-assign]
    app.extensions["storekeeper"] = services
    origins = Origins(settings.origin, place.host, place.port)
    cookies = make_cookies(app, is_https=origins.is_https)
    replies = LiveReplies(services)
    app.extensions["storekeeper.web"] = web = make_web(settings, place, known, origins, cookies, replies, now)
    add_routes(app)
    add_guards(app)

    def current() -> Services:
        found: Services = app.extensions["storekeeper"]
        return found

    def channel() -> Channel:
        return channel_of(current(), app.extensions["storekeeper.web"])

    sender = NoticeSender(current, channel, attention.entries, figures)
    add_lifecycle(app, current, web.replies, sender, owns_process=owns_process)
    return app


def serve(settings: Settings, place: Environment, workers: int, verbose: bool = False) -> int:
    """Serve until SIGTERM or Ctrl-C. The page answers at once; a GGUF file is loaded meanwhile."""
    import uvicorn

    configuration.check_providers(settings, place.environ)
    settings = available.reachable(settings, place.environ)
    available.check_files(settings)
    languages.load(place.languages, settings.language)  # refused before anything is begun, if it cannot be used
    users = Users(place.users)
    users.prepare()
    users.sweep()
    selftest.run(users.root)
    served = embedded.serve_files(settings, place.environ)
    os.environ[_SERVED] = json.dumps({name: one.base_url for name, one in served.items()})
    os.environ[_VERBOSE] = str(int(verbose))
    _begin_log(settings, place)
    is_counted = workers > 1 and (place.metrics_token or settings.metrics_token)
    counting = TemporaryDirectory(prefix="storekeeper-metrics-") if is_counted else nullcontext("")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(
            number, lambda *received: None
        )  # uvicorn raises the signal once more when it is done: then all is well
    _print_banner(settings, place, signups.first_token(users))
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


def _begin_log(settings: Settings, place: Environment, *more: str | None) -> None:
    headers = (value for model in settings.models for value in model.headers.values())
    secrets_here = logs.secrets_of(place.environ, settings.metrics_token, settings.notify.webhook, *headers, *more)
    logs.begin(secrets_here, verbose=os.environ.get(_VERBOSE) == "1")


def application() -> Quart:
    """Make the application of one worker process, from the environment that `serve` prepared."""
    sys.setswitchinterval(0.0005)  # threads at work on files must not hold up the loop for Python's usual 5 ms
    settings, place = _read()
    app = create_app(settings, place, owns_process=True)
    add_live_settings(app, lambda: _read(str(app.secret_key)))
    _begin_log(settings, place, str(app.secret_key))
    return app


def _read(*secrets_here: str) -> tuple[Settings, Environment]:
    """Read settings.toml and the environment. BadSetting for what cannot be used. The log hides what is secret in them."""
    environ = configuration.environment()
    place = configuration.place(environ)
    settings = configuration.load(configuration.settings_path(environ))
    configuration.check_providers(settings, place.environ)
    settings = available.reachable(settings, place.environ)
    available.check_files(settings)
    settings = embedded.with_addresses(settings, json.loads(environ.get(_SERVED, "{}")))
    _begin_log(settings, place, *secrets_here)
    return settings, place


def _print_banner(settings: Settings, place: Environment, token: str | None) -> None:
    address = configuration.address(settings, place)
    print(f"\n  {settings.shop}: Storekeeper is at {address}")
    if token is not None:
        print("  Create the owner's account here (the link works once):")
        print(f"  {address}/signup?token={token}")
    if settings.chat == (configuration.CATALOGUE,):
        print("  Answers come from the shop's data, without a model.")
        print("  To connect one, put OPENAI_API_KEY=... in .env, or see settings.toml.")
    else:
        print(f"  Answers come from {', '.join(settings.chat)}.")
    print(flush=True)


if __name__ == "__main__":
    sys.exit(commands.run(sys.argv[1:], serve))
