"""The sentences that a person reads about a reply: endings, faults and refusals in plain words. Pure."""

from datetime import datetime, timedelta
from decimal import Decimal

from memory.records import Receipt, Record
from memory.spending import Spent

_FAULTS = {
    "unreachable": "The assistant cannot be reached just now.",
    "slow_start": "The assistant did not begin to answer in time.",
    "rate_limited": "The assistant has too much to do just now.",
    "quota": "The assistant's account with its provider is used up; the shop has been told.",
    "server_error": "The assistant's server had an error.",
    "key_refused": "The shop's key for the assistant was not accepted; the shop has been told.",
    "no_such_model": "The assistant that the shop has chosen does not exist; the shop has been told.",
    "no_model": "No assistant is offered here any more; the shop has been told.",
    "too_long": "This is more than the assistant can read at once. Please write a shorter message.",
    "bad_request": "The assistant did not understand the request; the shop has been told.",
    "redirected": "The assistant's address leads elsewhere; the shop has been told.",
    "not_a_stream": "Something other than the assistant answered; the shop has been told.",
    "broken_off": "The connection to the assistant broke off.",
    "garbled": "The assistant's answer could not be read.",
    "error_event": "The assistant reported an error.",
    "silent": "The assistant fell silent.",
    "too_slow": "The answer took too long.",
    "too_big": "The answer grew too long and was cut.",
    "tool_calls": "The assistant tried something that it cannot do here.",
    "empty": "The assistant gave no answer.",
    "prompts": "The shop's instructions for the assistant have an error; the shop has been told.",
    "disk": "The answer could not be saved: the disk does not take it. Copy it if you need it.",
    "bug": "Something went wrong here; the shop has been told.",
    "budget": "The budget of the day does not reach for another try.",
}
_ENDINGS = {
    "length": "Cut: the answer reached its length limit.",
    "content_filter": "Cut by the provider's content filter.",
    "stopped": "Stopped.",
    "interrupted": "Interrupted.",
    "failed": "No answer.",
}
_LOOKED_UP = "No answer, but a look into the shop's data."
_OTHER_MODEL = {
    "too_long": "because the conversation is too long for the first choice",
    "ended": "because the first choice is no longer offered",
    "dearer_here": "because the first choice is dearer at this length",
    "unavailable": "because the first choice was not available",
    "budget": "because most of the day's budget is used",
}


def clock(time: datetime) -> str:
    """Give a time for who has no JavaScript; a script puts the reader's own in its place."""
    return f"{time.day} {time:%b %Y, %H:%M} UTC"


def ending(record: Record, retry_after_seconds: float | None = None) -> str | None:
    """Say how a reply ended, None where it simply ended."""
    if record.ending in (None, "stop"):
        return None
    looked_up, _, why = (record.why or "").rpartition(":")
    fault = _FAULTS.get(why, "") if record.ending in ("failed", "interrupted") else ""
    words = f"{_LOOKED_UP if looked_up else _ENDINGS[record.ending]} {fault}".strip()
    if why == "rate_limited" and retry_after_seconds:
        words += f" Please try again in {duration(retry_after_seconds)}."
    return words


def other_model(record: Record) -> str | None:
    """Say why another model than the first choice spoke."""
    because = _OTHER_MODEL.get(record.why or "")
    return f"{record.model} answered {because}." if because and record.text else None


def receipt(took: Receipt) -> str:
    """Say what a reply took: tokens, cost, seconds, calls."""
    cached = f" ({took.cached_tokens:,} of them cached)" if took.cached_tokens else ""
    first = f"{took.first_seconds:.1f} s to the first word, " if took.first_seconds is not None else ""
    calls = f"{took.calls} calls of a model" if took.calls > 1 else "one call of a model"
    return (
        f"{took.prompt_tokens:,} tokens read{cached}, {took.completion_tokens:,} written. "
        f"Cost: {cost(took.cost_usd)}. {first}{took.seconds:.1f} s in all, {calls}."
    )


def cost(usd: Decimal | None) -> str:
    """Say a cost; small ones with the digits that tell."""
    if usd is None:
        return "unknown"
    return f"US$ {usd:.2f}" if usd >= 1 or usd == 0 else f"US$ {usd:.6f}".rstrip("0")


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds"
    return f"{round(seconds / 60)} minutes" if seconds < 5400 else f"{round(seconds / 3600)} hours"


def spent(spent: Spent, now: datetime) -> str:
    """Say that the day's budget does not reach for a message, and when it begins anew."""
    whose = (
        "You have used what one person may use here in a day"
        if spent.whose == "person"
        else "The shop's assistant has answered as much as it may in a day"
    )
    wait = spent.resets - now
    day = f" on {spent.resets.day} {spent.resets:%B}" if wait > timedelta(days=1) else ""
    return (
        f"{whose}: what is left is not enough for another message. "
        f"It begins anew at {spent.resets:%H:%M} UTC{day}, in {duration(wait.total_seconds())}."
    )
