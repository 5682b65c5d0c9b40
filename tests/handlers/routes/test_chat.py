"""Tests of the conversation's routes, each asked by htmx and by a plain form: what is answered, and what is on the disk then."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from quart import Quart

from completions.stream import Finished, Thinking, Usage
from handlers.pages.conversation_page import PAGE_MESSAGES
from handlers.replies.live import LiveReply
from memory.conversations import history
from memory.conversations.records import Record, print_record
from memory.conversations.turns import ReplyId
from memory.storage.folders import Folder
from memory.storage.users import Users
from memory.usage import ledger
from memory.usage.ledger import LedgerEntry
from tests.conftest import Open, enter, replies_of, services_of, settings_for
from tests.handlers.replies.test_turn import records
from tests.support.shop import NOON, Answered, Clock, Script, Scripted, Visitor, settings_of
from tests.support.sse import Element, Screen, events, parse
from tests.support.talk import bring_in
from tests.support.upstream import MARKDOWN, Upstream

QUESTION = "Do you have <b>blue</b> mugs?"
FIRST = "2-20261123T120000Z"
DONE = b"event: done\ndata: done\n\n"
WAYS = pytest.mark.parametrize("way", ["htmx", "form"])


@pytest.fixture
def folder(users: Users) -> Folder:
    return users.folder("ana")


@pytest.fixture
def gate() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
async def busy(open_shop: Open, gate: asyncio.Event, folder: Folder) -> AsyncIterator[Visitor]:
    """Ana's browser while a reply to her is being written: it goes on when the gate is opened."""
    ana = enter(open_shop(settings_of({"luna": None}), Scripted(["Half", gate, " and whole"])), "ana")
    assert (await ana.send("/messages", {"content": "First?", "after": 0})).status == 200
    yield ana
    gate.set()
    await settled(ana)


async def settled(visitor: Visitor) -> None:
    """Wait until no reply is being written."""
    async with asyncio.timeout(5):
        while await replies_of(visitor.app).answering(services_of(visitor.app).users.folder("ana")):
            await asyncio.sleep(0.01)


async def ask(visitor: Visitor, way: str, path: str, form: dict[str, object] | None = None) -> Answered:
    send = visitor.send if way == "htmx" else visitor.post
    return await send(path, form or {})


async def talk(visitor: Visitor, *questions: str) -> None:
    """Ask by the plain form, which waits for each answer."""
    for question in questions:
        assert (await visitor.post("/messages", {"content": question})).status == 303


async def page_of(visitor: Visitor) -> Element:
    answered = await visitor.get("/")
    assert answered.status == 200, answered.text
    return parse(answered.text)


def log_of(page: Element) -> list[tuple[str, str]]:
    """Return who says what by a page or a fragment: the words of each bubble."""
    found = list[tuple[str, str]]()
    for element in page.by_class("message"):
        role = "user" if "user" in (element.attributes["class"] or "") else "assistant"
        words = [text.text for text in element.by_class("text")]
        found.append((role, words[0].strip() if words else ""))
    return found


def told(answered: Answered) -> str:
    """Return the notice that a refusal shows, whole page or fragment."""
    return " ".join(notice.text for notice in parse(answered.text).by_class("notice") if notice.tag == "p").strip()


def refused(answered: Answered, way: str, status: int, words: str, typed: str) -> None:
    """The refusal says why; by htmx it touches nothing but the notice, as a page it keeps what was typed."""
    assert answered.status == status
    page = parse(answered.text)
    assert words in " ".join(found.text for found in page.by_class("notice"))
    if way == "htmx":
        targets = {part.attributes["hx-target"] for part in page.by_tag("hx-partial")}
        assert targets == {"#notice"}
    else:
        box = page.find("content")
        assert box is not None
        assert box.text == typed


# The page


async def test_an_empty_conversation_has_a_box_and_no_message(ana: Visitor) -> None:
    page = await page_of(ana)

    assert log_of(page) == []
    assert page.find("composer").attributes["action"] == "/messages"
    assert page.find("after").attributes["value"] == "0"
    assert page.find("send") is not None
    assert page.find("stop") is None


@WAYS
async def test_nobody_is_sent_to_the_login(nobody: Visitor, way: str) -> None:
    answered = await nobody.get("/", HX_Request="true" if way == "htmx" else "")

    if way == "htmx":
        assert (answered.status, answered.headers["hx-redirect"], answered.body) == (401, "/login", b"")
    else:
        assert (answered.status, answered.headers["location"]) == (303, "/login")


async def test_a_page_shows_the_newest_messages_and_a_way_to_the_older(ana: Visitor, folder: Folder) -> None:
    many = [Record(n, NOON, "user" if n % 2 else "assistant", f"text {n}", ending=None) for n in range(1, 51)]
    (folder.path / "history.txt").write_bytes(b"".join(print_record(record) for record in many))
    page = await page_of(ana)
    assert [text for _, text in log_of(page)] == [f"text {n}" for n in range(31, 51)]
    assert [a.attributes["href"] for a in page.by_class("more")[0].by_tag("a")] == ["/history?before=31"]

    older = await ana.get("/history?before=31", HX_Request="true")
    whole = await ana.get("/history?before=31")
    oldest = await ana.get("/history?before=11", HX_Request="true")

    assert [text for _, text in log_of(parse(older.text))] == [f"text {n}" for n in range(11, 31)]
    assert "<html" not in older.text
    assert log_of(parse(whole.text)) == log_of(parse(older.text))
    assert [text for _, text in log_of(parse(oldest.text))] == [f"text {n}" for n in range(1, 11)]
    assert "/history" not in oldest.text
    assert PAGE_MESSAGES == 20


@pytest.mark.parametrize("before", ["", "abc", "-1", "0", "1", "99999999999999999999999", "1.5", "1&before=2"])
async def test_any_number_of_an_older_page_is_answered(ana: Visitor, before: str) -> None:
    await talk(ana, "One?")

    assert (await ana.get(f"/history?before={before}", HX_Request="true")).status == 200
    assert (await ana.get(f"/history?before={before}")).status == 200
    assert (await ana.get(f"/?before={before}")).status == 200


async def test_a_page_in_mid_reply_shows_the_words_so_far_and_follows(busy: Visitor, gate: asyncio.Event) -> None:
    page = await page_of(busy)

    assert log_of(page) == [("user", "First?"), ("assistant", "Half")]
    assert page.find("message-2").attributes["aria-busy"] == "true"
    assert f'hx-sse:connect="/replies/{FIRST}"' in page.print()
    assert (page.find("send"), page.find("stop").tag) == (None, "button")
    assert page.find("after").attributes["value"] == "2"
    assert page.by_tag("noscript") != []
    gate.set()
    await settled(busy)
    page = await page_of(busy)
    assert log_of(page) == [("user", "First?"), ("assistant", "Half and whole")]
    assert page.by_tag("noscript") == []


# A message


async def test_a_message_returns_its_bubble_and_one_that_follows(ana: Visitor, folder: Folder) -> None:
    answered = await ana.send("/messages", {"content": QUESTION, "after": 0})
    page = parse(answered.text)

    assert answered.status == 200
    assert log_of(page) == [("user", QUESTION), ("assistant", "")]
    assert "&lt;b&gt;blue" in answered.text
    assert "<html" not in answered.text
    assert f'hx-sse:connect="/replies/{FIRST}"' in answered.text
    assert records(folder)[0] == Record(1, NOON, "user", QUESTION)
    await settled(ana)


async def test_a_plain_form_waits_for_the_reply_and_redirects(ana: Visitor, folder: Folder) -> None:
    answered = await ana.post("/messages", {"content": QUESTION})

    assert (answered.status, answered.headers["location"]) == (303, "/")
    assert [record.text for record in records(folder)] == [QUESTION, "Hello world"]
    assert log_of(await page_of(ana)) == [("user", QUESTION), ("assistant", "Hello world")]


async def test_streamed_and_awaited_replies_are_the_same(open_shop: Open, upstream: Upstream, users: Users) -> None:
    shop = open_shop(settings_for(upstream, "say"))
    ana, bob = enter(shop, "ana"), enter(shop, "bob")
    asked = await ana.send("/messages", {"content": QUESTION, "after": 0})
    screen = Screen((await ana.get("/")).text)
    stream = await ana.follow(FIRST)
    await bob.post("/messages", {"content": QUESTION})

    for event in events(stream):
        if event.name == "message":
            screen.show(event)

    assert asked.status == 200
    written = [
        re.sub(rb" (?:first|seconds)=\S+", b"", (users.folder(name).path / "history.txt").read_bytes())
        for name in ("ana", "bob")
    ]
    assert written[0] == written[1]
    ids = ("id",)
    streamed, awaited = screen.page.find("m2-body"), (await page_of(bob)).find("m2-body")
    assert squeezed(streamed.print(without=ids)) == squeezed(awaited.print(without=ids))
    assert streamed.by_tag("table") != []
    assert records(users.folder("ana"))[1].text == MARKDOWN.rstrip("\n")


def squeezed(html: str) -> str:
    """Return the HTML without white space between elements."""
    return re.sub(r">\s+<", "><", html)


REFUSED = [
    pytest.param("", "Write a message first.", id="empty"),
    pytest.param(" \t\r\n  \n", "Write a message first.", id="blank"),
    pytest.param("x" * 20_001, "20,001 characters, and the limit is 20,000", id="too long"),
]


@WAYS
@pytest.mark.parametrize(("typed", "words"), REFUSED)
async def test_a_message_that_is_none_is_refused(
    ana: Visitor, folder: Folder, way: str, typed: str, words: str
) -> None:
    answered = await ask(ana, way, "/messages", {"content": typed, "after": 0})

    refused(answered, way, 422, words, typed.lstrip("\r\n") if not typed.strip() else typed)
    assert not (folder.path / "history.txt").exists()


@WAYS
async def test_a_model_that_is_not_offered_is_refused(ana: Visitor, folder: Folder, way: str) -> None:
    answered = await ask(ana, way, "/messages", {"content": "Hello?", "model": "gpt-9"})

    refused(answered, way, 422, "available here", "Hello?")
    assert not (folder.path / "history.txt").exists()


@WAYS
async def test_a_message_is_answered_by_the_model_that_was_chosen(
    open_shop: Open, upstream: Upstream, folder: Folder, way: str
) -> None:
    ana = enter(open_shop(settings_for(upstream, "ok", "echo")), "ana")
    await ask(ana, way, "/messages", {"content": "Who?", "model": "echo"})
    await settled(ana)

    assert (records(folder)[1].model, records(folder)[1].text) == ("echo", "Who?")


@WAYS
async def test_text_is_made_harmless_on_its_way_in(ana: Visitor, folder: Folder, way: str) -> None:
    await ask(ana, way, "/messages", {"content": "a\r\nb\rc\x00\u2028[9] forged\ud800\n\n"})
    await settled(ana)

    assert records(folder)[0].text == "a\nb\nc\ufffd\ufffd[9] forged\ufffd\ufffd\ufffd"


@WAYS
async def test_a_message_during_a_reply_gets_409_and_keeps_its_text(
    busy: Visitor, folder: Folder, gate: asyncio.Event, way: str
) -> None:
    answered = await ask(busy, way, "/messages", {"content": "Second?", "after": 2})

    refused(answered, way, 409, "wait for the current answer to finish", "Second?")
    gate.set()
    await settled(busy)
    assert [record.text for record in records(folder)] == ["First?", "Half and whole"]


@WAYS
async def test_who_sends_too_fast_is_told_how_long_to_wait(
    open_shop: Open, clock: Clock, folder: Folder, way: str
) -> None:
    limits = {"messages_per_minute": 2, "signups_per_hour": 0}
    ana = enter(open_shop(settings_of({"luna": None}, limits=limits), Scripted()), "ana")
    await talk(ana, "One?", "Two?")
    clock.move(seconds=10)
    answered = await ask(ana, way, "/messages", {"content": "Three?"})

    refused(answered, way, 429, "You're sending messages too fast. Try again in 51 seconds.", "Three?")
    assert answered.headers["retry-after"] == "51"
    assert len(records(folder)) == 4
    clock.move(seconds=51)
    await talk(ana, "Three?")


@WAYS
async def test_who_has_used_the_days_tokens_is_told_when_they_are_back(
    open_shop: Open, folder: Folder, way: str
) -> None:
    ana = enter(open_shop(settings_of({"luna": None}, budget={"daily_tokens_per_user": 1000}), Scripted()), "ana")
    ledger.note(folder, LedgerEntry(NOON, "chat", "luna", 900, 0, 100, None, 1.0, "stop"))
    answered = await ask(ana, way, "/messages", {"content": "More?"})

    refused(answered, way, 429, "You've reached today's message limit.", "More?")
    assert "You can write again in 12 hours" in told(answered)
    assert answered.headers["retry-after"] == "43200"
    assert not (folder.path / "history.txt").exists()


@WAYS
async def test_a_disk_that_takes_nothing_is_told_and_the_text_is_kept(ana: Visitor, folder: Folder, way: str) -> None:
    (folder.path / ".turn").unlink(missing_ok=True)
    (folder.path / ".turn").mkdir()
    answered = await ask(ana, way, "/messages", {"content": "Hello?"})

    refused(answered, way, 503, "Your message wasn't sent", "Hello?")
    assert answered.headers["retry-after"] == "5"
    (folder.path / ".turn").rmdir()
    await talk(ana, "Hello?")


@WAYS
async def test_a_process_that_goes_down_takes_no_message(shop: Quart, ana: Visitor, folder: Folder, way: str) -> None:
    await replies_of(shop).close(1)
    answered = await ask(ana, way, "/messages", {"content": "Hello?"})

    refused(answered, way, 503, "restarting", "Hello?")
    assert answered.headers["retry-after"] == "3"
    assert not (folder.path / "history.txt").exists()


@WAYS
async def test_the_same_message_sent_twice_at_once_is_one_message(
    open_shop: Open, gate: asyncio.Event, folder: Folder, way: str
) -> None:
    model = Scripted(["Half", gate, " and whole"])
    ana = enter(open_shop(settings_of({"luna": None}), model), "ana")
    form = {"content": QUESTION, "after": 0}
    sending = [asyncio.create_task(ask(ana, way, "/messages", dict(form))) for _ in range(5)]
    await asyncio.sleep(0.2)
    gate.set()
    answered = await asyncio.gather(*sending)
    await settled(ana)

    assert {one.status for one in answered} == {200 if way == "htmx" else 303}
    assert [record.text for record in records(folder)] == [QUESTION, "Half and whole"]
    assert len(model.requests) == 1
    if way == "htmx":
        assert all(f"/replies/{FIRST}" in one.text for one in answered)


@WAYS
async def test_the_same_message_sent_again_later_is_not_asked_again(ana: Visitor, folder: Folder, way: str) -> None:
    form: dict[str, object] = {"content": QUESTION, "after": 0}
    await ask(ana, way, "/messages", dict(form))
    await settled(ana)
    again = await ask(ana, way, "/messages", dict(form))

    assert again.status == (200 if way == "htmx" else 303)
    assert len(records(folder)) == 2
    assert (await ask(ana, "form", "/messages", {"content": QUESTION, "after": 2})).status == 303
    assert len(records(folder)) == 4, "the same words said anew are a message"


async def test_a_tab_that_has_missed_something_is_loaded_anew(ana: Visitor, folder: Folder) -> None:
    await talk(ana, "One?")
    answered = await ana.send("/messages", {"content": "Two?", "after": 0})

    assert (answered.status, answered.headers["hx-redirect"]) == (200, "/")
    await settled(ana)
    assert [record.text for record in records(folder)][2] == "Two?"


# Answer again, continue, edit


@WAYS
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/replies/again", "There are no messages yet."),
        ("/replies/continue", "There are no messages yet."),
        ("/messages/1/edit", "That message no longer exists."),
    ],
)
async def test_in_an_empty_conversation_there_is_nothing_to_do(
    ana: Visitor, folder: Folder, way: str, path: str, words: str
) -> None:
    answered = await ask(ana, way, path, {"content": "Changed?"})

    refused(answered, way, 409, words, "Changed?" if "edit" in path else "")
    assert not (folder.path / "history.txt").exists()


@WAYS
@pytest.mark.parametrize("form", [{}, {"number": 2}])
async def test_a_reply_is_made_again_in_the_place_of_the_old_one(
    open_shop: Open, folder: Folder, way: str, form: dict[str, object]
) -> None:
    ana = enter(open_shop(settings_of({"luna": None}), Scripted(["Old"], ["New"])), "ana")
    await talk(ana, "One?")
    answered = await ask(ana, way, "/replies/again", form)
    await settled(ana)

    assert answered.status == (200 if way == "htmx" else 303)
    if way == "htmx":
        assert log_of(parse(answered.text)) == [("assistant", "")]
        assert '<hx-partial hx-target="#message-2" hx-swap="delete">' in answered.text
    assert [(record.text, record.replaces) for record in records(folder)] == [("One?", None), ("Old", None), ("New", 2)]
    assert log_of(await page_of(ana)) == [("user", "One?"), ("assistant", "New")]


@WAYS
@pytest.mark.parametrize("path", ["/replies/again", "/replies/continue"])
@pytest.mark.parametrize("number", [1, 2, 5, 0])
async def test_a_stale_action_changes_nothing_and_updates_the_view(
    open_shop: Open, folder: Folder, way: str, path: str, number: int
) -> None:
    ana = enter(open_shop(settings_of({"luna": None}), Scripted(["Half", RuntimeError()], ["Whole"])), "ana")
    await talk(ana, "One?", "Two?")
    before = records(folder)
    answered = await ask(ana, way, path, {"number": number})

    assert answered.status == 409
    assert "was continued in another tab" in told(answered)
    assert log_of(parse(answered.text)) == log_of(await page_of(ana))
    assert records(folder) == before
    assert len(before) == 4
    assert ("<html" in answered.text) == (way == "form")


async def test_a_stale_button_during_a_reply_shows_that_reply(busy: Visitor, gate: asyncio.Event) -> None:
    answered = await busy.send("/replies/again", {"number": 7})

    assert answered.status == 409
    page = parse(answered.text)
    assert log_of(page) == [("user", "First?"), ("assistant", "Half")]
    assert f'hx-sse:connect="/replies/{FIRST}"' in answered.text
    assert page.find("stop") is not None
    assert page.find("after").attributes["value"] == "2"


@WAYS
@pytest.mark.parametrize("path", ["/replies/again", "/replies/continue", "/messages/1/edit"])
async def test_two_concurrent_tabs_replace_nothing_either_has_not_seen(
    open_shop: Open, folder: Folder, way: str, path: str
) -> None:
    """A button is pressed while the other tab holds the turn: what that tab says stays, and is shown here."""
    ana = enter(open_shop(settings_of({"luna": None}), Scripted(["Half", RuntimeError()])), "ana")
    await talk(ana, "One?")
    other = folder.try_lock(".turn")
    assert other is not None
    pressed = asyncio.create_task(ask(ana, way, path, {"number": 2, "after": 2, "content": "Changed?"}))
    await asyncio.sleep(0.1)  # it waits for the turn now, and has looked at all that it looks at before
    history.append(folder, lambda number: Record(number, NOON, "user", "Two?"))
    history.append(folder, lambda number: Record(number, NOON, "assistant", "Two.", ending="stop"))
    before = records(folder)
    other.release()
    answered = await pressed

    assert answered.status == 409
    assert "was continued in another tab" in told(answered)
    assert records(folder) == before
    if "edit" not in path:
        assert log_of(parse(answered.text))[2:] == [("user", "Two?"), ("assistant", "Two.")]


@WAYS
async def test_a_button_pressed_twice_is_done_once(open_shop: Open, folder: Folder, way: str) -> None:
    ana = enter(open_shop(settings_of({"luna": None}), Scripted(["Old"], ["New"])), "ana")
    await talk(ana, "One?")
    first = await ask(ana, way, "/replies/again", {"number": 2})
    await settled(ana)
    second = await ask(ana, way, "/replies/again", {"number": 2})

    assert (first.status, second.status) == (200 if way == "htmx" else 303, 409)
    assert len(records(folder)) == 3


@WAYS
async def test_a_message_that_was_never_answered_can_be(ana: Visitor, folder: Folder, way: str) -> None:
    (folder.path / "history.txt").write_bytes(print_record(Record(1, NOON, "user", "One?")))
    form = (await page_of(ana)).find("unanswered").by_tag("form")[0]
    assert form.attributes["action"] == "/replies/again"
    (field,) = form.by_tag("input")
    assert (field.attributes["name"], field.attributes["value"]) == ("number", "1")

    answered = await ask(ana, way, "/replies/again", {"number": 1})
    await settled(ana)

    assert answered.status == (200 if way == "htmx" else 303)
    if way == "htmx":
        assert '<hx-partial hx-target="#unanswered" hx-swap="delete">' in answered.text
    assert log_of(await page_of(ana)) == [("user", "One?"), ("assistant", "Hello world")]


@WAYS
async def test_a_cut_reply_goes_on_where_it_ended(open_shop: Open, folder: Folder, way: str) -> None:
    ana = enter(open_shop(settings_of({"luna": None}), Scripted(["Half", RuntimeError()], [" and whole"])), "ana")
    await talk(ana, "One?")
    shown = (await page_of(ana)).find("message-2")
    numbers = [field.attributes["value"] for field in shown.by_tag("input") if field.attributes["name"] == "number"]
    assert numbers == ["2", "2"], "Continue and Answer again name their message"
    answered = await ask(ana, way, "/replies/continue", {"number": 2})
    await settled(ana)

    assert answered.status == (200 if way == "htmx" else 303)
    if way == "htmx":
        assert log_of(parse(answered.text)) == [("assistant", "Half")]
    assert (records(folder)[-1].text, records(folder)[-1].replaces) == ("Half and whole", 2)


@WAYS
async def test_a_whole_reply_has_nothing_to_go_on_with(ana: Visitor, folder: Folder, way: str) -> None:
    await talk(ana, "One?")
    answered = await ask(ana, way, "/replies/continue", {"number": 2})

    refused(answered, way, 409, "The last answer is already complete.", "")
    assert len(records(folder)) == 2


@WAYS
async def test_an_edited_question_is_asked_in_the_place_of_the_old_one(
    open_shop: Open, upstream: Upstream, folder: Folder, way: str
) -> None:
    ana = enter(open_shop(settings_for(upstream, "echo")), "ana")
    await talk(ana, "One?", "Two?")
    answered = await ask(ana, way, "/messages/1/edit", {"content": "Three?", "after": 4})
    await settled(ana)

    if way == "htmx":
        assert (answered.status, answered.headers["hx-redirect"]) == (200, "/")
    else:
        assert (answered.status, answered.headers["location"]) == (303, "/")
    assert log_of(await page_of(ana)) == [("user", "Three?"), ("assistant", "Three?")]
    assert [(record.text, record.replaces) for record in records(folder)][4] == ("Three?", 1)


@WAYS
@pytest.mark.parametrize(("typed", "words"), REFUSED)
async def test_an_edit_to_nothing_is_refused(ana: Visitor, folder: Folder, way: str, typed: str, words: str) -> None:
    await talk(ana, "One?")
    answered = await ask(ana, way, "/messages/1/edit", {"content": typed})

    refused(answered, way, 422, words, typed.lstrip("\r\n") if not typed.strip() else typed)
    assert len(records(folder)) == 2


@WAYS
@pytest.mark.parametrize("number", ["2", "3", "99", "0"])
async def test_only_a_question_that_stands_can_be_edited(ana: Visitor, folder: Folder, way: str, number: str) -> None:
    await talk(ana, "One?")
    answered = await ask(ana, way, f"/messages/{number}/edit", {"content": "Changed?"})

    refused(answered, way, 409, "no longer exists", "Changed?")
    assert len(records(folder)) == 2


@WAYS
async def test_an_edit_replaces_nothing_that_its_page_does_not_show(ana: Visitor, folder: Folder, way: str) -> None:
    await talk(ana, "One?", "Two?")
    answered = await ask(ana, way, "/messages/1/edit", {"content": "Changed?", "after": 2})

    refused(answered, way, 409, "was continued in another tab", "Changed?")
    assert len(records(folder)) == 4


@WAYS
@pytest.mark.parametrize("path", ["/replies/again", "/replies/continue", "/messages/1/edit"])
async def test_nothing_is_made_anew_while_a_reply_is_being_written(
    busy: Visitor, folder: Folder, way: str, path: str
) -> None:
    answered = await ask(busy, way, path, {"content": "Changed?", "after": 2})

    refused(answered, way, 409, "wait for the current answer to finish", "Changed?" if "edit" in path else "")
    assert len(records(folder)) == 1


@pytest.mark.parametrize("number", ["x", "", "1.0", "-1"])
async def test_a_message_of_no_number_is_not_here(ana: Visitor, number: str) -> None:
    assert (await ana.send(f"/messages/{number}/edit", {"content": "x"})).status in (404, 405)


# Stop


async def test_stop_by_htmx_keeps_the_half_written_reply(busy: Visitor, folder: Folder) -> None:
    answered = await busy.send(f"/replies/{FIRST}/stop")
    await settled(busy)

    assert (answered.status, answered.body) == (204, b"")
    assert [(record.text, record.ending) for record in records(folder)] == [("First?", None), ("Half", "stopped")]
    page = await page_of(busy)
    assert "Answer stopped." in page.find("message-2").text
    assert {button.text for button in page.find("message-2").by_tag("button") if button.text} == {
        "Continue",
        "Answer again",
    }


async def test_a_plain_stop_redirects_once_the_reply_is_saved(busy: Visitor, folder: Folder) -> None:
    answered = await busy.post(f"/replies/{FIRST}/stop", Sec_Fetch_Mode="navigate")

    assert (answered.status, answered.headers["location"]) == (303, "/")
    assert records(folder)[1].ending == "stopped"


async def test_stop_by_a_program_is_answered_without_a_page(busy: Visitor, folder: Folder) -> None:
    assert (await busy.post(f"/replies/{FIRST}/stop")).status == 204
    assert records(folder)[1].ending == "stopped"


OTHERS = [
    pytest.param("3-20261123T120000Z", id="another number"),
    pytest.param("2-20261123T120001Z", id="of another conversation"),
    pytest.param("1-20261123T120000Z", id="a question"),
    pytest.param("2", id="no time"),
    pytest.param("nothing", id="no name"),
    pytest.param("२-20261123T120000Z", id="other digits"),
    pytest.param("9" * 30 + "-20261123T120000Z", id="a huge number"),
    pytest.param("2-20261399T996699Z", id="no such time"),
]


@WAYS
@pytest.mark.parametrize("reply_id", OTHERS)
async def test_stopping_what_is_not_there_changes_nothing(
    busy: Visitor, folder: Folder, gate: asyncio.Event, way: str, reply_id: str
) -> None:
    assert (await ask(busy, way, f"/replies/{reply_id}/stop")).status == 204

    gate.set()
    await settled(busy)
    assert records(folder)[1].text == "Half and whole"


@WAYS
async def test_one_user_cannot_stop_anothers_reply(
    busy: Visitor, folder: Folder, gate: asyncio.Event, way: str
) -> None:
    bob = enter(busy.app, "bob")
    assert (await ask(bob, way, f"/replies/{FIRST}/stop")).status == 204

    gate.set()
    await settled(busy)
    assert records(folder)[1].ending == "stop"


# The stream


async def test_a_stream_reports_thinking_and_shows_no_thoughts(open_shop: Open) -> None:
    gate = asyncio.Event()
    script: Script = [Thinking("SECRET"), gate, "Hello", Usage(2_000, 9), Finished("stop")]
    ana = enter(open_shop(settings_of({"luna": None}), Scripted(script)), "ana")
    await ana.send("/messages", {"content": "Hi"})
    reply = await replies_of(ana.app).find(services_of(ana.app).users.folder("ana"), ReplyId(2, NOON))
    assert isinstance(reply, LiveReply)
    while not reply.is_thinking:
        await reply.changed(reply.version)
    async with ana.following(FIRST) as pieces:
        first = await anext(pieces)
        gate.set()
        rest = b"".join([piece async for piece in pieces])

    assert [event.name for event in events(first)] == ["here", "thinking"]
    assert b"Hello" in rest
    assert b"SECRET" not in first + rest


async def test_a_stream_shows_text_so_far_then_more_then_the_bubble(busy: Visitor, gate: asyncio.Event) -> None:
    screen = Screen((await busy.get("/")).text)
    async with busy.following(FIRST) as pieces:
        first = await anext(pieces) + await anext(pieces)
        screen.show(events(first)[1])
        assert screen.page.find("m2-body").text.strip() == "Half"
        gate.set()
        rest = b"".join([piece async for piece in pieces])
    shown = events(first + rest)
    for event in shown[2:-1]:
        screen.show(event)

    assert (shown[0].name, shown[-1].name) == ("here", "done")
    numbers = [int(event.id) for event in shown if event.name == "message"]
    assert numbers == sorted(numbers)
    assert log_of(screen.page) == log_of(await page_of(busy)) == [("user", "First?"), ("assistant", "Half and whole")]
    assert "aria-busy" not in screen.page.find("message-2").attributes
    assert screen.page.find("send") is not None
    assert "hx-sse" not in screen.page.print()


async def test_a_stream_is_never_kept_nor_held_back(ana: Visitor) -> None:
    await talk(ana, "One?")
    answered = await ana.get(f"/replies/{FIRST}")

    assert answered.status == 200
    assert answered.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answered.headers["cache-control"] == "no-store, no-transform"
    assert answered.headers["x-accel-buffering"] == "no"
    assert "content-length" not in answered.headers


@pytest.mark.parametrize("last_id", ["", "0", "1", "999999999999", "-1", "abc", "1\u00e9"])
async def test_a_finished_replys_stream_shows_it_for_any_last_event_id(ana: Visitor, last_id: str) -> None:
    await talk(ana, "One?")
    answered = await ana.get(f"/replies/{FIRST}", Last_Event_ID=last_id)

    shown = events(answered.body)
    assert [event.name for event in shown] == ["message", "done"]
    assert log_of(parse(shown[0].data)) == [("assistant", "Hello world")]


@pytest.mark.parametrize("reply_id", OTHERS)
async def test_the_stream_of_what_is_no_reply_ends_at_once(ana: Visitor, reply_id: str) -> None:
    await talk(ana, "One?")
    answered = await ana.get(f"/replies/{reply_id}")

    assert (answered.status, answered.body) == (200, DONE)


async def test_anothers_reply_is_the_same_as_none(busy: Visitor, gate: asyncio.Event) -> None:
    bob = enter(busy.app, "bob")
    while_written = await bob.get(f"/replies/{FIRST}")
    gate.set()
    await settled(busy)
    after = await bob.get(f"/replies/{FIRST}")
    absent = await bob.get("/replies/9-20261123T120000Z")

    assert while_written.body == after.body == absent.body == DONE
    assert while_written.status == after.status == absent.status == 200
    assert log_of(await page_of(bob)) == []


async def test_nobodys_stream_ends_and_does_not_redirect(ana: Visitor, nobody: Visitor) -> None:
    await talk(ana, "One?")
    answered = await nobody.get(f"/replies/{FIRST}", Accept="text/event-stream")

    assert (answered.status, answered.body) == (200, DONE)
    assert answered.headers["content-type"] == "text/event-stream; charset=utf-8"


# What changes nothing


@pytest.mark.parametrize(
    "path", ["/messages", "/messages/1/edit", "/replies/again", "/replies/continue", f"/replies/{FIRST}/stop"]
)
async def test_what_changes_something_is_never_asked_by_a_link(ana: Visitor, folder: Folder, path: str) -> None:
    await talk(ana, "One?")
    answered = await ana.get(path)

    assert answered.status in (404, 405) or answered.body == DONE
    assert len(records(folder)) == 2


async def test_a_page_is_only_looked_at(ana: Visitor, folder: Folder) -> None:
    await talk(ana, "One?")
    before = {path.name: path.read_bytes() for path in folder.path.iterdir() if path.suffix}
    for path in ("/", "/history?before=2", f"/replies/{FIRST}", "/ruler", "/prompt"):
        await ana.get(path, HX_Request="true")

    assert {path.name: path.read_bytes() for path in folder.path.iterdir() if path.suffix} == before


async def test_a_user_who_is_gone_is_nobody(ana: Visitor, users: Users) -> None:
    await talk(ana, "One?")
    users.folder("ana").path.rename(users.root / "was-ana")

    assert (await ana.post("/messages", {"content": "Two?"})).headers["location"] == "/login"
    assert not users.folder("ana").path.exists()


# The catalogue


async def test_the_page_of_a_shop_without_a_model_names_the_source(open_shop: Open) -> None:
    app = open_shop(settings_of({}, chat=["catalogue"], summariser=["catalogue"]))

    owners, customers = await page_of(enter(app, "ana")), await page_of(enter(app, "bob"))

    assert "Answers come straight from the shop's data." in customers.by_class("banner")[0].text
    assert "Connect an AI model" in owners.by_class("banner")[0].text
    assert "Connect an AI model" not in customers.by_class("banner")[0].text


async def test_with_a_model_there_is_no_banner(ana: Visitor) -> None:
    assert (await page_of(ana)).by_class("banner") == []


async def test_numbers_of_a_long_conversation_are_found_by_its_file(ana: Visitor, folder: Folder) -> None:
    await talk(ana, "One?", "Two?")

    assert history.last_number(folder) == 4
    assert [f"message-{n}" for n in (1, 2, 3, 4)] == [
        element.attributes["id"] for element in (await page_of(ana)).by_class("message")
    ]
    assert (await ana.get(f"/replies/4-{NOON:%Y%m%dT%H%M%SZ}")).body != DONE
    assert (await ana.get(f"/replies/4-{NOON + timedelta(days=1):%Y%m%dT%H%M%SZ}")).body == DONE


async def test_the_page_says_what_is_not_summarised_yet_until_it_is(open_shop: Open, folder: Folder) -> None:
    bring_in(folder, 2_000_000)
    ana = enter(open_shop(settings_of({"luna": None}), Scripted(["Yes."])), "ana")
    expected = re.compile(
        r"Messages 1 to [67],?\d\d\d are not summarised yet: the assistant does not see them until they are\."
    )
    for path in ("/", "/prompt", "/ruler"):
        assert expected.search((await ana.get(path)).text), path
    assert not folder.exists("summary.txt"), "to look starts nothing"

    await talk(ana, "And now?")
    await replies_of(ana.app).compactor.settled(folder)

    for path in ("/", "/prompt", "/ruler"):
        assert "not summarised" not in (await ana.get(path)).text, path


async def test_a_finished_reply_shows_what_its_claims_were(open_shop: Open) -> None:
    app = open_shop(settings_of({"luna": None}, currency="BRL"), Scripted(["The RED-012 costs R$ 279.00."]))
    ana = enter(app, "ana")

    await ana.post("/messages", {"content": "How much is RED-012?"})
    page = await ana.get("/")

    assert 'data-verdict="contradicted"' in page.text
    assert "<del>R$\N{NO-BREAK SPACE}279.00</del>" in page.text
    assert 'data-verdict="supported" href="/replies/2-20261123T120000Z/claims/' in page.text
    assert "<del>R$\N{NO-BREAK SPACE}279.00</del>" in (await ana.get("/replies/2-20261123T120000Z")).text
