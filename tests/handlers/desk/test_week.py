"""Tests of the figures of a week: whole weeks from Monday to Sunday, of customers alone, with the cost of everybody."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from handlers.desk.week import figures
from memory.usage import ledger
from memory.usage.activity import Week
from memory.usage.ledger import LedgerEntry
from tests.conftest import services_of
from tests.support.shop import Scripted, settings_of

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def services(open_shop, clock):
    clock.time = MONDAY + timedelta(hours=9)
    return services_of(open_shop(settings_of({"luna": None}), Scripted()))


def call(services, name, time, ending="stop", usd="0.25"):
    entry = LedgerEntry(time, "chat", "luna", 100, 0, 10, Decimal(usd), 1.0, ending)
    ledger.note(services.users.folder(name), entry)


def test_the_figures_are_of_whole_weeks(services):
    for days, usd in ((15, "9"), (14, "1"), (8, "1"), (7, "0.25"), (1, "0.25"), (0, "9")):
        call(services, "bob", MONDAY - timedelta(days=days), usd=usd)
    call(services, "bob", MONDAY - timedelta(seconds=1), "timeout", "0")
    call(services, "ana", MONDAY - timedelta(days=2), usd="0.5")

    this, before = figures(services, MONDAY.date())

    assert this.week == Week(customers=1, conversations=0, questions=3, unanswered=1)
    assert this.cost_usd == Decimal("1.00"), "the owner's own use costs, too"
    assert (before.week.questions, before.cost_usd) == (2, Decimal("2.00"))


def test_a_shop_without_customers_has_figures(services):
    this, before = figures(services, date(2026, 11, 23))

    assert this == before
    assert (this.week, this.cost_usd) == (Week(), Decimal(0))
