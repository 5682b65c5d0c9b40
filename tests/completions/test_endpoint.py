"""How a model's server is addressed: its path, headers, proxies and certificates, and what the log says of a fault."""

import ast
import json
import re
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from completions.client import Client, complete
from completions.reach import reach
from completions.request import CompletionRequest
from settings import ROOT, Limits, Model
from tests.support.listener import (
    PATIENT,
    QUESTION,
    TEXT,
    answer_plainly,
    ask,
    fault_of,
    fields,
    listening,
    run,
)

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


@pytest.mark.parametrize("address", ["http://a..b/v1", "http://.llm.example/v1"])
def test_a_host_that_is_no_name_is_the_owners_fault(address: str) -> None:
    fault = fault_of(ask(address))

    assert (fault.kind, fault.is_owners) == ("unreachable", True)


@pytest.mark.parametrize(("address", "named"), [("socks5://127.0.0.1:9", "socks5"), ("http://proxy:port", "port")])
def test_a_proxy_that_is_not_asked_over_http_is_the_owners_fault(address: str, named: str) -> None:
    fault = fault_of(ask("http://llm.example/v1", {"ALL_PROXY": address}))

    assert (fault.kind, fault.is_owners, fault.code) == ("unreachable", True, "setup")
    assert named in fault.message


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
