"""A turn and its fold in a process whose N-th change to a person's files goes wrong, for N = 1, 2, 3 ...

`python -m tests.faults.dying TEMPLATE DIRECTORY` copies TEMPLATE, a directory of people, to DIRECTORY/<n>-<manner> and
plays one turn of ana's there. The process of it dies by SIGKILL before its n-th change ("before"), or in the middle of it
("torn", a write that was half done); or it lives and the disk refuses that one change with EIO ("refused"), and another turn
follows. It prints a line of JSON for each, the first for a turn that passes whole: what was acknowledged.

Real calls, real files, a real death: the calls of the `os` module are counted on their way, nothing else is touched.
Works without strace and without root.
"""

import asyncio
import errno
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from handlers.replies.live import LiveReplies, LiveReply
from handlers.replies.steps import Asked, Replied
from memory.conversations.turns import NewMessage
from memory.storage.folders import Folder, StorageError
from server import create_app
from settings import ROOT, Environment
from tests.support.read_once import read_once
from tests.support.shop import Clock, Scripted, settings_of

QUESTION = "Where is my order #W2378156?"
NEXT = "And another thing"
ANSWER = ("It is ", "on its way\n\n- it ", "arrives soon.")
WHOLE = "".join(ANSWER)
NOTES = "The customer asked for blue mugs."
HIGH = 300
MANNERS = {
    "write": ("before", "torn", "refused"),
    **dict.fromkeys(("fsync", "ftruncate", "replace", "rename", "unlink"), ("before", "refused")),
}
"""What happens at a call, the others only "before"."""


class Counter:
    """Counts the calls that change files below a directory; at the n-th the process dies, or is refused that call."""

    def __init__(self, root: Path, at: int, manner: str) -> None:
        self._root, self._at, self._manner = str(root.resolve()), at, manner
        self.count = 0
        self.calls = list[str]()

    def install(self) -> None:
        for name in ("fsync", "ftruncate"):
            setattr(os, name, self._counted(getattr(os, name), self._of_descriptor))
        for name in ("replace", "rename", "unlink", "mkdir", "rmdir"):
            setattr(os, name, self._counted(getattr(os, name), self._of_path))
        setattr(os, "write", self._torn(os.write))  # noqa: B010
        setattr(os, "open", self._counted(os.open, self._of_new))  # noqa: B010

    def _counted(self, call: Callable[..., Any], concerns: Callable[..., bool]) -> Callable[..., Any]:
        def counted(*arguments: Any, **keywords: Any) -> Any:
            if concerns(*arguments, **keywords):
                self._step(call.__name__)
            return call(*arguments, **keywords)

        return counted

    def _torn(self, call: Callable[[int, bytes], int]) -> Callable[[int, bytes], int]:
        def write(descriptor: int, data: bytes) -> int:
            if self._of_descriptor(descriptor):
                if self._manner == "torn" and self.count + 1 == self._at:
                    call(descriptor, data[: len(data) // 2])
                self._step("write")
            return call(descriptor, data)

        return write

    def _step(self, name: str) -> None:
        self.count += 1
        self.calls.append(name)
        if self.count == self._at:
            if self._manner == "refused":
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            _die()

    def _of_descriptor(self, descriptor: int, *_: Any) -> bool:
        try:
            return os.readlink(f"/proc/self/fd/{descriptor}").startswith(self._root)
        except OSError:
            return False

    def _of_path(self, path: Any, *_: Any, dir_fd: int | None = None, **__: Any) -> bool:
        return self._of_descriptor(dir_fd) if dir_fd is not None else os.fspath(path).startswith(self._root)

    def _of_new(self, path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> bool:
        """Only what makes or empties a file is a change; the lock files are there from the second turn on."""
        return bool(flags & (os.O_CREAT | os.O_TRUNC)) and self._of_path(path, dir_fd=dir_fd)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def play(root: Path, tell: Callable[[str, str], None], *, twice: bool) -> None:
    """Play one turn and the compactions after it, or another turn too; tell what a browser would have been told."""
    place = Environment(users=root, prompts=ROOT / "prompts", host="", port=1, secret_key="k" * 40, environ={})
    settings = settings_of({"luna": None}, memory={"high_tokens": HIGH, "summary_tokens": 200})
    try:
        app = create_app(settings, place, completer=Scripted(ANSWER, [NOTES]), now=Clock())
    except StorageError:
        tell("stopped", "")
        app = create_app(settings, place, completer=Scripted(ANSWER, [NOTES]), now=Clock())
    replies: LiveReplies = app.extensions["storekeeper.web"].replies
    folder = app.extensions["storekeeper"].users.folder("ana")
    for question in (QUESTION, NEXT)[: 1 + twice]:
        await _turn(replies, folder, question, tell)
        await asyncio.sleep(0)
        await replies.compactor.settled(folder)
    await replies.close(0)


async def _turn(replies: LiveReplies, folder: Folder, question: str, tell: Callable[[str, str], None]) -> None:
    try:
        asked = await replies.start(folder, NewMessage(question))
    except (StorageError, OSError):
        tell("refused", question)
        return
    assert isinstance(asked, Asked)
    tell("asked", asked.question.text)
    found = await replies.find(folder, asked.reply_id)
    while isinstance(found, LiveReply) and not found.is_over:
        await found.changed(found.version)
        tell("wrote", found.text)
    assert isinstance(found, LiveReply)
    assert found.end is not None
    kept = "replied" if found.end.record.ending == "stop" else str(found.end.record.ending)
    tell(kept if isinstance(found.end, Replied) else "unsaved", found.end.record.text)


def _tell(told: TextIO, what: str, text: str) -> None:
    print(json.dumps([what, text]), file=told, flush=True)


def one(template: Path, root: Path, at: int, manner: str) -> dict[str, Any]:
    """Play it in a process of its own; return what it told and how it ended."""
    shutil.copytree(template, root)
    hears, says = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hears)
        told = os.fdopen(says, "w", buffering=1)
        counter = Counter(root, at, manner)
        counter.install()
        tell = partial(_tell, told)
        asyncio.run(play(root, tell, twice=manner == "refused"))
        print(json.dumps(["calls", " ".join(counter.calls)]), file=told, flush=True)
        os._exit(0)
    os.close(says)
    with os.fdopen(hears) as heard:
        told_lines = [json.loads(line) for line in heard if line.endswith("\n")]
    _, status = os.waitpid(child, 0)
    return {
        "root": str(root),
        "at": at,
        "manner": manner,
        "told": told_lines,
        "code": os.waitstatus_to_exitcode(status),
    }


def main(template: Path, directory: Path) -> None:
    """Strike one change after the other. What all processes read is read before they part."""
    with read_once():
        shutil.copytree(template, directory / "first")
        asyncio.run(play(directory / "first", lambda what, text: None, twice=False))
        strike(template, directory)


def strike(template: Path, directory: Path) -> None:
    whole = one(template, directory / "whole", 0, "before")
    print(json.dumps(whole), flush=True)
    calls = whole["told"][-1][1].split()
    for at, call in enumerate(calls, 1):
        for manner in MANNERS.get(call, ("before",)):
            print(json.dumps(one(template, directory / f"{at}-{manner}", at, manner)), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
