"""The owner's desk in a test: a shop whose files are a copy, its owner's browser, and files that are sent in."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import msgspec
from quart import Quart

from handlers.services import Services
from memory.people import audit
from settings import ROOT, Environment
from tests.conftest import Open, enter, services_of
from tests.support.shop import Answered, Scripted, Visitor, settings_of


def copied_prompts(place: Environment, directory: Path) -> Environment:
    """Return a place whose prompts/ are a copy of the repository's, which a test may change."""
    shutil.copytree(ROOT / "prompts", directory / "prompts", ignore=shutil.ignore_patterns(".versions"))
    return msgspec.structs.replace(place, prompts=directory / "prompts")


@dataclass(frozen=True, slots=True)
class Desk:
    """The shop and the browser of its owner."""

    app: Quart
    ana: Visitor

    @property
    def services(self) -> Services:
        return services_of(self.app)

    @property
    def prompts(self) -> Path:
        return self.services.prompts

    @property
    def store(self) -> Path:
        return self.prompts / "store"

    def changed(self) -> list[tuple[str, str, str, str]]:
        """Return what the audit has, the newest first."""
        return [(one.who, one.what, one.before, one.after) for one in audit.latest(self.services.users, 50)]

    async def read(self) -> None:
        """Read the shop's files, as the watch does."""
        self.services.shop.refresh()

    async def upload(self, *files: tuple[str, bytes], **fields: str) -> Answered:
        """Send files in."""
        body = sent_in(files, fields)
        headers = [("Content-Type", "multipart/form-data; boundary=xx")]
        return await self.ana.ask("POST", "/admin/data/upload", [body], headers)

    async def save(self, name: str, text: str, seen: str, **fields: str) -> Answered:
        return await self.ana.post(f"/admin/texts/{quote(name)}", {"text": text, "seen": seen, **fields})


def open_desk(open_shop: Open) -> Desk:
    app = open_shop(settings_of({"luna": None}, currency="BRL"), Scripted())
    return Desk(app, enter(app, "ana"))


def sent_in(files: tuple[tuple[str, bytes], ...], fields: Mapping[str, str]) -> bytes:
    """Return the body of a form with files."""
    parts = [f'--xx\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in fields.items()]
    for name, data in files:
        head = f'--xx\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        parts.append(head + data + b"\r\n")
    return b"".join(parts) + b"--xx--\r\n"


def secret_in(page: str) -> str:
    """Return the password or the link that a page shows once."""
    found = re.search(r'<pre id="secret"[^>]*>([^<]+)</pre>', page)
    assert found is not None, page
    return found[1]
