"""Tests of what is looked at when somebody asks: its beginning is kept, and a day's budget goes with the day."""

from decimal import Decimal

from handlers.desk import conditions
from memory.usage.budget import Amount, CallOption
from memory.usage.incidents import Incidents
from tests.conftest import services_of, settings_for


async def test_the_beginning_of_a_condition_is_kept(open_shop, upstream, clock, monkeypatch):
    services, began = services_of(open_shop(settings_for(upstream, "ok"))), clock()
    monkeypatch.setattr(conditions, "faults_of_templates", lambda prompts: {"system.md": "line 1: it has no end."})

    conditions.look(services)
    clock.move(hours=3)
    conditions.look(services)

    assert [(one.since, one.subject) for one in Incidents(services.users).standing()] == [(began, "system.md")]


async def test_a_look_at_a_healthy_shop_writes_nothing(open_shop, upstream, users):
    services = services_of(open_shop(settings_for(upstream, "ok")))
    before = sorted(path.name for path in users.root.iterdir())

    conditions.look(services)

    assert sorted(path.name for path in users.root.iterdir()) == before


async def test_a_raised_budget_is_no_news_any_more(open_shop, upstream, clock):
    tight = services_of(open_shop(settings_for(upstream, "ok", budget={"daily_tokens": 1_000})))
    roomy = services_of(open_shop(settings_for(upstream, "ok", budget={"daily_tokens": 9_000})))
    tight.budget.reserve("bob", "chat", [CallOption("ok", 900, 10, lambda: Decimal(0))], clock())
    tight.incidents.note("budget", f"{clock():%Y-%m-%d} spent", "spent", clock(), "bob")

    conditions.look(tight)
    before = tight.incidents.standing()
    conditions.look(roomy)

    assert [one.detail for one in before] == ["spent"]
    assert roomy.incidents.standing() == tight.incidents.standing() == []
    assert Amount(900, 10).tokens < 0.8 * 9_000


async def test_a_shop_of_nobody_needs_no_backup(open_shop, upstream, clock):
    services = services_of(open_shop(settings_for(upstream, "ok")))
    clock.move(days=60)
    assert conditions.overdue_backup(services) is not None

    services.users.move_to_trash(services.users.folder("bob"))

    assert conditions.overdue_backup(services) is None
