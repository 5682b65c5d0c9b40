"""What goes wrong upstream, row by row (security notes, 4.3): the text so far, the fault, one request."""

import json
import logging
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from completions.client import LARGEST_REPLY, Client, preload
from completions.errors import ErrorDetails, ModelError, fault_of_answer, fault_of_error, masked, retry_after
from completions.request import CompletionRequest
from completions.stream import Delta, Event, Finished, Thinking, Usage
from settings import Limits, Model
from tests.support.upstream import LEAK, Upstream, running

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEY = "sk-the-shops-own-key"
PATIENT = Limits(first_token_seconds=10, idle_seconds=10, reply_seconds=20)
HASTY_START = Limits(first_token_seconds=0.2, idle_seconds=10, reply_seconds=20)
HASTY_IDLE = Limits(first_token_seconds=10, idle_seconds=0.2, reply_seconds=20)
HASTY_IDLE_START = Limits(first_token_seconds=0.2, idle_seconds=0.2, reply_seconds=20)
HASTY_REPLY = Limits(first_token_seconds=10, idle_seconds=10, reply_seconds=0.4)


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    preload()
    with running() as upstream:
        yield upstream


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = Client({"OPENAI_API_KEY": KEY, "SHOP_KEY": KEY}, PATIENT)
    yield client
    await client.close()


@dataclass(frozen=True, slots=True)
class Heard:
    """What came out of one request."""

    text: str
    fault: ErrorDetails | None
    others: list[Event]
    shown: str
    """All that a log or a page could show of the exception."""


async def hear(client: Client, base_url: str) -> Heard:
    model = Model(name="scripted", max_input=8000, base_url=base_url, api_key_env="SHOP_KEY")
    texts, others = list[str](), list[Event]()
    fault, shown = None, ""
    try:
        async for event in client.stream(
            CompletionRequest(model, [{"role": "user", "content": "Hello?"}], max_tokens=50)
        ):
            if isinstance(event, Delta):
                texts.append(event.text)
            elif event != Thinking(""):  # a mere sign of life: one for each piece that the network makes of the body
                others.append(event)
    except ModelError as error:
        fault, shown = error.fault, f"{error!r} {''.join(traceback.format_exception(error))}"
    return Heard("".join(texts), fault, others, shown)


def scripts(upstream: Upstream, after: int) -> list[str]:
    """Return what was asked for, after so many earlier requests; the target of a redirect would stand there too."""
    return [entry["script"] for entry in upstream.log()[after:]]


UNREACHABLE = ErrorDetails("unreachable", try_next=True, again=True)
BROKEN_OFF = ErrorDetails("broken_off")
EMPTY = ErrorDetails("empty", try_next=True, again=True)
NO_ANSWER = ErrorDetails("not_a_stream", try_next=True, is_owners=True)
ERROR_EVENT = ErrorDetails("error_event", try_next=True, again=True)
REDIRECTED = ErrorDetails("redirected", try_next=True, is_owners=True)


def limited(wait: float | None) -> ErrorDetails:
    return ErrorDetails("rate_limited", try_next=True, again=True, retry_after_seconds=wait, status=429)


def owners(word: str, status: int) -> ErrorDetails:
    return ErrorDetails(word, try_next=True, is_owners=True, status=status)  # type: ignore[arg-type]


def server_error(status: int, wait: float | None = None) -> ErrorDetails:
    return ErrorDetails("server_error", try_next=True, again=True, retry_after_seconds=wait, status=status)


FAULTS = [
    ("drop_headers", "", UNREACHABLE),
    ("not_http", "", UNREACHABLE),
    ("r400", "", owners("bad_request", 400)),
    ("r401", "", owners("key_refused", 401)),
    ("r403", "", owners("key_refused", 403)),
    ("r404", "", owners("no_such_model", 404)),
    ("r413", "", ErrorDetails("too_long", try_next=True, status=413)),
    ("ctxlen", "", ErrorDetails("too_long", try_next=True, status=400)),
    ("ctxlen_llama", "", ErrorDetails("too_long", try_next=True, status=400)),
    ("r429", "", limited(1.0)),
    ("r429_long", "", limited(600.0)),
    ("r429_silent", "", limited(None)),
    ("r429_date", "", limited(86_400.0)),
    ("r429_junk", "", limited(None)),
    ("r429_negative", "", limited(None)),
    ("r429_nan", "", limited(None)),
    ("r429_quota", "", owners("quota", 429)),
    ("r500", "", server_error(500)),
    ("r502html", "", server_error(502)),
    ("r503html", "", server_error(503, 30.0)),
    ("redirect", "", owners("redirected", 302)),
    ("redirect307", "", owners("redirected", 307)),
    ("html200", "", NO_ANSWER),
    ("json200_cut", "", ErrorDetails("garbled", try_next=True)),
    ("json200_error", "", ERROR_EVENT),
    ("json200_empty", "", EMPTY),
    ("gzip_lie", "", ErrorDetails("garbled", try_next=True)),
    ("nothing", "", EMPTY),
    ("error_first", "", ERROR_EVENT),
    ("only_stop", "", ErrorDetails("empty", try_next=True)),
    ("badjson_first", "", ErrorDetails("garbled", try_next=True)),
    # From the first text on, nobody else may be asked, nor the same one again: it would be paid and read twice.
    ("drop_chunked", "Hello world", BROKEN_OFF),
    ("rst", "Hello world", BROKEN_OFF),
    ("bad_framing", "Hello world", BROKEN_OFF),
    ("half_event", "Hello world", BROKEN_OFF),
    ("badjson", "Hello world", ErrorDetails("garbled")),
    ("badutf8", "Hello world", ErrorDetails("garbled")),
    ("badshape", "Hello world", ErrorDetails("garbled")),
    ("deep", "Hello world", ErrorDetails("garbled")),
    ("error_event", "Hello world", ErrorDetails("error_event")),
    ("aborted", "Hello world", ErrorDetails("error_event")),
    ("unheard_of", "Hello world", ErrorDetails("error_event")),
    ("error_str", "Hello world", ErrorDetails("error_event")),
    ("bigline", "Hello world", ErrorDetails("too_big")),
    ("biglines", "Hello world", ErrorDetails("too_big")),
]


@pytest.mark.parametrize(("script", "text", "fault"), FAULTS, ids=[script for script, _, _ in FAULTS])
async def test_a_fault_keeps_the_text_so_far_and_says_what_to_do_next(
    script: str, text: str, fault: ErrorDetails, upstream: Upstream, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    earlier = len(upstream.log())

    heard = await hear(client, upstream.url(script))

    assert (heard.text, heard.fault) == (text, fault)
    assert heard.others == []
    assert scripts(upstream, earlier) == [script]
    for secret in (LEAK, KEY):
        assert secret not in heard.shown
        assert secret not in caplog.text


async def test_thoughts_alone_are_charged_and_another_model_may_answer(upstream: Upstream, client: Client) -> None:
    heard = await hear(client, upstream.url("thoughts_only"))

    assert (heard.text, heard.others) == ("", [Thinking("Hm."), Usage(2_000, 1_000)])
    assert heard.fault == ErrorDetails("empty", try_next=True)


async def test_signs_of_life_put_the_first_token_limit_off(upstream: Upstream) -> None:
    client = Client({}, Limits(first_token_seconds=0.7, idle_seconds=5, reply_seconds=20))

    heard = await hear(client, upstream.url("think_slowly"))

    await client.close()
    assert (heard.text, heard.fault) == ("Hello world", None)
    assert len(heard.others) > 10


SILENCES = [
    ("hang_headers", HASTY_START, "", ErrorDetails("slow_start", try_next=True)),
    ("hang_first", HASTY_START, "", ErrorDetails("slow_start", try_next=True)),
    ("keepalive_first", HASTY_REPLY, "", ErrorDetails("slow_start", try_next=True)),
    ("think_then_hang", HASTY_IDLE_START, "", ErrorDetails("slow_start", try_next=True)),
    ("hang_mid", HASTY_IDLE, "Hello world", ErrorDetails("silent")),
    ("keepalive_forever", HASTY_IDLE, "Hello world", ErrorDetails("silent")),
    ("say-1-1000", HASTY_REPLY, "word1", ErrorDetails("too_slow")),
]


@pytest.mark.parametrize(("script", "limits", "text", "fault"), SILENCES, ids=[script for script, _, _, _ in SILENCES])
async def test_no_silence_lasts_longer_than_its_deadline(
    script: str, limits: Limits, text: str, fault: ErrorDetails, upstream: Upstream
) -> None:
    client = Client({"SHOP_KEY": KEY}, limits)
    earlier = len(upstream.log())

    heard = await hear(client, upstream.url(script))

    await client.close()
    assert (heard.text, heard.fault) == (text, fault)
    entry = await upstream.over(script)
    assert entry["closed_by_client"]
    assert entry["ended"] is not None
    assert entry["ended"] - entry["started"] < 1.0
    assert scripts(upstream, earlier) == [script]


async def test_a_flood_is_left_at_the_largest_reply(upstream: Upstream, client: Client) -> None:
    earlier = len(upstream.log())

    heard = await hear(client, upstream.url("flood"))

    assert heard.fault == ErrorDetails("too_big")
    assert set(heard.text) == {"x"}
    assert LARGEST_REPLY // 2 < len(heard.text) <= LARGEST_REPLY
    assert (await upstream.over("flood"))["closed_by_client"]
    assert scripts(upstream, earlier) == ["flood"]


@pytest.mark.parametrize(("script", "fault"), [("drop_headers", UNREACHABLE), ("drop_chunked", BROKEN_OFF)])
async def test_a_drop_on_a_reused_connection_is_not_retried(
    script: str, fault: ErrorDetails, upstream: Upstream, client: Client
) -> None:
    await hear(client, upstream.url("ok"))
    earlier = len(upstream.log())

    heard = await hear(client, upstream.url(script))

    assert heard.fault == fault
    assert scripts(upstream, earlier) == [script]


async def test_a_refused_connection_is_unreachable(client: Client) -> None:
    heard = await hear(client, "http://127.0.0.1:9/v1")

    assert (heard.text, heard.fault) == ("", UNREACHABLE)


HELLO = "Hello world"
SOUND = [
    ("ok", HELLO, [Finished("stop"), Usage(1, 2)]),
    ("json200", HELLO, [Finished("stop")]),
    ("length", HELLO, [Finished("length")]),
    ("content_filter", HELLO, [Finished("content_filter")]),
    ("filtered_at_once", "", [Finished("content_filter")]),
    ("tool_calls", "", [Thinking("refund{}"), Finished("tool_calls")]),
    ("refusal", "I cannot do that.", [Finished("stop")]),
    ("after_finish", "Hello world EXTRA", [Finished("length"), Usage(5, 3)]),
    ("no_finish", HELLO, [Finished("stop")]),
    ("no_done", HELLO, [Finished("stop")]),
    ("drop_connclose", HELLO, [Finished("stop")]),  # looks as the end of a whole one does
    ("usage_only", HELLO, [Finished("stop"), Usage(5, 2)]),
    ("usage_running", HELLO, [Finished("stop"), Usage(5, 3)]),
    ("usage_null", HELLO, [Finished("stop"), Usage(5, 2)]),
    ("counts_null", HELLO, [Finished("stop"), Usage(5, 0)]),
    ("counts_negative", HELLO, [Finished("stop"), Usage(0, 2)]),
    ("empty_choices", HELLO, [Finished("stop")]),
    ("choices_null", HELLO, [Finished("stop")]),
    ("choices_missing", HELLO, [Finished("stop")]),
    ("delta_null", HELLO, [Finished("stop")]),
    ("content_null", HELLO, [Finished("stop")]),
    ("content_nonstr", "Hello worldx", [Finished("stop")]),
    ("index1", HELLO, [Finished("stop")]),
    ("surrogate", "\ud83d\ude00 \ud83d", [Finished("stop")]),
    ("controls", "a\x00b\rc\x1b[31md\u202ee\nevent: x\n\ndata: y", [Finished("stop")]),
    ("error_after_finish", HELLO, [Finished("stop")]),
    ("late_done", HELLO, [Finished("stop"), Usage(5, 2)]),
]


@pytest.mark.parametrize(("script", "text", "others"), SOUND, ids=[script for script, _, _ in SOUND])
async def test_an_odd_stream_is_an_answer_once_it_has_a_finish_reason(
    script: str, text: str, others: list[Event], upstream: Upstream, client: Client
) -> None:
    earlier = len(upstream.log())

    heard = await hear(client, upstream.url(script))

    assert (heard.text, heard.others, heard.fault) == (text, others, None)
    assert scripts(upstream, earlier) == [script]


async def test_done_is_the_end_although_the_connection_lingers(upstream: Upstream, client: Client) -> None:
    started = time.monotonic()

    await hear(client, upstream.url("late_done"))

    assert time.monotonic() - started < 5
    assert (await upstream.over("late_done"))["closed_by_client"]


async def test_a_fault_after_the_finish_is_logged_without_what_it_said(
    upstream: Upstream, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    await hear(client, upstream.url("error_after_finish"))

    (record,) = [record for record in caplog.records if record.name == "storekeeper.completions"]
    assert record.getMessage() == "fault_after_finish"
    assert vars(record)["fault"] == "error_event"
    assert LEAK not in str(vars(record))


async def test_a_connection_is_closed_within_2_seconds_of_the_finish(upstream: Upstream, client: Client) -> None:
    heard = await hear(client, upstream.url("hang_after_finish"))

    assert (heard.text, heard.others, heard.fault) == (HELLO, [Finished("stop")], None)
    entry = await upstream.over("hang_after_finish")
    assert entry["ended"] is not None
    assert entry["ended"] - entry["started"] < 3.0


@pytest.mark.parametrize(
    ("header", "milliseconds", "wait"),
    [
        (None, None, None),
        ("0", None, 0.0),
        (" 20 ", None, 20.0),
        ("1.5", None, 1.5),
        ("2.", None, 2.0),
        ("86400", None, 86_400.0),
        ("999999999", None, 86_400.0),
        ("99999999999999999999999", None, None),
        ("", None, None),
        ("-1", None, None),
        ("1e3", None, None),
        ("nan", None, None),
        ("inf", None, None),
        ("soon", None, None),
        ("٣", None, None),
        ("²", None, None),
        ("Tue, 24 Nov 2026 12:00:30 GMT", None, 30.0),
        ("Tuesday, 24-Nov-26 12:00:30 GMT", None, 30.0),
        ("Tue, 24 Nov 2026 12:00:30 -0100", None, 3_630.0),
        ("Tue Nov 24 12:00:30 2026", None, 30.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None, 0.0),
        ("Wed, 21 Oct 2037 07:28:00 GMT", None, 86_400.0),
        ("Wed, 99 Oct 2037 07:28:00 GMT", None, None),
        (None, "1500", 1.5),
        ("60", "250.5", 0.2505),
        ("60", "soon", 60.0),
        (None, "-5", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, milliseconds: str | None, wait: float | None) -> None:
    assert retry_after(header, milliseconds, NOON) == wait


@pytest.mark.parametrize(
    ("message", "wait"),
    [
        ("Rate limit reached. Please try again in 1.2s. Visit our page.", 1.2),
        ("Please retry in 20.5s.", 20.5),
        ("Please try again in 86ms.", 0.086),
        ("Please retry after 7 seconds.", 7.0),
        ("Try again in 2 minutes", 120.0),
        ("Try again later", None),
    ],
)
def test_without_a_header_the_message_may_tell_the_wait(message: str, wait: float | None) -> None:
    assert fault_of_error({"error": {"message": message}}, 429).retry_after_seconds == pytest.approx(wait)


def openai_error(message: str, code: str | None = None, kind: str = "invalid_request_error") -> object:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


SAID: list[tuple[int | None, object, str]] = [
    # too long, in each provider's words
    (400, openai_error("This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.", "context_length_exceeded"), "too_long"),
    (400, openai_error("Your input exceeds the context window of this model. Please adjust your input and try again."), "too_long"),
    (400, {"error": {"message": "prompt is too long: 209343 tokens > 200000 maximum", "type": "invalid_request_error"}}, "too_long"),
    (413, {"type": "error", "error": {"type": "request_too_large", "message": "Request exceeds the maximum size"}}, "too_long"),
    (400, [{"error": {"code": 400, "message": "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", "status": "INVALID_ARGUMENT"}}], "too_long"),
    (400, {"object": "error", "message": "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length", "type": "invalid_request_error", "code": "3051"}, "too_long"),
    (413, openai_error("Request too large for model `llama-3.1-8b` on tokens per minute (TPM): Limit 6000, Requested 9000", "rate_limit_exceeded", "tokens"), "too_long"),
    (429, openai_error("Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Requested 40000.", "rate_limit_exceeded", "tokens"), "too_long"),
    (400, openai_error("Please reduce the length of the messages or completion."), "too_long"),
    (400, {"error": {"message": "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000 tokens", "code": 400}}, "too_long"),
    (400, {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": '{"error": {"message": "input is too long for requested model"}}'}}}, "too_long"),
    (400, {"object": "error", "message": "This model's maximum context length is 8192 tokens. However, you requested 9192 tokens.", "type": "BadRequestError", "param": None, "code": 400}, "too_long"),
    (400, {"error": {"code": 400, "message": "the request exceeds the available context size. try increasing the context size", "type": "exceed_context_size_error"}}, "too_long"),
    (400, {"error": "The number of tokens to keep from the initial prompt is greater than the context length."}, "too_long"),
    (422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens", "error_type": "validation"}, "bad_request"),
    (400, {"error": {"message": "Range of input length should be [1, 30720]", "code": "invalid_parameter_error"}}, "too_long"),
    (500, {"error": {"message": "the input prompt exceeds the context window", "type": "server_error"}}, "too_long"),
    (None, {"code": 400, "message": "the request exceeds the available context size", "type": "invalid_request_error"}, "too_long"),
    (400, openai_error("max_tokens is too large: 5000. This model supports at most 4096 completion tokens"), "bad_request"),
    # the account is used up
    (429, openai_error("You exceeded your current quota, please check your plan and billing details.", "insufficient_quota", "insufficient_quota"), "quota"),
    (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low to access the API."}}, "quota"),
    (402, {"error": {"message": "Insufficient Balance", "type": "unknown_error", "code": "invalid_request_error"}}, "quota"),
    (402, {"error": {"message": "Insufficient credits", "code": 402}}, "quota"),
    (403, {"error": "Your account is out of credits"}, "quota"),
    (None, {"error": {"message": "insufficient balance (1008)"}}, "quota"),
    (429, [{"error": {"code": 429, "message": "You exceeded your current quota, please check your plan and billing details. Please retry in 33s.", "status": "RESOURCE_EXHAUSTED"}}], "rate_limited"),
    (429, openai_error("Rate limit reached for gpt-4o on requests per min (RPM): Limit 3. Please try again in 20s. Add a payment method to your billing.", "rate_limit_exceeded", "requests"), "rate_limited"),
    (429, {"message": "Requests rate limit exceeded"}, "rate_limited"),
    (429, "Too many requests", "rate_limited"),
    (None, {"error": {"type": "rate_limit_error", "message": "Number of request tokens has exceeded your per-minute rate limit"}}, "rate_limited"),
    # what the provider does not want to answer
    (400, {"error": {"message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", "code": "content_filter", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}, "moderated"),
    (403, {"error": {"code": 403, "message": "Input was flagged", "metadata": {"reasons": ["violence"]}}}, "moderated"),
    (400, {"error": {"message": "Content Exists Risk", "code": "invalid_request_error"}}, "moderated"),
    (400, {"error": {"code": "data_inspection_failed", "message": "Input data may contain inappropriate content."}}, "moderated"),
    (400, openai_error("Your request was rejected as a result of our safety system."), "moderated"),
    # the key
    (401, {"error": "invalid_token"}, "key_refused"),
    (401, "", "key_refused"),
    (400, [{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key.", "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}}], "key_refused"),
    (403, {"detail": "Not authenticated"}, "key_refused"),
    (400, {"error": {"message": "No API key provided", "type": "invalid_request_error"}}, "key_refused"),
    (403, "<html><title>Access denied</title></html>", "key_refused"),
    # the model
    (404, openai_error("The model `gpt-9` does not exist or you do not have access to it.", "model_not_found"), "no_such_model"),
    (404, {"error": {"message": 'model "llama9" not found, try pulling it first', "type": "api_error"}}, "no_such_model"),
    (400, {"object": "error", "message": "Invalid model: mistral-huge", "type": "invalid_model", "code": "1500"}, "no_such_model"),
    (400, {"error": {"message": "gpt-9 is not a valid model ID", "code": 400}}, "no_such_model"),
    (404, {"error": {"message": "No endpoints found for nobody/none.", "code": 404}}, "no_such_model"),
    (400, {"error": {"message": "Model Not Exist", "type": "invalid_request_error"}}, "no_such_model"),
    (404, {"error": {"code": "DeploymentNotFound", "message": "The API deployment for this resource does not exist."}}, "no_such_model"),
    (400, openai_error("The model `llama2-70b` has been decommissioned and is no longer supported.", "model_decommissioned"), "no_such_model"),
    (404, [{"error": {"code": 404, "message": "models/gemini-9 is not found for API version v1main", "status": "NOT_FOUND"}}], "no_such_model"),
    (404, {"object": "error", "message": "The model `m` does not exist.", "type": "NotFoundError", "param": None, "code": 404}, "no_such_model"),
    # the address
    (404, {"detail": "Not Found"}, "wrong_address"),
    (404, "404 page not found", "wrong_address"),
    (404, {"error": {"code": "404", "message": "Resource not found"}}, "wrong_address"),
    (404, "<!DOCTYPE html><html><head><title>404 Not Found</title></head></html>", "wrong_address"),
    (405, {"detail": "Method Not Allowed"}, "wrong_address"),
    # a request it does not take
    (400, openai_error("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "unsupported_parameter"), "bad_request"),
    (400, openai_error("Unsupported value: 'reasoning_effort' does not support 'minimal' with this model.", "unsupported_value"), "bad_request"),
    (422, {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"}]}, "bad_request"),
    (400, {"object": "error", "message": "System role not supported", "type": "BadRequestError", "code": 400}, "bad_request"),
    (400, None, "bad_request"),
    # its own errors
    (529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "server_error"),
    (503, {"error": {"message": "Model is loading", "type": "unavailable_error"}}, "server_error"),
    (None, {"type": "overloaded_error", "message": "Overloaded"}, "error_event"),
    (None, {"message": "Provider returned error", "code": 502}, "server_error"),
    (None, "overloaded", "error_event"),
    (None, 7, "error_event"),
    (301, "", "redirected"),
    (408, None, "server_error"),
    (409, None, "server_error"),
    (422, None, "bad_request"),
    (425, None, "server_error"),
    (504, None, "server_error"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "error", "word"), SAID, ids=[f"{word}-{n}" for n, (_, _, word) in enumerate(SAID)])
def test_an_error_is_told_by_its_codes_and_words(status: int | None, error: object, word: str) -> None:
    assert fault_of_error(error, status).kind == word


def test_every_status_lets_another_model_try() -> None:
    assert all(fault_of_error(None, status).try_next for status in range(300, 600))


def test_a_fault_that_waiting_cannot_mend_is_the_owners() -> None:
    faults = [fault_of_error(None, status, 1.0) for status in (302, 400, 401, 402, 403, 404)]

    assert [(fault.is_owners, fault.again) for fault in faults] == [(True, False)] * 6


@pytest.mark.parametrize(
    ("error", "said", "code"),
    [
        (openai_error("No.", "not_there"), "No.", "not_there"),
        ({"detail": "Not Found"}, "Not Found", None),
        ({"detail": [{"loc": ["body", "n"], "msg": "Too many", "type": "bad_n"}]}, "body, n: Too many", "bad_n"),
        ({"message": {"detail": [{"msg": "Too many"}]}, "type": "invalid"}, "Too many", "invalid"),
        ([{"error": {"message": "No", "status": "INVALID_ARGUMENT", "code": 400}}], "No", "INVALID_ARGUMENT"),
        ({"errors": [{"message": "One"}, {"message": "Two"}]}, "One. Two", None),
        (
            {"error": {"message": "Wrapped", "metadata": {"raw": '{"error": {"message": "inner"}}'}}},
            "Wrapped. inner",
            None,
        ),
        ("plain  text\n\x1b[31m", "plain text [31m", None),
        ({"error": {"code": 500}}, "500", None),
        ({"a": {"b": [1, None, True]}}, "", None),
        ("x" * 1000, "x" * 299 + "…", None),
    ],
)
def test_the_message_is_found_in_every_shape(error: object, said: str, code: str | None) -> None:
    fault = fault_of_error(error, 400)

    assert (fault.message, fault.code) == (said, code)


def test_deep_or_wide_errors_are_read_in_no_time() -> None:
    deep: object = "end"
    for _ in range(300):
        deep = [{"error": deep}]
    started = time.monotonic()

    for error in (deep, [{"message": "x" * 1000}] * 10_000, "model " * 200_000, "prompt tokens exceeds " * 50_000):
        fault_of_error(error, 400)
        fault_of_answer(400, json.dumps(error).encode(), {})

    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Incorrect API key provided: sk-proj-abc123def456.", "Incorrect API key provided: ***"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ('{"api_key": "0123456789"}', '{"api_key": "***"}'),
        ("https://x.example/?key=AIzaSyD012345678901234567890&alt=sse", "https://x.example/?key=***&alt=sse"),
        ("https://me:hunter2hunter2@x.example", "https://me:***@x.example"),
        ("token 0123456789abcdef0123456789abcdef", "token ***"),
        ("the shop's own key: my-own-secret", "the shop's own key: ***"),
        ("model claude-sonnet-4-20250514 does not exist", "model claude-sonnet-4-20250514 does not exist"),
        ("API key not valid. Please pass a valid API key.", "API key not valid. Please pass a valid API key."),
        ("8192 tokens per request, max_completion_tokens=9000", "8192 tokens per request, max_completion_tokens=9000"),
    ],
)
def test_secrets_are_masked_and_nothing_else(text: str, shown: str) -> None:
    assert masked(text, ["my-own-secret"]) == shown


def test_a_fault_reads_as_its_word_and_status_only() -> None:
    assert (
        str(ModelError(ErrorDetails("rate_limited", retry_after_seconds=3.0, status=429)))
        == "rate_limited (status 429)"
    )
    assert str(ModelError(ErrorDetails("silent"))) == "silent"
