"""Attempts to log in, counted in lanes across processes: small files in users/.throttle. Blocks: call it in a thread.

A lane is all that is counted together: the attempts of one known browser, of all unknown browsers at one name, of one
address. A file is named after its lane's sha256, so a name that nobody has leaves what a person's leaves. Knows nothing
of HTTP; which lanes an attempt counts in is said by who asks (OWASP, "Slow Down Online Guessing Attacks with Device
Cookies").
"""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from memory.files import Folder, Users, not_saved
from memory.records import read_stamp, stamp

PLACE = ".throttle"
WINDOW = timedelta(minutes=10)
MOST_FILES = 4_000
"""Files that are kept. Above it those unchanged for longest go, although they may count still."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What is counted together, and how many attempts of a window it takes. `key` is not kept, only its hash."""

    key: str
    limit: int

    @property
    def file(self) -> str:
        return hashlib.sha256(self.key.encode(errors="replace")).hexdigest()


def wait_seconds(users: Users, lanes: tuple[Lane, ...], now: datetime) -> int:
    """Say after how many seconds the lanes take another attempt: 0 for now."""
    place = Folder(users.root / PLACE)
    waits = (_wait(_attempts(place, lane, now), lane.limit, now) for lane in lanes)
    return max(waits, default=0)


def take(users: Users, lanes: tuple[Lane, ...], now: datetime) -> int:
    """Count an attempt in all the lanes before it is made, or in none: then give the seconds to wait.

    It is counted beforehand, so that many at once do not pass together. `give_back` one that was no failure.
    StorageError when it cannot be counted: then it is not to be made.
    """
    place = users.prepared(PLACE)
    try:
        with place.lock():
            if wait := wait_seconds(users, lanes, now):
                return wait
            for lane in lanes:
                if not place.exists(lane.file):
                    _make_room(place, now)
                _write(place, lane, [*_attempts(place, lane, now), now])
    except OSError as error:
        raise not_saved(error) from error
    return 0


def give_back(users: Users, lanes: tuple[Lane, ...], taken: datetime, now: datetime) -> None:
    """Count the attempt of the time `taken` no more: it was no failure."""
    place = users.prepared(PLACE)
    with place.lock():
        for lane in lanes:
            attempts = _attempts(place, lane, now)
            if taken in attempts:
                attempts.remove(taken)
                _write(place, lane, attempts)


def _wait(attempts: list[datetime], limit: int, now: datetime) -> int:
    if len(attempts) < limit:
        return 0
    free = sorted(attempts)[-limit] + WINDOW
    return max(1, min(int((free - now).total_seconds()), int(WINDOW.total_seconds())))


def _attempts(place: Folder, lane: Lane, now: datetime) -> list[datetime]:
    """Give the attempts that count now. A clock that was put back leaves none that count for ever."""
    try:
        lines = place.read(lane.file).decode().split()
        times = [read_stamp(line) for line in lines]
    except (OSError, ValueError):
        return []
    return [time for time in times if abs(now - time) < WINDOW]


def _write(place: Folder, lane: Lane, attempts: list[datetime]) -> None:
    if attempts:
        place.replace(lane.file, "\n".join(stamp(time) for time in attempts).encode(), is_durable=False)
    else:
        place.remove(lane.file)


def _make_room(place: Folder, now: datetime) -> None:
    with os.scandir(place.path) as entries:
        names = [entry.name for entry in entries if not entry.name.startswith(".")]
    if len(names) < MOST_FILES:
        return
    changed = {name: status.st_mtime for name in names if (status := place.status(name))}
    oldest = sorted(changed, key=lambda name: changed[name])
    old = [name for name in oldest if changed[name] < now.timestamp() - WINDOW.total_seconds()]
    for name in old or oldest[: MOST_FILES // 10]:
        place.remove(name)
