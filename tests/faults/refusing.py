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
from dataclasses import replace
from itertools import product
from pathlib import Path

from dotenv import dotenv_values

from memory.conversations import archive, feedback
from memory.conversations.feedback import Feedback
from memory.conversations.records import Record, print_record
from memory.integrity.history_check import read_history
from memory.notices import outbox
from memory.notices.outbox import Notice, OutboxEntry
from memory.people import accounts, audit, invites, resets
from memory.people.accounts import Account
from memory.people.audit import AuditEntry
from memory.storage.folders import Folder, StorageError
from memory.storage.layout import OUTBOX, PASSWORD_RESETS
from memory.storage.users import NameTaken, Users
from memory.usage import ledger
from shop.editing import dotenv, versions
from shop.editing.versions import EditableFile
from tests.faults.dying import Counter
from tests.support.shop import NOON, PASSWORD

SAID = print_record(Record(1, NOON, "user", "Blue mugs?")) + print_record(
    Record(2, NOON, "assistant", "Yes.", ending="stop")
)
OLDER = print_record(Record(1, NOON, "user", "Red mugs?"))
PLACE = "20261120T120000Z"
NOTICE = Notice("other", "old", NOON, "Something happened.", {})
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
    "save a file": lambda users, ana: _save(users, b"new rules"),
    "remove a file": lambda users, ana: versions.remove(_rules(users), seen=_digest(users)),
    "set a key": lambda users, ana: dotenv.set_key(users.root / ".env", "KEY", "new"),
    "put a notice": lambda users, ana: outbox.put(users, replace(NOTICE, key="new")),
    "send a notice": lambda users, ana: _send(users, lambda entry: outbox.finish(users, entry, NOON)),
    "give a notice up": lambda users, ana: _send(users, lambda entry: outbox.note_error(users, entry, "No.")),
    "note a change": lambda users, ana: audit.note(users, AuditEntry(NOON, "ana", "new")),
    "make an invite": lambda users, ana: invites.make(users, NOON),
    "make a link": lambda users, ana: resets.make(users, _account(ana), NOON),
}


def _rules(users: Users) -> EditableFile:
    return versions.editable(users.root, users.root / "rules.md")


def _digest(users: Users) -> str:
    return versions.digest_of(versions.read(_rules(users)))


def _save(users: Users, data: bytes) -> None:
    versions.save(_rules(users), data, seen=_digest(users))


def _send(users: Users, end: Callable[[OutboxEntry], object]) -> None:
    """Attempt to send the notice that has waited for its last attempt, where it is still there."""
    for entry in outbox.waiting(users):
        if entry.notice == NOTICE and (begun := outbox.begin(users, entry, NOON)):
            end(begun)


def _account(folder: Folder) -> Account:
    found = accounts.load(folder)
    assert found is not None
    return found


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
    (root / "rules.md").write_bytes(b"old rules")
    dotenv.set_key(root / ".env", "KEY", "old")
    outbox.put(users, NOTICE)
    for _ in outbox.BACK_OFF:
        _send(users, lambda entry: outbox.note_error(users, entry, "No."))
    audit.note(users, AuditEntry(NOON, "ana", "old"))
    invites.make(users, NOON)
    resets.make(users, _account(ana), NOON)


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
    found += _wrong_at_the_desk(users)
    return found + [path.name for path in users.root.rglob("*") if _is_left(path.name)]


def _is_left(name: str) -> bool:
    return name.endswith((".tmp", ".new")) or name.startswith(".new-")


def _wrong_at_the_desk(users: Users) -> list[str]:
    """Return what is lost or half there of what owners edit, and of what they are to be told."""
    found, now = list[str](), versions.read(_rules(users))
    kept = [versions.read_version(_rules(users), one.name) for one in versions.earlier(_rules(users))]
    if now not in (b"old rules", b"new rules", None) or b"old rules" not in (now, *kept):
        found.append(f"the rules are {now!r}, and were {kept}")
    if (key := dotenv_values(users.root / ".env").get("KEY")) not in ("old", "new"):
        found.append(f"the key is {key}")
    notices = [entry.notice for entry in (*outbox.waiting(users), *outbox.failed(users))]
    if NOTICE not in notices and not users.prepared(OUTBOX).exists("sent.json"):
        found.append("the notice is neither sent nor there")
    if AuditEntry(NOON, "ana", "old") not in audit.latest(users, 9):
        found.append("a change is noted no more")
    if not invites.standing(users, NOON) or not users.shared.exists(PASSWORD_RESETS):
        found.append("an invitation or a link is gone")
    return found


def one(name: str, template: Path, root: Path, at: int, manner: str) -> bool:
    """Do it in a fork, struck at its n-th call; print what came of it. False where there was no n-th."""
    shutil.copytree(template, root)
    users = Users(root)
    if child := os.fork():
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, _NO_CALL, -signal.SIGKILL), (name, at, code)
        if code == -signal.SIGKILL:
            left = [trouble for trouble in wrong_in(users) if not _is_left(trouble)]
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
