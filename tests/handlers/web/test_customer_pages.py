"""Tests of the bounds of the owner's list of customers: its bytes, whatever there is to be listed."""

import re

from memory.people import deletion, invites
from tests.conftest import enter, settings_for
from tests.support.shop import NOON


async def test_the_list_stays_small_whatever_there_is(open_shop, upstream, users, accounts_of_all):
    ana = enter(open_shop(settings_for(upstream, "ok", signup="invite")), "ana")
    for n in range(60):
        users.create(f"a-customer-with-a-long-name-{n:04}", accounts_of_all["bob"])
    for n in range(45):
        folder = users.create(f"somebody-who-has-left-us-{n:04}", accounts_of_all["bob"])
        deletion.set_aside(users, folder, NOON)
        invites.make(users, NOON, 7, "ana")

    page = await ana.get("/admin/customers")

    assert len(page.body) < 60_000
    assert page.text.count("/revoke") == page.text.count("/restore") == 20
    seen = re.findall(r"/admin/deleted/([^/]+)/restore", page.text)
    older = page.text
    while match := re.search(r'href="(/admin/customers\?deleted=\d+)#deleted-title"', older):
        older = (await ana.get(match[1])).text
        seen += re.findall(r"/admin/deleted/([^/]+)/restore", older)
    assert len(set(seen)) == len(seen) == 45
    assert (await ana.get("/admin/customers?invites=40")).text.count("/revoke") == 5
    assert (await ana.get("/admin/customers?invites=-1&deleted=x")).status == 200
