"""The sentences that a user reads about a reply: endings, faults and refusals in plain words. Pure."""

from datetime import datetime
from decimal import Decimal

from completions.errors import OWNERS_FAULTS
from handlers.pages.languages import Language
from memory.conversations.records import Receipt, Record
from memory.i18n import N_
from memory.usage.budget import BudgetExceeded

_FAULTS = {
    "unreachable": N_("The assistant can't be reached right now."),
    "slow_start": N_("The assistant took too long to start answering."),
    "rate_limited": N_("The assistant is too busy right now."),
    "quota": N_("The assistant's account with its provider has run out of credit."),
    "server_error": N_("The assistant's server had an error."),
    "key_refused": N_("The shop's key for the assistant was not accepted."),
    "no_such_model": N_("The assistant that the shop has chosen doesn't exist."),
    "no_model": N_("No assistant is available any more."),
    "too_long": N_("This is too long for the assistant. Please write a shorter message."),
    "bad_request": N_("The assistant couldn't process the request."),
    "wrong_address": N_("The assistant isn't at the address that the shop has set."),
    "moderated": N_("The assistant's provider refused this message. Please rephrase it."),
    "redirected": N_("The assistant's address redirects somewhere else."),
    "not_a_stream": N_("The response didn't come from the assistant."),
    "broken_off": N_("The connection to the assistant was lost."),
    "garbled": N_("The assistant's answer couldn't be read."),
    "error_event": N_("The assistant reported an error."),
    "silent": N_("The assistant stopped responding."),
    "too_slow": N_("The answer took too long."),
    "too_big": N_("The answer got too long and was cut off."),
    "tool_calls": N_("The assistant tried to do something it can't do here."),
    "empty": N_("The assistant didn't answer."),
    "prompts": N_("The shop's instructions for the assistant contain an error."),
    "disk": N_("The answer couldn't be saved because the disk is full. Copy it if you need it."),
    "bug": N_("Something went wrong on our side."),
    "budget": N_("There's no budget left today for another try."),
}
_OWNERS = OWNERS_FAULTS | {"server_error", "garbled", "error_event", "tool_calls", "prompts"}
"""The faults that only an owner can do something about; a customer is told that there is no answer, and whom to ask."""
_NOTED = frozenset([*_OWNERS, "disk"]) - {"tool_calls"}
"""Of faults that leave a question without an answer, those of which the customer is told that the shop knows: the owner's desk
lists them from then on until the same works again."""
_TOLD = N_("The shop has been told.")
_ENDINGS = {
    "length": N_("The answer was cut off at its length limit."),
    "content_filter": N_("The answer was cut off by the provider's content filter."),
    "stopped": N_("Answer stopped."),
    "interrupted": N_("The answer was interrupted."),
    "failed": N_("No answer."),
}
_LOOKED_UP = N_("The assistant is unavailable, so this comes straight from the shop's information.")
_OTHER_MODEL = {
    "too_long": N_("%(model)s answered because the conversation is too long for the preferred model."),
    "ended": N_("%(model)s answered because the preferred model is no longer available."),
    "dearer_here": N_("%(model)s answered because the preferred model costs more at this length."),
    "unavailable": N_("%(model)s answered because the preferred model was not available."),
    "budget": N_("%(model)s answered because most of today's budget is used."),
}


def fault(language: Language, word: str) -> str:
    """Return what went wrong with a model, by the word that the ledger has for it; "" for one that has no sentence."""
    return language.gettext(_FAULTS.get(word, ""))


def ending(
    language: Language, record: Record, retry_after_seconds: float | None = None, *, for_customer: bool = False
) -> str | None:
    """Return how a reply ended, None where it simply ended. `for_customer`: without what only an owner can mend."""
    if record.ending in (None, "stop"):
        return None
    looked_up, _, why = (record.why or "").rpartition(":")
    parts = [language.gettext(_LOOKED_UP if looked_up else _ENDINGS[record.ending])]
    if why in _FAULTS and record.ending in ("failed", "interrupted") and not (for_customer and why in _OWNERS):
        parts.append(fault(language, why))
    if why == "rate_limited" and retry_after_seconds:
        wait = language.duration(retry_after_seconds)
        parts.append(language.gettext("Please try again in %(time)s.", time=wait))
    if for_customer and _is_noted(record.ending, why):
        parts.append(language.gettext(_TOLD))
    return " ".join(parts)


def _is_noted(ending: str | None, why: str) -> bool:
    """True if the shop's owner sees at the desk that a reply ended so."""
    return why in _NOTED and (ending == "failed" or why == "disk")


def owners_note(language: Language, record: Record) -> str | None:
    """Return what only an owner is shown of a reply: a fault that is theirs to mend, or why another model spoke."""
    why = (record.why or "").rpartition(":")[2]
    if why in _OWNERS and record.ending in ("failed", "interrupted"):
        return fault(language, why)
    return other_model(language, record)


def other_model(language: Language, record: Record) -> str | None:
    """Return why another model than the first choice spoke."""
    because = _OTHER_MODEL.get(record.why or "")
    return language.gettext(because, model=record.model or "") if because and record.model and record.text else None


def receipt(language: Language, took: Receipt) -> str:
    """Return what a reply took: tokens, cost, seconds, calls."""
    read, written, cached = took.prompt_tokens, took.completion_tokens, took.cached_tokens
    if cached:
        tokens = language.gettext(
            "%(read)s tokens read (%(cached)s cached), %(written)s written.",
            read=read, cached=cached, written=written,
        )  # fmt: skip
    else:
        tokens = language.gettext("%(read)s tokens read, %(written)s written.", read=read, written=written)
    price = language.gettext("Cost: %(cost)s.", cost=cost(language, took.cost_usd))
    seconds = language.number(took.seconds, 1)
    if took.first_seconds is None:
        time = language.ngettext(
            "%(seconds)s s in total, %(num)s model call.", "%(seconds)s s in total, %(num)s model calls.",
            max(1, took.calls), seconds=seconds,
        )  # fmt: skip
    else:
        time = language.ngettext(
            "%(first)s s to the first word, %(seconds)s s in total, %(num)s model call.",
            "%(first)s s to the first word, %(seconds)s s in total, %(num)s model calls.",
            max(1, took.calls), first=language.number(took.first_seconds, 1), seconds=seconds,
        )  # fmt: skip
    return f"{tokens} {price} {time}"


def cost(language: Language, usd: Decimal | None) -> str:
    """Return a cost; small ones with the digits that matter."""
    return language.gettext("unknown") if usd is None else language.usd(usd)


def spent(language: Language, spent: BudgetExceeded, now: datetime) -> str:
    """Return that the day's budget is used up, and when one can write again; the page adds the hour and the full stop."""
    whose = (
        N_("You've reached today's message limit.")
        if spent.whose == "user"
        else N_("The assistant has reached today's limit.")
    )
    wait = language.duration((spent.resets - now).total_seconds())
    again = language.gettext("You can write again in %(wait)s", wait=wait)
    return f"{language.gettext(whose)} {again}"
