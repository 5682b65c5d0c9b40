"""The sentences that a person reads about a reply: endings, faults and refusals in plain words. Pure."""

from datetime import datetime, timedelta
from decimal import Decimal

from handlers.languages import Language
from memory.records import Receipt, Record
from memory.sentences import N_
from memory.spending import Spent

_FAULTS = {
    "unreachable": N_("The assistant cannot be reached just now."),
    "slow_start": N_("The assistant did not begin to answer in time."),
    "rate_limited": N_("The assistant has too much to do just now."),
    "quota": N_("The assistant's account with its provider is used up; the shop has been told."),
    "server_error": N_("The assistant's server had an error."),
    "key_refused": N_("The shop's key for the assistant was not accepted; the shop has been told."),
    "no_such_model": N_("The assistant that the shop has chosen does not exist; the shop has been told."),
    "no_model": N_("No assistant is offered here any more; the shop has been told."),
    "too_long": N_("This is more than the assistant can read at once. Please write a shorter message."),
    "bad_request": N_("The assistant did not understand the request; the shop has been told."),
    "wrong_address": N_("The assistant is not at the address that the shop has set; the shop has been told."),
    "moderated": N_("The assistant's provider refused this message. Please put it in other words."),
    "redirected": N_("The assistant's address leads elsewhere; the shop has been told."),
    "not_a_stream": N_("Something other than the assistant answered; the shop has been told."),
    "broken_off": N_("The connection to the assistant broke off."),
    "garbled": N_("The assistant's answer could not be read."),
    "error_event": N_("The assistant reported an error."),
    "silent": N_("The assistant fell silent."),
    "too_slow": N_("The answer took too long."),
    "too_big": N_("The answer grew too long and was cut."),
    "tool_calls": N_("The assistant tried something that it cannot do here."),
    "empty": N_("The assistant gave no answer."),
    "prompts": N_("The shop's instructions for the assistant have an error; the shop has been told."),
    "disk": N_("The answer could not be saved: the disk does not take it. Copy it if you need it."),
    "bug": N_("Something went wrong here; the shop has been told."),
    "budget": N_("The budget of the day does not reach for another try."),
}
_ENDINGS = {
    "length": N_("Cut: the answer reached its length limit."),
    "content_filter": N_("Cut by the provider's content filter."),
    "stopped": N_("Stopped."),
    "interrupted": N_("Interrupted."),
    "failed": N_("No answer."),
}
_LOOKED_UP = N_("No answer, but a look into the shop's data.")
_OTHER_MODEL = {
    "too_long": N_("%(model)s answered because the conversation is too long for the first choice."),
    "ended": N_("%(model)s answered because the first choice is no longer offered."),
    "dearer_here": N_("%(model)s answered because the first choice is dearer at this length."),
    "unavailable": N_("%(model)s answered because the first choice was not available."),
    "budget": N_("%(model)s answered because most of the day's budget is used."),
}


def fault(language: Language, word: str) -> str:
    """Say what went wrong with a model, by the word that the ledger has for it; "" for one that has no sentence."""
    return language.gettext(_FAULTS.get(word, ""))


def ending(language: Language, record: Record, retry_after_seconds: float | None = None) -> str | None:
    """Say how a reply ended, None where it simply ended."""
    if record.ending in (None, "stop"):
        return None
    looked_up, _, why = (record.why or "").rpartition(":")
    parts = [language.gettext(_LOOKED_UP if looked_up else _ENDINGS[record.ending])]
    if why in _FAULTS and record.ending in ("failed", "interrupted"):
        parts.append(fault(language, why))
    if why == "rate_limited" and retry_after_seconds:
        wait = language.duration(retry_after_seconds)
        parts.append(language.gettext("Please try again in %(time)s.", time=wait))
    return " ".join(parts)


def other_model(language: Language, record: Record) -> str | None:
    """Say why another model than the first choice spoke."""
    because = _OTHER_MODEL.get(record.why or "")
    return language.gettext(because, model=record.model or "") if because and record.model and record.text else None


def receipt(language: Language, took: Receipt) -> str:
    """Say what a reply took: tokens, cost, seconds, calls."""
    read, written, cached = took.prompt_tokens, took.completion_tokens, took.cached_tokens
    if cached:
        tokens = language.gettext(
            "%(read)s tokens read (%(cached)s of them cached), %(written)s written.",
            read=read, cached=cached, written=written,
        )  # fmt: skip
    else:
        tokens = language.gettext("%(read)s tokens read, %(written)s written.", read=read, written=written)
    price = language.gettext("Cost: %(cost)s.", cost=cost(language, took.cost_usd))
    seconds = language.number(took.seconds, 1)
    if took.first_seconds is None:
        time = language.ngettext(
            "%(seconds)s s in all, %(num)s call of a model.", "%(seconds)s s in all, %(num)s calls of a model.",
            max(1, took.calls), seconds=seconds,
        )  # fmt: skip
    else:
        time = language.ngettext(
            "%(first)s s to the first word, %(seconds)s s in all, %(num)s call of a model.",
            "%(first)s s to the first word, %(seconds)s s in all, %(num)s calls of a model.",
            max(1, took.calls), first=language.number(took.first_seconds, 1), seconds=seconds,
        )  # fmt: skip
    return f"{tokens} {price} {time}"


def cost(language: Language, usd: Decimal | None) -> str:
    """Say a cost; small ones with the digits that tell."""
    return language.gettext("unknown") if usd is None else language.usd(usd)


def spent(language: Language, spent: Spent, now: datetime) -> str:
    """Say that the day's budget does not reach for a message, and when it begins anew."""
    whose = (
        N_("You have used what one person may use here in a day: what is left is not enough for another message.")
        if spent.whose == "person"
        else N_(
            "The shop's assistant has answered as much as it may in a day: what is left is not enough for another message."
        )
    )
    wait = spent.resets - now
    anew = (
        N_("It begins anew at %(time)s UTC on %(day)s, in %(wait)s.")
        if wait > timedelta(days=1)
        else N_("It begins anew at %(time)s UTC, in %(wait)s.")
    )
    time, day = language.hour(spent.resets), language.long_day(spent.resets)
    begins = language.gettext(anew, time=time, day=day, wait=language.duration(wait.total_seconds()))
    return f"{language.gettext(whose)} {begins}"
