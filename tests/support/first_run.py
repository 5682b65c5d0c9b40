"""A shop at its first run in a test: files of its own, an owner at a browser, settings that are in force when they are saved."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec
from quart import Quart

from handlers.desk import setup
from handlers.services import Services
from handlers.web.app import Web
from handlers.web.live_settings import add_live_settings
from memory.people import audit
from server import create_app
from settings import ROOT, Environment, Settings, load
from tests.conftest import enter
from tests.support.shop import Answered, Clock, Visitor
from tests.support.snapshots import build_here

BOUNDARY = "xx"


@dataclass(frozen=True, slots=True)
class FirstRun:
    """The application and the browser of its owner."""

    app: Quart
    ana: Visitor
    file: Path

    @property
    def services(self) -> Services:
        found: Services = self.app.extensions["storekeeper"]
        return found

    @property
    def web(self) -> Web:
        found: Web = self.app.extensions["storekeeper.web"]
        return found

    @property
    def settings(self) -> Settings:
        return self.services.settings

    @property
    def dotenv(self) -> Path:
        return self.file.with_name(".env")

    def changed(self) -> list[tuple[str, str, str]]:
        """Return what the list of changes has, the newest first."""
        return [(one.what, one.before, one.after) for one in audit.latest(self.services.users, 50)]

    async def send(self, path: str, fields: dict[str, str], **files: tuple[str, bytes]) -> Answered:
        """Send a form with files, as a browser does."""
        body = b"".join(_part(name, value.encode()) for name, value in fields.items())
        body += b"".join(_part(name, data, sent) for name, (sent, data) in files.items())
        headers = [("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")]
        return await self.ana.ask("POST", path, [body + f"--{BOUNDARY}--\r\n".encode()], headers)


def _part(name: str, value: bytes, sent: str | None = None) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
    head += f'; filename="{sent}"\r\nContent-Type: application/octet-stream' if sent is not None else ""
    return head.encode() + b"\r\n\r\n" + value + b"\r\n"


def first_run(place: Environment, root: Path, clock: Clock, **environ: str) -> FirstRun:
    """Return a shop as it comes, at the beginning of its first run; ana and bob have accounts."""
    shutil.copytree(ROOT / "prompts", root / "prompts", ignore=shutil.ignore_patterns(".versions"))
    file = root / "settings.toml"
    shutil.copyfile(ROOT / "settings.toml", file)

    def read() -> tuple[Settings, Environment]:
        from completions import available
        from settings import _dotenv

        dotenv = file.with_name(".env")
        found = msgspec.structs.replace(
            place,
            prompts=root / "prompts",
            settings_file=file,
            dotenv=dotenv,
            environ={**_dotenv(dotenv), **environ},
        )
        return available.reachable(load(file), found.environ), found

    app = create_app(*read(), now=clock, build_index=build_here)
    add_live_settings(app, read)
    run = FirstRun(app, enter(app, "ana"), file)
    setup.begin(run.services.users)
    return run
