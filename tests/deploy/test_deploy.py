"""What deploy/ holds does what it says: the nginx site, the systemd unit, the backup and how it is restored."""

import getpass
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest
import uvicorn

from commands import check_users
from completions.embedded import is_awake
from handlers.services import PING_SECONDS
from memory.integrity.check import check_all
from memory.storage.layout import BACKUP
from server import create_app
from settings import ROOT, Environment
from tests.faults.invariants import Witness, broken, records_of
from tests.faults.live import Browser, House, free_port, until, values_for
from tests.support.shop import PASSWORD
from tests.support.small_model import find_gguf
from tests.support.upstream import Upstream

pytestmark = pytest.mark.timeout(300)

DEPLOY = ROOT / "deploy"


def words(count: int) -> str:
    return " ".join(f"word{n}" for n in range(1, count + 1))


def needs(program: str) -> str:
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"no {program} here; on Debian: apt-get install {program}")
    return path


class Nginx:
    """Debian's nginx with the site of deploy/nginx.conf before servers at these ports, with a certificate of its own.

    `changes` are patterns of the site's text and what becomes of them.
    """

    def __init__(self, root: Path, port: int, ports: Sequence[int], changes: Sequence[tuple[str, str]] = ()) -> None:
        nginx, openssl, plain = needs("nginx"), needs("openssl"), free_port()
        key, certificate = root / "key.pem", root / "certificate.pem"
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        site = (DEPLOY / "nginx.conf").read_text()
        for was, becomes in (
            (r"    server 127\.0\.0\.1:8000", f"    server 127.0.0.1:{ports[0]}"),
            (r"    # server 127\.0\.0\.1:8001", f"    server 127.0.0.1:{ports[1]}" if ports[1:] else "    #"),
            (r"listen 443 ssl", f"listen {port} ssl"),
            (r"listen 80;", f"listen {plain};"),
            (r" +listen \[::\].*\n", ""),
            (r"chat\.example\.com;", "localhost;"),
            (r"/etc/letsencrypt/\S+fullchain\.pem", str(certificate)),
            (r"/etc/letsencrypt/\S+privkey\.pem", str(key)),
            *changes,
        ):
            site, count = re.subn(was, becomes, site)
            assert count, was
        (root / "site.conf").write_text(site)
        (root / "nginx.conf").write_text(
            f"user {getpass.getuser()};\npid {root}/nginx.pid;\nerror_log {root}/nginx.log;\nworker_processes 1;\n"
            f"events {{ worker_connections 256; }}\nhttp {{\naccess_log off;\n"
            + "".join(f"{name}_temp_path {root}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            + f"include {root}/site.conf;\n}}\n"
        )  # fmt: skip
        root.chmod(0o755)
        command = [nginx, "-p", str(root), "-e", f"{root}/nginx.log", "-c", f"{root}/nginx.conf", "-g", "daemon off;"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.tls = ssl.create_default_context(cafile=str(certificate))
        self.certificate = certificate
        until(lambda: self.process.poll() is None and (root / "nginx.pid").exists())

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)


class Proxied:
    """Two servers behind nginx."""

    def __init__(self, root: Path, upstream: Upstream) -> None:
        needs("nginx")
        self.port = free_port()
        limits = {"messages_per_minute": 0, "grace_seconds": 8}
        self.house = House(root, values_for(upstream, origin=f"https://localhost:{self.port}", limits=limits))
        self.servers = self.house.two_servers()
        self.nginx = Nginx(root, self.port, [server.port for server in self.servers])
        self.certificate, self.tls = self.nginx.certificate, self.nginx.tls

    def browser(self, name: str, witness: Witness | None = None) -> Browser:
        browser = self.house.browser(name, self.servers[0], witness)
        browser.port, browser.tls = self.port, self.tls
        return browser

    def close(self) -> None:
        self.nginx.close()
        self.house.close()


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Proxied]:
    running = Proxied(tmp_path_factory.mktemp("nginx"), upstream)
    yield running
    running.close()


def test_an_answer_arrives_word_by_word_through_nginx(proxied: Proxied):
    ana = proxied.browser("live")
    _, reply_id = ana.send("say-40-60 live")
    assert reply_id is not None
    arrivals = list[float]()

    shown = ana.follow("say-40-60 live", reply_id, lambda _: arrivals.append(time.monotonic()))

    assert shown == words(60)
    assert len(arrivals) > 10
    assert arrivals[-1] - arrivals[0] > 0.7  # it was not held back to come all at once


@pytest.mark.parametrize("buffering", ["off", "on"])
def test_a_model_silent_beyond_the_nginx_timeout_is_not_cut_off(
    tmp_path: Path, upstream: Upstream, buffering: str
) -> None:
    """F35, all times a thirtieth of those in use: pings keep the stream, also where an owner's nginx holds answers back."""
    port, served = free_port(), free_port()
    house = House(tmp_path, values_for(upstream, "held_mid", origin=f"https://localhost:{port}"))
    cookie = house.cookie(house.person("ana").name)
    app = create_app(house.settings(), house.place(), ping_seconds=PING_SECONDS / 30)
    server = uvicorn.Server(uvicorn.Config(app, port=served, log_config=None, timeout_graceful_shutdown=5))
    serving = threading.Thread(target=server.run)
    serving.start()
    waits = [(r"proxy_read_timeout 75s;", "proxy_read_timeout 2500ms;"), (r"buffering off", f"buffering {buffering}")]
    silence = threading.Timer(3.0, upstream.release)
    told = list[bool]()

    def on(data: str) -> None:
        if "Hello" in data:
            told.append(silence.finished.is_set())
            if len(told) == 1:
                silence.start()

    try:
        until(lambda: server.started)
        nginx = Nginx(tmp_path, port, [served], waits)
        try:
            ana = Browser("ana", port, cookie, Witness(), timeout=10, tls=nginx.tls)
            reply_id = None
            while reply_id is None:  # at first it takes longer than this nginx waits; sent again it is the same message
                _, reply_id = ana.send("a question", after=0)
            shown = ana.follow("a question", reply_id, on)
        finally:
            nginx.close()
    finally:
        silence.cancel()
        server.should_exit = True
        serving.join(20)

    assert shown == "Hello world"
    assert (told[0], told[-1]) == (False, True)  # the first word came at once, the last after the silence


def test_a_slow_reader_holds_up_nobody(proxied: Proxied):
    slow, other = proxied.browser("slow"), proxied.browser("other")
    _, reply_id = slow.send("say-0-3000 slow")
    assert reply_id is not None
    events = slow.events(reply_id)
    next(events)

    started = time.monotonic()
    assert other.ask("ok one") == "Hello world"
    took = time.monotonic() - started
    until(lambda: not (proxied.house.users.root / "slow" / "reply.txt").exists())
    events.close()

    assert took < 5
    assert records_of(proxied.house.users.root / "slow")[-1].text == words(3000)


def test_http_2_and_the_headers_of_a_page(proxied: Proxied):
    curl = needs("curl")
    asked = [curl, "--silent", "--include", "--http2", "--max-time", "10", "--cacert", str(proxied.certificate)]

    ran = subprocess.run(
        [*asked, f"https://localhost:{proxied.port}/login"], capture_output=True, text=True, timeout=20
    )

    assert ran.stdout.startswith("HTTP/2 200")
    assert "strict-transport-security: max-age=31536000" in ran.stdout.lower()
    assert "content-security-policy: default-src 'none'" in ran.stdout.lower()
    assert "nginx/" not in ran.stdout


def test_too_large_a_body_is_refused_and_http_leads_to_https(proxied: Proxied):
    assert proxied.browser("large").post("/messages", content="x" * 400_000).status == 413


def bring_in(browser: Browser, data: bytes) -> int:
    """Import a file of this person's by the page's form and return the status."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="file.json"\r\n\r\n'
    headers = {
        "Cookie": browser.cookie,
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": "multipart/form-data; boundary=b",
    }
    with closing(browser.connect()) as connection, suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
        connection.request("POST", "/conversations/import", head + data + b"\r\n--b--\r\n", headers)
        return connection.getresponse().status
    return 0


def test_an_import_passes_nginx_up_to_its_own_limit(proxied: Proxied):
    roles = ("user", "assistant")
    told = [
        {"number": n, "time": "2026-11-23T14:02:11Z", "role": roles[(n - 1) % 2], "text": f"{n} {'words ' * 200}"}
        for n in range(1, 401)
    ]
    data = json.dumps({"storekeeper": 1, "title": None, "messages": told}).encode()
    ana = proxied.browser("importer")

    assert bring_in(ana, data) == 303
    assert bring_in(ana, b" " * (32 * 1024 * 1024 - len(data)) + data) == 303
    assert bring_in(ana, b" " * (34 * 1024 * 1024)) in (0, 413)
    (kept,) = (proxied.house.users.root / "importer" / "archive").iterdir()
    assert len(data) > 400_000
    assert len(records_of(kept)) == 400
    assert ana.post("/summary", text="x" * 400_000).status == 413


def served(proxied: Proxied) -> list[Counter[str]]:
    """Return how many requests of each person each server has logged."""
    lines = [server.log().splitlines() for server in proxied.servers]
    logged = [[json.loads(line) for line in log if '"event": "request"' in line] for log in lines]
    return [Counter(one["person"] for one in log if one.get("person")) for log in logged]


def test_each_session_is_served_by_one_server(proxied: Proxied):
    names = [f"routed{n}" for n in range(12)]
    people = [proxied.browser(name) for name in names]
    for n, one in enumerate(people):
        one.cookie = f"language=en; {one.cookie}" if n % 2 else f"{one.cookie}; language=en"
        assert [one.get("/account").status for _ in range(4)] == [200] * 4

    until(lambda: sum(counted[name] for counted in served(proxied) for name in names) == 48)
    first, second = ({name for name in names if counted[name]} for counted in served(proxied))
    assert first & second == set()
    assert first
    assert second


def test_a_session_moves_only_while_its_server_is_down(proxied: Proxied):
    names = [f"moved{n}" for n in range(8)]
    people = [proxied.browser(name) for name in names]
    down, up = proxied.servers

    def ask() -> set[str]:
        """Send one request of each person and return the names of those whom the second server answered."""
        before = served(proxied)
        assert [one.get("/account").status for one in people] == [200] * 8
        until(lambda: sum(map(Counter.total, served(proxied))) == sum(map(Counter.total, before)) + 8)
        return {name for name in names if served(proxied)[1][name] > before[1][name]}

    there = ask()
    down.end()
    elsewhere = ask()
    down.start()

    assert elsewhere == set(names)
    assert ask() == there
    assert up.process.poll() is None


def test_a_rolling_restart_shows_nobody_an_error(proxied: Proxied):
    """Each server is ended and started again while people talk; every message is accepted at its first try."""
    witness, over = Witness(), threading.Event()
    browsers = [proxied.browser(f"rolling{n}", witness) for n in range(4)]
    troubles, asked = list[str](), list[str]()

    def talk(browser: Browser) -> None:
        number, after = 0, 0
        while not over.is_set():
            number += 1
            question = f"say-60-30 {browser.name} {number}"
            answer, reply_id = browser.send(question, after)
            if reply_id is None:
                troubles.append(f"{browser.name}: {answer.status} {answer.text[:200]}")
                return
            after = int(reply_id.partition("-")[0])
            asked.append(question)
            last = time.monotonic() + 20
            while browser.follow(question, reply_id) is None:  # the stream ends with its server, and is opened again
                if time.monotonic() > last:
                    troubles.append(f"{browser.name}: {reply_id} has no end")
                    return
                time.sleep(0.05)

    talking = [threading.Thread(target=talk, args=(browser,)) for browser in browsers]
    for thread in talking:
        thread.start()
    codes = list[int]()
    for server in proxied.servers:
        time.sleep(0.5)
        codes.append(server.end())
        server.start()
    time.sleep(0.5)
    over.set()
    for thread in talking:
        thread.join(40)

    assert troubles == []
    assert codes == [0, 0]
    assert len(asked) >= 8
    assert broken(proxied.house.users.root, witness, {question: words(30) for question in asked}) == []
    endings = [one.keys.get("ending") for b in browsers for one in records_of(proxied.house.users.root / b.name)]
    assert "interrupted" not in endings  # each was short enough for the grace time


def test_the_systemd_unit_is_sound_and_hardened():
    analyze = needs("systemd-analyze")
    ran = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=20", str(DEPLOY / "storekeeper.service")],
        capture_output=True,
        text=True,
        timeout=30,
    )
    verified = subprocess.run(
        [analyze, "verify", str(DEPLOY / "storekeeper.service")], capture_output=True, text=True, timeout=30
    )

    assert ran.returncode == 0, ran.stdout[-400:]
    complaints = [line for line in verified.stderr.splitlines() if "storekeeper.service" in line]
    assert [line for line in complaints if "is not executable" not in line] == []  # it is installed nowhere here


def calls_of(analyze: str, names: str) -> set[str]:
    """Return the system calls that a line of SystemCallFilter names, those of its groups one by one."""
    found = set[str]()
    for name in names.split():
        if name.startswith("@"):
            told = subprocess.run([analyze, "syscall-filter", name], capture_output=True, text=True, timeout=30)
            inside = [line.strip() for line in told.stdout.splitlines()[1:]]
            found |= calls_of(analyze, " ".join(line for line in inside if line and not line.startswith("#")))
        else:
            found.add(name)
    return found


def test_server_and_model_make_no_system_call_systemd_forbids(tmp_path: Path, upstream: Upstream):
    analyze, strace = needs("systemd-analyze"), needs("strace")
    if subprocess.run([strace, "-c", "-o", "/dev/null", "true"], check=False).returncode:
        pytest.skip("strace may not trace here")
    allowed = set[str]()
    for line in re.findall(r"^SystemCallFilter=(.+)$", (DEPLOY / "storekeeper.service").read_text(), re.MULTILINE):
        if line.startswith("~"):
            allowed -= calls_of(analyze, line[1:])
        else:
            allowed |= calls_of(analyze, line)
    traced = [strace, "-f", "-qq", "-c", "-o"]
    house = House(tmp_path, values_for(upstream))
    try:
        server = house.server(before=[*traced, str(tmp_path / "calls")])
        ana = house.browser("ana", server)
        assert ana.ask("ok Hello") == "Hello world"
        assert ana.post("/login", username="ana", password=PASSWORD).status == 200
        os.kill(server.pid(), signal.SIGTERM)
        assert server.process.wait(30) == 0
    finally:
        house.close()
    port, gguf = free_port(), find_gguf()
    if gguf is not None:
        command = [
            *traced,
            str(tmp_path / "more"),
            sys.executable,
            "-m",
            "completions.embedded",
            gguf,
            str(port),
            "512",
        ]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as model:
            until(lambda: is_awake(f"http://127.0.0.1:{port}/v1"), 120)
            body = b'{"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}'
            asked = urllib.request.Request(f"http://127.0.0.1:{port}/v1/chat/completions", body)
            with urllib.request.urlopen(asked, timeout=120) as answer:
                assert answer.status == 200
            assert model.stdin is not None
            model.stdin.close()  # the model ends with it
    told = "".join(path.read_text() for path in (tmp_path / "calls", tmp_path / "more") if path.exists())
    made = set(re.findall(r"^ *\d+\.\d+ .* (\w+)$", told, re.MULTILINE)) - {"total"}

    assert {"fsync", "accept4"} <= made
    assert gguf is None or "setpriority" in made
    assert made <= allowed


def test_the_container_copies_what_the_server_needs():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    code = {path.name for path in ROOT.glob("*.py")} | {path.parent.name for path in ROOT.glob("*/*.py")} - {"tests"}

    assert {"server.py", "commands.py", "handlers"} <= code
    assert code | {"pyproject.toml", "settings.toml", "prompts", "templates", "static", "languages"} <= names
    assert all((ROOT / name).exists() for name in names)


def test_a_copy_made_while_it_runs_can_be_restored(
    tmp_path: Path, upstream: Upstream, capsys: pytest.CaptureFixture[str]
):
    house = House(tmp_path / "here", values_for(upstream, memory={"high_tokens": 300, "summary_tokens": 300}))
    witness, over = Witness(), threading.Event()
    try:
        server = house.server()
        browsers = [house.browser(f"ana{n}", server, witness) for n in range(4)]

        def talk(browser: Browser) -> None:
            number = 0
            while not over.is_set():
                number += 1
                browser.ask(f"say-300-40 {browser.name} {number}")

        talking = [threading.Thread(target=talk, args=(browser,)) for browser in browsers]
        for thread in talking:
            thread.start()
        copies = list[Path]()
        for number in range(4):
            until(lambda least=2 * number: sum(map(len, witness.complete.values())) > least, 40)  # type: ignore[misc]
            before = {name: list(said) for name, said in witness.complete.items()}
            began = int(time.time())
            made = subprocess.run(
                [DEPLOY / "backup", house.users.root, tmp_path / f"copies{len(copies)}"],
                capture_output=True, text=True, timeout=30,
            )  # fmt: skip
            assert made.returncode == 0, made.stderr
            assert (house.users.root / BACKUP).stat().st_mtime >= began
            copies.append(Path(made.stdout.strip()))
        over.set()
        for thread in talking:
            thread.join(30)
    finally:
        house.close()

    assert all(copy.stat().st_mode & 0o777 == 0o600 for copy in copies)
    for number, copy in enumerate(copies):
        restored = tmp_path / f"restored{number}"
        restored.mkdir(mode=0o700)
        subprocess.run(["tar", "-xzpf", copy, "-C", restored], check=True, timeout=30)
        assert not (restored / BACKUP).exists()
        place = Environment(users=restored, prompts=ROOT / "prompts", host="", port=1, secret_key=None, environ={})

        assert check_users(place, repairs=True) == 0, capsys.readouterr().out
        assert [error for report in check_all(restored) for error in report.errors] == []
    last = tmp_path / f"restored{len(copies) - 1}"
    assert sum(map(len, before.values())) > 0
    assert broken(last, Witness(complete=before)) == []
    there = House(tmp_path / "there", values_for(upstream))
    shutil.rmtree(there.users.root)
    shutil.copytree(last, there.users.root)
    try:
        assert there.browser("ana0", there.server()).ask("ok again") == "Hello world"
    finally:
        there.close()
