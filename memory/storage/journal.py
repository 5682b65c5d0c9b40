"""A file that several processes append to and follow: each visit takes its lock and reads what the others wrote since.

The file stays open between visits, so that one costs a few calls of the system and no look at the directory.
"""

import contextlib
import errno
import fcntl
import os
import random
import time
from collections.abc import Iterator

from memory.storage.folders import Busy, Folder, not_saved


class Gone(Exception):
    """The file was removed, replaced or cut meanwhile: what was read of it is not true any more."""


class Journal:
    """One open file of lines. Not for two threads at once."""

    def __init__(self, folder: Folder, name: str) -> None:
        self._descriptor: int | None = folder.open(name, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        self._read = 0
        self._is_torn = False

    @contextlib.contextmanager
    def held(self, *, timeout_seconds: float = 5.0) -> Iterator[bytes]:
        """Hold the file's lock across processes and return the whole lines that were written since the last visit.

        Busy when the lock is not free in time, Gone when the file is not what it was.
        """
        descriptor = self._lock(timeout_seconds)
        try:
            status = os.fstat(descriptor)
            if not status.st_nlink or status.st_size < self._read:
                raise Gone
            data = os.pread(descriptor, status.st_size - self._read, self._read) if status.st_size > self._read else b""
            whole = data.rfind(b"\n") + 1
            self._read += whole
            self._is_torn = whole < len(data)
            yield data[:whole]
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)

    def append(self, data: bytes) -> None:
        """Append whole lines while it is held; they are not given back by the next visit. StorageError when they cannot be kept.

        They are not fsynced: a killed process loses none of them, only a power cut may lose the newest.
        """
        assert self._descriptor is not None
        if self._is_torn:  # a full disk left half a line: nothing is joined to it
            data = b"\n" + data
        start = os.fstat(self._descriptor).st_size
        try:
            if os.write(self._descriptor, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, start)
            raise not_saved(error) from error
        self._read, self._is_torn = start + len(data), False

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _lock(self, timeout_seconds: float) -> int:
        assert self._descriptor is not None
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return self._descriptor
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Busy("Something else is being saved right now. Please try again in a moment.") from None
                time.sleep(random.uniform(0.0005, 0.003))
