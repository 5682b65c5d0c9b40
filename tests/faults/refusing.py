"""Everything that keeps something durable, struck at its N-th call, for N = 1, 2, 3 ...: refused with EIO, or killed before it.

`python -m tests.faults.refusing DIRECTORY` prints a line of JSON for each: what was done, which call was refused, what was
raised, what is wrong afterwards, and what came of doing it once more. Each is a fork, and only there calls of `os` fail.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

from memory.conversations import archive, feedback
from memory.conversations.feedback import Feedback
from memory.conversations.records import Record, print_record
from memory.integrity.history_check import read_history
from memory.people import accounts
from memory.storage.folders import Folder, StorageError
from memory.storage.users import NameTaken, Users
from memory.usage import ledger
from tests.faults.dying import Counter
from tests.support.shop import NOON, PASSWORD

SAID = print_record(Record(1, NOON, "user", "Blue mugs?")) + print_record(
    Record(2, NOON, "assistant", "Yes.", ending="stop")
)
OLDER = print_record(Record(1, NOON, "user", "Red mugs?"))
PLACE = "20261120T120000Z"
CALL = ledger.LedgerEntry(NOON, "chat", "luna", 1, 0, 1, None, 0.1, "stop")

WORKS: dict[str, Callable[[Users, Folder], object]] = {
    "append": lambda users, ana: ana.append("history.txt", b"[3] ..."),
    "append to a new file": lambda users, ana: ana.append("new.txt", b"new"),
    "replace": lambda users, ana: ana.replace("summary.txt", b"new notes"),
    "set a torn end aside": lambda users, ana: ana.truncate_to("torn.txt", 5),
    "make a person": lambda users, ana: users.create("eve", b"account"),
    "put a person away": lambda users, ana: users.move_to_trash(users.folder("bob")),
    "open a session": lambda users, ana: accounts.open_session(ana, NOON),
    "note a call": lambda users, ana: ledger.note(ana, CALL),
    "note a word": lambda users, ana: feedback.note(ana, Feedback(NOON, NOON, 2, "luna", "up", "")),
    "set a conversation aside": lambda users, ana: archive.set_aside(ana),
    "bring a conversation back": lambda users, ana: archive.bring_back(ana, PLACE),
}

_NO_CALL = 2
"""The exit code of a fork that had no n-th call."""


def prepare(root: Path) -> None:
    users = Users(root)
    users.prepare()
    accounts.create(users, "ana", PASSWORD, "owner", NOON)
    ana = users.folder("ana")
    users.create("bob", ana.read("account.toml"))
    for path, data in (("history.txt", SAID), ("summary.txt", b"old notes"), ("torn.txt", b"wholetorn")):
        (ana.path / path).write_bytes(data)
    (ana.path / "archive" / PLACE).mkdir(parents=True)
    (ana.path / "archive" / PLACE / "history.txt").write_bytes(OLDER)


def wrong_in(users: Users) -> list[str]:
    """Return what is lost, half there or left lying about."""
    ana, found = users.folder("ana"), list[str]()
    kept = [path.read_bytes() for path in users.root.rglob("history.txt")]
    said = [one.text for data in kept for one in read_history(data)[0]]
    found += [
        f"{text} is there {said.count(text)} times" for text in ("Blue mugs?", "Red mugs?") if said.count(text) != 1
    ]
    notes = [path.read_bytes() for path in users.root.rglob("summary.txt")]
    if notes not in ([b"old notes"], [b"new notes"]):
        found.append(f"the notes are {notes}")
    torn = b"".join(
        path.read_bytes() for path in sorted(ana.path.glob("torn*"), key=lambda path: path.name, reverse=True)
    )
    if b"whole" not in torn or b"torn" not in torn:
        found.append(f"of a torn file is left {torn!r}")
    account = accounts.load(ana)
    if account is None or not accounts.verify(account, PASSWORD):
        found.append("nobody can log in as ana")
    left = [path.name for path in users.root.rglob("*") if path.name.endswith(".tmp") or path.name.startswith(".new-")]
    return found + left


def one(name: str, template: Path, root: Path, at: int, manner: str) -> bool:
    """Do it in a fork, struck at its n-th call; print what came of it. False where there was no n-th."""
    shutil.copytree(template, root)
    users = Users(root)
    if child := os.fork():
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, _NO_CALL, -signal.SIGKILL), (name, at, code)
        if code == -signal.SIGKILL:
            left = [trouble for trouble in wrong_in(users) if not trouble.endswith(".tmp") and ".new-" not in trouble]
            print(json.dumps([name, "any", "killed", left, _raised(name, users)]), flush=True)
        return code != _NO_CALL
    counter = Counter(root, at, manner)
    counter.install()
    raised = _raised(name, users)
    if counter.count < at:
        os._exit(_NO_CALL)
    told = [name, counter.calls[at - 1], raised, wrong_in(users), _raised(name, users)]
    print(json.dumps(told), flush=True)
    os._exit(0)


def _raised(name: str, users: Users) -> str | None:
    try:
        WORKS[name](users, users.folder("ana"))
    except (NameTaken, StorageError, OSError) as error:
        return type(error).__name__
    return None


def main(directory: Path) -> None:
    template = directory / "template"
    prepare(template)
    for number, (name, manner) in enumerate(product(WORKS, ("refused", "before"))):
        at = 1
        while one(name, template, directory / f"{number}-{at}", at, manner):
            at += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))
