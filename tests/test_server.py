"""Tests of the command line: real processes, their first answer, what they print, and how they end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import tomli_w

from memory.people import accounts
from memory.storage.users import NAME_RULE, Users
from settings import ROOT
from tests.support.shop import NOON, PASSWORD
from tests.support.upstream import Upstream

ADDRESS = re.compile(r"http://localhost:(\d+)")


def environ_of(root: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "STOREKEEPER_"))}
    places = {"STOREKEEPER_USERS": str(root / "users"), "STOREKEEPER_SETTINGS": str(root / "settings.toml")}
    return kept | places | more


def run(root: Path, *arguments: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    return subprocess.run(
        [sys.executable, "server.py", *arguments],
        cwd=ROOT,
        env=environ_of(root, **more),
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def root(tmp_path: Path, upstream: Upstream) -> Path:
    """A directory with settings whose model is the scripted upstream."""
    model = {"name": "as_told", "base_url": upstream.url("as_told"), "max_input": 100_000}
    settings = {"chat": ["as_told"], "summariser": ["as_told"], "models": [model]}
    (tmp_path / "settings.toml").write_text(tomli_w.dumps(settings))
    return tmp_path


class Served:
    """`server.py serve` in a process of its own."""

    def __init__(self, root: Path, *arguments: str, **more: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.log = root / "log"
        self.started = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "server.py", "serve", *arguments],
                cwd=ROOT,
                env=environ_of(root, STOREKEEPER_PORT=str(self.port), **more),
                stdout=log,
                stderr=log,
            )

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()

    def wait(self) -> float:
        """Wait for the first answer; return the processor's seconds that the process took until then."""
        while time.monotonic() < self.started + 30:
            with suppress(OSError):
                self.get("/healthz")
                fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
                return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.01)
        raise AssertionError(self.log.read_text())

    def end(self, number: int = signal.SIGTERM) -> int:
        """End it; return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=20)


@contextmanager
def serving(root: Path, *arguments: str, **more: str) -> Iterator[Served]:
    served = Served(root, *arguments, **more)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.end(signal.SIGKILL)


# add-user


def test_the_first_added_user_is_the_owner_the_next_a_customer(root: Path) -> None:
    first = run(root, "add-user", "ana", given=f"{PASSWORD}\n")
    second = run(root, "add-user", "bob", given=PASSWORD)
    third = run(root, "add-user", "eva", "--role", "owner", given=f"{PASSWORD}\nmore")

    assert [(one.returncode, one.stderr) for one in (first, second, third)] == [(0, "")] * 3
    assert first.stdout == "Created account ana (owner).\n"
    assert second.stdout == "Created account bob (customer).\n"
    assert third.stdout == "Created account eva (owner).\n"
    folder = Users(root / "users").folder("bob")
    assert accounts.verify(accounts.load(folder), PASSWORD)
    assert (folder.path / "account.toml").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "password", "line"),
    [
        ("Ana", PASSWORD, f"storekeeper: choose a name with {NAME_RULE}."),
        ("../ana", PASSWORD, f"storekeeper: choose a name with {NAME_RULE}."),
        ("ana\n", PASSWORD, f"storekeeper: choose a name with {NAME_RULE}."),
        ("bruno", "short", None),
        ("bruno", "", None),
        ("taken", PASSWORD, "storekeeper: The name taken is already taken."),
    ],
)
def test_an_account_that_cannot_be_made_is_one_line(root: Path, name: str, password: str, line: str | None) -> None:
    users = Users(root / "users")
    users.prepare()
    accounts.create(users, "taken", PASSWORD, "owner", NOON)
    ended = run(root, "add-user", name, given=password + "\n")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1
    assert line is None or ended.stderr == line + "\n"
    assert users.names() == ["taken"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "the following arguments are required"),
        (("add-user",), "the following arguments are required: name"),
        (("add-user", "ana", "--role", "king"), "invalid choice: 'king'"),
        (("serve", "--workers", "0"), "invalid choice: 0"),
        (("serve", "--workers", "many"), "invalid int value: 'many'"),
        (("dance",), "invalid choice: 'dance'"),
    ],
)
def test_a_wrong_command_is_told_how_it_goes(root: Path, arguments: tuple[str, ...], words: str) -> None:
    ended = run(root, *arguments)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("usage: storekeeper")
    assert words in ended.stderr


# Settings that cannot be used


@pytest.mark.parametrize(
    ("text", "environ", "line"),
    [
        pytest.param('history = "both"', {}, 'history = \'both\': takes "system" or "turns".', id="a value"),
        pytest.param("colour = 1", {}, "colour: there is no such setting.", id="an unknown key"),
        pytest.param("", {"STOREKEEPER_PORT": "http"}, "STOREKEEPER_PORT = 'http'", id="the environment"),
        pytest.param(None, {}, "there is no such settings file.", id="no file"),
        pytest.param("", {"STOREKEEPER_SECRET_KEY": "changeme"}, "takes at least 32 bytes", id="a short secret"),
        pytest.param("", {"OPENAI_API_KEY": "sk-changeme"}, "OPENAI_API_KEY: holds a placeholder", id="a placeholder"),
        pytest.param(
            "", {"OPENAI_BASE_URL": "http://169.254.169.254/v1"}, "is link-local", id="A77 a cloud's metadata"
        ),
    ],
)
def test_a_bad_setting_stops_the_start_with_one_line(
    root: Path, text: str | None, environ: dict[str, str], line: str
) -> None:
    path = root / "settings.toml"
    path.unlink()
    if text is not None:
        path.write_text(text)
    ended = run(root, "serve", **environ)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert ended.stderr.startswith("storekeeper: ")
    assert line in ended.stderr
    assert "changeme" not in ended.stderr


# serve


def test_a_start_prints_a_token_url_is_quick_and_ends_cleanly(root: Path) -> None:
    with serving(root) as served:
        seconds = served.wait()
        printed = served.log.read_text()
        token = re.search(r"http://localhost:\d+/signup\?token=([\w-]{32})\n", printed)
        assert token is not None, printed
        assert set(ADDRESS.findall(printed)) == {str(served.port)}
        status, page = served.get(f"/signup?token={token[1]}")
        assert (status, "Create an account" in page) == (200, True)
        code = served.end()

    assert code == 0
    assert seconds < 10, "the first answer comes in about half a second, where nobody else is at work"
    assert "Traceback" not in served.log.read_text()
    with serving(root) as again:
        again.wait()
        assert token[1] in again.log.read_text(), "the token stays until somebody has used it"
        assert again.end(signal.SIGINT) in (0, -signal.SIGINT)
    run(root, "add-user", "ana", given=PASSWORD)
    with serving(root) as later:
        later.wait()
        assert "token" not in later.log.read_text()
        assert later.end() == 0


def test_several_processes_serve_one_address_and_end_together(root: Path) -> None:
    with serving(root, "--workers", "2") as served:
        served.wait()
        children = children_of(served.process.pid)
        assert len(children) >= 2
        assert served.get("/healthz") == (200, '{"status":"ok"}\n')
        code = served.end()

    assert code == 0
    assert "Traceback" not in served.log.read_text()
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline, "a process was left behind"
        time.sleep(0.05)


def children_of(pid: int) -> list[int]:
    found = list[int]()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def run_apart(program: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own, where nothing is imported yet."""
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environ_of(home), capture_output=True, text=True, timeout=60
    )


def test_full_garbage_collection_pauses_a_warm_server_briefly(tmp_path: Path) -> None:
    program = """
import gc
from handlers.lifecycle import preload
from settings import read
preload(read({}), owns_process=True)
kept = len(gc.get_objects())
print(gc.get_freeze_count() > 20 * kept, kept)
"""
    ended = run_apart(program, tmp_path)

    assert ended.stdout.startswith("True"), (ended.stdout, ended.stderr)


def test_the_garbage_collector_is_unchanged_in_a_shared_process(tmp_path: Path) -> None:
    program = """
import gc
from handlers.lifecycle import preload
from settings import read
before = gc.get_threshold()
preload(read({}), owns_process=False)
print(gc.get_threshold() == before, gc.get_freeze_count())
preload(read({}), owns_process=True)
print(gc.get_threshold()[0] > before[0], gc.get_threshold()[1:] == before[1:])
"""
    ended = run_apart(program, tmp_path)

    assert ended.stdout == "True 0\nTrue True\n", (ended.stdout, ended.stderr)


def test_a_websocket_is_refused_in_one_line(root: Path) -> None:
    asked = (
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with serving(root) as served:
        served.wait()
        before = len(served.log.read_text().splitlines())
        answers = [raw(served.port, asked.format(path=path)) for path in ("/", "/nothing")]
        after = served.get("/healthz")[0]
        lines = served.log.read_text().splitlines()[before:]

    assert [answer.partition(b"\r\n")[0] for answer in answers] == [b"HTTP/1.1 400 Bad Request"] * 2
    assert after == 200
    assert [event for line in lines if (event := json.loads(line)["event"]) != "request"] == ["websocket_refused"] * 2


HOSTS = {
    "none": "",
    "an empty one": "Host: \r\n",
    "another": "Host: shop.example\r\n",
    "an address": "Host: 10.0.0.7:8000\r\n",
    "two": "Host: localhost\r\nHost: shop.example\r\n",
    "a strange one": "Host: [::<a>:x\r\n",
    "a long one": f"Host: {'x' * 5_000}\r\n",
}


def test_whether_it_is_alive_is_told_under_any_name(root: Path) -> None:
    with serving(root) as served:
        served.wait()
        answers = {
            what: raw(served.port, f"GET /healthz HTTP/1.1\r\n{host}Connection: close\r\n\r\n")
            for what, host in HOSTS.items()
        }
        page = raw(served.port, "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")

    assert {what: answer.partition(b"\r\n")[0] for what, answer in answers.items()} == dict.fromkeys(
        HOSTS, b"HTTP/1.1 200 OK"
    )
    assert all(answer.endswith(b'{"status":"ok"}\n') for answer in answers.values())
    assert page.startswith(b"HTTP/1.1 421")


def raw(port: int, request: str) -> bytes:
    """Send these bytes; give all that comes until the server closes."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(request.encode())
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
        return answer


def test_importing_the_server_does_nothing(tmp_path: Path) -> None:
    slow = "{'openai', 'tiktoken', 'xllamacpp', 'genai_prices', 'uvicorn'}"
    program = f"import sys, server; print(sorted({slow} & set(sys.modules)))"
    ended = run_apart(program, tmp_path)

    assert (ended.stdout, ended.stderr) == ("[]\n", ""), "what is slow to import is imported when it is needed"
    assert list(tmp_path.iterdir()) == []
