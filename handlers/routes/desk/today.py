"""The desk's first page: what needs attention, and how the assistant is doing."""

from decimal import Decimal

from quart import Blueprint, Response

from handlers.desk import attention
from handlers.desk.attention import AttentionEntry
from handlers.pages import attention_texts, money_texts
from handlers.pages.attention_texts import AttentionText
from handlers.services import current_services, in_thread
from handlers.web.owner import only_owners
from handlers.web.responses import Answer, json_response, language, render_page
from handlers.web.sessions import current_user
from memory.timestamps import stamp
from memory.usage import activity

today = Blueprint("desk_today", __name__, url_prefix="/admin")
today.before_request(only_owners)


@today.get("")
async def show_today() -> Answer:
    """What needs attention, the last seven days against the seven before, and what the assistant costs."""
    services, now = current_services(), current_services().now()
    entries = await in_thread(attention.entries, services)
    found = await in_thread(activity.of_shop, services.users, now, [current_user().name])
    daily = Decimal(str(services.settings.budget.daily_usd))
    return render_page(
        "admin_today.html",
        entries=[(entry, _text_of(entry)) for entry in entries],
        found=found,
        now=now,
        today=money_texts.spent(language(), found.today, daily),
        month=money_texts.spent(language(), found.month, daily * found.days_of_month),
    )


def _text_of(entry: AttentionEntry) -> AttentionText:
    return attention_texts.attention_text(language(), entry.cause, entry.detail, entry.reason)


@today.get("/attention.json")
async def list_attention() -> Response:
    """What needs attention, for programs: a list of cause, since, met and link, empty when all is well."""
    entries = await in_thread(attention.entries, current_services())
    return json_response(
        [{"cause": entry.cause, "since": stamp(entry.since), "met": entry.met, "link": entry.link} for entry in entries]
    )
