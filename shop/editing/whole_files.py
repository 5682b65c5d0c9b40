"""Files that are replaced whole or not at all: written beside the old one, fsynced, and put in its place. All functions block."""

import os
import secrets
import stat
from contextlib import suppress
from glob import escape
from pathlib import Path

_LEFT = ".new"


def replace(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a file beside the other and put it in its place, so that nobody ever reads half of it.

    Without a mode it keeps its own, 0644 where it is new. OSError where the disk does not take it.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}{_LEFT}")
    if mode is None:
        mode = 0o644
        with suppress(FileNotFoundError):
            mode = stat.S_IMODE(path.stat().st_mode)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)


def clear(path: Path) -> None:
    """Remove what a process left that died while it wrote the file. Call it where nobody else writes it."""
    for left in path.parent.glob(f".{escape(path.name)}.*{_LEFT}"):
        left.unlink(missing_ok=True)


def sync(directory: Path) -> None:
    """Make what was created, replaced or removed in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
