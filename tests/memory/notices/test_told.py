from datetime import date

import pytest

from memory.notices import told
from memory.notices.told import Told
from memory.storage.layout import OUTBOX
from memory.storage.users import Users
from tests.support.shop import NOON


@pytest.fixture
def users(tmp_path):
    users = Users(tmp_path / "users")
    users.prepare()
    return users


def test_what_was_told_is_remembered(users):
    assert told.read(users) == Told()
    known = Told({"key_refused": NOON}, date(2026, 11, 23))
    told.write(users, known)

    assert told.read(users) == known
    told.write(users, Told())
    assert told.read(users) == Told()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"causes": [], "week": 1}', '{"causes": {"a": 1}, "week": null}'])
def test_a_damaged_note_counts_as_none(users, content):
    told.write(users, Told({"disk": NOON}))
    (users.root / OUTBOX / "told.json").write_text(content)

    assert told.read(users) == Told()
