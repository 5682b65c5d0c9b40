"""The summary of the older messages: its owner reads, corrects and clears it."""

from quart import Blueprint, request

from handlers.pages import memory_cards
from handlers.replies import preview
from handlers.services import current_services, in_thread
from handlers.web.responses import Answer, _, is_htmx, language, redirect_to, render_notice, render_page
from handlers.web.sessions import current_user
from memory.context import compaction, corrected, remembered
from memory.context import summary as memory_summary
from memory.storage.folders import StorageError
from memory.text import normalise

summary = Blueprint("summary", __name__)

MOST_NOTE_CHARS = 20_000
MOST_FACT_CHARS = 500
MOST_SUBJECT_CHARS = 80
MOST_NUMBER = 10**15


@summary.get("/summary")
async def show_summary() -> Answer:
    """What is remembered of the older messages, for its owner to read, correct or clear."""
    return await _page()


async def _page(problem: str | None = None, status: int = 200) -> Answer:
    found = await in_thread(memory_summary.load, current_user().folder, current_services().covered)
    lines, text = await in_thread(lambda: (remembered.lines_of(found), remembered.text_of(found)))
    left = await in_thread(preview.left_out, current_services(), current_user().folder, text)
    groups = memory_cards.groups([line for line in lines if line.is_fact], language())
    mentioned = [line for line in lines if not line.is_fact and line.card is not None]
    return render_page(
        "summary.html", status,
        segments=found.segments, groups=groups, mentioned=mentioned, left=left, text=text, until=found.end,
        problem=problem,
    )  # fmt: skip


@summary.post("/summary")
async def correct_summary() -> Answer:
    """Keep the user's own words in place of what was remembered: they are in the next prompt, and stay.

    `until` distinguishes the notes that the user had read from those that were made meanwhile: these stay.
    """
    form = await request.form
    text, until = normalise(form.get("text", "")).strip("\n"), form.get("until", type=int)
    if len(text) > MOST_NOTE_CHARS:
        problem = _(
            "Your notes are too long: they have %(chars)s characters, and the limit is %(most)s.",
            chars=len(text), most=MOST_NOTE_CHARS,
        )  # fmt: skip
        return render_page(
            "summary.html", 422,
            segments=(), groups=(), mentioned=(), left=(), text=text, until=until, problem=problem,
        )  # fmt: skip
    return await _correct(text, until)


@summary.post("/summary/forget")
async def forget_fact() -> Answer:
    """Forget one fact: no note of these messages brings it back."""
    return await _correct_fact("")


@summary.post("/summary/edit")
async def edit_fact() -> Answer:
    """Put the user's words in the place of one fact; empty ones change nothing."""
    text = " ".join(normalise((await request.form).get("text", "")).split())
    if not text:
        return await _problem(_("Write what should be remembered instead."), 422)
    if len(text) > MOST_FACT_CHARS:
        return await _problem(_("A fact can have at most %(most)s characters.", most=MOST_FACT_CHARS), 422)
    return await _correct_fact(text)


async def _correct_fact(text: str) -> Answer:
    form, services = await request.form, current_services()
    clause, subject = (" ".join(normalise(form.get(name, "")).split()) for name in ("clause", "subject"))
    number = form.get("number", type=int)
    if not clause or len(clause) > MOST_NOTE_CHARS or number is None or not 0 < number < MOST_NUMBER:
        return await _problem(_("That fact is no longer in the notes."), 422)
    try:
        await in_thread(
            corrected.correct_card, current_user().folder, services.covered,
            clause=clause, number=number, text=text, subject=subject[:MOST_SUBJECT_CHARS], now=services.now(),
        )  # fmt: skip
    except StorageError as error:
        return await _problem(language().error_text(error), 503)
    return redirect_to("/summary")


async def _problem(problem: str, status: int) -> Answer:
    return render_notice(problem, status) if is_htmx() else await _page(problem, status)


@summary.post("/summary/clear")
async def clear_summary() -> Answer:
    """Forget what was remembered of the older messages."""
    return await _correct("")


async def _correct(text: str, until: int | None = None) -> Answer:
    services = current_services()
    try:
        await in_thread(compaction.correct, current_user().folder, services.covered, text, services.now(), until=until)
    except StorageError as error:
        problem = language().error_text(error)
        if is_htmx():
            return render_notice(problem, 503)
        return render_page(
            "summary.html", 503, segments=(), groups=(), mentioned=(), text=text, until=until, problem=problem
        )
    return redirect_to("/summary")
