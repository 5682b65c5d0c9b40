"""Each cause appears when it is met, in the way that it is met, and goes when the same works again."""

import json
import os
import shutil
import threading
import time
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from completions.errors import ErrorDetails, ModelError
from completions.stream import Finished, Usage
from handlers import shop_watch
from handlers.desk import attention
from handlers.replies.accounting import ModelCall, note_calls
from handlers.shop_watch import ShopWatch
from memory.storage import space
from memory.storage.layout import BACKUP, LOCK
from memory.usage.incidents import Incidents
from settings import ROOT, read
from tests.conftest import enter, services_of, settings_for
from tests.support.shop import Scripted, settings_of

TABLE = "sku,name,price\nMUG-1,Blue mug,5.00\n"


@pytest.fixture
def place(place, tmp_path):
    """Prompts of one's own, to be edited."""
    (tmp_path / "prompts" / "store").mkdir(parents=True)
    for name in ("system.md", "summarise.md"):
        shutil.copy(ROOT / "prompts" / name, tmp_path / "prompts")
    (tmp_path / "prompts" / "store" / "products.csv").write_text(TABLE)
    return msgspec.structs.replace(place, prompts=tmp_path / "prompts")


async def standing(app):
    """Return what the desk lists, as a program reads it: causes with the customers who met them."""
    answered = await enter(app, "ana").get("/admin/attention.json")
    return {entry["cause"]: entry["met"] for entry in json.loads(answered.body)}


async def ask(app, name="bob"):
    """Send a message as a browser without JavaScript does, which waits for the answer; return the page with it."""
    visitor = enter(app, name)
    await visitor.post("/messages", {"content": "Do you have blue mugs?"})
    return (await visitor.get("/")).text


def until(is_true, seconds=20):
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.01)


# Models


@pytest.mark.parametrize(
    ("cause", "script"),
    [
        ("key_refused", "then-r401-then-r401-say-0-2"),
        ("quota", "then-r429_quota-then-r429_quota-say-0-2"),
        ("model_failing", "then-r500-then-r500-then-r500-then-r500-say-0-2"),
        ("model_failing", "then-r404-then-r404-say-0-3"),
        ("model_failing", "then-nothing-then-nothing-then-nothing-then-nothing-say-0-2"),
    ],
)
async def test_a_model_that_fails_is_told_until_it_answers(open_shop, upstream, cause, script):
    app = open_shop(settings_for(upstream, script))
    assert await standing(app) == {}

    await ask(app)
    await ask(app, "ana")
    failed = await standing(app)
    page = await ask(app)

    assert failed == {cause: 2}
    assert "word2" in page
    assert await standing(app) == {}


async def test_a_question_that_no_model_answered_is_told_at_once(open_shop, upstream):
    app = open_shop(settings_for(upstream, "r500"))

    page = await ask(app)

    assert "The shop has been told." in page
    assert await standing(app) == {"model_failing": 1}


async def test_what_one_process_met_another_tells_and_clears(open_shop, upstream):
    here, elsewhere = open_shop(settings_for(upstream, "r401")), open_shop(settings_for(upstream, "r401"))

    await ask(here)

    assert await standing(elsewhere) == {"key_refused": 1}
    services_of(elsewhere).incidents.clear(("key_refused", "r401"))
    assert await standing(here) == {}


async def test_a_fault_another_model_covers_is_news_the_third_time(open_shop, upstream):
    app = open_shop(settings_for(upstream, "r500", "say-0-2"))

    found = [await standing(app) for _ in range(3) if await ask(app)]

    assert found == [{}, {}, {"model_failing": 1}]


async def test_a_model_that_is_asked_no_more_is_no_news(open_shop, upstream):
    await ask(open_shop(settings_for(upstream, "r401")))

    assert await standing(open_shop(settings_for(upstream, "say-0-2"))) == {}


async def test_what_lies_in_the_question_is_nobodys_fault(open_shop, upstream):
    app = open_shop(settings_for(upstream, "ctxlen"))

    await ask(app)

    assert await standing(app) == {}


async def test_a_summarisers_fault_is_noted(open_shop, users):
    services = services_of(open_shop(settings_of({"luna": None}), Scripted([ModelError(ErrorDetails("quota"))])))
    call = ModelCall(services.settings.model("luna"), 100, "summary")
    call.ending = "quota"
    note_calls(services, users.folder("bob"), [call])

    assert [(one.cause, one.met) for one in attention.entries(services)] == [("quota", 1)]


async def test_a_model_that_has_ended_for_good_is_told(open_shop):
    old = {
        "name": "old",
        "base_url": "http://127.0.0.1:9",
        "max_input": 9_000,
        "max_output": 1_000,
        "ends": date(2026, 1, 1),
    }
    app = open_shop(read({"chat": ["old"], "summariser": ["old"], "models": [old]}), Scripted())

    await ask(app)

    assert await standing(app) == {"model_failing": 1}


# The shop's data


async def test_a_file_that_cannot_be_used_is_told_until_it_can(open_shop, upstream, place):
    app = open_shop(settings_for(upstream, "ok"))
    services, broken = services_of(app), place.prompts / "store" / "more.xlsx"
    watch = ShopWatch(lambda: services, look_seconds=0.02)
    watch.start()
    try:
        until(lambda: services.shop.current)
        broken.write_bytes(b"no workbook")
        until(lambda: services.incidents.standing())
        (entry,) = attention.entries(services)
        assert (entry.cause, entry.detail, entry.link) == ("data_unusable", "more.xlsx", "/admin/data")
        assert await standing(app) == {"data_unusable": 0}

        broken.unlink()
        until(lambda: not services.incidents.standing())
        assert await standing(app) == {}
    finally:
        watch.stop()
        watch.join(10)


async def test_an_index_that_is_not_built_is_told_until_it_is(open_shop, upstream, place):
    app = open_shop(settings_for(upstream, "ok"))
    services, store = services_of(app), place.prompts / "store"
    watch = ShopWatch(lambda: services, look_seconds=0.02)
    watch.start()
    try:
        until(lambda: services.shop.current)
        (store / "products.csv").unlink()  # nothing is left: the last good data stay
        until(lambda: services.incidents.standing())
        assert await standing(app) == {"data_unusable": 0}

        (store / "products.csv").write_text(TABLE)
        until(lambda: not services.incidents.standing())
        assert await standing(app) == {}
    finally:
        watch.stop()
        watch.join(10)


async def test_what_was_put_right_while_nobody_served_is_no_news(open_shop, upstream, place):
    services = services_of(open_shop(settings_for(upstream, "ok")))
    services.incidents.note("data_unusable", "gone.csv", "It has no columns.", services.now())
    watch = ShopWatch(lambda: services, look_seconds=0.02)

    watch.start()

    until(lambda: not services.incidents.standing())
    watch.stop()
    watch.join(10)


async def test_a_feed_that_fails_is_told_until_it_is_read(open_shop, upstream, monkeypatch):
    statuses = [500]

    class Table(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(statuses[0])
            self.send_header("Content-Length", str(len(TABLE)))
            self.end_headers()
            self.wfile.write(TABLE.encode())

        def log_message(self, *_):
            pass

    monkeypatch.setattr(shop_watch, "_FEED_LOOK_SECONDS", 0.05)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Table)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    feed = {"feed": f"http://127.0.0.1:{server.server_port}/"}
    app = open_shop(settings_for(upstream, "ok", catalogue=feed))
    services = services_of(app)
    watch = ShopWatch(lambda: services, look_seconds=0.02)
    watch.start()
    try:
        until(lambda: services.incidents.standing())
        assert await standing(app) == {"feed_failing": 0}

        statuses[0] = 200
        due = services.shop.place / "feed.json"  # it is tried again in five minutes, which are over now
        due.write_text(json.dumps(json.loads(due.read_text()) | {"due": 0.0}))
        until(lambda: not services.incidents.standing())
        assert await standing(app) == {}
    finally:
        watch.stop()
        watch.join(10)
        server.shutdown()
        server.server_close()
        thread.join()


# The budget


async def test_a_budget_is_told_at_80_percent_and_when_spent(open_shop, clock):
    scripted = Scripted(["Hello", Usage(9_700, 200), Finished("stop")])
    app = open_shop(settings_of({"luna": None}, budget={"daily_tokens_per_user": 0, "daily_tokens": 10_000}), scripted)
    services = services_of(app)

    await ask(app)
    near = [(one.reason, one.met) for one in attention.entries(services)]
    refused = await ask(app)
    spent = [(one.reason, one.met, one.link) for one in attention.entries(services)]
    clock.move(hours=12)

    assert near == [("near", 0)]
    assert "Hello" in refused
    assert spent == [("spent", 1, "/admin/settings")]
    assert await standing(app) == {}


async def test_a_customers_own_budget_is_no_news_for_the_owner(open_shop):
    scripted = Scripted(["Hello", Usage(8_000, 200), Finished("stop")])
    app = open_shop(settings_of({"luna": None}, budget={"daily_tokens_per_user": 9_000}), scripted)

    await ask(app)
    await ask(app)

    assert await standing(app) == {}


# The disk


async def test_a_disk_that_is_nearly_full_is_told(open_shop, upstream, monkeypatch):
    app = open_shop(settings_for(upstream, "ok"))
    monkeypatch.setattr(space.is_nearly_full, "__defaults__", (1 << 60,))

    full = await standing(app)
    monkeypatch.undo()

    assert full == {"disk": 0}
    assert await standing(app) == {}


async def test_a_refused_message_is_told_until_one_is_kept(open_shop, upstream, users):
    app = open_shop(settings_for(upstream, "say-0-2"))
    history = users.folder("bob").path / "history.txt"
    history.mkdir()

    await ask(app)
    refused = await standing(app)
    history.rmdir()
    await ask(app, "ana")
    still = await standing(app)
    await ask(app)

    assert refused == still == {"disk": 1}
    assert await standing(app) == {}


async def test_users_that_cannot_be_written_to_are_told_from_memory(open_shop, upstream, users):
    services = services_of(open_shop(settings_for(upstream, "ok")))
    (users.root / ".incidents").write_text("in the way")

    services.incidents.note("disk", "bob", "No space left on device", services.now(), "bob")

    assert [(one.cause, one.met, one.reason) for one in attention.entries(services)] == [
        ("disk", 1, "No space left on device")
    ]


# prompts/


@pytest.mark.parametrize("text", ["{% if %}", "{{ nothing_of_this_name }}", b"\xff\xfe", None])
async def test_broken_prompts_are_told_until_they_are_right(open_shop, upstream, place, text):
    app = open_shop(settings_for(upstream, "say-0-2"))
    rules = place.prompts / "system.md"
    right = rules.read_bytes()
    rules.unlink()
    if text is not None:
        rules.write_bytes(text if isinstance(text, bytes) else text.encode())

    unmet = await standing(app)
    page = await ask(app)
    met = attention.entries(services_of(app))
    rules.write_bytes(right)

    assert unmet == {"prompts": 0}
    assert "The shop has been told." in page
    assert [(one.cause, one.met, one.link) for one in met] == [("prompts", 1, "/admin/texts/system.md")]
    assert await standing(app) == {}


async def test_a_broken_text_for_summaries_is_told(open_shop, upstream, place):
    app = open_shop(settings_for(upstream, "ok"))
    (place.prompts / "summarise.md").write_text("{{ conversation }} {{ word }}")

    assert [one.link for one in attention.entries(services_of(app))] == ["/admin/texts/summarise.md"]


# Backups


def age(path: Path, now, **by):
    seconds = (now - timedelta(**by)).timestamp()
    os.utime(path, (seconds, seconds))


async def test_a_backup_older_than_a_week_is_told(open_shop, upstream, users, clock):
    app, mark = open_shop(settings_for(upstream, "ok")), users.root / BACKUP
    mark.touch()
    age(mark, clock(), days=8)

    old = attention.entries(services_of(app))
    age(mark, clock(), days=6)

    assert [(one.cause, one.since, one.met, one.reason) for one in old] == [
        ("backup", clock() - timedelta(days=1), 0, "overdue")
    ]
    assert await standing(app) == {}


async def test_a_shop_with_customers_and_no_backup_is_told(open_shop, upstream, users, clock):
    app = open_shop(settings_for(upstream, "ok"))
    age(users.root / LOCK, clock(), days=6)
    young = await standing(app)
    age(users.root / LOCK, clock(), days=8)

    old = await standing(app)
    shutil.rmtree(users.folder("bob").path)

    assert (young, old) == ({}, {"backup": 0})
    assert await standing(app) == {}


# All of them


async def test_a_turn_that_goes_well_notes_nothing(open_shop, upstream, users):
    app = open_shop(settings_for(upstream, "say-0-2"))

    await ask(app)

    assert not (users.root / ".incidents").exists()
    assert Incidents(users).standing() == []


@pytest.mark.parametrize("link", sorted({*attention.LINKS.values(), "/admin/texts/summarise.md"}))
async def test_each_link_leads_to_a_page_of_the_desk(open_shop, upstream, link):
    assert (await enter(open_shop(settings_for(upstream, "ok")), "ana").get(link)).status == 200
