"""The owner's page of answers: questions that were not answered well, in groups, and the owner's own answers to them.

Knows no HTML. All functions block.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from handlers.services import Services
from memory.conversations import improvable
from memory.conversations.improvable import Dismissal, ImprovableQuestion, Reason
from memory.i18n import UserError
from memory.people.audit import AuditEntry, note_or_log
from memory.storage.folders import not_saved
from memory.text import normalise
from memory.timestamps import stamp
from shop.answers import own
from shop.answers.own import MOST_ANSWER_CHARS, MOST_ANSWERS, MOST_BYTES, MOST_QUESTION_CHARS, OwnAnswer, OwnAnswers
from shop.answers.sameness import About, AboutIndex, about, are_alike
from shop.catalogue import STORE
from shop.editing import versions
from shop.editing.versions import ChangedMeanwhile, EditableFile, NotEditable
from shop.search import lexicon as lexicons
from shop.search.lexicon import Lexicon

MOST_READ = 1_000
"""The newest questions, of which the groups are made."""
MOST_WORDINGS = 3
_TRIES = 5
_KEY_CHARS = 16
_DIGEST_CHARS = 8
_MOST_FORM_CHARS = 3_000
_HEX = frozenset("0123456789abcdef")


class AnswerNotSaved(UserError):
    """The owner's answer cannot be saved; the sentence says why."""


@dataclass(slots=True)
class QuestionGroup:
    """Questions that are alike, the newest first; `digests` tell the group in a form, without a customer's word."""

    meant: About
    digests: frozenset[str]
    questions: list[ImprovableQuestion]

    @property
    def newest(self) -> ImprovableQuestion:
        return self.questions[0]

    @property
    def customers(self) -> int:
        return len({one.user for one in self.questions})

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return tuple(dict.fromkeys(why for one in self.questions for why in one.reasons))

    @property
    def wordings(self) -> tuple[str, ...]:
        """Other ways in which it was asked."""
        said = {one.question.casefold(): one.question for one in reversed(self.questions)}
        said.pop(self.newest.question.casefold(), None)
        return tuple(said.values())[:MOST_WORDINGS]

    @property
    def form_value(self) -> str:
        return " ".join(sorted(self.digests))


@dataclass(frozen=True, slots=True)
class WordlessQuestions:
    """Questions whose words the owner may not read: how many for each reason, and of how many customers."""

    counts: dict[Reason, int] = field(default_factory=dict)
    customers: int = 0


@dataclass(frozen=True, slots=True)
class AnswersDesk:
    """What the page shows. `answers` are the owner's own with their keys, the last of the file first."""

    groups: Sequence[QuestionGroup]
    dismissed: Sequence[QuestionGroup]
    wordless: WordlessQuestions
    answers: Sequence[tuple[str, OwnAnswer]]


def read(services: Services) -> AnswersDesk:
    """Return what there is to improve, and what was answered."""
    lexicon = _lexicon(services)
    answers = own.parse(_text(services)[1])[:MOST_ANSWERS]
    found = improvable.latest(services.users, MOST_READ)
    readable = [one for one in found if one.question and services.settings.owner_reads_conversations]
    others = [one for one in found if not (one.question and services.settings.owner_reads_conversations)]
    groups, dismissed = _groups(readable, lexicon, services.shop.own_answers(), improvable.dismissed(services.users))
    counts = Counter(why for one in others for why in one.reasons)
    wordless = WordlessQuestions(dict(counts), len({one.user for one in others}))
    return AnswersDesk(groups, dismissed, wordless, [(key_of(one), one) for one in reversed(answers)])


def _lexicon(services: Services) -> Lexicon:
    index = services.shop.current
    return index.lexicon if index is not None else lexicons.read()


def _groups(
    newest_first: Iterable[ImprovableQuestion], lexicon: Lexicon, answers: OwnAnswers, dismissed: Sequence[Dismissal]
) -> tuple[list[QuestionGroup], list[QuestionGroup]]:
    """Return the groups, those with the newest question first, and those that were dismissed.

    What was asked before its own answer was written is answered, and in neither.
    """
    shown, hidden = AboutIndex[QuestionGroup](), AboutIndex[QuestionGroup]()
    unwanted = AboutIndex[Dismissal]()
    for one in dismissed:
        unwanted.add(one.digests, one)
    for question in newest_first:
        meant = about(question.question, lexicon)
        answer = answers.find_about(meant)
        if answer is not None and (not answer.time or stamp(question.time) <= answer.time):
            continue
        digests = digests_of(meant)
        groups = hidden if unwanted.find(digests, are_alike) else shown
        if group := groups.find(meant, are_alike):
            group.questions.append(question)
        else:
            groups.add(meant, QuestionGroup(meant, digests, [question]))
    return shown.found, hidden.found


def digests_of(meant: About) -> frozenset[str]:
    """Return what tells a question's words from others without being them."""
    return frozenset(hashlib.sha256(word.encode()).hexdigest()[:_DIGEST_CHARS] for word in meant)


def key_of(answer: OwnAnswer) -> str:
    """Return what names an answer as it stands in the file: another one has another."""
    return hashlib.sha256(answer.block.encode()).hexdigest()[:_KEY_CHARS]


def is_key(text: str) -> bool:
    """True if this may name an answer."""
    return len(text) == _KEY_CHARS and not set(text) - _HEX


# The owner's own answers


def add(services: Services, who: str, question: str, answer: str) -> str:
    """Keep an answer, in the place of one to the very same question; return its key. AnswerNotSaved says why not."""
    made = _made(services, who, question, answer)
    lexicon = _lexicon(services)

    def change(text: str) -> tuple[str, str]:
        answers = own.parse(text)
        if len(answers) >= MOST_ANSWERS:
            raise AnswerNotSaved(
                "There can be %(most)s answers. Remove one that is no longer needed.", most=MOST_ANSWERS
            )
        meant = about(made.question, lexicon)
        last = next((one for one in reversed(answers) if about(one.question, lexicon) == meant), None)
        changed = own.with_replaced(text, last, made) if last else None
        return changed or own.with_added(text, made), last.answer if last else ""

    return _save(services, who, made, change)


def edit(services: Services, who: str, key: str, question: str, answer: str) -> str:
    """Put another answer in the place of one; return its key. AnswerNotSaved, also where that has changed meanwhile."""
    made = _made(services, who, question, answer)
    return _save(services, who, made, lambda text: _replaced(text, key, made))


def remove(services: Services, who: str, key: str) -> None:
    """Remove an answer. AnswerNotSaved where it has changed meanwhile."""
    _save(services, who, None, lambda text: _replaced(text, key, None))


def dismiss(services: Services, who: str, digests: frozenset[str]) -> None:
    """Show a group of questions no more. StorageError."""
    improvable.dismiss(services.users, Dismissal(services.now(), who, digests))
    note_or_log(services.users, AuditEntry(services.now(), who, "answers: a group of questions", "shown", "dismissed"))


def bring_back(services: Services, who: str, digests: frozenset[str]) -> None:
    """Show a group of questions again, with all that were dismissed like it. StorageError."""
    for one in improvable.dismissed(services.users):
        if are_alike(one.digests, digests):
            improvable.bring_back(services.users, one.digests)
    note_or_log(services.users, AuditEntry(services.now(), who, "answers: a group of questions", "dismissed", "shown"))


def _made(services: Services, who: str, question: str, answer: str) -> OwnAnswer:
    """Return an answer that may be saved. AnswerNotSaved for one that is empty or too long."""
    question, answer = " ".join(normalise(question).split()), normalise(answer).strip()
    if not question or not answer:
        raise AnswerNotSaved("Write both the question and the answer.")
    if len(question) > MOST_QUESTION_CHARS:
        raise AnswerNotSaved("The question is too long: at most %(most)s characters.", most=MOST_QUESTION_CHARS)
    if len(answer) > MOST_ANSWER_CHARS:
        raise AnswerNotSaved("The answer is too long: at most %(most)s characters.", most=MOST_ANSWER_CHARS)
    return OwnAnswer(question, answer, author=who, time=stamp(services.now()))


def _replaced(text: str, key: str, made: OwnAnswer | None) -> tuple[str, str]:
    old = next((one for one in own.parse(text) if key_of(one) == key), None)
    changed = own.with_replaced(text, old, made) if old else None
    if old is None or changed is None:
        raise AnswerNotSaved("Somebody has changed this answer in the meantime. Nothing was overwritten.")
    return changed, f"{old.question} {old.answer}"


def _save(services: Services, who: str, made: OwnAnswer | None, change: Callable[[str], tuple[str, str]]) -> str:
    """Save the changed file, read anew where somebody else has just saved it; note the change, return the answer's key."""
    for _ in range(_TRIES):
        try:
            seen, text = _text(services)
            changed, before = change(text)
            data = changed.encode()
            if len(data) > MOST_BYTES:
                raise AnswerNotSaved("answers.md is too large. Remove answers that are no longer needed.")
            _file(services).path.parent.mkdir(parents=True, exist_ok=True)
            versions.save(_file(services), data, seen=seen)
        except ChangedMeanwhile:
            continue
        except OSError as error:
            refused = not_saved(error)
            raise AnswerNotSaved(refused.sentence, **refused.values) from error
        except NotEditable as error:
            raise AnswerNotSaved("The answer couldn't be saved: %(reason)s.", reason=str(error)) from error
        after = f"{made.question} {made.answer}" if made else ""
        note_or_log(services.users, AuditEntry(services.now(), who, own.FILE, before, after))
        return next((key_of(one) for one in own.parse(changed) if made and _is_made(one, made)), "")
    raise AnswerNotSaved("Somebody has changed this answer in the meantime. Nothing was overwritten.")


def _is_made(one: OwnAnswer, made: OwnAnswer) -> bool:
    return (one.question, one.author, one.time) == (made.question, made.author, made.time)


def _file(services: Services) -> EditableFile:
    return versions.editable(services.prompts, services.prompts / STORE / own.FILE)


def _text(services: Services) -> tuple[str, str]:
    """Return the digest of the file as it is, and its text; "" where it is absent or cannot be read."""
    try:
        data = versions.read(_file(services))
    except (OSError, NotEditable):
        return versions.ABSENT, ""
    text = (data or b"").decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return versions.digest_of(data), text


def dismissals_named(text: str) -> frozenset[str] | None:
    """Return the digests that a form names a group by, None for what is none."""
    found = text[:_MOST_FORM_CHARS].split()
    is_hex = all(len(one) == _DIGEST_CHARS and not set(one) - _HEX for one in found)
    return frozenset(found) if is_hex and found else None


def when(answer: OwnAnswer) -> datetime | None:
    """Return when an answer was written, None where nobody says so."""
    return datetime.fromisoformat(answer.time) if answer.time else None
