"""A file that people edit from a browser: every save is whole, keeps the earlier version, and overwrites nobody.

    prompts/.versions/<name>/20261129T101500.123456Z    the file as it was until then, byte for byte

Knows nothing of what the files hold. All functions block.
"""

import difflib
import fcntl
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shop.editing import whole_files

VERSIONS = ".versions"
KEPT_DAYS = 30
"""How long an earlier version stays at least, and what was removed with it."""
KEPT_COUNT = 50
"""How many earlier versions of a file stay however old they are."""
_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z")
_FORM = "%Y%m%dT%H%M%S.%fZ"
ABSENT = ""
"""The digest of a file that is not there."""


class ChangedMeanwhile(Exception):
    """Somebody else has changed the file since it was read; nothing was overwritten."""


class NotEditable(Exception):
    """The path leads to no plain file of its own directory."""


@dataclass(frozen=True, slots=True)
class EditableFile:
    """A file that may be edited, and the directory of its earlier versions."""

    path: Path
    kept: Path


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """An earlier version: its name, until when it was in force, its size in bytes."""

    name: str
    until: datetime
    size: int


def editable(prompts: Path, path: Path) -> EditableFile:
    """Return the file with the place of its earlier versions: `.versions/` in prompts/, by the file's name."""
    return EditableFile(path, prompts / VERSIONS / path.name)


def read(file: EditableFile) -> bytes | None:
    """Return what the file holds, None where it is absent. NotEditable for a link, a directory or a pipe; OSError else."""
    try:
        return _read_plain(file.path)
    except FileNotFoundError:
        return None


def _read_plain(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if path.is_symlink():
            raise NotEditable(f"{path.name} is a link") from error
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotEditable(f"{path.name} is no plain file")
        with open(descriptor, "rb", closefd=False) as opened:
            return opened.read()
    finally:
        os.close(descriptor)


def digest_of(data: bytes | None) -> str:
    """Return what distinguishes one content from another: SHA-256 in hexadecimal digits, ABSENT for no file."""
    return ABSENT if data is None else hashlib.sha256(data).hexdigest()


def save(file: EditableFile, data: bytes, *, seen: str, mode: int | None = None) -> None:
    """Put `data` into the file, whole or not at all, and keep what it held.

    `seen` is the digest of what the editor had read: ChangedMeanwhile where the file holds something else by now. `mode` is
    that of a new file, else it keeps its own. OSError where the disk does not take it.
    """
    with _one_editor(file):
        current = _current(file, seen)
        if current == data:
            return
        _clear(file)
        _keep(file, current)
        whole_files.replace(file.path, data, mode)
        sweep(file, datetime.now(UTC))


def remove(file: EditableFile, *, seen: str) -> None:
    """Remove the file; what it held stays among its earlier versions. ChangedMeanwhile as for `save`."""
    with _one_editor(file):
        _keep(file, _current(file, seen))
        file.path.unlink(missing_ok=True)
        whole_files.sync(file.path.parent)


def earlier(file: EditableFile) -> list[EarlierVersion]:
    """Return the earlier versions, the newest first: plain files of the file's own directory."""
    versions, entries = list[EarlierVersion](), list[os.DirEntry[str]]()
    if not file.kept.is_symlink():
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(file.kept) as found:
            entries = list(found)
    for entry in entries:
        with suppress(FileNotFoundError):  # swept meanwhile
            if (until := _until(entry.name)) is not None and entry.is_file(follow_symlinks=False):
                versions.append(EarlierVersion(entry.name, until, entry.stat(follow_symlinks=False).st_size))
    return sorted(versions, key=lambda version: version.name, reverse=True)


def read_version(file: EditableFile, name: str) -> bytes:
    """Return an earlier version. FileNotFoundError for a name that is none of its, NotEditable for what is no plain file."""
    if not _NAME.fullmatch(name) or file.kept.is_symlink():
        raise FileNotFoundError(name)
    return _read_plain(file.kept / name)


def diff(before: str, after: str) -> list[str]:
    """Return the lines that differ with three around them, each with "+", "-", " " or "@" before it."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=3)
    return list(lines)[2:]


def sweep(file: EditableFile, now: datetime) -> None:
    """Remove the versions that are older than KEPT_DAYS, save the KEPT_COUNT newest."""
    for version in earlier(file)[KEPT_COUNT:]:
        if now - version.until > timedelta(days=KEPT_DAYS):
            (file.kept / version.name).unlink(missing_ok=True)


def _current(file: EditableFile, seen: str) -> bytes | None:
    current = read(file)
    if digest_of(current) != seen:
        raise ChangedMeanwhile(file.path.name)
    return current


def _clear(file: EditableFile) -> None:
    """Remove what a process left that died while it wrote: nobody else writes this file now."""
    whole_files.clear(file.path)
    for left in file.kept.glob(".*.new"):
        left.unlink(missing_ok=True)


def _keep(file: EditableFile, data: bytes | None) -> None:
    if data is None:
        return
    if file.kept.is_symlink():
        raise NotEditable(f"the directory of {file.path.name}'s earlier versions is a link")
    file.kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole_files.replace(file.kept / datetime.now(UTC).strftime(_FORM), data, 0o600)


@contextmanager
def _one_editor(file: EditableFile) -> Iterator[None]:
    """Hold the lock of all who save a file of this shop, in whichever process."""
    file.kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file.kept.parent / ".editing", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _until(name: str) -> datetime | None:
    """Return the time that a version is named by, None for what is none."""
    try:
        return datetime.strptime(name, _FORM).replace(tzinfo=UTC) if _NAME.fullmatch(name) else None
    except ValueError:
        return None
