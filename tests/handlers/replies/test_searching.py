"""Tests of the search that a model asks for within a reply: the real client against the scripted upstream."""

import asyncio
import json
from decimal import Decimal

import msgspec
import pytest

from handlers.replies.pacing import Stop
from handlers.replies.steps import Asked, Replied, Thought, Wrote
from handlers.replies.turn import run_turn
from memory.conversations.turns import NewMessage
from memory.usage import ledger
from settings import ROOT, read
from tests.conftest import services_of
from tests.support.shop import NOON

QUESTION = NewMessage("Tem guarda-chuva?", after=0)


@pytest.fixture
def place(place, tmp_path):
    """A shop of three products in English, which the question's words do not find."""
    prompts = tmp_path / "prompts"
    (prompts / "store").mkdir(parents=True)
    for name in ("system.md", "summarise.md"):
        (prompts / name).write_bytes((ROOT / "prompts" / name).read_bytes())
    rows = "sku,name,price,stock\nUMB-7,Garden umbrella,89.00,3\nMUG-1,Blue mug,5.00,2\nRUG-2,Red rug,50.00,0\n"
    (prompts / "store" / "products.csv").write_text(rows)
    return msgspec.structs.replace(place, prompts=prompts)


@pytest.fixture
def ana(users):
    return users.folder("ana")


def settings_of(upstream, *scripts, tools=True, **changed):
    models = [
        {"name": one, "base_url": upstream.url(one), "max_input": 100_000, "max_output": 4_000, "tools": tools}
        for one in scripts
    ]
    values = {
        "chat": list(scripts),
        "summariser": [scripts[0]],
        "models": models,
        "budget": {"daily_tokens_per_user": 0},
        "limits": {"messages_per_minute": 0, "signups_per_hour": 0},
        "catalogue": {"whole_tokens": 0},
    }
    return read(values | changed)


async def play(app, folder, action=QUESTION, stop=None):
    return [step async for step in run_turn(services_of(app), folder, action, stop or Stop())]


def reply_of(steps):
    assert isinstance(steps[-1], Replied), steps[-1]
    return steps[-1].record


def requests(upstream, script):
    return [entry["body"] for entry in upstream.log() if entry["script"] == script]


def endings(folder):
    return [(call.model, call.ending) for call in ledger.calls(folder, since=NOON.date())[::-1]]


async def test_a_model_searches_once_and_answers_by_what_it_found(open_shop, upstream, ana):
    script = "then-calls-prompt"
    reply = reply_of(await play(open_shop(settings_of(upstream, script)), ana))

    first, second = requests(upstream, script)
    assert first["tools"][0]["function"]["name"] == "search_products"
    assert second["tools"] == first["tools"], "they stand before the messages in a provider's cache"
    assert second["tool_choice"] == "none"
    assert second["messages"][: len(first["messages"])] == first["messages"]
    called, told = second["messages"][len(first["messages"]) :]
    assert called["tool_calls"][0]["function"] == {"name": "search_products", "arguments": '{"words": "umbrella"}'}
    assert told["tool_call_id"] == called["tool_calls"][0]["id"]
    assert "UMB-7 | Garden umbrella" in told["content"]
    assert "MUG-1" not in told["content"]
    assert reply.ending == "stop"
    assert "UMB-7" in reply.text


async def test_both_requests_are_in_the_ledger_and_the_receipt(open_shop, upstream, ana):
    script = "then-calls-ok"
    reply = reply_of(await play(open_shop(settings_of(upstream, script)), ana))

    assert endings(ana) == [(script, "tool_calls"), (script, "stop")]
    made = ledger.calls(ana, since=NOON.date())
    assert reply.receipt.calls == 2
    assert reply.receipt.prompt_tokens == sum(call.prompt_tokens for call in made) > 100
    assert reply.receipt.completion_tokens == 20 + 2
    assert reply.receipt.cost_usd in (None, Decimal(0))


async def test_both_requests_are_paid_from_the_budget(open_shop, upstream, ana):
    script = "then-calls-say-0-5"
    app = open_shop(settings_of(upstream, script, budget={"daily_tokens_per_user": 100_000}))
    reply = reply_of(await play(app, ana))

    made = ledger.calls(ana, since=NOON.date())
    spent, _ = services_of(app).budget.used(ana.name, NOON)
    assert len(made) == 2
    assert reply.ending == "stop"
    assert spent.tokens == sum(call.prompt_tokens + call.completion_tokens for call in made)


async def test_words_before_the_search_stay_before_the_answer(open_shop, upstream, ana):
    steps = await play(open_shop(settings_of(upstream, "then-says_and_calls-ok")), ana)

    texts = [step.text for step in steps if isinstance(step, Wrote)]
    assert texts[0] == "One moment.", "they are shown while the search is made"
    assert reply_of(steps).text == "One moment.\n\nHello world"


async def test_a_search_without_words_is_shown_as_thought(open_shop, upstream, ana):
    steps = await play(open_shop(settings_of(upstream, "then-calls-echo")), ana)

    assert [type(step) for step in steps[:2]] == [Asked, Thought]


@pytest.mark.parametrize(
    ("script", "results"),
    [
        ("calls_badly", ["The arguments are not valid JSON."]),
        ("calls_unknown", ["There is no such function."]),
        ("calls_twice", ["UMB-7", "Only one search is possible for a message; this one was not made."]),
    ],
)
async def test_each_call_has_its_answer(open_shop, upstream, ana, script, results):
    script = f"then-{script}-prompt"
    reply = reply_of(await play(open_shop(settings_of(upstream, script)), ana))

    told = [message["content"] for message in requests(upstream, script)[1]["messages"] if message["role"] == "tool"]
    assert reply.ending == "stop"
    assert [result in text for result, text in zip(results, told, strict=True)] == [True] * len(results)
    assert json.loads(reply.text)


async def test_a_model_that_calls_again_ends_as_a_call_of_tools(open_shop, upstream, ana):
    reply = reply_of(await play(open_shop(settings_of(upstream, "then-calls-calls")), ana))

    assert (reply.ending, reply.why) == ("failed", "tool_calls")
    assert len(endings(ana)) == 2


async def test_words_of_a_model_that_calls_again_count(open_shop, upstream, ana):
    reply = reply_of(await play(open_shop(settings_of(upstream, "then-calls-says_and_calls")), ana))

    assert (reply.ending, reply.text) == ("stop", "One moment.")


@pytest.mark.parametrize("way", ["no tools", "whole store"])
async def test_no_search_is_offered_where_it_buys_nothing(open_shop, upstream, ana, way):
    changed = {"catalogue": {"whole_tokens": 8000}} if way == "whole store" else {"tools": False}
    before = len(requests(upstream, "ok"))
    await play(open_shop(settings_of(upstream, "ok", **changed)), ana)

    (body,) = requests(upstream, "ok")[before:]
    assert "tools" not in body


async def test_a_server_that_takes_no_tools_answers_without(open_shop, upstream, ana):
    app = open_shop(settings_of(upstream, "no_tools"))
    first = reply_of(await play(app, ana))
    second = reply_of(await play(app, ana, NewMessage("E caneca?", after=2)))

    assert (first.text, second.text) == ("Hello world", "Hello world")
    assert ["tools" in body for body in requests(upstream, "no_tools")] == [True, False, False], "it is remembered"


async def test_a_body_that_breaks_in_a_call_is_asked_again(open_shop, upstream, ana):
    reply = reply_of(await play(open_shop(settings_of(upstream, "calls_and_breaks", "ok")), ana))

    assert (reply.text, reply.model, reply.why) == ("Hello world", "ok", "unavailable")


async def test_the_next_model_answers_when_the_second_request_fails(open_shop, upstream, ana):
    reply = reply_of(await play(open_shop(settings_of(upstream, "then-calls-r500", "ok")), ana))

    assert (reply.text, reply.model) == ("Hello world", "ok")
    assert [ending for _, ending in endings(ana)] == ["tool_calls", "server_error", "stop"]


async def test_no_other_model_is_asked_after_words_before_a_search(open_shop, upstream, ana):
    reply = reply_of(await play(open_shop(settings_of(upstream, "then-says_and_calls-r500", "ok")), ana))

    assert (reply.ending, reply.text.strip()) == ("interrupted", "One moment.")


async def test_a_reply_is_stopped_while_the_second_request_is_answered(open_shop, upstream, ana):
    stop = Stop()
    playing = asyncio.create_task(play(open_shop(settings_of(upstream, "then-calls-hang_mid")), ana, stop=stop))
    while len(requests(upstream, "then-calls-hang_mid")) < 2:
        await asyncio.sleep(0.02)
    stop.request()

    assert reply_of(await asyncio.wait_for(playing, 10)).ending == "stopped"


async def test_both_requests_have_one_deadline(open_shop, upstream, ana):
    limits = {"messages_per_minute": 0, "reply_seconds": 1.5, "first_token_seconds": 60, "idle_seconds": 60}
    began = asyncio.get_running_loop().time()
    reply = reply_of(await play(open_shop(settings_of(upstream, "then-calls-hang_mid", limits=limits)), ana))

    assert reply.ending == "interrupted"
    assert asyncio.get_running_loop().time() - began < 10
