"""The totals of days: kept for the next start, by the ledgers' versions, and without names."""

from datetime import timedelta
from decimal import Decimal

import pytest

from memory.storage.layout import ACTIVITY, USAGE
from memory.storage.users import Users
from memory.usage import activity, day_totals
from memory.usage.day_totals import DayTotals, LedgerReader, of_ledger
from tests.support.ledgers import use
from tests.support.shop import NOON

SINCE = NOON.date() - timedelta(days=13)


@pytest.fixture
def users(tmp_path, monkeypatch):
    monkeypatch.setattr(day_totals, "_WORTH_KEEPING", 1)
    users = Users(tmp_path / "users")
    users.prepare()
    for name in ("ana", "bob"):
        users.create(name, b"")
        use(users.folder(name), cost="0.10")
        use(users.folder(name), cost=None, ending="unreachable", ago=timedelta(days=2))
    return users


def look(users, since=SINCE):
    """Return the totals as a process that has just started sees them."""
    day_totals._decoded.cache_clear()
    day_totals._read.cache_clear()
    reader = LedgerReader(users, since)
    found = {}
    for name in users.names():
        status = users.folder(name).status(USAGE)
        found[name] = reader.of(name, status.st_ino, status.st_mtime_ns, status.st_size)
    reader.keep()
    return found


def test_a_ledger_says_what_each_day_was_like(users):
    assert of_ledger(users.folder("bob"), SINCE).days == (
        DayTotals((NOON.date() - timedelta(days=2)).toordinal(), 1, 1, Decimal(0), 1),
        DayTotals(NOON.date().toordinal(), 1, 0, Decimal("0.10"), 0),
    )


def test_after_a_start_no_ledger_is_read_that_was_kept(users, monkeypatch):
    before = look(users)
    monkeypatch.setattr(day_totals, "of_ledger", None)

    assert look(users) == before
    assert look(users, SINCE + timedelta(days=1)) == before


def test_a_ledger_that_changed_or_reaches_further_is_read(users):
    look(users)
    use(users.folder("bob"), cost="0.20")
    use(users.folder("ana"), ago=timedelta(days=20))

    assert look(users)["bob"].days[-1].questions == 2
    assert len(look(users, SINCE - timedelta(days=30))["ana"].days) == 3


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"x": [1, [["a"]]]}'])
def test_a_damaged_file_is_made_anew(users, content):
    before = look(users)
    users.shared.replace(ACTIVITY, content)

    assert look(users) == before
    assert users.shared.read(ACTIVITY) != content


def test_a_file_that_cannot_be_written_stops_nothing(users):
    users.shared.path.joinpath(ACTIVITY).mkdir()

    found = activity.of_shop(users, NOON)

    assert found.week.questions == 4


def test_the_file_holds_no_names(users):
    look(users)

    content = users.shared.read(ACTIVITY)
    assert b"bob" not in content
    assert b"ana" not in content
