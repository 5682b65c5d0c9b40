"""The door to the models: the openai client, its errors as faults, its stream as events.

openai is imported when the first model is asked only: the import costs 0.3 s.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, closing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit

import msgspec

from completions import caching
from completions.answer import Answer
from completions.deadline import Deadline
from completions.faults import Fault, ModelFault, Word, fault_of_status
from completions.reasons import outcome
from completions.stream import Delta, Event, Finished, Parser, Restarted, Usage
from settings import Limits, Model

if TYPE_CHECKING:
    import httpx2

    from completions.pool import Pool

log = logging.getLogger("storekeeper.completions")

Message = Mapping[str, str]
LARGEST_REPLY = 400_000
_USAGE_SECONDS = 2.0
_END_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Request:
    """One completion to ask for. `max_tokens` bounds the answer; `cache_key` groups requests with one prefix.

    `marks` and `goes_on` say what of the messages is worth keeping for the next request, see `caching.body`.
    """

    model: Model
    messages: Sequence[Message]
    max_tokens: int
    cache_key: str | None = None
    streamed: bool = True
    marks: Sequence[int] = ()
    goes_on: bool = False


class Completer(Protocol):
    """What answers requests: the door itself, or a script in a test."""

    def stream(self, request: Request) -> AsyncGenerator[Event, None]: ...


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer."""

    text: str
    reason: str
    usage: Usage | None
    seconds: float


class Client:
    """Asks models over HTTP. One pool of connections a server; keys go only to the server they are for."""

    def __init__(self, environ: Mapping[str, str], limits: Limits) -> None:
        self._environ = environ
        self._limits = limits
        self._pools: dict[tuple[str | None, str], Pool] = {}
        self._begins_with_thoughts = set[str]()
        """Models whose answers begin with thoughts that only a closing tag tells."""
        self._refuses_marks = set[str]()
        """Models whose server did not take a prompt with marks for its cache."""

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.close()
        self._pools.clear()

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """Ask and yield the answer's events as they come; Finished and Usage stand at its end.

        The last finish reason counts that is one. Without any, [DONE] or the clean end of the body behind text means
        `stop`. ModelFault for everything that goes wrong: a body that breaks off, a reason that tells of a failure or
        that nobody knows, an answer without a word. From the first Delta on the fault is neither for elsewhere nor for
        again: the text would be paid and read twice. Of several Usages the newest counts: some servers count along.
        Any sign of life puts the first-token limit off; silence is bounded by the idle limit then.
        Close the iterator to stop: the connection is closed with it. The request is let go once it is sent.
        """
        limits, clock = self._limits, asyncio.get_running_loop().time
        started = clock()
        model, last = request.model, started + limits.reply_seconds
        first = last if model.gguf else min(last, started + limits.first_token_seconds)
        answer = Answer(is_thinking=model.name in self._begins_with_thoughts)
        has_spoken = is_over = False
        problem: Fault | None = None
        ended_at: float | None = None
        batches = self._events(request)
        del request
        async with aclosing(batches):
            with closing(Deadline(first)) as deadline:
                while not is_over:
                    batch: list[Event] | None = None
                    try:
                        with deadline:  # around each step only: it must not strike whoever reads the events
                            batch = await anext(batches, None)
                    except TimeoutError:
                        word: Word = "slow_start" if not has_spoken else "too_slow" if clock() >= last else "silent"
                        problem = Fault(word, elsewhere=True)
                    except ModelFault as error:
                        problem = error.fault
                    is_over = batch is None
                    told = answer.end() if batch is None else answer.take(batch)
                    if answer.size > LARGEST_REPLY:
                        raise ModelFault(Fault("too_big", elsewhere=not has_spoken))
                    for event in told:
                        if isinstance(event, Delta):
                            has_spoken = True
                        elif isinstance(event, Restarted):
                            self._note_thoughts(model, answer)
                        yield event
                    if answer.finished is not None and answer.has_ended:
                        ended_at = ended_at or clock()
                        wait = _USAGE_SECONDS if answer.finished.is_alone else limits.idle_seconds
                        deadline.at = min(last, ended_at + wait)
                        continue
                    ended_at = None
                    # from now on: the reader's time is not the model's
                    if not has_spoken:
                        deadline.at = max(deadline.at, min(last, clock() + limits.idle_seconds))
                    elif told:
                        deadline.at = min(last, clock() + limits.idle_seconds)
        self._note_thoughts(model, answer)
        for event in _ending(model, answer, problem, has_spoken=has_spoken):
            yield event

    def _note_thoughts(self, model: Model, answer: Answer) -> None:
        """Remember whether the model begins with thoughts without an opening tag: its next answer is kept back until they end."""
        if not answer.began_with_thoughts:
            self._begins_with_thoughts.discard(model.name)
        elif model.name not in self._begins_with_thoughts:
            log.warning("thoughts_without_opening_tag", extra={"model": model.name})
            self._begins_with_thoughts.add(model.name)

    async def _events(self, request: Request) -> AsyncGenerator[list[Event], None]:
        """Yield the events of each piece of the body that arrives, and of what stands at its end."""
        import httpx2
        import openai

        pool = await self._pool(request.model)
        try:
            raw = await self._post(pool, request)
            del request  # it is as large as the shop's data, and answers take long
            async with aclosing(raw):
                parser = Parser()
                pieces = _pieces(raw)
                async for piece in pieces:
                    yield parser.feed(piece)
                    if parser.fault:
                        raise ModelFault(parser.fault)
                    if parser.is_done:  # only a body read to its end leaves the connection for the next request
                        with suppress(TimeoutError):
                            async with asyncio.timeout(_END_SECONDS):
                                async for _ in pieces:
                                    pass
                        return
                yield parser.end()
                if parser.fault:
                    raise ModelFault(parser.fault)
        except openai.APIStatusError as error:
            code = error.type if error.code in (None, str(error.status_code)) else error.code  # the latter: llama.cpp
            fault = fault_of_status(error.status_code, code, error.response.headers.get("retry-after"))
            raise ModelFault(fault) from None
        except openai.APIConnectionError:
            raise ModelFault(Fault("unreachable", elsewhere=True, again=True)) from None
        except httpx2.DecodingError:  # a body that is not compressed as it says
            raise ModelFault(Fault("garbled", elsewhere=True)) from None
        except httpx2.TransportError:  # the latter: HTTP so broken that nobody translates it
            raise ModelFault(Fault("broken_off", elsewhere=True, again=True)) from None

    async def _post(self, pool: "Pool", request: Request) -> "httpx2.Response":
        """Send the request; once more without marks for a cache, now and from then on, where the server refuses these."""
        import openai

        is_marked = self._is_marked(request.model)
        try:
            return await pool.ask(self._body(request))
        except openai.BadRequestError as error:
            if not is_marked or "prompt_cache" not in str(error):
                raise
        log.warning("cache_marks_refused", extra={"model": request.model.name})
        self._refuses_marks.add(request.model.name)
        return await pool.ask(self._body(request))

    def _body(self, request: Request) -> bytes:
        """Give the request's JSON."""
        model = request.model
        is_openai = self._is_openai(model)
        body: dict[str, Any] = {
            "model": model.name,
            "messages": request.messages,
            "stream": request.streamed,
            "max_completion_tokens" if is_openai else "max_tokens": request.max_tokens,
        }
        if self._is_marked(model):
            body |= caching.body(request.messages, request.marks, goes_on=request.goes_on)
        if request.streamed:
            body["stream_options"] = {"include_usage": True}
        if is_openai and request.cache_key:
            body["prompt_cache_key"] = request.cache_key
        return msgspec.json.encode(body | model.parameters)

    def _is_marked(self, model: Model) -> bool:
        if model.name in self._refuses_marks:
            return False
        if model.cache_marks is not None:
            return model.cache_marks
        return self._is_openai(model) and caching.is_marked(model.name)

    def _is_openai(self, model: Model) -> bool:
        address = model.base_url or self._environ.get("OPENAI_BASE_URL")
        return not address or f".{urlsplit(address).hostname}".endswith(".openai.com")

    async def _pool(self, model: Model) -> "Pool":
        """Give the pool for the model's server, made at first use in a thread: importing and certificates are slow."""
        variable = model.api_key_env or (None if model.base_url else "OPENAI_API_KEY")
        key = (self._environ.get(variable, "") if variable else "").strip() or "none"
        if not key.isascii() or not key.isprintable():  # no header can carry it
            raise ModelFault(Fault("key_refused", elsewhere=True, is_owners=True))
        address = model.base_url or self._environ.get("OPENAI_BASE_URL") or None
        if (address, key) not in self._pools:
            pool = await asyncio.to_thread(_make_pool, address, key, is_others=model.base_url is not None)
            self._pools.setdefault((address, key), pool)
        return self._pools[address, key]


def _make_pool(address: str | None, key: str, *, is_others: bool) -> "Pool":
    from completions.pool import Pool

    return Pool(address, key, is_others=is_others)


def _pieces(raw: "httpx2.Response") -> AsyncIterator[bytes]:
    """Give the body as it comes. A compressed one, which nobody asked for, goes the answer's own way, dear for each piece."""
    is_plain = "content-encoding" not in raw.headers
    return aiter(cast("httpx2.AsyncByteStream", raw.stream)) if is_plain else raw.aiter_bytes()


def _ending(model: Model, answer: Answer, problem: Fault | None, *, has_spoken: bool) -> Iterator[Event]:
    """Yield how the answer ended and what it took; raise ModelFault for one that is not whole."""
    reason = answer.finished.reason if answer.finished else "stop"
    ending = outcome(reason)
    if problem is not None and answer.has_ended:
        log.warning("fault_after_finish", extra={"model": model.name, "fault": problem.word})
        problem = None
    if problem is None and ending in ("failed", "unknown"):
        log.warning("answer_not_finished", extra={"model": model.name, "reason": reason[:80]})
        problem = Fault("error_event", elsewhere=True, again=True)
    elif problem is None and not answer.chars and ending in ("stop", "length"):
        problem = Fault("empty", elsewhere=True, again=answer.finished is None)
    if problem is None:
        yield Finished(ending or "stop")
    if answer.usage is not None:
        yield answer.usage
    if problem is not None:
        raise ModelFault(replace(problem, elsewhere=False, again=False) if has_spoken else problem)


def warm() -> None:
    """Import the client ahead of its first use. Blocks for about 0.3 s of CPU: call it in a thread."""
    import completions.pool  # noqa: F401


async def complete(completer: Completer, request: Request) -> Completion:
    """Ask and wait for the whole answer. ModelFault as `Client.stream`."""
    started = time.monotonic()
    parts, reason, usage = list[str](), "", None
    async with aclosing(completer.stream(request)) as events:
        async for event in events:
            match event:
                case Delta(text):
                    parts.append(text)
                case Restarted():
                    parts.clear()
                case Finished(said):
                    reason = said
                case Usage():
                    usage = event
    return Completion("".join(parts), reason, usage, time.monotonic() - started)
