"""What one's messages took: tokens and cost, by day, model and purpose."""

from collections import defaultdict
from datetime import date, timedelta

from quart import Blueprint, abort

from handlers.pages.charts import plot
from handlers.services import current_services, in_thread
from handlers.web.responses import Answer, _, language, render_page, sees_details
from handlers.web.sessions import current_user
from memory.conversations import headers
from memory.storage.folders import Folder
from memory.usage import ledger
from memory.usage.day_totals import DAYS, Sum, sum_of, total
from memory.usage.reports import Bar

usage = Blueprint("usage", __name__)


@usage.get("/usage")
async def show_usage() -> Answer:
    """Tokens and cost of the last month, by day, model and purpose; 404 for users who see no details."""
    if not sees_details():
        abort(404)
    now, name, budget = current_services().now(), current_user().name, current_services().budget
    days = [now.date() - timedelta(days=n) for n in reversed(range(DAYS))]
    of_line, of_day = defaultdict[tuple[date, str, str], list[Sum]](list), defaultdict[date, list[Sum]](list)
    for call in await in_thread(ledger.calls, current_user().folder, since=days[0]):
        of_line[call.time.date(), call.model, call.purpose].append(sum_of(call))
        of_day[call.time.date()].append(sum_of(call))
    limit = budget.allowance(name).tokens
    return render_page(
        "usage.html",
        lines=[(*line, total(found)) for line, found in of_line.items()],
        plot=plot(
            _("Last %(days)s days", days=DAYS), [Bar(day, total(of_day[day])) for day in days], language(), every=5
        ),
        today=total(of_day[days[-1]]),
        conversation=await in_thread(_conversation, current_user().folder),
        limit=limit,
        used=(await in_thread(budget.used, name, now))[0].tokens if limit else 0,
    )


def _conversation(folder: Folder) -> Sum:
    """Sum up what the replies of this conversation took. Blocks, the longer the conversation the longer."""
    return total(sum_of(receipt, calls=receipt.calls) for receipt in headers.receipts(folder))
