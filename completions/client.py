"""All that asks a model: the openai client, its errors as faults, its stream as events.

openai is imported when the first model is asked only: the import costs 0.3 s.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, closing, suppress
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import msgspec

from completions import embedded, prompt_cache
from completions.answer import Answer
from completions.deadline import Deadline
from completions.dialect import MOST_REFUSALS, Dialect
from completions.errors import (
    ErrorDetails,
    ErrorKind,
    ModelError,
    fault_of_answer,
    masked,
    shown_address,
    without_quotes,
)
from completions.reach import Reach, reach
from completions.reasons import outcome
from completions.request import CompletionRequest
from completions.stream import Delta, Event, Finished, Parser, Restarted, Usage
from completions.tools import Called
from settings import Limits, Model

if TYPE_CHECKING:
    import httpx2

    from completions.endpoint import Endpoint

log = logging.getLogger("storekeeper.completions")

LARGEST_REPLY = 400_000
_USAGE_SECONDS = 2.0
_END_SECONDS = 0.1
_LOOK_SECONDS = 0.25


class Completer(Protocol):
    """What answers requests: the client itself, or a script in a test."""

    def stream(self, request: CompletionRequest) -> AsyncGenerator[Event, None]: ...


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer."""

    text: str
    reason: str
    usage: Usage | None
    seconds: float


_Stream = Callable[["Client", CompletionRequest], AsyncGenerator[Event, None]]


def _with_log(stream: _Stream) -> _Stream:
    """Log the fault that ends a stream, whichever it is and wherever it came from."""

    @wraps(stream)
    async def logged(self: "Client", request: CompletionRequest) -> AsyncGenerator[Event, None]:
        model = request.model
        events = stream(self, request)
        del request
        try:
            async with aclosing(events):
                async for event in events:
                    yield event
        except ModelError as error:
            raise ModelError(self._logged(model, error.fault)) from None

    return logged


class Client:
    """Asks models over HTTP. One pool of connections a server; keys go only to the server they are for."""

    def __init__(self, environ: Mapping[str, str], limits: Limits) -> None:
        self._environ = environ
        self._limits = limits
        self._endpoints: dict[Reach, Endpoint] = {}
        self._dialects: dict[str, Dialect] = {}
        """What a model's server has been found to take, by the model's name."""
        self._unstreamed = set[str]()
        """Models whose server sent a whole answer where a stream was asked for."""
        self._are_loaded = set[str]()
        """Models of GGUF files here that have been waited for."""
        self._begins_with_thoughts = set[str]()
        """Models whose answers begin with thoughts that only a closing tag tells."""

    async def close(self) -> None:
        for endpoint in self._endpoints.values():
            await endpoint.close()
        self._endpoints.clear()

    @_with_log
    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Event, None]:
        """Ask and yield the answer's events as they come; Finished and Usage stand at its end.

        The last finish reason counts that is one. Without any, [DONE] or the clean end of the body behind text means
        `stop`. ModelError for everything that goes wrong: a body that breaks off, a reason that tells of a failure or
        that nobody knows, an answer without a word. From the first Delta on the fault is neither for elsewhere nor for
        again: the text would be paid and read twice. Of several Usages the newest counts: some servers count along.
        Any sign of life puts the first-token limit off; silence is bounded by the idle limit then.
        Close the iterator to stop: the connection is closed with it. The request is let go once it is sent.
        """
        limits, clock = self._limits, asyncio.get_running_loop().time
        started = clock()
        model, takes_calls = request.model, bool(request.tools)
        last = min(request.due or started + limits.reply_seconds, started + limits.reply_seconds)
        first = last if model.gguf else min(last, started + limits.first_token_seconds)
        answer = Answer(is_thinking=model.name in self._begins_with_thoughts)
        has_output = is_over = False
        problem: ErrorDetails | None = None
        ended_at: float | None = None
        batches = self._events(request)
        del request
        async with aclosing(batches):
            with closing(Deadline(first)) as deadline:
                while not is_over:
                    batch: list[Event] | None = None
                    try:
                        with deadline:  # around each step only: it must not cancel the reader of the events
                            batch = await anext(batches, None)
                    except TimeoutError:
                        word: ErrorKind = (
                            "slow_start" if not has_output else "too_slow" if clock() >= last else "silent"
                        )
                        problem = ErrorDetails(word, try_next=True)
                    except ModelError as error:
                        problem = error.fault
                    is_over = batch is None
                    told = answer.end() if batch is None else answer.take(batch)
                    if answer.size > LARGEST_REPLY:
                        raise ModelError(ErrorDetails("too_big", try_next=not has_output))
                    for event in told:
                        has_output |= isinstance(event, Delta)
                        if isinstance(event, Restarted):
                            self._note_thoughts(model, answer)
                        yield event
                    ended_at = (ended_at or clock()) if answer.finished is not None and answer.has_ended else None
                    # from now on: the reader's time is not the model's
                    heard_at = clock() if told or not has_output else None
                    deadline.at = min(last, self._due(deadline.at, answer, ended_at, heard_at, has_output=has_output))
        self._note_thoughts(model, answer)
        for event in _ending(model, answer, problem, has_output=has_output, takes_calls=takes_calls):
            yield event

    def _due(
        self, due: float, answer: Answer, ended_at: float | None, heard_at: float | None, *, has_output: bool
    ) -> float:
        """Return the loop's time by which the next events are due.

        Behind the end only usage is waited for; `heard_at` is when words came, or, before the first one, a sign of life.
        """
        idle = self._limits.idle_seconds
        if ended_at is not None and answer.finished is not None:
            return ended_at + (_USAGE_SECONDS if answer.finished.is_alone else idle)
        if heard_at is None:
            return due
        return heard_at + idle if has_output else max(due, heard_at + idle)

    def _note_thoughts(self, model: Model, answer: Answer) -> None:
        """Remember whether the model begins with thoughts without an opening tag: its next answer is kept back until they end."""
        if not answer.began_with_thoughts:
            self._begins_with_thoughts.discard(model.name)
        elif model.name not in self._begins_with_thoughts:
            log.warning("thoughts_without_opening_tag", extra={"model": model.name})
            self._begins_with_thoughts.add(model.name)

    async def _events(self, request: CompletionRequest) -> AsyncGenerator[list[Event], None]:
        """Yield the events of each piece of the body that arrives, and of what stands at its end.

        ModelError(`broken_off`) for a body that ends before its framing says so.
        """
        model, is_streamed = request.model, request.streamed
        await self._loaded(model)
        endpoint = await self._endpoint(model)
        answer = await self._ask(endpoint, request)
        del request  # it is as large as the shop's data, and answers take long
        async with aclosing(answer), aclosing(endpoint.pieces(answer)) as pieces:
            parser, piece = Parser(), b""
            async for piece in pieces:
                yield parser.feed(piece)
                if parser.fault:
                    break
                if parser.is_done:  # only a body read to its end leaves the connection for the next request
                    with suppress(TimeoutError, ModelError):
                        async with asyncio.timeout(_END_SECONDS):
                            async for _ in pieces:
                                pass
                    return
            if not parser.fault:
                yield parser.end()
            if parser.is_document and is_streamed and model.name not in self._unstreamed:
                self._unstreamed.add(model.name)
                log.warning("not_streamed", extra={"model": model.name, "address": endpoint.reach.shown})
            if parser.fault and parser.fault.kind == "not_a_stream":  # the title of a page tells whose it is
                raise ModelError(replace(parser.fault, message=fault_of_answer(200, piece, {}).message))
            if parser.fault:
                raise ModelError(parser.fault)

    async def _loaded(self, model: Model) -> None:
        """Wait until a GGUF file has been read, which takes seconds for each gigabyte, as long as for a first word."""
        if not model.gguf or model.base_url is None or model.name in self._are_loaded:
            return
        last = time.monotonic() + self._limits.first_token_seconds
        while await asyncio.to_thread(embedded.is_loading, model.base_url) and time.monotonic() < last:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_SECONDS)
        self._are_loaded.add(model.name)

    async def _ask(self, endpoint: "Endpoint", request: CompletionRequest) -> "httpx2.Response":
        """Send the request; again without what the server refuses of it, and once that is taken, so from then on."""
        documented = dialect = self._dialect(request.model)
        refusals = list[ErrorDetails]()
        while True:
            body = dialect.body(request)
            try:
                answer = await endpoint.ask(msgspec.json.encode(body))
            except ModelError as error:
                fault = replace(error.fault, message=without_quotes(error.fault.message, request.messages))
                learned = dialect.without(fault, body) if len(refusals) < MOST_REFUSALS else None
                if learned is None:
                    raise ModelError(fault) from None
                dialect = learned
                refusals.append(fault)
                continue
            if refusals:
                self._dialects[request.model.name] = dialect
                told = {"model": request.model.name, "asked_without": dialect.told(documented), **refusals[0].logged()}
                log.warning("parameter_refused", extra=told)
            return answer

    def _dialect(self, model: Model) -> Dialect:
        """Return how the model is asked: as its server has shown, else as its provider documents it."""
        if model.name in self._dialects:
            return self._dialects[model.name]
        return self._documented(model)

    def _documented(self, model: Model) -> Dialect:
        is_openai = self._is_openai(model)
        names = ["max_completion_tokens", "max_tokens"] if is_openai else ["max_tokens", "max_completion_tokens"]
        return Dialect(
            bound=next((name for name in names if name not in model.remove), None),
            cache_key=is_openai,
            breakpoints=is_openai and prompt_cache.takes_breakpoints(model.name)
            if model.cache_marks is None
            else model.cache_marks,
            left_out=frozenset(model.remove),
        )

    def _is_openai(self, model: Model) -> bool:
        address = model.base_url or self._environ.get("OPENAI_BASE_URL")
        return not address or f".{urlsplit(address).hostname}".endswith(".openai.com")

    async def _endpoint(self, model: Model) -> "Endpoint":
        """Return the model's server, made at first use in a thread: importing and certificates are slow."""
        found = reach(model, self._environ)
        if found not in self._endpoints:
            self._endpoints.setdefault(found, await asyncio.to_thread(_make_endpoint, found))
        return self._endpoints[found]

    def found(self, model: Model) -> tuple[str, bool]:
        """Return what of a request the model's server has refused, in words, and whether it streams, as far as it was asked."""
        documented = self._documented(model)
        return self._dialect(model).told(documented), model.name not in self._unstreamed

    async def offered(self, model: Model) -> list[str]:
        """Return the names of the models that the model's server offers. ModelError where it does not tell."""
        return await (await self._endpoint(model)).models()

    def _logged(self, model: Model, fault: ErrorDetails) -> ErrorDetails:
        """Log a fault with all that the owner needs to mend it, and return it with the address that was asked."""
        try:
            found = reach(model, self._environ)
            address, secrets = found.shown, found.secrets
        except ModelError:  # a key that no header can carry
            address, secrets = shown_address(model.base_url or ""), ()
        fault = replace(fault, address=address, message=masked(fault.message, secrets))
        level = logging.ERROR if fault.is_owners else logging.WARNING
        log.log(level, "model_fault", extra={"model": model.name, **fault.logged()})
        return fault


def _make_endpoint(found: Reach) -> "Endpoint":
    from completions.endpoint import Endpoint

    return Endpoint(found)


def _ending(
    model: Model, answer: Answer, problem: ErrorDetails | None, *, has_output: bool, takes_calls: bool
) -> Iterator[Event]:
    """Yield how the answer ended and what it took; raise ModelError for one that is not whole.

    Where functions were offered, an answer with calls ends with them, whatever reason the server gives.
    """
    reason = answer.finished.reason if answer.finished else "stop"
    ending = outcome(reason)
    calls = answer.calls if takes_calls and ending in ("stop", "length", "tool_calls") else ()
    ending = "tool_calls" if calls else ending
    if problem is not None and answer.has_ended:
        log.warning("fault_after_finish", extra={"model": model.name, "fault": problem.kind})
        problem = None
    if problem is None and ending in ("failed", "unknown"):
        log.warning("answer_not_finished", extra={"model": model.name, "reason": reason[:80]})
        problem = ErrorDetails("error_event", try_next=True, again=True)
    elif problem is None and not answer.chars and ending in ("stop", "length"):
        problem = ErrorDetails("empty", try_next=True, again=answer.finished is None)
    if problem is None and calls:
        yield Called(calls)
    if problem is None:
        yield Finished(ending or "stop")
    if answer.usage is not None:
        yield answer.usage
    if problem is not None:
        raise ModelError(replace(problem, try_next=False, again=False) if has_output else problem)


def preload() -> None:
    """Import the client ahead of its first use. Blocks for about 0.3 s of CPU: call it in a thread."""
    import completions.endpoint  # noqa: F401


async def complete(completer: Completer, request: CompletionRequest) -> Completion:
    """Ask and wait for the whole answer. ModelError as `Client.stream`."""
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
