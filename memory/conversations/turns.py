"""One user's conversation: take a message in, keep its reply, close what a dead process left.

What is accepted is on the disk before anything is asked of a model.
"""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol, Self

from memory.conversations import checked, history, photos, spool, versions
from memory.conversations.history import began
from memory.conversations.photos import Photo
from memory.conversations.records import Ending, Receipt, Record, standing
from memory.conversations.spool import Spool, Spooled
from memory.conversations.versions import Replacements
from memory.i18n import UserError
from memory.storage.folders import Busy, Folder, Lock
from memory.storage.layout import HISTORY, REPLY, STOP, TURN_LOCK
from memory.timestamps import read_stamp
from shop.claims.values import Claim


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A new message. `after` is the last number that its writer saw: it distinguishes a repeated request from a new one."""

    content: str
    after: int | None = None
    photos: tuple[Photo, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(photo.name for photo in self.photos)


@dataclass(frozen=True, slots=True)
class Regenerate:
    """The last question once more: its reply, if there is one, is replaced.

    `after`, here and below, is the last number that its writer saw; None: whatever is the last.
    """

    after: int | None = None


@dataclass(frozen=True, slots=True)
class ContinueReply:
    """The last reply, cut or stopped, is to go on."""

    after: int | None = None


@dataclass(frozen=True, slots=True)
class EditMessage:
    """Message `number` says this instead; what followed it is replaced."""

    number: int
    content: str
    after: int | None = None


Action = NewMessage | Regenerate | ContinueReply | EditMessage


@dataclass(frozen=True, slots=True)
class ReplyId:
    """Names a reply within its user's conversations: its number and when its conversation began."""

    number: int
    began: datetime

    def __str__(self) -> str:
        return f"{self.number}-{self.began:%Y%m%dT%H%M%SZ}"

    @classmethod
    def read(cls, text: str) -> "ReplyId | None":
        """Read what a browser sent; None for what is no reply's name."""
        number, _, began = text.partition("-")
        if not (number.isascii() and number.isdigit() and len(number) < 19) or len(began) != 16:
            return None
        try:
            time = f"{began[:4]}-{began[4:6]}-{began[6:11]}:{began[11:13]}:{began[13:]}"
            return cls(int(number), read_stamp(time))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A turn that may begin: the question is on the disk, and the user's turn lock is held."""

    reply_id: ReplyId
    question: Record
    replaces: int | None
    draft: str
    lock: Lock
    spool: Spool


@dataclass(frozen=True, slots=True)
class ReplyInProgress:
    """Not accepted: a reply is being written. `same` when it answers this very message, sent twice."""

    reply_id: ReplyId
    question: Record | None
    same: bool


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Not accepted: too many messages in the last minute."""

    wait_seconds: int


@dataclass(frozen=True, slots=True)
class StaleView:
    """Not accepted: more was said than the writer of the action saw, and would be replaced."""


class Examiner(Protocol):
    """Checks what a dead process left of a reply, and reports what its claims were once it is kept."""

    def claims(self, left: Spooled) -> Sequence[Claim]: ...
    def report(self, record: Record, claims: Sequence[Claim]) -> None: ...


class NotApplicable(UserError):
    """There is no message that this could be done to."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """The question, what its reply replaces and what it begins with. `is_new`: the question is not kept yet, nor its `photos`."""

    question: Record
    replaces: int | None
    draft: str
    is_new: bool
    photos: tuple[Photo, ...] = ()


class PendingTurn:
    """A question that could be taken in: the turn lock is held, nothing is kept yet.

    It is kept once or dropped. As a context manager it is dropped at the end of the block, unless it was kept.
    """

    def __init__(self, folder: Folder, now: datetime, lock: Lock, plan: _Plan) -> None:
        self.question, self.replaces, self.draft = plan.question, plan.replaces, plan.draft
        self._folder, self._now, self._is_new, self._photos = folder, now, plan.is_new, plan.photos
        self._lock: Lock | None = lock
        """None once the turn was kept, which hands the lock on, or dropped."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def keep(self) -> Accepted:
        """Append the question, fsynced, and open the spool of its reply; the answer holds the turn lock from now on.

        StorageError and FileNotFoundError (the user is gone) when the disk does not take it; the turn is dropped then.
        """
        lock, self._lock = self._lock, None
        if lock is None:
            raise RuntimeError("This turn was kept or dropped already.")
        try:
            last = self.question.number if self._is_new else history.last_number(self._folder)
            reply_id = ReplyId(last + 1, began(self._folder) or self._now)
            with self._folder.lock():
                if self._is_new:
                    photos.keep(self._folder, self._photos)
                    history.add(self._folder, self.question)
                self._folder.remove(STOP)
                return Accepted(reply_id, self.question, self.replaces, self.draft, lock, Spool(self._folder))
        except BaseException:
            lock.release()
            raise

    def drop(self) -> None:
        """Release the turn lock; nothing was changed. Without effect on a turn that was kept or dropped."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()


def open(
    folder: Folder, action: Action, now: datetime, messages_per_minute: int, examiner: Examiner | None = None
) -> PendingTurn | ReplyInProgress | RateLimited | StaleView:
    """Take the turn lock and look up what the action is about; keep nothing of it yet.

    NotApplicable, StorageError and FileNotFoundError (the user is gone) say why not. The turn lock is released unless
    a PendingTurn is returned. It is enough to read the conversation by: every writer of a question or a reply holds it.
    """
    lock = _take_turn(folder)
    if lock is None:
        if isinstance(action, Regenerate | ContinueReply) and _has_missed(folder, action):
            return StaleView()
        return _answering(folder, action)
    with contextlib.ExitStack() as held:
        held.enter_context(lock)
        recover(folder, now, examiner)
        found = _plan_or_refusal(folder, action, now, messages_per_minute)
        if isinstance(found, _Plan):
            held.pop_all()
            return PendingTurn(folder, now, lock, found)
        return found


def _plan_or_refusal(
    folder: Folder, action: Action, now: datetime, messages_per_minute: int
) -> _Plan | ReplyInProgress | RateLimited | StaleView:
    """Return what the action comes to. Call it under the turn lock: another tab's turn may have been waited for."""
    if _has_missed(folder, action):
        return StaleView()
    if isinstance(action, NewMessage) and (twin := _twin(folder, action)):
        if history.last_number(folder) >= twin.reply_id.number:
            return twin
        action = Regenerate()  # its reply was never begun: a crash came between
    if isinstance(action, NewMessage | EditMessage) and (wait := _wait_seconds(folder, now, messages_per_minute)):
        return RateLimited(wait)
    return _plan(folder, action, now)


def _take_turn(folder: Folder) -> Lock | None:
    """Take the turn lock, None while a reply is being written.

    A holder without a spool is at the very beginning, its question not yet to be seen, or at the very end, its reply
    kept; so is one whose spool is in the conversation already. The function waits for those, a second at most.
    """
    deadline = time.monotonic() + 1.0
    while (lock := folder.try_lock(TURN_LOCK)) is None:
        if (folder.exists(REPLY) and not _is_kept(folder)) or time.monotonic() > deadline:
            return None
        time.sleep(0.005)
    return lock


def _is_kept(folder: Folder) -> bool:
    """True if the words of the spool stand in the conversation already, where a reader may answer them at once."""
    left = spool.read(folder)
    return left is None or (left.number is not None and history.last_number(folder) >= left.number)


def _has_missed(folder: Folder, action: Action) -> bool:
    """True if the last message that stands is another than the one that the action is about."""
    if isinstance(action, NewMessage) or action.after is None:
        return False  # a new message replaces nothing
    last = next(standing(history.backwards(folder)), None)
    return last is None or last.record.number != action.after


def _plan(folder: Folder, action: Action, now: datetime) -> _Plan:
    """Make the question, or find the one that is asked again; say what the reply replaces and begins with."""
    match action:
        case NewMessage(content):
            question = Record(history.next_number(folder), now, "user", content, files=action.files)
            return _Plan(question, None, "", is_new=True, photos=action.photos)
        case EditMessage(number, content):
            edited = history.find(folder, number)
            if edited is None or not edited.record.is_question or not Replacements.after(folder, edited).spare(number):
                raise NotApplicable("That message no longer exists.")
            files = edited.record.files
            question = Record(history.next_number(folder), now, "user", content, replaces=number, files=files)
            return _Plan(question, None, "", is_new=True)
        case Regenerate():
            last, question = _last_turn(folder)
            return _Plan(question, None if last is question else last.number, "", is_new=False)
        case ContinueReply():
            last, question = _last_turn(folder)
            if last.ending not in ("stopped", "interrupted", "length", "failed") or not last.text:
                raise NotApplicable("The last answer is already complete.")
            if last.imported:  # what it says would stand in the shop's own reply
                raise NotApplicable("An imported answer can't be continued. Ask again instead.")
            return _Plan(question, last.number, last.text, is_new=False)


def _last_turn(folder: Folder) -> tuple[Record, Record]:
    """Return the last record that stands and the question it answers (or is)."""
    last: Record | None = None
    for entry in standing(history.backwards(folder)):
        last = last or entry.record
        if entry.record.is_question:
            return last, entry.record
    raise NotApplicable("There are no messages yet.")


def _twin(folder: Folder, action: NewMessage) -> ReplyInProgress | None:
    """Find the same message in the conversation already, sent from the same view of it."""
    question = _question_after(folder, action.after) if action.after is not None else None
    if question is None or (question.text, question.files) != (action.content, action.files):
        return None
    start = began(folder)
    return ReplyInProgress(ReplyId(question.number + 1, start), question, same=True) if start else None


def _question_after(folder: Folder, number: int) -> Record | None:
    """Return the first record after `number` when it is a question and few have followed it."""
    for entry in islice(history.backwards(folder), 8):
        if entry.record.number == number + 1:
            return entry.record if entry.record.is_question else None
    return None


def _answering(folder: Folder, action: Action) -> ReplyInProgress:
    if isinstance(action, NewMessage) and (twin := _twin(folder, action)):
        return twin
    start = began(folder)
    last = next(history.backwards(folder), None)
    if start is None or last is None:
        raise NotApplicable("An answer is being written. Please try again in a moment.")
    return ReplyInProgress(ReplyId(last.record.number + 1, start), last.record, same=False)


def _wait_seconds(folder: Folder, now: datetime, messages_per_minute: int) -> int:
    """Return how long to wait before the next message, by the times in the conversation; 0: not at all.

    What was said in the future, by a clock that was corrected since, counts for nobody and hides nothing.
    """
    if not messages_per_minute:
        return 0
    minute = now - timedelta(seconds=60)
    recent = list[datetime]()
    for entry in islice(history.backwards(folder), 4 * messages_per_minute + 16):
        time = entry.record.time
        if time <= minute or len(recent) >= messages_per_minute:
            break
        if entry.record.is_question and time <= now:
            recent.append(time)
    if len(recent) < messages_per_minute:
        return 0
    return max(1, int((recent[-1] - minute).total_seconds()) + 1)


def reply_text(accepted: Accepted) -> str:
    """Return the words of a reply as they are kept."""
    return (accepted.spool.text or accepted.draft).rstrip("\n")


def finish(
    accepted: Accepted,
    now: datetime,
    ending: Ending,
    model: str | None,
    why: str | None,
    receipt: Receipt | None = None,
    claims: Sequence[Claim] = (),
) -> Record:
    """Keep the reply: its claims, then its record, fsynced, then the spool removed. The turn lock stays held.

    A reader of the record finds its claims. Claims of a reply that was not kept are void: the next line of its number counts.

    StorageError when it cannot be kept; the spool then stays, and the next turn or start closes it.
    """
    folder, text, checks = accepted.spool.folder, reply_text(accepted), checked.counts(claims)

    def made(number: int) -> Record:
        record = Record(number, now, "assistant", text, model, ending, accepted.replaces, why, receipt, checks=checks)
        checked.note(folder, record, claims)
        return record

    with folder.lock():
        record = history.append(folder, made).record
        with contextlib.suppress(OSError):  # the next visit clears away what the disk does not let go
            accepted.spool.remove()
            folder.remove(STOP)
    return record


def take(folder: Folder, number: int, now: datetime, examiner: Examiner | None = None) -> Record:
    """Take back an earlier answer: a copy of it replaces the present one, which stays in the file.

    Of a question all that followed it is copied too. NotApplicable when it cannot be taken; Busy while a reply is being
    written. Return the record that stands then.
    """
    lock = _take_turn(folder)
    if lock is None:
        raise Busy("Please wait for the current answer to finish, or stop it.")
    with lock, folder.lock():
        recover(folder, now, examiner)
        found = versions.version(folder, number)
        if found is None or found.standing is None:
            raise NotApplicable("That message belongs to a question that has been edited since.")
        if found.record.text == found.standing.text:
            return found.standing
        taken = [found.record]
        if found.record.is_question and found.until is not None:
            taken = versions.branch(folder, number, found.until)
        first = history.next_number(folder)
        copies = [
            replace(one, number=n, time=now, replaces=None if n > first else found.standing.number, receipt=None)
            for n, one in enumerate(taken, first)
        ]
        history.add(folder, *copies)
        checked.note_again(folder, dict(zip((one.number for one in taken), copies, strict=True)))
        return copies[0]


def recover(folder: Folder, now: datetime, examiner: Examiner | None = None) -> Record | None:
    """Close what a dead process left: its spool becomes a record that ends as interrupted. Call it under the turn lock.

    Doing it twice writes one record: the spool goes last, and one whose record is there already is only removed.
    """
    if not folder.exists(REPLY):
        return None
    left = spool.read(folder)  # nobody else writes it: the turn lock is held
    if left is None:
        return None
    claims = examiner.claims(left) if examiner is not None and left.text else ()

    def made(number: int) -> Record:
        checks = checked.counts(claims)
        record = Record(number, now, "assistant", left.text, left.model, "interrupted", left.replaces, checks=checks)
        checked.note(folder, record, claims)
        return record

    with folder.lock():
        torn = history.torn(folder)
        if torn is not None and torn.record.number == left.number and len(left.text) > len(torn.record.text):
            folder.truncate_to(HISTORY, torn.start)  # this very reply, cut while it was kept: the spool has more of it
        last = next(history.backwards(folder), None)
        record = None
        if last is not None and left.number is not None and left.number > last.record.number + 1:
            folder.truncate_to(REPLY, 0)  # it answers what is not here, in a copy or a history that was put back
        elif last is not None and _is_missing(left, last.record):
            record = history.append(folder, made).record
        spool.discard(folder)
    if examiner is not None and record is not None:
        examiner.report(record, claims)
    return record


def _is_missing(left: spool.Spooled, last: Record) -> bool:
    """True if the words left in a spool are not in the conversation yet. A regenerated reply without a word is nothing."""
    if left.number is not None and left.number <= last.number:
        return False
    return last.is_question or bool(left.text)


def recover_if_dead(folder: Folder, now: datetime, examiner: Examiner | None = None) -> Record | None:
    """Close the spool of a process that died; None when there is none or its writer lives."""
    if not folder.exists(REPLY):
        return None
    lock = folder.try_lock(TURN_LOCK)
    if lock is None:
        return None
    with lock:
        return recover(folder, now, examiner)


def ask_to_stop(folder: Folder, reply_id: ReplyId) -> None:
    """Leave the mark by which the process that writes the reply is asked to stop."""
    if folder.exists(REPLY):
        folder.replace(STOP, str(reply_id).encode())


def is_asked_to_stop(folder: Folder, reply_id: ReplyId) -> bool:
    try:
        return folder.may_have(STOP) and folder.read(STOP) == str(reply_id).encode()
    except FileNotFoundError:
        return False
