"""A server process of its own, and a visitor who sits before it at a browser and sees only what a person sees."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import tomli_w
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Request,
    WebError,
    expect,
)

from memory.conversations.records import Entry, Record, parse, print_record
from memory.people import accounts
from memory.storage.folders import Folder
from memory.storage.layout import HISTORY, REPLY
from memory.storage.users import Users
from settings import ROOT
from tests.support.upstream import Upstream

PASSWORD = "a hammock in the shade"
EXAMPLES = ["How much is the double hammock RED-012?", "Can you send 1 kg of coffee to Portugal?"]
CONTACT = "ola@quintalcabure.example or +55 81 0555-0142"
SERVE = ("server.py", "serve")
MOST_MS = 30_000
"""How long a journey waits for anything that the page is to show: a busy machine may bring it late."""
_CONNECTION_LOST = ("Failed to load resource: net::", "htmx:sse:error", "htmx:error: Failed to fetch")
_RESUMED = "signal is aborted without reason"
"""At the end of a stream that was opened again, htmx's extension (4.0.0-beta6) cancels a reader it has aborted itself."""


class Server:
    """`python server.py serve` with a directory of its own; it can be killed and started again. `changed` are settings."""

    def __init__(
        self,
        root: Path,
        upstream: Upstream,
        *,
        script: str = "as_told",
        model: str = "as_told",
        program: Sequence[str] = SERVE,
        prompts: Path = ROOT / "prompts",
        **changed: object,
    ) -> None:
        self._program, self._prompts = program, prompts
        self.users = Users(root / "users")
        self.users.prepare()
        self._account = b""
        self._log, self._settings = root / "log", root / "settings.toml"
        self._settings.write_text(
            tomli_w.dumps({
                "chat": [model],
                "summariser": [model],
                "models": [{"name": model, "base_url": upstream.url(script), "max_input": 100_000}],
                "examples": EXAMPLES,
                "contact": CONTACT,
                "details": "everyone",
                "budget": {"daily_tokens_per_user": 0},
                "limits": {"messages_per_minute": 0, "message_chars": 2_000},
                **changed,
            })
        )  # fmt: skip
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environ = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "STOREKEEPER_"))}
        environ |= {
            "STOREKEEPER_SETTINGS": str(self._settings),
            "STOREKEEPER_PROMPTS": str(self._prompts),
            "STOREKEEPER_USERS": str(self.users.root),
            "STOREKEEPER_PORT": str(self.port),
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._program], cwd=ROOT, env=environ, stdout=log, stderr=log
            )
        last = time.monotonic() + 30
        while not self._answers():
            assert self._process.poll() is None, f"the server did not start: {self.log()}"
            assert time.monotonic() < last, f"the server does not answer: {self.log()}"
            time.sleep(0.05)

    def _answers(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=1) as answer:
            return bool(answer.status == 200)
        return False

    def end(self, number: int = signal.SIGKILL) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(timeout=15)

    def log(self) -> str:
        return self._log.read_text()

    def add_person(self, name: str, role: Literal["customer", "owner"] = "customer") -> Folder:
        """Make an account; the hash of the password, which takes its time, is made for the first person only."""
        if not self._account:
            accounts.create(self.users, name, PASSWORD, role, datetime.now(UTC))
            made = self.users.folder(name).read("account.toml")
            self._account = made.replace(name.encode(), b"NAME", 1).replace(f'"{role}"'.encode(), b'"ROLE"', 1)
            return self.users.folder(name)
        account = self._account.replace(b"NAME", name.encode(), 1).replace(b"ROLE", role.encode(), 1)
        return self.users.create(name, account)


def write_history(folder: Folder, records: Sequence[Record]) -> None:
    """Write a conversation as somebody would by hand."""
    (folder.path / HISTORY).write_bytes(b"".join(print_record(record) for record in records))


@dataclass(frozen=True, slots=True)
class Said:
    """One message on the page: who says it, the words as a person reads them, and how it ended."""

    role: str
    text: str
    ending: str = ""


_SAID = """() => [...document.querySelectorAll("#log > .message")].map((message) => ({
    role: message.classList.contains("user") ? "user" : "assistant",
    text: message.querySelector(".text")?.innerText.trim() ?? "",
    ending: [...message.querySelectorAll(".ending")].map((ending) => ending.innerText).join(" "),
}))"""


@dataclass
class Visitor:
    """A person with an account, logged in at the page. `troubles` must be empty at the end of every journey."""

    server: Server
    name: str
    folder: Folder
    context: BrowserContext
    page: Page
    troubles: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    """Words of the console that this journey brings about, such as the status of a refusal."""

    def watch(self) -> None:
        """Note what must never happen: an error in the console, a dialog, a request to elsewhere."""
        self.context.on("console", self._hear)
        self.context.on("weberror", self._catch)
        self.context.on("dialog", self._meet)
        self.context.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(words in message.text for words in self.allowed):
            self.troubles.append(f"{message.type}: {message.text}")

    def _catch(self, error: WebError) -> None:
        if _RESUMED not in str(error.error):
            self.troubles.append(f"error: {error.error}")

    def _meet(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _see(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("about", "data", "blob") and address.netloc != f"127.0.0.1:{self.server.port}":
            self.troubles.append(f"request: {request.url}")

    def log_in(self) -> None:
        form: dict[str, str | float | bool] = {"username": self.name, "password": PASSWORD}
        answer = self.context.request.post(f"{self.server.url}/login", form=form, headers={"Origin": self.server.url})
        assert answer.ok

    def allow_lost_connections(self) -> None:
        self.allowed += _CONNECTION_LOST

    def tab(self) -> "Visitor":
        """Open the page in another tab of the same browser."""
        other = Visitor(
            self.server, self.name, self.folder, self.context, self.context.new_page(), self.troubles, self.allowed
        )
        other.page.goto(f"{self.server.url}/")
        return other

    @property
    def box(self) -> Locator:
        return self.page.locator("#content")

    @property
    def send(self) -> Locator:
        return self.button("Send")

    @property
    def stop(self) -> Locator:
        return self.button("Stop answering")

    @property
    def notice(self) -> Locator:
        return self.page.locator("#notice")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def ask(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def ask_and_wait(self, text: str) -> None:
        self.ask(text)
        expect(self.box).to_have_value("")  # it is in the log, and its reply with it
        self.wait_for_end()

    def wait_for_end(self) -> None:
        """Wait until the page shows a whole reply: a message that is not busy, and the button Send."""
        expect(self.page.locator("#log > .message.assistant:last-child:not([aria-busy])")).to_be_visible()
        expect(self.send).to_be_visible()

    def wait_until_settled(self) -> None:
        """Wait until the page has fetched what it fetches by itself: the ruler, and the list of conversations where it is shown."""
        expect(self.page.locator("#ruler[hx-get], #ruler [hx-get='/ruler']")).to_have_count(0)
        if self.page.locator("#side-list").is_visible():
            expect(self.page.locator("#side-list > [hx-get*='?shown=']")).to_have_count(0)

    def wait_for_words(self, words: str) -> None:
        """Wait until the newest message holds these words."""
        expect(self.page.locator("#log > .message").last).to_contain_text(words)

    def said(self) -> list[Said]:
        """Return the conversation as the page shows it."""
        return [Said(**values) for values in self.page.evaluate(_SAID)]

    def last_said(self) -> Said:
        return self.said()[-1]

    def records(self) -> list[Record]:
        """Return the conversation as it is kept in history.txt."""
        path = self.folder.path / HISTORY
        items = list(parse(path.read_bytes())) if path.exists() else []
        assert all(isinstance(item, Entry) for item in items), "history.txt is damaged"
        return [item.record for item in items if isinstance(item, Entry)]

    def kept(self) -> list[tuple[str, str]]:
        """Return who said what by history.txt. No reply may be half-written still."""
        assert not self.folder.exists(REPLY)
        return [(record.role, record.text) for record in self.records()]

    def reply_html(self, number: int) -> str:
        """Return the HTML of a reply, without what streaming needed: ids, and white space between blocks."""
        html: str = self.page.locator(f"#m{number}-body").inner_html()
        return re.sub(r">\s+<", "><", re.sub(r' id="[^"]*"', "", html)).strip()


def open_context(browser: Browser, **options: object) -> BrowserContext:
    context = browser.new_context(locale="en-GB", timezone_id="America/Recife", **options)  # type: ignore[arg-type]
    context.set_default_timeout(MOST_MS)
    return context
