"""Attempts at a password, counted by `memory.people.throttle` on the disk, and here while the disk takes none.

People come in also while it is full or may only be read, and guesses stay bounded: what cannot be written is counted by
each process, within the same limits. So where N processes serve, N + 1 times a rate limit's limit is the most that is tried in a
window.
"""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime

from memory.people import throttle
from memory.people.throttle import MOST_FILES, WINDOW, RateLimit
from memory.storage.folders import Busy, StorageError
from memory.storage.users import Users

log = logging.getLogger("storekeeper.login")


class Attempts:
    """The attempts of one process's people."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._lock = threading.Lock()
        self._unwritten = dict[str, list[datetime]]()
        """By a rate limit's file, in the order in which the rate limits were counted last; the first goes when there are too many."""

    def wait_seconds(self, limits: tuple[RateLimit, ...], now: datetime) -> int:
        """Return after how many seconds the rate limits take another attempt: 0 for now."""
        with self._lock:
            here = self._wait(limits, now)
        return max(here, throttle.wait_seconds(self._users, limits, now))

    def take(self, limits: tuple[RateLimit, ...], now: datetime) -> int:
        """Count an attempt in all the rate limits before it is made, or in none: then return the seconds to wait.

        It is counted beforehand, so that many at once do not pass together. Busy when the rate limits are not free in time.
        """
        if wait := self.wait_seconds(limits, now):
            return wait
        try:
            return throttle.take(self._users, limits, now)
        except Busy:
            raise
        except StorageError as error:
            log.warning("attempt_not_written", extra={"error": str(error)})
        with self._lock:
            if wait := self._wait(limits, now):
                return wait
            for rate in limits:
                counted = [*self._counted(rate, now), now]
                self._unwritten.pop(rate.file, None)
                self._unwritten[rate.file] = counted
            while len(self._unwritten) > MOST_FILES:
                del self._unwritten[next(iter(self._unwritten))]
        return 0

    def give_back(self, limits: tuple[RateLimit, ...], taken: datetime, now: datetime) -> None:
        """Count the attempt of the time `taken` no more: it was no failure."""
        is_here = False
        with self._lock:
            for rate in limits:
                counted = self._unwritten.get(rate.file, [])
                if taken in counted:
                    counted.remove(taken)
                    is_here = True
        if is_here:
            return
        try:
            throttle.give_back(self._users, limits, taken, now)
        except (StorageError, OSError) as error:
            log.warning("attempt_not_given_back", extra={"error": str(error)})

    def _wait(self, limits: Sequence[RateLimit], now: datetime) -> int:
        return max((throttle.wait_after(self._counted(rate, now), rate.limit, now) for rate in limits), default=0)

    def _counted(self, rate: RateLimit, now: datetime) -> list[datetime]:
        return [time for time in self._unwritten.get(rate.file, []) if abs(now - time) < WINDOW]
