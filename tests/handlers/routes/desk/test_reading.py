"""Tests of the owner's look at conversations: only where the settings and the chat page say so."""

from datetime import timedelta

from memory.people import audit
from memory.storage.layout import HISTORY
from tests.conftest import enter, settings_for

SAID = "[1] 2026-11-23T11:00:00Z user\n    Do you ship to <b>Recife</b>?\n"


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


async def test_that_a_conversation_was_read_is_noted_once_an_hour(open_shop, upstream, users, clock):
    ana = enter(open_shop(settings_for(upstream, "ok", owner_reads_conversations=True)), "ana")
    for query in ("", "?before=5", ""):
        await ana.get(f"/admin/customers/bob/conversation{query}")
    assert [(one.who, one.what) for one in audit.latest(users, 5)] == [("ana", "customer bob: conversation read")]

    clock.move(hours=1)
    await ana.get("/admin/customers/bob/conversation")
    one, other = audit.latest(users, 5)
    assert one.time - other.time == timedelta(hours=1)
