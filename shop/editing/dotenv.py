""".env, whose keys an owner sets at the desk: of mode 0600, without earlier versions, since they are secrets."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dotenv

MOST_CHARS = 2000
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,99}")


class BadValue(ValueError):
    """A value that no key or address has; str() says why, without the value."""


def set_key(file: Path, name: str, value: str) -> None:
    """Set a variable, in the place of its line or behind the others, which stay as they are.

    BadValue for a value that no line can hold; OSError where the disk does not take it. Blocks.
    """
    if not _NAME.fullmatch(name):
        raise BadValue("A variable is named with capital letters, digits and _.")
    if not value.isascii() or not value.isprintable() or "${" in value or len(value) > MOST_CHARS:
        raise BadValue("It takes one line of letters, digits and signs.")
    with _one_editor(file):
        _protect(file)
        dotenv.set_key(file, name, value)


def remove_key(file: Path, name: str) -> None:
    """Take a variable out. Blocks."""
    with _one_editor(file):
        if file.exists():
            _protect(file)
            dotenv.unset_key(file, name)


@contextmanager
def _one_editor(file: Path) -> Iterator[None]:
    """Hold the lock of all who write the file: two keys that are set at once are both kept."""
    descriptor = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _protect(file: Path) -> None:
    """Make the file readable by its owner alone, before anything secret is in it."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    file.chmod(0o600)
