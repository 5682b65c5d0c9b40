"""Notes in the list of changes what the owner of a request did at the desk."""

from datetime import timedelta

from handlers.services import current_services, in_thread
from handlers.web.sessions import current_user
from memory.people import audit
from memory.people.audit import AuditEntry

_AGAIN = timedelta(hours=1)
_LOOKED_THROUGH = 50


async def note_change(what: str, before: str = "", after: str = "") -> None:
    """Note a change that was made; secrets are handed in as audit.MASKED."""
    services = current_services()
    entry = AuditEntry(services.now(), current_user().name, what, before, after)
    await in_thread(audit.note_or_log, services.users, entry)


async def note_look(what: str) -> None:
    """Note that something was looked at; not again within an hour, for an owner who turns pages."""
    services, who = current_services(), current_user().name
    newest = await in_thread(audit.latest, services.users, _LOOKED_THROUGH)
    since = services.now() - _AGAIN
    if not any(one.who == who and one.what == what and one.time > since for one in newest):
        await note_change(what)
