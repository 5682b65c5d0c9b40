"""The owner's usage: tokens and cost of all users, the errors of models, what people thought of replies."""

from quart import Blueprint

from handlers.pages import reply_texts
from handlers.pages.charts import plot
from handlers.services import current_services, in_thread
from handlers.web.changes import note_look
from handlers.web.downloads import download
from handlers.web.owner import only_owners
from handlers.web.responses import Answer, _, language, render_page
from memory.conversations import doubts, feedback
from memory.usage import reports
from memory.usage.day_totals import DAYS
from memory.usage.reports import Shop

usage = Blueprint("desk_usage", __name__, url_prefix="/admin")
usage.before_request(only_owners)

_MOST_LISTED = 100


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
    """What people thought of replies last, to read; the file of all of it is a link away."""
    services = current_services()
    found = await in_thread(feedback.latest, services.users, _MOST_LISTED)
    return render_page("admin_feedback.html", found=found, reads=services.settings.owner_reads_conversations)


@usage.get("/feedback/wrong-claims.csv")
async def export_wrong_claims() -> Answer:
    """What replies claimed that the shop's data do not bear out; with question and answer where they may be read."""
    services = current_services()
    has_words = services.settings.owner_reads_conversations
    if has_words:
        await note_look("wrong claims: exported with questions and answers")
    pieces = doubts.of_all(services.users, has_words=has_words)
    return download(pieces, lambda: None, "text/csv; charset=utf-8", "wrong-claims.csv")
