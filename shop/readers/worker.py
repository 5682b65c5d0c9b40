"""The process that reads files for another one: `python -m shop.readers.worker CURRENCY TODAY`, paths on standard input.

Standard output gets the readings in order, as frames: four bytes of length, then MessagePack. A file that takes too much time
or memory ends this process, and only this one.
"""

import resource
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec

from shop.products import Product
from shop.readers.files import read_file
from shop.readers.reading import FileReading, Terms

MEMORY_BYTES = 1_500_000_000
"""Address space, which is more than what is used; the largest file of products that is allowed takes two thirds of it."""
BATCH = 500
"""Products of one frame."""
CPU_SECONDS = 60
"""For one file; 50,000 products with texts take a tenth of that."""


def main(arguments: list[str]) -> None:
    """Read the files whose paths, each ended by a NUL, stand on standard input."""
    terms = Terms(arguments[0], date.fromisoformat(arguments[1]))
    paths = sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\0")[:-1]
    limit(resource.RLIMIT_AS, MEMORY_BYTES)
    limit(resource.RLIMIT_CORE, 0)
    for path in paths:
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + CPU_SECONDS)
        for frame in frames_of(read_file(Path(path), terms)):
            sys.stdout.buffer.write(len(frame).to_bytes(4, "big"))
            sys.stdout.buffer.write(frame)
        sys.stdout.buffer.flush()


def limit(kind: int, amount: int) -> None:
    """Lower a limit of this process; where the system does not have it, there is none."""
    with suppress(ValueError, OSError):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (amount if hard == resource.RLIM_INFINITY else min(amount, hard), hard))


def frames_of(reading: FileReading) -> Iterator[bytes]:
    """Yield a reading in pieces, so that neither process holds all of it twice: products, then the rest."""
    for start in range(0, len(reading.products), BATCH):
        yield msgspec.msgpack.encode(reading.products[start : start + BATCH])
    yield msgspec.msgpack.encode(replace(reading, products=()))


def reading_of_frames(frames: Iterable[bytes]) -> FileReading | None:
    """Return the reading that the next frames are; None where they end before it is whole."""
    products = list[Product]()
    for frame in frames:
        found = msgspec.msgpack.decode(frame, type=tuple[Product, ...] | FileReading)
        if isinstance(found, FileReading):
            return replace(found, products=tuple(products))
        products.extend(found)
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
