"""What the owner reads of a model that does not answer as it is set up, each fault played by a real server."""

import asyncio
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from completions.check import ModelReport, check
from settings import Limits, Model
from tests.support.listener import HEAD, Listener, answer_plainly, fields
from tests.support.tls import make_certificate

Answer = Callable[[str, dict[str, Any]], tuple[int, object] | None]
"""What a server answers to a path and a request's JSON: status and body; None for a sound stream."""


class Provider:
    """A server that has its chat at one path, its models at another, and answers 404 elsewhere."""

    def __init__(self, answer: Answer, base: str = "/v1", key: str | None = None) -> None:
        self.answer, self.base, self.key = answer, base, key
        self.listener = Listener(self._serve)
        self.root = self.listener.url.removesuffix("/v1")
        self.url = self.root + base

    def _serve(self, connection: socket.socket, number: int) -> bool:
        head = self.listener.heads[-1]
        method, target, _ = head.split(" ", 2)
        found: tuple[int, object] | None
        if target not in (f"{self.base}/chat/completions", f"{self.base}/models"):
            found = 404, "404 page not found"
        elif self.key and fields(head).get("authorization") != f"Bearer {self.key}":
            found = 401, {"error": {"message": f"Incorrect API key provided: {fields(head)['authorization']}"}}
        elif method == "GET":
            found = 200, {"object": "list", "data": [{"id": name, "object": "model"} for name in ("llama3.2", "qwen3")]}
        else:
            found = self.answer(target, json.loads(self.listener.bodies[-1]))
        if found is None:
            return answer_plainly(connection, number)
        status, said = found
        is_text = isinstance(said, str)
        body = said.encode() if isinstance(said, str) else json.dumps(said).encode()
        kind = b"text/plain" if is_text else b"application/json"
        connection.sendall(
            b"HTTP/1.1 %d X\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (status, kind, len(body), body)
        )
        return True


def sound(path: str, body: dict[str, Any]) -> None:
    return None


@pytest.fixture
def provider() -> Iterator[Callable[..., Provider]]:
    made = list[Provider]()

    def make(answer: Answer = sound, **changed: Any) -> Provider:
        made.append(Provider(answer, **changed))
        return made[-1]

    yield make
    for one in made:
        one.listener.close()


def ask(url: str | None, environ: dict[str, str] | None = None, seconds: float = 10, **changed: Any) -> ModelReport:
    model = Model(**{"name": "llama3.2", "max_input": 8000, "base_url": url, **changed})
    return asyncio.run(check(model, environ or {}, Limits(first_token_seconds=seconds)))


def text(report: ModelReport) -> str:
    return "\n".join(report.lines)


Make = Callable[..., Provider]


def test_a_model_that_answers_is_told_with_its_times_and_tokens(provider: Make) -> None:
    report = ask(provider().url)

    assert report.is_sound
    assert re.fullmatch(
        r"works: the first word after \d\.\d s, all after \d\.\d s; 7 tokens read, 40 written\.\n"
        r"Its price is not known: budgets in dollars do not count it, those in tokens do\.",
        text(report),
    )


def test_a_price_that_is_known_is_said(provider: Make) -> None:
    url = provider().url

    assert "Its price is known." in text(ask(None, {"OPENAI_BASE_URL": url}, name="gpt-6-luna"))


@pytest.mark.parametrize(
    ("base", "written", "better"),
    [
        ("/v1", "", "/v1"),
        ("/v1", "/", "/v1"),
        ("/api/v1", "", "/api/v1"),
        ("/v1", "/v1/chat/completions", "/v1"),
        ("/v1", "/v1/chat/completions/", "/v1"),
        ("/v1", "/v1/models", "/v1"),
        ("/openai/v1", "/chat/completions", "/openai/v1"),
    ],
)
def test_the_address_to_write_is_found(base: str, written: str, better: str, provider: Make) -> None:
    made = provider(base=base)

    report = ask(made.root + written)

    assert not report.is_sound
    assert f'base_url = "{made.root}{better}"' in text(report)
    assert ("lacks its end" in text(report)) is (written in ("", "/"))


def test_an_address_without_a_chat_is_told(provider: Make) -> None:
    made = provider()

    report = ask(f"{made.root}/elsewhere/v1")

    assert "No chat is offered at this address" in text(report)
    assert f"Asked: {made.root}/elsewhere/v1/chat/completions" in report.lines
    assert 'It said: "404 page not found", status 404.' in report.lines


def test_a_port_where_nothing_listens_is_told() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    report = ask(f"http://127.0.0.1:{port}/v1")

    assert not report.is_sound
    assert f"Nothing listens at 127.0.0.1:{port}." in text(report)


def test_a_name_that_no_machine_has_is_told() -> None:
    assert 'no machine called "shop-model.invalid"' in text(ask("http://shop-model.invalid/v1"))


def test_a_missing_key_is_told_with_the_line_to_write(provider: Make) -> None:
    url = provider(key="sk-right").url

    assert "write" in text(ask(url)).lower()
    assert 'api_key_env = "MY_KEY"' in text(ask(url))
    assert "put SHOP_KEY=... into .env" in text(ask(url, {"SHOP_KEY": ""}, api_key_env="SHOP_KEY"))


def test_a_wrong_key_is_told_and_never_shown(provider: Make) -> None:
    report = ask(provider(key="sk-right").url, {"SHOP_KEY": "sk-wrong-0123"}, api_key_env="SHOP_KEY")

    assert "The key in SHOP_KEY was refused." in text(report)
    assert "sk-wrong" not in text(report)
    assert "status 401" in text(report)


def test_without_any_server_the_key_is_asked_for() -> None:
    report = ask(None)

    assert not report.is_sound
    assert "put OPENAI_API_KEY=... into .env" in text(report)


def test_an_unknown_model_is_told_with_those_there_are(provider: Make) -> None:
    report = ask(provider(lambda path, body: (404, {"error": {"message": f"model '{body['model']}' not found"}})).url,
                 name="lama")  # fmt: skip

    assert 'The server has no model called "lama".' in text(report)
    assert "It offers: llama3.2, qwen3." in text(report)


def test_a_server_that_does_not_stream_works_and_is_told(provider: Make) -> None:
    whole = {"choices": [{"index": 0, "message": {"content": "Hello."}, "finish_reason": "stop"}]}

    report = ask(provider(lambda path, body: (200, whole)).url)

    assert report.is_sound
    assert "It does not stream" in text(report)
    assert "parameters = { stream = false }" in text(report)


def test_what_is_refused_is_told_with_what_to_remove(provider: Make) -> None:
    def refuse(path: str, body: dict[str, Any]) -> tuple[int, object] | None:
        named = next((key for key in ("stream_options", "max_tokens") if key in body), None)
        return (400, {"error": {"message": f"Unknown parameter: '{named}'"}}) if named else None

    report = ask(provider(refuse).url)

    assert report.is_sound
    assert 'remove = ["max_tokens", "stream_options"]' in text(report)

    again = ask(provider(refuse).url, remove=("max_tokens", "stream_options"))

    assert again.is_sound
    assert "refused" not in text(again)


def test_a_refused_request_is_told_in_the_servers_words(provider: Make) -> None:
    report = ask(provider(lambda path, body: (400, {"detail": "This is not the season"})).url)

    assert not report.is_sound
    assert 'It said: "This is not the season", status 400.' in text(report)


def test_a_server_that_never_answers_is_told_in_time(provider: Make) -> None:
    listener = Listener(lambda connection, number: bool(connection.recv(1)))

    report = ask(listener.url, seconds=0.3)

    listener.close()
    assert "No word came in time." in text(report)


def test_a_certificate_that_is_not_trusted_is_told(tmp_path: Any) -> None:
    listener = Listener(answer_plainly, make_certificate(tmp_path).server())

    report = ask(listener.url)

    listener.close()
    assert "The certificate of 127.0.0.1 is not trusted." in text(report)
    assert "SSL_CERT_FILE=" in text(report)


def test_https_to_a_plain_server_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def refuse() -> None:
            connection, _ = plain.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=refuse, daemon=True).start()
        report = ask(f"https://127.0.0.1:{plain.getsockname()[1]}/v1")

    assert "Write base_url with http:// instead" in text(report)


def test_http_to_a_server_over_tls_is_told(tmp_path: Any) -> None:
    listener = Listener(answer_plainly, make_certificate(tmp_path).server())

    report = ask(listener.url.replace("https:", "http:"))

    listener.close()
    assert "begin with https://" in text(report)


def test_a_page_in_place_of_a_model_is_told() -> None:
    page = b"<!doctype html><title>Sign in</title>"
    listener = Listener(
        lambda connection, number: connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(page), page)
        )
    )

    report = ask(listener.url)

    listener.close()
    assert "A page or something else answered" in text(report)
    assert 'It said: "Sign in".' in text(report)


def test_an_answer_without_a_word_is_told(provider: Make) -> None:
    listener = Listener(
        lambda connection, number: connection.sendall(HEAD + b"Content-Length: 14\r\n\r\ndata: [DONE]\n\n")
    )

    report = ask(listener.url)

    listener.close()
    assert "without a word" in text(report)
    assert not report.is_sound
