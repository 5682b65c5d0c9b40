"""Tests of /metrics, and of real servers that hold secrets: who may read what, and that these stand nowhere."""

import asyncio
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from completions.stream import Finished, Usage
from memory.storage.users import Users
from server import create_app
from settings import Environment
from tests.conftest import enter, replies_of, services_of
from tests.support.serving import SECRET, cookies_of, serving
from tests.support.shop import Clock, Scripted, Visitor, settings_of
from tests.support.small_model import find_gguf
from tests.support.upstream import Upstream

TOKEN = "a token for metrics"
BEARER = f"Bearer {TOKEN}"


def values(text: str) -> dict[str, float]:
    """Read Prometheus' text form: each sample with its labels as they stand."""
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


@pytest.mark.parametrize("authorization", ["", BEARER, "Bearer ", "Bearer None"])
async def test_without_a_token_in_the_settings_there_is_no_metrics(authorization: str, nobody: Visitor) -> None:
    answered = await nobody.get("/metrics", Authorization=authorization)

    assert answered.status == 404
    assert "storekeeper_" not in answered.text


@pytest.mark.parametrize("where", ["settings", "environment"])
async def test_who_has_the_token_reads_them_and_nobody_else(where: str, place: Environment, users: Users) -> None:
    settings = settings_of({"luna": None}, **({"metrics_token": TOKEN} if where == "settings" else {}))
    if where == "environment":
        place = msgspec.structs.replace(place, metrics_token=TOKEN)
    app = create_app(settings, place, completer=Scripted(), now=Clock())
    ana = enter(app, "ana")

    for wrong in ("", TOKEN, f"Basic {TOKEN}", f"{BEARER} ", BEARER[:-1], "Bearer \xff"):
        answered = await ana.get("/metrics", Authorization=wrong)
        assert (answered.status, answered.headers["www-authenticate"]) == (401, "Bearer")
    answered = await Visitor(app).get("/metrics", Authorization=BEARER)
    assert answered.status == 200
    assert answered.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answered.headers["cache-control"] == "no-store"


async def test_metrics_count_requests_calls_tokens_and_replies(place: Environment, users: Users) -> None:
    scripted = Scripted(["Hello", Usage(321, 7, 128), Finished("stop")])
    settings = settings_of({"gpt-6-luna": None}, metrics_token=TOKEN)
    app = create_app(settings, place, completer=scripted, now=Clock())
    ana = enter(app, "ana")
    await ana.post("/messages", {"content": "Hi"})
    await ana.get("/nowhere-1")
    await ana.ask("BREW", "/nowhere-2")
    told = values((await ana.get("/metrics", Authorization=BEARER)).text)

    assert told['storekeeper_requests_total{method="POST",route="/messages",status="303"}'] == 1
    assert told['storekeeper_requests_total{method="GET",route="-",status="404"}'] == 1
    assert told['storekeeper_requests_total{method="other",route="-",status="404"}'] == 1
    assert told['storekeeper_model_calls_total{ending="stop",model="gpt-6-luna",purpose="chat"}'] == 1
    assert told['storekeeper_tokens_total{kind="prompt",model="gpt-6-luna",purpose="chat"}'] == 321
    assert told['storekeeper_tokens_total{kind="cached",model="gpt-6-luna",purpose="chat"}'] == 128
    assert told['storekeeper_tokens_total{kind="completion",model="gpt-6-luna",purpose="chat"}'] == 7
    assert told['storekeeper_cost_usd_total{model="gpt-6-luna",purpose="chat"}'] == pytest.approx(0.0000241, abs=1e-6)
    assert told['storekeeper_first_token_seconds_count{model="gpt-6-luna"}'] == 1
    assert told["storekeeper_replies_live"] == 0
    assert "storekeeper_event_loop_lag_seconds_count" in told


async def test_metrics_report_the_live_replies_and_the_compactions(place: Environment, users: Users) -> None:
    gate = asyncio.Event()
    app = create_app(
        settings_of({"luna": None}, metrics_token=TOKEN), place, completer=Scripted(["Hello", gate]), now=Clock()
    )
    ana = enter(app, "ana")
    assert (await ana.send("/messages", {"content": "Hi"})).status == 200
    services_of(app).metrics.compaction("code")
    told = values((await ana.get("/metrics", Authorization=BEARER)).text)
    assert told["storekeeper_replies_live"] == 1
    assert told['storekeeper_folds_total{method="code"}'] == 1

    gate.set()
    await replies_of(app).close(5)
    assert values((await ana.get("/metrics", Authorization=BEARER)).text)["storekeeper_replies_live"] == 0


def test_worker_processes_count_together(
    upstream: Upstream, users: Users, accounts_of_all: dict[str, bytes], tmp_path: Path
) -> None:
    settings = shop_of(upstream)
    cookie = cookies_of(users, ["bob"], accounts_of_all["bob"], settings)["bob"]
    with serving(tmp_path, settings, ["--workers", "2"], {"STOREKEEPER_METRICS_TOKEN": TOKEN}) as server:
        for _ in range(40):
            assert server.ask("GET", "/login").status == 200
        assert server.ask("POST", "/messages", {"content": "ok"}, Cookie=cookie).status == 303
        deadline = time.monotonic() + 10
        while (
            "storekeeper_event_loop_lag_seconds_count" not in server.ask("GET", "/metrics", Authorization=BEARER).text
        ):
            assert time.monotonic() < deadline
        told = values(server.ask("GET", "/metrics", Authorization=BEARER).text)

    assert told['storekeeper_requests_total{method="GET",route="/login",status="200"}'] == 40
    assert told['storekeeper_model_calls_total{ending="stop",model="as_told",purpose="chat"}'] == 1
    assert told["storekeeper_replies_live"] == 0
    made = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    assert sum(one["event"] == "request" and one["route"] == "/login" for one in made) == 40


def shop_of(upstream: Upstream, **changed: Any) -> dict[str, Any]:
    settings = {
        "chat": ["as_told"],
        "summariser": ["as_told"],
        "models": [
            {"name": "as_told", "base_url": upstream.url("as_told"), "max_input": 100_000, "api_key_env": "SHOPS_KEY"}
        ],
        "limits": {"messages_per_minute": 0},
    }
    return settings | changed


def test_secrets_are_in_no_log_page_prompt_metrics_or_child_env(
    upstream: Upstream, users: Users, accounts_of_all: dict[str, bytes], tmp_path: Path
) -> None:
    gguf = find_gguf()
    planted = {
        "OPENAI_API_KEY": "sk-planted-openai-key",
        "SHOPS_KEY": "sk-planted-shop-key",
        "STOREKEEPER_METRICS_TOKEN": "planted-metrics-token",
        "AWS_SECRET_ACCESS_KEY": "planted-of-another-service",
    }
    settings = shop_of(upstream)
    if gguf:
        settings["summariser"] = ["local"]
        settings["models"].append({"name": "local", "gguf": gguf, "max_input": 2_000, "max_output": 100})
    cookie = cookies_of(users, ["bob"], accounts_of_all["bob"], settings)["bob"]
    before = len(upstream.log())
    with serving(tmp_path, settings, ["--verbose"], planted) as server:
        children = _children(server.process.pid)
        assert bool(children) == bool(gguf)
        for child in children:
            environ = Path(f"/proc/{child}/environ").read_bytes().decode()
            assert "PATH=" in environ
            _holds_none(environ, [*planted.values(), SECRET])
        shown = []
        for text in ("ok", "r401", "r429_quota", "error_event", "badjson", "html200", "prompt"):
            answered = server.ask("POST", "/messages", {"content": text}, Cookie=cookie)
            assert answered.status == 303
            shown.append(answered.text + str(answered.fields))
        pages = ("/", "/prompt", "/summary", "/usage", "/conversations", "/ruler", "/nowhere", "/login", "/metrics")
        answers = [server.ask("GET", path, Cookie=cookie) for path in pages]
        shown += [answered.text + str(answered.fields) for answered in answers]
        bearer = f"Bearer {planted['STOREKEEPER_METRICS_TOKEN']}"
        shown.append(server.ask("GET", "/metrics", Authorization=bearer).text)

    assert {entry["authorization"] for entry in upstream.log()[before:]} == {"Bearer sk-planted-shop-key"}
    kept = "".join(path.read_text() for path in users.folder("bob").path.iterdir() if path.is_file())
    for place in ("\n".join(shown), kept, server.log()):
        _holds_none(place, [*planted.values(), SECRET, "sk-scripted-leak"])
    told = [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]
    assert {"request", "model_call", "fault"} <= {one["event"] for one in told}
    assert "storekeeper_requests_total" in shown[-1]


def _children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, timeout=10)
    return [int(one) for one in found.stdout.split()]


def _holds_none(text: str, secrets: list[str]) -> None:
    assert [secret for secret in secrets if secret in text] == []
