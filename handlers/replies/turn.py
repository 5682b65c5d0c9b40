"""One turn of the conversation, from the message to the kept reply: read this first.

A turn is an iterator of the events of `steps.py`. It knows nothing of HTML or HTTP, and what an event says is already on
the disk: the question before Asked, the words before Wrote, the whole reply before Replied. In order: `run_turn` is the
whole of it; `_prepare` takes the message in; `_stream` and `_written` write the answer down; `_keep` ends it.
"""

import contextlib
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime

from completions.errors import OF_THE_QUESTION, ModelError
from completions.stream import Delta, Finished, Restarted, Thinking
from handlers.replies import checking, incidents
from handlers.replies.accounting import ModelCall, note_calls, price, receipt_of, release, reserve
from handlers.replies.attempts import OutOfBudget, PreparedRequest, answer
from handlers.replies.checking import Checking, nothing
from handlers.replies.correcting import Refuted, asked_again, refuted, skus_in
from handlers.replies.examination import Examination
from handlers.replies.improving import note_reply
from handlers.replies.outcomes import Outcome, outcome_of, outcome_of_reason
from handlers.replies.pacing import Pacer, Stop, Writing
from handlers.replies.steps import Asked, RefusedTurn, Replied, ReplyNotSaved, Step, Thought, Wrote
from handlers.services import Services, in_thread
from memory.context.builder import build_context
from memory.context.model_choice import Candidate
from memory.conversations import doubts, turns
from memory.conversations.records import Ending, Record
from memory.conversations.turns import (
    Accepted,
    Action,
    PendingTurn,
    RateLimited,
    ReplyInProgress,
    StaleView,
)
from memory.i18n import ENGLISH
from memory.storage.folders import Folder, StorageError
from memory.usage.budget import BudgetExceeded
from settings import CATALOGUE
from shop.answers.asking import ShopQuestion

log = logging.getLogger("storekeeper.turn")


async def run_turn(
    services: Services,
    folder: Folder,
    action: Action,
    stop: Stop,
    chosen: str | None = None,
    language: str = ENGLISH,
    pacer: Pacer | None = None,
) -> AsyncGenerator[Step, None]:
    """Take one message in and answer it, by the `chosen` model where it can. `language` is the code of the page's.

    Replies that share a `pacer` are read and written together; without one this reply has one of its own.

    First comes Asked or RefusedTurn; after Asked any number of Wrote and Thought, and at last Replied or ReplyNotSaved.
    Before Asked raises NotApplicable, StorageError and FileNotFoundError (the user is gone), and nothing was changed then.
    """
    started = services.now()
    prepared = await in_thread(_prepare, services, folder, action, started, chosen, language)
    if not isinstance(prepared, PreparedTurn):
        yield RefusedTurn(prepared)
        return
    turn = _Turn(services, folder, prepared.accepted, prepared.request, started, stop, pacer or Pacer())
    turn.pacer.join(turn.writing)
    try:
        yield Asked(turn.accepted.reply_id, turn.accepted.question, turn.accepted.replaces, turn.accepted.draft)
        try:
            async with aclosing(_stream(turn)) as steps:
                async for step in steps:
                    yield step
        except Exception as error:  # the edge of the reply: whatever went wrong, what was written is kept
            turn.release()
            turn.outcome, turn.error = outcome_of(error, stop, turn.spool.text), error
            await _look_up(turn, error)
        end = await _keep(turn)
        turn.pacer.leave(turn.writing)
        turn.accepted.lock.release()  # before anybody is told: the next message may follow at once
        yield end
        await _note(turn, end)
    finally:
        turn.pacer.leave(turn.writing)
        turn.spool.close()
        turn.accepted.lock.release()


# Before the first word


@dataclass(frozen=True, slots=True)
class PreparedTurn:
    """A turn whose question is kept, and what its models are asked; an exception where they cannot be."""

    accepted: Accepted
    request: PreparedRequest | Exception


def _prepare(
    services: Services, folder: Folder, action: Action, now: datetime, chosen: str | None, language: str
) -> PreparedTurn | ReplyInProgress | RateLimited | StaleView | BudgetExceeded:
    """Do all that a turn does on the disk before its model is asked, in one visit. Blocks.

    The prompt is made and paid for from the budget before the question is kept: a refused message changes nothing.
    """
    services.load()  # before the turn is held: the same message, sent twice, would wait for it and be refused
    try:
        return _take_in(services, folder, action, now, chosen, language)
    except (StorageError, OSError) as error:
        incidents.note_refused_write(services, folder.name, error)
        raise


def _take_in(
    services: Services, folder: Folder, action: Action, now: datetime, chosen: str | None, language: str
) -> PreparedTurn | ReplyInProgress | RateLimited | StaleView | BudgetExceeded:
    with folder.visit():
        most, examiner = services.settings.limits.messages_per_minute, Examination(services, folder)
        opened = turns.open(folder, action, now, most, examiner)
        if not isinstance(opened, PendingTurn):
            return opened
        with opened as pending:
            request = _request(services, folder, pending, chosen, language)
            if isinstance(request, BudgetExceeded):
                return request
            try:
                return PreparedTurn(pending.keep(), request)
            except BaseException:
                if isinstance(request, PreparedRequest):
                    release(services, request.reserved)
                raise


def _request(
    services: Services, folder: Folder, pending: PendingTurn, chosen: str | None, language: str
) -> PreparedRequest | BudgetExceeded | Exception:
    """Make the prompt and reserve the budget for it. Where no prompt can be made, the reply is to say so: it is returned."""
    try:
        context = build_context(services.sources(), folder, pending.question, pending.draft, chosen)
    except Exception as error:
        return error
    reserved = None
    if context.candidates:
        reply_tokens = services.settings.limits.reply_tokens
        reserved = reserve(services, folder, context.prompt, context.candidates, "chat", reply_tokens)
    if isinstance(reserved, BudgetExceeded):
        return reserved
    before = [entry.record for entry in context.tail.entries]
    asked = replace(shop_question(pending.question.text, before, language), has_photo=bool(pending.question.files))
    evidence = checking.evidence_of(services, pending.question.text, before, context.rows.products)
    return PreparedRequest(context.prompt, context.candidates, reserved, asked, evidence)


def shop_question(text: str, before: Sequence[Record], language: str) -> ShopQuestion:
    """Return a question with what stands before it in the conversation, as far as code reads that."""
    last = next((record.text for record in reversed(before) if record.is_question), "")
    answered = next((record.text for record in reversed(before) if not record.is_question and record.text), "")
    return ShopQuestion(text, last, answered, language)


# While it is written


class _Turn:
    """A turn that is being answered. `model` and `why` are those of the words so far, None before the first."""

    def __init__(
        self,
        services: Services,
        folder: Folder,
        accepted: Accepted,
        request: PreparedRequest | Exception,
        started: datetime,
        stop: Stop,
        pacer: Pacer,
    ) -> None:
        self.services, self.folder, self.accepted, self.request = services, folder, accepted, request
        self.started, self.stop, self.pacer, self.spool = started, stop, pacer, accepted.spool
        self.writing = Writing(self.spool, stop, lambda: turns.is_asked_to_stop(folder, accepted.reply_id))
        self.calls = list[ModelCall]()
        self.model: str | None = None
        self.why: str | None = None
        self.candidate: Candidate | None = None
        self.held = ""
        """Words that are not shown before their sentence has ended."""
        self.outcome = Outcome("failed")
        self.error: Exception | None = None
        self.checking = Checking(request.evidence if isinstance(request, PreparedRequest) else nothing)

    def released(self, text: str) -> str:
        """Return the words that may be shown now: where nothing is shown unchecked, as far as sentences have ended."""
        if self.services.settings.answers != "hold":
            return text
        self.held += text
        end = self.checking.sentences_end(self.held)
        text, self.held = self.held[:end], self.held[end:]
        return text

    def release(self) -> None:
        """Add the words that were held back for the end of their sentence: none is to come."""
        held, self.held = self.held, ""
        self.spool.add(held)

    def refute(self) -> None:
        """Refuted where the claims so far are to end the answer. What the catalogue says are the shop's data."""
        is_code = self.candidate is None or self.candidate.model.is_code
        if self.services.settings.answers == "mark" or is_code:
            return
        if wrong := refuted(self.checking.claims, len(self.accepted.draft)):
            raise Refuted(wrong)

    async def refute_all(self) -> None:
        """Check the answer to its end, where it may be refuted; else that is done when it is kept."""
        if self.services.settings.answers != "mark":
            await in_thread(self.checking.finish, turns.reply_text(self.accepted))
            self.refute()

    def take_back(self) -> str:
        """Forget who spoke and what was held back; return what was said."""
        said, self.model, self.why, self.held = self.spool.text + self.held, None, None, ""
        return said

    def request_or_raise(self) -> PreparedRequest:
        """Return what the models are asked. Raise why they cannot be."""
        if isinstance(self.request, Exception):
            raise self.request
        return self.request


async def _stream(turn: _Turn) -> AsyncGenerator[Wrote | Thought, None]:
    """Write down an answer. One that the shop's data refute is taken back and asked for once more, where the setting says
    so, and then their rows take its place. Raises what ends the reply early."""
    request = turn.request_or_raise()
    for is_again in (False, True):
        try:
            async with aclosing(_written(turn, request)) as steps:
                async for step in steps:
                    yield step
            return
        except Refuted as error:
            said, candidate, wrong = turn.take_back(), turn.candidate, error.claims
        log.warning("answer_refuted", extra={"person": turn.folder.name, "claim": wrong[0].text})
        await in_thread(turn.spool.restart)
        yield Wrote(turn.accepted.draft)
        if is_again or candidate is None:
            break
        try:
            request = await in_thread(
                asked_again, turn.services, turn.folder, request, candidate, turn.calls, said, wrong
            )
        except OutOfBudget:
            break
    text = await in_thread(turn.services.catalogue.instead, turn.request_or_raise().asked, skus_in(wrong))
    turn.spool.text = "\n\n".join(filter(None, (turn.accepted.draft, text)))
    turn.model, turn.outcome = CATALOGUE, Outcome("stop", "corrected")


async def _written(turn: _Turn, request: PreparedRequest) -> AsyncGenerator[Wrote | Thought, None]:
    """Ask the models and write down what they say. Raises what ends the reply early, and Refuted."""
    is_thinking = False
    async with aclosing(answer(turn.services, turn.folder, request, turn.stop, turn.calls)) as events:
        async for candidate, event in events:
            match event:
                case Thinking():
                    if not is_thinking:
                        yield Thought()
                    is_thinking = True
                case Restarted():
                    await in_thread(turn.spool.restart)
                    turn.take_back()
                    yield Wrote(turn.accepted.draft)
                case Delta(text, is_last):
                    is_thinking, is_first = False, turn.model is None
                    if is_first:
                        _begin_spool(turn, candidate)
                    has_words = turn.spool.add(turn.released(text))
                    if not has_words or is_last:  # the last words are kept at once, with the reply
                        continue
                    yield await _kept_words(turn)
                    if not is_first:  # the second words follow the first as soon as they are there
                        with turn.stop:  # meanwhile words gather in the model's socket
                            await turn.pacer.tick()
                case Finished(reason):
                    turn.release()
                    await turn.refute_all()
                    turn.outcome = outcome_of_reason(reason, turn.why, turn.spool.text)


async def _kept_words(turn: _Turn) -> Wrote:
    """Check the sentences that have ended and keep the words so far. Refuted where that is to end the answer."""
    if turn.checking.is_due(turn.spool.text):
        await turn.checking.follow(turn.spool.text)
        turn.refute()
    await turn.pacer.flush(turn.writing)
    return Wrote(turn.spool.text, turn.checking.claims)


def _begin_spool(turn: _Turn, candidate: Candidate) -> None:
    """Write the head of the reply's record, and the words that a continued reply begins with."""
    turn.candidate = candidate
    turn.model, turn.why = candidate.model.name, candidate.why
    accepted, number = turn.accepted, turn.accepted.reply_id.number
    turn.spool.head(Record(number, turn.started, "assistant", "", turn.model, replaces=accepted.replaces))
    if accepted.draft:
        turn.spool.add(accepted.draft)


# Its end


async def _look_up(turn: _Turn, error: Exception) -> None:
    """Where no model is there, let the reply be what the shop's data say to the question."""
    request, accepted, ended = turn.request, turn.accepted, turn.outcome
    if not isinstance(error, ModelError) or not isinstance(request, PreparedRequest):
        return
    if ended.ending != "failed" or accepted.draft or ended.why in OF_THE_QUESTION:
        return
    turn.spool.text = await in_thread(turn.services.catalogue.last_resort, request.asked)
    if turn.spool.text:
        turn.outcome = replace(ended, why=f"looked_up:{ended.why}")


async def _keep(turn: _Turn) -> Replied | ReplyNotSaved:
    """Keep the reply and its calls; where the disk does not take it, return what it would have been."""
    accepted, ended = turn.accepted, turn.outcome
    try:
        return Replied(await in_thread(_finish, turn), ended.retry_after_seconds)
    except (StorageError, OSError) as error:
        log.critical("reply_not_kept", extra={"error": str(error)})
        await in_thread(incidents.note_refused_write, turn.services, turn.folder.name, error)
        with contextlib.suppress(StorageError):
            await in_thread(turn.spool.flush)  # the last words were to be kept with the reply
        text = (turn.spool.text or accepted.draft).rstrip("\n")
        ending: Ending = (
            "interrupted" if text else "failed"
        )  # so it stands in the conversation once its spool is closed
        number, now = accepted.reply_id.number, turn.services.now()
        return ReplyNotSaved(Record(number, now, "assistant", text, turn.model, ending, accepted.replaces, "disk"))


async def _note(turn: _Turn, end: Replied | ReplyNotSaved) -> None:
    """Note for the owner if the answer may be better; the customer waits for nothing of it any more."""
    if isinstance(end, Replied) and isinstance(turn.request, PreparedRequest):
        reply, claims = turn.accepted.reply_id, turn.checking.claims
        await in_thread(note_reply, turn.services, turn.folder, reply, turn.request.asked, end.record, claims)


def _finish(turn: _Turn) -> Record:
    """Keep the reply, then the ledger's lines; the calls are settled even where the reply cannot be kept. Blocks."""
    services, folder, calls, ended = turn.services, turn.folder, turn.calls, turn.outcome
    try:
        claims = turn.checking.finish(turns.reply_text(turn.accepted))
        with folder.lock():  # once for the reply and the ledger
            try:
                price(services, calls)
            except Exception:  # a reply is never lost for its price
                log.exception("not_priced")
            receipt = receipt_of(calls)
            now = services.now()
            record = turns.finish(turn.accepted, now, ended.ending, turn.model, ended.why, receipt, claims)
            note_calls(services, folder, calls)
            doubts.note(services.users, folder.name, record, claims)
            incidents.note_kept(services, folder.name)
            return record
    finally:
        note_calls(services, folder, calls)
        if ended.ending != "stop":
            asked = calls[-1].model.name if calls else services.settings.chat[0]
            incidents.note_end(services, folder.name, ended.ending, ended.why, turn.error, asked)
