"""Tests of what an owner does with a customer's data: a copy, deletion, and the way back."""

import io
import re
import zipfile
from datetime import timedelta

import pytest

from memory.people import accounts, audit, deleted
from memory.storage.layout import ACCOUNT, HISTORY
from tests.conftest import enter, settings_for
from tests.support.ledgers import use
from tests.support.shop import PASSWORD, Visitor

SURE = {"password": PASSWORD}
SAID = "[1] 2026-11-23T11:00:00Z user\n    Do you ship?\n"


async def test_a_deleted_user_can_be_restored_for_thirty_days(shop, ana, users, clock):
    (users.folder("bob").path / HISTORY).write_text(SAID)
    bob = enter(shop, "bob")
    assert "You can restore the account" in (await ana.get("/admin/customers/bob/delete")).text

    gone = await ana.post("/admin/customers/bob/delete", SURE)
    assert gone.headers["location"] == "/admin/customers?said=deleted"
    assert users.names() == ["ana"]
    assert (await bob.get("/")).headers["location"] == "/login"
    assert (await Visitor(shop).post("/login", {"username": "bob", "password": PASSWORD})).status == 401
    assert (await ana.get("/admin/customers/bob")).status == 404

    page = (await ana.get("/admin/customers?said=deleted")).text
    assert "Account deleted. You can restore it" in page
    (way,) = re.findall(r'action="(/admin/deleted/[^"]+/restore)"', page)
    restored = await ana.post(way)
    assert restored.headers["location"] == "/admin/customers/bob?said=restored"
    assert (users.folder("bob").path / HISTORY).read_text() == SAID
    assert (await Visitor(shop).log_in("bob")) is not None
    assert (await ana.post(way)).status == 404
    assert [one.what for one in audit.latest(users, 5)] == ["customer bob: restored", "customer bob: deleted"]


async def test_who_leaves_by_themself_is_gone_at_once(shop, ana, users):
    bob = enter(shop, "bob")
    await bob.post("/account/delete", SURE)

    assert deleted.found(users) == []
    assert "Recently deleted" not in (await ana.get("/admin/customers")).text
    assert not [path for path in users.root.rglob("account.toml") if "ana" not in path.parts]


@pytest.mark.parametrize("what", ["delete", "export"])
@pytest.mark.parametrize("typed", ["", "not this one", PASSWORD * 9])
async def test_the_owners_password_is_asked_again(ana, users, what, typed):
    refused = await ana.post(f"/admin/customers/bob/{what}", {"password": typed})

    assert refused.status == 403
    field = re.search(r'<input id="(?:password|export)"[^>]*>', refused.text)
    assert field is not None
    assert 'aria-invalid="true"' in field[0]
    assert "The current password is wrong. Nothing was changed." in refused.text
    assert users.names() == ["ana", "bob"]
    assert audit.latest(users, 5) == []


async def test_guessing_the_owners_password_is_slowed_down(ana, users):
    statuses = [(await ana.post("/admin/customers/bob/delete", {"password": "x"})).status for _ in range(12)]

    assert statuses[-1] == 429
    assert users.names() == ["ana", "bob"]


async def test_a_name_used_anew_is_not_overwritten(ana, users, accounts_of_all):
    await ana.post("/admin/customers/bob/delete", SURE)
    users.create("bob", accounts_of_all["bob"])
    (one,) = deleted.found(users)

    refused = await ana.post(f"/admin/deleted/{one.id}/restore")

    assert refused.status == 409
    assert "There is a new account named bob." in refused.text
    assert deleted.found(users) == [one]


async def test_a_user_with_a_corrupt_account_is_listed_and_deletable(ana, users):
    (users.folder("bob").path / ACCOUNT).write_bytes(b"\xff")

    assert "be read</span>" in (await ana.get("/admin/customers")).text
    assert (await ana.get("/admin/customers/bob")).status == 200
    assert (await ana.post("/admin/customers/bob/reset", SURE)).status == 409
    assert (await ana.post("/admin/customers/bob/export", SURE)).status == 409
    assert (await ana.post("/admin/customers/bob/delete", SURE)).status == 303
    assert users.names() == ["ana"]


def files_of(answered):
    assert answered.status == 200, answered.text
    assert answered.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answered.body)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


async def test_a_copy_has_conversations_where_they_may_be_read(open_shop, upstream, users):
    ana = enter(open_shop(settings_for(upstream, "ok", owner_reads_conversations=True)), "ana")
    (users.folder("bob").path / HISTORY).write_text(SAID)

    files = files_of(await ana.post("/admin/customers/bob/export", SURE))

    assert set(files) == {"README.txt", "account.toml", "history.txt"}
    assert "argon2" not in files["account.toml"]
    assert [one.what for one in audit.latest(users, 5)] == ["customer bob: data exported"]


async def test_a_copy_has_no_word_of_a_conversation_that_is_private(ana, users):
    bob = users.folder("bob")
    use(bob, tokens=1000)
    accounts.set_language(bob, "pt_BR")
    kept = bob.path / "archive/20260101T000000Z"
    kept.mkdir(parents=True)
    for place in (bob.path, kept):
        (place / HISTORY).write_text(SAID)
        (place / "title.txt").write_text("A title\n")
    (bob.path / "summary.txt").write_text("x")

    files = files_of(await ana.post("/admin/customers/bob/export", SURE))

    assert set(files) == {"README.txt", "account.toml", "usage.csv"}
    assert "sem as conversas" in files["README.txt"]


async def test_deleted_users_are_listed_with_their_end(ana, users, clock):
    await ana.post("/admin/customers/bob/delete", SURE)

    page = (await ana.get("/admin/customers")).text.partition("Recently deleted")[2]
    ends = clock() + timedelta(days=30)
    assert f'gone for good <time datetime="{ends.isoformat()}">' in page
