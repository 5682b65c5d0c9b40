"""The directory of all users: their names, and their directories made, listed and removed."""

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from memory.i18n import N_
from memory.storage.folders import Folder, StorageError
from memory.storage.layout import ACCOUNT, COMPACTION_LOCK, LOCK, NEW, TRASH, TURN_LOCK

NAME_RULE = N_("3 to 32 characters: lowercase letters, digits, _ and -; start with a letter")
"""What a name has."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{2,31}")
_RESERVED = frozenset(
    "con prn aux nul admin root system assistant user users support security api static login logout signup".split()
    + [f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)]
)


class NameTaken(StorageError):
    """An account of that name exists."""


def is_name(name: object) -> bool:
    """True if this may be the name of a user, and so of a directory. Nothing is lower-cased or trimmed."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None and name not in _RESERVED


def _is_held(folder: Folder) -> bool:
    """True if a reply, notes or anything else is being written in the directory."""
    for name in (TURN_LOCK, COMPACTION_LOCK, LOCK):
        try:
            lock = folder.try_lock(name)
        except (OSError, StorageError):
            return False  # another process removes it
        if lock is None:
            return True
        lock.release()
    return False


@dataclass(frozen=True, slots=True)
class Users:
    """The directory of all users."""

    root: Path

    def folder(self, name: str) -> Folder:
        """Return the user's folder, whether it exists or not. ValueError for what is no name."""
        if not is_name(name):
            raise ValueError(f"A name has {NAME_RULE}.")
        return Folder(self.root / name)

    @property
    def shared(self) -> Folder:
        """The directory itself, for what concerns all: its lock, the secret, the first account's token."""
        return Folder(self.root)

    def names(self) -> list[str]:
        return sorted(self._names())

    def is_empty(self) -> bool:
        """True if nobody has an account yet."""
        return next(self._names(), None) is None

    def count(self, most: int) -> int:
        """Return how many users there are, `most` where there are more."""
        return sum(1 for _ in islice(self._names(), most))

    def changed_since(self, time: float, *files: str) -> Iterator[tuple[str, int, os.stat_result]]:
        """Return what changed since a time, in seconds since 1970: the user's name, which of the files it is, its status.

        One call of the system each, by its path: there may be 10,000 users.
        """
        root = str(self.root)
        for name in self._names():
            for number, file in enumerate(files):
                try:
                    status = os.stat(f"{root}/{name}/{file}", follow_symlinks=False)
                except (FileNotFoundError, NotADirectoryError):
                    continue
                if status.st_mtime >= time:
                    yield name, number, status

    def _names(self) -> Iterator[str]:
        with os.scandir(self.root) as entries:
            for entry in entries:
                if is_name(entry.name) and entry.is_dir(follow_symlinks=False):
                    yield entry.name

    def prepare(self) -> None:
        """Make the directory when it is absent. StorageError when it cannot be written."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self.shared.lock():
                pass
        except OSError as error:
            raise StorageError(f"The directory {self.root} cannot be used: {error.strerror}.") from error

    def create(self, name: str, account: bytes) -> Folder:
        """Make a user's directory with its account file, whole or not at all. NameTaken when there is one.

        The directory is built under another name and renamed; over one that is not empty that fails.
        """
        folder = self.folder(name)
        if any(_is_held(trash) for trash in self._trash() if trash.name.endswith(f"-{name}")):
            raise NameTaken("The account %(name)s is still being deleted. Please try again in a minute.", name=name)
        new = Folder(self.root / f"{NEW}{secrets.token_hex(8)}")
        new.path.mkdir(mode=0o700)
        try:
            new.replace(ACCOUNT, account)
            os.rename(new.path, folder.path)
        except (OSError, StorageError) as error:
            shutil.rmtree(new.path, ignore_errors=True)
            if isinstance(error, OSError) and error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise NameTaken("The name %(name)s is already taken.", name=name) from error
            raise
        self.shared.sync()
        return folder

    def move_to_trash(self, folder: Folder) -> None:
        """Take a user's directory out of sight, at once and as a whole; `sweep` removes it. An absent one is fine."""
        with contextlib.suppress(FileNotFoundError):
            os.rename(folder.path, self.root / f"{TRASH}{secrets.token_hex(8)}-{folder.name}")
        self.shared.sync()

    def sweep(self) -> bool:
        """Remove the directories in the trash that nobody works in any more. False when others are left."""
        is_clean = True
        for trash in self._trash():
            if _is_held(trash):
                is_clean = False
            else:
                shutil.rmtree(trash.path, ignore_errors=True)
        return is_clean

    def _trash(self) -> list[Folder]:
        with os.scandir(self.root) as entries:
            return [Folder(Path(entry.path)) for entry in entries if entry.name.startswith(TRASH)]

    def prepared(self, name: str) -> Folder:
        """Return a directory beside those of users, made when it is absent."""
        place = self.shared / name
        place.make()
        return place

    def get_or_create(self, name: str, make: str) -> str:
        """Return the text of a small file of mode 0600, made with `make` by the first process that needs it."""
        with self.shared.lock():
            try:
                return self.shared.read(name).decode()
            except FileNotFoundError:
                self.shared.replace(name, make.encode())
                return make
