"""Compaction in the background: after a reply, older messages become notes. Readers never wait for it.

One compaction a user at a time, across processes. A failure moves nothing: the next model is asked, then it is tried again
1, 2, 4 ... turns later; when the models have failed often enough, or too much has gathered, code makes the segment. More
than a question may read is noted by code in small steps, with a rest after each, and kept as it goes.
"""

import asyncio
import logging
from contextlib import aclosing
from datetime import datetime
from time import monotonic

from completions.errors import ModelError
from completions.reasons import outcome
from completions.request import CompletionRequest
from handlers.replies.accounting import ModelCall, note_calls, reserve
from handlers.services import Services, in_thread
from memory.context import builder, compaction, summary, templates, verification
from memory.context.compaction import Plan, Sizes
from memory.context.model_choice import Candidate
from memory.context.prompt import Prompt
from memory.context.summary import BadSummary
from memory.facts.wording import language_of
from memory.storage.folders import Folder, Lock, StorageError
from memory.storage.layout import COMPACTION_LOCK, HISTORY
from memory.usage.budget import BudgetExceeded
from shop import texts

log = logging.getLogger("storekeeper.compaction")

FAILURES_TO_EXTRACT = 3
REFUSALS_TO_PASS_BY = 3
"""Times that models refuse some messages before these are passed by: code notes them, and they are not sent again."""
_MOST_AT_ONCE = 4
_KEPT_EVERY_BYTES = 1 << 24
"""Bytes of a backlog after which its notes are kept, unfinished as they are: a process that ends begins again from there."""
_REST = 2.0
"""Times the length of a step that is rested after it: a backlog of hundreds of megabytes takes minutes, and delays nobody."""
_LONGEST_REST_SECONDS = 0.5


class Compactor:
    """The compactions of this process: which run, and who waits how long after failures."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failures: dict[str, int] = {}
        self._turns_to_wait: dict[str, int] = {}
        self._refusals: dict[str, int] = {}
        self._high: int | None = None
        """HIGH when it was last looked up, in tokens."""

    def use(self, services: Services) -> None:
        """Go on with these services, under other settings: from the next step on."""
        self._services = services
        self._high = None

    def after_turn(self, folder: Folder) -> None:
        """Compact what is due for this user, unless a compaction runs already.

        While a failure is waited out no model is asked: only what presses is compacted, by code.
        """
        name = str(folder.path)
        waiting = self._turns_to_wait.get(name, 0)
        if waiting:
            self._turns_to_wait[name] = waiting - 1
        if name not in self._tasks and self._may_be_due(folder):
            task = asyncio.create_task(self._run(folder, may_ask=not waiting), name=f"compaction {folder.name}")
            self._tasks[name] = task
            task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def settled(self, folder: Folder) -> None:
        """Wait until no compaction runs for this user in this process."""
        task = self._tasks.get(str(folder.path))
        if task is not None:
            await asyncio.wait({task})

    async def forget(self, folder: Folder) -> None:
        """End the user's compaction: nothing of it is kept."""
        task = self._tasks.get(str(folder.path))
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        self._failures.pop(str(folder.path), None)
        self._turns_to_wait.pop(str(folder.path), None)
        self._refusals.pop(str(folder.path), None)

    async def close(self) -> None:
        for task in list(self._tasks.values()):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def _run(self, folder: Folder, *, may_ask: bool) -> None:
        name = str(folder.path)
        try:
            lock = await self._locked(folder)
            if lock is None:
                return
            try:
                for _ in range(_MOST_AT_ONCE):
                    if not await self._compact_once(folder, name, may_ask=may_ask):
                        return
            finally:
                lock.release()
        except (StorageError, OSError, texts.PromptsUnreadable) as error:
            log.error("fold_failed", extra={"person": folder.name, "error": str(error)})
        except Exception:  # a task's edge: a compaction that fails is no customer's trouble
            log.exception("fold_failed")

    async def _locked(self, folder: Folder) -> Lock | None:
        """Take the lock as `_lock_if_due` does. A compaction that is ended meanwhile leaves no lock behind that nobody holds."""
        taking = asyncio.ensure_future(in_thread(self._lock_if_due, folder))
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            taking.add_done_callback(_let_go)
            raise

    def _may_be_due(self, folder: Folder) -> bool:
        """False where the conversation has no more bytes than HIGH has tokens: a token is a byte at least."""
        try:
            return self._high is None or (folder.size(HISTORY) or 0) > self._high
        except OSError:
            return True  # the compaction logs what is wrong

    def _lock_if_due(self, folder: Folder) -> Lock | None:
        """Take the lock of compactions; None while nothing is due, or another process compacts already. Blocks."""
        with folder.visit():
            summary.load(
                folder, self._services.covered
            )  # verified for the next question, also where another process compacts
            lock = folder.try_lock(COMPACTION_LOCK)
            if lock is None:
                return None
            try:
                services = self._services
                sizes = builder.sizes_of(services.sources())
                self._high = sizes.high
                if compaction.plan(folder, services.covered, sizes) is not None:
                    return lock
            except BaseException:
                lock.release()
                raise
            lock.release()
            return None

    async def _compact_once(self, folder: Folder, name: str, *, may_ask: bool) -> bool:
        """Make one segment; return whether to look for more."""
        services = self._services
        sizes = await in_thread(lambda: builder.sizes_of(services.sources()))
        plan = await in_thread(compaction.plan, folder, services.covered, sizes)
        if plan is None:
            return False
        if plan.kind == "backlog":
            return await self._read_backlog(folder, plan, sizes)
        now = services.now()
        is_waiting = not may_ask or self._turns_to_wait.get(name, 0) > 0
        if plan.is_little or (plan.kind == "compact" and sizes.is_small and is_waiting):
            await in_thread(_extract, services, folder, plan, sizes, now)
            return True
        if not is_waiting and (may_go_on := await self._ask_models(folder, name, plan, sizes, now)) is not None:
            return may_go_on
        failures = self._failures.get(name, 0) if may_ask else 0
        is_last_resort = plan.is_pressing or (plan.kind == "compact" and failures >= FAILURES_TO_EXTRACT)
        if plan.kind == "rewrite" or not is_last_resort:
            return False
        if failures:
            log.error("summariser_fails", extra={"person": folder.name, "failures": failures})
        await in_thread(_extract, services, folder, plan, sizes, now)
        return False

    async def _ask_models(self, folder: Folder, name: str, plan: Plan, sizes: Sizes, now: datetime) -> bool | None:
        """Have a model write the segment; return whether to look for more, None if all have failed."""
        services = self._services
        is_spent, refused = False, 0
        for model in services.settings.summariser:
            if services.settings.model(model).is_code:
                if plan.kind != "rewrite":  # which is for what a model does better
                    await in_thread(_extract, services, folder, plan, sizes, now)
                return False
            text = await _ask(services, folder, plan, sizes, model)
            if isinstance(text, BudgetExceeded):
                is_spent = True
            elif isinstance(text, BadSummary):
                refused += 1
            elif text is not None:
                kept = await self._keep_notes(folder, plan, sizes, text, model, now)
                return kept and plan.kind != "rewrite"  # one a turn: each is a call
        if is_spent:  # no model's failure: code goes on, and a model makes it anew when there is a budget again
            if plan.kind == "compact" or plan.is_pressing:
                await in_thread(_extract, services, folder, plan, sizes, now)
            return False
        if refused == len(services.settings.summariser) and self._is_passed_by(folder, name, plan):
            await in_thread(_extract, services, folder, plan, sizes, now, services.settings.summariser[0])
            return False
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        self._turns_to_wait[name] = 2 ** min(failures - 1, 5)
        return None

    async def _keep_notes(self, folder: Folder, plan: Plan, sizes: Sizes, text: str, model: str, now: datetime) -> bool:
        """Keep what a model wrote; True unless the notes or the conversation are others by now."""
        services, name = self._services, str(folder.path)
        kept = await in_thread(compaction.keep, folder, services.covered, plan, text, "model", model, now)
        self._failures.pop(name, None)
        self._refusals.pop(name, None)
        if sizes.is_small:
            self._turns_to_wait[name] = compaction.WORTH_TURNS - 1
        services.metrics.compaction("model")
        log.debug("folded", extra={"person": folder.name, "kind": plan.kind, "model": model})
        return kept is not None

    def _is_passed_by(self, folder: Folder, name: str, plan: Plan) -> bool:
        """Count that all models refused these messages; True if that was the last time that they are asked."""
        self._refusals[name] = self._refusals.get(name, 0) + 1
        if self._refusals[name] < REFUSALS_TO_PASS_BY:
            return False
        log.error("summariser_refuses", extra={"person": folder.name, "kind": plan.kind})
        self._refusals.pop(name)
        self._failures.pop(name, None)
        return True

    async def _read_backlog(self, folder: Folder, plan: Plan, sizes: Sizes) -> bool:
        """Note a backlog by code, step by step; return whether to look for more."""
        services = self._services
        reading = await in_thread(compaction.Reading, folder, plan, sizes)
        kept_at, may_keep_part = plan.start, not plan.drop
        while not reading.is_over:
            began = monotonic()
            await in_thread(reading.step)
            await asyncio.sleep(min(_LONGEST_REST_SECONDS, _REST * (monotonic() - began)))
            if reading.is_over or (may_keep_part and reading.at - kept_at >= _KEPT_EVERY_BYTES):
                extended = await in_thread(reading.keep, services.covered, plan, services.now())
                if extended is None:
                    return False  # the notes are others by now: the next turn plans anew
                plan, kept_at = extended, reading.at
        services.metrics.compaction("code")
        log.debug("folded", extra={"person": folder.name, "kind": plan.kind, "model": None})
        return True


def _let_go(taken: asyncio.Future[Lock | None]) -> None:
    if not taken.cancelled() and taken.exception() is None and (lock := taken.result()) is not None:
        lock.release()


def _extract(
    services: Services, folder: Folder, plan: Plan, sizes: Sizes, now: datetime, refused_by: str | None = None
) -> None:
    """Make the plan's segment by code; `refused_by` a model it is not sent to again. Blocks."""
    text = compaction.extracted(folder, plan, sizes)
    compaction.keep(folder, services.covered, plan, text, "extractive", refused_by, now)
    services.metrics.compaction("code")
    log.debug("folded", extra={"person": folder.name, "kind": plan.kind, "model": None})


async def _ask(
    services: Services, folder: Folder, plan: Plan, sizes: Sizes, name: str
) -> str | BudgetExceeded | BadSummary | None:
    """Ask a model for the plan's notes and verify them.

    BadSummary when what came is none, None when nothing came, BudgetExceeded without a budget.
    """
    model = services.settings.model(name)
    prompt = await in_thread(_prompt_for_notes, services, plan)
    most_tokens = min(plan.budget_tokens * 3, model.max_output)
    counted = await in_thread(prompt.tokens, model.encoding)
    reserved = await in_thread(reserve, services, folder, prompt, [Candidate(model, None)], "summary", most_tokens)
    if isinstance(reserved, BudgetExceeded):
        return reserved
    call = ModelCall(model, counted, "summary", reserved)
    request = CompletionRequest(model, prompt.messages, most_tokens)
    try:
        async with aclosing(services.completer.stream(request)) as events:
            async for event in events:
                call.add_event(event)
        return await in_thread(_verified_notes, call, plan, sizes)
    except ModelError as error:
        call.ending = error.fault.kind
        log.warning("summary_fault", extra={"model": name, "fault": str(error)})
    except BadSummary as error:
        call.ending = "refused"
        log.warning("summary_refused", extra={"model": name, "error": str(error)})
        return error
    finally:
        call.seconds = monotonic() - call.started
        await in_thread(note_calls, services, folder, [call])
    return None


def _prompt_for_notes(services: Services, plan: Plan) -> Prompt:
    """Return what a model is asked to make notes of a plan's messages. Blocks."""
    template = texts.templates(services.prompts).summarise
    conversation = verification.conversation_of(plan.entries)
    words, language = max(40, plan.budget_tokens * 6 // 10), language_of(conversation)
    values = {"conversation": conversation, "language": language}
    content = templates.fill(template, "prompts/summarise.md", words=words, **values)
    return Prompt(({"role": "user", "content": content},), content, "", "", "", "")


def _verified_notes(call: ModelCall, plan: Plan, sizes: Sizes) -> str:
    """Return what holds of the notes that a call came to; BadSummary where they are none. Blocks."""
    ended = outcome(call.ending)
    if ended not in ("stop", "length"):
        raise BadSummary(f"it ended with {call.ending}")
    text = verification.whole_sentences(call.text) if ended == "length" else call.text
    most_tokens = plan.budget_tokens * 2
    return verification.verified(text, plan.entries, budget_tokens=most_tokens, encoding=sizes.encoding)
