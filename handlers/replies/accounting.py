"""The calls of models that a turn or a summary makes: paid for from the budget before, written into the ledger after."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from time import monotonic

from completions.prices import cost_usd
from completions.stream import Delta, Event, Finished, Restarted, Thinking, Usage
from completions.tools import Called
from handlers.replies import incidents
from handlers.services import Services
from memory.context import tokens
from memory.context.model_choice import Candidate, tokens_for
from memory.context.prompt import Prompt
from memory.conversations.records import Receipt
from memory.storage.folders import Folder, StorageError
from memory.usage import corrections, ledger
from memory.usage.budget import Amount, BudgetExceeded, CallOption, Reserved
from memory.usage.ledger import LedgerEntry
from settings import Model

log = logging.getLogger("storekeeper.calls")


class ModelCall:
    """One call of a model, for the ledger. `counted` are its prompt's tokens by our count, `reserved` what was kept for it
    of the budget, None without one.
    """

    def __init__(
        self,
        model: Model,
        counted: int,
        purpose: ledger.Purpose = "chat",
        reserved: Reserved | None = None,
        *,
        has_photos: bool = False,
    ) -> None:
        self.has_photos = has_photos
        """Its prompt's tokens are a bound then, and nothing is learned from what is reported."""
        self.model, self.counted, self.purpose, self.reserved = model, counted, purpose, reserved
        self.started, self.seconds = monotonic(), 0.0
        self.first_token_seconds: float | None = None
        self.usage: Usage | None = None
        self.text = ""
        self.thoughts = list[str]()
        """What the model thought, to be counted where it reports nothing; it is kept nowhere."""
        self.has_output = False
        self.called: Called | None = None
        """The functions that it called at its end."""
        self.ending = "stopped"
        self.cost_usd: Decimal | None = None
        self.is_priced = self.is_noted = False

    def add_event(self, event: Event) -> None:
        match event:
            case Delta(text):
                if self.first_token_seconds is None:
                    self.first_token_seconds = monotonic() - self.started
                self.text += text
                self.has_output = True
            case Thinking(text) if text:
                self.thoughts.append(text)
            case Restarted():
                self.thoughts.append(self.text)
                self.text = ""
            case Called():
                self.called = event
            case Finished(reason):
                self.ending = reason
            case Usage():
                self.usage = event


def tokens_of(prompt: Prompt, model: Model) -> int:
    """Return the counted tokens that a model reads of a prompt; code reads none."""
    if model.is_code:
        return 0
    return prompt.tokens(model.encoding) + (prompt.photo_tokens if model.images else 0)


def reserve(
    services: Services,
    folder: Folder,
    prompt: Prompt,
    candidates: Sequence[Candidate],
    purpose: ledger.Purpose,
    reply_tokens: int,
) -> Reserved | BudgetExceeded | None:
    """Keep the day's budget for a call of one of these models, the first if it can be; None where nothing is limited.

    Call it under the lock of the user's turn or compaction: what a dead process of theirs had reserved is put into the
    ledger. Blocks. StorageError when it cannot be kept.
    """
    now = services.now()

    def option(candidate: Candidate) -> CallOption:
        model = candidate.model
        read = tokens_for(model, tokens_of(prompt, model), services.corrections)
        written = 0 if model.is_code else min(reply_tokens, model.max_output)
        dearest = Usage(read, written, written_tokens=read)  # all of it written to the provider's cache
        return CallOption(model.name, read, written, partial(cost_usd, model, dearest, now))

    found, left = services.budget.reserve(folder.name, purpose, [option(one) for one in candidates], now)
    for one in left:
        read, written, cost = one.amount.prompt_tokens, one.amount.completion_tokens, one.amount.cost_usd
        _note(folder, LedgerEntry(now, purpose, one.model, read, 0, written, cost, 0.0, "interrupted"))
    if isinstance(found, Reserved):
        what = {"purpose": purpose, "model": found.model, "tokens": found.amount.tokens}
        log.debug("reserved", extra={"person": folder.name, **what})
    if isinstance(found, BudgetExceeded):
        whose = {"whose": found.whose, "used_tokens": found.used.tokens}
        log.warning("budget_spent", extra={"person": folder.name, **whose})
    if purpose == "chat" and _is_spent(services, found, now):
        incidents.note_spent(services, folder.name)
    return found


def _is_spent(services: Services, found: Reserved | BudgetExceeded | None, now: datetime) -> bool:
    """True if the shop's budget of the day is the reason why no model is asked: nobody, or code in its place."""
    if isinstance(found, BudgetExceeded):
        return found.whose == "shop"
    is_by_code = found is not None and found.is_near and not found.amount.tokens
    return is_by_code and services.budget.is_shop_near(now)


def release(services: Services, reserved: Reserved | None) -> None:
    if reserved is not None:
        _settle(services, reserved, Amount())


def price(services: Services, calls: list[ModelCall]) -> None:
    """Learn from what was used and price it, each call once.

    What a call did not report counts as counted, if the model began its work: thoughts are paid like words. Blocks.
    """
    for call in calls:
        if call.is_priced:
            continue
        call.is_priced = True
        if call.usage is not None and call.usage.prompt_tokens and not call.has_photos:
            _learn(services, call.model, call.usage, call.counted)
        if call.usage is not None or call.has_output or call.thoughts or call.ending == "stopped":
            call.usage = _counted(call)
        call.cost_usd = cost_usd(call.model, call.usage or Usage(0, 0), services.now())


def _counted(call: ModelCall) -> Usage:
    """Return what the call reported, with our own count of what it did not."""
    reported = call.usage or Usage(0, 0)
    if call.model.is_code:
        return reported
    written = reported.completion_tokens or tokens.count("".join([*call.thoughts, call.text]), call.model.encoding)
    return replace(reported, prompt_tokens=reported.prompt_tokens or call.counted, completion_tokens=written)


def receipt_of(calls: list[ModelCall]) -> Receipt | None:
    """Sum the priced calls of one reply, None when no model was asked. A cost that is partly unknown is unknown."""
    if not calls:
        return None
    used = [call.usage for call in calls if call.usage is not None]
    costs = [call.cost_usd for call in calls if call.usage is not None]
    began = calls[0].started
    spoke = next((call for call in calls if call.first_token_seconds is not None), None)
    first = None if spoke is None else spoke.started + (spoke.first_token_seconds or 0) - began
    return Receipt(
        prompt_tokens=sum(usage.prompt_tokens for usage in used),
        cached_tokens=sum(usage.cached_tokens for usage in used),
        completion_tokens=sum(usage.completion_tokens for usage in used),
        cost_usd=None if None in costs else sum((cost for cost in costs if cost is not None), Decimal(0)),
        first_seconds=None if first is None else round(first, 3),
        seconds=round(calls[-1].started + calls[-1].seconds - began, 3),
        calls=len(calls),
    )


def note_calls(services: Services, folder: Folder, calls: list[ModelCall]) -> None:
    """Write the ledger's lines, each once, and settle the budget."""
    for call in calls:
        if call.is_noted:
            continue
        call.is_noted, now = True, services.now()
        price(services, [call])
        usage, cost = call.usage or Usage(0, 0), call.cost_usd
        counts = usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens
        _note(folder, LedgerEntry(now, call.purpose, call.model.name, *counts, cost, call.seconds, call.ending))
        if call.reserved is not None:
            _settle(services, call.reserved, Amount(usage.prompt_tokens, usage.completion_tokens, cost))
        has_output = call.has_output or call.called is not None
        incidents.note_call(services, folder.name, call.model, call.ending, has_output=has_output)
        _log_call(services, folder, call, usage, cost)


def _note(folder: Folder, line: LedgerEntry) -> None:
    try:
        ledger.note(folder, line)
    except (StorageError, OSError) as error:
        log.error("ledger_not_written", extra={"person": folder.name, "error": str(error)})


def _settle(services: Services, reserved: Reserved, amount: Amount) -> None:
    """Put the amount in the place of what was reserved; where that cannot be written, it stays reserved for the day."""
    try:
        services.budget.settle(reserved, amount, services.now())
    except (StorageError, OSError) as error:
        log.error("budget_not_settled", extra={"person": reserved.user, "error": str(error)})


def _log_call(services: Services, folder: Folder, call: ModelCall, usage: Usage, cost: Decimal | None) -> None:
    """Write the call's line of the log and count it."""
    first = call.first_token_seconds
    log.info(
        "model_call",
        extra={
            "person": folder.name,
            "purpose": call.purpose,
            "model": call.model.name,
            "ending": call.ending,
            "prompt_tokens": usage.prompt_tokens,
            "cached_tokens": usage.cached_tokens,
            "written_tokens": usage.written_tokens,
            "completion_tokens": usage.completion_tokens,
            "cost_usd": None if cost is None else float(cost),
            "seconds": round(call.seconds, 3),
            "first_token_seconds": None if first is None else round(first, 3),
        },
    )
    services.metrics.call(call.purpose, call.model.name, call.ending, usage, float(cost or 0), first)


_TRUNCATED = 0.75
"""Below this share of the tokens expected, a server has left out a part of the prompt rather than counted otherwise."""


def _learn(services: Services, model: Model, usage: Usage, counted: int) -> None:
    """Learn how many tokens the model reports for each one counted; outliers are left out.

    A report far below is logged: some servers, as Ollama with a small num_ctx, cut a prompt silently, its rules first.
    """
    log.debug("tokens_reported", extra={"model": model.name, "counted": counted, "reported": usage.prompt_tokens})
    if not counted or not usage.prompt_tokens:
        return
    before = services.corrections.get(model.name, model.correction)
    if usage.prompt_tokens < _TRUNCATED * before * counted:
        if usage.prompt_tokens + usage.cached_tokens < _TRUNCATED * before * counted:  # some report the others apart
            log.warning(
                "prompt_truncated", extra={"model": model.name, "counted": counted, "reported": usage.prompt_tokens}
            )
        return
    ratio = usage.prompt_tokens / counted
    if corrections.LEAST <= ratio <= corrections.MOST:
        services.corrections[model.name] = learned = 0.7 * before + 0.3 * ratio
        if round(learned, 2) != round(before, 2):
            corrections.keep(services.users, model.name, learned)
