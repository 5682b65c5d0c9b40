"""The list of what was changed at the desk, and its file."""

from quart import Blueprint, request

from handlers.pages.change_rows import change_row
from handlers.services import current_services, in_thread
from handlers.web.downloads import download
from handlers.web.owner import only_owners
from handlers.web.responses import Answer, language, render_page
from memory.people import audit as changes

audit = Blueprint("desk_audit", __name__, url_prefix="/admin")
audit.before_request(only_owners)

PAGE_CHANGES = 100


@audit.get("/audit")
async def show_changes() -> Answer:
    """The changes, newest first, 100 at a time; `before` is the byte of the file that a page ends at."""
    before = request.args.get("before", type=int)
    page = await in_thread(changes.page, current_services().users, PAGE_CHANGES, before)
    return render_page(
        "admin_audit.html",
        rows=[change_row(language(), entry) for entry in page.entries],
        older=page.older,
        is_newest=before is None,
    )


@audit.get("/audit.csv")
async def download_changes() -> Answer:
    """The file itself, as it is now."""
    pieces = changes.whole(current_services().users)
    return download(pieces, lambda: None, "text/csv; charset=utf-8", "changes.csv")
