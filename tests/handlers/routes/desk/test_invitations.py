"""Tests of invitations: links that make one account each."""

import os
import re

import pytest

from memory.people import audit
from tests.conftest import enter, settings_for
from tests.support.desk import secret_in
from tests.support.shop import Visitor


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
    assert "Created by <bdi>ana</bdi>" in page
    assert link.partition("=")[2] not in page
    (invite_id,) = re.findall(r"/admin/invites/(\w+)/revoke", page)
    assert (await ana.post(f"/admin/invites/{invite_id}/revoke")).status == 303

    assert (await visitor.get(path)).status == 403
    assert [entry.what for entry in audit.latest(users, 5)] == ["invitation: revoked", "invitation: created"]
    assert link.partition("=")[2] not in users.shared.read(".audit.csv").decode()
    assert (await ana.post(f"/admin/invites/{invite_id}/revoke")).status == 404


@pytest.mark.parametrize("days", ["0", "91", "-1", "99999999999", "", "x"])
async def test_an_invite_holds_for_days_that_make_sense(open_shop, upstream, users, days):
    ana = enter(open_shop(settings_for(upstream, "ok", signup="invite")), "ana")

    refused = await ana.post("/admin/invites", {"days": days})

    assert refused.status == 422
    field = re.search(r'<input id="days"[^>]*>', refused.text)
    assert field is not None
    assert f'value="{days}"' in field[0]
    assert 'aria-invalid="true"' in field[0]
    assert ".invites" not in os.listdir(users.root)


async def test_no_invite_is_made_that_would_open_nothing(ana, users):
    assert (await ana.post("/admin/invites", {"days": 3})).status == 409
    assert ".invites" not in os.listdir(users.root)


async def test_an_invitation_comes_with_a_text_to_send(open_shop, upstream, users):
    ana = enter(open_shop(settings_for(upstream, "ok", signup="invite", shop="Redes & Cia")), "ana")

    page = (await ana.post("/admin/invites", {"days": "3"})).text

    message = re.search(r"<textarea id=\"message\"[^>]*>([^<]*)</textarea>", page)
    assert message is not None
    assert "the assistant of Redes &amp; Cia" in message[1]
    assert secret_in(page) in message[1]
    assert "26 Nov 2026" in message[1]
