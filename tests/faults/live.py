"""Real servers over one users directory, and browsers that talk to them over real sockets, threads and all."""

import html
import http.client
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import tomli_w
from quart import Quart

from memory.people import accounts
from memory.storage.folders import Folder
from memory.storage.users import Users
from server import create_app
from settings import ROOT, Environment, Settings, read
from tests.faults.invariants import Witness
from tests.support.shop import PASSWORD
from tests.support.upstream import Upstream

KEY = "a key that all servers share, for tests"
Values = dict[str, object]


def values_for(upstream: Upstream, script: str = "as_told", **changed: object) -> Values:
    """Return settings, as plain values, whose one model is a script of the upstream."""
    model = {"name": "scripted", "base_url": upstream.url(script), "max_input": 100_000}
    values: Values = {
        "chat": ["scripted"],
        "summariser": ["scripted"],
        "models": [model],
        "budget": {"daily_tokens_per_user": 0},
        "limits": {"messages_per_minute": 0, "signups_per_hour": 0},
    }
    return values | changed


class House:
    """A users directory with its people, and the servers over it, each in a process of its own."""

    def __init__(self, root: Path, values: Values, more: Mapping[str, str] | None = None) -> None:
        self.root, self.users, self._more = root, Users(root / "users"), more or {}
        self.users.prepare()
        self._settings = root / "settings.toml"
        self.change(values)
        self._account = b""
        self._app: Quart | None = None
        self._values = values
        self.servers = list[Server]()

    def change(self, values: Values) -> None:
        self._settings.write_text(tomli_w.dumps(values))

    def settings(self) -> Settings:
        return read(dict(self._values))

    def place(self) -> Environment:
        return Environment(users=self.users.root, prompts=ROOT / "prompts", host="", port=1, secret_key=KEY, environ={})

    def server(self, **options: object) -> "Server":
        """Start one more server and wait until it answers."""
        started = Server(self, **options)  # type: ignore[arg-type]
        self.servers.append(started)
        return started

    def two_servers(self) -> "tuple[Server, Server]":
        """Start two servers at once."""
        first = self.server(waits=False)
        second = self.server()
        first.wait()
        return first, second

    def environ(self, port: int) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "STOREKEEPER_"))}
        return kept | {
            **self._more,
            "STOREKEEPER_SETTINGS": str(self._settings),
            "STOREKEEPER_USERS": str(self.users.root),
            "STOREKEEPER_SECRET_KEY": KEY,
            "STOREKEEPER_PORT": str(port),
        }

    def person(self, name: str) -> Folder:
        """Make an account, of the password that all have here."""
        if not self._account:
            accounts.create(self.users, name, PASSWORD, "customer", now())
            self._account = self.users.folder(name).read("account.toml").replace(name.encode(), b"NAME", 1)
        else:
            self.users.create(name, self._account.replace(b"NAME", name.encode(), 1))
        return self.users.folder(name)

    def cookie(self, name: str) -> str:
        """Return the cookie of a person who logged in, without the time that a password takes."""
        if self._app is None:
            self._app = create_app(self.settings(), self.place())
        session_id = accounts.open_session(self.users.folder(name), now())
        (auth,) = self._app.extensions["QUART_AUTH"]
        return f"{auth.cookie_name}={auth.dump_token(f'{name}.{session_id}', self._app)}"

    def browser(self, name: str, server: "Server", witness: Witness | None = None) -> "Browser":
        if not self.users.folder(name).path.exists():
            self.person(name)
        return Browser(name, server.port, self.cookie(name), witness or Witness())

    def close(self) -> None:
        for server in self.servers:
            server.kill()


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`python server.py serve` over a house's directory; `limits` are resource limits of its process."""

    def __init__(
        self,
        house: House,
        *,
        workers: int = 1,
        limits: Sequence[tuple[int, int]] = (),
        before: Sequence[str] = (),
        port: int | None = None,
        waits: bool = True,
    ) -> None:
        self.house, self.port, self._workers = house, port or free_port(), workers
        self._limits, self._before = limits, before
        self.log_path = house.root / f"log-{self.port}"
        self.start(waits=waits)

    def start(self, *, waits: bool = True) -> None:
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [*self._before, sys.executable, "server.py", "serve", "--workers", str(self._workers)],
                cwd=ROOT,
                env=self.house.environ(self.port),
                stdout=log,
                stderr=log,
                preexec_fn=self._limit if self._limits else None,
            )
        if waits:
            self.wait()

    def _limit(self) -> None:
        for what, most in self._limits:
            resource.setrlimit(what, (most, most))

    def wait(self, seconds: float = 40) -> None:
        last = time.monotonic() + seconds
        while not self.answers():
            assert self.process.poll() is None, f"the server did not start: {self.log()}"
            assert time.monotonic() < last, f"the server does not answer: {self.log()}"
            time.sleep(0.02)

    def answers(self) -> bool:
        with (
            suppress(OSError, http.client.HTTPException),
            closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)) as connection,
        ):
            connection.request("GET", "/healthz")
            with closing(connection.getresponse()) as response:
                return response.status < 500  # 421 where it is known by another name only
        return False

    def pid(self) -> int:
        """Return the process that serves: the server's own, also behind a tracer."""
        pid = self.process.pid
        return _child(pid) if self._before else pid

    def kill(self) -> None:
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid(), signal.SIGCONT)
                os.kill(self.pid(), signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=5)
            if self.process.poll() is None:
                self.process.kill()
            self.process.wait(timeout=10)

    def end(self, seconds: float = 30) -> int:
        """Ask it to end, as systemd does; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=seconds)

    def log(self) -> str:
        return self.log_path.read_text()

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid()}/fd"))

    def rss_mb(self) -> float:
        status = Path(f"/proc/{self.pid()}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def _child(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else pid


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Browser:
    """One person's browser. What it is told goes to its witness."""

    name: str
    port: int
    cookie: str
    witness: Witness
    timeout: float = 30
    tls: ssl.SSLContext | None = None

    def connect(self) -> http.client.HTTPConnection:
        if self.tls is not None:
            return http.client.HTTPSConnection("localhost", self.port, timeout=self.timeout, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)

    def _headers(self, **more: str) -> dict[str, str]:
        return {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin", "HX-Request": "true", **more}

    def post(self, path: str, **form: object) -> Answer:
        headers = self._headers(**{"Content-Type": "application/x-www-form-urlencoded"})
        return self._exchange("POST", path, headers, urlencode(form))

    def get(self, path: str) -> Answer:
        headers = self._headers()
        del headers["HX-Request"]
        return self._exchange("GET", path, headers)

    def _exchange(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> Answer:
        with closing(self.connect()) as connection:
            connection.request(method, path, body, headers)
            with closing(connection.getresponse()) as response:
                return Answer(response.status, dict(response.getheaders()), response.read().decode())

    def send(self, text: str, after: int | None = None) -> tuple[Answer, str | None]:
        """Send a message; return the answer and, when it was accepted, the reply's name."""
        form: dict[str, object] = {"content": text}
        if after is not None:
            form["after"] = after
        answer = self.post("/messages", **form)
        found = re.search(r"/replies/(\d+-\w+)", answer.text)
        if answer.status == 200 and found:
            self.witness.note_accepted(self.name, text)
            return answer, found[1]
        return answer, None

    def events(self, reply_id: str) -> Generator[tuple[str, str], None, None]:
        """Follow a reply's stream: the event's name and its data, until the server ends it."""
        with closing(self.connect()) as connection:
            connection.request("GET", f"/replies/{reply_id}", headers=self._headers(Accept="text/event-stream"))
            with closing(connection.getresponse()) as response:
                assert response.status == 200, response.status
                name, data = "message", list[str]()
                while line := response.readline():
                    text = line.decode().rstrip("\n")
                    if not text:
                        if data:
                            yield name, "\n".join(data)
                        name, data = "message", []
                    elif text.startswith("event: "):
                        name = text[7:]
                    elif text.startswith("data: "):
                        data.append(text[6:])

    def follow(self, question: str, reply_id: str, on: Callable[[str], None] | None = None) -> str | None:
        """Read the stream to its end; return the reply as it was shown at last, None when the end did not come."""
        shown, is_done = None, False
        with suppress(ConnectionResetError):  # a server that goes down closes what it had not taken in yet
            for name, data in self.events(reply_id):
                if name == "done":
                    is_done = True
                else:
                    if on is not None:
                        on(data)
                    if 'class="message assistant"' in data:
                        shown = data
        if shown is None or not is_done:
            return None
        text = words_of(shown)
        if 'class="ending"' not in shown:
            self.witness.note_complete(self.name, question, text)
        return text

    def ask(self, text: str, after: int | None = None) -> str | None:
        """Send a message and read its reply; None when either was refused or broke off."""
        _, reply_id = self.send(text, after)
        return self.follow(text, reply_id) if reply_id else None


def words_of(bubble: str) -> str:
    """Return the words of a finished bubble's text."""
    body = re.search(r'class="text md"[^>]*>(.*?)</div>', bubble, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", body[1])).strip() if body else ""


def until(is_so: Callable[[], object], seconds: float = 30) -> None:
    last = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < last, "it did not come to be so"
        time.sleep(0.02)
