"""The owner's settings page."""

from quart import Blueprint

from handlers.pages.settings_table import shown
from handlers.services import current_services
from handlers.web.app import current_web
from handlers.web.owner import only_owners
from handlers.web.responses import Answer, language, render_page

settings = Blueprint("desk_settings", __name__, url_prefix="/admin/settings")
settings.before_request(only_owners)


@settings.get("")
async def show_settings() -> Answer:
    """The settings in force; what is secret is masked."""
    rows = shown(current_services().settings, current_web().environment.environ, language())
    return render_page("admin_settings.html", rows=rows)
