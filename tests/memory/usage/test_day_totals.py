"""The totals of days: kept for the next start, by the ledgers' versions, and without names."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from memory.storage.layout import ACTIVITY, USAGE
from memory.storage.users import Users
from memory.usage import activity, day_totals, reports
from memory.usage.day_totals import DayTotals, LedgerReader, ModelUse, Sum, of_ledger, sum_of
from memory.usage.ledger import LedgerEntry
from tests.support.ledgers import use
from tests.support.shop import NOON

TODAY = NOON.date()


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


def look(users, today=TODAY):
    """Return the totals as a process that has just started sees them."""
    day_totals._decoded.cache_clear()
    day_totals._read.cache_clear()
    reader = LedgerReader(users, today)
    found = {}
    for name in users.names():
        status = users.folder(name).status(USAGE)
        found[name] = reader.of(name, status.st_ino, status.st_mtime_ns, status.st_size)
    reader.keep()
    return found


def test_a_ledger_says_what_each_day_was_like(users):
    use(users.folder("bob"), ending="tool_calls", cost="0.20")

    assert of_ledger(users.folder("bob"), TODAY).days == (
        DayTotals(
            (TODAY - timedelta(days=2)).toordinal(), 1, 1,
            (ModelUse(0, "gpt-6-luna", "chat", Sum(1, 0, 900, 0, 100, unpriced=1)),),
            (("gpt-6-luna", "unreachable", 1),),
        ),
        DayTotals(TODAY.toordinal(), 1, 0, (ModelUse(NOON.hour, "gpt-6-luna", "chat", Sum(2, 1, 1800, 0, 200, Decimal("0.30"))),)),
    )  # fmt: skip


def test_a_call_that_failed_before_a_token_has_no_price(users):
    refused = LedgerEntry(NOON, "chat", "gpt-6-luna", 0, 0, 0, None, 1.0, "key_refused")

    assert sum_of(refused).unpriced == 0
    assert sum_of(replace(refused, ending="stop")).unpriced == 1


def test_after_a_start_no_ledger_is_read_that_was_kept(users, monkeypatch):
    before = look(users)
    monkeypatch.setattr(day_totals, "of_ledger", None)

    assert look(users) == before
    assert look(users, TODAY + timedelta(days=1)) == before


def test_a_ledger_that_changed_is_read(users):
    look(users)
    use(users.folder("bob"), cost="0.20")
    use(users.folder("ana"), ago=timedelta(days=30))

    assert look(users)["bob"].days[-1].questions == 2
    assert len(look(users)["ana"].days) == 3


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
    assert reports.of_shop(users, NOON).month[-1].sum.calls == 2


def test_the_pages_of_usage_and_of_today_share_the_file(users, monkeypatch):
    activity.of_shop(users, NOON)
    day_totals._decoded.cache_clear()
    day_totals._read.cache_clear()
    monkeypatch.setattr(day_totals, "of_ledger", None)

    assert reports.of_shop(users, NOON).month[-1].sum.cost_usd == Decimal("0.20")
    assert reports.of_user(users.folder("carla"), NOON) == (Sum(), Sum())


def test_the_file_holds_no_names(users):
    look(users)

    content = users.shared.read(ACTIVITY)
    assert b"bob" not in content
    assert b"ana" not in content
