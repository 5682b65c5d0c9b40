"""The names of all files and directories below users/. They are spelled here and nowhere else.

`integrity/check.py` has a copy of its own, on purpose: a test holds one against the other. A new file of a user is a
constant and a row of FILES; whether it moves with a conversation, is deleted with it and is exported follows from the row.

    users/<name>/                      one user: FILES
    users/<name>/archive/<began>/      one conversation set aside: those of FILES that are archived
    users/.budget/, users/.throttle/   their own files: memory/usage/budget.py, memory/people/throttle.py
    users/.deleted/<name>-<time>/      a user deleted at the desk, as they were: memory/people/deleted.py
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

HISTORY, SUMMARY, TITLE, REPLY = "history.txt", "summary.txt", "title.txt", "reply.txt"
ACCOUNT, USAGE, FEEDBACK = "account.toml", "usage.csv", "feedback.csv"
CHECKS = "checks.jsonl"
ARCHIVE, PHOTOS = "archive", "files"
STOP, SPARE_REPLY = ".stop", ".reply"
LOCK, TURN_LOCK, COMPACTION_LOCK = ".lock", ".turn", ".fold"
IMPORT_LOCK, IMPORTS = ".import", ".imports"

BUDGET, THROTTLE, SECRET = ".budget", ".throttle", ".secret"
FIRST_ACCOUNT, SIGNUPS, INVITES = ".first-account", ".signups", ".invites"
CORRECTIONS, DOUBTS, QUESTIONS = ".corrections", ".checks", ".questions"
AUDIT, INCIDENTS, OUTBOX, PASSWORD_RESETS = ".audit.csv", ".incidents", ".outbox", ".resets"
BACKUP, DELETED_USERS, SETUP, ACTIVITY = ".backup", ".deleted", ".setup", ".activity"
"""The first is empty; its time of change is that of the last good backup. deploy/backup spells it too."""
BESIDE_USERS = (
    LOCK, BUDGET, THROTTLE, SECRET, FIRST_ACCOUNT, SIGNUPS, INVITES, CORRECTIONS, DOUBTS, QUESTIONS,
    AUDIT, INCIDENTS, OUTBOX, PASSWORD_RESETS, BACKUP, DELETED_USERS, SETUP, ACTIVITY,
)  # fmt: skip
"""What lies in users/ beside the directories of users."""

NEW, TRIAL, TRASH, STAGING = ".new-", ".new-trial-", ".trash-", ".import-"
"""What names of directories begin with that are being made, are tried, removed or imported: a random part follows."""
_TEMPORARY = ".tmp"


@dataclass(frozen=True, slots=True)
class File:
    """One file or directory of a user.

    `fate` says whose it is. "user": it stays whatever becomes of the conversation. "archived": it is moved with the
    conversation and deleted with it. "deleted": it is deleted with the conversation, and never moved.
    """

    name: str
    fate: Literal["user", "archived", "deleted"] = "user"
    is_exported: bool = False
    """Is in the zip of all that is kept about a user. Of account.toml only an extract is: it holds secrets."""


FILES = (
    File(ACCOUNT),
    File(USAGE, is_exported=True),
    File(FEEDBACK, is_exported=True),
    File(ARCHIVE, is_exported=True),
    File(PHOTOS, is_exported=True),
    File(SUMMARY, "archived", is_exported=True),
    File(REPLY, "deleted", is_exported=True),
    File(STOP, "deleted"),
    File(CHECKS, "archived", is_exported=True),
    File(HISTORY, "archived", is_exported=True),
    File(TITLE, "archived", is_exported=True),
    File(SPARE_REPLY),
    File(LOCK),
    File(TURN_LOCK),
    File(COMPACTION_LOCK),
    File(IMPORT_LOCK),
    File(IMPORTS),
)
"""Those of a conversation in the order in which they are deleted: the notes before the words that they are made from."""

DELETED = tuple(file.name for file in FILES if file.fate != "user")
"""What is deleted with a conversation, in this order."""
COMPANIONS = tuple(file.name for file in FILES if file.fate == "archived" and file.name not in (HISTORY, TITLE))
"""What is moved with a conversation beside its words and its title, whose order matters."""


def set_aside_name(name: str, reason: Literal["torn", "aside"]) -> str:
    """Return a new name for what is kept of a file and not read any more: history.torn-<time>-<random>."""
    return f"{_stem(name)}.{reason}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def is_torn_off(name: str, file: str) -> bool:
    """True if this is the name of what was torn off the file."""
    return name.startswith(f"{_stem(file)}.torn-")


def temporary_name(name: str) -> str:
    """Return a new name under which the file is written before it has its own."""
    return f".{name}.{secrets.token_hex(8)}{_TEMPORARY}"


def is_temporary(name: str) -> bool:
    """True if this is the name of a file that is being written, or whose writer died."""
    return name.endswith(_TEMPORARY)


def is_unfinished_of_conversation(name: str) -> bool:
    """True if this is a temporary file that may hold words of the conversation."""
    held = (f".{file.name}." for file in FILES if file.fate == "archived")
    return is_temporary(name) and name.startswith((*held, f".{_stem(HISTORY)}.torn-"))


def is_exported(name: str) -> bool:
    """True if the file is for its user: also what was set aside of one, or put there by hand, but nothing hidden."""
    file = next((file for file in FILES if file.name == name), None)
    return file.is_exported if file is not None else not name.startswith(".")


def _stem(name: str) -> str:
    return name.removesuffix(".txt")
