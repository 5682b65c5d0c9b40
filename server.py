"""Storekeeper: create_app puts the parts together, serve runs it. The command line is in commands.py.

uv run just serve             start, print the address, open a browser there
uv run just                   what else there is
"""

import json
import os
import secrets
import signal
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from math import ceil
from tempfile import TemporaryDirectory

import msgspec
from quart import Quart

import commands
import settings as configuration
from completions import embedded
from completions.client import Client, Completer
from handlers import logs
from handlers.lifecycle import add_lifecycle
from handlers.logs import traced
from handlers.metrics import SHARED, Metrics, Prometheus
from handlers.pages import languages
from handlers.replies.live import LiveReplies
from handlers.replies.pacing import Pacer
from handlers.routes import add_routes
from handlers.services import PING_SECONDS, Clock, Readiness, Services, utc_now
from handlers.web.app import App, make_web
from handlers.web.guards import add_guards
from handlers.web.security import Origins
from handlers.web.sessions import NoSession, make_cookies
from handlers.web.upgrades import NoWebSocket
from handlers.web.uploads import LARGEST_BODY
from memory.people import signups
from memory.storage import layout, selftest
from memory.storage.users import Users
from memory.usage import corrections
from settings import Environment, Settings

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
    readiness: Readiness | None = None,
    ping_seconds: float = PING_SECONDS,
    owns_process: bool = False,
) -> Quart:
    """Return the application. The model client, the clock and the time between two pings can be handed in.

    `owns_process` is that of handlers/lifecycle.py.
    """
    users = Users(place.users)
    users.prepare()
    token = place.metrics_token or settings.metrics_token
    shared = Services(
        settings, users, place.prompts, completer or Client(place.environ, settings.limits), Pacer(), now,
        readiness or Readiness(), meter=Prometheus() if token else Metrics(), metrics_token=token,
        ping_seconds=ping_seconds, corrections=corrections.load(users),
    )  # fmt: skip
    app = App(__name__, static_folder=None, template_folder=None)
    app.secret_key = place.secret_key or users.kept(layout.SECRET, secrets.token_urlsafe(48))
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY, BODY_TIMEOUT=10, RESPONSE_TIMEOUT=settings.limits.reply_seconds + 60
    )
    app.session_interface = NoSession()
    app.asgi_app = traced(app.asgi_app, shared.meter)  # type: ignore[assignment,method-assign]
    app.extensions["storekeeper"] = shared
    origins = Origins(settings.origin, place.host, place.port)
    cookies = make_cookies(app, is_https=origins.is_https)
    app.extensions["storekeeper.web"] = around = make_web(settings, place, origins, cookies, LiveReplies(shared))
    add_routes(app)
    add_guards(app)
    add_lifecycle(app, shared, around.replies, owns_process=owns_process)
    return app


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
    readiness = Readiness(is_embedded=is_embedded, is_awake=not is_embedded)
    app = create_app(settings, place, readiness=readiness, owns_process=True)
    _begin_log(settings, place, str(app.secret_key))
    return app


def _serve_files(settings: Settings, environ: Mapping[str, str]) -> dict[str, embedded.Served]:
    """Start a server for each GGUF file that is to answer; return them by the model's name."""
    wanted = (model for model in settings.models if model.name in (*settings.chat, *settings.summariser))
    return {model.name: embedded.serve(model.gguf, model.total, environ) for model in wanted if model.gguf}


def _print_banner(settings: Settings, place: Environment, token: str | None) -> None:
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
