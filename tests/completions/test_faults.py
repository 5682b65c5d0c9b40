"""What goes wrong upstream, row by row (security notes, 4.3): the text so far, the fault, one request."""

import logging
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from completions.client import LARGEST_REPLY, Client, Request, warm
from completions.faults import Fault, ModelFault, fault_of_status, seconds
from completions.stream import Delta, Event, Finished, Thinking, Usage
from settings import Limits, Model
from tests.upstream import LEAK, Upstream, running

KEY = "sk-the-shops-own-key"
PATIENT = Limits(first_token_seconds=10, idle_seconds=10, reply_seconds=20)
HASTY_START = Limits(first_token_seconds=0.2, idle_seconds=10, reply_seconds=20)
HASTY_IDLE = Limits(first_token_seconds=10, idle_seconds=0.2, reply_seconds=20)
HASTY_IDLE_START = Limits(first_token_seconds=0.2, idle_seconds=0.2, reply_seconds=20)
HASTY_REPLY = Limits(first_token_seconds=10, idle_seconds=10, reply_seconds=0.4)


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    warm()
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
    fault: Fault | None
    others: list[Event]
    shown: str
    """All that a log or a page could show of the exception."""


async def hear(client: Client, base_url: str) -> Heard:
    model = Model(name="scripted", max_input=8000, base_url=base_url, api_key_env="SHOP_KEY")
    texts, others = list[str](), list[Event]()
    fault, shown = None, ""
    try:
        async for event in client.stream(Request(model, [{"role": "user", "content": "Hello?"}], max_tokens=50)):
            if isinstance(event, Delta):
                texts.append(event.text)
            else:
                others.append(event)
    except ModelFault as error:
        fault, shown = error.fault, f"{error!r} {''.join(traceback.format_exception(error))}"
    return Heard("".join(texts), fault, others, shown)


def scripts(upstream: Upstream, after: int) -> list[str]:
    """Say what was asked for, after so many earlier requests; the target of a redirect would stand there too."""
    return [entry["script"] for entry in upstream.log()[after:]]


UNREACHABLE = Fault("unreachable", elsewhere=True, again=True)
BROKEN_OFF = Fault("broken_off")
EMPTY = Fault("empty", elsewhere=True, again=True)
NO_ANSWER = Fault("not_a_stream", elsewhere=True, is_owners=True)
ERROR_EVENT = Fault("error_event", elsewhere=True, again=True)
REDIRECTED = Fault("redirected", elsewhere=True, is_owners=True)


def limited(wait: float | None) -> Fault:
    return Fault("rate_limited", elsewhere=True, again=True, retry_after_seconds=wait, status=429)


def owners(word: str, status: int) -> Fault:
    return Fault(word, elsewhere=True, is_owners=True, status=status)  # type: ignore[arg-type]


def server_error(status: int, wait: float | None = None) -> Fault:
    return Fault("server_error", elsewhere=True, again=True, retry_after_seconds=wait, status=status)


FAULTS = [
    ("drop_headers", "", UNREACHABLE),
    ("not_http", "", UNREACHABLE),
    ("r400", "", owners("bad_request", 400)),
    ("r401", "", owners("key_refused", 401)),
    ("r403", "", owners("key_refused", 403)),
    ("r404", "", owners("no_such_model", 404)),
    ("r413", "", Fault("too_long", elsewhere=True, status=413)),
    ("ctxlen", "", Fault("too_long", elsewhere=True, status=400)),
    ("ctxlen_llama", "", Fault("too_long", elsewhere=True, status=400)),
    ("r429", "", limited(1.0)),
    ("r429_long", "", limited(600.0)),
    ("r429_silent", "", limited(None)),
    ("r429_date", "", limited(None)),
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
    ("json200_cut", "", Fault("garbled", elsewhere=True)),
    ("json200_error", "", ERROR_EVENT),
    ("json200_empty", "", EMPTY),
    ("gzip_lie", "", Fault("garbled", elsewhere=True)),
    ("nothing", "", EMPTY),
    ("error_first", "", ERROR_EVENT),
    ("only_stop", "", Fault("empty", elsewhere=True)),
    ("badjson_first", "", Fault("garbled", elsewhere=True)),
    # From the first text on, nobody else may be asked, nor the same one again: it would be paid and read twice.
    ("drop_chunked", "Hello world", BROKEN_OFF),
    ("rst", "Hello world", BROKEN_OFF),
    ("half_event", "Hello world", BROKEN_OFF),
    ("badjson", "Hello world", Fault("garbled")),
    ("badutf8", "Hello world", Fault("garbled")),
    ("badshape", "Hello world", Fault("garbled")),
    ("deep", "Hello world", Fault("garbled")),
    ("error_event", "Hello world", Fault("error_event")),
    ("aborted", "Hello world", Fault("error_event")),
    ("unheard_of", "Hello world", Fault("error_event")),
    ("error_str", "Hello world", Fault("error_event")),
    ("bigline", "Hello world", Fault("too_big")),
    ("biglines", "Hello world", Fault("too_big")),
]


@pytest.mark.parametrize(("script", "text", "fault"), FAULTS, ids=[script for script, _, _ in FAULTS])
async def test_a_fault_keeps_the_text_so_far_and_says_what_to_do_next(
    script: str, text: str, fault: Fault, upstream: Upstream, client: Client, caplog: pytest.LogCaptureFixture
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


async def test_thoughts_without_an_answer_are_paid_and_another_model_may_answer(
    upstream: Upstream, client: Client
) -> None:
    heard = await hear(client, upstream.url("thoughts_only"))

    assert (heard.text, heard.others) == ("", [Thinking("Hm."), Usage(2_000, 1_000)])
    assert heard.fault == Fault("empty", elsewhere=True)


async def test_signs_of_life_put_the_first_token_limit_off(upstream: Upstream) -> None:
    client = Client({}, Limits(first_token_seconds=0.1, idle_seconds=0.5, reply_seconds=20))

    heard = await hear(client, upstream.url("think_slowly"))

    await client.close()
    assert (heard.text, heard.fault) == ("Hello world", None)
    assert len(heard.others) > 10


SILENCES = [
    ("hang_headers", HASTY_START, "", Fault("slow_start", elsewhere=True)),
    ("hang_first", HASTY_START, "", Fault("slow_start", elsewhere=True)),
    ("keepalive_first", HASTY_REPLY, "", Fault("slow_start", elsewhere=True)),
    ("think_then_hang", HASTY_IDLE_START, "", Fault("slow_start", elsewhere=True)),
    ("hang_mid", HASTY_IDLE, "Hello world", Fault("silent")),
    ("keepalive_forever", HASTY_IDLE, "Hello world", Fault("silent")),
    ("bad_framing", HASTY_IDLE, "Hello world", Fault("silent")),  # aiohttp closes it and tells its reader nothing
    ("say-1-1000", HASTY_REPLY, "word1", Fault("too_slow")),
]


@pytest.mark.parametrize(("script", "limits", "text", "fault"), SILENCES, ids=[script for script, _, _, _ in SILENCES])
async def test_no_silence_lasts_longer_than_its_deadline(
    script: str, limits: Limits, text: str, fault: Fault, upstream: Upstream
) -> None:
    client = Client({"SHOP_KEY": KEY}, limits)
    earlier = len(upstream.log())

    heard = await hear(client, upstream.url(script))

    await client.close()
    assert (heard.text, heard.fault) == (text, fault)
    entry = await upstream.over(script)
    assert entry["closed_by_client"] is (script != "bad_framing")
    assert entry["ended"] is not None
    assert entry["ended"] - entry["started"] < 1.0
    assert scripts(upstream, earlier) == [script]


async def test_a_flood_is_left_at_the_largest_reply(upstream: Upstream, client: Client) -> None:
    earlier = len(upstream.log())

    heard = await hear(client, upstream.url("flood"))

    assert heard.fault == Fault("too_big")
    assert set(heard.text) == {"x"}
    assert LARGEST_REPLY // 2 < len(heard.text) <= LARGEST_REPLY
    assert (await upstream.over("flood"))["closed_by_client"]
    assert scripts(upstream, earlier) == ["flood"]


@pytest.mark.parametrize(("script", "fault"), [("drop_headers", UNREACHABLE), ("drop_chunked", BROKEN_OFF)])
async def test_a_drop_on_a_connection_that_served_before_is_not_asked_again(
    script: str, fault: Fault, upstream: Upstream, client: Client
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
    ("tool_calls", "", [Finished("tool_calls")]),
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
async def test_an_odd_stream_is_an_answer_once_its_model_says_how_it_ended(
    script: str, text: str, others: list[Event], upstream: Upstream, client: Client
) -> None:
    earlier = len(upstream.log())

    heard = await hear(client, upstream.url(script))

    assert (heard.text, heard.others, heard.fault) == (text, others, None)
    assert scripts(upstream, earlier) == [script]


async def test_done_is_the_end_although_the_connection_lingers(upstream: Upstream, client: Client) -> None:
    started = time.monotonic()

    await hear(client, upstream.url("late_done"))

    assert time.monotonic() - started < 1.0
    assert (await upstream.over("late_done"))["closed_by_client"]


async def test_a_fault_after_the_finish_is_logged_without_what_it_said(
    upstream: Upstream, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    await hear(client, upstream.url("error_after_finish"))

    (record,) = [record for record in caplog.records if record.name == "storekeeper.completions"]
    assert record.getMessage() == "fault_after_finish"
    assert vars(record)["fault"] == "error_event"
    assert LEAK not in str(vars(record))


async def test_a_connection_that_lingers_after_the_finish_is_left_within_two_seconds(
    upstream: Upstream, client: Client
) -> None:
    heard = await hear(client, upstream.url("hang_after_finish"))

    assert (heard.text, heard.others, heard.fault) == (HELLO, [Finished("stop")], None)
    entry = await upstream.over("hang_after_finish")
    assert entry["ended"] is not None
    assert entry["ended"] - entry["started"] < 3.0


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("0", 0.0),
        ("20", 20.0),
        ("86400", 86_400.0),
        ("999999", 86_400.0),
        ("9999999", None),
        ("", None),
        ("1.5", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("٣", None),
        ("²", None),
        ("Wed, 21 Oct 2037 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_whole_seconds_up_to_a_day_or_nothing(header: str | None, wait: float | None) -> None:
    assert seconds(header) == wait


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [
        (301, None, "redirected"),
        (400, "context_length_exceeded", "too_long"),
        (400, None, "bad_request"),
        (402, None, "bad_request"),
        (408, None, "server_error"),
        (409, None, "server_error"),
        (422, None, "bad_request"),
        (425, None, "server_error"),
        (429, "insufficient_quota", "quota"),
        (429, None, "rate_limited"),
        (504, None, "server_error"),
        (529, None, "server_error"),
    ],
)
def test_every_status_has_its_word(status: int, code: str | None, word: str) -> None:
    assert fault_of_status(status, code, None).word == word


def test_every_status_lets_another_model_try() -> None:
    assert all(fault_of_status(status, None, None).elsewhere for status in range(300, 600))


def test_a_fault_that_waiting_cannot_mend_is_the_owners_and_not_tried_again() -> None:
    faults = [fault_of_status(status, None, "1") for status in (302, 400, 401, 403, 404)]

    assert [(fault.is_owners, fault.again) for fault in faults] == [(True, False)] * 5


def test_a_fault_reads_as_its_word_and_status_only() -> None:
    assert str(ModelFault(Fault("rate_limited", retry_after_seconds=3.0, status=429))) == "rate_limited (status 429)"
    assert str(ModelFault(Fault("silent"))) == "silent"
