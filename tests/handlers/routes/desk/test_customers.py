"""Tests of the owner's pages: absent for all others, and what the owner does with people."""

import os
import re
from datetime import timedelta

import pytest

from memory.people import accounts
from memory.storage.layout import HISTORY
from tests.conftest import enter, settings_for
from tests.support.ledgers import use
from tests.support.shop import PASSWORD, Visitor

SAID = "[1] 2026-11-23T11:00:00Z user\n    Do you ship to <b>Recife</b>?\n"


def secret_in(page):
    found = re.search(r'<pre id="secret"[^>]*>([^<]+)</pre>', page)
    assert found is not None, page
    return found[1]


@pytest.fixture
async def bob(shop):
    return enter(shop, "bob")


# People


async def test_the_list_tells_what_people_used(ana, users):
    use(users.folder("bob"), tokens=50_000, ago=timedelta(days=40))
    use(users.folder("bob"), tokens=2500, ago=timedelta(days=3))
    use(users.folder("bob"), tokens=1500)
    use(users.folder("bob"), tokens=500, ending="rate_limited")

    row = (await ana.get("/admin/customers")).text.partition("/admin/customers/bob")[2].partition("</tr>")[0]

    assert re.findall(r'<td class="right">([^<]*)', row) == ["2", "4,500", "0.0036", "2,000, no limit"]
    assert "never" in row


async def test_the_list_has_pages_and_a_search(ana, users, accounts_of_all):
    for n in range(120):
        users.create(f"person{n:03}", accounts_of_all["bob"])

    first, last = await ana.get("/admin/customers"), await ana.get("/admin/customers?page=3")
    assert "Page 1 of 3, 122 customers" in first.text
    assert first.text.count('scope="row"') == 50
    assert "person119" in last.text
    assert (await ana.get("/admin/customers?page=99")).text.count('scope="row"') == 22
    assert (await ana.get("/admin/customers?page=-1&q=person01")).text.count('scope="row"') == 10
    assert (await ana.get("/admin/customers?page=x&q=%3Cscript%3E")).status == 200
    assert "<script>" not in (await ana.get("/admin/customers?q=%3Cscript%3E")).text


async def test_an_added_user_comes_in_with_the_one_time_password(shop, ana, users):
    answered = await ana.post("/admin/customers", {"username": "eve"})
    password = secret_in(answered.text)

    eve = await Visitor(shop).log_in("eve", password)
    assert (await eve.get("/")).headers["location"] == "/account"
    assert accounts.load(users.folder("eve")).role == "customer"
    assert password not in (await ana.get("/admin/customers/eve")).text


@pytest.mark.parametrize(("name", "status"), [("bob", 409), ("../x", 422), ("", 422), ("Eve", 422), ("<i>", 422)])
async def test_a_name_that_is_taken_or_none_is_refused(ana, users, name, status):
    answered = await ana.post("/admin/customers", {"username": name})

    assert answered.status == status
    assert "<i>" not in answered.text
    assert users.names() == ["ana", "bob"]


async def test_a_reset_password_ends_the_sessions_and_the_old_password(shop, ana, bob):
    password = secret_in((await ana.post("/admin/customers/bob/reset")).text)

    assert (await bob.get("/")).headers["location"] == "/login"
    assert (await Visitor(shop).post("/login", {"username": "bob", "password": PASSWORD})).status == 401
    await Visitor(shop).log_in("bob", password)


async def test_a_disabled_user_is_out_until_enabled(open_shop, upstream, shop, ana, bob):
    elsewhere = Visitor(open_shop(settings_for(upstream, "ok")), cookies=dict(bob.cookies))
    assert (await ana.post("/admin/customers/bob/disable")).headers["location"] == "/admin/customers/bob"
    assert (await elsewhere.get("/")).headers["location"] == "/login"
    assert (await Visitor(shop).post("/login", {"username": "bob", "password": PASSWORD})).status == 401
    assert "disabled" in (await ana.get("/admin/customers")).text

    await ana.post("/admin/customers/bob/enable")
    await Visitor(shop).log_in("bob")


@pytest.mark.parametrize(
    ("typed", "kept"), [("500000", 500_000), ("1,000", 1000), ("0", 0), ("", None), (" 7 ", 7), ("1_000", 1000)]
)
async def test_a_budget_is_set(ana, users, typed, kept):
    accounts.set_budget(users.folder("bob"), 3)

    answered = await ana.post("/admin/customers/bob/budget", {"daily_tokens": typed})

    assert answered.status == 303
    assert accounts.load(users.folder("bob")).daily_tokens == kept
    assert ("daily_tokens" in users.folder("bob").read("account.toml").decode()) == (kept is not None)
    assert (await ana.get("/admin/customers/bob")).status == 200


@pytest.mark.parametrize("typed", ["-1", "x", "1.5", "1e9", "٣", "9" * 30, "NaN"])
async def test_what_is_no_budget_is_refused(ana, users, typed):
    assert (await ana.post("/admin/customers/bob/budget", {"daily_tokens": typed})).status == 422
    assert accounts.load(users.folder("bob")).daily_tokens is None


async def test_a_deleted_user_is_gone(ana, bob, users):
    assert "permanently deleted" in (await ana.get("/admin/customers/bob/delete")).text

    assert (await ana.post("/admin/customers/bob/delete")).headers["location"] == "/admin/customers"

    assert users.names() == ["ana"]
    assert (await bob.get("/")).headers["location"] == "/login"
    assert (await ana.get("/admin/customers/bob")).status == 404


async def test_the_owner_does_not_shut_themself_out(ana, users):
    assert (await ana.post("/admin/customers/ana/disable")).status == 409
    assert (await ana.post("/admin/customers/ana/delete")).status == 409
    assert users.names() == ["ana", "bob"]


@pytest.mark.parametrize("name", ["eve", "..", "%2e%2e", ".throttle", "x" * 300, "BOB", "bob%00"])
@pytest.mark.parametrize("what", ["", "/reset", "/disable", "/budget", "/delete", "/conversation"])
async def test_a_user_that_is_not_there_is_absent(ana, users, name, what):
    answered = await (ana.get if what in ("", "/conversation") else ana.post)(f"/admin/customers/{name}{what}")

    assert answered.status == 404
    assert users.names() == ["ana", "bob"]


async def test_a_user_with_a_corrupt_account_is_listed_and_deletable(ana, users):
    (users.folder("bob").path / "account.toml").write_bytes(b"\xff")

    assert "unreadable" in (await ana.get("/admin/customers")).text
    assert (await ana.get("/admin/customers/bob")).status == 200
    assert (await ana.post("/admin/customers/bob/reset")).status == 409
    assert (await ana.post("/admin/customers/bob/delete")).status == 303
    assert users.names() == ["ana"]


# Invites


async def test_an_invite_is_made_listed_and_taken_back(open_shop, upstream, users):
    app = open_shop(settings_for(upstream, "ok", signup="invite", origin="https://chat.example.com"))
    ana = enter(app, "ana")
    ana.address = "https://chat.example.com"
    link = secret_in((await ana.post("/admin/invites", {"days": 3})).text)
    path = link.removeprefix("https://chat.example.com")
    visitor = Visitor(app, "https://chat.example.com")
    assert (await visitor.get(path)).status == 200

    page = (await ana.get("/admin/customers")).text
    assert ", expires <time" in page
    assert link.partition("=")[2] not in page
    (invite_id,) = re.findall(r"/admin/invites/(\w+)/revoke", page)
    assert (await ana.post(f"/admin/invites/{invite_id}/revoke")).status == 303

    assert (await visitor.get(path)).status == 403
    assert (await ana.post(f"/admin/invites/{invite_id}/revoke")).status == 404


@pytest.mark.parametrize("days", ["0", "91", "-1", "99999999999"])
async def test_an_invite_holds_for_days_that_make_sense(open_shop, upstream, users, days):
    ana = enter(open_shop(settings_for(upstream, "ok", signup="invite")), "ana")

    assert (await ana.post("/admin/invites", {"days": days})).status == 422
    assert ".invites" not in os.listdir(users.root)


async def test_no_invite_is_made_that_would_open_nothing(ana, users):
    assert (await ana.post("/admin/invites", {"days": 3})).status == 409
    assert ".invites" not in os.listdir(users.root)


# Usage and settings


# Conversations


async def test_conversations_are_private_unless_settings_say_otherwise(ana, users):
    (users.folder("bob").path / HISTORY).write_text(SAID)

    assert (await ana.get("/admin/customers/bob/conversation")).status == 404
    assert "Recife" not in (await ana.get("/admin/customers/bob")).text
    assert "The shop can read" not in (await ana.get("/")).text


async def test_where_the_owner_may_read_customers_are_told(open_shop, upstream, users):
    app = open_shop(settings_for(upstream, "ok", owner_reads_conversations=True))
    ana, bob = enter(app, "ana"), enter(app, "bob")
    (users.folder("bob").path / HISTORY).write_text(SAID)
    kept = users.folder("bob").path / "archive/20260101T000000Z"
    kept.mkdir(parents=True)
    (kept / HISTORY).write_text("[1] 2026-01-01T00:00:00Z user\n    The older one\n")

    read = await ana.get("/admin/customers/bob/conversation")
    assert "Do you ship to &lt;b&gt;Recife&lt;/b&gt;?" in read.text
    assert "The older one" in (await ana.get("/admin/customers/bob/conversation?of=20260101T000000Z")).text
    assert "The older one" in (await ana.get("/admin/customers/bob")).text
    assert (await ana.get("/admin/customers/bob/conversation?of=../../ana")).status == 404
    assert "The shop can read what you write here." in (await bob.get("/")).text
    assert (await bob.get("/admin/customers/ana/conversation")).status == 404
