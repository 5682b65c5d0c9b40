"""The owner's page of answers that may be better."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from quart import Blueprint, Response, abort, request

from handlers.desk import answers as desk
from handlers.desk.answers import AnswerNotSaved
from handlers.services import current_services, in_thread
from handlers.web.owner import only_owners
from handlers.web.responses import Answer, language, redirect_to, render_page
from handlers.web.sessions import current_user
from memory.i18n import N_
from memory.storage.folders import StorageError
from shop.answers.own import MOST_ANSWER_CHARS, MOST_QUESTION_CHARS

log = logging.getLogger("storekeeper.admin")
answers = Blueprint("desk_answers", __name__, url_prefix="/admin/answers")
answers.before_request(only_owners)

PAGE_GROUPS, PAGE_ANSWERS = 8, 8
"""What is shown at once: the page stays below 60 kB."""
REASONS = {
    "nothing": N_("Found nothing"),
    "code": N_("No model could answer"),
    "checks": N_("Marked by the checks"),
    "rated": N_("Rated as bad"),
}
_DONE = {"saved": N_("Saved. Customers get this answer from now on."), "removed": N_("Removed."),
         "dismissed": N_("Dismissed. Questions like this one are not shown any more."), "shown": N_("Shown again.")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TypedAnswer:
    """A form that could not be saved: what it is about, what was typed, and what is wrong."""

    about: str = ""
    question: str = ""
    answer: str = ""
    problem: str = ""


@answers.get("")
async def show_answers() -> Answer:
    """The groups of questions, a page of them, and the owner's own answers."""
    return await _page()


async def _page(status: int = 200, typed: TypedAnswer | None = None) -> Response:
    services = current_services()
    found = await in_thread(desk.read, services)
    number, pages = _page_of("page", len(found.groups), PAGE_GROUPS)
    own_number, own_pages = _page_of("own", len(found.answers), PAGE_ANSWERS)
    return render_page(
        "admin_answers.html",
        status,
        desk=found,
        groups=found.groups[(number - 1) * PAGE_GROUPS : number * PAGE_GROUPS],
        dismissed=found.dismissed[: 2 * PAGE_GROUPS],
        own=found.answers[(own_number - 1) * PAGE_ANSWERS : own_number * PAGE_ANSWERS],
        number=number,
        pages=pages,
        own_number=own_number,
        own_pages=own_pages,
        reads=services.settings.owner_reads_conversations,
        reasons=REASONS,
        when=desk.when,
        typed=typed or TypedAnswer(),
        most_question=MOST_QUESTION_CHARS,
        most_answer=MOST_ANSWER_CHARS,
        done=_DONE.get(request.args.get("done", "")) if status == 200 else None,
    )


def _page_of(name: str, count: int, size: int) -> tuple[int, int]:
    """Return the number of the page that is asked for, and how many there are."""
    pages = max(1, -(-count // size))
    return min(max(1, request.args.get(name, 1, type=int)), pages), pages


@answers.post("")
async def add_answer() -> Answer:
    """Keep an answer of the owner's."""
    form = await request.form
    question, answer, group = form.get("question", ""), form.get("answer", ""), form.get("group", "")
    return await _saved(group or "new", question, answer, desk.add)


@answers.post("/<key>/edit")
async def edit_answer(key: str) -> Answer:
    """Put another answer in the place of one."""
    if not desk.is_key(key):
        abort(404)
    form = await request.form
    question, answer = form.get("question", ""), form.get("answer", "")
    return await _saved(key, question, answer, lambda services, who, *typed: desk.edit(services, who, key, *typed))


async def _saved(about: str, question: str, answer: str, save: Callable[..., str]) -> Answer:
    services, who = current_services(), current_user().name
    try:
        await in_thread(save, services, who, question, answer)
    except AnswerNotSaved as error:
        return await _page(422, TypedAnswer(about, question[:10_000], answer[:50_000], language().error_text(error)))
    log.info("answer_saved", extra={"by": who})
    return redirect_to("/admin/answers?done=saved#own")


@answers.post("/<key>/remove")
async def remove_answer(key: str) -> Answer:
    """Remove an answer; its file's earlier version stays."""
    if not desk.is_key(key):
        abort(404)
    services, who = current_services(), current_user().name
    try:
        await in_thread(desk.remove, services, who, key)
    except AnswerNotSaved as error:
        return await _page(409, TypedAnswer(key, problem=language().error_text(error)))
    log.info("answer_removed", extra={"by": who})
    return redirect_to("/admin/answers?done=removed#own")


@answers.post("/dismiss")
async def dismiss_group() -> Answer:
    """Show a group of questions no more."""
    return await _kept(desk.dismiss, "dismissed")


@answers.post("/restore")
async def restore_group() -> Answer:
    """Show a group of questions again."""
    return await _kept(desk.bring_back, "shown")


async def _kept(keep: Callable[..., None], done: str) -> Answer:
    digests = desk.dismissals_named((await request.form).get("group", ""))
    if digests is None:
        abort(400)
    try:
        await in_thread(keep, current_services(), current_user().name, digests)
    except StorageError as error:
        return await _page(503, TypedAnswer("new", problem=language().error_text(error)))
    return redirect_to(f"/admin/answers?done={done}")
