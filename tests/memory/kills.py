"""Work on a conversation that is killed at each of its steps on the disk: `python -m tests.memory.kills WORK FROM TO`.

For each step N a copy of the conversation FROM stands at TO/N, where the work was ended by SIGKILL before its N-th call
that changes the disk; and one at TO/N-half, where that call was a write and half of it was done. The processes are
forks of one that has everything loaded, so that hundreds of kills take seconds.
"""

import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from memory.context import compaction, tokens
from memory.context.compaction import Sizes
from memory.context.summary import Covered
from memory.conversations import archive, history, turns
from memory.conversations.records import Record
from memory.storage.folders import Folder
from settings import ROOT
from tests.support.conversations import NOON as NOON

SIZES = Sizes.of(400, 1_200, "o200k_base")
_AT_ONCE = 12
_CHANGES = ("open", "write", "fsync", "replace", "rename", "unlink", "ftruncate", "mkdir", "rmdir")


def compact(folder: Folder) -> None:
    """Make the next notes that are due, twice."""
    covered = Covered()
    for _ in range(2):
        made = compaction.plan(folder, covered, SIZES)
        if made is not None:
            compaction.keep(folder, covered, made, compaction.extracted(folder, made, SIZES), "model", "m", NOON)


def append(folder: Folder) -> None:
    """Return three messages."""
    for word in ("one", "two", "three"):
        with folder.lock():
            history.append(folder, lambda number, word=word: Record(number, NOON, "user", f"More: {word}"))  # type: ignore[misc]


WORKS: dict[str, tuple[Callable[[Folder], None], Callable[[Folder], None] | None]] = {
    "a compaction": (compact, None),
    "an append": (append, None),
    "a compaction while another process appends": (compact, append),
    "an append while another process compacts": (append, compact),
    "two compactions at once": (compact, compact),
}
"""What is killed, and what another process does at the same time."""


def set_aside(folder: Folder) -> None:
    with archive.undisturbed(folder):
        archive.set_aside(folder)


def bring_back(folder: Folder) -> None:
    """Bring back the conversation that was last used."""
    with archive.undisturbed(folder):
        archive.bring_back(folder, archive.names(folder)[0])


def take_back(folder: Folder) -> None:
    """Take back the first message, with all that followed it then."""
    turns.take(folder, 1, NOON)


MOVES: dict[str, tuple[Callable[[Folder], None], None]] = {
    "setting aside": (set_aside, None),
    "bringing back": (bring_back, None),
    "taking back": (take_back, None),
}
"""What moves or copies whole conversations."""


def everywhere(folder: Folder, place: Path, work: str) -> list[Folder]:
    """Return what each kill of this work left: a copy of the folder for each step."""
    place.mkdir()
    command = [sys.executable, "-m", "tests.memory.kills", work, str(folder.path), str(place)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    return [Folder(path) for path in sorted(place.iterdir())]


def main(work: str, original: str, place: str) -> None:
    tokens.count("The encoding is read before the forks.")
    killed, other = (WORKS | MOVES)[work]
    for half in (False, True):
        for step in itertools.count(1):
            folder = Folder(Path(place) / f"{step}{'-half' if half else ''}")
            shutil.copytree(original, folder.path)
            running = [_fork(killed, folder, step, half=half)]
            if other:
                running.append(_fork(other, folder))
            ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in running]
            assert set(ends) <= {0, -signal.SIGKILL}, ends
            if ends[0] == 0 and (other is None or step >= _AT_ONCE):  # whoever is first leaves the other little to do
                break


def _fork(work: Callable[[Folder], None], folder: Folder, kill_at: int = 0, *, half: bool = False) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        if kill_at:
            _arm(kill_at, half=half)
        work(folder)
        code = 0
    finally:
        os._exit(code)


def _arm(kill_at: int, *, half: bool) -> None:
    """Kill this process at its N-th change of the disk; with `half`, at its N-th write, when half of it is done."""
    steps, write, kill = itertools.count(1), os.write, os.kill

    def watched(name: str, change: Callable[..., object]) -> Callable[..., object]:
        def watch(*arguments: object, **keywords: object) -> object:
            is_step = name == "write" if half else name != "open" or bool(int(str(arguments[1])) & os.O_CREAT)
            if is_step and next(steps) == kill_at:
                if half:
                    data = bytes(arguments[1])  # type: ignore[call-overload]
                    write(int(str(arguments[0])), data[: len(data) // 2])
                kill(os.getpid(), signal.SIGKILL)
            return change(*arguments, **keywords)

        return watch

    for name in _CHANGES:
        setattr(os, name, watched(name, getattr(os, name)))


if __name__ == "__main__":
    main(*sys.argv[1:])
