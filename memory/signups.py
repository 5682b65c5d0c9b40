"""New accounts: the first by the token printed at start-up, others when signup is open. Blocks: call it in a thread."""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Literal

from memory import accounts
from memory.accounts import Account
from memory.files import StorageError, Users
from memory.records import read_stamp, stamp

TOKEN, LOG = ".first-account", ".signups"


class Closed(Exception):
    """Nobody may sign up here like this."""


class TooMany(Exception):
    """Too many accounts were made in the last hour; str() says so."""


def first_token(users: Users) -> str | None:
    """Give the token that makes the first account, the same for all processes; None once there is an account."""
    return users.kept(TOKEN, secrets.token_urlsafe(24)) if users.is_empty() else None


def allows(users: Users, signup: Literal["closed", "open"], token: str) -> bool:
    """Say whether a visitor may make an account: the first one takes the token."""
    first = first_token(users)
    if first is not None:
        return hmac.compare_digest(first.encode(), token.encode(errors="replace"))
    return signup == "open"


def sign_up(
    users: Users, signup: Literal["closed", "open"], token: str, name: str, password: str, now: datetime, per_hour: int
) -> Account:
    """Make a visitor's account; the first is the owner's. Closed, TooMany, BadPassword, NameTaken, ValueError say why not."""
    if not allows(users, signup, token):
        raise Closed
    accounts.check_password(name, password)
    with users.shared.lock():  # while the account is made too: of all who come at once with the token one is the owner
        is_first = users.is_empty()
        if not (_is_token(users, token) if is_first else signup == "open"):
            raise Closed
        recent = _recent(users, now)
        if per_hour and len(recent) >= per_hour and not is_first:
            raise TooMany("Many people are signing up just now. Please try again in an hour.")
        account = accounts.create(users, name, password, "owner" if is_first else "customer", now)
        if is_first:
            users.shared.remove(TOKEN)
        if per_hour:
            users.shared.replace(LOG, "\n".join([*recent, stamp(now)]).encode())
    return account


def _is_token(users: Users, token: str) -> bool:
    """Say whether this is the first account's token. `first_token` must have been asked for before; no lock is taken."""
    try:
        return hmac.compare_digest(users.shared.read(TOKEN), token.encode(errors="replace"))
    except FileNotFoundError:
        return False


def _recent(users: Users, now: datetime) -> list[str]:
    """Give the times of the last hour's signups."""
    try:
        lines = users.shared.read(LOG).decode().splitlines()
    except (FileNotFoundError, UnicodeDecodeError, StorageError):
        return []
    hour = now - timedelta(hours=1)
    return [line for line in lines if _is_after(line, hour)]


def _is_after(line: str, time: datetime) -> bool:
    try:
        return read_stamp(line) > time
    except ValueError:
        return False
