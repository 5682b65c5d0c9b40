"""What one's messages took: tokens and cost, by day, model and purpose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from quart import Blueprint

from handlers.pages.charts import plot
from handlers.services import in_thread, services
from handlers.web.responses import Answer, _, language, render_page
from handlers.web.sessions import person
from memory.conversations import history
from memory.storage.folders import Folder
from memory.usage import ledger, reports
from memory.usage.ledger import LedgerEntry
from memory.usage.reports import Bar

usage = Blueprint("usage", __name__)

_USAGE_DAYS = 31


@dataclass(frozen=True, slots=True)
class Line:
    """The calls of one day and model together."""

    day: date
    model: str
    purpose: str
    calls: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost_usd: Decimal | None


@usage.get("/usage")
async def show_usage() -> Answer:
    """Tokens and cost of the last month, by day, model and purpose."""
    now, name, spending = services().now(), person().name, services().spending
    since = now.date() - timedelta(days=_USAGE_DAYS - 1)
    calls = await in_thread(ledger.calls, person().folder, since=since)
    days = [since + timedelta(days=n) for n in range(_USAGE_DAYS)]
    limit = spending.allowance(name).tokens
    return render_page(
        "usage.html",
        lines=_lines(calls),
        plot=plot(_("Last %(days)s days", days=_USAGE_DAYS), [_bar(day, calls) for day in days], language(), every=5),
        today=_day(days[-1], calls),
        conversation=await in_thread(_conversation, person().folder),
        limit=limit,
        used=(await in_thread(spending.used, name, now))[0].tokens if limit else 0,
    )


@dataclass(frozen=True, slots=True)
class DisplayedUsage:
    """What some calls took together. `cost_usd` is None where one of the prices is not known."""

    tokens: int
    calls: int
    cost_usd: Decimal | None


def _day(day: date, calls: list[LedgerEntry]) -> DisplayedUsage:
    of_day = [call for call in calls if call.time.date() == day]
    return DisplayedUsage(sum(call.tokens for call in of_day), len(of_day), _total(call.cost_usd for call in of_day))


def _bar(day: date, calls: list[LedgerEntry]) -> Bar:
    of_day = [call for call in calls if call.time.date() == day]
    prompt, completion = sum(call.prompt_tokens for call in of_day), sum(call.completion_tokens for call in of_day)
    return Bar(day, reports.Sum(len(of_day), prompt_tokens=prompt, completion_tokens=completion))


def _conversation(folder: Folder) -> DisplayedUsage:
    """Sum up what the replies of this conversation took. Blocks, the longer the conversation the longer."""
    tokens, calls, costs = 0, 0, list[Decimal | None]()
    for receipt in history.receipts(folder):
        tokens += receipt.tokens
        calls += receipt.calls
        costs.append(receipt.cost_usd)
    return DisplayedUsage(tokens, calls, _total(costs))


def _total(costs: Iterable[Decimal | None]) -> Decimal | None:
    total = Decimal(0)
    for cost in costs:
        if cost is None:
            return None
        total += cost
    return total


def _lines(calls: list[LedgerEntry]) -> list[Line]:
    groups = dict[tuple[date, str, str], list[LedgerEntry]]()
    for call in calls:
        groups.setdefault((call.time.date(), call.model, call.purpose), []).append(call)
    return [_sum(day, model, purpose, calls) for (day, model, purpose), calls in groups.items()]


def _sum(day: date, model: str, purpose: str, calls: list[LedgerEntry]) -> Line:
    return Line(
        day=day,
        model=model,
        purpose=purpose,
        calls=len(calls),
        prompt_tokens=sum(call.prompt_tokens for call in calls),
        cached_tokens=sum(call.cached_tokens for call in calls),
        completion_tokens=sum(call.completion_tokens for call in calls),
        cost_usd=_total(call.cost_usd for call in calls),
    )
