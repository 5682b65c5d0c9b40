"""Files that customers bring in, read by a process of its own: it has so much memory and time and then ends.

What is in a file decides how much is made of it: 31 MB of empty lists are 4 GB of Python's. The process has neither the
server's keys nor its memory, and what it takes from others is what the kernel lets it.

    python -m memory.conversations.intake 2026-11-23T12:00:00Z < file > conversations
"""

import json
import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from subprocess import TimeoutExpired  # nosec B404
from typing import IO

from memory import apart
from memory.conversations.imports import MOST_BYTES, Arriving, NotImported, each
from memory.timestamps import read_stamp, stamp

log = logging.getLogger("storekeeper.intake")

MOST_MEMORY = 768 * 1024 * 1024
CPU_SECONDS, WALL_SECONDS = 60, 120
_MOST_RESULT = 8 * MOST_BYTES
_REFUSED, _TOO_MUCH = 3, 4


@contextmanager
def read_apart(file: IO[bytes], now: datetime) -> Iterator[Iterator[Arriving]]:
    """Read the conversations of a file that lies on the disk; nothing is left of it at the end of the `with` block.

    NotImported says why the file is not taken.
    """
    with tempfile.TemporaryFile() as result:
        try:
            done = apart.run(["memory.conversations.intake", stamp(now)], file, result, WALL_SECONDS)
        except TimeoutExpired as error:
            raise _too_much() from error
        if done.returncode == _REFUSED:
            sentence, values = json.loads(done.stderr)
            raise NotImported(sentence, **values)
        if done.returncode:
            error_text = done.stderr.decode(errors="replace")[-300:]
            log.warning("import_ended", extra={"code": done.returncode, "error": error_text})
            raise _too_much()
        result.seek(0)
        yield _arriving(result)


def _too_much() -> NotImported:
    return NotImported("This file takes too much memory or time to be read. Split it and import the pieces.")


def _arriving(result: IO[bytes]) -> Iterator[Arriving]:
    while line := result.readline():
        head = json.loads(line)
        began, used = read_stamp(head["began"]), read_stamp(head["used"])
        yield Arriving(head["title"], began, used, result.read(head["bytes"]))


def main(arguments: list[str]) -> int:
    """Read the file on standard input and write its conversations; return the exit code."""
    now = read_stamp(arguments[0])
    apart.limit(MOST_MEMORY, CPU_SECONDS, _MOST_RESULT)
    try:
        for one in each(sys.stdin.buffer.read(MOST_BYTES + 1), now):
            head = {
                "title": one.title,
                "began": stamp(one.began),
                "used": stamp(one.used),
                "bytes": len(one.history),
            }
            sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + one.history)
        sys.stdout.buffer.flush()
    except NotImported as error:
        print(json.dumps([error.sentence, error.values]), file=sys.stderr)
        return _REFUSED
    except (MemoryError, OSError) as error:
        print(type(error).__name__, file=sys.stderr)
        return _TOO_MUCH
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
