"""users/.outbox/: what is to be told, one file a notice, from before it is sent until it was taken.

A notice is written and fsynced before anything is sent, so it survives whatever kills the process; what was sent and not yet
noted then is sent again, under the same id. A file's name begins with the hash of its notice's key: by it nothing is told
twice that waits already, and within an hour of its last being told it waits for the end of that hour.
"""

import hashlib
import json
import logging
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from memory.i18n import N_
from memory.storage.folders import Folder, Lock
from memory.storage.layout import OUTBOX
from memory.storage.users import Users
from memory.timestamps import read_stamp, stamp

log = logging.getLogger("storekeeper.notices")

EVERY = timedelta(hours=1)
"""How often a notice of the same key is sent at most."""
BACK_OFF = tuple(timedelta(minutes=n) for n in (1, 2, 5, 15, 60, 180, 360, 720))
"""How long after each attempt the next one waits; after the last it is given up."""
TOO_OLD = timedelta(days=3)
"""From when on a notice is news no more, such as one of a backup that was brought back."""
TOO_LATE = N_("It is too old to be told.")
MOST_WAITING, MOST_FAILED = 200, 50
_MOST_TEXT, _MOST_DETAILS, _MOST_BYTES = 2_000, 8_000, 64_000
_SENDER, _SENT, _FAILED, _UNREADABLE, _END = ".sender", "sent.json", "failed-", "unreadable-", ".json"
_ID = re.compile(r"[0-9a-f]{16}-[0-9a-f]{16}")

Details = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell. `event` is its kind, such as "key_refused"; `text` is for people, in the shop's language.

    `key` deduplicates: the same key waits once, and is told once an hour. `details` go to programs that are told.
    """

    event: str
    key: str
    time: datetime
    text: str
    details: Details


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A notice that waits, or was given up. `due` is the next attempt; `done` are the ways that took it.

    `error` is the sentence of the last failure, and `said` what the other side answered, if it did.
    """

    id: str
    notice: Notice
    due: datetime
    attempts: int = 0
    done: tuple[str, ...] = ()
    error: str = ""
    said: str = ""


def put(users: Users, notice: Notice) -> bool:
    """Keep a notice to be sent; False where the same key waits already, or too many do. StorageError when the disk does not take it."""
    place = users.prepared(OUTBOX)
    with place.lock():
        names, digest = _names(place), _digest(notice.key)
        if any(name.startswith(digest) for name in names):
            return False
        if len(names) >= MOST_WAITING:
            log.error("outbox_full", extra={"notice": notice.event})
            return False
        last = _sent(place).get(digest)
        due = notice.time if last is None else max(notice.time, last + EVERY)
        _write(place, OutboxEntry(f"{digest}-{secrets.token_hex(8)}", notice, due))
    return True


def find(users: Users, key: str) -> OutboxEntry | None:
    """Return the notice of this key that waits, None where there is none."""
    return next((entry for entry in waiting(users) if entry.id.startswith(_digest(key))), None)


def withdraw(users: Users, key: str) -> bool:
    """Take back the notice of this key that was not sent yet; False where there is none."""
    place = users.prepared(OUTBOX)
    with place.lock():
        for name in _names(place):
            if name.startswith(_digest(key)) and (entry := _read(place, name)) and not entry.attempts:
                place.remove(name)
                return True
    return False


def waiting(users: Users) -> list[OutboxEntry]:
    """Return what is to be sent, the oldest first."""
    return _listed(users, is_failed=False)


def failed(users: Users) -> list[OutboxEntry]:
    """Return what was given up, the oldest first."""
    return _listed(users, is_failed=True)


def try_sender(users: Users) -> Lock | None:
    """Take the place of the one process that sends, None while another has it."""
    return users.prepared(OUTBOX).try_lock(_SENDER)


def due(users: Users, now: datetime, most: int) -> list[OutboxEntry]:
    """Return what is to be sent now, the oldest first; what is news no more is given up. A clock that was set back delays nothing."""
    entries = list[OutboxEntry]()
    for entry in waiting(users):
        if abs(now - entry.notice.time) > TOO_OLD:
            _give_up(users, replace(entry, error=entry.error or TOO_LATE))
        elif entry.due <= now or entry.due - now > BACK_OFF[-1] + EVERY:
            entries.append(entry)
    return entries[:most]


def begin(users: Users, entry: OutboxEntry, now: datetime) -> OutboxEntry | None:
    """Count an attempt before it is made, so that one that kills the process counts; None where the notice is gone meanwhile."""
    place = users.prepared(OUTBOX)
    with place.lock():
        if (found := _read(place, entry.id + _END)) is None:
            return None
        wait = BACK_OFF[min(found.attempts, len(BACK_OFF) - 1)]
        begun = replace(found, attempts=found.attempts + 1, due=now + wait)
        _write(place, begun)
    return begun


def note_done(users: Users, entry: OutboxEntry, way: str) -> OutboxEntry:
    """Note that one of the ways took the notice, so that it is not sent by it again."""
    return _change(users, replace(entry, done=(*entry.done, way)))


def note_error(users: Users, entry: OutboxEntry, error: str, said: str = "") -> OutboxEntry:
    """Note why an attempt failed; after the last one the notice is given up, and shown as that."""
    known = replace(entry, error=error, said=said[:300])
    if known.attempts > len(BACK_OFF):
        _give_up(users, known)
        return known
    return _change(users, known)


def finish(users: Users, entry: OutboxEntry, now: datetime) -> None:
    """Remove a notice that was taken, and note when its key was sent."""
    place = users.prepared(OUTBOX)
    with place.lock():
        sent = {digest: time for digest, time in _sent(place).items() if timedelta() <= now - time < EVERY}
        sent[entry.id[:16]] = now
        place.replace(_SENT, json.dumps({digest: stamp(time) for digest, time in sent.items()}).encode())
        place.remove(entry.id + _END)
        place.sync()


def clear(users: Users) -> None:
    """Remove what waits: there is no way any more to tell it."""
    place = users.shared / OUTBOX
    if place.path.is_dir():
        with place.lock():
            for name in _names(place):
                place.remove(name)


def try_again(users: Users, entry_id: str, now: datetime) -> bool:
    """Send again, at once, what was given up or waits for its next attempt. False when there is no such notice."""
    place = users.shared / OUTBOX
    if not place.path.is_dir():
        return False
    with place.lock():
        name = _find(place, entry_id)
        entry = _read(place, name) if name else None
        if name is None or entry is None:
            return False
        fresh = replace(entry.notice, time=now) if abs(now - entry.notice.time) > TOO_OLD else entry.notice
        _write(place, replace(entry, notice=fresh, attempts=0, due=now))
        if name.startswith(_FAILED):
            place.remove(name)
    return True


def discard(users: Users, entry_id: str) -> bool:
    """Remove a notice that waits or was given up. False when there is no such notice."""
    place = users.shared / OUTBOX
    if not place.path.is_dir():
        return False
    with place.lock():
        if (name := _find(place, entry_id)) is None:
            return False
        place.remove(name)
    return True


def _change(users: Users, entry: OutboxEntry) -> OutboxEntry:
    """Write what an attempt came to; a notice that was discarded meanwhile stays away."""
    place = users.prepared(OUTBOX)
    with place.lock():
        if place.exists(entry.id + _END):
            _write(place, entry)
    return entry


def _give_up(users: Users, entry: OutboxEntry) -> None:
    place = users.prepared(OUTBOX)
    with place.lock():
        if not place.exists(entry.id + _END):
            return
        _write(place, entry)
        place.rename(entry.id + _END, _FAILED + entry.id + _END)
        place.sync()
        given_up = _entries(place, _names(place, is_failed=True))
        for one in given_up[: max(0, len(given_up) - MOST_FAILED)]:
            place.remove(_FAILED + one.id + _END)
    log.error("notice_given_up", extra={"notice": entry.notice.event, "error": entry.error})


def _listed(users: Users, *, is_failed: bool) -> list[OutboxEntry]:
    place = users.shared / OUTBOX
    try:
        return _entries(place, _names(place, is_failed=is_failed))
    except FileNotFoundError:
        return []


def _entries(place: Folder, names: list[str]) -> list[OutboxEntry]:
    found = [entry for name in names if (entry := _read(place, name))]
    return sorted(found, key=lambda entry: (entry.notice.time, entry.id))


def _names(place: Folder, *, is_failed: bool = False) -> list[str]:
    start = _FAILED if is_failed else ""
    return [name for name in place.names() if _id_of(name.removeprefix(start)) and name.startswith(start)]


def _id_of(name: str) -> str | None:
    found = name.removesuffix(_END)
    return found if name.endswith(_END) and _ID.fullmatch(found) else None


def _find(place: Folder, entry_id: str) -> str | None:
    """Return the name of the file of a notice that waits or was given up."""
    if _ID.fullmatch(entry_id) is None:
        return None
    return next((name for name in (entry_id + _END, _FAILED + entry_id + _END) if place.exists(name)), None)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()[:16]


def _sent(place: Folder) -> dict[str, datetime]:
    """Return when each key was sent last, by its hash; a damaged file counts as none."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        return {str(digest): read_stamp(time) for digest, time in json.loads(place.read(_SENT)).items()}
    return {}


def _write(place: Folder, entry: OutboxEntry) -> None:
    notice = entry.notice
    details = dict(notice.details)
    if len(json.dumps(details)) > _MOST_DETAILS:
        details = {}
    values = {
        "event": notice.event[:64], "key": notice.key[:200], "time": stamp(notice.time), "text": notice.text[:_MOST_TEXT],
        "details": details, "due": stamp(entry.due), "attempts": entry.attempts, "done": list(entry.done),
        "error": entry.error, "said": entry.said,
    }  # fmt: skip
    place.replace(entry.id + _END, json.dumps(values, ensure_ascii=False, indent=1).encode(errors="replace"))


def _read(place: Folder, name: str) -> OutboxEntry | None:
    """Read a notice; None for one that is gone. A file that is none is logged, and set aside: its key is free again."""
    try:
        values: dict[str, Any] = json.loads(place.read(name, 0, _MOST_BYTES))
        notice = Notice(
            str(values["event"]), str(values["key"]), read_stamp(values["time"]), str(values["text"]),
            {str(key): value for key, value in values["details"].items()},
        )  # fmt: skip
        return OutboxEntry(
            name.removeprefix(_FAILED).removesuffix(_END), notice, read_stamp(values["due"]), int(values["attempts"]),
            tuple(map(str, values["done"])), str(values["error"]), str(values["said"]),
        )  # fmt: skip
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.error("notice_unreadable", extra={"file": name, "error": type(error).__name__})
        with suppress(OSError):
            place.rename(name, _UNREADABLE + name)
        return None
