"""Access to the disk: directories of users, locks, appends that are whole or nothing, atomic replacement.

Everything is opened relative to the user's directory,
itself opened without following links, so a renamed or deleted directory is never made anew.
"""

import contextlib
import errno
import fcntl
import os
import random
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from memory.i18n import N_, Phrase, UserError
from memory.storage.layout import ARCHIVE, LOCK, set_aside_name, temporary_name

T = TypeVar("T")

NOT_REGULAR = N_("Not a regular file")
REASONS = (
    N_("No space left on device"),
    N_("Read-only file system"),
    N_("Permission denied"),
    N_("Input/output error"),
    N_("Disk quota exceeded"),
    N_("Too many open files"),
    NOT_REGULAR,
)
"""What the system says of a disk that takes nothing, for the catalogues."""


@dataclass(frozen=True, slots=True)
class _Visit:
    """A directory that a thread holds open, the names of its locks that this visit has, and what it made of files."""

    descriptor: int
    locks: set[str] = field(default_factory=set)
    made: dict[str, tuple[tuple[int, int, int], Any]] = field(default_factory=dict)
    """By a file's name: its inode, size and time of change, and what was made of it."""


@dataclass(slots=True)
class _Opened:
    """A directory's descriptor in a `with` block, closed at its end unless a visit keeps it. A generator would take longer."""

    descriptor: int
    is_kept: bool = False

    def __enter__(self) -> int:
        return self.descriptor

    def __exit__(self, *_: object) -> None:
        if not self.is_kept:
            os.close(self.descriptor)


_held = threading.local()
"""`at`: this thread's visits, by the directory's path."""


TAKES_NOTHING = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
"""Errors of a disk that is full, read-only or broken."""


class StorageError(UserError):
    """Something could not be kept or read."""


class Busy(StorageError):
    """A lock was not free in time."""


class NotRegular(OSError):
    """What is in a file's place is none: a link, a directory, a pipe, a socket, a device."""


class NewerFormat(StorageError):
    """A newer version wrote the file, which is neither read nor replaced then."""


def not_saved(error: OSError) -> StorageError:
    """Return the error for what the disk did not take, with the system's reason."""
    return StorageError("It couldn't be saved: %(reason)s.", reason=Phrase(error.strerror or error))


def open_regular(name: str | Path, flags: int, directory: int | None = None) -> int:
    """Open a file, made with mode 0600 where `flags` say so. NotRegular for what is no file: a pipe would block for ever."""
    try:
        descriptor = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, 0o600, dir_fd=directory)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise NotRegular(error.errno, NOT_REGULAR, str(name)) from error
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise NotRegular(errno.EINVAL, NOT_REGULAR, str(name))


@dataclass(frozen=True, slots=True)
class Folder:
    """One user's directory, or one conversation set aside in its archive."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def archive(self) -> "Folder":
        """Where the conversations of this user lie that were set aside."""
        return self / ARCHIVE

    def __truediv__(self, name: str) -> "Folder":
        """Return a directory in this one, whether it exists or not."""
        return Folder(self.path / name)

    def make(self) -> None:
        """Make the directory where it is absent. StorageError when the disk does not take it."""
        try:
            self.path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise not_saved(error) from error

    def opened(self) -> "_Opened":
        """Open the directory itself, for a `with` block. FileNotFoundError when there is none; links are refused."""
        visit = self._current()
        if visit is not None:
            return _Opened(visit.descriptor, is_kept=True)
        return _Opened(os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC))

    @contextlib.contextmanager
    def visit(self) -> Iterator[_Visit]:
        """Keep the directory open for one visit of this thread, so that each of its steps need not open it anew.

        Every call of the system lets go of the interpreter's lock, and getting it back from a busy event loop is what a
        visit mostly waits for. FileNotFoundError when there is no directory.
        """
        visit = self._current()
        if visit is not None:
            yield visit
            return
        with self.opened() as descriptor:
            held: dict[Path, _Visit] = _held.__dict__.setdefault("at", {})
            held[self.path] = visit = _Visit(descriptor)
            try:
                yield visit
            finally:
                del held[self.path]

    def _current(self) -> _Visit | None:
        """Return this thread's visit to the directory, None while there is none."""
        held: dict[Path, _Visit] = getattr(_held, "at", {})
        return held.get(self.path)

    def open(self, name: str, flags: int) -> int:
        """Open a file of the directory. FileNotFoundError when it is absent, NotRegular for what is no file."""
        with self.opened() as directory:
            return open_regular(name, flags, directory)

    def names(self) -> list[str]:
        """Return the names of all that lies in the directory, in no order. FileNotFoundError when there is no directory."""
        with self.opened() as directory:
            return os.listdir(directory)

    def walk(self) -> Iterator[tuple["Folder", str, int]]:
        """Return the files here and below, by their names: where each lies, its name, its size. Links are left out."""
        with contextlib.suppress(FileNotFoundError), os.scandir(self.path) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                if entry.is_dir(follow_symlinks=False):
                    yield from (self / entry.name).walk()
                elif entry.is_file(follow_symlinks=False):
                    with contextlib.suppress(FileNotFoundError):
                        yield self, entry.name, entry.stat(follow_symlinks=False).st_size

    def exists(self, name: str) -> bool:
        return self.size(name) is not None

    def may_have(self, name: str) -> bool:
        """True if, by one system call, the file may be there, for those who look often.

        A link in the place of the directory is followed here, and refused by whatever reads the file.
        """
        try:
            os.stat(f"{self.path}/{name}", follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def changed_ns(self) -> int | None:
        """Return when a file was last put into the directory or taken out of it, None when it is absent. One system call."""
        try:
            return os.stat(self.path, follow_symlinks=False).st_mtime_ns
        except OSError:
            return None

    def size(self, name: str) -> int | None:
        """Return the file's size in bytes, or None when it is absent."""
        status = self.status(name)
        return status.st_size if status else None

    def status(self, name: str) -> os.stat_result | None:
        """Return the file's status, or None when it is absent."""
        try:
            with self.opened() as directory:
                return os.stat(name, dir_fd=directory, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def cached(self, name: str, make: Callable[[os.stat_result], T]) -> T | None:
        """Return what `make` makes of a file, by its status; None when it is absent.

        A visit makes it once, as long as nobody writes the file: its later steps are given the same.
        """
        status = self.status(name)
        if status is None:
            return None
        visit = self._current()
        if visit is None:
            return make(status)
        version = status.st_ino, status.st_size, status.st_mtime_ns
        if name not in visit.made or visit.made[name][0] != version:
            visit.made[name] = version, make(status)
        made: T = visit.made[name][1]
        return made

    def read(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        """Return bytes `start` to `end` of a file (to its end, if None). FileNotFoundError when it is absent."""
        descriptor = self.open(name, os.O_RDONLY)
        try:
            stop = os.fstat(descriptor).st_size if end is None else end
            parts = list[bytes]()
            while start < stop:
                part = os.pread(descriptor, min(stop - start, 1 << 24), start)
                if not part:
                    break
                parts.append(part)
                start += len(part)
            return b"".join(parts)
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def lock(self, name: str = LOCK, *, timeout_seconds: float = 5.0) -> Iterator[None]:
        """Hold the lock of this name across processes; a visit that has it already goes on. Busy when it is not free in time."""
        deadline = time.monotonic() + timeout_seconds
        with self.visit() as visit:
            if name in visit.locks:
                yield
                return
            while (lock := self.try_lock(name)) is None:
                if time.monotonic() > deadline:
                    raise Busy("Something else is being saved right now. Please try again in a moment.")
                time.sleep(random.uniform(0.002, 0.02))
            visit.locks.add(name)
            try:
                yield
            finally:
                visit.locks.remove(name)
                lock.release()

    def try_lock(self, name: str) -> "Lock | None":
        """Take the lock of this name, or None when it is held. Lock files are permanent.

        flock, never lockf: those do not exclude two tasks of one process, and closing any other descriptor
        of the file drops them. A killed holder's lock is free at once. StorageError where the disk takes nothing.
        """
        try:
            descriptor = self.open(name, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            if error.errno in TAKES_NOTHING:
                raise not_saved(error) from error
            raise
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        status = self.status(name)
        if status is None or status.st_ino != os.fstat(descriptor).st_ino:
            os.close(descriptor)
            return None
        return Lock(descriptor)

    def append(self, name: str, data: bytes, *, on_own_line: bool = False) -> tuple[int, int]:
        """Append data and fsync it; return the bytes it stands at. Call it under the lock.

        With `on_own_line` a last line that has no line feed is given one first. One os.write; a short one (a full disk gives it without an exception) is truncated away, then
        StorageError. A failed fsync is an error too and never retried: what is on the disk is then unknown.
        """
        descriptor = self.open(name, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            start = os.fstat(descriptor).st_size
            if on_own_line and start and os.pread(descriptor, 1, start - 1) != b"\n":
                data = b"\n" + data
            try:
                written = os.write(descriptor, data)
                if written != len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
            except OSError as error:
                with contextlib.suppress(OSError):
                    os.ftruncate(descriptor, start)
                    os.fsync(descriptor)
                raise not_saved(error) from error
        finally:
            os.close(descriptor)
        if start == 0:
            self.sync()
        return start, start + len(data)

    def replace(self, name: str, data: bytes, *, is_durable: bool = True) -> None:
        """Replace a file's content, atomically: all of it or, whatever dies, the old one.

        What need not outlive a loss of power can be written without waiting for the disk.
        """
        temporary = temporary_name(name)
        try:
            descriptor = self.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            try:
                written = 0
                while written < len(data):
                    written += os.write(descriptor, data[written:])
                if is_durable:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
            os.replace(self.path / temporary, self.path / name)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(self.path / temporary)
            raise not_saved(error) from error
        if is_durable:
            self.sync()

    def remove(self, name: str) -> None:
        """Remove a file; an absent one is fine."""
        with contextlib.suppress(FileNotFoundError), self.opened() as directory:
            os.unlink(name, dir_fd=directory)

    def rename(self, name: str, to: str) -> None:
        """Rename a file, in the place of what has the new name. FileNotFoundError when it is absent."""
        with self.opened() as directory:
            os.rename(name, to, src_dir_fd=directory, dst_dir_fd=directory)

    def sync(self) -> None:
        """Make what was created, renamed or removed in the directory durable. StorageError when the disk does not say so."""
        with self.opened() as directory:
            try:
                os.fsync(directory)
            except OSError as error:
                raise not_saved(error) from error

    def truncate_to(self, name: str, size: int) -> None:
        """Cut the file to `size` bytes, after the bytes cut off were saved beside it."""
        torn = self.read(name, size)
        self.replace(set_aside_name(name, "torn"), torn)
        descriptor = self.open(name, os.O_RDWR)
        try:
            os.ftruncate(descriptor, size)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Lock:
    """A held flock; released once, at the latest when the process ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
