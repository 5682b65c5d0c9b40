"""A trial of the file system at the start: do locks exclude other processes, and are appends whole? It takes 30 ms or so.

Everything here rests on that. Where it does not hold (some network and shared folders), two servers would write over
each other, so the start is refused with the reason.
"""

import contextlib
import fcntl
import os
import secrets
import subprocess
import sys
from pathlib import Path

from memory.storage.folders import StorageError
from memory.storage.layout import TRIAL

_LINES = 40
_LINE = 600
_CHILD = """
import fcntl, os, sys
lock, appended = os.open(sys.argv[1], os.O_RDWR), os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("free", flush=True)
except BlockingIOError:
    print("held", flush=True)
except OSError as error:
    print(error.strerror, flush=True)
for _ in range(int(sys.argv[3])):
    os.write(appended, b"b" * int(sys.argv[4]) + b"\\n")
print("done", flush=True)
sys.stdin.read()
"""
"""The other process: it tries the lock that is held here, and appends at the same time."""


def run(root: Path, python: str = sys.executable) -> None:
    """Try locks, appends and renaming in this directory. StorageError with the reason when it cannot be relied on.

    `python` runs the other process.
    """
    place = root / f"{TRIAL}{secrets.token_hex(6)}"
    try:
        place.mkdir(mode=0o700)
        try:
            _try(place, python)
        finally:
            for name in ("lock", "appended", "old", "new"):
                with contextlib.suppress(FileNotFoundError):
                    (place / name).unlink()
            place.rmdir()
    except OSError as error:
        raise StorageError(f"The directory {root} cannot be used: {error.strerror}.") from error


def _try(place: Path, python: str) -> None:
    lock = os.open(place / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    appended = os.open(place / "appended", os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(
            appended, b"a" * _LINE + b"\n"
        )  # a writer that does not append overwrites this one, however fast it is
        command = [python, "-S", "-E", "-c", _CHILD]
        arguments = [str(place / "lock"), str(place / "appended"), str(_LINES), str(_LINE)]
        with subprocess.Popen(
            [*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None
            found = other.stdout.readline().strip()
            for _ in range(_LINES - 1):
                os.write(appended, b"a" * _LINE + b"\n")
            other.stdout.readline()
        if found != "held":
            reason = "two processes can hold one lock" if found == "free" else f"locks do not work ({found})"
            raise StorageError(_refusal(place.parent, reason))
        lines = os.pread(appended, 4 * _LINES * _LINE, 0).split(b"\n")
        whole = [b"a" * _LINE] * _LINES + [b"b" * _LINE] * _LINES
        if sorted(lines[:-1]) != whole:
            raise StorageError(_refusal(place.parent, "what two processes append is mixed up"))
        (place / "old").write_bytes(b"old")
        (place / "new").write_bytes(b"new")
        os.replace(place / "new", place / "old")
        if (place / "old").read_bytes() != b"new":
            raise StorageError(_refusal(place.parent, "a file cannot be replaced as a whole"))
    finally:
        os.close(appended)
        os.close(lock)


def _refusal(root: Path, reason: str) -> str:
    return f"The file system of {root} cannot be relied on: {reason}. Put STOREKEEPER_USERS on a local disk."
