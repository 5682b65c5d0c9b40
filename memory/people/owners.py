"""The owners of a shop. One of them who can log in always stays, also where several are disabled or deleted at once."""

from memory.i18n import UserError
from memory.people import accounts
from memory.storage.folders import Folder
from memory.storage.users import Users


class LastOwner(UserError):
    """Nobody but this owner could come in to the desk."""


def is_last(users: Users, name: str) -> bool:
    """True if others have accounts and none of them is an owner who can come in."""
    others = [account for other in users.names() if other != name and (account := accounts.load(users.folder(other)))]
    return bool(others) and not any(account.role == "owner" and not account.disabled for account in others)


def disable(users: Users, folder: Folder) -> bool:
    """Disable the account and end its sessions; False when there is none. LastOwner where no owner could come in any more.

    Owners go one after the other: two who disable each other at once would both be out.
    """
    account = accounts.load(folder)
    if account is None or account.role != "owner":
        return accounts.disable(folder)
    with users.shared.lock():
        if is_last(users, folder.name):
            raise LastOwner("%(name)s is the only owner who can log in. Nothing was changed.", name=folder.name)
        return accounts.disable(folder)
