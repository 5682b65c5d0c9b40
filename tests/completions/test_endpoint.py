"""The way to a model's server, over plain sockets and TLS, on the event loop that the server runs on."""

import ast
import asyncio
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import aclosing, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvloop

from completions.client import Client, Completion, complete
from completions.endpoint import Endpoint
from completions.errors import ErrorDetails, ModelError
from completions.reach import Reach, reach
from completions.request import CompletionRequest
from completions.stream import Usage
from settings import ROOT, Limits, Model
from tests.support.tls import Certificate, make_certificate

PATIENT = Limits(first_token_seconds=20, idle_seconds=20, reply_seconds=30)
QUESTION = [{"role": "user", "content": "Hello?"}]
WORDS = [f"word{number} " for number in range(40)]
TEXT = "".join(WORDS)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
Script = Callable[[socket.socket, int], bool | None]
"""Answers one request on a connection, the so-manyth there; True keeps the connection for the next one."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


class Listener:
    """A server of raw sockets: a thread a connection, what they ask kept."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self.heads, self.bodies, self.connections = list[str](), list[bytes](), 0
        self.closed = threading.Semaphore(0)
        self._script, self._context = script, context
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection:
            connection.settimeout(30)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            with closing(connection), connection.makefile("rb") as reader:
                number = 0
                while True:
                    head = b""
                    while not head.endswith(b"\r\n\r\n"):
                        line = reader.readline()
                        if not line:
                            return
                        head += line
                    self.heads.append(head.decode("latin-1"))
                    length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                    self.bodies.append(reader.read(int(length[0].partition(b":")[2])) if length else b"")
                    number += 1
                    if not self._script(connection, number):
                        with suppress(OSError):
                            connection.shutdown(socket.SHUT_RDWR)
                        return
        self.closed.release()


@contextmanager
def listening(script: Script, context: ssl.SSLContext | None = None) -> Iterator[Listener]:
    listener = Listener(script, context)
    try:
        yield listener
    finally:
        listener.close()


def event(chunk: object) -> bytes:
    return b"data: %b\n\n" % json.dumps(chunk).encode()


def said(text: str, finish: str | None = None) -> bytes:
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]})


def whole() -> list[bytes]:
    """Return the events of an answer of all WORDS."""
    usage = {"prompt_tokens": 7, "completion_tokens": 40}
    return [*map(said, WORDS), said("", "stop"), event({"choices": [], "usage": usage}), b"data: [DONE]\n\n"]


def chunked(parts: list[bytes]) -> list[bytes]:
    return [b"%x\r\n%b\r\n" % (len(part), part) for part in parts] + [b"0\r\n\r\n"]


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run on the loop that the server uses, which closes TLS otherwise than asyncio's own."""
    return uvloop.run(work)


async def ask(url: str, environ: dict[str, str] | None = None, times: int = 1, **settings: Any) -> list[Completion]:
    """Ask so many times, one after the other, over the same connection where the server keeps it."""
    client = Client(environ or {}, PATIENT)
    model = Model(name="scripted", max_input=8000, base_url=url, **settings)
    try:
        return [await complete(client, CompletionRequest(model, QUESTION, max_tokens=50)) for _ in range(times)]
    finally:
        await client.close()


def fault_of(work: Coroutine[Any, Any, Any]) -> ErrorDetails:
    with pytest.raises(ModelError) as caught:
        run(work)
    return caught.value.fault


# How an answer ends


FRAMED = {
    "chunked": (b"Transfer-Encoding: chunked\r\n", chunked(whole())),
    "with its length": (b"Content-Length: %d\r\n" % len(b"".join(whole())), whole()),
    "closed": (b"", whole()),
}


@pytest.mark.parametrize("framing", FRAMED)
@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("at_once", [False, True], ids=["event by event", "at once"])
def test_an_answer_is_whole_when_the_server_then_closes(
    framing: str, is_tls: bool, at_once: bool, certificate: Certificate
) -> None:
    head, parts = FRAMED[framing]

    def script(connection: socket.socket, number: int) -> None:
        for part in [b"".join([HEAD, head, b"\r\n", *parts])] if at_once else [HEAD + head + b"\r\n", *parts]:
            connection.sendall(part)

    with listening(script, certificate.server() if is_tls else None) as server:
        answers = [run(ask(server.url, certificate.environ))[0] for _ in range(15)]

    assert [(one.text, one.reason, one.usage) for one in answers] == [(TEXT, "stop", Usage(7, 40))] * 15


CUT = {
    "chunked": b"Transfer-Encoding: chunked\r\n",
    "with its length": b"Content-Length: 100000\r\n",
}


@pytest.mark.parametrize("framing", CUT)
@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
def test_a_body_that_ends_early_is_an_interrupted_answer(framing: str, is_tls: bool, certificate: Certificate) -> None:
    def script(connection: socket.socket, number: int) -> None:
        parts = list(map(said, WORDS))
        connection.sendall(HEAD + CUT[framing] + b"\r\n")
        connection.sendall(b"".join(chunked(parts)[:-1] if framing == "chunked" else parts))

    with listening(script, certificate.server() if is_tls else None) as server:
        fault = fault_of(ask(server.url, certificate.environ))

    assert fault == ErrorDetails("broken_off")


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
def test_a_slow_reader_gets_all_of_a_large_answer(is_tls: bool, certificate: Certificate) -> None:
    """3 MB at once, more than any buffer on the way holds, and the connection is closed before most of it is read."""
    parts = [b"%06d%b\n" % (number, b"x" * 1000) for number in range(3000)]

    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(b"".join([HEAD, b"Transfer-Encoding: chunked\r\n\r\n", *chunked(parts)]))

    async def read(url: str) -> bytes:
        endpoint = Endpoint(Reach(url, "none", ca_file=str(certificate.file)))
        answer = await endpoint.ask(b"{}")
        body = bytearray()
        async with aclosing(answer):
            async for piece in endpoint.pieces(answer):
                body += piece
                if len(body) < 400_000:
                    await asyncio.sleep(0.05)
        await endpoint.close()
        return bytes(body)

    with listening(script, certificate.server() if is_tls else None) as server:
        body = run(read(server.url))

    assert body == b"".join(parts)


def test_what_came_while_the_reader_was_busy_is_few_pieces() -> None:
    is_sent = threading.Event()

    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for part in chunked(whole()):
            connection.sendall(part)
        is_sent.set()

    async def read(url: str) -> int:
        endpoint = Endpoint(Reach(url, "none"))
        answer = await endpoint.ask(b"{}")
        count = 0
        async with aclosing(answer):
            async for _ in endpoint.pieces(answer):
                count += 1
                await asyncio.to_thread(is_sent.wait, 20)
                await asyncio.sleep(0.1)
        await endpoint.close()
        return count

    with listening(script) as server:
        assert run(read(server.url)) <= 4  # of 43


# Connections


def test_the_end_chunk_after_done_is_read_to_keep_the_connection() -> None:
    def script(connection: socket.socket, number: int) -> bool:
        *parts, end = chunked(whole())
        connection.sendall(b"".join([HEAD, b"Transfer-Encoding: chunked\r\n\r\n", *parts]))
        threading.Event().wait(0.03)
        connection.sendall(end)
        return True

    with listening(script) as server:
        answers = run(ask(server.url, times=5))

    assert [one.text for one in answers] == [TEXT] * 5
    assert server.connections == 1


def test_a_refused_answer_leaves_its_connection_for_the_next() -> None:
    refusal = json.dumps({"error": {"message": "Overloaded"}}).encode()

    def script(connection: socket.socket, number: int) -> bool:
        connection.sendall(b"HTTP/1.1 503 X\r\nContent-Length: %d\r\n\r\n%b" % (len(refusal), refusal))
        return True

    async def refused(url: str, times: int) -> list[str]:
        client, faults = Client({}, PATIENT), list[str]()
        model = Model(name="scripted", max_input=8000, base_url=url)
        for _ in range(times):
            with pytest.raises(ModelError) as caught:
                await complete(client, CompletionRequest(model, QUESTION, 50))
            faults.append(caught.value.fault.kind)
        await client.close()
        return faults

    with listening(script) as server:
        assert run(refused(server.url, 300)) == ["server_error"] * 300
        assert server.connections == 1


def test_a_refusal_without_end_is_left_and_closed() -> None:
    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(b"HTTP/1.1 500 X\r\nContent-Type: text/html\r\n\r\n")
        while True:
            connection.sendall(b"<p>" * 10_000)

    with listening(script) as server:
        fault = fault_of(ask(server.url))
        assert server.closed.acquire(timeout=10)

    assert fault.kind == "server_error"


def test_an_answer_that_is_not_streamed_has_a_largest_size() -> None:
    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"choices": [')
        while True:
            connection.sendall(b" " * 100_000)

    with listening(script) as server:
        fault = fault_of(ask(server.url))
        assert server.closed.acquire(timeout=10)

    assert fault == ErrorDetails("too_big")


def test_an_address_that_never_answers_is_unreachable_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener whose queue is full takes no connection, as a firewall that drops packets does not."""
    monkeypatch.setattr("completions.endpoint._CONNECT_SECONDS", 0.5)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(deaf.getsockname())

        fault = fault_of(ask(f"http://127.0.0.1:{deaf.getsockname()[1]}/v1"))

        for one in waiting:
            one.close()
    assert fault == ErrorDetails("unreachable", try_next=True, again=True)
    assert fault.code == "no_connection_in_time"


async def test_a_connection_is_waited_for_as_long_as_a_reader_waits() -> None:
    endpoint = Endpoint(reach(Model(name="m", max_input=8000, base_url="http://127.0.0.1:9/v1"), {}))
    connect = endpoint._client._client.timeout.connect
    await endpoint.close()

    assert connect is not None
    assert 5 <= connect <= 20


# Addresses, headers, proxies


@pytest.mark.parametrize(
    ("base", "asked"),
    [
        ("/v1", "/v1/chat/completions"),
        ("/v1/", "/v1/chat/completions"),
        ("", "/chat/completions"),
        ("/v1beta/openai/", "/v1beta/openai/chat/completions"),
        ("/deployments/d1?api-version=2024-10-21", "/deployments/d1/chat/completions?api-version=2024-10-21"),
        ("/v1/?key=a%20b&x=", "/v1/chat/completions?key=a+b&x="),
    ],
)
def test_the_address_keeps_its_path_and_its_query(base: str, asked: str) -> None:
    with listening(answer_plainly) as server:
        run(ask(server.url.removesuffix("/v1") + base))

    assert server.heads[0].split(" ")[1] == asked


def answer_plainly(connection: socket.socket, number: int) -> bool:
    body = b"".join(whole())
    connection.sendall(b"%bContent-Length: %d\r\n\r\n%b" % (HEAD, len(body), body))
    return True


def fields(head: str) -> dict[str, str]:
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:]) if name}


def test_headers_of_the_settings_are_sent_besides_the_key() -> None:
    with listening(answer_plainly) as server:
        run(
            ask(
                server.url, {"KEY": "sk-mine"}, api_key_env="KEY", headers={"X-Shop": "quintal", "user-agent": "shop/1"}
            )
        )

    sent = fields(server.heads[0])
    assert (sent["x-shop"], sent["user-agent"], sent["authorization"]) == ("quintal", "shop/1", "Bearer sk-mine")
    assert server.heads[0].lower().count("user-agent:") == 1


def test_headers_of_the_environment_go_to_openai_base_url_alone() -> None:
    environ = {"OPENAI_API_KEY": "sk-o", "OPENAI_ORG_ID": "org-1", "OPENAI_PROJECT_ID": "proj-1"}
    environ |= {"OPENAI_CUSTOM_HEADERS": "X-Gateway: shop\nnonsense\nX-Two: a: b"}

    async def both(url: str) -> None:
        client = Client(environ | {"OPENAI_BASE_URL": url}, PATIENT)
        for base_url in (None, url):
            model = Model(name="scripted", max_input=8000, base_url=base_url)
            await complete(client, CompletionRequest(model, QUESTION, max_tokens=50))
        await client.close()

    with listening(answer_plainly) as server:
        run(both(server.url))

    theirs, others = map(fields, server.heads)
    names = ("openai-organization", "openai-project", "x-gateway", "x-two", "authorization")
    assert [theirs.get(name) for name in names] == ["org-1", "proj-1", "shop", "a: b", "Bearer sk-o"]
    assert [others.get(name) for name in names] == [None, None, None, None, "Bearer none"]


@pytest.mark.filterwarnings("ignore:.*(BasicAuth|proxy_auth):DeprecationWarning")  # the client's own code has them
def test_a_proxy_of_the_environment_is_asked_for_other_machines() -> None:
    with listening(answer_plainly) as proxy:
        address = proxy.url.removesuffix("/v1").replace("://", "://me:secret@")
        answers = run(ask("http://llm.example/v1", {"HTTP_PROXY": address}))

    assert answers[0].text == TEXT
    assert proxy.heads[0].startswith("POST http://llm.example/v1/chat/completions ")
    assert fields(proxy.heads[0])["proxy-authorization"] == "Basic bWU6c2VjcmV0"


def test_a_server_over_tls_is_asked_through_the_proxy_by_connect() -> None:
    def refuse(connection: socket.socket, number: int) -> None:
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with listening(refuse) as proxy:
        fault = fault_of(ask("https://llm.example/v1", {"https_proxy": proxy.url.removesuffix("/v1")}))

    assert proxy.heads[0].startswith("CONNECT llm.example:443 ")
    assert (fault.kind, fault.code) == ("unreachable", "proxy")


def test_a_proxy_that_is_not_asked_over_http_is_the_owners_fault() -> None:
    fault = fault_of(ask("http://llm.example/v1", {"ALL_PROXY": "socks5://127.0.0.1:9"}))

    assert (fault.kind, fault.is_owners, fault.code) == ("unreachable", True, "setup")
    assert "socks5" in fault.message


@pytest.mark.parametrize(
    ("address", "no_proxy", "is_direct"),
    [
        ("http://llm.example/v1", "", False),
        ("http://localhost:9/v1", "", True),
        ("http://127.0.0.1:9/v1", "", True),
        ("http://[::1]:9/v1", "", True),
        ("http://llm.example/v1", "*", True),
        ("http://llm.example/v1", "other.example, llm.example", True),
        ("http://api.llm.example/v1", ".llm.example", True),
        ("http://api.llm.example/v1", "*.llm.example", True),
        ("http://notllm.example/v1", "llm.example", False),
        ("http://llm.example:8080/v1", "llm.example:8080", True),
        ("http://llm.example:8081/v1", "llm.example:8080", False),
        ("http://10.1.2.3:8080/v1", "10.0.0.0/8", True),
        ("http://11.1.2.3:8080/v1", "10.0.0.0/8", False),
        ("http://[fd00::1]/v1", "fd00::/8", True),
    ],
)
def test_no_proxy_names_hosts_domains_networks_and_ports(address: str, no_proxy: str, is_direct: bool) -> None:
    model = Model(name="scripted", max_input=8000, base_url=address)

    found = reach(model, {"HTTP_PROXY": "proxy.example:3128", "no_proxy": no_proxy})

    assert found.proxy == (None if is_direct else "http://proxy.example:3128")


def test_the_proxy_is_that_of_the_scheme_else_that_of_all() -> None:
    environ = {"ALL_PROXY": "http://all:1", "HTTPS_PROXY": "http://upper:2", "https_proxy": "http://lower:3"}
    models = [Model(name="m", max_input=8000, base_url=f"{scheme}://llm.example/v1") for scheme in ("http", "https")]

    assert [reach(model, environ).proxy for model in models] == ["http://all:1", "http://lower:3"]


def test_certificates_that_are_no_file_are_the_owners_fault() -> None:
    fault = fault_of(ask("https://127.0.0.1:9/v1", {"SSL_CERT_FILE": "/nowhere/ca.pem"}))

    assert (fault.kind, fault.is_owners, fault.code) == ("unreachable", True, "setup")
    assert "SSL_CERT_FILE" in fault.message


# What the log says of a fault


def log_of(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    (record,) = [record for record in caplog.records if record.getMessage() == "model_fault"]
    return vars(record)


def test_a_fault_is_logged_with_address_status_and_message(caplog: pytest.LogCaptureFixture) -> None:
    said = {
        "error": {"message": f"No access for sk-mine-0123456789, nor Bearer abcdefgh. {'x ' * 300}", "code": "denied"}
    }
    body = json.dumps(said).encode()

    def script(connection: socket.socket, number: int) -> None:
        connection.sendall(b"HTTP/1.1 403 X\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    with listening(script) as server:
        fault_of(ask(f"{server.url}?api-version=1&sig=hush-hush", {"KEY": "sk-mine-0123456789"}, api_key_env="KEY"))

    found = log_of(caplog)
    assert found["address"] == f"{server.url}/chat/completions?api-version=1&sig=***"
    assert (found["model"], found["status"], found["fault"], found["code"]) == (
        "scripted",
        403,
        "key_refused",
        "denied",
    )
    assert found["said"].startswith("No access for ***, nor Bearer *** x x")
    assert len(found["said"]) == 300


@pytest.mark.parametrize("has_photo", [False, True], ids=["text", "text and photo"])
def test_what_a_server_quotes_of_a_question_is_not_logged(caplog: pytest.LogCaptureFixture, has_photo: bool) -> None:
    question = "My telephone number is 555 0199, please call me"
    photo = {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9j/"}}
    content = [{"type": "text", "text": question}, photo] if has_photo else question

    def script(connection: socket.socket, number: int) -> None:
        body = json.dumps({"detail": f"cannot handle '{question}' here"}).encode()
        connection.sendall(b"HTTP/1.1 400 X\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    async def ask_it(url: str) -> None:
        client = Client({}, PATIENT)
        model = Model(name="scripted", max_input=8000, base_url=url)
        try:
            await complete(client, CompletionRequest(model, [{"role": "user", "content": content}], 50))
        finally:
            await client.close()

    with listening(script) as server:
        fault_of(ask_it(server.url))

    assert log_of(caplog)["said"] == "cannot handle '…' here"


def test_a_silent_model_is_logged_with_its_address(caplog: pytest.LogCaptureFixture) -> None:
    async def ask_it(url: str) -> None:
        client = Client({}, Limits(first_token_seconds=0.2))
        try:
            await complete(
                client, CompletionRequest(Model(name="scripted", max_input=8000, base_url=url), QUESTION, 50)
            )
        finally:
            await client.close()

    with listening(lambda connection, number: threading.Event().wait(2)) as server:
        fault_of(ask_it(server.url))

    assert (log_of(caplog)["fault"], log_of(caplog)["address"]) == ("slow_start", f"{server.url}/chat/completions")


# What of the client is used


@pytest.mark.parametrize("path", sorted((ROOT / "completions").glob("*.py")), ids=lambda path: path.name)
def test_only_public_names_of_dependencies_are_used(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module != "__future__":
            assert not re.search(r"(^|\.)_", node.module or ""), node.module
            assert not [alias.name for alias in node.names if alias.name.startswith("_")]
        if isinstance(node, ast.Attribute) and re.match(r"_[^_]", node.attr):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            assert owner in ("self", "parts", "os"), (
                f"line {node.lineno}: {node.attr}"
            )  # a named tuple's _replace; os._exit
