"""Activity: two weeks side by side, and what was spent."""

from datetime import timedelta
from decimal import Decimal

import pytest

from memory.conversations.records import Record, print_record
from memory.storage.users import Users
from memory.usage import activity
from memory.usage.activity import Spent, Week
from tests.support.ledgers import use
from tests.support.shop import NOON

WEEK = timedelta(days=7)


@pytest.fixture
def users(tmp_path):
    users = Users(tmp_path / "users")
    users.prepare()
    for name in ("ana", "bob", "carla"):
        users.create(name, b"")
    return users


def talk(folder, began):
    (folder.path / "history.txt").write_bytes(print_record(Record(1, began, "user", "Hi")))


def test_two_weeks_stand_side_by_side(users):
    for name, ago in (("ana", 0), ("ana", 6), ("bob", 6), ("bob", 7), ("carla", 13), ("carla", 14)):
        use(users.folder(name), ago=timedelta(days=ago))
    talk(users.folder("ana"), NOON)
    talk(users.folder("bob"), NOON - WEEK)
    (users.folder("bob").path / "archive" / "20261118T120000Z").mkdir(parents=True)

    found = activity.of_shop(users, NOON)

    assert found.week == Week(customers=2, conversations=2, questions=3)
    assert found.before == Week(customers=2, conversations=1, questions=2)


def test_the_shops_own_people_cost_but_are_no_customers(users):
    use(users.folder("ana"), cost="0.5")
    talk(users.folder("ana"), NOON)

    found = activity.of_shop(users, NOON, own=["ana"])

    assert found.week == Week()
    assert found.today == Spent(Decimal("0.5"))


@pytest.mark.parametrize(
    ("endings", "asked", "unanswered"),
    [
        (["stop"], 1, 0),
        (["unreachable", "stop"], 1, 0),
        (["unreachable", "unreachable"], 1, 1),
        (["tool_calls", "stop"], 1, 0),
        (["stop", "server_error"], 2, 1),
        (["key_refused"], 1, 1),
        (["stopped"], 1, 0),
    ],
)
def test_a_question_is_unanswered_when_no_call_answered(users, endings, asked, unanswered):
    for ending in endings:
        use(users.folder("bob"), ending=ending)

    week = activity.of_shop(users, NOON).week

    assert (week.questions, week.unanswered) == (asked, unanswered)


def test_questions_far_apart_are_two(users):
    use(users.folder("bob"), ending="unreachable", ago=timedelta(minutes=5))
    use(users.folder("bob"))

    week = activity.of_shop(users, NOON).week

    assert (week.questions, week.unanswered) == (2, 1)


def test_what_is_spent_counts_by_day_and_by_month(users):
    use(users.folder("ana"), cost="0.10")
    use(users.folder("bob"), cost="0.20", ago=timedelta(days=20), purpose="summary")
    use(users.folder("bob"), cost=None)
    use(users.folder("bob"), cost="9.00", ago=timedelta(days=24))  # of the month before

    found = activity.of_shop(users, NOON)

    assert found.today == Spent(Decimal("0.10"), unpriced=1)
    assert found.month == Spent(Decimal("0.30"), unpriced=1)
    assert found.days_of_month == 30


def test_wrong_claims_are_counted_by_their_day(users):
    place = users.root / ".checks"
    place.mkdir()
    head, line = "time,user,number,kind,text,verdict,true,source\n", "t,bob,2,price,5.00,contradicted,6.00,a.csv:2\n"
    (place / "2026-11-23.csv").write_text(head + line + line)
    (place / "2026-11-16.csv").write_text(head + line)

    found = activity.of_shop(users, NOON)

    assert (found.week.wrong_claims, found.before.wrong_claims) == (2, 1)


def test_a_ledger_that_grew_is_read_again(users):
    use(users.folder("bob"))
    assert activity.of_shop(users, NOON).week.questions == 1

    use(users.folder("bob"))

    assert activity.of_shop(users, NOON).week.questions == 2
