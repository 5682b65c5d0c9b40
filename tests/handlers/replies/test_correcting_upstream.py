"""Tests of corrected answers over the real client and a scripted server: the second request ends in every way, and nothing is lost.

What the first answer said wrong stands in no record, each request is a line of the ledger, and the record is what was shown.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from handlers.replies.pacing import Stop
from handlers.replies.steps import Replied, Wrote
from handlers.replies.turn import run_turn
from handlers.services import Services
from memory.conversations import spool
from memory.conversations.records import Record
from memory.conversations.turns import NewMessage, Regenerate
from memory.storage.folders import Folder
from memory.storage.users import Users
from memory.usage import ledger
from settings import ROOT
from tests.conftest import Open, replies_of, services_of, settings_for
from tests.support.shop import NOON
from tests.support.upstream import RIGHT_PRICE, Upstream

QUESTION = NewMessage("How much is RED-012?", after=0)
MODES = ("correct", "hold")


@pytest.fixture
def ana(users: Users) -> Folder:
    return users.folder("ana")


def shop(open_shop: Open, upstream: Upstream, script: str, mode: str = "correct", **changed: Any) -> Services:
    return services_of(open_shop(settings_for(upstream, script, currency="BRL", answers=mode, **changed)))


async def play(shared: Services, folder: Folder, *, stop_at: str = "") -> tuple[list[str], Record]:
    """Run a turn, stop it at these words; return what was shown, and the record that is on the disk."""
    stop, shown, end = Stop(), list[str](), None
    async for step in run_turn(shared, folder, QUESTION, stop):
        match step:
            case Wrote(text):
                shown.append(text)
                if stop_at and text.startswith(stop_at):
                    stop.request()
            case Replied(record):
                end = record
    assert end is not None
    assert not (folder.path / "reply.txt").exists()
    assert end.text in folder.read("history.txt").decode().replace("\n    ", "\n")
    return shown, end


def endings(folder: Folder) -> list[str]:
    """Return how the calls in the ledger ended, the first one first: a wrong answer that came at once had ended by itself."""
    found = [call.ending for call in ledger.calls(folder, since=NOON.date())][::-1]
    return ["wrong", *found[1:]] if found[0] in ("stop", "stopped") else found


def is_clean(folder: Folder) -> bool:
    """True if nothing of the wrong price was kept."""
    return b"279" not in folder.read("history.txt")


RIGHT_THEN = {"correct": "then-wrong_price-right_price", "hold": "then-wrong_price-then-right_price-ok"}


@pytest.mark.parametrize("mode", MODES)
async def test_a_model_that_is_right_the_second_time(
    open_shop: Open, upstream: Upstream, ana: Folder, mode: str
) -> None:
    shown, record = await play(shop(open_shop, upstream, RIGHT_THEN[mode], mode), ana)

    assert (record.text, record.ending, record.why) == (RIGHT_PRICE, "stop", None)
    assert endings(ana) == ["wrong", "stop"]
    assert record.receipt is not None
    assert (record.receipt.calls, is_clean(ana)) == (2, True)
    assert mode == "correct" or not any("279" in text for text in shown)


@pytest.mark.parametrize("mode", MODES)
async def test_a_model_that_stays_wrong(open_shop: Open, upstream: Upstream, ana: Folder, mode: str) -> None:
    shown, record = await play(shop(open_shop, upstream, "wrong_price", mode), ana)

    assert (record.model, record.ending, record.why) == ("catalogue", "stop", "corrected")
    assert "289.00" in record.text
    assert len(endings(ana)) == 2
    assert is_clean(ana)
    assert mode == "correct" or not any("279" in text for text in shown)


async def test_a_model_that_cannot_be_asked_again(open_shop: Open, upstream: Upstream, ana: Folder) -> None:
    _, record = await play(shop(open_shop, upstream, "then-wrong_price-r400"), ana)

    assert record.ending == "failed"
    assert (record.why or "").startswith("looked_up:")
    assert "289.00" in record.text
    assert endings(ana) == ["wrong", "bad_request"]
    assert is_clean(ana)


async def test_a_model_that_dies_while_it_answers_again(open_shop: Open, upstream: Upstream, ana: Folder) -> None:
    _, record = await play(shop(open_shop, upstream, "then-wrong_price-error_event"), ana)

    assert (record.text, record.ending) == ("Hello world", "interrupted")
    assert len(endings(ana)) == 2
    assert is_clean(ana)


async def test_a_stop_while_the_model_answers_again(open_shop: Open, upstream: Upstream, ana: Folder) -> None:
    _, record = await play(shop(open_shop, upstream, "then-wrong_price-held_mid"), ana, stop_at="Hello")

    assert (record.text.strip(), record.ending) == ("Hello", "stopped")
    assert endings(ana) == ["wrong", "stopped"]
    assert record.receipt is not None
    assert (record.receipt.calls, is_clean(ana)) == (2, True)


async def test_a_budget_that_runs_out_before_the_second_request(
    open_shop: Open, upstream: Upstream, ana: Folder
) -> None:
    few = {"reply_tokens": 500, "messages_per_minute": 0, "signups_per_hour": 0}
    shared = shop(open_shop, upstream, "wrong_price", budget={"daily_tokens_per_user": 6_500}, limits=few)
    asked = len(upstream.log())

    _, record = await play(shared, ana)

    assert (record.model, record.why) == ("catalogue", "corrected")
    assert "289.00" in record.text
    assert len(upstream.log()) == asked + 1
    assert endings(ana) == ["wrong"]
    assert is_clean(ana)


CHILD = """
import asyncio, json, sys
from pathlib import Path
sys.path.insert(0, ".")
from memory.conversations.turns import NewMessage
from server import create_app
from settings import ROOT, Environment, read
from tests.conftest import build_here
from tests.support.shop import NOON

async def main():
    users, values = Path(sys.argv[1]), json.loads(sys.argv[2])
    place = Environment(users=users, prompts=ROOT / "prompts", host="", port=1, secret_key="x" * 32, environ={})
    app = create_app(read(values), place, build_index=build_here, now=lambda: NOON)
    replies = app.extensions["storekeeper.web"].replies
    folder = app.extensions["storekeeper"].users.folder("ana")
    asked = await replies.start(folder, NewMessage("How much is RED-012?", after=0))
    reply = await replies.find(folder, asked.reply_id)
    while not reply.text.startswith("Hello"):
        await reply.changed(reply.version)
    print("ready", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def values_of(upstream: Upstream, script: str) -> dict[str, Any]:
    model = {"name": script, "base_url": upstream.url(script), "max_input": 100_000, "max_output": 4_000}
    budget = {"daily_tokens_per_user": 100_000}
    return {
        "chat": [script],
        "summariser": [script],
        "models": [model],
        "currency": "BRL",
        "answers": "correct",
        "budget": budget,
    }


async def test_a_process_that_is_killed_while_the_model_answers_again(
    open_shop: Open, upstream: Upstream, ana: Folder
) -> None:
    script = "then-wrong_price-hang_mid"
    arguments = [sys.executable, "-c", CHILD, str(ana.path.parent), json.dumps(values_of(upstream, script))]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        os.kill(child.pid, signal.SIGKILL)
    left = spool.read(ana)
    assert left is not None
    assert left.text.startswith("Hello")

    app = open_shop(settings_for(upstream, "ok", currency="BRL", budget={"daily_tokens_per_user": 100_000}))
    assert await replies_of(app).answering(ana) is None

    assert b"ending=interrupted" in ana.read("history.txt")
    assert is_clean(ana)
    assert endings(ana) == ["wrong"]
    await replies_of(app).start(ana, Regenerate())
    async with asyncio.timeout(10):
        while len(endings(ana)) < 3:
            await asyncio.sleep(0.05)
    assert endings(ana) == ["wrong", "interrupted", "stop"]
