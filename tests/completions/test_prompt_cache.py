"""Marks for the cache of OpenAI's newer models: who reads them, where they stand, and what an unmarked prompt costs."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from completions import prompt_cache
from completions.client import Client, Completion, complete
from completions.errors import ErrorDetails, ModelError
from completions.request import CompletionRequest
from settings import Limits, Model
from tests.support.provider_cache import ProviderCache
from tests.support.upstream import Upstream

SYSTEM = "The shop sells hammocks. " * 400
QUESTION = {"role": "user", "content": "How much is the blue one?"}
MARK = {"mode": "explicit"}


def prompt(*turns: str, end: str = "</conversation>") -> list[dict[str, str]]:
    return [{"role": "system", "content": SYSTEM + "".join(turns) + end}, QUESTION]


@pytest.mark.parametrize(
    "name", ["gpt-5.6", "gpt-5.6-luna", "gpt-5.10", "gpt-6", "gpt-6-luna", "gpt-6.1-terra", "gpt-12.3"]
)
def test_models_from_gpt_5_6_on_read_marks(name: str) -> None:
    assert prompt_cache.takes_breakpoints(name)


@pytest.mark.parametrize(
    "name", ["gpt-5", "gpt-5-mini", "gpt-5.5", "gpt-4o", "gpt-4.1", "gpt-oss-20b", "o3", "my-gpt-6", "gpt-6x"]
)
def test_older_and_other_models_read_none(name: str) -> None:
    assert not prompt_cache.takes_breakpoints(name)


@given(st.text(max_size=60), st.sets(st.integers(-2, 70)))
def test_the_parts_are_the_text_cut_at_the_last_four_marks_in_it(text: str, places: set[int]) -> None:
    breakpoints = sorted(places)
    body = prompt_cache.body([{"role": "system", "content": text}, QUESTION], breakpoints, extends=False)
    content = body["messages"][0]["content"]
    parts: list[dict[str, Any]] = content if isinstance(content, list) else [{"text": content}]

    inside = [mark for mark in breakpoints if 0 < mark <= len(text)][-4:]
    assert "".join(part["text"] for part in parts) == text
    assert [part["text"] for part in parts if "prompt_cache_breakpoint" in part] == [
        text[a:b] for a, b in pairwise([0, *inside])
    ]
    assert body["messages"][1:] == [QUESTION]


@pytest.mark.parametrize(
    ("model", "environ", "takes_breakpoints"),
    [
        (Model(name="gpt-6-luna", max_input=8000), {}, True),
        (Model(name="gpt-4o-mini", max_input=8000), {}, False),
        (Model(name="gpt-6-luna", max_input=8000), {"OPENAI_BASE_URL": "http://localhost:8080/v1"}, False),
        (Model(name="gpt-6-luna", max_input=8000, base_url="https://openrouter.ai/api/v1"), {}, False),
        (Model(name="luna", max_input=8000, base_url="https://openrouter.ai/api/v1", cache_marks=True), {}, True),
        (Model(name="gpt-6-luna", max_input=8000, cache_marks=False), {}, False),
    ],
)
def test_marks_are_sent_to_who_reads_them_alone(model: Model, environ: dict[str, str], takes_breakpoints: bool) -> None:
    request = CompletionRequest(model, prompt(), 50, breakpoints=(len(SYSTEM),))
    body = Client(environ, Limits())._dialect(model).body(request)
    content = body["messages"][0]["content"]

    assert body.get("prompt_cache_options") == (MARK if takes_breakpoints else None)
    if takes_breakpoints:
        assert content == [
            {"type": "text", "text": SYSTEM, "prompt_cache_breakpoint": MARK},
            {"type": "text", "text": "</conversation>"},
        ]
    else:
        assert content == SYSTEM + "</conversation>"


def test_an_extending_request_uses_automatic_prompt_caching() -> None:
    request = CompletionRequest(
        Model(name="gpt-6-luna", max_input=8000), prompt(), 50, breakpoints=(len(SYSTEM),), extends=True
    )
    body = Client({}, Limits())._dialect(request.model).body(request)

    assert "prompt_cache_options" not in body
    assert body["messages"][0]["content"][0]["prompt_cache_breakpoint"] == MARK


async def asked(client: Client, upstream: Upstream, script: str, **settings: Any) -> Completion:
    model = Model(name="gpt-6-luna", max_input=8000, base_url=upstream.url(script), **settings)
    return await complete(client, CompletionRequest(model, prompt(), 50, breakpoints=(len(SYSTEM),)))


async def test_a_server_refusing_breakpoints_gets_none_from_then_on(upstream: Upstream) -> None:
    client = Client({}, Limits())
    try:
        first = await asked(client, upstream, "no_marks", cache_marks=True)
        second = await asked(client, upstream, "no_marks", cache_marks=True)
    finally:
        await client.close()

    log = [entry for entry in upstream.log() if entry["script"] == "no_marks"][-3:]
    assert (first.text, second.text) == ("Hello world", "Hello world")
    assert ["prompt_cache_options" in entry["body"] for entry in log] == [True, False, False]
    assert log[-1]["messages"] == prompt()


async def test_requests_that_are_refused_at_once_are_all_asked_again(upstream: Upstream) -> None:
    client = Client({}, Limits())
    try:
        answers = await asyncio.gather(*(asked(client, upstream, "no_marks", cache_marks=True) for _ in range(4)))
    finally:
        await client.close()

    assert [one.text for one in answers] == ["Hello world"] * 4


async def test_another_refusal_of_a_marked_request_stays_one(upstream: Upstream) -> None:
    client, before = Client({}, Limits()), len(upstream.log())  # other tests ask this server too
    try:
        with pytest.raises(ModelError) as caught:
            await asked(client, upstream, "r400", cache_marks=True)
    finally:
        await client.close()

    assert isinstance(caught.value.fault, ErrorDetails)
    assert [entry["script"] for entry in upstream.log()[before:]] == ["r400"]


# The cache as it is played for other tests and the bench


def request(messages: list[dict[str, str]], *breakpoints: int, extends: bool = False) -> CompletionRequest:
    return CompletionRequest(
        Model(name="gpt-6-luna", max_input=8000), messages, 50, breakpoints=breakpoints, extends=extends
    )


def test_a_cache_reads_what_was_marked_before_and_is_marked_now() -> None:
    cache, end = ProviderCache(), len(SYSTEM)

    _, written = cache.ask(request(prompt(), end))
    again = cache.ask(request(prompt("Customer: Hi\n"), end, end + 13))
    further = cache.ask(request(prompt("Customer: Hi\n", "Shop: Hello\n"), end, end + 13, end + 25))

    assert written > 1500
    assert again[0] == written
    assert further[0] == again[0] + again[1]


def test_the_cache_reads_nothing_of_a_growing_unmarked_message() -> None:
    cache = ProviderCache()
    cache.ask(request(prompt(), extends=True))

    read, written = cache.ask(request(prompt("Customer: Hi\n"), extends=True))

    assert (read, written > 1500) == (0, True)


def test_the_cache_reads_all_messages_of_a_growing_conversation() -> None:
    cache = ProviderCache()
    _, written = cache.ask(request(prompt(), extends=True))

    read, _ = cache.ask(
        request(
            [*prompt(), {"role": "assistant", "content": "Ten."}, {"role": "user", "content": "And?"}], extends=True
        )
    )

    assert read == written


def test_messages_can_be_kept_up_to_their_end() -> None:
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    messages = prompt_cache.body([*prompt()[:1], *turns, QUESTION], [3, 5, 7, 9], extends=False, ends=[2])["messages"]

    assert messages[2] == {
        "role": "assistant",
        "content": [{"type": "text", "text": "Hello", "prompt_cache_breakpoint": MARK}],
    }
    assert messages[1] == turns[0]
    assert sum("prompt_cache_breakpoint" in part for part in messages[0]["content"]) == 3, "four in all"
    assert messages[3] == QUESTION
