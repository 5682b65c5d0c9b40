""".env, whose keys an owner sets at the desk: of mode 0600, without earlier versions, since they are secrets."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

from shop.editing import whole_files

MOST_CHARS = 2000
_MODE = 0o600
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
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    _put(file, name, f"{name}='{escaped}'\n")


def remove_key(file: Path, name: str) -> None:
    """Take a variable out. OSError where the disk does not take it. Blocks."""
    if file.exists():
        _put(file, name, "")


def _put(file: Path, name: str, line: str) -> None:
    """Put a line, or none, in the place of a variable's."""
    with _one_editor(file):
        whole_files.clear(file)
        try:
            before = _read(file).decode(errors="surrogateescape")
        except FileNotFoundError:
            before = ""
        after = _with_line(before, name, line)
        whole_files.replace(file, after.encode(errors="surrogateescape"), _MODE)


def _read(file: Path) -> bytes:
    """Return what the file holds. OSError for a link."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as opened:
        return opened.read()


def _with_line(text: str, name: str, line: str) -> str:
    """Return the text with a line, or none, in the place of a variable's; behind the others where there is none of it."""
    lines, is_there = list[str](), False
    for binding in parse_stream(StringIO(text)):
        if binding.key != name:
            lines.append(binding.original.string)
        elif not is_there:
            lines.append(line)
            is_there = True
    if line and not is_there:
        lines += ["\n" if text and not text.endswith(("\n", "\r")) else "", line]
    return "".join(lines)


@contextmanager
def _one_editor(file: Path) -> Iterator[None]:
    """Hold the lock of all who write the file: two keys that are set at once are both kept."""
    descriptor = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
