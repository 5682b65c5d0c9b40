"""Tests of the owner's desk: absent for everybody else."""

import re

import pytest

from tests.conftest import enter
from tests.support.sse import parse


@pytest.fixture
async def bob(shop):
    return enter(shop, "bob")


async def test_for_a_customer_every_page_of_the_owner_is_absent(shop, bob):
    absent = await bob.get("/no-such-page")
    rules = [rule for rule in shop.url_map.iter_rules() if rule.endpoint.startswith("desk_")]
    assert len(rules) > 10
    for rule in rules:
        path = rule.rule.replace("<name>", "ana").replace("<invite_id>", "0" * 16)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answered = await bob.ask(method, path)
            assert answered.status == 404, (method, path)
            assert re.sub("nonce[^>]*", "", answered.text) == re.sub("nonce[^>]*", "", absent.text)


async def test_nobody_is_sent_to_the_login(nobody):
    for path in (
        "/admin/customers",
        "/admin/usage",
        "/admin/settings",
        "/admin/customers/bob",
        "/account",
        "/account/delete",
    ):
        assert (await nobody.get(path)).headers["location"] == "/login"


async def test_the_menu_leads_the_owner_there_and_nobody_else(ana, bob):
    assert 'href="/admin"' in (await ana.get("/")).text
    assert 'href="/admin"' not in (await bob.get("/")).text
    for visitor in (ana, bob):
        assert 'href="/account"' in (await visitor.get("/")).text


async def test_the_owners_pages_lead_to_what_people_think(ana):
    for path in ("/admin/customers", "/admin/usage", "/admin/settings"):
        tabs = parse((await ana.get(path)).text).by_class("tabs")[0]
        assert "/admin/feedback" in [link.attributes["href"] for link in tabs.by_tag("a")], path
