"""The owner's test questions: kept in prompts/test-questions.csv, asked one after the other, with the results of the last run.

One run at a time, whichever process or page began it. The results are in `.storekeeper/tests.json` and can be deleted.
"""

import asyncio
import fcntl
import hashlib
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from handlers.desk import trial
from handlers.desk.trial import TrialRefused
from handlers.pages.plain_text import plain_text
from handlers.replies import single
from handlers.replies.single import SingleAnswer
from handlers.services import Services, in_thread
from memory.i18n import UserError
from memory.people.audit import AuditEntry, note_or_log
from memory.storage.folders import not_saved
from settings import CATALOGUE
from shop import expectations
from shop.editing import versions
from shop.editing.versions import ChangedMeanwhile, EditableFile, NotEditable
from shop.expectations import FILE as FILE
from shop.expectations import BadExpectations, Expectation

log = logging.getLogger("storekeeper.tests")

MOST_SECONDS = 900.0
"""How long one run may take; what was not asked by then is not asked."""
_ANSWER_CHARS = 600
_TRIES = 5
_BUSY_SECONDS = 1.0
_KEY_CHARS = 16


class QuestionNotKept(UserError):
    """The test question cannot be kept; the sentence says why."""


class QuestionResult(msgspec.Struct, frozen=True):
    """What came of one test question: `key` names it as it stood then; `fault` is why there was no answer."""

    key: str
    is_passed: bool
    missing: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    answer: str = ""
    model: str = ""
    fault: str = ""


class QuestionRun(msgspec.Struct, frozen=True):
    """One run: when it began, how many questions it has, and what came of those that were asked."""

    began: datetime
    count: int
    results: tuple[QuestionResult, ...] = ()
    signature: str = ""
    """The state of the shop's data that were asked."""
    is_over: bool = False

    def of(self, key: str) -> QuestionResult | None:
        """Return what came of a question, None where it was not asked."""
        return next((one for one in self.results if one.key == key), None)

    @property
    def passed(self) -> int:
        return sum(one.is_passed for one in self.results)


@dataclass(frozen=True, slots=True)
class QuestionTable:
    """What the page shows: the test questions with their keys, and the last run. `problem` is what is wrong with the file."""

    questions: Sequence[tuple[str, Expectation]]
    run: QuestionRun | None
    is_running: bool
    is_old: bool = False
    """The shop's data have changed since."""
    problem: str = ""

    @property
    def failed_first(self) -> Sequence[tuple[str, Expectation]]:
        """The questions, those that failed before the others."""
        failed = {one.key for one in self.run.results if not one.is_passed} if self.run else set[str]()
        return sorted(self.questions, key=lambda one: one[0] not in failed)


def read(services: Services) -> QuestionTable:
    """Return the test questions and the last run. Blocks."""
    try:
        found, problem = load(services.prompts), ""
    except BadExpectations as error:
        found, problem = [], str(error)
    run = _last(services)
    is_running = run is not None and not run.is_over and _is_running(services)
    is_old = run is not None and run.signature != services.shop.signature()
    return QuestionTable([(key_of(one), one) for one in found], run, is_running, is_old, problem)


def load(prompts: Path) -> list[Expectation]:
    """Return the test questions, none without a file. BadExpectations for one that cannot be used. Blocks."""
    try:
        data = versions.read(_file(prompts))
    except (OSError, NotEditable) as error:
        raise BadExpectations(f"{FILE} cannot be read: {error}.") from error
    return _parsed(data)


def _parsed(data: bytes | None) -> list[Expectation]:
    try:
        return expectations.parse((data or b"").decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadExpectations(f"{FILE} is not UTF-8. Save it as CSV UTF-8.") from error


def key_of(one: Expectation) -> str:
    """Return what names a test question as it stands."""
    return hashlib.sha256(msgspec.json.encode((one.question, one.must, one.must_not, one.language))).hexdigest()[
        :_KEY_CHARS
    ]


# Kept


def keep(services: Services, who: str, made: Expectation) -> None:
    """Keep a test question, in the place of one with the same words and language. QuestionNotKept says why not. Blocks."""
    if problem := expectations.fault_of(made):
        raise QuestionNotKept(problem)

    def change(every: list[Expectation]) -> list[Expectation]:
        same = (made.question.casefold(), made.language)
        kept = [one for one in every if (one.question.casefold(), one.language) != same]
        if len(kept) >= expectations.MOST:
            raise QuestionNotKept("There can be %(most)s test questions. Remove one first.", most=expectations.MOST)
        return [*kept, made]

    _save(services, who, change, "", made.question)


def remove(services: Services, who: str, key: str) -> None:
    """Remove a test question; one that is gone already stays so. Blocks."""
    _save(services, who, lambda every: [one for one in every if key_of(one) != key], "removed", "")


def _save(
    services: Services, who: str, change: Callable[[list[Expectation]], list[Expectation]], before: str, after: str
) -> None:
    file = _file(services.prompts)
    for _ in range(_TRIES):
        try:
            data = versions.read(file)
            every = _parsed(data)
            changed = change(every)
            if changed == every:
                return
            versions.save(file, expectations.print_all(changed).encode(), seen=versions.digest_of(data))
        except ChangedMeanwhile:
            continue
        except OSError as error:
            refused = not_saved(error)
            raise QuestionNotKept(refused.sentence, **refused.values) from error
        except (BadExpectations, NotEditable) as error:
            raise QuestionNotKept("The test question couldn't be saved: %(reason)s", reason=str(error)) from error
        gone = next((one.question for one in every if one not in changed), before)
        note_or_log(services.users, AuditEntry(services.now(), who, FILE, gone, after))
        return
    raise QuestionNotKept("Somebody else is changing the test questions. Please try again.")


def _file(prompts: Path) -> EditableFile:
    return versions.editable(prompts, prompts / FILE)


# Run


Ask = Callable[[str, str], Awaitable[SingleAnswer]]
"""Asks a question in the language of a code."""


async def run_for(live: Services, owner: str) -> None:
    """Ask all test questions of the models in force, paid like a trial of this owner's. It does nothing during another run."""
    chosen = live.settings.chat[0]

    async def ask(question: str, code: str) -> SingleAnswer:
        for _ in range(int(trial.MOST_SECONDS / _BUSY_SECONDS)):
            with suppress(TrialRefused):
                return (await trial.try_question(live, owner, question, [chosen], code))[0].answer
            await asyncio.sleep(_BUSY_SECONDS)
        return SingleAnswer("", "", "failed", (), (), 0.0, "busy")

    await run(live, ask)


def run_by_code(live: Services) -> None:
    """Ask all test questions where code answers, which costs nothing: after a change of the shop's data. Blocks."""
    last = _last(live)
    if live.settings.chat[0] != CATALOGUE or (last and last.is_over and last.signature == live.shop.signature()):
        return

    async def ask(question: str, code: str) -> SingleAnswer:
        with TemporaryDirectory(prefix="storekeeper-test-") as root:
            return await single.ask(single.apart(live, Path(root) / "users"), question, code)

    asyncio.run(run(live, ask))


async def run(services: Services, ask: Ask) -> None:
    """Ask all test questions and keep what came of them, while they are asked; nothing during another run."""
    with _one_run(services) as is_alone:
        if not is_alone:
            return
        try:
            questions = await in_thread(load, services.prompts)
        except BadExpectations as error:
            log.warning("tests_not_run", extra={"error": str(error)})
            return
        if not questions:
            return
        started, results = time.monotonic(), list[QuestionResult]()
        made = QuestionRun(services.now(), len(questions), (), await in_thread(services.shop.signature))
        for one in questions:
            await in_thread(_write, services, msgspec.structs.replace(made, results=tuple(results)))
            if time.monotonic() > started + MOST_SECONDS:
                break
            results.append(result_of(one, await ask(one.question, code_of(services, one))))
        await in_thread(_write, services, msgspec.structs.replace(made, results=tuple(results), is_over=True))
        log.info("tests_run", extra={"count": len(results), "failed": sum(not one.is_passed for one in results)})


def code_of(services: Services, one: Expectation) -> str:
    """Return the code of the language in which a test question is asked: its own, else the shop's."""
    speaker = services.speak(one.language.replace("-", "_")) if one.language else None
    return speaker.code if speaker else services.settings.language


def result_of(expected: Expectation, answer: SingleAnswer) -> QuestionResult:
    """Return what an answer is worth: without a model's words it fails, whatever code found instead."""
    said = plain_text(answer.answer)
    if not answer.is_answered:
        fault = (answer.why or answer.ending).removeprefix("looked_up:")
        return QuestionResult(key_of(expected), False, answer=said[:_ANSWER_CHARS], model=answer.model, fault=fault)
    found = expectations.judge(expected, said)
    return QuestionResult(
        key_of(expected), found.is_passed, found.missing, found.unwanted, said[:_ANSWER_CHARS], answer.model
    )


# The last run


def _results(services: Services) -> Path:
    return services.shop.place / "tests.json"


def _last(services: Services) -> QuestionRun | None:
    try:
        return msgspec.json.decode(_results(services).read_bytes(), type=QuestionRun)
    except (OSError, msgspec.DecodeError):
        return None


def _write(services: Services, made: QuestionRun) -> None:
    """Write the results so that nobody reads half of them; where the disk takes none, that is logged."""
    path = _results(services)
    beside = path.with_suffix(".json.new")
    try:
        beside.write_bytes(msgspec.json.encode(made))
        os.replace(beside, path)
    except OSError as error:
        log.error("tests_not_kept", extra={"error": str(error)})


@contextmanager
def _one_run(services: Services) -> Iterator[bool]:
    """Hold the lock of all runs; False where another one has it."""
    descriptor = os.open(services.shop.place / "tests.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)


def _is_running(services: Services) -> bool:
    with _one_run(services) as is_free:
        return not is_free
