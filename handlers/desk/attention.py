"""What needs the owner's attention: the incidents that stand, an entry a cause, each with the page where it is put right."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from handlers.desk import conditions
from handlers.services import Services
from memory.usage.incidents import CAUSES, MOST_TIMES, Cause, Incident

LINKS: dict[Cause, str] = {
    "key_refused": "/admin/settings",
    "quota": "/admin/settings",
    "model_failing": "/admin/settings",
    "data_unusable": "/admin/data",
    "feed_failing": "/admin/data",
    "budget": "/admin/settings",
    "disk": "/admin/data",
    "prompts": "/admin/texts/system.md",
    "backup": "/admin/settings",
}
"""The page of the desk where each is put right; of prompts/ that of the text that cannot be used."""


@dataclass(frozen=True, slots=True)
class AttentionEntry:
    """One thing that needs attention. `met` is how many customers met it, 0 where none can.

    `detail` names what it is about, such as models or files; `reason` is how it fails, as a word or a sentence of ours.
    """

    cause: Cause
    since: datetime
    met: int
    link: str
    detail: str = ""
    reason: str = ""


def entries(services: Services) -> list[AttentionEntry]:
    """Return what needs attention now, one entry a cause, in the order of CAUSES. Blocks."""
    conditions.look(services)
    standing = [one for one in services.incidents.standing() if _counts(services, one)]
    if backup := conditions.overdue_backup(services):
        standing.append(backup)
    by_cause = {cause: [one for one in standing if one.cause == cause] for cause in CAUSES}
    return [_ENTRIES.get(cause, _entry)(cause, found) for cause, found in by_cause.items() if found]


def _counts(services: Services, one: Incident) -> bool:
    """True if the incident is news: of a model that is asked, and no single fault of one that another stood in for."""
    if one.cause in ("key_refused", "quota", "model_failing"):
        is_asked = one.subject in (*services.settings.chat, *services.settings.summariser)
        return is_asked and (one.cause != "model_failing" or one.times >= MOST_TIMES)
    return one.cause != "feed_failing" or bool(services.settings.catalogue.feed)


def _entry(cause: Cause, found: list[Incident]) -> AttentionEntry:
    met = frozenset[str]().union(*(one.met for one in found))
    subjects = ", ".join(filter(None, (one.subject for one in found)))
    return AttentionEntry(cause, min(one.since for one in found), len(met), LINKS[cause], subjects, found[0].detail)


def _budget(cause: Cause, found: list[Incident]) -> AttentionEntry:
    """A budget that is spent was near that before."""
    spent = [one for one in found if one.detail == "spent"]
    return replace(_entry(cause, spent or found), detail="")


def _disk(cause: Cause, found: list[Incident]) -> AttentionEntry:
    """A disk that took nothing says why; the users in whose directories that was are no news."""
    reasons = (one.detail for one in found if one.detail)
    return replace(_entry(cause, found), detail="", reason=next(reasons, ""))


def _prompts(cause: Cause, found: list[Incident]) -> AttentionEntry:
    """The link leads to the text that cannot be used."""
    return replace(_entry(cause, found), link=f"/admin/texts/{found[0].subject}")


_ENTRIES: dict[Cause, Callable[[Cause, list[Incident]], AttentionEntry]] = {
    "budget": _budget,
    "disk": _disk,
    "prompts": _prompts,
}
