"""What replies meet that the shop's owner is to put right: noted when it happens, cleared when the same works again.

All functions block. What works costs one look at a directory's time of change.
"""

from typing import get_args

from completions.errors import OF_THE_QUESTION, OWNERS_FAULTS, ErrorKind
from handlers.services import Services
from memory.context.prompt import faults_of_templates
from memory.storage.folders import TAKES_NOTHING, Busy
from memory.usage.incidents import MOST_TIMES, Cause
from settings import Model

_OF_MODELS: tuple[Cause, ...] = ("key_refused", "quota", "model_failing")
_SURE = OWNERS_FAULTS - {"bad_request"}
"""Faults that no second try changes; any other counts when it comes again and again, or leaves a question unanswered."""


def note_call(services: Services, user: str, model: Model, ending: str, *, has_output: bool) -> None:
    """Note the fault that a call of a model ended with, or that the model answers."""
    if model.is_code:
        return
    if (cause := _cause_of(ending)) is not None:
        times = MOST_TIMES if ending in _SURE else 1
        services.incidents.note(cause, model.name, ending, services.now(), user, times=times)
    elif has_output:
        services.incidents.clear(*((cause, model.name) for cause in _OF_MODELS))


def forget_models(services: Services) -> None:
    """Clear the faults of all models: they are asked otherwise from now on, with another key or at another address."""
    standing = services.incidents.standing()
    services.incidents.clear(*((one.cause, one.subject) for one in standing if one.cause in _OF_MODELS))


def note_end(services: Services, user: str, ending: str, why: str | None, error: Exception | None, model: str) -> None:
    """Note why a question got no answer: no model had one, prompts/ cannot be used, or the disk took nothing.

    `model` is the last one asked, or would have been. `why` is the word of the record, where code may have answered instead.
    """
    why = (why or "").rpartition(":")[2]
    if why == "prompts":
        found = faults_of_templates(services.prompts) or {"system.md": str(error)}
        for file, reason in found.items():
            services.incidents.note("prompts", file, reason, services.now(), user)
    elif why == "disk" and error is not None:
        note_refused_write(services, user, error)
    elif ending == "failed" and (cause := _cause_of(why)) is not None:
        services.incidents.note(cause, model, why, services.now(), user, times=MOST_TIMES)


def note_kept(services: Services, user: str) -> None:
    """Note that the disk took a reply of this user."""
    services.incidents.clear(
        ("disk", ""), ("disk", user)
    )  # what is nearly full is looked at by handlers/desk/conditions.py


def note_refused_write(services: Services, user: str, error: Exception) -> None:
    """Note that the disk did not take something of this user. A lock that is not free, or a file that is gone, is no such thing."""
    cause = error if isinstance(error, OSError) else error.__cause__
    if isinstance(error, Busy) or not isinstance(cause, OSError) or isinstance(cause, FileNotFoundError):
        return
    whose = "" if cause.errno in TAKES_NOTHING else user
    services.incidents.note("disk", whose, cause.strerror or "", services.now(), user)


def note_spent(services: Services, user: str) -> None:
    """Note that the shop's budget of the day did not cover a question."""
    now = services.now()
    services.incidents.note("budget", f"{now.date().isoformat()} spent", "spent", now, user)


def _cause_of(ending: str) -> Cause | None:
    """Return the cause that a fault of a model belongs to; None for one of the question, and for what is no fault."""
    if ending not in _FAULTS or ending in OF_THE_QUESTION:
        return None
    match ending:
        case "key_refused" | "quota":
            return ending
        case _:
            return "model_failing"


_FAULTS = frozenset[str](get_args(ErrorKind))
