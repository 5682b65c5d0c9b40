"""Links by which users set another password: sent to the e-mail address in their account, for one use within 30 minutes.

users/.resets keeps the sha256 of a link's token; the token itself is only in the link. A link ends with what it was made for:
once the account's password or address is another one, it opens nothing.
"""

import hashlib
import hmac
import logging
import secrets
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import tomli_w

from memory.people import accounts, passwords
from memory.people.accounts import Account
from memory.storage.layout import ACCOUNT, PASSWORD_RESETS
from memory.storage.users import Users, is_name

log = logging.getLogger("storekeeper.resets")

VALID = timedelta(minutes=30)
_MOST_BYTES = 1 << 20
MOST_OF_A_USER, MOST = 3, 1_000
"""Links that stand at once; the oldest goes when another is made."""


@dataclass(frozen=True, slots=True)
class Reset:
    """One link that was not used yet. `seal` is a hash of the account's password and address as they were."""

    digest: str
    name: str
    seal: str
    ends: datetime


def of_address(users: Users, text: str, most: int = 3) -> list[Account]:
    """Return the accounts that a name or an e-mail address stands for and that a link can be sent to. Blocks."""
    text, found = text.strip(), list[Account]()
    for name in [text] if is_name(text) else _names_with(users, text) if "@" in text else []:
        account = accounts.load(users.folder(name))
        if account is None or account.disabled or account.email is None:
            continue
        if name == text or account.email.lower() == text.lower():
            found.append(account)
    return found[:most]


def _names_with(users: Users, address: str) -> Iterator[str]:
    """Return the users whose account.toml has an address in it: to look for it there is cheaper than to parse the file."""
    sought = address.lower().encode(errors="replace")
    for name in users.names():
        with suppress(OSError):
            if sought in users.folder(name).read(ACCOUNT, 0, _MOST_BYTES).lower():
                yield name


def make(users: Users, account: Account, now: datetime) -> str:
    """Make a link for an account; return its token, which goes into the mail and nowhere else. StorageError when it is not kept."""
    token = secrets.token_urlsafe(24)
    reset = Reset(_digest(token), account.name, _seal(account), now + VALID)
    with users.shared.lock():
        others = _standing(users, now)
        own = [one for one in others if one.name == account.name][-(MOST_OF_A_USER - 1) :]
        kept = [one for one in others if one.name != account.name or one in own]
        _write(users, [*kept, reset][-MOST:])
    return token


def find(users: Users, token: str, now: datetime) -> Account | None:
    """Return the account whose password the link of this token sets; None for one that was used, is too old, or was never made."""
    digest = _digest(token)
    for reset in _standing(users, now):
        if hmac.compare_digest(reset.digest.encode(), digest.encode()) and is_name(reset.name):
            account = accounts.load(users.folder(reset.name))
            if account is not None and not account.disabled and hmac.compare_digest(_seal(account), reset.seal):
                return account
    return None


def use(users: Users, token: str, password: str, now: datetime) -> Account | None:
    """Set the password by a link, which is used up, and end all sessions; None where the link opens nothing.

    BadPassword says why a password is not accepted; the link stays then.
    """
    account = find(users, token, now)
    if account is None:
        return None
    passwords.check(account.name, password)
    with users.shared.lock():  # of two who come at once one finds it
        if find(users, token, now) is None:
            return None
        _write(users, [one for one in _standing(users, now) if one.name != account.name])
    folder = users.folder(account.name)
    return account if accounts.set_password(folder, password, now, instead_of=account.password) else None


def _seal(account: Account) -> str:
    return hashlib.sha256(f"{account.password}\n{account.email}".encode(errors="replace")).hexdigest()


def _standing(users: Users, now: datetime) -> list[Reset]:
    """Return the links that can still be used, the oldest first. None is valid for longer than VALID, whatever the clock was."""
    try:
        values = tomllib.loads(users.shared.read(PASSWORD_RESETS).decode())
        found = [Reset(str(one["digest"]), str(one["name"]), str(one["seal"]), one["ends"]) for one in values["resets"]]
        return [reset for reset in found if timedelta() < reset.ends - now <= VALID]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError):
        log.critical("resets_unreadable")  # the links open nothing any more; a user who needs one asks again
        return []


def _write(users: Users, resets: list[Reset]) -> None:
    values = [
        {"digest": one.digest, "name": one.name, "seal": one.seal, "ends": one.ends.astimezone(UTC)} for one in resets
    ]
    users.shared.replace(PASSWORD_RESETS, tomli_w.dumps({"resets": values}).encode())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
