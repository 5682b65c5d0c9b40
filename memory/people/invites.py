"""Invites: links that make one account each, until their end.

users/.invites keeps the sha256 of an invite's token; the token itself is only in the link.
"""

import hashlib
import hmac
import logging
import secrets
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import tomli_w

from memory.storage.folders import StorageError
from memory.storage.layout import INVITES
from memory.storage.users import Users

log = logging.getLogger("storekeeper.invites")

DAYS = 7
MOST_DAYS = 90
MOST = 1_000


class TooManyInvites(StorageError):
    """So many invites are open that no more are made."""


@dataclass(frozen=True, slots=True)
class Invite:
    """One link that was not used yet. `ends` is the time from which it opens nothing; `by` is who made it, "" if unknown."""

    digest: str
    made: datetime
    ends: datetime
    by: str = ""

    @property
    def id(self) -> str:
        """By what it is named in lists; it opens nothing."""
        return self.digest[:16]


def make(users: Users, now: datetime, days: int = DAYS, by: str = "") -> tuple[str, Invite]:
    """Make an invite; return its token, which goes into the link and nowhere else."""
    token = secrets.token_urlsafe(24)
    invite = Invite(_digest(token), now, now + timedelta(days=days), by)
    with users.shared.lock():
        open_ones = standing(users, now)
        if len(open_ones) >= MOST:
            raise TooManyInvites("There are already %(most)s open invitations. Revoke some first.", most=MOST)
        _write(users, [*open_ones, invite])
    return token, invite


def standing(users: Users, now: datetime) -> list[Invite]:
    """Return the invites that can still be used, the oldest first."""
    try:
        values = tomllib.loads(users.shared.read(INVITES).decode())
        found = [
            Invite(str(one["digest"]), one["made"], one["ends"], str(one.get("by", ""))) for one in values["invites"]
        ]
        return [invite for invite in found if invite.ends > now]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError):
        log.critical("invites_unreadable")  # they open nothing any more; the owner makes new ones
        return []


def find(users: Users, token: str, now: datetime) -> Invite | None:
    """Return the invite of this token; None for one that was used, taken back, too old, or never made."""
    digest = _digest(token)
    return next(
        (one for one in standing(users, now) if hmac.compare_digest(one.digest.encode(), digest.encode())), None
    )


def revoke(users: Users, invite_id: str, now: datetime) -> bool:
    """Take an invite back. False when there is none of this id."""
    with users.shared.lock():
        before = standing(users, now)
        left = [one for one in before if one.id != invite_id]
        if len(left) == len(before):
            return False
        _write(users, left)
    return True


def use(users: Users, invite: Invite, now: datetime) -> None:
    """Use up the invite. Call it under the same lock in which it was found."""
    _write(users, [one for one in standing(users, now) if one.digest != invite.digest])


def _write(users: Users, invites: list[Invite]) -> None:
    values = [
        {"digest": one.digest, "made": one.made.astimezone(UTC), "ends": one.ends.astimezone(UTC), "by": one.by}
        for one in invites
    ]
    users.shared.replace(INVITES, tomli_w.dumps({"invites": values}).encode())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
