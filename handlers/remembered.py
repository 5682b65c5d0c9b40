"""What is remembered and what is sent: the ruler, the prompt, the notes, the usage."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from quart import Blueprint, request

from handlers.answers import Answer, fragment, notice, page, see
from handlers.looking import look
from handlers.people import person
from handlers.services import in_thread, services
from memory import folds, ledger, summary
from memory.files import Folder, StorageError
from memory.ledger import Call
from memory.store import PromptsUnreadable
from memory.text import normalise

remembered = Blueprint("remembered", __name__)

MOST_NOTE_CHARS = 20_000
_USAGE_DAYS = 31


@remembered.get("/ruler")
async def show_ruler() -> Answer:
    """The ruler of what the model sees, as a fragment."""
    try:
        view = await in_thread(look, services(), person().folder)
    except PromptsUnreadable:
        return fragment("ruler", view=None)
    return fragment("ruler", view=view)


@remembered.get("/prompt")
async def show_prompt() -> Answer:
    """The exact prompt that the next turn would send, with its tokens part by part."""
    try:
        view = await in_thread(look, services(), person().folder)
    except PromptsUnreadable:
        text = "The shop's instructions for the assistant have an error, so nothing would be sent."
        return page("error.html", 503, title="No prompt", text=text)
    return page("prompt.html", view=view)


@remembered.get("/summary")
async def show_summary() -> Answer:
    """What is remembered of the older messages, for its owner to read, correct or clear."""
    found = await in_thread(summary.load, person().folder, services().covered)
    text = "\n\n".join(segment.text for segment in found.segments if segment.text)
    return page("summary.html", segments=found.segments, text=text, until=found.end, problem=None)


@remembered.post("/summary")
async def correct_summary() -> Answer:
    """Keep the person's own words in place of what was remembered: they are in the next prompt, and stay.

    `until` tells the notes that the person had read from those that were made meanwhile: these stay.
    """
    form = await request.form
    text, until = normalise(form.get("text", "")).strip("\n"), form.get("until", type=int)
    if len(text) > MOST_NOTE_CHARS:
        problem = f"These notes have {len(text):,} characters; at most {MOST_NOTE_CHARS:,} can be kept."
        return page("summary.html", 422, segments=(), text=text, until=until, problem=problem)
    return await _correct(text, until)


@remembered.post("/summary/clear")
async def clear_summary() -> Answer:
    """Forget what was remembered of the older messages."""
    return await _correct("")


async def _correct(text: str, until: int | None = None) -> Answer:
    shared = services()
    try:
        await in_thread(folds.correct, person().folder, shared.covered, text, shared.now(), until=until)
    except StorageError as error:
        return (
            notice(str(error), 503)
            if request.headers.get("HX-Request")
            else page("summary.html", 503, segments=(), text=text, until=until, problem=str(error))
        )
    return see("/summary")


@dataclass(frozen=True, slots=True)
class Line:
    """The calls of one day and model together. `cost_usd` is None where a price is not known."""

    day: date
    model: str
    purpose: str
    calls: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost_usd: Decimal | None


@remembered.get("/usage")
async def show_usage() -> Answer:
    """Tokens and cost of the last month, by day, model and purpose."""
    now, name, spending = services().now(), person().name, services().spending
    lines = await in_thread(_usage, person().folder, now.date() - timedelta(days=_USAGE_DAYS - 1))
    limit = spending.allowance(name).tokens
    used = (await in_thread(spending.used, name, now))[0].tokens if limit else 0
    most = max((line.prompt_tokens + line.completion_tokens for line in lines), default=0)
    return page("usage.html", lines=lines, most=most, limit=limit, used=used)


def _usage(folder: Folder, since: date) -> list[Line]:
    groups = dict[tuple[date, str, str], list[Call]]()
    for call in ledger.calls(folder, since=since):
        groups.setdefault((call.time.date(), call.model, call.purpose), []).append(call)
    return [_sum(day, model, purpose, calls) for (day, model, purpose), calls in groups.items()]


def _sum(day: date, model: str, purpose: str, calls: list[Call]) -> Line:
    costs = [call.cost_usd for call in calls]
    known = [cost for cost in costs if cost is not None]
    return Line(
        day=day,
        model=model,
        purpose=purpose,
        calls=len(calls),
        prompt_tokens=sum(call.prompt_tokens for call in calls),
        cached_tokens=sum(call.cached_tokens for call in calls),
        completion_tokens=sum(call.completion_tokens for call in calls),
        cost_usd=sum(known, Decimal(0)) if len(known) == len(costs) else None,
    )
