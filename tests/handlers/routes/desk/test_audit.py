"""Tests of the page of changes."""

import re

from memory.people import audit
from memory.people.audit import AuditEntry
from tests.conftest import enter
from tests.support.shop import NOON


async def test_changes_are_shown_newest_first_a_hundred_at_a_time(ana, users):
    for n in range(250):
        audit.note(users, AuditEntry(NOON, "ana", f"settings.toml: change {n}", f"<b>{n}", "=1+1"))

    first = (await ana.get("/admin/audit")).text
    assert re.findall(r"change (\d+)", first) == [str(n) for n in range(249, 149, -1)]
    assert "<td><bdi>&lt;b&gt;249</bdi></td><td><bdi>=1+1</bdi></td>" in first
    assert "Newest" not in first
    older = re.search(r'href="(/admin/audit\?before=\d+)"', first)
    assert older is not None
    second = (await ana.get(older[1])).text
    assert re.findall(r"change (\d+)", second)[0] == "149"
    last = re.search(r'href="(/admin/audit\?before=\d+)"', second)
    assert last is not None
    third = (await ana.get(last[1])).text
    assert re.findall(r"change (\d+)", third)[-1] == "0"
    assert "Older" not in third
    assert len(first) < 60_000


async def test_what_was_done_is_in_the_readers_language(ana, users):
    audit.note(users, AuditEntry(NOON, "ana", "customer bob: deleted"))

    assert '<a href="/admin/customers/bob"><bdi>bob</bdi></a>: deleted' in (await ana.get("/admin/audit")).text
    portuguese = await ana.get("/admin/audit", Accept_Language="pt-BR")
    assert "<bdi>bob</bdi></a>: excluída" in portuguese.text


async def test_the_file_is_downloaded_as_it_is(ana, users):
    assert (await ana.get("/admin/audit.csv")).text == "time,who,what,before,after\n"
    audit.note(users, AuditEntry(NOON, "ana", "customer bob: deleted"))

    answered = await ana.get("/admin/audit.csv")

    assert answered.headers["content-disposition"] == 'attachment; filename="changes.csv"'
    assert answered.body == users.shared.read(".audit.csv")
    assert len(audit.latest(users, 5)) == 1


async def test_changes_are_absent_for_customers(shop, users):
    bob = enter(shop, "bob")
    for path in ("/admin/audit", "/admin/audit.csv"):
        assert (await bob.get(path)).status == 404
