"""account.toml: who a person is, their password's hash and their sessions. Blocks: call it in a thread."""

import contextlib
import hashlib
import hmac
import logging
import os
import secrets
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal

import tomli_w
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError, VerifyMismatchError

from memory.files import ACCOUNT, Folder, StorageError, Users

Role = Literal["owner", "customer"]

IDLE = timedelta(days=7)
ABSOLUTE = timedelta(days=30)
_SEEN_EVERY = timedelta(minutes=5)

PASSWORD_RULE = "8 to 256 characters, not your name and not one of the most common passwords"
_COMMON = frozenset(
    [
        "password",
        "password1",
        "password12",
        "password123",
        "password1234",
        "passw0rd",
        "p@ssw0rd",
        "p@ssword",
        "12345678",
        "123456789",
        "1234567890",
        "12345678910",
        "0123456789",
        "87654321",
        "11111111",
        "00000000",
        "88888888",
        "qwertyui",
        "qwertyuiop",
        "qwerty123",
        "qwerty12",
        "1q2w3e4r",
        "1q2w3e4r5t",
        "iloveyou",
        "sunshine",
        "princess",
        "football",
        "baseball",
        "superman",
        "trustno1",
        "whatever",
        "computer",
        "internet",
        "starwars",
        "letmein1",
        "welcome1",
        "abcd1234",
        "abc12345",
        "aa123456",
        "a1b2c3d4",
        "changeme",
        "changeit",
        "asdfghjk",
        "asdfghjkl",
        "zxcvbnm1",
        "michelle",
        "jennifer",
        "liverpool",
        "chocolate",
        "corinthians",
        "flamengo",
        "palmeiras",
        "saopaulo",
        "brasil123",
        "senha123",
        "senha1234",
        "minhasenha",
        "mudar123",
        "storekeeper",
        "dragon123",
        "monkey123",
        "admin123",
        "administrator",
        "test1234",
        "testtest",
        "passpass",
        "secret123",
        "master123",
        "google123",
        "samsung1",
        "pokemon1",
        "charlie1",
    ]
)

log = logging.getLogger("storekeeper.accounts")

# OWASP's smallest recommended parameters: 19 MiB and 2 passes keep a login near 25 ms, and 50 at once below 1 GiB.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


class BadPassword(Exception):
    """A password that is not accepted; str() gives the rule."""


@dataclass(frozen=True, slots=True)
class Session:
    """One logged-in browser. `digest` is the sha256 of its id; the id itself is only in the cookie."""

    digest: str
    created: datetime
    seen: datetime

    def is_live(self, now: datetime) -> bool:
        return now - self.seen < IDLE and now - self.created < ABSOLUTE


@dataclass(frozen=True, slots=True)
class Account:
    """One person as account.toml keeps them. `password` is an argon2id hash; times are UTC."""

    name: str
    password: str
    role: Role
    created: datetime
    sessions: tuple[Session, ...] = field(default=())
    disabled: bool = False


def check_password(name: str, password: str) -> None:
    """BadPassword, with the rule, for one that is too short, too long or too easily guessed."""
    if not 8 <= len(password) <= 256 or password.lower() in _COMMON or password.lower() == name:
        raise BadPassword(f"A password has {PASSWORD_RULE}.")
    try:
        password.encode()
    except UnicodeEncodeError:
        raise BadPassword("The password has a character that is none.") from None


def create(users: Users, name: str, password: str, role: Role, now: datetime) -> Account:
    """Make an account. ValueError (name), BadPassword and NameTaken say what is wrong."""
    users.folder(name)
    check_password(name, password)
    account = Account(name, _hasher.hash(password), role, now)
    users.create(name, _print(account))
    return account


def load(folder: Folder) -> Account | None:
    """Read the account, None when there is none; an unreadable one is logged and is nobody's either."""
    try:
        status = os.lstat(f"{folder.path}/{ACCOUNT}")
        return _load_version(folder, status.st_ino, status.st_mtime_ns, status.st_size)
    except OSError:
        return None
    except (ValueError, KeyError, TypeError, OverflowError):
        log.critical("account_unreadable", extra={"person": folder.name})
        return None


@lru_cache(maxsize=4096)
def _load_version(folder: Folder, inode: int, changed_ns: int, size: int) -> Account:
    """Read the account as it is under this inode and time; it is replaced, never rewritten, so they tell versions apart."""
    return _parse(folder.read(ACCOUNT))


_DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$c3RvcmVrZWVwZXI1NTU1NQ$V4vzsQ9PrpqUMiTMmjpXxeTz1dtAlvX3XQPJjd7xk2E"


def verify(account: Account | None, password: str) -> bool:
    """Say whether this is the account's password. An unknown person costs the same time as a wrong password."""
    known = account is not None and not account.disabled
    try:
        _hasher.verify(account.password if account is not None and known else _DUMMY, password)
    except (Argon2Error, InvalidHashError, UnicodeEncodeError) as error:
        if known and not isinstance(error, VerifyMismatchError):
            log.error("password_unusable", extra={"person": account.name if account else ""})
        return False
    return known


def open_session(folder: Folder, now: datetime) -> str:
    """Start a session and give its id, which goes into the cookie and nowhere else."""
    session_id = secrets.token_urlsafe(24)
    session = Session(_digest(session_id), now, now)
    _update(folder, lambda account: replace(account, sessions=(*_live(account, now), session)))
    return session_id


def close_session(folder: Folder, session_id: str) -> None:
    digest = _digest(session_id)
    _update(folder, lambda account: replace(account, sessions=tuple(s for s in account.sessions if s.digest != digest)))


def check_session(folder: Folder, session_id: str, now: datetime) -> tuple[Account, Session] | None:
    """Give the account and the session that this id belongs to, or None. Asks the disk once, writes nothing."""
    account = load(folder)
    if account is None or account.disabled:
        return None
    digest = _digest(session_id).encode()
    for session in account.sessions:
        if hmac.compare_digest(session.digest.encode(), digest) and session.is_live(now):
            return account, session
    return None


def is_visit_due(session: Session, now: datetime) -> bool:
    """Say whether the visit is to be noted: at most every five minutes."""
    return now - session.seen > _SEEN_EVERY


def note_visit(folder: Folder, session: Session, now: datetime) -> None:
    """Note that the session was used. A disk that does not take it is logged; the person stays logged in."""
    seen = replace(session, seen=now)

    def note(account: Account) -> Account:
        return replace(account, sessions=tuple(seen if s.digest == seen.digest else s for s in account.sessions))

    try:
        _update(folder, note)
    except (StorageError, OSError) as error:
        log.warning("visit_not_noted", extra={"person": folder.name, "error": str(error)})


def _update(folder: Folder, change: Callable[[Account], Account]) -> None:
    """Change the account under the person's lock; nothing happens when it is gone."""
    with contextlib.suppress(FileNotFoundError), folder.lock():
        account = load(folder)
        if account is not None:
            folder.replace(ACCOUNT, _print(change(account)))


def _live(account: Account, now: datetime) -> list[Session]:
    return [session for session in account.sessions if session.is_live(now)]


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode(errors="replace")).hexdigest()


def _print(account: Account) -> bytes:
    sessions = [{"digest": s.digest, "created": s.created, "seen": s.seen} for s in account.sessions]
    values = {
        "name": account.name,
        "role": account.role,
        "created": account.created,
        "disabled": account.disabled,
        "password": account.password,
        "sessions": sessions,
    }
    return tomli_w.dumps(values).encode()


def _parse(data: bytes) -> Account:
    values = tomllib.loads(data.decode())
    role = values["role"]
    if role not in ("owner", "customer"):
        raise ValueError("role")
    return Account(
        name=str(values["name"]),
        password=str(values["password"]),
        role="owner" if role == "owner" else "customer",
        created=_utc(values["created"]),
        sessions=tuple(
            Session(str(s["digest"]), _utc(s["created"]), _utc(s["seen"])) for s in values.get("sessions", [])
        ),
        disabled=bool(values.get("disabled", False)),
    )


def _utc(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("time")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
