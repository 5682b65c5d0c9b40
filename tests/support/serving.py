"""Real server processes in a test: `python server.py serve` over a directory of people, and their requests."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import tomli_w
from quart import Quart

from memory.people import accounts
from memory.storage.users import Users
from server import create_app
from settings import ROOT, Environment, read
from tests.support.shop import Answered

SECRET = "a key for tests, long enough to be one"


@dataclass(frozen=True, slots=True)
class Serving:
    """One server: where it answers, what it logs, and its process."""

    port: int
    log_file: Path
    process: subprocess.Popen[bytes]

    def log(self) -> str:
        return self.log_file.read_text()

    def ask(self, method: str, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Answered:
        """Send a request as a browser does and read its whole answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        fields = {"Sec-Fetch-Site": "same-origin"} | {key.replace("_", "-"): value for key, value in headers.items()}
        if form is not None:
            fields["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, urlencode(form) if form is not None else None, fields)
            answer = connection.getresponse()
            return Answered(answer.status, [(k.lower(), v) for k, v in answer.getheaders()], answer.read())
        finally:
            connection.close()


@contextmanager
def serving(
    root: Path, settings: Mapping[str, Any], arguments: Sequence[str] = (), environ: Mapping[str, str] = {}
) -> Iterator[Serving]:
    """Serve the people of `root`/users until the test is done; several servers may share them."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file, log_file = root / f"settings-{port}.toml", root / f"log-{port}"
    file.write_text(tomli_w.dumps(settings))
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "STOREKEEPER_"))}
    own = {
        "STOREKEEPER_SETTINGS": str(file),
        "STOREKEEPER_DOTENV": str(root / ".env"),
        "STOREKEEPER_USERS": str(root / "users"),
        "STOREKEEPER_PORT": str(port),
        "STOREKEEPER_SECRET_KEY": SECRET,
    }
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "server.py", "serve", *arguments],
            cwd=ROOT, env={**kept, **own, **environ}, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        last = time.monotonic() + 30
        while not _answers(port):
            assert process.poll() is None, log_file.read_text()
            assert time.monotonic() < last, log_file.read_text()
            time.sleep(0.05)
        yield Serving(port, log_file, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
        return bool(answer.status == 200)
    return False


def app_of(root: Path, settings: Mapping[str, Any]) -> Quart:
    """Make the application of the servers over `root`/users here too: it signs as they do, and knows their routes."""
    place = Environment(
        users=root / "users", prompts=ROOT / "prompts", host="127.0.0.1", port=1, secret_key=SECRET, environ={}
    )
    return create_app(read(dict(settings)), place)


def cookies_of(users: Users, names: Sequence[str], account: bytes, settings: Mapping[str, Any]) -> dict[str, str]:
    """Make people with this account's password and log them in; give each one's Cookie header for these servers."""
    app = app_of(users.root.parent, settings)
    (auth,) = app.extensions["QUART_AUTH"]
    cookies = dict[str, str]()
    for name in names:
        if name not in users.names():
            users.create(name, account)
        session = accounts.open_session(users.folder(name), app.extensions["storekeeper"].now())
        cookies[name] = f"{auth.cookie_name}={auth.dump_token(f'{name}.{session}', app)}"
    return cookies
