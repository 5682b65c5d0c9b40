"""A scripted OpenAI-compatible server, in a process of its own: the first part of the path says how it behaves.

`python tests/support/upstream.py` prints its port on the first line and serves until its standard input ends.

POST /<script>/chat/completions   answers as the script says; any other path but these is answered 404
GET /<script>/models              lists one model
GET /release                      lets those go on that wait under `held` and `held_mid`
GET /log/<n>                      a JSON list of the requests so far (see Entry) but the first n, oldest first

Scripts that work, streamed or not:
    ok            "Hello world"
    say           a Markdown answer of several paragraphs
    say-20-300    "word1 word2 ... word300" at 20 deltas a second; rate 0: as fast as it goes
    echo          the last user message
    drip          the last user message, three characters at a time, at a readable pace
    prompt        all the messages it got, as JSON
    shop          answers about the shop's hammocks, delivery and returns, at a readable pace, by words in the question
    own           the shop's own answer that the prompt holds, else "I don't know."
    as_told       the script that the last user message begins with ("r500 please"), else ok
    no_tools      "Hello world"; a request with tools is refused
    held          "Hello world", once somebody asks for /release; held_mid: "Hello ", and then so
    then-A-B      script A for the first request of the process's life, B from then on (any two scripts; B may be
                  another then-). Under as_told: for the first request with that message
Scripts that do not are the keys of STREAMS (odd events in a sound stream), REFUSALS (no stream at all) and WIRE
(broken below the events). What the openai client makes of most of them stands in the security notes, 4.3.
"""

import asyncio
import json
import re
import socket
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import takewhile
from typing import Any, TypedDict

LEAK = "sk-scripted-leak"
"""Stands in every error text, as keys do in some servers': it must come out nowhere."""

MARKDOWN = """\
## Sending things back

You have **30 days** to send an order back, counted from the day the parcel arrived. Nothing needs to be explained.

- Pack the things as they came.
- Put the *return slip* on top.
- Bring the parcel to any post office.

| Item | Days | Postage |
| --- | ---: | --- |
| Coffee, unopened | 30 | free |
| Mugs and filters | 30 | free |
| Gift cards | 14 | 2.50 EUR |

The slip can be printed again, should it be lost:

```python
def slip(order: str) -> str:
    return f"https://shop.example/returns/{order}"
```

Your money is on its way as soon as the parcel has been opened here, mostly within three working days. Would you
like me to look up an order for you?
"""

SHOP = {
    "return": """\
Yes. You have **30 calendar days** from delivery, as long as it is unused, unwashed and in its original packing.

1. Write to ola@quintalcabure.example with your order number.
2. A return code comes within one working day.
3. Send the parcel; within the first 7 days we pay the postage in Brazil.

We check it within 3 working days of its arrival and then refund it the way you paid.
""",
    "hammock": """\
We have three hammocks that fit a veranda or a balcony:

| SKU | Hammock | Price | In stock |
| --- | --- | ---: | ---: |
| RED-011 | Rede Solteiro, single | R$ 189.00 | 14 |
| RED-012 | Rede Casal, double | R$ 289.00 | 9 |
| RED-014 | Rede Casal, crochet fringe | R$ 419.00 | 2 |

For two people I would look at the **Rede Casal** (RED-012); it comes in natural, blue and green. The pair of wall
hooks, RED-031, is R$ 49.90.

Delivery to Recife takes 1–2 working days, and it is free from R$ 200.00.
""",
}
"""What `shop` says, by a word of the question; the shop's data in prompts/store/ say the same."""

Event = str | bytes | Mapping[str, Any]
"""What a stream is made of: a delta's text, the raw bytes of an event's data, or a chunk."""


class Entry(TypedDict):
    """One request in the log. Times are time.monotonic(), which all processes of a Linux machine share."""

    script: str
    method: str
    path: str
    connection: int
    headers: dict[str, str]
    authorization: str | None
    body: dict[str, Any]
    model: str | None
    messages: list[dict[str, Any]]
    max_tokens: int | None
    stream: bool
    started: float
    ended: float | None
    closed_by_client: bool
    sent_deltas: int


def choice(finish_reason: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]}


def usage(prompt_tokens: int, completion_tokens: int, choices: Any = ()) -> dict[str, Any]:
    return {
        "choices": choices,
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
        },
    }


HELLO: tuple[Event, ...] = (choice(role="assistant", content=""), "Hello ", "world")
STOP = choice("stop")
BAD_UTF8 = b'{"choices": [{"index": 0, "delta": {"content": "\xff\xfe"}}]}'
CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "refund", "arguments": "{}"}}


def search(arguments: str, *, index: int = 0, name: str = "search_products") -> tuple[Event, ...]:
    """Return a call of a function as OpenAI streams it: its name first, then its arguments in pieces."""
    head = {"index": index, "id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": ""}}
    pieces = [arguments[n : n + 7] for n in range(0, len(arguments), 7)]
    return (
        choice(tool_calls=[head]),
        *(choice(tool_calls=[{"index": index, "function": {"arguments": piece}}]) for piece in pieces),
    )


WRONG_PRICE = "Good choice. The Rede Casal (RED-012) costs R$ 279.00. Shall I tell you more?"
RIGHT_PRICE = "The Rede Casal (RED-012) costs R$ 289.00."


def by_words(text: str) -> tuple[Event, ...]:
    """Return a text as deltas of one word each."""
    return tuple(re.findall(r"\s*\S+", text))


CALLED = (choice("tool_calls"), usage(100, 20))

OTHER = {"index": 1, "delta": {"content": "OTHER"}, "finish_reason": "stop"}

STREAMS: dict[str, tuple[Event, ...]] = {
    "nothing": (),
    "wrong_price": (*by_words(WRONG_PRICE), STOP, usage(3_000, 20)),
    "right_price": (*by_words(RIGHT_PRICE), STOP, usage(3_100, 20)),
    "only_stop": (STOP,),
    "no_finish": HELLO,
    "length": (*HELLO, choice("length")),
    "content_filter": (*HELLO, choice("content_filter")),
    "filtered_at_once": (choice("content_filter"),),
    "tool_calls": (choice(role="assistant", content=None, tool_calls=[CALL]), choice("tool_calls")),
    "calls": (*search('{"words": "umbrella"}'), *CALLED),
    "says_and_calls": ("One moment.", *search('{"words": "umbrella"}'), *CALLED),
    "calls_twice": (*search('{"words": "umbrella"}'), *search('{"words": "mug"}', index=1), *CALLED),
    "calls_badly": (*search('{"words": '), *CALLED),
    "calls_unknown": (*search("{}", name="refund"), *CALLED),
    "calls_and_breaks": (*search('{"words": "umbrella"}'), b"{oops"),
    "refusal": (choice(role="assistant", refusal="I cannot "), choice(refusal="do that."), STOP),
    "after_finish": (*HELLO, STOP, " EXTRA", choice("length"), usage(5, 3)),
    "usage_then_nothing": (usage(2_000, 0),),
    "usage_only": (*HELLO, STOP, usage(5, 2)),
    "usage_running": (usage(5, 0), "Hello ", usage(5, 1), "world", usage(5, 2), STOP, usage(5, 3)),
    "usage_null": (*HELLO, {"choices": [], "usage": None}, STOP, usage(5, 2)),
    "counts_null": ({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": None}}, *HELLO, STOP),
    "counts_negative": (*HELLO, STOP, usage(-5, 2)),
    "empty_choices": ({"choices": []}, *HELLO, {"choices": []}, STOP),
    "choices_null": ({"choices": None}, *HELLO, STOP),
    "choices_missing": ({"id": "c1"}, *HELLO, STOP),
    "delta_null": ({"choices": [{"index": 0, "delta": None, "finish_reason": None}]}, *HELLO, STOP),
    "content_null": (choice(role="assistant", content=None), *HELLO, choice("stop", content=None)),
    "content_nonstr": (choice(content={"a": 1}), *HELLO, choice(content=["x"]), choice(content=7), STOP),
    "index1": ({"choices": [OTHER, {"index": 0, "delta": {"content": ""}}]}, *HELLO, STOP),
    "aborted": (*HELLO, choice("abort")),
    "unheard_of": (*HELLO, choice("glorious")),
    "thoughts_only": (choice(reasoning_content="Hm."), choice("length"), usage(2_000, 1_000)),
    "surrogate": ("\ud83d", "\ude00 \ud83d", STOP),
    "controls": ("a\x00b\rc\x1b[31md\u202ee\nevent: x\n\ndata: y", STOP),
    "badjson": (*HELLO, b'{"id": "c1", oops', STOP),
    "badjson_first": (b"<html>", *HELLO, STOP),
    "badutf8": (*HELLO, BAD_UTF8, STOP),
    "badshape": (*HELLO, b'{"choices": "none"}', STOP),
    "deep": (*HELLO, b'{"choices": [{"delta": {"content": %s}}]}' % (b"[" * 100_000 + b"]" * 100_000), STOP),
    "error_event": (*HELLO, {"error": {"message": f"overloaded {LEAK}", "type": "server_error"}}),
    "error_str": (*HELLO, {"error": f"overloaded {LEAK}"}),
    "error_first": ({"error": {"message": f"overloaded {LEAK}", "type": "server_error"}},),
    "error_after_finish": (*HELLO, STOP, {"error": f"overloaded {LEAK}"}),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no stream: its status, its body and the headers that matter."""

    status: int
    body: bytes
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


def error(status: int, code: str | int | None, kind: str | None = None, *, after: str | None = None) -> Refusal:
    body = {"error": {"message": f"No. {LEAK} <script>alert(1)</script>", "type": kind, "code": code}}
    return Refusal(status, json.dumps(body).encode(), headers=(("Retry-After", after),) if after else ())


MARKED = Refusal(
    400,
    b'{"error": {"message": "Unknown parameter: \'prompt_cache_options\'.", "type": "invalid_request_error", '
    b'"param": "prompt_cache_options", "code": "unknown_parameter"}}',
)
WHOLE = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello world"}, "finish_reason": "stop"}]}
MODELS = {"object": "list", "data": [{"id": "scripted", "object": "model", "owned_by": "tests"}]}
HTML = f"<html><body>Bad gateway {LEAK} <script>alert(1)</script></body></html>".encode()

REFUSALS: dict[str, Refusal] = {
    "r400": error(400, "invalid_value"),
    "r401": error(401, "invalid_api_key"),
    "r403": error(403, "unsupported_country"),
    "r404": error(404, "model_not_found"),
    "r413": Refusal(413, HTML, "text/html"),
    "ctxlen": error(400, "context_length_exceeded", "invalid_request_error"),
    "ctxlen_llama": error(400, 400, "exceed_context_size_error"),  # llama.cpp's word for it
    "r429": error(429, "rate_limit_exceeded", after="1"),
    "r429_long": error(429, "rate_limit_exceeded", after="600"),
    "r429_silent": error(429, "rate_limit_exceeded"),
    "r429_date": error(429, "rate_limit_exceeded", after="Wed, 21 Oct 2037 07:28:00 GMT"),
    "r429_junk": error(429, "rate_limit_exceeded", after="soon"),
    "r429_negative": error(429, "rate_limit_exceeded", after="-1"),
    "r429_nan": error(429, "rate_limit_exceeded", after="nan"),
    "r429_quota": error(429, "insufficient_quota", "insufficient_quota", after="1"),
    "r500": Refusal(500, f"oops {LEAK}".encode(), "text/plain"),
    "r502html": Refusal(502, HTML, "text/html"),
    "r503html": Refusal(503, HTML, "text/html", (("Retry-After", "30"),)),
    "redirect": Refusal(302, b"", headers=(("Location", "/redirected/chat/completions"),)),
    "redirect307": Refusal(307, b"", headers=(("Location", "/redirected/chat/completions"),)),
    "html200": Refusal(200, HTML, "text/html"),
    "json200": Refusal(200, json.dumps(WHOLE).encode()),
    "json200_cut": Refusal(200, json.dumps(WHOLE).encode()[:40]),
    "json200_error": Refusal(200, json.dumps({"error": {"message": LEAK}}).encode()),
    "json200_empty": Refusal(200, b"{}"),
    "gzip_lie": Refusal(200, b"data: {}\n\n", "text/event-stream", (("Content-Encoding", "gzip"),)),
}


UNABLE = Refusal(400, json.dumps({"error": {"message": "this-model does not support tools"}}).encode())


class Answer:
    """One answer in the making: what is written goes to the client, what counts into the log."""

    def __init__(self, writer: asyncio.StreamWriter, entry: Entry) -> None:
        self.entry = entry
        self.writer = writer
        self._is_chunked = False

    async def write(self, head_or_body: bytes) -> None:
        self.writer.write(head_or_body)
        await self.writer.drain()

    async def whole(self, refusal: Refusal) -> None:
        headers = [("Content-Type", refusal.kind), ("Content-Length", str(len(refusal.body))), *refusal.headers]
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        await self.write(f"HTTP/1.1 {refusal.status} Scripted\r\n{head}\r\n".encode() + refusal.body)

    async def start(self, *, is_chunked: bool = True) -> None:
        self._is_chunked = is_chunked
        framing = b"Transfer-Encoding: chunked" if is_chunked else b"Connection: close"
        await self.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + framing + b"\r\n\r\n")

    async def send(self, part: bytes) -> None:
        await self.write(self._framed(part))

    async def events(self, *events: Event) -> None:
        for event in events:
            await self.send(b"data: " + self._payload(event) + b"\n\n")

    async def end(self) -> None:
        """End as OpenAI does, in one write: a client that closes at [DONE] has not closed in mid-stream."""
        await self.write(self._framed(b"data: [DONE]\n\n") + (b"0\r\n\r\n" if self._is_chunked else b""))

    async def hang(self) -> None:
        await asyncio.Event().wait()  # until the client goes

    def _framed(self, part: bytes) -> bytes:
        return b"%x\r\n%s\r\n" % (len(part), part) if self._is_chunked else part

    def _payload(self, event: Event) -> bytes:
        if isinstance(event, bytes):
            return event
        if isinstance(event, str):
            self.entry["sent_deltas"] += 1
            event = choice(content=event)
        named = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": self.entry["model"]}
        return json.dumps({**named, **event}).encode()


async def drop_headers(answer: Answer) -> None:
    answer.writer.close()


async def drop_chunked(answer: Answer) -> None:
    await answer.start()
    await answer.events(*HELLO)
    answer.writer.close()


async def drop_connclose(answer: Answer) -> None:
    await answer.start(is_chunked=False)
    await answer.events(*HELLO)
    answer.writer.close()


async def half_event(answer: Answer) -> None:
    await answer.start(is_chunked=False)
    await answer.events(*HELLO)
    await answer.send(b'data: {"id": "c1", "object": "chat.comp')
    answer.writer.close()


async def rst(answer: Answer) -> None:
    await answer.start()
    await answer.events(*HELLO)
    await asyncio.sleep(0.3)  # a reset throws away what a busy client has not received
    with suppress(OSError):  # who asked may be gone already
        answer.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    answer.writer.transport.abort()


async def bad_framing(answer: Answer) -> None:
    await answer.start()
    await answer.events(*HELLO)
    await asyncio.sleep(0.05)  # so that the text is read by itself
    await answer.write(b"no length at all\r\n")
    answer.writer.close()


async def not_http(answer: Answer) -> None:
    await answer.write(f"SSH-2.0-{LEAK}\r\n".encode())
    answer.writer.close()


async def no_done(answer: Answer) -> None:
    await answer.start()
    await answer.events(*HELLO)
    await answer.write(b"0\r\n\r\n")


async def hang_headers(answer: Answer) -> None:
    await answer.hang()


async def hang_first(answer: Answer) -> None:
    await answer.start()
    await answer.hang()


async def think_then_hang(answer: Answer) -> None:
    await answer.start()
    await answer.events(choice(reasoning_content="Hm."))
    await answer.hang()


async def think_slowly(answer: Answer) -> None:
    """Thoughts and comments for a second, never with a pause, then the answer."""
    await answer.start()
    for _ in range(25):
        await answer.send(b": ping\n\n")
        await answer.events(choice(reasoning_content="Hm."))
        await asyncio.sleep(0.04)
    await answer.events(*HELLO, STOP, usage(5, 2))
    await answer.end()


async def think_between(answer: Answer) -> None:
    await answer.start()
    await answer.events("Hello ")
    for _ in range(40):
        await answer.events(choice(reasoning_content="Hm."))
        await asyncio.sleep(0.1)
    await answer.events("world", STOP, usage(5, 2))
    await answer.end()


async def hang_mid(answer: Answer) -> None:
    await answer.start()
    await answer.events(*HELLO)
    await answer.hang()


async def hang_after_finish(answer: Answer) -> None:
    await answer.start()
    await answer.events(*HELLO, STOP)
    await answer.hang()


async def late_done(answer: Answer) -> None:
    await answer.start()
    await answer.events(*HELLO, STOP, usage(5, 2))
    await answer.send(b"data: [DONE]\n\n")
    await answer.hang()


async def held(answer: Answer) -> None:
    await answer.start()
    await Release.next.wait()
    await answer.events(*HELLO, STOP, usage(5, 2))
    await answer.end()


async def held_mid(answer: Answer) -> None:
    await answer.start()
    await answer.events("Hello ")
    await Release.next.wait()
    await answer.events("world", STOP, usage(5, 2))
    await answer.end()


class Release:
    """What `held` and `held_mid` wait for; `next` is of those who wait now."""

    next = asyncio.Event()

    @classmethod
    def now(cls) -> None:
        cls.next.set()
        cls.next = asyncio.Event()


async def ping_for_ever(answer: Answer) -> None:
    while True:
        await answer.send(b": ping\n\n")
        await asyncio.sleep(0.02)


async def keepalive_first(answer: Answer) -> None:
    await answer.start()
    await ping_for_ever(answer)


async def keepalive_forever(answer: Answer) -> None:
    await answer.start()
    await answer.events(*HELLO)
    await ping_for_ever(answer)


async def flood(answer: Answer) -> None:
    await answer.start()
    while True:
        await answer.events("x" * 1000)


async def bigline(answer: Answer) -> None:
    await answer.start()
    await answer.events(*HELLO, b'{"choices": [{"delta": {"content": "%s"}}]}' % (b"A" * 5_000_000), STOP)
    await answer.end()


async def biglines(answer: Answer) -> None:
    """One event of endless lines, each a small one."""
    await answer.start()
    await answer.events(*HELLO)
    while True:
        await answer.send(b"data: %s\n" % (b"A" * 10_000))


WIRE: dict[str, Callable[[Answer], Awaitable[None]]] = {
    script.__name__: script
    for script in (
        drop_headers, not_http, drop_chunked, drop_connclose, half_event, rst, bad_framing, no_done,
        hang_headers, hang_first, hang_mid, think_then_hang, think_slowly, think_between, hang_after_finish, held, held_mid, late_done, keepalive_first, keepalive_forever,
        flood, bigline, biglines,
    )
}  # fmt: skip

SPOKEN = re.compile(r"ok|say|say-[0-9]{1,6}-[0-9]{1,6}|echo|drip|prompt|shop|own")


def is_known(script: str) -> bool:
    return script in STREAMS or script in REFUSALS or script in WIRE or bool(SPOKEN.fullmatch(script))


def step(script: str, earlier: int) -> str:
    """Return which script answers, after so many earlier requests for it: then-A-B is A, later B."""
    if script.startswith("then-"):
        parts = script.split("-")[1:]
        for cut in range(1, len(parts)):
            first, rest = "-".join(parts[:cut]), "-".join(parts[cut:])
            if is_known(first) and (is_known(rest) or rest.startswith("then-")):
                return step(rest, earlier - 1) if earlier else first
    return script


def question(messages: list[dict[str, str]]) -> str:
    """Return the last user message."""
    return next((message["content"] for message in reversed(messages) if message["role"] == "user"), "")


def told(asked: str, earlier: int) -> str:
    """Return which script the last user message names, after so many earlier requests with the same message."""
    script = step(re.findall(r"^[\w-]*", asked)[0], earlier)
    return script if is_known(script) else "ok"


def own_answer(messages: list[dict[str, str]]) -> str:
    """Return what the prompt has as the shop's own answer."""
    found = re.findall(r"^ *Answer: (.+)$", "\n".join(message["content"] for message in messages), re.M)
    return found[-1] if found else "I don't know."


def speech(script: str, messages: list[dict[str, str]]) -> tuple[list[str], int]:
    """Return the deltas of a working script, and how many of them to send a second (0: no waiting)."""
    if script.startswith("say-"):
        rate, count = map(int, script.split("-")[1:])
        return [f"word{number}" if number == 1 else f" word{number}" for number in range(1, count + 1)], rate
    asked = question(messages)
    if script == "drip":
        return [asked[start : start + 3] for start in range(0, len(asked), 3)], 200
    texts = {
        "ok": "Hello world",
        "say": MARKDOWN,
        "echo": asked,
        "prompt": json.dumps(messages, ensure_ascii=False),
        "own": own_answer(messages),
        "shop": next((text for word, text in SHOP.items() if word in asked), MARKDOWN),
    }
    return re.findall(r"\s*\S+|\s+", texts[script]), 80 if script == "shop" else 0


async def speak(answer: Answer, script: str) -> None:
    deltas, rate = speech(script, answer.entry["messages"])
    if answer.entry["stream"]:
        await answer.start()
    started = time.monotonic()
    for number, text in enumerate(deltas):
        if rate:
            await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
        if answer.entry["stream"]:
            await answer.events(text)
            await asyncio.sleep(0)  # see the client go
    tokens = max(1, sum(len(message["content"]) for message in answer.entry["messages"]) // 4), len(deltas)
    if answer.entry["stream"]:
        await answer.events(STOP, usage(*tokens))
        await answer.end()
    else:
        said = [{"index": 0, "message": {"role": "assistant", "content": "".join(deltas)}, "finish_reason": "stop"}]
        named = {"id": "c1", "object": "chat.completion", "created": 1, "model": answer.entry["model"]}
        await answer.whole(Refusal(200, json.dumps(named | usage(*tokens, choices=said)).encode()))


async def perform(answer: Answer, script: str) -> None:
    if script == "no_marks":  # a server that knows nothing of marks for a cache
        is_marked = "prompt_cache_options" in answer.entry["body"]
        await (answer.whole(MARKED) if is_marked else speak(answer, "ok"))
    elif script == "no_tools":  # a server whose model calls no functions
        await (answer.whole(UNABLE) if "tools" in answer.entry["body"] else speak(answer, "ok"))
    elif script in REFUSALS:
        await answer.whole(REFUSALS[script])
    elif script in WIRE:
        await WIRE[script](answer)
    elif script in STREAMS:
        await answer.start()
        await answer.events(*STREAMS[script])
        await answer.end()
    elif SPOKEN.fullmatch(script):
        await speak(answer, script)
    else:
        await answer.whole(error(404, "no_such_script"))


class Peer(asyncio.StreamReaderProtocol):
    """One connection. `gone` is set as soon as the client closes it, whatever is being written."""

    def __init__(self, server: "Server") -> None:
        super().__init__(asyncio.StreamReader(limit=1 << 26), self._connected)
        self._server = server
        self.gone = asyncio.Event()

    def eof_received(self) -> bool | None:
        self.gone.set()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()
        super().connection_lost(exc)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talk = asyncio.create_task(self._server.talk(self, reader, writer))


class Server:
    """Answers the requests of all connections and keeps the log."""

    def __init__(self) -> None:
        self.log = list[Entry]()
        self._scripts, self._questions = Counter[str](), Counter[str]()
        """How many requests of the log are of each script, and with each last user message."""
        self._connections = 0

    async def talk(self, peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        connection = self._connections
        try:
            while not writer.is_closing():
                entry = await read_request(reader, connection)
                answer = Answer(writer, entry)
                if entry["path"].startswith("/log/"):
                    log = self.log[int(entry["path"].removeprefix("/log/")) :]
                    await answer.whole(Refusal(200, json.dumps(log).encode()))
                elif entry["path"] == "/release":
                    Release.now()
                    await answer.whole(Refusal(200, b"{}"))
                elif entry["path"].endswith("/models"):
                    await answer.whole(Refusal(200, json.dumps(MODELS).encode()))
                else:
                    script = self._script(entry)
                    self.log.append(entry)
                    is_asked = entry["method"] == "POST" and entry["path"] == f"/{entry['script']}/chat/completions"
                    await self._answer(peer, answer, script if is_asked else "")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _script(self, entry: Entry) -> str:
        """Return which script answers a request, and count it."""
        asked = question(entry["messages"])
        earlier, same = self._scripts[entry["script"]], self._questions[repr(asked)]
        self._scripts[entry["script"]] += 1
        self._questions[repr(asked)] += 1
        return told(asked, same) if entry["script"] == "as_told" else step(entry["script"], earlier)

    async def _answer(self, peer: Peer, answer: Answer, script: str) -> None:
        work = asyncio.create_task(perform(answer, script))
        gone = asyncio.create_task(peer.gone.wait())
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        answer.entry["ended"] = time.monotonic()
        answer.entry["closed_by_client"] = not work.done() or isinstance(work.exception(), ConnectionError)
        gone.cancel()
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


async def read_request(reader: asyncio.StreamReader, connection: int) -> Entry:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body: dict[str, Any] = json.loads(await reader.readexactly(int(headers.get("content-length", "0"))) or b"{}")
    return Entry(
        script=path.split("/")[1],
        method=method,
        path=path,
        connection=connection,
        headers=headers,
        authorization=headers.get("authorization"),
        body=body,
        model=body.get("model"),
        messages=body.get("messages", []),
        max_tokens=body.get("max_tokens", body.get("max_completion_tokens")),
        stream=body.get("stream", False),
        started=time.monotonic(),
        ended=None,
        closed_by_client=False,
        sent_deltas=0,
    )


async def main() -> None:
    server = Server()
    listener = await asyncio.get_running_loop().create_server(lambda: Peer(server), "127.0.0.1", 0)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.buffer.read)


@dataclass(frozen=True, slots=True)
class Upstream:
    """A running upstream, as tests see it."""

    port: int
    _over: list[Entry] = field(default_factory=list)
    """The first requests of the log: all of them are over, and nothing in them changes any more."""

    def url(self, script: str) -> str:
        return f"http://127.0.0.1:{self.port}/{script}"

    def log(self) -> list[Entry]:
        """Return all requests so far; of a run's thousands only those are fetched that this process does not know."""
        entries: list[Entry] = self._get(f"/log/{len(self._over)}")
        log = [*self._over, *entries]
        self._over.extend(takewhile(lambda entry: entry["ended"] is not None, entries))
        return log

    def release(self) -> None:
        """Release those that wait under `held` and `held_mid`."""
        self._get("/release")

    def _get(self, path: str) -> Any:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    async def over(self, script: str, within_seconds: float = 0.3) -> Entry:
        """Return the newest request for this script as soon as it is over, or as it stands when that takes longer."""
        last = time.monotonic() + within_seconds
        while True:
            entry = [entry for entry in self.log() if entry["script"] == script][-1]
            if entry["ended"] is not None or time.monotonic() > last:
                return entry
            await asyncio.sleep(0.01)


@contextmanager
def running() -> Iterator[Upstream]:
    """Start an upstream of one's own and end it afterwards."""
    process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with process:  # closes its pipes and waits for it
        try:
            assert process.stdout is not None
            yield Upstream(int(process.stdout.readline()))
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(main())
