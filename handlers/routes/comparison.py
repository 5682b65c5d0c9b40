"""The owner's look at the latest comparison of models, as `uv run just compare` left it."""

from pathlib import Path

from quart import Blueprint, abort

from handlers.services import in_thread
from handlers.web.app import current_web
from handlers.web.responses import Answer, html, render_page
from handlers.web.sessions import current_user

compare = Blueprint("compare", __name__)

REPORT = "comparison.html"
_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
)
"""The report carries its styles and pictures in itself; no script of it would run."""


@compare.get("/compare")
async def show_comparison() -> Answer:
    """The report, for the owner; for everybody else there is nothing here."""
    if current_user().account.role != "owner":
        abort(404)
    report = await in_thread(_read, current_web().environment.reports / REPORT)
    if report is None:
        return render_page("no_comparison.html")
    return html(report, Content_Security_Policy=_POLICY)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
