"""Tests of the owner's first page."""

import json

from tests.conftest import enter, services_of
from tests.support.ledgers import use
from tests.support.shop import NOON


async def test_all_is_well_where_nothing_stands(ana):
    page, answered = await ana.get("/admin"), await ana.get("/admin/attention.json")

    assert "Nothing right now. Everything is working." in page.text
    assert (json.loads(answered.body), answered.headers["content-type"]) == ([], "application/json")


async def test_an_incident_is_told_with_its_customers_and_its_fix(ana, shop):
    services = services_of(shop)
    services.incidents.note("key_refused", "ok", "key_refused", NOON, "bob")

    page, answered = await ana.get("/admin"), await ana.get("/admin/attention.json")

    assert json.loads(answered.body) == [
        {"cause": "key_refused", "since": "2026-11-23T12:00:00Z", "met": 1, "link": "/admin/settings"}
    ]
    assert "The provider of ok doesn&#39;t accept the key." in page.text
    assert "1 customer affected" in page.text
    assert '<a href="/admin/settings">Open settings →</a>' in page.text


async def test_the_owners_menu_counts_what_needs_attention(ana, shop):
    assert "needs attention" not in (await ana.get("/")).text
    services_of(shop).incidents.note("quota", "ok", "quota", NOON)

    owners, customers = (await ana.get("/")).text, (await enter(shop, "bob").get("/")).text

    assert 'aria-label="ana, menu, 1 thing needs attention"' in owners
    assert '<span class="hidden">1 thing needs attention</span>' in owners
    assert "attention" not in customers


async def test_two_weeks_and_the_cost_stand_on_the_page(ana, users):
    use(users.folder("bob"), cost="0.25")
    use(users.folder("bob"), cost=None)

    text = (await ana.get("/admin")).text

    assert '<a href="/admin/customers">Customers</a></th><td class="right">1</td><td class="right soft">0</td>' in text
    assert "US$ 0.25, no budget set. The price of 1 answer isn&#39;t known, so the real cost is higher." in text


async def test_customers_find_no_such_page(shop):
    bob = enter(shop, "bob")

    assert [(await bob.get(path)).status for path in ("/admin", "/admin/attention.json")] == [404, 404]
