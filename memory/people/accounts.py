"""account.toml: who a user is, their password's hash and their sessions."""

import contextlib
import hashlib
import hmac
import logging
import secrets
import stat
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

import tomli_w

from addresses import is_mail_address
from memory.i18n import UserError
from memory.people import passwords
from memory.storage.folders import Busy, Folder, StorageError
from memory.storage.layout import ACCOUNT
from memory.storage.users import NameTaken, Users

Role = Literal["owner", "customer"]

FORMAT = 1
"""The format of account.toml; a file that names none has this one."""
IDLE = timedelta(days=7)
ABSOLUTE = timedelta(days=30)
ONE_TIME = timedelta(days=7)
"""How long a one-time password may wait to be used."""
MOST_SESSIONS = 50
"""Sessions of one user; the one not seen for longest ends when another is opened."""
_SEEN_EVERY = timedelta(minutes=5)
_PASSING, _PASSING_SECONDS = "passing-", 3600
_MOST_BYTES = 1 << 20
_MOST_NAME_CHARS = 40
MOST_DAILY_USD = Decimal(10) ** 6

log = logging.getLogger("storekeeper.accounts")


@dataclass(frozen=True, slots=True)
class Session:
    """One logged-in browser. `digest` is the sha256 of its id; the id itself is only in the cookie.

    `browser` and `system` are the names of the browser and of what it runs on, "" where they are not known.
    """

    digest: str
    created: datetime
    seen: datetime
    browser: str = ""
    system: str = ""

    @property
    def short(self) -> str:
        """By what the session is named on its user's page; it opens nothing."""
        return self.digest[:16]

    def is_live(self, now: datetime) -> bool:
        """True if the session still counts. Times in the future are of a clock that was corrected: the next visit mends them."""
        return now - self.seen < IDLE and now - self.created < ABSOLUTE


@dataclass(frozen=True, slots=True)
class Account:
    """One user as account.toml keeps them. `password` is an argon2id hash; times are UTC.

    `one_time_until`: the password was made for them, and serves until then to set one of their own. `daily_usd` and
    `daily_tokens`: their own budget in place of the shop's, 0 for no limit; None where the shop's holds. `language` is the
    code of the one they chose, None where their browser's counts. `email` is where a link to set another password is sent,
    None for nowhere.
    """

    name: str
    password: str
    role: Role
    created: datetime
    sessions: tuple[Session, ...] = field(default=())
    disabled: bool = False
    one_time_until: datetime | None = None
    daily_tokens: int | None = None
    daily_usd: Decimal | None = None
    language: str | None = None
    email: str | None = None
    last_seen: datetime | None = None
    """The last visit of sessions that are over."""

    @property
    def seen(self) -> datetime | None:
        """The last visit, to within five minutes."""
        visits = [session.seen for session in self.sessions]
        return max(visits if self.last_seen is None else [*visits, self.last_seen], default=None)


def create(users: Users, name: str, password: str, role: Role, now: datetime, *, is_one_time: bool = False) -> Account:
    """Make an account. ValueError (name), passwords.BadPassword and NameTaken say what is wrong."""
    folder = users.folder(name)
    passwords.check(name, password)
    if folder.exists(ACCOUNT):
        raise NameTaken("The name %(name)s is already taken.", name=name)
    account = Account(
        name, passwords.hash_of(password), role, now, one_time_until=now + ONE_TIME if is_one_time else None
    )
    users.create(name, _print(account))
    return account


def load(folder: Folder) -> Account | None:
    """Read the account, None when there is none; an unreadable one is logged and is nobody's either."""
    try:
        if (status := folder.status(ACCOUNT)) is None:
            return None
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            raise ValueError("no account")
        return _load_version(folder, status.st_ino, status.st_mtime_ns, status.st_size)
    except OSError:
        return None
    except _OtherFormat as error:
        log.critical("account_of_other_format", extra={"person": folder.name, "error": str(error)})
        return None
    except (ValueError, KeyError, TypeError, ArithmeticError):
        log.critical("account_unreadable", extra={"person": folder.name})
        return None


@lru_cache(maxsize=4096)
def _load_version(folder: Folder, inode: int, changed_ns: int, size: int) -> Account:
    """Read the account as it is under this inode and time; it is replaced, never rewritten, so they tell versions apart."""
    return _parse(folder.read(ACCOUNT))


def verify(account: Account | None, password: str) -> bool:
    """True if this is the account's password. An unknown user costs the same time as a wrong password."""
    known = account is not None and not account.disabled
    try:
        is_right = passwords.matches(account.password if account is not None and known else passwords.NOBODYS, password)
    except passwords.Unusable:
        log.error("password_unusable", extra={"person": account.name if account else ""})
        return False
    return known and is_right


class BadEmail(UserError):
    """What was typed as an e-mail address and is none."""


class _Changed(Exception):
    """The account is not the one any more whose password was compared."""


def log_in(folder: Folder, password: str, now: datetime, browser: tuple[str, str] = ("", "")) -> str | None:
    """Return the id of a new session when this is the password; None when it is not, or was for one use and is too old.

    `browser` is its name and that of what it runs on.
    A hash made with other parameters than today's is made anew. While the disk takes nothing, the session is a passing one.
    """
    account = load(folder)
    if not verify(account, password) or account is None:
        return None
    if account.one_time_until is not None and now >= account.one_time_until:
        return None
    compared = account.password
    renewed = passwords.hash_of(password) if passwords.is_dated(compared) else compared
    session_id = _new_id()

    def enter(one: Account) -> Account:
        if one.password != compared or one.disabled:
            raise _Changed
        return replace(_with_session(one, session_id, now, browser), password=renewed)

    try:
        _update(folder, enter)
        return session_id
    except _Changed:
        return None
    except Busy:
        raise
    except (StorageError, OSError) as error:
        log.warning("session_not_kept", extra={"person": folder.name, "error": str(error)})
        return _passing_session(folder, now)


def set_password(
    folder: Folder, password: str, now: datetime, *, is_one_time: bool = False, instead_of: str | None = None
) -> bool:
    """Set another password for the user and end all their sessions; False when there is no such user.

    `instead_of` is the hash by which this was allowed: False, too, where it is not the account's any more. BadPassword says
    why a password is not accepted.
    """
    passwords.check(folder.name, password)
    until = now + ONE_TIME if is_one_time else None
    kept = passwords.hash_of(password)

    def change(account: Account) -> Account:
        if instead_of is not None and account.password != instead_of:
            raise _Changed
        return replace(account, password=kept, one_time_until=until, sessions=())

    try:
        return _update(folder, change)
    except _Changed:
        return False


def disable(folder: Folder) -> bool:
    """Disable the account and end its sessions. False when there is no such account."""
    return _update(folder, lambda account: replace(account, disabled=True, sessions=()))


def enable(folder: Folder) -> bool:
    return _update(folder, lambda account: replace(account, disabled=False))


def set_budget(folder: Folder, daily_tokens: int | None, daily_usd: Decimal | None = None) -> bool:
    """Set the user's own budget, None for the shop's. False when there is no such user."""
    return _update(folder, lambda account: replace(account, daily_tokens=daily_tokens, daily_usd=daily_usd))


def set_language(folder: Folder, language: str) -> bool:
    """Keep the language that the user chose, by its code. False when there is no such user."""
    return _update(folder, lambda account: replace(account, language=language))


def set_email(folder: Folder, email: str | None) -> bool:
    """Set where a link to set another password is sent, None for nowhere. BadEmail; False when there is no such user."""
    checked = check_email(email or "")
    return _update(folder, lambda account: replace(account, email=checked))


def check_email(text: str) -> str | None:
    """Return the address that somebody typed, None for none. BadEmail for what is no address."""
    email = text.strip()
    if email and not is_mail_address(email):
        raise BadEmail("That's not an e-mail address. It looks like ana@example.com.")
    return email or None


def open_session(folder: Folder, now: datetime, browser: tuple[str, str] = ("", "")) -> str:
    """Start a session and return its id, which goes into the cookie and nowhere else."""
    session_id = _new_id()
    _update(folder, lambda account: _with_session(account, session_id, now, browser))
    return session_id


def _new_id() -> str:
    return secrets.token_urlsafe(24)


def _with_session(account: Account, session_id: str, now: datetime, browser: tuple[str, str]) -> Account:
    live = sorted(_live(account, now), key=lambda one: one.seen)[-(MOST_SESSIONS - 1) :]
    return replace(account, sessions=(*live, Session(digest(session_id), now, now, *browser)))


def _passing_session(folder: Folder, now: datetime) -> str | None:
    """Make a session that need not be kept, for while the disk takes nothing; None when the account is gone.

    Its id proves itself: it is signed with the password's hash, and names the account's file as it is. So it ends after an
    hour, and as soon as the account is written again: by another login, by logging out, by a new password.
    """
    opened = int(now.timestamp())
    proof = _proof(folder, opened)
    return None if proof is None else f"{_PASSING}{opened}-{proof}"


def _proof(folder: Folder, opened: int) -> str | None:
    account, status = load(folder), folder.status(ACCOUNT)
    if account is None or status is None:
        return None
    said = f"{account.name} {opened} {status.st_ino} {status.st_mtime_ns}"
    return hmac.new(account.password.encode(), said.encode(), "sha256").hexdigest()


def _passing(folder: Folder, session_id: str, now: datetime) -> Session | None:
    """Read a passing session from its id; None for any other."""
    opened, _, proof = session_id.removeprefix(_PASSING).partition("-")
    if not session_id.startswith(_PASSING) or not (opened.isascii() and opened.isdigit()) or len(opened) > 12:
        return None
    right = _proof(folder, int(opened))
    age = now.timestamp() - int(opened)
    if right is None or not hmac.compare_digest(right.encode(), proof.encode()) or not 0 <= age < _PASSING_SECONDS:
        return None
    return Session(digest(session_id), now, now)


def close_session(folder: Folder, session_id: str) -> None:
    ended = digest(session_id)
    _update(folder, lambda account: replace(account, sessions=tuple(s for s in account.sessions if s.digest != ended)))


def close_named(folder: Folder, short: str) -> bool:
    """End the session whose digest begins with these 16 digits, as lists of sessions name it. False when there is no such user."""
    return _update(
        folder, lambda account: replace(account, sessions=tuple(s for s in account.sessions if s.short != short))
    )


def close_all(folder: Folder) -> bool:
    """End all sessions. False when there is no such user."""
    return _update(folder, lambda account: replace(account, sessions=()))


def find_session(folder: Folder, session_id: str, now: datetime) -> tuple[Account, Session] | None:
    """Return the account and the session that this id belongs to, or None. Asks the disk once, writes nothing."""
    account = load(folder)
    if account is None or account.disabled:
        return None
    asked = digest(session_id).encode()
    for session in account.sessions:
        if hmac.compare_digest(session.digest.encode(), asked) and session.is_live(now):
            return account, session
    passing = _passing(folder, session_id, now)
    return (account, passing) if passing is not None else None


def is_visit_due(session: Session, now: datetime) -> bool:
    """True if the visit is to be noted: at most every five minutes, and where a corrected clock left times in the future."""
    return abs(now - session.seen) > _SEEN_EVERY or session.created - now > _SEEN_EVERY


def note_visit(folder: Folder, session: Session, now: datetime) -> None:
    """Note that the session was used. A disk that does not take it is logged; the user stays logged in."""
    seen = replace(session, created=min(session.created, now), seen=now)

    def note(account: Account) -> Account:
        return replace(account, sessions=tuple(seen if s.digest == seen.digest else s for s in account.sessions))

    try:
        _update(folder, note)
    except (StorageError, OSError) as error:
        log.warning("visit_not_noted", extra={"person": folder.name, "error": str(error)})


def _update(folder: Folder, change: Callable[[Account], Account]) -> bool:
    """Change the account under the user's lock; False, and nothing happens, when it is gone."""
    with contextlib.suppress(FileNotFoundError), folder.lock():
        account = load(folder)
        if account is not None:
            folder.replace(ACCOUNT, _print(replace(change(account), last_seen=account.seen)))
            return True
    return False


def _live(account: Account, now: datetime) -> list[Session]:
    return [session for session in account.sessions if session.is_live(now)]


def digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode(errors="replace")).hexdigest()


def _print(account: Account) -> bytes:
    values = {"format": FORMAT, **asdict(account)}
    return tomli_w.dumps({key: value for key, value in values.items() if value is not None}).encode()


def _parse(data: bytes) -> Account:
    values = tomllib.loads(data.decode(), parse_float=Decimal)
    if (found := _count(values.get("format", FORMAT))) != FORMAT:
        raise _OtherFormat(f"account.toml has format {found}, and this version reads {FORMAT}")
    role = values["role"]
    if role not in ("owner", "customer"):
        raise ValueError("role")
    return Account(
        name=str(values["name"]),
        password=str(values["password"]),
        role="owner" if role == "owner" else "customer",
        created=_utc(values["created"]),
        sessions=tuple(map(_session, values.get("sessions", []))),
        disabled=bool(values.get("disabled", False)),
        one_time_until=_utc(values["one_time_until"]) if "one_time_until" in values else None,
        daily_tokens=_count(values["daily_tokens"]) if "daily_tokens" in values else None,
        daily_usd=_dollars(values["daily_usd"]) if "daily_usd" in values else None,
        language=str(values["language"]) if "language" in values else None,
        email=_email(values.get("email")),
        last_seen=_utc(values["last_seen"]) if "last_seen" in values else None,
    )


def _email(value: object) -> str | None:
    """Return the address in the file; one that was typed there by hand and is none counts as none."""
    return value if isinstance(value, str) and is_mail_address(value) else None


def _session(values: dict[str, Any]) -> Session:
    digest, created, seen = str(values["digest"]), _utc(values["created"]), _utc(values["seen"])
    browser, system = (str(values.get(key, ""))[:_MOST_NAME_CHARS] for key in ("browser", "system"))
    return Session(digest, created, seen, browser, system)


class _OtherFormat(ValueError):
    """Another version wrote the file, in which words may mean something else."""


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("count")
    return value


def _dollars(value: object) -> Decimal:
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or not 0 <= Decimal(value) <= MOST_DAILY_USD:
        raise ValueError("dollars")
    return Decimal(value)


def _utc(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("time")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
