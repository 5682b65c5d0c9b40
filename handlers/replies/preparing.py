"""What a turn does before its model is asked: its question is kept, its prompt made, and the budget for it reserved.

In goes a message as its page sent it; out comes a PreparedTurn, or why the message is refused. Knows nothing of streams.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.replies import checking, incidents
from handlers.replies.accounting import release, reserve
from handlers.replies.attempts import PreparedRequest
from handlers.replies.examination import Examination
from handlers.replies.steps import Refusal
from handlers.services import Services
from memory.context.builder import build_context
from memory.conversations import turns
from memory.conversations.records import Record
from memory.conversations.turns import Accepted, Action, PendingTurn
from memory.storage.folders import Folder, StorageError
from memory.usage.budget import BudgetExceeded
from shop.answers.asking import ShopQuestion


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message as its page sent it: with the model that its user chose, None for none, and the page's language by its code."""

    action: Action
    chosen: str | None
    language: str
    time: datetime


@dataclass(frozen=True, slots=True)
class PreparedTurn:
    """A turn whose question is kept, and what its models are asked; an exception where they cannot be."""

    accepted: Accepted
    request: PreparedRequest | Exception


def prepare(services: Services, folder: Folder, message: IncomingMessage) -> PreparedTurn | Refusal:
    """Do all that a turn does on the disk before its model is asked, in one visit. Blocks.

    The prompt is made and paid for from the budget before the question is kept: a refused message changes nothing.
    Raises NotApplicable, StorageError and FileNotFoundError (the user is gone); nothing was changed then either.
    """
    services.load()  # before the turn lock is taken: the same message, sent twice, would wait for it and be refused
    try:
        with folder.visit():
            return _take_in(services, folder, message)
    except (StorageError, OSError) as error:
        incidents.note_refused_write(services, folder.name, error)
        raise


def _take_in(services: Services, folder: Folder, message: IncomingMessage) -> PreparedTurn | Refusal:
    most_per_minute = services.settings.limits.messages_per_minute
    opened = turns.open(folder, message.action, message.time, most_per_minute, Examination(services, folder))
    if not isinstance(opened, PendingTurn):
        return opened
    with opened as pending:
        request = _request(services, folder, pending, message)
        if isinstance(request, BudgetExceeded):
            return request
        try:
            return PreparedTurn(pending.keep(), request)
        except BaseException:
            if isinstance(request, PreparedRequest):
                release(services, request.reserved)
            raise


def _request(
    services: Services, folder: Folder, pending: PendingTurn, message: IncomingMessage
) -> PreparedRequest | BudgetExceeded | Exception:
    """Make the prompt and reserve the budget for it.

    Where no prompt can be made, that ends the reply and not the message: the exception is returned.
    """
    question = pending.question
    try:
        context = build_context(services.sources(), folder, question, pending.draft, message.chosen)
    except Exception as error:
        return error
    before = [entry.record for entry in context.tail.entries]
    asked = _shop_question(question, before, message.language)
    evidence = checking.evidence_of(services, question.text, before, context.rows.products)
    reserved = None
    if context.candidates:  # last: what fails before it leaves nothing reserved
        reply_tokens = services.settings.limits.reply_tokens
        reserved = reserve(services, folder, context.prompt, context.candidates, "chat", reply_tokens)
    if isinstance(reserved, BudgetExceeded):
        return reserved
    return PreparedRequest(context.prompt, context.candidates, reserved, asked, evidence)


def _shop_question(question: Record, before: Sequence[Record], language: str) -> ShopQuestion:
    """Return a question with what stands before it in the conversation, as far as code reads that."""
    last = next((record.text for record in reversed(before) if record.is_question), "")
    answered = next((record.text for record in reversed(before) if not record.is_question and record.text), "")
    return ShopQuestion(question.text, last, answered, language, has_photo=bool(question.files))
