"""settings.toml, .env and the shop's logo, whose edits are in force within seconds in every process, without a restart.

A version that cannot be used changes nothing: the log and the settings page say why.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from quart import Quart

from completions.client import Client, Completer
from handlers.pages import languages
from handlers.pages.languages import Languages
from handlers.replies import incidents
from handlers.services import Services, in_thread
from handlers.web.app import Web, use_settings
from settings import BadSetting, Environment, Settings
from shop import logo

log = logging.getLogger("storekeeper.settings")

LOOK_SECONDS = 1.0

Read = Callable[[], tuple[Settings, Environment]]


@dataclass(frozen=True, slots=True)
class _InForce:
    """What the process goes by, and what it asks models with."""

    settings: Settings
    environment: Environment
    completer: Completer
    logo: object


class LiveSettings:
    """Reads the two files again when they have changed, and puts them in force.

    `read` returns the settings and the environment as they are now, or raises BadSetting. `problem` says why what stands
    in the files is not in force, in one line; "" where it is.
    """

    def __init__(
        self, app: Quart, read: Read, settings: Settings, environment: Environment, completer: Completer
    ) -> None:
        self._app, self._read = app, read
        self._in_force = _InForce(settings, environment, completer, _logo(settings, environment))
        logos = (logo.path_of(environment.prompts, name) for name in logo.NAMES)
        self._files = tuple(filter(None, (environment.settings_file, environment.dotenv, *logos)))
        self._seen = _state(self._files)
        self._lock = asyncio.Lock()
        self._retired = set[asyncio.Task[None]]()
        self.problem = ""

    async def run(self) -> None:
        """Look once a second, until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Exception:  # a task's edge: the settings in force stay
                log.exception("settings_not_read")

    async def look(self) -> None:
        """Put the files in force if they have changed since the last look."""
        async with self._lock:
            state = await in_thread(_state, self._files)
            if state == self._seen:
                return
            self._seen = state
            try:
                settings, environment = await in_thread(self._read)
                known = await in_thread(languages.load, environment.languages, settings.language)
            except BadSetting as error:
                self.problem = str(error)
                log.error("settings_not_used", extra={"error": self.problem})
                return
            self.problem = ""
            await self._use(settings, environment, known)

    async def _use(self, settings: Settings, environment: Environment, known: Languages) -> None:
        last, found = self._in_force, await in_thread(_logo, settings, environment)
        if (settings, environment, found) == (last.settings, last.environment, last.logo):
            return
        completer = last.completer
        if isinstance(completer, Client) and _asks_otherwise(last, settings, environment):
            completer = Client(environment.environ, settings.limits)
            self._retire(last.completer, last.settings.limits.reply_seconds)
        self._in_force = _InForce(settings, environment, completer, found)
        services = await use_settings(self._app, settings, environment, completer, known)
        if (settings.models, environment.environ) != (last.settings.models, last.environment.environ):
            await in_thread(incidents.forget_models, services)
        log.info("settings_in_force")

    def _retire(self, client: Completer, seconds: float) -> None:
        """Close the connections of an earlier client when its last reply must have ended."""

        async def close() -> None:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(seconds)
            if isinstance(client, Client):
                await client.close()

        task = asyncio.create_task(close(), name="close an earlier client")
        self._retired.add(task)
        task.add_done_callback(self._retired.discard)

    async def close(self) -> None:
        """Close the clients that went out of use."""
        for task in self._retired:
            task.cancel()
        await asyncio.gather(*self._retired, return_exceptions=True)


def add_live_settings(app: Quart, read: Read) -> None:
    """Have an application follow its files of settings while it serves."""
    services: Services = app.extensions["storekeeper"]
    web: Web = app.extensions["storekeeper.web"]
    live = LiveSettings(app, read, services.settings, web.environment, services.completer)
    app.extensions["storekeeper.web"] = replace(web, live=live)
    tasks = set[asyncio.Task[None]]()

    async def start() -> None:
        tasks.add(asyncio.create_task(live.run(), name="settings"))

    async def stop() -> None:
        for task in tasks:
            task.cancel()
        await live.close()

    app.before_serving(start)
    app.after_serving(stop)


def _asks_otherwise(last: _InForce, settings: Settings, environment: Environment) -> bool:
    """True if models are asked at other addresses, with other keys or limits than before."""
    return (settings.models, settings.limits, environment.environ) != (
        last.settings.models,
        last.settings.limits,
        last.environment.environ,
    )


def _logo(settings: Settings, environment: Environment) -> object:
    """Return the state of the logo that the settings name. Blocks."""
    return logo.state(environment.prompts, settings.brand.logo)


def _state(files: tuple[Path, ...]) -> tuple[object, ...]:
    """Return what distinguishes one state of the files from another. Blocks."""
    found = list[object]()
    for file in files:
        try:
            status = os.stat(file)
            found.append((status.st_ino, status.st_mtime_ns, status.st_size))
        except OSError:
            found.append(None)
    return tuple(found)
