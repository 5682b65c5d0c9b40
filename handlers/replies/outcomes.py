"""How a reply ends: by the model's finish reason, or by what went wrong."""

import logging
from dataclasses import dataclass

from completions.errors import ModelError
from completions.reasons import outcome
from handlers.replies.attempts import OutOfBudget
from handlers.replies.pacing import Stop, Stopped
from memory.conversations.records import Ending
from memory.storage.folders import StorageError
from shop.texts import PromptsUnreadable

log = logging.getLogger("storekeeper.turn")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reply ended, and why where that is not plain; `retry_after_seconds` is what the provider asks for."""

    ending: Ending
    why: str | None = None
    retry_after_seconds: float | None = None


def outcome_of_reason(reason: str, why: str | None, text: str) -> Outcome:
    """Return how a reply ended, by the model's finish reason. One without a word, or a call of tools, has failed."""
    match outcome(reason):
        case "length":
            return Outcome("length", why)
        case "content_filter":
            return Outcome("content_filter", why)
        case "tool_calls":
            return Outcome("failed", "tool_calls")
        case _ if not text.strip():
            return Outcome("failed", "empty")
        case "stop":
            return Outcome("stop", why)
        case _:
            return Outcome("interrupted", "error_event")


@dataclass(frozen=True, slots=True)
class _Problem:
    """What an error means for the reply it ends. `ending` None: interrupted where there are words, else failed."""

    error: type[Exception]
    ending: Ending | None
    why: str
    event: str | None


_PROBLEMS = (
    _Problem(OutOfBudget, "failed", "budget", None),
    _Problem(PromptsUnreadable, "failed", "prompts", "prompts_unreadable"),
    _Problem(StorageError, "interrupted", "disk", "spool_not_written"),
    _Problem(Exception, None, "bug", "turn_failed"),
)
"""The first that fits counts. `event` is the line of the log, None without one."""


def outcome_of(error: Exception, stop: Stop, text: str) -> Outcome:
    """Return how the reply ends that has this text and came upon this error; log what its owner is to know."""
    if isinstance(error, Stopped):
        return Outcome(stop.ending)
    by_text: Ending = "interrupted" if text else "failed"
    if isinstance(error, ModelError):
        log.log(logging.ERROR if error.fault.is_owners else logging.WARNING, "fault", extra={"fault": str(error)})
        return Outcome(by_text, error.fault.kind, error.fault.retry_after_seconds)
    problem = next(one for one in _PROBLEMS if isinstance(error, one.error))
    if problem.why == "bug":
        log.error("turn_failed", exc_info=error)
    elif problem.event is not None:
        log.error(problem.event, extra={"error": str(error)})
    return Outcome(problem.ending or by_text, problem.why)
