"""Tests of the log: one JSON object a line, safe for a terminal, with the request's id, without content or secrets."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quart import Quart

from handlers import logs
from handlers.logs import Lines, secrets_of
from tests.conftest import Open, enter, settings_for
from tests.support.shop import Visitor
from tests.support.upstream import Upstream

EVIL = 'a\nb\r\x1b[2J\x9b31m\x7f\u2028\u202e"}\x00{"level": "critical"'


def line(message: str = "event", exc_info: Any = None, lines: Lines | None = None, **extra: object) -> dict[str, Any]:
    record = logging.getLogger("storekeeper.test").makeRecord(
        "storekeeper.test", logging.INFO, "", 0, message, (), exc_info, None, extra
    )
    text = (lines or Lines()).format(record)
    assert text.isascii()
    assert text.isprintable()
    read: dict[str, Any] = json.loads(text)
    return read


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All lines of the log, as they come out."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines())
    root, storekeeper = logging.getLogger(), logging.getLogger("storekeeper")
    before = storekeeper.level
    root.addHandler(handler)
    storekeeper.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    storekeeper.setLevel(before)


def events(logged: io.StringIO, event: str) -> list[dict[str, Any]]:
    found = [json.loads(text) for text in logged.getvalue().splitlines()]
    return [one for one in found if one["event"] == event]


# Lines


def test_the_fields_of_an_event_stand_in_its_line() -> None:
    told = line("login_failed", person="ana", seconds=0.25, is_known=True, nothing=None)

    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "info", "event": "login_failed", "person": "ana", "seconds": 0.25, "is_known": True, "nothing": None,
    }  # fmt: skip


@given(st.text() | st.just(EVIL))
def test_no_value_begins_a_line_or_moves_a_cursor(value: str) -> None:
    told = line(f"event {value}", person=value)

    assert told["person"] == value
    assert told["level"] == "info"


def test_a_long_value_is_cut() -> None:
    assert line(error="x" * 10_000)["error"] == "x" * 2_000 + " ... (10000 characters)"


def test_secrets_are_blanked_wherever_they_stand() -> None:
    environ = {
        "OPENAI_API_KEY": "sk-0123456789",
        "SHOP_TOKEN": " tok-abcdefgh\n",
        "MY_KEY": "short",
        "HOME": "/home/ana",
    }
    lines = Lines([*secrets_of(environ, "the signing key", None)])
    told = line(
        "said sk-0123456789", lines=lines, error="tok-abcdefgh short /home/ana", where=["the signing key", "sk-01"]
    )

    assert told["event"] == "said ***"
    assert told["error"] == "*** short /home/ana"
    assert told["where"] == "['***', 'sk-01']"


@pytest.mark.parametrize("verbose", [False, True])
def test_a_traceback_shows_its_message_only_in_verbose_logs(verbose: bool) -> None:
    words = "the customer wrote: my card is 4111", "a question"
    try:
        try:
            raise ValueError(words[0])
        except ValueError as error:
            raise KeyError(words[1]) from error
    except KeyError:
        told = line("request_failed", sys.exc_info(), Lines(verbose=verbose))

    text = told["traceback"]
    assert text.count("Traceback (most recent call last)") == 2
    assert "KeyError" in text
    assert "ValueError" in text
    assert "test_logs.py" in text
    assert ("4111" in text) is verbose
    assert (words[1] in text.splitlines()[-1]) is verbose


@pytest.mark.parametrize(("verbose", "told"), [(False, "Task exception was never retrieved"), (True, "... 4111")])
def test_a_librarys_error_is_cut_to_one_line_unless_verbose(verbose: bool, told: str) -> None:
    said = "Task exception was never retrieved\nfuture: ... 4111"
    record = logging.makeLogRecord({"name": "asyncio", "msg": said, "color_message": "4111"})
    read = json.loads(Lines(verbose=verbose).format(record))
    assert sorted(read) == ["event", "level", "logger", "time"]
    event = read["event"]

    assert event.endswith(told)
    assert ("4111" in event) is verbose


# Requests


async def test_a_request_logs_one_line_with_the_id_of_its_response(
    shop: Quart, ana: Visitor, logged: io.StringIO
) -> None:
    answered = await ana.get("/history?before=7&secret=x")

    (told,) = events(logged, "request")
    assert told["request"] == answered.headers["x-request-id"]
    assert (told["method"], told["route"], told["status"], told["person"]) == ("GET", "/history", 200, "ana")
    assert told["ms"] >= 0
    assert "secret" not in logged.getvalue()


@pytest.mark.parametrize(
    ("method", "path", "status", "route"),
    [
        ("GET", "/healthz", 200, "/healthz"),
        ("GET", "/nowhere/at-all", 404, "-"),
        ("BREW\x1b", "/healthz", 405, "/healthz"),
        ("POST", "/healthz", 405, "/healthz"),
        ("GET", "/login", 200, "/login"),
        ("GET", "/replies/9-20261123T120000Z", 303, "/replies/<reply_id>"),
    ],
)
async def test_every_answer_has_an_id_and_a_line_quarts_own_as_well(
    method: str, path: str, status: int, route: str, nobody: Visitor, logged: io.StringIO
) -> None:
    answered = await nobody.ask(method, path)
    (told,) = events(logged, "request")

    assert answered.status == told["status"] == status
    assert len(answered.headers["x-request-id"]) == 16
    assert told["route"] in (route, "-")
    assert "person" not in told


async def test_request_ids_differ_and_a_client_supplied_id_is_ignored(nobody: Visitor) -> None:
    ids = {(await nobody.get("/healthz", X_Request_Id="mine")).headers["x-request-id"] for _ in range(2)}

    assert len(ids) == 2
    assert "mine" not in ids


async def test_reply_call_and_request_logs_share_an_id_without_text(
    open_shop: Open, upstream: Upstream, logged: io.StringIO
) -> None:
    app = open_shop(settings_for(upstream, "echo"))
    ana = enter(app, "ana")
    answered = await ana.post("/messages", {"content": f"My card is 4111 1111 {EVIL}"})

    (request,) = events(logged, "request")
    (call,) = events(logged, "model_call")
    assert answered.status == 303
    assert call["request"] == request["request"] == answered.headers["x-request-id"]
    assert (call["person"], call["purpose"], call["model"], call["ending"]) == ("ana", "chat", "echo", "stop")
    assert call["prompt_tokens"] > 100
    assert call["first_token_seconds"] <= call["seconds"]
    assert "4111" not in logged.getvalue()


async def test_an_error_of_the_server_shows_its_id_on_the_page(shop: Quart, ana: Visitor, logged: io.StringIO) -> None:
    said = "what the customer wrote"

    @shop.get("/broken")
    async def broken() -> str:
        raise RuntimeError(said)

    page, notice = await ana.get("/broken"), await ana.get("/broken", HX_Request="true")

    for answered in (page, notice):
        assert answered.status == 500
        assert answered.headers["x-request-id"] in answered.text
    told = events(logged, "request_failed")
    assert [one["request"] for one in told] == [one.headers["x-request-id"] for one in (page, notice)]
    assert "RuntimeError" in told[0]["traceback"]
    assert said not in logged.getvalue()


async def test_an_absent_page_is_the_same_to_everybody(ana: Visitor) -> None:
    one, other = [await ana.get(path) for path in ("/conversations/20260101T000000Z/delete", "/nowhere")]

    assert one.headers["x-request-id"] != other.headers["x-request-id"]
    assert one.headers["x-request-id"] not in one.text


def test_a_line_outside_of_a_request_has_no_id() -> None:
    assert "request" not in line()
    assert logs.trace().id == "-"
