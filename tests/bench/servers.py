"""What the load runs against: the model, Storekeeper itself, and what it is measured against, each a process of its own."""

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import count, cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from settings import ROOT
from tests.bench.readers import Asker, Load, Reading, Seen, Style
from tests.faults.live import House, free_port

MOST_PEOPLE = 560
_runs = count(1)


@dataclass(frozen=True, slots=True)
class Model:
    """The scripted model; `certificate`: what it is known by where it is asked over TLS."""

    port: int
    certificate: Path | None = None

    @property
    def address(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.address}/v1"

    @property
    def environ(self) -> dict[str, str]:
        """The variables by which a server trusts it."""
        return {"SSL_CERT_FILE": str(self.certificate)} if self.certificate else {}

    def spans(self) -> dict[str, tuple[float, float]]:
        """Return for each question when its reply's first and its last token were written."""
        trusted = ssl.create_default_context(cafile=self.certificate) if self.certificate else None
        with urllib.request.urlopen(f"{self.address}/log", timeout=10, context=trusted) as answer:
            return {asked: (first, last) for asked, (first, last) in json.load(answer).items()}


@dataclass(frozen=True, slots=True)
class Target:
    """One server under load: where it is, the Cookie headers of those who may ask it, and the process that has them ask."""

    name: str
    style: Style
    port: int
    pid: int
    people: Iterator[str]
    model: Model
    readers: "subprocess.Popen[bytes]"

    def load(self, askers: Sequence[Asker], *, is_apart: bool = False, may_break_off: bool = False) -> Seen:
        """Put a load on it and return what the readers saw. Raise what broke, and replies that are not whole.

        `may_break_off`: those are no error, because whoever asks looks at their number.
        """
        assert self.readers.stdin is not None
        assert self.readers.stdout is not None
        told = Load(self.port, self.style, list(askers), self.pid, is_apart)
        self.readers.stdin.write(msgspec.json.encode(told) + b"\n")
        self.readers.stdin.flush()
        seen = msgspec.json.decode(self.readers.stdout.readline(), type=Seen)
        if seen.faults:
            raise RuntimeError(f"{self.name}: {len(seen.faults)} of {len(askers)} broke, such as {seen.faults[0]}")
        if seen.broken_off and not may_break_off:
            raise RuntimeError(f"{self.name}: {seen.broken_off} of {len(askers)} replies are not whole")
        return seen

    def askers(self, number: int, script: str, *, is_asleep: bool = False, after: Sequence[float] = ()) -> list[Asker]:
        """Return so many people who ask for a reply by this script of the model; `after`: each one's second to ask in."""
        run = next(_runs)
        times = after or [0.0] * number
        return [
            Asker(f"run {run} reader {n} {script}", cookie, times[n], is_asleep)
            for n, cookie in enumerate(islice(self.people, number))
        ]


def stretch(reading: Reading, spans: dict[str, tuple[float, float]]) -> float:
    """Return how much longer a reply took its reader than its model: 1.0 is not at all.

    Both from the model's first token on; the reader's ends when the stream has.
    """
    first, last = spans[reading.question]
    return (reading.ended - first) / (last - first)


def shop_at(root: Path, model: Model) -> House:
    """Make a shop whose one model is this one, without limits."""
    one = {"name": "scripted", "base_url": model.url, "max_input": 100_000}
    limits = {"messages_per_minute": 0, "signups_per_hour": 0}
    budget = {"daily_tokens_per_user": 0}
    values = {"chat": ["scripted"], "summariser": ["scripted"], "models": [one], "budget": budget, "limits": limits}
    return House(root, values, model.environ)


def people_of(house: House, kind: str, most: int) -> Iterator[str]:
    """Return the Cookie headers of people who are made and logged in as they are needed, so many of them, then again."""
    cookies = list[str]()
    for n in range(most):
        house.person(f"{kind}{n}")
        cookies.append(house.cookie(f"{kind}{n}"))
        yield cookies[-1]
    yield from cycle(cookies)


@contextmanager
def started(command: Sequence[str], port: int, **environ: str) -> Iterator[int]:
    """Start a server and wait until it takes connections; return its process."""
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=os.environ | environ, stderr=subprocess.PIPE)
    with process:
        try:
            wait_for(port, process)
            yield process.pid
        finally:
            process.kill()


def wait_for(port: int, process: "subprocess.Popen[bytes]", path: str = "/", seconds: float = 40) -> float:
    """Wait for the first whole HTTP answer; return the time, in seconds of the monotonic clock, at which it came."""
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        assert process.poll() is None, "the server ended"
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            answer.read()
            return time.monotonic()
        time.sleep(0.002)
    raise TimeoutError(f"no answer at port {port}")


def passthrough_command(port: int) -> list[str]:
    return ["-m", "uvicorn", "--factory", "tests.bench.passthrough:create_app", "--port", str(port),
            "--log-level", "error"]  # fmt: skip


def certificate_at(root: Path) -> tuple[Path, Path]:
    """Make a certificate of this machine, signed by itself; return it and its key."""
    paths = root / "certificate.pem", root / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost",
               "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", str(paths[0]), "-keyout", str(paths[1])]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return paths


class Lab:
    """All that is measured, each started when it is needed first and ended with the block.

    With `is_secure` the model is asked over TLS.
    """

    def __init__(self, *, is_secure: bool = False) -> None:
        self._is_secure = is_secure

    def __enter__(self) -> "Lab":
        self._stack = ExitStack().__enter__()
        self.root = Path(self._stack.enter_context(TemporaryDirectory()))
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.close()

    @cached_property
    def over_tls(self) -> "Lab":
        """The same once more, each server with a model of its own that is asked over TLS."""
        return self._stack.enter_context(Lab(is_secure=True))

    @cached_property
    def model(self) -> Model:
        paths = certificate_at(self.root) if self._is_secure else ()
        process = self._piped("tests.bench.model", *map(str, paths))
        assert process.stdout is not None
        return Model(int(process.stdout.readline()), *paths[:1])

    @cached_property
    def house(self) -> House:
        """The shop over which all of Storekeeper's servers are."""
        house = shop_at(self.root, self.model)
        self._stack.callback(house.close)
        return house

    @cached_property
    def people(self) -> Iterator[str]:
        return people_of(self.house, "reader", MOST_PEOPLE)

    @cached_property
    def storekeeper(self) -> Target:
        """Storekeeper, with all that it has: log-in, disk, Markdown, fragments."""
        return self._shop(1)

    def another(self) -> Target:
        """Start one more Storekeeper, whose memory nothing has filled yet."""
        return self._shop(1)

    @contextmanager
    def alone(self, workers: int) -> Iterator[Target]:
        """Return a Storekeeper while there is no other, so that every core is free for it; what was started before is ended."""
        self._end_shops()
        yield self._shop(workers)
        self._end_shops()

    def _end_shops(self) -> None:
        for server in self.house.servers:
            if server.process.poll() is None:
                server.end()
        self.__dict__.pop("storekeeper", None)  # started anew where it is needed again

    @cached_property
    def passthrough(self) -> Target:
        port = free_port()
        environ = {"MODEL_URL": self.model.url, **self.model.environ}
        pid = self._stack.enter_context(started(passthrough_command(port), port, **environ))
        return Target("passthrough", "passthrough", port, pid, cycle([""]), self.model, self._readers)

    @cached_property
    def proxy(self) -> Target:
        port = free_port()
        command = ["-m", "tests.bench.proxy", str(port), str(self.model.port)]
        pid = self._stack.enter_context(started(command, port))
        return Target("raw proxy", "proxy", port, pid, cycle([""]), self.model, self._readers)

    def _shop(self, workers: int) -> Target:
        server = self.house.server(workers=workers)
        if workers > 1:
            self._stack.callback(server.end)  # killed, it would leave its workers behind
        pid = server.process.pid
        return Target("Storekeeper", "storekeeper", server.port, pid, self.people, self.model, self._readers)

    @cached_property
    def _readers(self) -> "subprocess.Popen[bytes]":
        return self._piped("tests.bench.readers")

    def _piped(self, module: str, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", module, *arguments]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._stack.enter_context(process)
        self._stack.callback(process.kill)
        return process
