"""What needs the owner's attention: the incidents that stand, an entry a cause, each with the page where it is put right."""

from dataclasses import dataclass
from datetime import datetime

from handlers.services import Services
from memory.usage.incidents import CAUSES, MOST_TIMES, Cause, Incident

_LINKS: dict[Cause, str] = {
    "key_refused": "/admin/settings",
    "quota": "/admin/settings",
    "model_failing": "/admin/settings",
    "data_unusable": "/admin/data",
    "feed_failing": "/admin/data",
    "budget": "/admin/usage",
    "disk": "/admin/data",
    "prompts": "/admin/texts/system.md",
    "backup": "/admin/settings",
}


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
    standing = [one for one in services.incidents.standing() if _counts(services, one)]
    by_cause = {cause: [one for one in standing if one.cause == cause] for cause in CAUSES}
    return [_entry(cause, found) for cause, found in by_cause.items() if found]


def _counts(services: Services, one: Incident) -> bool:
    """True if the incident is news: of a model that is asked, and no single fault of one that another stood in for."""
    if one.cause in ("key_refused", "quota", "model_failing"):
        is_asked = one.subject in (*services.settings.chat, *services.settings.summariser)
        return is_asked and (one.cause != "model_failing" or one.times >= MOST_TIMES)
    return one.cause != "feed_failing" or bool(services.settings.catalogue.feed)


def _entry(cause: Cause, found: list[Incident]) -> AttentionEntry:
    met = frozenset[str]().union(*(one.met for one in found))
    subjects = ", ".join(filter(None, (one.subject for one in found)))
    return AttentionEntry(cause, min(one.since for one in found), len(met), _LINKS[cause], subjects, found[0].detail)
