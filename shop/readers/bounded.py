"""Reading files in a process of its own, so that none can exhaust this one: what it takes is an error in its report."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from settings import ROOT, child_environment
from shop.products import StoreContents
from shop.readers.decode import name_of
from shop.readers.reading import FileReading, Terms
from shop.readers.store import contents_of, files_of
from shop.readers.worker import reading_of_frames

SECONDS = 90.0
"""Of waiting for one file; the process's own limit of computing time is lower."""
TOO_MUCH = "It takes too much time or memory to read. Split it into several files, or remove the columns that are not about products."


def read_bounded(
    store: Path, currency: str = "", *, today: date | None = None, also: Sequence[Path] = (), seconds: float = SECONDS
) -> StoreContents:
    """Return all that the files of a directory hold, and further files, like shop.readers.store.read_store."""
    terms = Terms(currency, today or date.today())
    paths = [*files_of(store), *also]
    read = zip(paths, readings_of(paths, terms, seconds), strict=True)
    return contents_of(((name_of(path), reading) for path, reading in read if not _is_gone(path, reading)), terms)


def _is_gone(path: Path, reading: FileReading) -> bool:
    """True if the file was removed since the directory was listed: there is nothing to report of it."""
    return bool(reading.error) and not os.path.lexists(path)


def readings_of(paths: Sequence[Path], terms: Terms, seconds: float = SECONDS) -> Iterator[FileReading]:
    """Yield the readings of files in order; after one that ends the other process, a new one goes on with the next."""
    left = list(paths)
    while left:
        for reading in _read(tuple(left), terms, seconds):
            left.pop(0)
            yield reading
        if left:
            left.pop(0)
            yield FileReading("unknown", error=TOO_MUCH)


def _read(paths: Sequence[Path], terms: Terms, seconds: float) -> Iterator[FileReading]:
    """Yield readings until the other process ends, by itself or because one file takes more than its seconds."""
    command = [sys.executable, "-m", "shop.readers.worker", terms.currency, terms.today.isoformat()]
    names = b"".join(str(path.absolute()).encode("utf-8", "surrogateescape") + b"\0" for path in paths)
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        assert child.stdin is not None
        try:
            child.stdin.write(names)
            child.stdin.close()
            for _ in paths:
                timer = threading.Timer(seconds, child.kill)
                timer.start()
                try:
                    reading = reading_of_frames(_frames(child))
                finally:
                    timer.cancel()
                if reading is None:
                    return
                yield reading
        except BrokenPipeError:
            return
        finally:
            child.kill()


def _frames(child: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    """Yield whole frames as long as the process writes them."""
    assert child.stdout is not None
    while len(length := child.stdout.read(4)) == 4:
        frame = child.stdout.read(int.from_bytes(length, "big"))
        if len(frame) < int.from_bytes(length, "big"):
            return
        yield frame
