"""Tests of the conversations' pages over the whole application: list, search, reading, renaming, taking along, bringing in."""

import asyncio
import json
import os
import re
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from memory.conversations import archive, history, listing, versions
from memory.conversations.imports import MOST_BYTES
from memory.conversations.records import Receipt, Record, print_record
from tests.conftest import enter, replies_of, settings_for
from tests.support.shop import NOON, Scripted

NAME = "20261123T120000Z"
HEAD = b"[1] 2026-11-23T12:00:00Z user\n"
UNSAFE = [
    ("conversations/new", {}),
    ("conversations/clear", {}),
    (f"conversations/{NAME}/open", {}),
    (f"conversations/{NAME}/delete", {}),
    (f"conversations/{NAME}/rename", {"title": "x"}),
    ("conversations/import", {}),
]
NAMED = ["", "/delete", "/export/txt", "/export/md", "/export/json"]


def say(folder, *texts, began=NOON):
    records = [
        Record(n + 1, began + timedelta(seconds=n), "assistant" if n % 2 else "user", text)
        for n, text in enumerate(texts)
    ]
    (folder.path / "history.txt").write_bytes(b"".join(map(print_record, records)))


def folder_of(app, name="ana"):
    return app.extensions["storekeeper"].users.folder(name)


def form_with(data, filename="conversation.txt", boundary="xx"):
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: text/plain\r\n\r\n'
    return head.encode() + data + f"\r\n--{boundary}--\r\n".encode()


async def bring_in(visitor, data, *, content_type="multipart/form-data; boundary=xx", is_htmx=False):
    headers = [("Content-Type", content_type), ("HX-Request", "true" if is_htmx else "")]
    return await visitor.ask("POST", "/conversations/import", [form_with(data)], headers)


@pytest.fixture
def folder(shop):
    return folder_of(shop)


async def test_the_list_has_the_current_one_first_then_the_last_used(ana, folder):
    say(folder, "First", "Yes", began=NOON - timedelta(days=2))
    archive.set_aside(folder)
    say(folder, "Second", began=NOON - timedelta(days=1))
    archive.set_aside(folder)
    say(folder, "Third & last")

    page = (await ana.get("/conversations")).text

    assert re.findall(r'class="name" href="([^"]*)">([^<]*)<', page) == [
        ("/", "Third &amp; last"),
        ("/conversations/20261122T120000Z", "Second"),
        ("/conversations/20261121T120000Z", "First"),
    ]
    assert "2 messages · <time" in page
    assert "21 Nov 2026, 12:00 UTC" in page


@pytest.mark.parametrize("name", [".turn", ".lock"])
@pytest.mark.parametrize(("path", "left"), [("new", []), ("clear", []), (f"{NAME}/open", ["First"])])
async def test_a_change_waits_for_who_writes(ana, folder, path, left, name):
    say(folder, "First")
    archive.set_aside(folder)
    say(folder, "Second", began=NOON + timedelta(hours=1))
    lock = folder.try_lock(name)

    change = asyncio.create_task(ana.post(f"/conversations/{path}"))

    assert not (await asyncio.wait([change], timeout=0.3))[0]
    assert texts_of(folder) == ["Second"]
    lock.release()
    assert (await change).status == 303
    assert texts_of(folder) == left


def texts_of(folder):
    return [entry.record.text for entry in history.backwards(folder)]


async def test_hundreds_of_conversations_are_paged_and_quick(ana, folder):
    for n in range(300):
        place = folder.path / "archive" / f"{NOON + timedelta(minutes=n):%Y%m%dT%H%M%SZ}"
        place.mkdir(parents=True)
        (place / "history.txt").write_bytes(
            print_record(Record(1, NOON + timedelta(minutes=n), "user", f"Question {n}"))
        )
    started = time.process_time()

    pages = [(await ana.get(f"/conversations?page={number}")).text for number in range(1, 12)]

    assert time.process_time() - started < 3
    titles = [re.findall(r"Question \d+(?=</a>)", page) for page in pages]
    assert [len(page) for page in titles] == [30] * 10 + [0]
    assert len({title for page in titles for title in page}) == 300
    assert "Older →" in pages[0]
    assert "Older →" not in pages[9]


async def test_search_marks_hits_and_leads_to_the_message(ana, folder):
    say(folder, *[f"Message {n} in São Paulo <b>" if n == 50 else f"Message {n}" for n in range(100)])
    archive.set_aside(folder)

    page = (await ana.get("/conversations?q=sao+PAULO")).text

    assert "in <mark>São</mark> <mark>Paulo</mark> &lt;b&gt;" in page
    assert f'href="/conversations/{NAME}?at=51#message-51"' in page
    shown = (await ana.get(f"/conversations/{NAME}?at=51")).text
    assert 'id="message-51" class="message user sought"' in shown
    assert len(re.findall(r'id="message-\d+"', shown)) <= 40


async def test_an_archived_conversation_shows_receipts_and_no_actions(ana, folder):
    took = Receipt(5, 0, 2, None, 0.4, 3.0, 1)
    records = [
        Record(1, NOON, "user", "Hi"),
        Record(2, NOON, "assistant", "`a`\n\n```python\nx = 1\n```", "luna", "failed", why="server", receipt=took),
        Record(3, NOON, "assistant", "Hello", "luna", "stopped", replaces=2, receipt=took),
    ]
    (folder.path / "history.txt").write_bytes(b"".join(map(print_record, records)))
    archive.set_aside(folder)

    page = (await ana.get(f"/conversations/{NAME}")).text

    shown = page.partition("<main>")[2].partition("</main>")[0]
    assert "5 tokens read, 2 written. Cost: unknown." in shown
    assert 'id="copy-icon"' in page
    for absent in ("/edit", "/feedback", "/replies/", "/messages/"):
        assert absent not in shown


async def test_search_tells_when_it_found_nothing_and_when_it_was_cut(ana, folder):
    say(folder, *["blue"] * 70)

    assert "Nothing found for “red”" in (await ana.get("/conversations?q=red")).text
    page = (await ana.get("/conversations?q=blue")).text
    assert page.count("<mark>") == 30
    (more,) = re.findall(r'href="(/conversations\?q=blue&amp;after=[^"]*)"', page)
    assert (await ana.get(more.replace("&amp;", "&"))).text.count("<mark>") == 30


async def test_search_shows_replies_without_their_markdown(ana, folder):
    say(folder, "Which one?", "Take the **double** [hammock](https://shop.example/double).")

    page = (await ana.get("/conversations?q=double+hammock")).text

    assert "Take the <mark>double</mark> <mark>hammock</mark>." in page


@pytest.mark.parametrize(
    "query", ["%00", "<script>", "a" * 5000, "%F0%28", "x&after=nowhere.5", "x&after=current.99999999999999999999"]
)
async def test_no_query_breaks_the_search(ana, folder, query):
    say(folder, "x")

    answered = await ana.get(f"/conversations?q={query}")

    assert answered.status == 200
    assert "<script>" not in re.sub(r"<script [^>]*>", "", answered.text)


async def test_others_are_served_during_a_large_conversations_search(ana, folder):
    text = "What stands in it takes some lines, with açaí and more of it. " * 16
    (folder.path / "history.txt").write_bytes(
        b"".join(print_record(Record(number, NOON, "user", text)) for number in range(1, 10_001))
    )
    searching = asyncio.create_task(ana.get("/conversations?q=needle"))
    waits = []
    while not searching.done():
        started = time.monotonic()
        await asyncio.sleep(0.005)
        waits.append(time.monotonic() - started)

    assert (await searching).status == 200
    assert max(waits) < 0.5


async def test_10_000_messages_open_as_fast_and_in_as_few_nodes_as_ten(shop, ana, folder):
    bob = enter(shop, "bob")
    say(folder_of(shop, "bob"), *["What stands in it takes some lines. " * 10] * 40)
    say(folder, *["What stands in it takes some lines. " * 10] * 10_000)

    async def opened(visitor, path):
        started = time.monotonic()
        page = (await visitor.get(path)).text
        return time.monotonic() - started, len(re.findall("<[a-z]", page))

    for path in ("/", "/conversations/current"):
        few, many = [[await opened(visitor, path) for _ in range(9)] for visitor in (bob, ana)]
        assert {nodes for _, nodes in many} < set(range(400))
        assert abs(many[0][1] - few[0][1]) < 10
        assert min(seconds for seconds, _ in many) < 2 * min(seconds for seconds, _ in few) + 0.01
    seconds, _ = await opened(ana, "/conversations/current?at=20")
    assert seconds < 1.5


async def test_older_messages_autoload_up_to_a_bound_then_by_a_link(ana, folder):
    say(folder, *["x"] * 500)
    page = (await ana.get("/")).text
    loaders = 0
    while found := re.search(r'hx-get="(/history[^"]*)"', page):
        page = (await ana.get(found[1].replace("&amp;", "&"), HX_Request="true")).text
        loaders += 1

    assert loaders == 2
    assert re.findall(r'<a href="/history\?before=(\d+)">Older messages', page) == ["441"]
    older = (await ana.get("/history?before=441")).text
    assert [int(number) for number in re.findall(r'id="message-(\d+)"', older)] == list(range(421, 441))
    assert 'href="/history?after=440#log">Newer messages' in older
    newest = (await ana.get("/history?after=480")).text
    assert "Newer messages" not in newest
    assert "Back to the latest" not in newest


async def test_a_message_sent_from_an_older_page_leads_to_the_newest(ana, folder):
    say(folder, *["x"] * 100)

    answered = await ana.send("/messages", {"content": "Hello", "after": "60"})

    assert (answered.status, answered.headers["hx-redirect"]) == (200, "/")


async def test_a_conversation_is_read_page_by_page_both_ways(ana, folder):
    say(folder, *[f"Message {n}" for n in range(1, 101)])
    archive.set_aside(folder)

    async def numbers(query):
        page = (await ana.get(f"/conversations/{NAME}{query}")).text
        found = [int(number) for number in re.findall(r'id="message-(\d+)"', page)]
        return found[0], found[-1], "Older messages</a>" in page, "Newer messages</a>" in page

    assert await numbers("") == (81, 100, True, False)
    assert await numbers("?before=61") == (41, 60, True, True)
    assert await numbers("?before=21") == (1, 20, False, True)
    assert await numbers("?after=20") == (21, 40, True, True)
    assert await numbers("?after=80") == (81, 100, True, False)


async def test_a_conversation_is_renamed_and_its_title_goes_with_it(ana, folder):
    say(folder, "Do you deliver?")

    answered = await ana.post("/conversations/current/rename", {"title": "Entrega & frete", "page": "1"})

    assert (answered.status, answered.headers["location"]) == (303, "/conversations?page=1")
    await ana.post("/conversations/new")
    assert "Entrega &amp; frete" in (await ana.get(f"/conversations/{NAME}")).text
    await ana.post(f"/conversations/{NAME}/open")
    assert listing.current(folder).title == "Entrega & frete"
    await ana.post("/conversations/clear")
    assert not (folder.path / "title.txt").exists()


async def test_htmx_is_sent_where_a_plain_form_is(ana, folder):
    say(folder, "Do you deliver?")

    answered = await ana.send("/conversations/current/rename", {"title": "x"})

    assert (answered.status, answered.headers["hx-redirect"]) == (200, "/conversations/current")


@pytest.mark.parametrize(
    ("form", "content_type"),
    [("txt", "text/plain; charset=utf-8"), ("md", "text/markdown; charset=utf-8"), ("json", "application/json")],
)
@pytest.mark.parametrize("name", ["current", NAME])
async def test_a_conversation_is_exported_as_a_file(ana, folder, form, content_type, name):
    say(folder, "Você entrega?", "Sim.")
    said = (folder.path / "history.txt").read_bytes()
    if name == NAME:
        archive.set_aside(folder)

    answered = await ana.get(f"/conversations/{name}/export/{form}")

    assert answered.status == 200
    assert answered.headers["content-type"] == content_type
    assert answered.headers["content-disposition"] == f'attachment; filename="conversation-{NAME}.{form}"'
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert answered.headers.get("content-length") == (str(len(said)) if form == "txt" else None)
    assert answered.body == said if form == "txt" else "Você" in answered.text
    head = await ana.ask("HEAD", f"/conversations/{name}/export/{form}")
    assert (head.status, head.headers.get("content-length")) == (200, answered.headers.get("content-length"))


@pytest.mark.parametrize("form", ["txt", "json"])
async def test_what_was_exported_is_imported_byte_for_byte(shop, ana, folder, form):
    say(folder, "Você entrega?\n\n    [2] 2026-11-23T12:00:00Z user", "Sim.")
    exported = await ana.get(f"/conversations/current/export/{form}")
    bob = enter(shop, "bob")

    answered = await bring_in(bob, exported.body)

    assert answered.status == 303, answered.text
    assert answered.headers["location"] == f"/conversations/{NAME}"
    kept = folder_of(shop, "bob").path / "archive" / NAME / "history.txt"
    said = (folder.path / "history.txt").read_bytes()
    assert kept.read_bytes() == re.sub(rb"^(\[.*)$", rb"\1 imported=1", said, flags=re.MULTILINE)
    assert (await bob.get(f"/conversations/{NAME}")).status == 200


async def test_an_imported_conversation_continues_and_is_compacted(open_shop, upstream, users):
    app = open_shop(settings_for(upstream, "ok"), Scripted(["Notes or an answer."]))
    ana, folder = enter(app, "ana"), folder_of(app)
    lines = [
        Record(n, NOON - timedelta(days=1), "user" if n % 2 else "assistant", f"Order #W{n:07} and more of it. " * 10)
        for n in range(1, 401)
    ]
    await bring_in(ana, b"".join(map(print_record, lines)))
    (name,) = archive.names(folder)

    await ana.post(f"/conversations/{name}/open")
    answered = await ana.post("/messages", {"content": "Where were we?"})

    assert answered.status == 303
    assert versions.page(folder, count=1).records[0].number == 402
    await replies_of(app).compactor.settled(folder)
    assert (folder.path / "summary.txt").exists()


async def test_many_conversations_of_chatgpt_are_imported_at_once(ana, folder):
    told = [
        {
            "title": f"Talk {n}",
            "create_time": NOON.timestamp() - n * 3600,
            "current_node": "a",
            "mapping": {
                "q": {"parent": None, "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Hi"]}}},
                "a": {"parent": "q", "message": {"author": {"role": "assistant"}, "content": {"content_type": "text", "parts": ["Ho"]}}},
            },
        }
        for n in range(25)
    ]  # fmt: skip

    answered = await bring_in(ana, json.dumps(told).encode())

    assert (answered.status, answered.headers["location"]) == (303, "/conversations?imported=25")
    page = (await ana.get("/conversations?imported=25")).text
    assert re.findall(r"Talk \d+(?=</a>)", page) == [f"Talk {n}" for n in range(25)]
    assert "25 conversations imported." in page


@pytest.mark.parametrize("is_htmx", [True, False])
async def test_an_unimportable_file_is_refused_with_an_explanation(ana, folder, is_htmx):
    answered = await bring_in(ana, b"Hello", is_htmx=is_htmx)

    assert answered.status == 422
    assert "This is not a conversation" in answered.text
    assert not (folder.path / "archive").exists()


async def test_a_form_without_a_file_is_refused(ana):
    assert (await ana.post("/conversations/import")).status == 422
    assert (await bring_in(ana, b"", content_type="multipart/form-data")).status == 422


@pytest.mark.parametrize("tells_its_length", [True, False])
async def test_an_oversized_file_is_refused_after_the_whole_upload(ana, folder, tells_its_length):
    """A browser that is still sending would show a broken connection instead of the sentence."""
    headers = [("Content-Type", "multipart/form-data; boundary=xx")]
    headers += [("Content-Length", str(50 << 20))] if tells_its_length else []
    exchange = ana.exchange("POST", "/conversations/import", [], headers)
    for n in range(50):
        piece = form_with(b"")[:-10] if n == 0 else bytes(1 << 20)
        assert exchange._said.empty()
        exchange._heard.put_nowait({"type": "http.request", "body": piece, "more_body": n < 49})
        await asyncio.sleep(0.002)

    await exchange.begin()
    text = b"".join([piece async for piece in exchange.pieces()]).decode()
    await exchange.task

    assert exchange.status == 413
    assert "larger than 32 MB" in text


async def test_a_third_export_at_a_time_is_refused(shop, ana, folder):
    say(folder, "Hello")
    places = shop.extensions["storekeeper.web"].exports
    first, second = places.take("ana"), places.take("ana")

    refused = await ana.get("/conversations/current/export/md")
    second()
    allowed = [await ana.get(f"/conversations/current/export/{form}") for form in ("md", "json", "txt")]
    first()

    assert (refused.status, refused.headers["retry-after"]) == (429, "10")
    assert "Two of your exports" in refused.text
    assert [one.status for one in allowed] == [200, 200, 200]


async def test_so_many_files_are_imported_in_an_hour(open_shop, upstream, clock):
    limits = {"messages_per_minute": 0, "signups_per_hour": 0, "imports_per_hour": 2}
    app = open_shop(settings_for(upstream, "ok", limits=limits))
    ana, bob = enter(app, "ana"), enter(app, "bob")
    assert (await bring_in(ana, b"Hello")).status == 422
    assert (await bring_in(ana, HEAD)).status == 303

    refused = await bring_in(ana, HEAD)

    assert (refused.status, refused.headers["retry-after"]) == (429, "3601")
    assert "many files in the last hour" in refused.text
    assert (await bring_in(bob, HEAD)).status == 303
    clock.move(hours=1, seconds=1)
    assert (await bring_in(ana, HEAD)).status == 303


async def test_an_attempt_of_a_wrong_clock_locks_nobody_out(open_shop, upstream, clock):
    limits = {"messages_per_minute": 0, "signups_per_hour": 0, "imports_per_hour": 1}
    app = open_shop(settings_for(upstream, "ok", limits=limits))
    clock.move(days=400)
    assert (await bring_in(enter(app, "ana"), HEAD)).status == 303

    clock.move(days=-400)

    assert (await bring_in(enter(app, "ana"), HEAD)).status == 303


async def test_a_second_file_at_a_time_is_refused(ana, folder):
    lock = folder.try_lock(".import")

    refused = await bring_in(ana, HEAD)
    lock.release()

    assert refused.status == 429
    assert "Another of your files" in refused.text
    assert (await bring_in(ana, HEAD)).status == 303


@pytest.mark.parametrize("data", [HEAD, b"Hello"], ids=["good", "bad"])
async def test_who_leaves_an_import_makes_no_room_for_the_next(shop, ana, folder, data):
    turn = shop.extensions["storekeeper.web"].imports
    await turn.acquire()  # another's file is being read
    exchange = ana.exchange(
        "POST", "/conversations/import", [form_with(data)], [("Content-Type", "multipart/form-data; boundary=xx")]
    )
    async with asyncio.timeout(20):
        while not (folder.path / ".import").exists():
            await asyncio.sleep(0.002)
    exchange.leave()
    await asyncio.wait({exchange.task})

    refused = await bring_in(ana, HEAD)
    turn.release()

    assert refused.status == 429
    async with asyncio.timeout(20):
        while (await bring_in(ana, HEAD)).status == 429:
            await asyncio.sleep(0.05)
    assert archive.names(folder) == [NAME]


async def test_a_user_keeps_so_many_bytes(open_shop, upstream):
    limits = {"messages_per_minute": 0, "signups_per_hour": 0, "kept_bytes_per_person": 2_000_000}
    app = open_shop(settings_for(upstream, "ok", limits=limits))
    ana, folder = enter(app, "ana"), folder_of(app)
    said = [Record(n, NOON, "user", "word " * 10_000) for n in range(1, 31)]
    files = [
        b"".join(map(print_record, [replace(one, time=NOON - timedelta(days=n)) for one in said])) for n in range(3)
    ]
    assert (await bring_in(ana, files[0])).status == 303

    refused = await bring_in(ana, files[1])

    assert refused.status == 422
    assert "more than 2 MB" in refused.text
    assert len(archive.names(folder)) == 1
    assert (await bring_in(ana, files[0])).status == 303, "what is kept already takes no room"
    assert sorted(os.listdir(folder.path / "archive")) == archive.names(folder)


async def test_an_imported_message_is_marked_wherever_it_is_shown(open_shop, upstream):
    app = open_shop(settings_for(upstream, "ok", owner_reads_conversations=True))
    ana, bob = enter(app, "ana"), enter(app, "bob")
    promise = Record(2, NOON, "assistant", "The hammock is free for you.", "gpt", "stopped")
    await bring_in(bob, print_record(Record(1, NOON, "user", "Is the hammock free?")) + print_record(promise))
    await bob.post(f"/conversations/{NAME}/open")

    pages = [await bob.get("/"), await bob.get("/conversations/current"), await bob.get("/conversations?q=hammock")]
    pages.append(await ana.get("/admin/customers/bob/conversation"))

    assert [page.text.count("from an imported file") for page in pages] == [2, 2, 2, 2]
    assert "Continue" not in pages[0].text
    markdown = (await bob.get("/conversations/current/export/md")).text
    assert "## Assistant (gpt, from an imported file), 2026" in markdown or "(from an imported file)" in markdown
    exported = json.loads((await bob.get("/conversations/current/export/json")).body)
    assert [one["imported"] for one in exported["messages"]] == [1, 1]


async def test_an_imported_reply_is_not_continued_in_the_shops_name(ana, folder):
    promise = Record(2, NOON, "assistant", "The hammock is free, since", "gpt", "stopped")
    await bring_in(ana, HEAD + b"    Is it free?\n" + print_record(promise))
    await ana.post(f"/conversations/{NAME}/open")

    answered = await ana.send("/replies/continue", {"number": "2"})

    assert answered.status == 409
    assert "be continued. Ask again" in answered.text
    assert history.last_number(folder) == 2


IMPOSSIBLE = [
    "prompt=1 cached=0 completion=1 cost=NaN first=0.1 seconds=1.0 calls=1",
    "prompt=1 cached=0 completion=1 cost=1E%2B999 first=0.1 seconds=1.0 calls=1",
    "prompt=1 cached=0 completion=1 cost=0.1 first=inf seconds=1.0 calls=1",
    "prompt=1 cached=0 completion=1 cost=0.1 first=0.1 seconds=nan calls=1",
    f"prompt={'9' * 5000} cached=0 completion=1 cost=0.1 first=0.1 seconds=1.0 calls=1",
    "prompt=-1 cached=0 completion=1 cost=-0.1 first=-0.1 seconds=-1.0 calls=-1",
    "replaces=" + "9" * 5000,
    "replaces=999999999999999999",
]


@pytest.mark.parametrize("keys", IMPOSSIBLE, ids=[keys[:60] for keys in IMPOSSIBLE])
async def test_impossible_keys_break_no_page_and_lose_no_message(ana, folder, keys):
    """Written by hand, or kept before they were refused."""
    record = f"[2] 2026-11-23T12:00:00Z assistant ending=stop {keys}\n    Yes.\n"
    (folder.path / "history.txt").write_bytes(HEAD + b"    Hello\n" + record.encode())

    paths = ["/", "/conversations", "/conversations/current", "/conversations?q=yes", "/prompt", "/summary", "/usage"]
    answers = [
        await ana.get(path) for path in (*paths, *(f"/conversations/current/export/{form}" for form in ("md", "json")))
    ]

    assert [one.status for one in answers] == [200] * len(answers)
    assert (await ana.post("/messages", {"content": "Another question"})).status == 303
    assert "Another question" in (await ana.get("/")).text


@pytest.mark.parametrize("digits", [16, 17, 18, 20, 5000])
async def test_an_impossible_number_loses_no_message(ana, folder, digits):
    (folder.path / "history.txt").write_bytes(
        HEAD + b"    Hello\n" + f"[{'9' * digits}] 2026-11-23T12:00:00Z assistant\n    Yes.\n".encode()
    )

    for n in range(2):
        assert (await ana.post("/messages", {"content": f"Question {n}"})).status == 303

    shown = (await ana.get("/")).text
    assert "Question 0" in shown
    assert "Question 1" in shown


async def test_an_hourly_ledger_of_nonsense_breaks_no_page(ana, folder):
    lines = [
        f"2026-11-23T11:00:00Z,chat,luna,1,0,1,{cost},{seconds},stop"
        for cost, seconds in [("NaN", "1"), ("1E+999999", "1"), ("0.1", "inf"), ("-1", "nan")]
    ]
    head = "time,purpose,model,prompt_tokens,cached_tokens,completion_tokens,cost_usd,seconds,ending"
    (folder.path / "usage.csv").write_text(
        "\n".join([head, *lines, "2026-11-23T11:00:00Z,chat,luna," + "9" * 5000 + ",0,1,,1,stop", ""])
    )

    for path in ("/usage", "/admin/customers", "/admin/usage", "/admin/customers/ana"):
        assert (await ana.get(path)).status == 200, path


@pytest.mark.parametrize("path", ["/messages", "/summary", "/conversations/new/import"])
async def test_only_an_import_may_be_large(ana, path):
    for headers in ([("Content-Length", str(1 << 20))], []):
        fields = [("Content-Type", "application/x-www-form-urlencoded"), *headers]
        assert (await ana.ask("POST", path, [bytes(1 << 19)] * 2, fields)).status in (404, 413)
    assert MOST_BYTES == 32 << 20


@pytest.mark.parametrize(
    "path", ["conversations", "conversations?q=x", *(f"conversations/{NAME}{end}" for end in NAMED)]
)
async def test_nobody_reads_without_a_login(nobody, path):
    answered = await nobody.get(f"/{path}")

    assert (answered.status, answered.headers["location"]) == (303, "/login")


@pytest.mark.parametrize(("path", "form"), UNSAFE)
async def test_nobody_changes_without_a_login_and_nothing_by_get(nobody, ana, folder, path, form):
    say(folder, "Mine")
    archive.set_aside(folder)

    assert (await nobody.post(f"/{path}", form)).headers["location"] == "/login"
    await ana.get(f"/{path}")

    assert archive.names(folder) == [NAME]
    assert listing.describe(folder, NAME).title == "Mine"


@pytest.mark.parametrize("end", NAMED)
@pytest.mark.parametrize("name", [NAME, "20200101T000000Z", "account.toml", "..%2Fbob", "x" * 300])
async def test_what_is_anothers_or_absent_is_the_same_404(shop, ana, end, name):
    say(folder_of(shop, "bob"), "Bob's")
    archive.set_aside(folder_of(shop, "bob"))

    answered = await ana.get(f"/conversations/{name}{end}")

    assert (answered.status, "Page not found" in answered.text) == (404, True)
    assert "Bob" not in answered.text


@pytest.mark.parametrize(("path", "form"), UNSAFE[2:5])
async def test_what_is_anothers_or_absent_is_not_changed(shop, ana, path, form):
    bobs = folder_of(shop, "bob")
    say(bobs, "Bob's")
    archive.set_aside(bobs)

    assert (await ana.post(f"/{path}", form)).status == 404
    assert (await ana.send(f"/{path}", form)).status == 404

    assert [one.title for one in listing.set_aside(bobs)] == ["Bob's"]


async def test_the_current_one_is_not_there_before_something_was_said(ana):
    for end in NAMED:
        assert (await ana.get(f"/conversations/current{end}")).status == 404
    assert "No messages yet" in (await ana.get("/conversations")).text


async def test_what_cannot_be_done_now_is_told_and_not_done(ana, folder):
    say(folder, "Mine")
    archive.set_aside(folder)

    with folder.lock():
        deleted, renamed, arrived = await asyncio.gather(
            ana.post(f"/conversations/{NAME}/delete"),
            ana.send(f"/conversations/{NAME}/rename", {"title": "x"}),
            bring_in(ana, print_record(Record(1, NOON - timedelta(days=1), "user", "Another"))),
        )

    assert [answered.status for answered in (deleted, renamed, arrived)] == [503, 503, 503]
    assert "Please try again in a moment" in deleted.text
    assert [one.title for one in listing.set_aside(folder)] == ["Mine"]
