"""Tests of what calls cost: reserved before, settled after, refused before anything is kept, the ledger against the upstream."""

import asyncio
import os
import resource
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from completions.errors import ErrorDetails, ModelError
from completions.stream import Finished, Usage
from handlers.metrics import Prometheus
from handlers.replies.compaction import Compactor
from handlers.replies.pacing import Stop
from handlers.replies.steps import RefusedTurn, Replied, Step
from handlers.replies.turn import run_turn
from handlers.services import Services
from memory.context import summary, tokens
from memory.conversations.records import Record, print_record
from memory.conversations.turns import Action, EditMessage, NewMessage, Regenerate
from memory.storage.folders import Folder, StorageError
from memory.storage.users import Users
from memory.usage import ledger
from memory.usage.budget import BudgetExceeded, Used
from settings import ROOT, Environment
from tests.conftest import Open, enter, services_of, settings_for
from tests.support.serving import cookies_of, serving
from tests.support.shop import NOON, Clock, Script, Scripted, settings_of
from tests.support.upstream import Upstream

TERRA, LUNA = "gpt-6.1-terra", "gpt-6-luna"
ONE_REPLY = 1000
"""Tokens that a reply may have, and so that are reserved for one."""


@pytest.fixture
def place(place: Environment, tmp_path: Path) -> Environment:
    """The shop's own rules and a small store, so that a prompt is some hundred tokens."""
    (tmp_path / "prompts" / "store").mkdir(parents=True)
    (tmp_path / "prompts" / "store" / "shop.md").write_text("The shop sells hammocks.")
    for name in ("system.md", "summarise.md"):
        shutil.copy(ROOT / "prompts" / name, tmp_path / "prompts")
    return msgspec.structs.replace(place, prompts=tmp_path / "prompts")


@pytest.fixture
def ana(users: Users) -> Folder:
    return users.folder("ana")


async def play(services: Services, folder: Folder, action: Action, stop: Stop | None = None) -> list[Step]:
    return [step async for step in run_turn(services, folder, action, stop or Stop())]


def lines(folder: Folder) -> list[tuple[str, str, int, int, str]]:
    """Return the ledger's calls, oldest first: purpose, model, tokens of prompt and answer, ending."""
    made = ledger.calls(folder, since=NOON.date())[::-1]
    return [(one.purpose, one.model, one.prompt_tokens, one.completion_tokens, one.ending) for one in made]


def files(folder: Folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.path.iterdir() if path.is_file()}


def file_size(folder: Folder) -> int:
    return (folder.path / "history.txt").stat().st_size


# Reserved and settled


async def test_a_turn_reserves_its_maximum_cost_and_settles_the_actual(open_shop: Open, ana: Folder) -> None:
    gate = asyncio.Event()
    scripted = Scripted(["Hello", gate, Usage(321, 7), Finished("stop")])
    services = services_of(open_shop(settings_of({"luna": None}, budget={"daily_tokens_per_user": 9_000}), scripted))
    playing = asyncio.create_task(play(services, ana, NewMessage("Hi")))
    while not scripted.requests:
        await asyncio.sleep(0.01)

    counted = sum(tokens.count(message["content"]) + 4 for message in scripted.requests[0].messages)
    assert services.budget.used("ana", NOON)[0] == Used(counted + ONE_REPLY)
    gate.set()
    await playing
    assert services.budget.used("ana", NOON)[0] == Used(328)
    assert lines(ana) == [("chat", "luna", 321, 7, "stop")]


async def test_a_turn_that_is_refused_leaves_everything_as_it_was(open_shop: Open, ana: Folder, clock: Clock) -> None:
    scripted = Scripted(["Hello", Usage(2_000, 500), Finished("stop")])
    services = services_of(open_shop(settings_of({"luna": None}, budget={"daily_tokens_per_user": 3_500}), scripted))
    await play(services, ana, NewMessage("Hi"))
    before = files(ana)

    for action in (NewMessage("More?"), Regenerate(), EditMessage(1, "Hello")):
        (refused,) = await play(services, ana, action)
        assert isinstance(refused, RefusedTurn)
        assert isinstance(refused.reason, BudgetExceeded)
        assert refused.reason.used == Used(2_500)
    assert files(ana) == before
    assert len(scripted.requests) == 1

    clock.move(hours=12)  # midnight
    assert isinstance((await play(services, ana, NewMessage("More?")))[-1], Replied)


async def test_the_page_says_when_the_budget_begins_anew(open_shop: Open, clock: Clock) -> None:
    app = open_shop(settings_of({"luna": None}, budget={"daily_tokens_per_user": 100}), Scripted())
    ana = enter(app, "ana")
    assert "0 of today's 100 tokens used." in (await ana.get("/usage")).text
    clock.move(hours=11, minutes=58, seconds=30)
    sent = await ana.send("/messages", {"content": "How <much>?"})
    posted = await ana.post("/messages", {"content": "How <much>?"})

    for answered in (sent, posted):
        assert (answered.status, answered.headers["retry-after"]) == (429, "90")
        assert "reached today&#39;s message limit" in answered.text
        assert "You can write again in 2 minutes (" in answered.text
    assert "How &lt;much&gt;?" in posted.text
    assert not (services_of(app).users.folder("ana").path / "history.txt").exists()


async def test_a_reservation_is_released_if_the_question_is_not_saved(open_shop: Open, ana: Folder) -> None:
    services = services_of(open_shop(settings_of({"luna": None}, budget={"daily_tokens_per_user": 9_000}), Scripted()))
    said = [Record(n, NOON, "user" if n % 2 else "assistant", "word " * 100) for n in range(1, 41)]
    (ana.path / "history.txt").write_bytes(b"".join(print_record(one) for one in said))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size(ana) + 5, before[1]))
    try:
        with pytest.raises(StorageError):
            await play(services, ana, NewMessage("Hi"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert services.budget.used("ana", NOON)[0] == Used(0)
    (budget,) = (ana.path.parent / ".budget").iterdir()
    assert [line.split(",")[1] for line in budget.read_text().splitlines()] == ["event", "reserve", "settle"]


async def test_a_call_stopped_before_its_first_word_costs_its_prompt(open_shop: Open, ana: Folder) -> None:
    """The provider reads the prompt, and bills it, whether anybody waits for the answer or not."""
    stop, scripted = Stop(), Scripted([asyncio.Event()])
    settings = settings_of({LUNA: None}, budget={"daily_tokens_per_user": 100_000})
    services = services_of(open_shop(settings, scripted))
    playing = asyncio.create_task(play(services, ana, NewMessage("Hi"), stop))
    while not scripted.requests:
        await asyncio.sleep(0.01)
    stop.request()
    end = (await playing)[-1]

    counted = sum(tokens.count(message["content"]) + 4 for message in scripted.requests[0].messages)
    (made,) = ledger.calls(ana, since=NOON.date())
    assert (made.prompt_tokens, made.completion_tokens, made.ending) == (counted, 0, "stopped")
    assert made.cost_usd == Decimal(counted) * Decimal("0.1") / 1_000_000
    assert services.budget.used("ana", NOON)[0] == Used(counted, made.cost_usd)
    assert isinstance(end, Replied)
    assert end.record.receipt is not None
    assert (end.record.receipt.prompt_tokens, end.record.receipt.cost_usd) == (counted, made.cost_usd)


async def test_a_receipt_is_the_sum_of_the_ledgers_lines(open_shop: Open, ana: Folder) -> None:
    """Each call once: the one that failed after it was paid for, and the one that answered."""
    failed: Script = [Usage(1_000, 20, 100), ModelError(ErrorDetails("empty", try_next=True))]
    scripted = Scripted(failed, ["Hello", Usage(2_000, 30, 400, 500), Finished("stop")])
    settings = settings_of({TERRA: None, LUNA: None}, budget={"daily_tokens_per_user": 100_000})
    services = services_of(open_shop(settings, scripted))
    end = (await play(services, ana, NewMessage("Hi")))[-1]

    assert isinstance(end, Replied)
    receipt, made = end.record.receipt, ledger.calls(ana, since=NOON.date())
    assert receipt is not None
    assert (receipt.prompt_tokens, receipt.cached_tokens, receipt.completion_tokens) == (3_000, 500, 50)
    assert receipt.calls == len(made) == 2
    costs = [one.cost_usd for one in made]
    assert None not in costs
    assert receipt.cost_usd == sum(cost for cost in costs if cost is not None) > 0
    assert services.budget.used("ana", NOON)[0] == Used(3_050, receipt.cost_usd)


async def test_what_is_written_to_the_cache_has_its_own_price(open_shop: Open, ana: Folder) -> None:
    plain: Script = ["Hi", Usage(10_000, 10)]
    written: Script = ["Hi", Usage(10_000, 10, 0, 10_000)]
    services = services_of(open_shop(settings_of({TERRA: None}), Scripted(plain, written)))
    for text in ("One", "Two"):
        await play(services, ana, NewMessage(text))
    of_written, of_plain = (one.cost_usd for one in ledger.calls(ana, since=NOON.date()))

    assert of_written is not None
    assert of_plain is not None
    assert of_written > of_plain


async def test_no_more_is_reserved_than_the_model_can_write(open_shop: Open, ana: Folder) -> None:
    gate = asyncio.Event()
    scripted = Scripted(["Hello", gate, Usage(321, 7), Finished("stop")])
    models = [{"name": "luna", "max_input": 100_000, "max_output": 300}]
    settings = settings_of({"luna": None}, models=models, budget={"daily_tokens_per_user": 9_000})
    services = services_of(open_shop(settings, scripted))
    playing = asyncio.create_task(play(services, ana, NewMessage("Hi")))
    while not scripted.requests:
        await asyncio.sleep(0.01)

    counted = sum(tokens.count(message["content"]) + 4 for message in scripted.requests[0].messages)
    assert services.budget.used("ana", NOON)[0] == Used(counted + 300)
    gate.set()
    await playing


# Near the limit


async def test_near_the_limit_the_cheaper_model_answers_and_says_so(open_shop: Open, ana: Folder) -> None:
    scripted = Scripted(["Hello", Usage(9_000, 10), Finished("stop")])
    settings = settings_of({TERRA: None, LUNA: None}, budget={"daily_tokens_per_user": 11_100})
    app = open_shop(settings, scripted)
    first, second = [(await play(services_of(app), ana, NewMessage(text)))[-1] for text in ("One", "Two")]

    assert isinstance(first, Replied)
    assert isinstance(second, Replied)
    assert (first.record.model, first.record.why) == (TERRA, None)
    assert (second.record.model, second.record.why) == (LUNA, "budget")
    shown = (await enter(app, "ana").get("/")).text
    assert f"{LUNA} answered because most of today&#39;s budget is used." in shown


async def test_the_cheaper_model_answers_if_the_budget_covers_only_it(open_shop: Open, ana: Folder) -> None:
    settings = settings_of({TERRA: None, LUNA: None}, budget={"daily_tokens_per_user": 0, "daily_usd": 0.003})
    end = (await play(services_of(open_shop(settings, Scripted())), ana, NewMessage("One")))[-1]

    assert isinstance(end, Replied)
    assert (end.record.model, end.record.why) == (LUNA, "budget")


# The ledger against the upstream


async def test_the_ledgers_sums_are_what_the_providers_reported(
    open_shop: Open, upstream: Upstream, ana: Folder, clock: Clock
) -> None:
    """Whole replies, one stopped, one that failed over, and the summary of them all."""
    before = len(upstream.log())
    settings = settings_for(
        upstream, "r503html", "as_told",
        summariser=["as_told"], memory={"high_tokens": 120, "summary_tokens": 400},
        budget={"daily_tokens_per_user": 100_000, "daily_tokens": 500_000},
    )  # fmt: skip
    services = services_of(open_shop(settings))
    compactor, stop = Compactor(services), Stop()
    for text in ("ok", "say-0-40 please", "say please", "length"):
        await play(services, ana, NewMessage(text))
    async for step in run_turn(services, ana, NewMessage("say-20-300 please"), stop):
        if "word3" in getattr(step, "text", ""):
            stop.request()
    compactor.after_turn(ana)
    await compactor.settled(ana)

    asked = [entry for entry in upstream.log()[before:] if entry["script"] == "as_told"]
    told = [
        (sum(len(message["content"]) for message in entry["messages"]) // 4, entry["sent_deltas"])
        for entry in asked
        if not entry["closed_by_client"] and "length" not in entry["messages"][-1]["content"]
    ]
    made = lines(ana)
    chats = [line for line in made if line[0] == "chat"]
    assert [line[4] for line in chats] == ["server_error", "stop"] * 3 + [
        "server_error",
        "length",
        "server_error",
        "stopped",
    ]
    assert [line[2:4] for line in chats if line[4] == "server_error"] == [(0, 0)] * 5
    reported = [line[2:4] for line in made if line[4] == "stop"]
    assert reported == told
    assert any(line[0] == "summary" for line in made)

    used = sum(one.tokens for one in ledger.calls(ana, since=NOON.date()))
    assert services.budget.used("ana", NOON) == (Used(used), Used(used))


async def test_without_budget_for_a_retry_the_reply_fails_with_reason(open_shop: Open, upstream: Upstream, ana: Folder) -> None:  # fmt: skip
    """The first model broke off after it had been paid for: what is left does not reach for the second."""
    settings = settings_for(upstream, "usage_then_nothing", "ok", budget={"daily_tokens_per_user": 2_500})
    services = services_of(open_shop(settings))
    end = (await play(services, ana, NewMessage("Hi")))[-1]

    assert isinstance(end, Replied)
    assert (end.record.ending, end.record.why) == ("failed", "budget")
    assert lines(ana) == [("chat", "usage_then_nothing", 2_000, 0, "empty")]
    assert services.budget.used("ana", NOON)[0] == Used(2_000)


# Summaries


async def test_without_a_budget_older_messages_are_compacted_by_code(
    open_shop: Open, ana: Folder, clock: Clock
) -> None:
    words = "The hammock RED-012 costs R$ 289.00 and the order is W123456. " * 12
    scripted = Scripted([words, Usage(1_200, 0), Finished("stop")])
    settings = settings_of(
        {"luna": None}, memory={"high_tokens": 300, "summary_tokens": 300}, budget={"daily_tokens_per_user": 7_000},
        metrics_token="a token for metrics",
    )  # fmt: skip
    services = services_of(open_shop(settings, scripted))
    compactor = Compactor(services)
    for n in range(4):
        assert isinstance((await play(services, ana, NewMessage(f"Question {n}?")))[-1], Replied)
    asked = len(scripted.requests)
    services.budget.allow("ana", 5_000)  # so much is used
    compactor.after_turn(ana)
    await compactor.settled(ana)

    made = summary.load(ana, services.covered).segments
    assert [one.method for one in made] == ["extractive"]
    assert "W123456" in made[0].text
    assert len(scripted.requests) == asked
    assert isinstance(services.metrics, Prometheus)
    assert b'storekeeper_folds_total{method="code"} 1.0' in services.metrics.print()[0]

    clock.move(days=1)
    scripted_notes = "The customer asked about RED-012 at R$ 289.00, order W123456."
    scripted._scripts[-1][:] = [scripted_notes, Usage(100, 10), Finished("stop")]
    compactor.after_turn(ana)
    await compactor.settled(ana)
    assert "model" in [one.method for one in summary.load(ana, services.covered).segments]
    assert services.budget.used("ana", clock.time)[0].tokens >= 110


# Killed processes

CHILD = """
import asyncio, sys
from pathlib import Path
from memory.conversations.turns import NewMessage
from server import create_app
from settings import Environment
from tests.support.shop import Clock, Scripted, settings_of

async def main():
    place = Environment(users=Path(sys.argv[1]), prompts=Path(sys.argv[2]), host="", port=1, secret_key="k" * 40, environ={})
    settings = settings_of({"luna": None}, budget={"daily_tokens_per_user": 9_000})
    app = create_app(settings, place, completer=Scripted(["Half of", asyncio.Event()]), now=Clock())
    replies, services = app.extensions["storekeeper.web"].replies, app.extensions["storekeeper"]
    folder = services.users.folder("ana")
    reply = await replies.find(folder, (await replies.start(folder, NewMessage("Hi"))).reply_id)
    while reply.text != "Half of":
        await reply.changed(reply.version)
    print(services.budget.used("ana", services.now())[0].tokens, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_the_next_turn_logs_the_reservation_of_a_killed_process(
    open_shop: Open, place: Environment, ana: Folder
) -> None:
    arguments = [sys.executable, "-c", CHILD, str(place.users), str(place.prompts)]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        reserved = int(child.stdout.readline())
        os.kill(child.pid, signal.SIGKILL)
    scripted = Scripted(["Whole", Usage(100, 5), Finished("stop")])
    services = services_of(open_shop(settings_of({"luna": None}, budget={"daily_tokens_per_user": 9_000}), scripted))
    assert services.budget.used("ana", NOON)[0] == Used(reserved)
    assert lines(ana) == []

    assert isinstance((await play(services, ana, NewMessage("Again?")))[-1], Replied)
    assert lines(ana) == [
        ("chat", "luna", reserved - ONE_REPLY, ONE_REPLY, "interrupted"),
        ("chat", "luna", 100, 5, "stop"),
    ]
    assert services.budget.used("ana", NOON)[0] == Used(reserved + 105)


# Many at once


def test_two_servers_answer_one_of_twenty_with_one_message_left(
    upstream: Upstream, users: Users, accounts_of_all: dict[str, bytes]
) -> None:
    root = users.root.parent
    values: dict[str, Any] = {
        "chat": ["say-20-10"],
        "summariser": ["say-20-10"],
        "models": [{"name": "say-20-10", "base_url": upstream.url("say-20-10"), "max_input": 100_000}],
        "budget": {"daily_tokens_per_user": 0, "daily_tokens": 7_000},
        "limits": {"messages_per_minute": 0},
    }
    names = [f"person{n}" for n in range(20)]
    cookies = cookies_of(users, names, accounts_of_all["bob"], values)
    with serving(root, values) as one, serving(root, values) as other, ThreadPoolExecutor(20) as pool:

        def post(n: int) -> tuple[int, str]:
            form = {"content": "Do you have blue mugs?"}
            answered = (one, other)[n % 2].ask("POST", "/messages", form, Cookie=cookies[names[n]])
            return answered.status, answered.headers.get("retry-after", "")

        found = list(pool.map(post, range(20)))

    assert sorted(status for status, _ in found) == [303] + [429] * 19
    assert all(0 < int(wait) <= 86_400 for status, wait in found if status == 429)
    made = [call for name in names for call in ledger.calls(users.folder(name), since=NOON.date())]
    assert len(made) == 1
    assert 0 < made[0].tokens <= 7_000
    assert sum((users.folder(name).path / "history.txt").exists() for name in names) == 1
