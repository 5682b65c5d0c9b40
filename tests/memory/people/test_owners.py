import threading
from collections.abc import Callable

import pytest

from memory.people import accounts, deletion, owners
from memory.people.owners import LastOwner
from memory.storage.folders import Folder
from memory.storage.users import Users
from tests.support.shop import NOON


@pytest.fixture
def two_owners(users: Users, accounts_of_all: dict[str, bytes]) -> Users:
    """Ana and eve own the shop; bob is a customer."""
    users.create("eve", accounts_of_all["ana"].replace(b'"ana"', b'"eve"'))
    return users


def can_come_in(users: Users) -> list[str]:
    found = [account for name in users.names() if (account := accounts.load(users.folder(name)))]
    return [account.name for account in found if account.role == "owner" and not account.disabled]


def test_an_owner_is_disabled_while_there_is_another(two_owners: Users) -> None:
    assert owners.disable(two_owners, two_owners.folder("eve"))

    with pytest.raises(LastOwner):
        owners.disable(two_owners, two_owners.folder("ana"))
    assert can_come_in(two_owners) == ["ana"]
    assert owners.disable(two_owners, two_owners.folder("bob"))


def test_nobody_is_no_last_owner(users: Users) -> None:
    assert not owners.disable(users, users.folder("carol"))


WAYS: dict[str, Callable[[Users, Folder], object]] = {
    "disabled": owners.disable,
    "deleted at the desk": lambda users, folder: deletion.set_aside(users, folder, NOON),
    "leaving": lambda users, folder: deletion.delete(users, folder, keeps_an_owner=True),
}


@pytest.mark.parametrize("way", WAYS)
def test_of_two_owners_who_go_at_once_one_stays(two_owners: Users, way: str) -> None:
    at_once, refused = threading.Barrier(2), list[str]()

    def go(name: str) -> None:
        at_once.wait()
        try:
            WAYS[way](two_owners, two_owners.folder(name))
        except LastOwner:
            refused.append(name)

    threads = [threading.Thread(target=go, args=(name,)) for name in ("ana", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert can_come_in(two_owners) == refused
    assert len(refused) == 1


def test_at_the_command_line_the_last_owner_can_be_deleted(users: Users) -> None:
    assert deletion.delete(users, users.folder("ana"))
    assert users.names() == ["bob"]
