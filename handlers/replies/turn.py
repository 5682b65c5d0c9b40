"""One turn of the conversation, from the message to the kept reply: read this first.

A turn is an iterator of the events of `steps.py`. It knows nothing of HTML or HTTP, and what an event states is already on
the disk: the question before Asked, the words before Wrote, the whole reply before Replied. In order:

    prepare (preparing.py)   keeps the question, makes the prompt, reserves the budget; or the message is refused
    _answer                  has the answer written; one that the shop's data refute is written once more, then by code
    _write                   asks the models (attempts.py) and writes their words down (writer.py)
    _keep                    keeps the reply, the ledger's lines, and what the owner is to know
"""

import contextlib
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from completions.errors import OF_THE_QUESTION, ModelError
from completions.stream import Delta, Finished, Restarted, Thinking
from handlers.replies import incidents
from handlers.replies.accounting import ModelCall, note_calls, price, receipt_of
from handlers.replies.attempts import OutOfBudget, PreparedRequest, answer
from handlers.replies.checking import nothing
from handlers.replies.correcting import Refuted, asked_again, skus_in
from handlers.replies.improving import note_reply
from handlers.replies.outcomes import Outcome, outcome_of, outcome_of_reason
from handlers.replies.pacing import Pacer, Stop
from handlers.replies.preparing import IncomingMessage, PreparedTurn, prepare
from handlers.replies.steps import Asked, RefusedTurn, Replied, ReplyNotSaved, Step, Thought, Wrote
from handlers.replies.writer import ReplyWriter
from handlers.services import Services, in_thread
from memory.conversations import doubts, turns
from memory.conversations.records import Ending, Record
from memory.conversations.turns import Accepted, Action
from memory.i18n import ENGLISH
from memory.storage.folders import Folder, StorageError
from settings import CATALOGUE

log = logging.getLogger("storekeeper.turn")

_NO_END = Outcome("failed")
"""How an answer ends that its model does not end."""


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
    Before Asked raises what `prepare` raises.
    """
    message = IncomingMessage(action, chosen, language, services.now())
    prepared = await in_thread(prepare, services, folder, message)
    if not isinstance(prepared, PreparedTurn):
        yield RefusedTurn(prepared)
        return
    turn = _begin(services, folder, message, prepared, stop, pacer or Pacer())
    try:
        yield Asked(turn.accepted.reply_id, turn.accepted.question, turn.accepted.replaces, turn.accepted.draft)
        try:
            async with aclosing(_answer(turn)) as steps:
                async for step in steps:
                    yield step
        except Exception as error:  # the edge of the reply: whatever went wrong, what was written is kept
            await _end_early(turn, error)
        end = await _keep(turn)
        turn.close()  # before the end is published: the next message may follow at once
        yield end
        await _note_for_owner(turn, end)
    finally:
        turn.close()


@dataclass(slots=True, eq=False)
class _Turn:
    """A turn whose question is kept, until its reply is. `outcome` is how the answer ended, by which `error` if by one."""

    services: Services
    folder: Folder
    accepted: Accepted
    request: PreparedRequest | Exception
    writer: ReplyWriter
    stop: Stop
    pacer: Pacer
    calls: list[ModelCall] = field(default_factory=list)
    outcome: Outcome = _NO_END
    error: Exception | None = None

    def close(self) -> None:
        """Close the spool and release the turn lock. A second time does nothing."""
        self.writer.close()
        self.accepted.lock.release()


def _begin(
    services: Services, folder: Folder, message: IncomingMessage, prepared: PreparedTurn, stop: Stop, pacer: Pacer
) -> _Turn:
    accepted, request = prepared.accepted, prepared.request
    evidence = request.evidence if isinstance(request, PreparedRequest) else nothing
    writer = ReplyWriter(accepted, message.time, evidence, services.settings.answers, stop, pacer)
    return _Turn(services, folder, accepted, request, writer, stop, pacer)


# While the answer is written


async def _answer(turn: _Turn) -> AsyncGenerator[Wrote | Thought, None]:
    """Have the answer written. One that the shop's data refute is taken back and asked for once more, where the setting
    `answers` has it so, and then the rows that it was about take its place. Raises what ends the reply early."""
    if isinstance(turn.request, Exception):
        raise turn.request
    request = turn.request
    for is_again in (False, True):
        try:
            async with aclosing(_write(turn, request)) as steps:
                async for step in steps:
                    yield step
            return
        except Refuted as error:
            answered, candidate, wrong = turn.writer.answered, turn.writer.candidate, error.claims
        log.warning("answer_refuted", extra={"person": turn.folder.name, "claim": wrong[0].text})
        yield await turn.writer.take_back()
        if is_again or candidate is None:
            break
        try:
            request = await in_thread(
                asked_again, turn.services, turn.folder, request, candidate, turn.calls, answered, wrong
            )
        except OutOfBudget:
            break
    turn.writer.answer_by_code(await in_thread(turn.services.catalogue.instead, request.asked, skus_in(wrong)))
    turn.writer.model, turn.outcome = CATALOGUE, Outcome("stop", "corrected")


async def _write(turn: _Turn, request: PreparedRequest) -> AsyncGenerator[Wrote | Thought, None]:
    """Ask the models and write down their words. Raises what ends the reply early, and Refuted."""
    writer, is_thinking = turn.writer, False
    async with aclosing(answer(turn.services, turn.folder, request, turn.stop, turn.calls)) as events:
        async for candidate, event in events:
            match event:
                case Thinking():
                    if not is_thinking:
                        yield Thought()
                    is_thinking = True
                case Restarted():
                    yield await writer.take_back()
                case Delta(text, is_last):
                    is_thinking, is_first = False, writer.candidate is None
                    if is_first:
                        writer.begin(candidate)
                    if not writer.add(text) or is_last:  # the last words are kept at once, with the reply
                        continue
                    yield await writer.keep_words()
                    if not is_first:  # the second words follow the first as soon as they are there
                        with turn.stop:  # meanwhile words gather in the model's socket
                            await turn.pacer.tick()
                case Finished(reason):
                    await writer.finish()
                    turn.outcome = outcome_of_reason(reason, writer.why, writer.text)


async def _end_early(turn: _Turn, error: Exception) -> None:
    """Note how the reply ends by this error. Where no model is there, the shop's data are the answer."""
    turn.writer.release()
    turn.outcome, turn.error = outcome_of(error, turn.stop, turn.writer.text), error
    ended, request = turn.outcome, turn.request
    if not isinstance(error, ModelError) or not isinstance(request, PreparedRequest):
        return
    if ended.ending != "failed" or turn.accepted.draft or ended.why in OF_THE_QUESTION:
        return
    try:
        text = await in_thread(turn.services.catalogue.last_resort, request.asked)
    except Exception:  # the reply says then why no model answered
        log.exception("not_looked_up")
        return
    turn.writer.answer_by_code(text)
    if turn.writer.text:
        turn.outcome = replace(ended, why=f"looked_up:{ended.why}")


# Its end


async def _keep(turn: _Turn) -> Replied | ReplyNotSaved:
    """Keep the reply and its calls; where the disk does not take it, return what it would have been."""
    try:
        return Replied(await in_thread(_finish, turn), turn.outcome.retry_after_seconds)
    except (StorageError, OSError) as error:
        log.critical("reply_not_kept", extra={"error": str(error)})
        await in_thread(incidents.note_refused_write, turn.services, turn.folder.name, error)
        with contextlib.suppress(StorageError):
            await turn.writer.flush()  # the last words were to be kept with the reply
        accepted, text = turn.accepted, turns.reply_text(turn.accepted)
        ending: Ending = "interrupted" if text else "failed"  # as the next turn will close its spool
        number, now = accepted.reply_id.number, turn.services.now()
        unsaved = Record(number, now, "assistant", text, turn.writer.model, ending, accepted.replaces, "disk")
        return ReplyNotSaved(unsaved)


def _finish(turn: _Turn) -> Record:
    """Keep the reply, then the ledger's lines; the calls are settled even where the reply cannot be kept. Blocks."""
    services, folder, calls, ended = turn.services, turn.folder, turn.calls, turn.outcome
    try:
        claims = turn.writer.checking.finish(turns.reply_text(turn.accepted))
        with folder.lock():  # once for the reply and the ledger
            try:
                price(services, calls)
            except Exception:  # a reply is never lost for its price
                log.exception("not_priced")
            receipt, now = receipt_of(calls), services.now()
            record = turns.finish(turn.accepted, now, ended.ending, turn.writer.model, ended.why, receipt, claims)
            note_calls(services, folder, calls)
            doubts.note(services.users, folder.name, record, claims)
            incidents.note_kept(services, folder.name)
            return record
    finally:
        note_calls(services, folder, calls)
        if ended.ending != "stop":
            asked = calls[-1].model.name if calls else services.settings.chat[0]
            incidents.note_end(services, folder.name, ended.ending, ended.why, turn.error, asked)


async def _note_for_owner(turn: _Turn, end: Replied | ReplyNotSaved) -> None:
    """Note the question if its answer may be better. The customer's page waits for nothing of this."""
    if isinstance(end, Replied) and isinstance(turn.request, PreparedRequest):
        reply_id, claims = turn.accepted.reply_id, turn.writer.checking.claims
        await in_thread(note_reply, turn.services, turn.folder, reply_id, turn.request.asked, end.record, claims)
