"""users/.questions/<day>.csv: questions that were not answered well, one line each, for the owner.

    time,user,conversation,number,reason,model,question,answer

The words are kept only where the owner may read conversations; then customers' pages state it. Else a line has neither. They go
with their user, and with their conversation. `.questions/dismissed.csv` has what the owner does not want to see again, as
digests of words: no customer's words stand there.
"""

import csv
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from memory import csv_cells
from memory.conversations.records import read_number
from memory.storage.folders import Folder, StorageError
from memory.storage.layout import QUESTIONS
from memory.storage.users import Users
from memory.timestamps import read_stamp, stamp

log = logging.getLogger("storekeeper.questions")

Reason = Literal["nothing", "code", "checks", "rated", "unrated"]
"""Nothing was found; code answered as the last resort; the checks marked the answer; it was rated down, or not any more."""
COLUMNS = ("time", "user", "conversation", "number", "reason", "model", "question", "answer")
MOST_QUESTION_CHARS, MOST_ANSWER_CHARS = 300, 600
MOST_BYTES_A_DAY = 1_000_000
"""What comes later on such a day is not kept: nobody reads that many."""
KEPT_DAYS = 90
MOST_DISMISSED = 2_000
_DISMISSED = "dismissed.csv"
_DAY = re.compile(r"\d{4}-\d\d-\d\d\.csv")


@dataclass(frozen=True, slots=True)
class ImprovableQuestion:
    """A question with its answer, and why that may be better. `conversation` is when that began, `number` the reply's."""

    time: datetime
    user: str
    conversation: datetime
    number: int
    reasons: tuple[Reason, ...]
    model: str = ""
    question: str = ""
    answer: str = ""

    @property
    def reply(self) -> tuple[str, datetime, int]:
        """What distinguishes its reply from all others."""
        return self.user, self.conversation, self.number


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A question that is not to be shown again: when, by whom, and the digests of what it is about."""

    time: datetime
    who: str
    digests: frozenset[str]


def note(users: Users, one: ImprovableQuestion) -> None:
    """Append a line for each reason; what the disk does not take is logged."""
    if not one.reasons:
        return
    try:
        folder, day = users.prepared(QUESTIONS), f"{one.time:%Y-%m-%d}.csv"
        with folder.lock():
            size = folder.size(day) or 0
            if size > MOST_BYTES_A_DAY:
                return
            if not size:
                _sweep(folder, one.time)
            head = b"" if size else csv_cells.line(COLUMNS)
            folder.append(day, head + b"".join(csv_cells.line(_row(one, why)) for why in one.reasons), on_own_line=True)
    except (StorageError, OSError) as error:
        log.error("question_not_kept", extra={"person": one.user, "error": str(error)})


def latest(users: Users, count: int) -> list[ImprovableQuestion]:
    """Return the newest questions, so many at most, the newest first, each reply once with all its reasons."""
    folder = users.shared / QUESTIONS
    found = dict[tuple[str, datetime, int], ImprovableQuestion]()
    reasons = dict[tuple[str, datetime, int], list[Reason]]()
    for one in _lines(folder):
        if one.reply not in found:
            if len(found) == count:
                break
            found[one.reply] = one
        reasons.setdefault(one.reply, []).extend(one.reasons)
    current = (replace(one, reasons=_standing(reasons[key])) for key, one in found.items())
    return [one for one in current if one.reasons]


def _lines(folder: Folder) -> Iterator[ImprovableQuestion]:
    if not folder.path.is_dir():
        return
    for day in sorted(filter(_DAY.fullmatch, folder.names()), reverse=True):
        for line in reversed(folder.read(day).split(b"\n")):
            if one := _parse(line):
                yield one


def _standing(newest_first: list[Reason]) -> tuple[Reason, ...]:
    """Return the reasons that stand, each once: a rating that was taken back does not."""
    ratings = [one for one in newest_first if one in ("rated", "unrated")]
    others = [one for one in newest_first if one not in ("rated", "unrated")]
    return tuple(dict.fromkeys([*(one for one in ratings[:1] if one == "rated"), *others]))


def forget(users: Users, name: str, conversation: datetime | None = None) -> None:
    """Take out the lines of a user who is deleted, or of one of their conversations; what the disk does not take is logged."""
    folder = users.shared / QUESTIONS
    if not folder.path.is_dir():
        return
    try:
        with folder.lock():
            for day in filter(_DAY.fullmatch, folder.names()):
                _forget_in(folder, day, name, conversation)
    except (StorageError, OSError) as error:
        log.error("questions_not_forgotten", extra={"person": name, "error": str(error)})


def _forget_in(folder: Folder, day: str, name: str, conversation: datetime | None) -> None:
    data = folder.read(day)
    if name.encode() not in data:
        return
    lines, is_theirs = data.split(b"\n"), _is_of(name, conversation)
    kept = [line for line in lines if not is_theirs(line)]
    if len(kept) < len(lines):
        folder.replace(day, b"\n".join(kept))


def _is_of(name: str, conversation: datetime | None) -> Callable[[bytes], bool]:
    began = stamp(conversation) if conversation else None

    def is_of(line: bytes) -> bool:
        if name.encode() not in line:
            return False
        try:
            row = next(csv.reader([line.decode(errors="replace")]), [])
        except csv.Error:
            return False
        return row[1:2] == [name] and (began is None or row[2:3] == [began])

    return is_of


def dismissed(users: Users) -> list[Dismissal]:
    """Return what is not to be shown again, the oldest first."""
    try:
        lines = (users.shared / QUESTIONS).read(_DISMISSED).split(b"\n")
    except FileNotFoundError:
        return []
    return [one for line in lines if (one := _parse_dismissal(line))]


def dismiss(users: Users, one: Dismissal) -> None:
    """Keep in mind what is not to be shown again, fsynced; of very many the oldest is forgotten. StorageError."""
    _keep_dismissed(users, lambda every: [*every, one][-MOST_DISMISSED:])


def bring_back(users: Users, digests: frozenset[str]) -> None:
    """Show again what was dismissed by these digests. StorageError."""
    _keep_dismissed(users, lambda every: [one for one in every if one.digests != digests])


def _keep_dismissed(users: Users, change: Callable[[list[Dismissal]], Iterable[Dismissal]]) -> None:
    folder = users.prepared(QUESTIONS)
    with folder.lock():
        rows = ((stamp(one.time), one.who, " ".join(sorted(one.digests))) for one in change(dismissed(users)))
        folder.replace(_DISMISSED, b"".join(map(csv_cells.line, rows)))


def _sweep(folder: Folder, now: datetime) -> None:
    """Remove the days that are over for long."""
    oldest = f"{now - timedelta(days=KEPT_DAYS):%Y-%m-%d}.csv"
    for day in filter(_DAY.fullmatch, folder.names()):
        if day < oldest:
            folder.remove(day)


def _row(one: ImprovableQuestion, reason: Reason) -> tuple[object, ...]:
    question, answer = one.question[:MOST_QUESTION_CHARS], one.answer[:MOST_ANSWER_CHARS]
    model, *words = map(csv_cells.safe, (one.model, question, answer))
    return stamp(one.time), one.user, stamp(one.conversation), one.number, reason, model, *words


def _parse(line: bytes) -> ImprovableQuestion | None:
    """Read one line; None for the heading, a torn line or one that somebody has mangled."""
    try:
        (row,) = csv.reader([line.decode()])
        time, user, conversation, number, reason, *others = row
        model, question, answer = map(csv_cells.read, others)
        if reason not in get_args(Reason):
            return None
        when, began = read_stamp(time), read_stamp(conversation)
        return ImprovableQuestion(when, user, began, read_number(number), (reason,), model, question, answer)  # type: ignore[arg-type]
    except (ValueError, csv.Error):
        return None


def _parse_dismissal(line: bytes) -> Dismissal | None:
    try:
        (row,) = csv.reader([line.decode()])
        time, who, digests = row
        return Dismissal(read_stamp(time), who, frozenset(digests.split()))
    except (ValueError, csv.Error):
        return None
