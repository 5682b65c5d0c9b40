"""What may need attention though nobody has met it yet: looked at when somebody asks, and noted, so that its beginning is kept.

All functions block.
"""

from datetime import UTC, datetime, timedelta

from handlers.services import Services
from memory.context.prompt import faults_of_templates
from memory.storage import space
from memory.storage.layout import BACKUP, INCIDENTS, LOCK
from memory.usage.incidents import Incident

BACKUP_DAYS = 7
"""After so many days without a backup its owner is reminded; a shop without customers has nothing to lose yet."""
_SPACE = "space"
"""The subject of a disk that is nearly full, beside those of writes that it refused."""


def look(services: Services) -> None:
    """Note what does not hold now, and clear what holds again: the disk, prompts/, the shop's budget."""
    _look_at_disk(services)
    _look_at_prompts(services)
    _look_at_budget(services)


def _look_at_disk(services: Services) -> None:
    incidents, now = services.incidents, services.now()
    places = [services.users.root, services.prompts]
    if any(map(space.is_nearly_full, places)):
        incidents.note("disk", _SPACE, "", now)
    else:
        incidents.clear(("disk", _SPACE))
    folder = services.users.shared / INCIDENTS
    reason = space.refusal(folder if folder.path.is_dir() else services.users.shared)
    if reason:
        incidents.note("disk", "", reason, now)
    else:
        incidents.clear(("disk", ""))


def _look_at_prompts(services: Services) -> None:
    """The whole of prompts/ is tried out: what a customer met counts as long as that fails."""
    services.incidents.keep("prompts", faults_of_templates(services.prompts), services.now())


def _look_at_budget(services: Services) -> None:
    """Incidents of the budget are those of one day, and go with it, or when it is raised."""
    incidents, now = services.incidents, services.now()
    day, is_near = now.date().isoformat(), services.budget.is_shop_near(now)
    for one in incidents.standing():
        if one.cause == "budget" and not (is_near and one.subject.startswith(day)):
            incidents.clear(("budget", one.subject))
    if is_near and not any(one.cause == "budget" for one in incidents.standing()):
        incidents.note("budget", f"{day} near", "near", now)


def overdue_backup(services: Services) -> Incident | None:
    """Return since when a backup is overdue: a week after the last one, or after the shop's beginning if it has customers.

    users/.lock is made with users/ and never written to, so its time is when the shop began.
    """
    shared = services.users.shared
    mark, began = shared.status(BACKUP), shared.status(LOCK)
    has_customers = mark is not None or _has_customers(services)
    status = mark or began
    if status is None or not has_customers:
        return None
    due = datetime.fromtimestamp(int(status.st_mtime), UTC) + timedelta(days=BACKUP_DAYS)
    return Incident("backup", "", "overdue" if mark else "never", due) if due <= services.now() else None


def _has_customers(services: Services) -> bool:
    return services.users.count(most=2) > 1
