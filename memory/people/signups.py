"""New accounts: the first by the token printed at start-up, others by invite or when signup is open."""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Literal

from memory.i18n import UserError
from memory.people import accounts, invites, passwords
from memory.people.accounts import Account
from memory.storage.layout import FIRST_ACCOUNT, SIGNUPS
from memory.storage.users import Users
from memory.timestamps import stamp, within

Signup = Literal["closed", "invite", "open"]


class SignupClosed(Exception):
    """Nobody may sign up here like this."""


class TooManySignups(UserError):
    """Too many accounts were made in the last hour."""


def first_token(users: Users) -> str | None:
    """Return the token that makes the first account, the same for all processes; None once there is an account."""
    return users.get_or_create(FIRST_ACCOUNT, secrets.token_urlsafe(24)) if users.is_empty() else None


def allows(users: Users, signup: Signup, token: str, now: datetime) -> bool:
    """True if a visitor may make an account: the first one takes the token, an invited one their invite."""
    first = first_token(users)
    if first is not None:
        return hmac.compare_digest(first.encode(), token.encode(errors="replace"))
    return signup == "open" or (signup == "invite" and invites.find(users, token, now) is not None)


def sign_up(
    users: Users, signup: Signup, token: str, name: str, password: str, now: datetime, per_hour: int
) -> Account:
    """Make a visitor's account; the first is the owner's. `per_hour` bounds those that come without an invite.

    SignupClosed, TooManySignups, BadPassword, NameTaken, ValueError: why not; an invite is used up by an account only.
    """
    if not allows(users, signup, token, now):
        raise SignupClosed
    passwords.check(name, password)
    with users.shared.lock():  # while the account is made too: of all who come at once with the token one is the owner
        is_first = users.is_empty()
        invite = None if is_first or signup == "closed" else invites.find(users, token, now)
        if not (_is_token(users, token) if is_first else signup == "open" or invite is not None):
            raise SignupClosed
        is_counted = per_hour > 0 and not is_first and invite is None
        recent = _recent(users, now)
        if is_counted and len(recent) >= per_hour:
            raise TooManySignups("Too many people are signing up right now. Please try again in an hour.")
        account = accounts.create(users, name, password, "owner" if is_first else "customer", now)
        if is_first:
            users.shared.remove(FIRST_ACCOUNT)
        if invite is not None:
            invites.use(users, invite, now)
        elif per_hour:
            users.shared.replace(SIGNUPS, "\n".join(map(stamp, [*recent, now])).encode())
    return account


def _is_token(users: Users, token: str) -> bool:
    """True if this is the first account's token. `first_token` must have been asked for before; no lock is taken."""
    try:
        return hmac.compare_digest(users.shared.read(FIRST_ACCOUNT), token.encode(errors="replace"))
    except FileNotFoundError:
        return False


def _recent(users: Users, now: datetime) -> list[datetime]:
    try:
        return within(users.shared.read(SIGNUPS).decode(errors="replace").split("\n"), timedelta(hours=1), now)
    except FileNotFoundError:
        return []
