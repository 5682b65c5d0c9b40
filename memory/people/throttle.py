"""Attempts to log in, counted in rate limits across processes: small files in users/.throttle.

A rate limit is all that is counted together: the attempts of one known browser, of all unknown browsers at one name, of one
address. A file is named after its rate limit's sha256, so a name that nobody has leaves what a user's leaves. Knows nothing
of HTTP; the caller names the rate limits that an attempt counts in (OWASP, "Slow Down Online Guessing Attacks with Device
Cookies").
"""

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from memory.storage.folders import Folder, not_saved
from memory.storage.layout import THROTTLE
from memory.storage.users import Users
from memory.timestamps import read_stamp, stamp

WINDOW = timedelta(minutes=10)
_SET = timedelta(hours=1)
"""A clock that is further ahead than the machine's own seconds was set."""
MOST_FILES = 4_000
"""Files that are kept. Above it those unchanged for longest go, a tenth, although they may count still."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What is counted together, and how many attempts of a window it takes. `key` is not kept, only its hash."""

    key: str
    limit: int

    @property
    def file(self) -> str:
        return hashlib.sha256(self.key.encode(errors="replace")).hexdigest()


def wait_seconds(users: Users, limits: tuple[RateLimit, ...], now: datetime) -> int:
    """Return after how many seconds the rate limits take another attempt: 0 for now."""
    place = Folder(users.root / THROTTLE)
    waits = (wait_after([one.time for one in _attempts(place, rate, now)], rate.limit, now) for rate in limits)
    return max(waits, default=0)


def wait_after(times: list[datetime], limit: int, now: datetime) -> int:
    """Return after how many seconds a rate limit takes another attempt, by the times of those that count now: 0 for now."""
    if len(times) < limit:
        return 0
    free = sorted(times)[-limit] + WINDOW
    return max(1, min(int((free - now).total_seconds()), int(WINDOW.total_seconds())))


def take(users: Users, limits: tuple[RateLimit, ...], now: datetime) -> int:
    """Count an attempt in all the rate limits before it is made, or in none: then return the seconds to wait.

    It is counted beforehand, so that many at once do not pass together. `give_back` one that was no failure.
    StorageError when it cannot be counted: then it is not to be made.
    """
    place = users.prepared(THROTTLE)
    try:
        with place.lock():
            if wait := wait_seconds(users, limits, now):
                return wait
            for rate in limits:
                if not place.exists(rate.file):
                    _make_room(place)
                _write(place, rate, [*_attempts(place, rate, now), _Attempt(now, f"{stamp(now)} {_machine()}")])
    except OSError as error:
        raise not_saved(error) from error
    return 0


def give_back(users: Users, limits: tuple[RateLimit, ...], taken: datetime, now: datetime) -> None:
    """Count the attempt of the time `taken` no more: it was no failure."""
    place = users.prepared(THROTTLE)
    with place.lock():
        for rate in limits:
            attempts = _attempts(place, rate, now)
            given = next((one for one in attempts if one.line.startswith(stamp(taken))), None)
            if given is not None:
                attempts.remove(given)
                _write(place, rate, attempts)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """When it was made by today's clock, and its line in the file: the time it was made by the clock of then, and
    the machine's own seconds, which nobody sets.
    """

    time: datetime
    line: str


def _attempts(place: Folder, rate: RateLimit, now: datetime) -> list[_Attempt]:
    """Return the attempts that count now. A clock that was set, back or ahead, lets none go and none count for ever."""
    try:
        lines = place.read(rate.file).decode().split("\n")
        found = [_Attempt(_made(line, now), line) for line in lines if line]
    except (OSError, ValueError):
        return []
    return [one for one in found if abs(now - one.time) < WINDOW]


def _made(line: str, now: datetime) -> datetime:
    """Return when an attempt was made by today's clock. ValueError for what is no line."""
    stamped, *machine = line.split(" ")
    then = read_stamp(stamped)
    started, _, seconds = _machine().rpartition(" ")
    if len(machine) == 2 and machine[0] == started:
        passed = timedelta(seconds=float(seconds) - float(machine[1]))
        if then > now or now - then - passed > _SET:
            return now - max(passed, timedelta())
    return then


def _machine() -> str:
    """Return by what this start of the machine is known, and the seconds since then."""
    return f"{_started()} {time.clock_gettime(time.CLOCK_BOOTTIME):.0f}"


def _started() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, ValueError):
        return "unknown"


def _write(place: Folder, rate: RateLimit, attempts: list[_Attempt]) -> None:
    if attempts:
        place.replace(rate.file, "\n".join(one.line for one in attempts).encode(), is_durable=False)
    else:
        place.remove(rate.file)


def _make_room(place: Folder) -> None:
    names = [name for name in place.names() if not name.startswith(".")]
    if len(names) < MOST_FILES:
        return
    changed = {name: status.st_mtime for name in names if (status := place.status(name))}
    oldest = sorted(changed, key=lambda name: changed[name])
    for name in oldest[: MOST_FILES // 10]:  # no more: by a clock that was set ahead all of them are old
        place.remove(name)
