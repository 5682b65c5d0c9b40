"""The owner's usage: tokens and cost of all users, the errors of models, what people thought of replies."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from quart import Blueprint, Response, abort, request

from handlers.pages import reply_texts
from handlers.pages.charts import plot
from handlers.services import current_services, in_thread
from handlers.web.changes import note_look
from handlers.web.downloads import download
from handlers.web.owner import only_owners
from handlers.web.password_check import check_password
from handlers.web.responses import Answer, _, language, render_page, retry_after
from memory.conversations import doubts, feedback
from memory.storage.layout import FEEDBACK
from memory.storage.users import Users
from memory.usage import reports
from memory.usage.day_totals import DAYS
from memory.usage.reports import Shop

usage = Blueprint("desk_usage", __name__, url_prefix="/admin")
usage.before_request(only_owners)

_MOST_LISTED = 100


class _Pieces(Protocol):
    def __call__(self, users: Users, *, has_words: bool) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class _File:
    """A file for a spreadsheet: the field of its password, what the list of changes calls it, what makes it."""

    field: str
    noted: str
    pieces: _Pieces


_FILES = {
    FEEDBACK: _File("feedback", "feedback", feedback.of_all),
    "wrong-claims.csv": _File("claims", "wrong claims", doubts.of_all),
}


@usage.get("/usage")
async def show_usage() -> Answer:
    """What all users used today, this week and this month, with plots; the errors of models."""
    services = current_services()
    found = await in_thread(reports.of_shop, services.users, services.now())
    plots = (
        plot(_("Last 24 hours"), found.hours, language(), every=6),
        plot(_("Last 7 days"), found.week, language(), every=1),
        plot(_("Last %(days)s days", days=DAYS), found.month, language(), every=5),
    )
    return render_page("admin_usage.html", plots=plots, month=found.month, models=found.models, faults=_faults(found))


def _faults(found: Shop) -> list[tuple[str, str, str, int]]:
    """Return the faults of models: the model, the fault in words, its word in the ledger, how often."""
    return [(model, reply_texts.fault(language(), word), word, times) for model, word, times in found.faults]


@usage.get("/feedback")
async def show_feedback() -> Answer:
    """What people thought of replies last, to read; the files of all of it are a password away."""
    return await _feedback_page()


async def _feedback_page(status: int = 200, **problems: str) -> Response:
    """Return the page; `problems` is what is wrong with the password of a file."""
    services = current_services()
    found = await in_thread(feedback.latest, services.users, _MOST_LISTED)
    reads = services.settings.owner_reads_conversations
    return render_page("admin_feedback.html", status, found=found, reads=reads, problems=problems)


@usage.post("/feedback/<file>")
async def export(file: str) -> Answer:
    """A file of what all customers said or were answered, for an owner who gives the password; 404 for no such file.

    It has questions and answers where the owner may read conversations.
    """
    if file not in _FILES:
        abort(404)
    if refused := await check_password((await request.form).get("password", "")):
        status, problem, seconds = refused
        return retry_after(await _feedback_page(status, **{_FILES[file].field: problem}), seconds)
    services = current_services()
    has_words = services.settings.owner_reads_conversations
    if has_words:
        await note_look(f"{_FILES[file].noted}: exported with questions and answers")
    pieces = _FILES[file].pieces(services.users, has_words=has_words)
    return download(pieces, lambda: None, "text/csv; charset=utf-8", file)
