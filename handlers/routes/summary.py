"""The summary of the older messages: its owner reads, corrects and clears it."""

from quart import Blueprint, request

from handlers.services import in_thread, services
from handlers.web.responses import Answer, _, is_htmx, language, redirect_to, render_notice, render_page
from handlers.web.sessions import person
from memory.context import compaction
from memory.context import summary as memory_summary
from memory.storage.folders import StorageError
from memory.text import normalise

summary = Blueprint("summary", __name__)

MOST_NOTE_CHARS = 20_000


@summary.get("/summary")
async def show_summary() -> Answer:
    """What is remembered of the older messages, for its owner to read, correct or clear."""
    found = await in_thread(memory_summary.load, person().folder, services().covered)
    text = "\n\n".join(segment.text for segment in found.segments if segment.text)
    return render_page("summary.html", segments=found.segments, text=text, until=found.end, problem=None)


@summary.post("/summary")
async def correct_summary() -> Answer:
    """Keep the person's own words in place of what was remembered: they are in the next prompt, and stay.

    `until` tells the notes that the person had read from those that were made meanwhile: these stay.
    """
    form = await request.form
    text, until = normalise(form.get("text", "")).strip("\n"), form.get("until", type=int)
    if len(text) > MOST_NOTE_CHARS:
        problem = _(
            "Your notes are too long: they have %(chars)s characters, and the limit is %(most)s.",
            chars=len(text), most=MOST_NOTE_CHARS,
        )  # fmt: skip
        return render_page("summary.html", 422, segments=(), text=text, until=until, problem=problem)
    return await _correct(text, until)


@summary.post("/summary/clear")
async def clear_summary() -> Answer:
    """Forget what was remembered of the older messages."""
    return await _correct("")


async def _correct(text: str, until: int | None = None) -> Answer:
    shared = services()
    try:
        await in_thread(compaction.correct, person().folder, shared.covered, text, shared.now(), until=until)
    except StorageError as error:
        problem = language().told(error)
        if is_htmx():
            return render_notice(problem, 503)
        return render_page("summary.html", 503, segments=(), text=text, until=until, problem=problem)
    return redirect_to("/summary")
