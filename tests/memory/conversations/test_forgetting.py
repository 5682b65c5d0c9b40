"""Tests of conversations that their customers delete: the owner's list of questions loses them."""

from datetime import timedelta

from memory.conversations import archive, forgetting, history, improvable
from memory.conversations.improvable import ImprovableQuestion
from memory.conversations.records import Record
from memory.storage.users import Users
from tests.support.conversations import NOON

LATER = NOON + timedelta(hours=1)


def test_a_deleted_conversation_is_in_no_list_of_the_owner(users: Users) -> None:
    folder = users.folder("bob")
    for began in (NOON, LATER):
        archive.set_aside(folder)
        history.add(folder, Record(1, began, "user", "Do you sell tents?"))
        improvable.note(users, ImprovableQuestion(began, "bob", began, 2, ("nothing",), "m", "Do you sell tents?"))

    assert not forgetting.delete(users, folder, "20200101T000000Z")
    assert forgetting.delete(users, folder, archive.names(folder)[0])
    assert [one.conversation for one in improvable.latest(users, 9)] == [LATER]
    forgetting.clear(users, folder)
    forgetting.clear(users, folder)
    assert improvable.latest(users, 9) == []
    assert history.began(folder) is None
