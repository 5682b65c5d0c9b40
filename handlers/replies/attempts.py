"""The attempts of one turn to get an answer: which models are asked, in which order, and what is paid for before each.

The next attempt is made only before the first words: after them a second answer would double the text.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from hashlib import sha256
from time import monotonic

from completions.errors import ErrorDetails, ModelError
from completions.request import CompletionRequest, Message
from completions.stream import Delta, Event, Finished
from handlers.replies import searching
from handlers.replies.accounting import ModelCall, note_calls, reserve, tokens_of
from handlers.replies.checking import Gather, nothing
from handlers.replies.pacing import Stop
from handlers.replies.searching import SearchOffer
from handlers.services import Services, in_thread
from memory.context import sent_photos
from memory.context.model_choice import Candidate
from memory.context.prompt import Prompt
from memory.storage.folders import Folder
from memory.usage.budget import BudgetExceeded, Reserved
from shop.answers.asking import ShopQuestion

log = logging.getLogger("storekeeper.turn")

_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 5.0
"""Where a provider asks for a longer pause, the reply ends at once: nobody waits that long without a word."""


class OutOfBudget(Exception):
    """The daily budget does not cover another request."""


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """What is asked, and the models that can read it in the order to ask them.

    `reserved` is what was reserved of the day's budget for one of them, None where nothing is limited.
    """

    prompt: Prompt
    candidates: Sequence[Candidate]
    reserved: Reserved | None
    asked: ShopQuestion
    """The question as the catalogue reads it."""
    evidence: Gather = nothing
    """What the answer's claims are held against."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A model to ask, and how often it is asked again where it fails before its first words."""

    candidate: Candidate
    retries: int = 0


async def answer(
    services: Services, folder: Folder, request: PreparedRequest, stop: Stop, calls: list[ModelCall]
) -> AsyncGenerator[tuple[Candidate, Event], None]:
    """Ask the models, one after the other, until one begins to answer; return its events, each with the model.

    Each call is added to `calls`. ModelError when the last attempt failed, OutOfBudget before an attempt that the budget
    does not cover, Stopped.
    """
    attempts = _plan(services, request)
    reserved = request.reserved
    while True:
        candidate = attempts[0].candidate
        log.debug("model_asked", extra={"person": folder.name, "model": candidate.model.name, "why": candidate.why})
        asked = _Asked(services, folder, request, candidate, stop, calls)
        before = len(calls)
        try:
            async with aclosing(_events(asked, reserved)) as events:
                async for event in events:
                    yield candidate, event
            return
        except ModelError as error:
            has_output = any(call.has_output for call in calls[before:])
            pause_seconds = None if has_output else _next(attempts, error.fault)
            if pause_seconds is None:
                raise
            log.warning("next_model", extra={"model": candidate.model.name, "fault": str(error)})
        with stop:
            await asyncio.sleep(pause_seconds)
        reserved = await in_thread(reserve_again, services, folder, request.prompt, attempts[0].candidate, calls)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One attempt: the model, the request, the user, and where its calls are noted."""

    services: Services
    folder: Folder
    prepared: PreparedRequest
    candidate: Candidate
    stop: Stop
    calls: list[ModelCall]


async def _events(asked: _Asked, reserved: Reserved | None) -> AsyncGenerator[Event, None]:
    """Ask one model and yield its answer's events; where it asks for a search, ask again with what that found, once.

    Both requests have one deadline, and each is a call of its own in the ledger. Words before the search stay.
    """
    services, prompt, candidate = asked.services, asked.prepared.prompt, asked.candidate
    offered = await in_thread(searching.offer, services, prompt, candidate) if candidate.model.tools else None
    first = await _first_request(asked, offered)
    call = _call_of(asked, prompt, offered, reserved)
    async with aclosing(_call(asked, first, call)) as events:
        async for event in events:
            yield event
    if offered is None or call.called is None:
        return
    with asked.stop:
        second = await in_thread(searching.continued_request, services, first, offered, call.text, call.called)
    longer = searching.with_added(prompt, second, first)
    reserved = await in_thread(reserve_again, services, asked.folder, longer, candidate, asked.calls)
    if call.text:
        yield Delta("\n\n")
    async with aclosing(_call(asked, second, _call_of(asked, longer, offered, reserved))) as events:
        async for event in events:
            yield event


async def _first_request(asked: _Asked, offered: SearchOffer | None) -> CompletionRequest:
    """Return what the model is asked: with the photos that it can look at, and the search where it is offered."""
    prompt, limits = asked.prepared.prompt, asked.services.settings.limits
    model = asked.candidate.model
    messages: Sequence[Message] = prompt.messages
    if prompt.photos:
        messages = await in_thread(sent_photos.messages, prompt, asked.folder, is_seen=model.images)
    request = CompletionRequest(
        model,
        messages,
        min(limits.reply_tokens, model.max_output),
        sha256(asked.folder.name.encode()).hexdigest()[:32],
        breakpoints=prompt.breakpoints,
        extends=prompt.extends,
        ends=prompt.ends,
        asked=asked.prepared.asked,
        due=asyncio.get_running_loop().time() + limits.reply_seconds,
    )
    return offered.in_request(request) if offered is not None else request


def _call_of(asked: _Asked, prompt: Prompt, offered: SearchOffer | None, reserved: Reserved | None) -> ModelCall:
    """Return the call of a prompt, for the ledger, with its tokens as they are counted here."""
    model = asked.candidate.model
    counted = tokens_of(prompt, model) + (offered.spec_tokens if offered is not None else 0)
    return ModelCall(model, counted, reserved=reserved, has_photos=bool(prompt.photos) and model.images)


async def _call(asked: _Asked, request: CompletionRequest, call: ModelCall) -> AsyncGenerator[Event, None]:
    """Make one call of a model and yield its events. What it calls is noted in `call`, and is no end of the answer then."""
    asked.calls.append(call)
    try:
        async with aclosing(asked.services.completer_of(request.model).stream(request)) as events:
            while True:
                with asked.stop:
                    event = await anext(events, None)
                if event is None:
                    return
                call.add_event(event)
                if call.called is None:
                    yield event
                elif not request.may_call and isinstance(event, Finished):  # it called once more: what it said counts
                    yield Finished("stop") if call.text.strip() else event
    except ModelError as error:
        call.ending = error.fault.kind
        raise
    finally:
        call.seconds = monotonic() - call.started


def _plan(services: Services, request: PreparedRequest) -> deque[Attempt]:
    """Return the attempts in order: the model that the budget is reserved for first; a lone one is asked twice."""
    candidates, reserved = list(request.candidates), request.reserved
    if not candidates:
        raise ModelError(_no_candidate(services))
    if reserved is not None and candidates[0].model.name != reserved.model:
        n = next(n for n, one in enumerate(candidates) if one.model.name == reserved.model)
        candidates.insert(0, replace(candidates.pop(n), why="budget"))
    retries = 1 if len(candidates) == 1 else 0
    return deque(Attempt(candidate, retries) for candidate in candidates)


def _no_candidate(services: Services) -> ErrorDetails:
    """Return why no model can be asked: all have ended, or none can read the prompt."""
    today = services.now().date()
    ends = [services.settings.model(name).ends for name in services.settings.chat]
    if all(end is not None and end <= today for end in ends):
        return ErrorDetails("no_model", is_owners=True)
    return ErrorDetails("too_long")


def _next(attempts: deque[Attempt], fault: ErrorDetails) -> float | None:
    """Go on to the next attempt; return the seconds to wait before it, None when there is none after this fault."""
    failed = attempts.popleft()
    if failed.retries:
        wait = _PAUSE_SECONDS if fault.retry_after_seconds is None else fault.retry_after_seconds
        attempts.appendleft(replace(failed, retries=failed.retries - 1))
        return wait if fault.again and wait <= _LONGEST_PAUSE_SECONDS else None
    if not attempts or not fault.try_next:
        return None
    following = attempts[0].candidate
    attempts[0] = replace(attempts[0], candidate=replace(following, why=following.why or "unavailable"))
    return 0.0


def reserve_again(
    services: Services, folder: Folder, prompt: Prompt, candidate: Candidate, calls: list[ModelCall]
) -> Reserved | None:
    """Settle the calls that failed and reserve the budget for another one. Blocks."""
    if calls[0].reserved is None:
        return None
    note_calls(services, folder, calls)
    reserved = reserve(services, folder, prompt, [candidate], "chat", services.settings.limits.reply_tokens)
    if isinstance(reserved, BudgetExceeded):
        raise OutOfBudget
    return reserved
