"""What a server refuses of a request is left out, now and from then on, and nothing else is."""

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from completions.client import Client, complete
from completions.dialect import MOST_REFUSALS, Dialect
from completions.errors import ModelError, fault_of_error
from completions.request import CompletionRequest
from settings import Model
from tests.support.listener import PATIENT, TEXT, Listener, answer_plainly, run

RULES = {"role": "system", "content": "You help in a shop."}
ASKED = (
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": "Tea?"},
)
Refuses = Callable[[dict[str, Any]], object]
"""The error that a server has for a request, None where it answers."""


def refusing(refuses: Refuses, status: int = 400) -> Listener:
    """Return a server that answers what it does not refuse."""

    def script(connection: socket.socket, number: int) -> bool:
        error = refuses(json.loads(server.bodies[-1]))
        if error is None:
            return answer_plainly(connection, number)
        body = json.dumps(error).encode()
        connection.sendall(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body))
        return True

    server = Listener(script)
    return server


async def ask(url: str, times: int = 2, at_once: bool = False, **settings: Any) -> list[str]:
    client = Client({}, PATIENT)
    model = Model(name="scripted", max_input=8000, base_url=url, **settings)
    try:
        asked = [
            CompletionRequest(model, (RULES, *ASKED), 50, cache_key="ana", breakpoints=(10,)) for _ in range(times)
        ]
        if at_once:
            return [one.text for one in await asyncio.gather(*(complete(client, one) for one in asked))]
        return [(await complete(client, one)).text for one in asked]
    finally:
        await client.close()


def unsupported(key: str, instead: str = "") -> object:
    said = f"Unsupported parameter: '{key}' is not supported with this model.{instead}"
    return {"error": {"message": said, "type": "invalid_request_error", "param": key, "code": "unsupported_parameter"}}


REFUSALS: dict[str, tuple[Refuses, int, dict[str, Any]]] = {
    "max_tokens": (
        lambda body: unsupported("max_tokens", " Use 'max_completion_tokens' instead.") if "max_tokens" in body else None,
        400,
        {},
    ),
    "both bounds": (
        lambda body: next((unsupported(key) for key in body if key.endswith("_tokens")), None),
        400,
        {},
    ),
    "stream_options, as FastAPI says it": (
        lambda body: {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]}
        if "stream_options" in body
        else None,
        422,
        {},
    ),
    "stream_options, in Mistral's shape": (
        lambda body: {"object": "error", "message": {"detail": [{"loc": ["body", "stream_options", "include_usage"], "msg": "no"}]}}
        if "stream_options" in body
        else None,
        422,
        {},
    ),
    "temperature of the settings": (
        lambda body: {"error": {"message": "Unsupported value: 'temperature' does not support 0.2 with this model.", "param": "temperature"}}
        if "temperature" in body
        else None,
        400,
        {"parameters": {"temperature": 0.2}},
    ),
    "marks for a cache": (
        lambda body: {"error": {"message": "Input should be a valid string: messages.0.content should be a string"}}
        if isinstance(body["messages"][0]["content"], list)
        else None,
        400,
        {"cache_marks": True},
    ),
    "stream": (lambda body: {"error": "stream is not supported by this backend"} if body.get("stream") else None, 400, {}),
    "several, one after the other": (
        lambda body: next((unsupported(key) for key in ("max_tokens", "stream_options", "top_k") if key in body), None),
        400,
        {"parameters": {"top_k": 4}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSALS)
def test_what_is_refused_is_left_out_and_stays_so(what: str) -> None:
    refuses, status, settings = REFUSALS[what]
    server = refusing(refuses, status)

    texts = run(ask(server.url, times=3, **settings))

    bodies = [json.loads(body) for body in server.bodies]
    refused = [refuses(body) is not None for body in bodies]
    assert texts == [TEXT] * 3
    assert refused == [True] * (len(bodies) - 3) + [False] * 3
    server.close()


SYSTEM_REFUSALS = [
    "System role not supported",
    "Developer instruction is not enabled for models/gemma-3",
    "This model does not support a message of the system role.",
    "Invalid value: 'system'. Role 'system' is not supported; supported roles are 'user' and 'assistant'",
    "'messages[0].role' does not support 'system' with this model.",
    "Unsupported role: system",
    "Invalid value: 'system'. Supported values are: 'user', 'assistant'.",
    "'system' is not one of ['user', 'assistant']",
]


@pytest.mark.parametrize("message", SYSTEM_REFUSALS)
@pytest.mark.parametrize("status", [400, 422, 500])
def test_without_a_system_role_rules_stand_before_the_question(message: str, status: int) -> None:
    def refuses(body: dict[str, Any]) -> object:
        return {"message": message} if body["messages"][0]["role"] != "user" else None

    server = refusing(refuses, status)

    assert run(ask(server.url)) == [TEXT] * 2
    bodies = [json.loads(body) for body in server.bodies]
    assert len(bodies) == 3
    assert bodies[-1]["messages"] == [{"role": "user", "content": "You help in a shop.\n\nHi"}, *ASKED[1:]]
    server.close()


def test_a_server_that_names_the_developer_role_gets_that() -> None:
    def refuses(body: dict[str, Any]) -> object:
        is_system = body["messages"][0]["role"] == "system"
        return unsupported("system role", " Use the developer role instead.") if is_system else None

    server = refusing(refuses)

    run(ask(server.url))
    assert json.loads(server.bodies[-1])["messages"] == [{**RULES, "role": "developer"}, *ASKED]
    server.close()


def test_requests_that_are_refused_at_once_are_all_answered() -> None:
    server = refusing(lambda body: unsupported("max_tokens") if "max_tokens" in body else None)

    assert run(ask(server.url, times=5, at_once=True)) == [TEXT] * 5
    assert sum("max_tokens" not in json.loads(body) for body in server.bodies) == 5
    server.close()


def test_refusals_without_end_are_given_up() -> None:
    server = refusing(
        lambda body: unsupported(next((key for key in body if key not in ("model", "messages")), "messages"))
    )

    with pytest.raises(ModelError, match="bad_request"):
        run(ask(server.url, parameters={f"key_{number}": 1 for number in range(20)}))
    assert len(server.bodies) == MOST_REFUSALS + 1
    server.close()


@pytest.mark.parametrize(
    "message",
    [
        "'max_tokens' or 'max_completion_tokens' is too large: 9000",
        "max_tokens must be less than or equal to 500",
        "The messages are not as they should be",
        "Something is wrong",
    ],
)
def test_a_refusal_of_something_else_is_asked_once(message: str) -> None:
    server = refusing(lambda body: {"error": {"message": message}})

    with pytest.raises(ModelError):
        run(ask(server.url))
    assert len(server.bodies) == 1
    server.close()


def test_a_servers_own_error_is_no_refusal_of_a_role() -> None:
    fault = fault_of_error("Internal system error: unexpected message", 500)

    assert Dialect().without(fault, {"model": "m", "messages": [RULES]}) is None


@pytest.mark.parametrize("status", [401, 402, 403, 404, 429, 503])
def test_another_status_is_no_refusal_of_a_parameter(status: int) -> None:
    body = {"model": "m", "messages": [], "max_tokens": 5}

    assert Dialect().without(fault_of_error("max_tokens is not supported", status), body) is None


def test_keys_to_remove_are_never_sent() -> None:
    server = refusing(lambda body: None)

    run(ask(server.url, times=1, remove=("stream_options", "top_k", "max_tokens"), parameters={"top_k": 4}))

    body = json.loads(server.bodies[0])
    assert set(body) == {"model", "messages", "stream", "max_completion_tokens"}
    server.close()


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_bound_of_the_settings_takes_the_place_of_ours(name: str) -> None:
    server = refusing(lambda body: None)

    run(ask(server.url, times=1, parameters={name: 777}))

    body = json.loads(server.bodies[0])
    assert {key: value for key, value in body.items() if "_tokens" in key} == {name: 777}
    server.close()


def test_what_was_left_out_is_logged_with_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    server = refusing(lambda body: unsupported("max_tokens") if "max_tokens" in body else None)

    run(ask(server.url))

    (record,) = [vars(one) for one in caplog.records if one.getMessage() == "parameter_refused"]
    assert record["asked_without"] == "max_tokens, sent as max_completion_tokens"
    assert record["said"].startswith("max_tokens: Unsupported parameter")
    server.close()


# Functions


TOOL = {"type": "function", "function": {"name": "search_products", "parameters": {"type": "object"}}}


def body_with_tools(dialect: Dialect, *, may_call: bool = True, **parameters: Any) -> dict[str, Any]:
    model = Model(name="m", max_input=8000, parameters=parameters)
    return dialect.body(CompletionRequest(model, [RULES, *ASKED], 50, tools=[TOOL], may_call=may_call))


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "registry.example/library/tiny does not support tools"),
        (400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
        (404, "No endpoints found that support tool use."),
        (500, "tools param requires --jinja flag"),
        (422, "Unsupported parameter: 'tools'"),
        (501, "Function calling is not implemented."),
    ],
)
def test_a_refusal_of_tools_is_understood(status: int, message: str) -> None:
    dialect = Dialect()
    body = body_with_tools(dialect)
    without = dialect.without(fault_of_error({"error": {"message": message}}, status), body)

    assert without is not None
    assert "tools" not in body_with_tools(without)
    assert "tool_choice" not in body_with_tools(without, may_call=False)
    assert without.told(dialect) == "tools"


@pytest.mark.parametrize(
    ("status", "message"),
    [(400, "This prompt is too long."), (401, "Invalid tools"), (503, "tools are overloaded"), (404, "no such model")],
)
def test_another_fault_leaves_tools_in_place(status: int, message: str) -> None:
    found = Dialect().without(fault_of_error({"error": {"message": message}}, status), body_with_tools(Dialect()))

    assert found is None or "tools" not in found.left_out


def test_a_refusal_of_the_choice_alone_keeps_the_tools() -> None:
    body = body_with_tools(Dialect(), may_call=False)
    found = Dialect().without(fault_of_error(unsupported("tool_choice"), 400), body)

    assert found is not None
    assert found.left_out == {"tool_choice"}


def test_the_owner_can_leave_tools_out_or_add_to_them() -> None:
    assert "tools" not in body_with_tools(Dialect(left_out=frozenset(["tools"])))
    assert body_with_tools(Dialect(), parallel_tool_calls=False)["parallel_tool_calls"] is False
