"""One turn of the conversation, from the message to the kept reply: read this first.

A turn is an iterator of small frozen events. It knows nothing of HTML or HTTP, and what an event says is already on the
disk: the question before Asked, the words before Wrote, the whole reply before Replied.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from time import monotonic

from completions.client import CompletionRequest
from completions.errors import ErrorDetails, ModelError
from completions.reasons import outcome
from completions.stream import Delta, Event, Finished, Restarted, Thinking
from handlers.replies import fallback
from handlers.replies.accounting import ModelCall, note_calls, price, receipt_of, release, reserve
from handlers.replies.compaction import sizes_of
from handlers.replies.pacing import Stop, Stopped, Writing
from handlers.services import Services, in_thread
from memory.context import compaction, model_choice, summary, window
from memory.context.compaction import Sizes
from memory.context.model_choice import Candidate, Why
from memory.context.prompt import Prompt, build
from memory.conversations import turns as conversation
from memory.conversations.records import Ending, Record
from memory.conversations.turns import Accepted, Action, PlannedTurn, RateLimited, ReplyId, ReplyInProgress, StaleView
from memory.i18n import Translate
from memory.storage.folders import Folder, StorageError
from memory.usage.budget import BudgetExceeded, Reserved
from settings import Limits
from shop import texts
from shop.texts import PromptsUnreadable

log = logging.getLogger("storekeeper.turn")


@dataclass(frozen=True, slots=True)
class Asked:
    """The question is kept and its reply begins. `draft` is what a continued reply begins with."""

    reply_id: ReplyId
    question: Record
    replaces: int | None
    draft: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """The reply's words so far, all of them. They go on from the ones before, unless those were thoughts."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """The model thinks now, before its first word or between two."""


@dataclass(frozen=True, slots=True)
class Replied:
    """The reply is kept, whole, cut, stopped or failed: its ending tells. `retry_after_seconds`: the provider's wish."""

    record: Record
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ReplyNotSaved:
    """The reply could not be kept on the disk; `record` is what it would have been."""

    record: Record


@dataclass(frozen=True, slots=True)
class RefusedTurn:
    """Nothing was accepted and nothing changed: the message was not taken in."""

    reason: ReplyInProgress | RateLimited | StaleView | BudgetExceeded


Step = Asked | Wrote | Thought | Replied | ReplyNotSaved | RefusedTurn


async def run_turn(
    services: Services, folder: Folder, wish: Action, stop: Stop, chosen: str | None = None, say: Translate = str
) -> AsyncGenerator[Step, None]:
    """Take one message in and answer it, by the `chosen` model where it can. `say` says words of ours in the person's language.

    First comes Asked or Refused; after Asked any number of Wrote and Thought, and at last Replied or ReplyNotSaved. Before Asked raises
    NotApplicable, StorageError and FileNotFoundError (the person is gone), and nothing was changed then.
    """
    started = services.now()
    begun = await in_thread(_begin, services, folder, wish, started, chosen)
    if not isinstance(begun, PreparedTurn):
        yield RefusedTurn(begun)
        return
    taken, shop = begun.taken, begun.prompt.store if begun.prompt is not None else ""
    writing = Writing(taken.spool, stop, lambda: conversation.is_asked_to_stop(folder, taken.reply_id))
    services.beat.join(writing)
    ending: Ending = "failed"
    model: str | None = None
    why: str | None = None
    retry_after: float | None = None
    is_thinking = False
    calls = list[ModelCall]()
    try:
        yield Asked(taken.reply_id, taken.question, taken.replaces, taken.draft)
        try:
            async with aclosing(_answer(services, folder, begun, stop, calls)) as events:
                async for speaker, event in events:
                    match event:
                        case Thinking():
                            if not is_thinking:
                                yield Thought()
                            is_thinking = True
                        case Restarted():
                            await in_thread(taken.spool.restart)
                            model = why = None
                            yield Wrote(taken.draft)
                        case Delta(text, is_last):
                            is_thinking = False
                            has_begun = model is None
                            if has_begun:
                                _begin_spool(taken, speaker, started)
                            model, why = speaker.model.name, speaker.why
                            if taken.spool.add(text) and not is_last:  # the last words are kept with the reply, at once
                                await services.beat.flushed(writing)
                                yield Wrote(taken.spool.text)
                                if not has_begun:  # the second words follow the first as soon as they are there
                                    with stop:  # meanwhile words gather in the model's socket
                                        await services.beat.next()
                        case Finished(reason):
                            ending, why = _ending_of(reason, why, taken.spool.text)
        except Stopped:
            ending, why = stop.ending, None
        except ModelError as fault:
            ending, why = ("interrupted" if taken.spool.text else "failed"), fault.fault.kind
            retry_after = fault.fault.retry_after_seconds
            if ending == "failed" and not taken.draft and shop and fault.fault.kind not in _OF_THE_QUESTION:
                taken.spool.text = fallback.answer(shop, taken.question.text, say)
                why = f"looked_up:{why}" if taken.spool.text else why
            log.log(logging.ERROR if fault.fault.is_owners else logging.WARNING, "fault", extra={"fault": str(fault)})
        except _OutOfBudget:
            ending, why = "failed", "budget"
        except PromptsUnreadable as error:
            ending, why = "failed", "prompts"
            log.error("prompts_unreadable", extra={"error": str(error)})
        except StorageError as error:
            ending, why = "interrupted", "disk"
            log.error("spool_not_written", extra={"error": str(error)})
        except Exception:  # the edge of the reply: whatever went wrong, what was written is kept
            ending, why = ("interrupted" if taken.spool.text else "failed"), "bug"
            log.exception("turn_failed")
        end: Replied | ReplyNotSaved
        try:
            record = await in_thread(_finish, services, folder, taken, ending, model, why, calls)
            end = Replied(record, retry_after)
        except (StorageError, OSError) as error:
            log.critical("reply_not_kept", extra={"error": str(error)})
            with contextlib.suppress(StorageError):
                await in_thread(taken.spool.flush)  # the last words were to be kept with the reply
            text = (taken.spool.text or taken.draft).rstrip("\n")
            ending = "interrupted" if text else "failed"  # so it stands in the conversation once its spool is closed
            record = Record(
                taken.reply_id.number, services.now(), "assistant", text, model, ending, taken.replaces, "disk"
            )
            end = ReplyNotSaved(record)
        services.beat.leave(writing)
        taken.lock.release()  # before anybody is told: the next message may follow at once
        yield end
    finally:
        services.beat.leave(writing)
        taken.spool.close()
        taken.lock.release()


@dataclass(slots=True)
class PreparedTurn:
    """A turn whose question is kept: its prompt, and the models to ask in order. `error`: why there are none.

    `reserved` is what was kept of the day's budget for the first of them. The prompt goes with the first words of its
    answer: it is as large as the shop's data, and many answers are written at once.
    """

    taken: Accepted
    prompt: Prompt | None
    attempts: list[Candidate]
    reserved: Reserved | None
    error: Exception | None = None

    def asks(self) -> Prompt:
        """Return the prompt. Raises what went wrong where there is none."""
        if self.prompt is None:
            raise self.error or PromptsUnreadable
        return self.prompt


def _begin(
    services: Services, folder: Folder, wish: Action, now: datetime, chosen: str | None
) -> PreparedTurn | ReplyInProgress | RateLimited | StaleView | BudgetExceeded:
    """Do all that a turn does on the disk before its model is asked, in one visit. Blocks.

    The prompt is made and paid for from the budget before the question is kept: who is refused has said nothing.
    """
    prompt: Prompt | None = None
    attempts = list[Candidate]()
    reserved: Reserved | None = None
    problem: Exception | None = None

    def admit(planned: PlannedTurn) -> BudgetExceeded | None:
        nonlocal prompt, attempts, reserved, problem
        try:
            prompt = read_prompt(services, folder, planned.question, planned.draft)
            attempts = choose(services, prompt, chosen)
        except Exception as error:  # raised again by `_answer`: the question is kept, so its reply has to end
            prompt, problem = None, error
            return None
        if not attempts:
            return None
        found = reserve(services, folder, prompt, attempts, "chat", services.settings.limits.reply_tokens)
        if isinstance(found, BudgetExceeded):
            return found
        reserved = found
        attempts = _reserved_first(attempts, reserved)
        return None

    services.load_encodings()  # before the turn is held: the same message, sent twice, would wait for it and be refused
    with folder.held():
        try:
            taken = conversation.accept(folder, wish, now, services.settings.limits.messages_per_minute, admit)
        except BaseException:
            release(services, reserved)
            raise
        if not isinstance(taken, Accepted):
            return taken
        return PreparedTurn(taken, prompt, attempts, reserved, problem)


def _reserved_first(attempts: list[Candidate], reserved: Reserved | None) -> list[Candidate]:
    """Return the models with the one that the budget is kept for first; where that is not the first choice, it says why."""
    if reserved is None or attempts[0].model.name == reserved.model:
        return attempts
    others = [one for one in attempts if one.model.name != reserved.model]
    return [Candidate(one.model, "budget") for one in attempts if one.model.name == reserved.model] + others


def _finish(
    services: Services,
    folder: Folder,
    taken: Accepted,
    ending: Ending,
    model: str | None,
    why: str | None,
    calls: list[ModelCall],
) -> Record:
    """Keep the reply, then the ledger's lines; the calls are settled even where the reply cannot be kept. Blocks."""
    try:
        with folder.lock():  # once for the reply and the ledger
            try:
                price(services, calls)
            except Exception:  # a reply is never lost for its price
                log.exception("not_priced")
            record = conversation.finish(taken, folder, services.now(), ending, model, why, receipt_of(calls))
            note_calls(services, folder, calls)
            return record
    finally:
        note_calls(services, folder, calls)


_OF_THE_QUESTION = frozenset(["too_long", "too_big", "tool_calls", "moderated"])
"""Faults that lie in what was asked: for the others no model is there, and code looks into the shop's data instead."""


def _begin_spool(taken: Accepted, speaker: Candidate, now: datetime) -> None:
    taken.spool.head(Record(taken.reply_id.number, now, "assistant", "", speaker.model.name, replaces=taken.replaces))
    if taken.draft:
        taken.spool.add(taken.draft)


def _ending_of(reason: str, why: str | None, text: str) -> tuple[Ending, str | None]:
    """Return how a reply ended, by the model's finish reason. One without a word, or a call of tools, has failed."""
    match outcome(reason):
        case "length":
            return "length", why
        case "content_filter":
            return "content_filter", why
        case "tool_calls":
            return "failed", "tool_calls"
        case _ if not text.strip():
            return "failed", "empty"
        case "stop":
            return "stop", why
        case _:
            return "interrupted", "error_event"


async def _answer(
    services: Services, folder: Folder, begun: PreparedTurn, stop: Stop, calls: list[ModelCall]
) -> AsyncGenerator[tuple[Candidate, Event], None]:
    """Ask the models that fit, in order, until one begins to speak; return its events.

    The next model is asked only before the first words: after them a second answer would double the text.
    """
    begun.asks()  # raises where there is nothing to ask
    attempts = begun.attempts
    if not attempts:
        today = services.now().date()
        ends = [services.settings.model(name).ends for name in services.settings.chat]
        have_ended = all(end is not None and end <= today for end in ends)
        raise ModelError(ErrorDetails("no_model", is_owners=True) if have_ended else ErrorDetails("too_long"))
    if len(attempts) == 1:
        attempts = attempts * 2
    limits = services.settings.limits
    why: Why | None = None
    for n, candidate in enumerate(attempts):
        last = n == len(attempts) - 1
        speaker = Candidate(candidate.model, candidate.why or why)
        kept = (
            await in_thread(_reserve_again, services, folder, begun.asks(), candidate, calls) if n else begun.reserved
        )
        call = ModelCall(candidate.model, begun.asks().tokens(candidate.model.encoding), reserved=kept)
        calls.append(call)
        log.debug("model_asked", extra={"person": folder.name, "model": candidate.model.name, "why": speaker.why})
        try:
            async with aclosing(services.completer.stream(_request(candidate, begun.asks(), limits, folder))) as events:
                while True:
                    with stop:
                        event = await anext(events, None)
                    if event is None:
                        return
                    call.add_event(event)
                    if call.has_output:
                        begun.prompt = None
                    yield speaker, event
        except ModelError as fault:
            call.ending = fault.fault.kind
            if call.has_output or last:
                raise
            is_same = candidate.model is attempts[n + 1].model
            if not (fault.fault.again if is_same else fault.fault.try_next):
                raise
            if not is_same:
                why = "unavailable"
            log.warning("next_model", extra={"model": candidate.model.name, "fault": str(fault)})
            with stop:
                await _pause(fault.fault, is_same=is_same)
        finally:
            call.seconds = monotonic() - call.started


def _request(candidate: Candidate, prompt: Prompt, limits: Limits, folder: Folder) -> CompletionRequest:
    most_tokens = min(limits.reply_tokens, candidate.model.max_output)
    key = sha256(folder.name.encode()).hexdigest()[:32]
    return CompletionRequest(
        candidate.model, prompt.messages, most_tokens, key, marks=prompt.marks, extends=prompt.extends
    )


class _OutOfBudget(Exception):
    """Not enough is left of the day's budget to ask once more."""


def _reserve_again(
    services: Services, folder: Folder, prompt: Prompt, candidate: Candidate, calls: list[ModelCall]
) -> Reserved | None:
    """Settle the calls that failed and keep the budget for another one. Blocks."""
    if calls[0].reserved is None:
        return None
    note_calls(services, folder, calls)
    found = reserve(services, folder, prompt, [candidate], "chat", services.settings.limits.reply_tokens)
    if isinstance(found, BudgetExceeded):
        raise _OutOfBudget
    return found


async def _pause(fault: ErrorDetails, *, is_same: bool) -> None:
    """Wait a moment before the same model is asked again; too long a wish of the provider ends the reply."""
    if not is_same:
        return
    wait = fault.retry_after_seconds if fault.retry_after_seconds is not None else 0.5
    if wait > 5:
        raise ModelError(fault)
    await asyncio.sleep(wait)


def read_prompt(services: Services, folder: Folder, question: Record, draft: str) -> Prompt:
    """Make the prompt from what is on the disk now, as large as the chosen models can read. Blocks.

    It reads the notes and the end of the conversation, however long that is, and folds nothing. What is in neither, and
    what has to be cut for a small model, is said by the numbers of its messages; the last two turns are the last to go.
    """
    settings = services.settings
    shelf = texts.load(services.prompts)
    sizes = sizes_of(services, shelf)
    tail = read_tail(services, folder, sizes, question)
    before = window.before_last_fold(tail)

    def with_budget(notes_tokens: int, kept_tokens: int, turns: int = window.TURNS) -> Prompt:
        notes = summary.notes(tail.summary, budget_tokens=notes_tokens, encoding=sizes.encoding)
        if tail.gap:
            notes += f"\n\n(Messages {tail.gap[0]} to {tail.gap[1]} are not summarised yet and are left out here.)"
        kept = window.newest(tail, kept_tokens, turns=turns)
        if left := tail.entries[: len(tail.entries) - len(kept)]:
            first, last = left[0].record.number, left[-1].record.number
            notes += f"\n\n(Messages {first} to {last} are left out here: they are longer than this model can read.)"
        settled = summary.notes(before, budget_tokens=notes_tokens, encoding=sizes.encoding)
        return build(shelf.rules, shelf.store, notes.strip(), kept, question.text, settings.history, draft, settled)

    notes_tokens = 4 * settings.memory.summary_tokens
    prompt = with_budget(notes_tokens, compaction.HARD * sizes.high)
    for share, turns in ((1.0, 2), (0.5, 2), (0.25, 2), (0.0, 2), (0.0, 1), (0.0, 0)):
        if choose(services, prompt):
            return prompt
        prompt = with_budget(int(notes_tokens * share / 4), int(sizes.high * share), turns)
    return prompt


def read_tail(services: Services, folder: Folder, sizes: Sizes, question: Record | None = None) -> window.Tail:
    """Read what a question is sent with: the notes, and the messages after them. Blocks."""
    return window.read_tail(
        folder,
        services.covered,
        most_tokens=compaction.HARD * sizes.high,
        encoding=sizes.encoding,
        few_tokens=sizes.high,
        before=question.number if question is not None else None,
        coming=question,
    )


def choose(services: Services, prompt: Prompt, first: str | None = None) -> list[Candidate]:
    """Return the models that can read the prompt, in the order to ask them: `first` before the owner's order. Blocks (tokens are counted)."""
    settings = services.settings
    chosen = [settings.model(name) for name in sorted(settings.chat, key=lambda name: name != first)]
    counted = {encoding: prompt.tokens(encoding) for encoding in {model.encoding for model in chosen}}
    need = model_choice.Need(counted, settings.limits.reply_tokens)
    return model_choice.candidates(chosen, need, services.now().date(), services.corrections)
