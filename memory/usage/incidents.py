"""users/.incidents/: what keeps the shop's assistant from working as it should, until it works again.

One small file an incident, `<cause>-<digest of its subject>.json`, written by whichever process meets it first; so all
processes know of it, and a restart forgets nothing. The customers who met it stand there as digests of their names.

    {"cause": "key_refused", "subject": "gpt-6-luna", "detail": "key_refused", "since": "2026-11-29T02:10:00Z",
     "times": 3, "met": ["9f2c61d07a3b"]}

What the disk does not take is kept in this process's memory: a full disk is an incident too.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Literal, get_args

from memory.storage.folders import Folder, StorageError
from memory.storage.layout import INCIDENTS
from memory.storage.users import Users
from memory.timestamps import read_stamp, stamp

log = logging.getLogger("storekeeper.incidents")

Cause = Literal[
    "key_refused", "quota", "model_failing", "data_unusable", "feed_failing", "budget", "disk", "prompts", "backup"
]
CAUSES: tuple[Cause, ...] = get_args(Cause)

MOST_MET = 1_000
"""Customers that one incident counts."""
MOST_STANDING = 200
"""Incidents that stand at once; more are no news to anybody."""
MOST_TIMES = 3
"""How far an incident counts how often it happened: what happens that often is no accident."""
_MOST_SUBJECT_CHARS, _MOST_DETAIL_CHARS = 200, 300
_LARGEST_BYTES = 1 << 16
_SETTLED_SECONDS = 1.0
"""How old a directory's time of change has to be for it to tell of the next change: file systems count in steps."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that does not work. `subject` is what: a model, a file; `detail` how, in a word or a sentence.

    `times` counts up to MOST_TIMES, `met` are digests of the names of customers who met it, at most MOST_MET.
    """

    cause: Cause
    subject: str
    detail: str
    since: datetime
    times: int = 1
    met: frozenset[str] = frozenset()

    @property
    def file(self) -> str:
        return _file(self.cause, self.subject)

    def again(self, detail: str, who: frozenset[str]) -> "Incident":
        """Return the incident after it happened once more, to these customers."""
        met = self.met | who if len(self.met) < MOST_MET else self.met
        return replace(self, detail=detail, times=min(self.times + 1, MOST_TIMES), met=met)


class Incidents:
    """The incidents of one shop. Nothing here raises: code that notes an incident has trouble enough. All functions block."""

    def __init__(self, users: Users) -> None:
        self._users, self._place = users, users.shared / INCIDENTS
        self._unsaved = dict[str, Incident]()
        self._listed: tuple[int, frozenset[str]] = 0, frozenset()

    def note(
        self, cause: Cause, subject: str, detail: str, now: datetime, who: str | None = None, *, times: int = 1
    ) -> None:
        """Note that something does not work, and the customer who met it. What is known already is not written again.

        `times`: as often as it counts at least.
        """
        subject, detail = subject[:_MOST_SUBJECT_CHARS], detail[:_MOST_DETAIL_CHARS]
        met = frozenset([_digest(who)]) if who is not None else frozenset[str]()
        name = _file(cause, subject)
        try:
            folder = self._users.prepared(INCIDENTS)
            with folder.lock():
                known = self._read(folder, name)
                if known is None and len(self._names()) >= MOST_STANDING:
                    return
                new = known.again(detail, met) if known else Incident(cause, subject, detail, now, 1, met)
                new = replace(new, times=max(new.times, times))
                if new != known:
                    folder.replace(name, _print(new), is_durable=False)
                    self._listed = 0, frozenset()
                    self._unsaved.pop(name, None)
            if known is None:
                log.warning("incident", extra={"cause": cause, "subject": subject, "detail": detail})
        except (StorageError, OSError) as error:
            log.error("incident_not_noted", extra={"cause": cause, "error": str(error)})
            known = self._unsaved.get(name)
            if known is not None or len(self._unsaved) < MOST_STANDING:
                self._unsaved[name] = (
                    known.again(detail, met) if known else Incident(cause, subject, detail, now, 1, met)
                )

    def clear(self, *what: tuple[Cause, str]) -> None:
        """Forget what works again, by causes and subjects. Where nothing stands this is one look at a time of change."""
        names = self._names()
        if not names and not self._unsaved:
            return
        for cause, subject in what:
            name = _file(cause, subject[:_MOST_SUBJECT_CHARS])
            self._unsaved.pop(name, None)
            if name in names:
                self._remove(name)

    def keep(self, cause: Cause, standing: Mapping[str, str], now: datetime) -> None:
        """Note these incidents of one cause, details by subjects, and clear all others of it."""
        for known in self.standing():
            if known.cause == cause and known.subject not in {name[:_MOST_SUBJECT_CHARS] for name in standing}:
                self.clear((cause, known.subject))
        for subject, detail in standing.items():
            self.note(cause, subject, detail, now)

    def standing(self) -> list[Incident]:
        """Return all incidents, in the order of their causes and of when they began."""
        found = dict(self._unsaved)
        for name in self._names():
            if (incident := self._read(self._place, name)) is not None:
                found[name] = incident
        return sorted(found.values(), key=lambda one: (CAUSES.index(one.cause), one.since, one.subject))

    def _names(self) -> frozenset[str]:
        """Return the names of the files; they are listed again only when the directory has changed."""
        try:
            changed = self._place.changed_ns()
            if changed is None:
                self._listed = 0, frozenset()
            elif changed != self._listed[0]:
                names = frozenset(name for name in self._place.names() if name.endswith(".json"))
                is_settled = time.time() - changed / 1e9 > _SETTLED_SECONDS
                self._listed = changed if is_settled else 0, names
        except OSError:
            self._listed = 0, frozenset()
        return self._listed[1]

    def _remove(self, name: str) -> None:
        try:
            self._place.remove(name)
            log.info("incident_over", extra={"cause": name.partition("-")[0]})
        except OSError as error:
            log.error("incident_not_cleared", extra={"cause": name.partition("-")[0], "error": str(error)})
        self._listed = 0, frozenset()

    def _read(self, folder: Folder, name: str) -> Incident | None:
        """Return the incident of a file, None where it is absent or cannot be read."""
        try:
            if (folder.size(name) or _LARGEST_BYTES) >= _LARGEST_BYTES:
                return None
            return _parse(folder.read(name))
        except OSError:
            return None


def _file(cause: Cause, subject: str) -> str:
    return f"{cause}-{_digest(subject)}.json"


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _print(one: Incident) -> bytes:
    fields = {
        "cause": one.cause,
        "subject": one.subject,
        "detail": one.detail,
        "since": stamp(one.since),
        "times": one.times,
        "met": sorted(one.met),
    }
    return json.dumps(fields).encode() + b"\n"


def _parse(data: bytes) -> Incident | None:
    try:
        read = json.loads(data)
        cause, met = read["cause"], frozenset(map(str, read["met"]))
        if cause not in CAUSES or len(met) > MOST_MET:
            return None
        subject, detail = str(read["subject"]), str(read["detail"])
        return Incident(cause, subject, detail, read_stamp(read["since"]), int(read["times"]), met)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
