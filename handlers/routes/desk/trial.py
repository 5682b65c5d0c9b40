"""The owner's page to ask as a customer would, and the questions that are asked again after each change."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from quart import Blueprint, Response, current_app, request

from handlers.desk import question_runs, trial
from handlers.desk.question_runs import QuestionNotKept, QuestionTable
from handlers.desk.trial import Trial, TrialDraft, TrialRefused
from handlers.pages.bubbles import Shown, bubble
from handlers.pages.claim_rows import ClaimRow, claim_row
from handlers.pages.languages import Language
from handlers.services import Services, current_services, in_thread
from handlers.web.app import current_web
from handlers.web.owner import only_owners
from handlers.web.responses import Answer, language, redirect_to, render_page
from handlers.web.sessions import current_user
from memory.i18n import N_
from memory.text import normalise
from shop.expectations import MOST_CHARS, Expectation, phrases

log = logging.getLogger("storekeeper.admin")
tried = Blueprint("desk_trial", __name__, url_prefix="/admin/try")
tried.before_request(only_owners)

PAGE_TESTS = 20
_SHOWN_CHARS = 4_000
"""Of each part of a prompt: the page stays small, and the whole is a search away."""
_TEXTS = {"rules": "rules", "store": "store", "notes": "summary", "kept": "history", "rows": "rows"}
"""Where the text of each part of a preview stands in its prompt."""
_DONE = {"kept": N_("Test question saved."), "removed": N_("Removed."), "run": N_("The test questions are being asked.")}  # fmt: skip
_BEGIN_SECONDS, _LOOK_SECONDS = 1.0, 0.05


@dataclass(frozen=True, slots=True)
class SentPart:
    """One part of a prompt: its name, tokens and text, of which `more` characters are not shown."""

    title: str
    tokens: int
    text: str
    more: int


@dataclass(frozen=True, slots=True)
class ShownTrial:
    """What the page shows of one model's answer."""

    trial: Trial
    html: Markup | str
    ending: str | None
    note: str | None
    receipt: str | None
    parts: tuple[SentPart, ...]
    claims: tuple[ClaimRow, ...]


@dataclass(frozen=True, slots=True)
class TrialForm:
    """What was typed: the question with its models and draft, or a test question; `problem` is what is wrong with it."""

    question: str = ""
    models: tuple[str, ...] = ()
    draft: TrialDraft | None = None
    problem: str = ""
    test: Expectation | None = None
    test_problem: str = ""


@tried.get("")
async def show_trial() -> Answer:
    """The form, with a question if the address names one, and the test questions."""
    return await _page(TrialForm(normalise(request.args.get("question", ""))[:MOST_CHARS]))


@tried.post("")
async def ask_question() -> Answer:
    """The answers of one or two models to a question, against the shop's data or an unsaved draft."""
    form, services = await request.form, current_services()
    question, file = normalise(form.get("question", "")).strip(), form.get("file", "")
    draft = TrialDraft(file, normalise(form.get("text", "")) + "\n") if file else None
    models = tuple(filter(None, (form.get("model", ""), form.get("other", ""))))
    typed = TrialForm(question, models, draft)
    if not question and draft and "question" not in form:  # it comes from the editor of a text
        return await _page(typed)
    try:
        found = await _tried(
            trial.try_question(services, current_user().name, question, models, language().code, draft)
        )
    except TrialRefused as error:
        return await _page(TrialForm(question, models, draft, language().error_text(error)), 422)
    shown = await in_thread(lambda language: [_shown(language, one) for one in found], language())
    return await _page(typed, trials=shown)


async def _tried(asking: Coroutine[Any, Any, list[Trial]]) -> list[Trial]:
    """Wait for the answers; they are made to their end, and paid, also where the browser goes away."""
    tasks = current_web().trial_tasks
    task = asyncio.create_task(asking)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return await asyncio.shield(task)


async def _page(typed: TrialForm, status: int = 200, trials: list[ShownTrial] | None = None) -> Response:
    services = current_services()
    table = await in_thread(question_runs.read, services)
    pages = max(1, -(-len(table.questions) // PAGE_TESTS))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    done = request.args.get("done", "")
    if status != 200 or (done == "run" and not table.is_running):
        done = ""
    return render_page(
        "admin_try.html",
        status,
        typed=typed,
        trials=trials or [],
        models=trial.models_of(services),
        table=table,
        tests=[] if trials else table.failed_first[(number - 1) * PAGE_TESTS : number * PAGE_TESTS],
        number=number,
        pages=pages,
        is_code=services.settings.model(services.settings.chat[0]).is_code,
        first=services.settings.chat[0],
        most=services.settings.limits.message_chars,
        most_words=MOST_CHARS,
        done=_DONE.get(done),
    )


def _shown(language: Language, one: Trial) -> ShownTrial:
    answer, record = one.answer, one.answer.record
    claims = tuple(claim_row(language, claim) for claim in answer.claims)
    parts = _parts(one)
    if record is None:
        return ShownTrial(one, "", language.gettext(_refusal(answer.why)), None, None, parts, claims)
    made = bubble(language, record, Shown(record.time, claims=answer.claims, is_own=False))
    return ShownTrial(one, made.html, made.ending, made.note, made.receipt, parts, claims)


def _refusal(why: str | None) -> str:
    if why == "BudgetExceeded":
        return N_("Today's budget doesn't cover this question, so it wasn't asked.")
    return N_("The question couldn't be asked right now. Please try again.")


def _parts(one: Trial) -> tuple[SentPart, ...]:
    if one.prompt is None:
        return ()
    found = list[SentPart]()
    for part in one.prompt.parts:
        text = str(getattr(one.prompt.prompt, _TEXTS[part.name])).strip()
        if text:
            found.append(SentPart(part.title, part.tokens, text[:_SHOWN_CHARS], max(0, len(text) - _SHOWN_CHARS)))
    return tuple(found)


# Test questions


@tried.post("/tests")
async def keep_test() -> Answer:
    """Keep a question as a test question."""
    form, who = await request.form, current_user().name
    question = " ".join(normalise(form.get("question", "")).split())
    must, must_not = (phrases(normalise(form.get(name, ""))) for name in ("must", "must_not"))
    made = Expectation(question, must, must_not, form.get("language", "").strip())
    try:
        await in_thread(question_runs.keep, current_services(), who, made)
    except QuestionNotKept as error:
        return await _page(TrialForm(test=made, test_problem=language().error_text(error)), 422)
    log.info("test_question_kept", extra={"by": who})
    return redirect_to("/admin/try?done=kept#tests")


@tried.post("/tests/<key>/remove")
async def remove_test(key: str) -> Answer:
    """Remove a test question; its file's earlier version stays."""
    try:
        await in_thread(question_runs.remove, current_services(), current_user().name, key)
    except QuestionNotKept as error:
        return await _page(TrialForm(test_problem=language().error_text(error)), 409)
    return redirect_to("/admin/try?done=removed#tests")


@tried.post("/run")
async def run_tests() -> Answer:
    """Begin to ask all test questions, in the background; another run that is going on is left alone."""
    services = current_services()
    table = await in_thread(question_runs.read, services)
    if table.questions and not table.is_running:
        current_app.add_background_task(question_runs.run_for, services, current_user().name)
        await _until_begun(services, table)
    return redirect_to("/admin/try?done=run#tests")


async def _until_begun(services: Services, before: QuestionTable) -> None:
    """Wait a moment for the first results, so that the page shows this run and not the last one."""
    for _look in range(int(_BEGIN_SECONDS / _LOOK_SECONDS)):
        await asyncio.sleep(_LOOK_SECONDS)
        if (await in_thread(question_runs.read, services)).run != before.run:
            return
