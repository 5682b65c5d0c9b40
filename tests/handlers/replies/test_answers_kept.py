"""Tests of what a person can do with an answer, as a browser without JavaScript and as htmx ask for it."""

import re

import pytest
from quart import Quart

from memory.conversations.records import Record, print_record
from tests.conftest import Open, enter, services_of, settings_for
from tests.support.shop import NOON, PASSWORD, Answered, Clock, Scripted, Visitor, settings_of
from tests.support.sse import Element
from tests.support.upstream import Upstream

REPLY = "2-20261123T120000Z"


def parsed(answered: Answered) -> Element:
    from tests.support.sse import parse

    body = re.search(r"<body.*</body>", answered.text, re.S)
    return parse(body[0] if body else answered.text)


@pytest.fixture
async def twice(open_shop: Open) -> Visitor:
    """Ana, whose question was answered two times."""
    ana = enter(open_shop(settings_of({"luna": None}), Scripted(["First."], ["Second."], ["Third."])), "ana")
    await ana.post("/messages", {"content": "Do you have blue mugs?"})
    await ana.post("/replies/again")
    return ana


async def test_the_earlier_answer_is_a_link_away_and_can_be_taken_back(twice: Visitor) -> None:
    page = await twice.get("/")
    assert "2 of 2" in page.text
    assert 'href="/messages/2#message-2"' in page.text

    older = await twice.get("/messages/2")
    assert older.status == 200
    assert "First." in older.text
    assert "Second." not in older.text
    assert "1 of 2" in older.text
    assert 'href="/#message-3"' in older.text
    taken = await twice.post("/messages/2/take")
    assert (taken.status, taken.headers["location"]) == (303, "/")
    page = await twice.get("/")
    assert "First." in page.text
    assert "Second." not in page.text
    assert "1 of 2" in page.text


async def test_a_version_that_stands_is_on_the_page_itself(twice: Visitor) -> None:
    answered = await twice.get("/messages/3")

    assert (answered.status, answered.headers["location"]) == (303, "/#message-3")


@pytest.mark.parametrize("path", ["/messages/99", "/messages/0"])
async def test_a_version_that_is_not_there_is_not_found(twice: Visitor, path: str) -> None:
    assert (await twice.get(path)).status == 404
    assert (await twice.post(f"{path}/take")).status == 404
    assert (await enter(twice.app, "bob").get("/messages/2")).status == 404


async def test_an_answer_to_an_edited_question_cannot_be_taken_back(twice: Visitor) -> None:
    await twice.post("/messages/1/edit", {"content": "Do you have red mugs?"})

    answered = await twice.post("/messages/2/take")

    assert answered.status == 409
    assert "edited since" in answered.text


async def test_an_older_question_is_taken_back_with_what_followed(twice: Visitor) -> None:
    await twice.post("/messages/1/edit", {"content": "Do you have red mugs?"})
    older = await twice.get("/messages/1")
    assert "Use this question and what followed" in older.text

    taken = await twice.post("/messages/1/take")

    assert (taken.status, taken.headers["location"]) == (303, "/")
    page = parsed(await twice.get("/"))
    said = [text.text.strip() for text in page.by_class("text")]
    assert said == ["Do you have blue mugs?", "Second."]
    assert "1 of 2" in (await twice.get("/")).text


async def test_an_edited_question_leads_to_what_it_was(twice: Visitor) -> None:
    await twice.post("/messages/1/edit", {"content": "Do you have red mugs?"})

    page = await twice.get("/")
    assert 'href="/messages/1#message-1"' in page.text
    older = await twice.get("/messages/1")
    assert "blue mugs" in older.text
    assert "Second." in older.text
    assert "Use this answer" not in older.text


async def test_the_stream_of_another_answer_ends_with_its_versions(twice: Visitor) -> None:
    stream = (await twice.follow("3-20261123T120000Z")).decode()

    assert "2 of 2" in stream
    assert stream.endswith("event: done\ndata: done\n\n")


async def test_a_word_on_an_answer_is_kept_and_shown_after_a_reload(shop: Quart, ana: Visitor) -> None:
    await ana.post("/messages", {"content": "Hi"})

    answered = await ana.post(f"/replies/{REPLY}/feedback", {"rating": "down", "reason": "=too short"})

    assert (answered.status, answered.headers["location"]) == (303, "/#message-2")
    page = parsed(await ana.get("/"))
    up, down = page.find("up-2"), page.find("down-2")
    assert up is not None
    assert down is not None
    assert (up.attributes["aria-pressed"], down.attributes["aria-pressed"]) == ("false", "true")
    reason = page.find("reason-2")
    assert reason is not None
    assert reason.attributes["value"] == "=too short"
    kept = (services_of(shop).users.folder("ana").path / "feedback.csv").read_text()
    assert kept.splitlines()[1] == "2026-11-23T12:00:00Z,2026-11-23T12:00:00Z,2,ok,down,'=too short"


async def test_htmx_is_answered_with_the_buttons_and_asked_why(ana: Visitor) -> None:
    await ana.post("/messages", {"content": "Hi"})

    answered = await ana.send(f"/replies/{REPLY}/feedback", {"rating": "up"})

    page = parsed(answered)
    (details,) = page.by_tag("details")
    assert "open" in details.attributes
    taken_back = await ana.send(f"/replies/{REPLY}/feedback", {"rating": "none"})
    assert 'aria-pressed="true"' not in taken_back.text


@pytest.mark.parametrize(
    ("reply_id", "rating", "status"),
    [
        (REPLY, "great", 422),
        (REPLY, "", 422),
        ("1-20261123T120000Z", "up", 404),
        ("4-20261123T120000Z", "up", 404),
        ("2-20251123T120000Z", "up", 404),
        ("x", "up", 404),
    ],
)
async def test_a_word_on_nothing_is_refused(ana: Visitor, reply_id: str, rating: str, status: int) -> None:
    await ana.post("/messages", {"content": "Hi"})

    assert (await ana.post(f"/replies/{reply_id}/feedback", {"rating": rating})).status == status
    assert (await enter(ana.app, "bob").post(f"/replies/{REPLY}/feedback", {"rating": "up"})).status == 404


async def test_only_the_owner_reads_what_people_think(ana: Visitor) -> None:
    bob = enter(ana.app, "bob")
    await bob.post("/messages", {"content": "Hi"})
    await bob.post(f"/replies/{REPLY}/feedback", {"rating": "up", "reason": "quick"})

    table = await ana.post("/admin/feedback/feedback.csv", {"password": PASSWORD})

    assert table.headers["content-type"].startswith("text/csv")
    assert "attachment" in table.headers["content-disposition"]
    assert table.text.splitlines()[1].startswith('"bob",')
    assert (await bob.post("/admin/feedback/feedback.csv", {"password": PASSWORD})).status == 404
    page = (await ana.get("/admin/feedback")).text
    assert '<bdi>bob</bdi></a></td><td>good</td><td dir="auto">quick</td>' in page
    assert 'action="/admin/feedback/feedback.csv" method="post"' in page
    assert (await bob.get("/admin/feedback")).status == 404
    assert "/admin/feedback" in (await ana.get("/")).text
    assert "/feedback" not in (await bob.get("/")).text.partition("<main>")[0]


async def test_replies_show_their_receipts_and_the_usage_page_the_sums(open_shop: Open, upstream: Upstream) -> None:
    ana = enter(open_shop(settings_for(upstream, "usage_only")), "ana")
    for _ in range(2):
        await ana.post("/messages", {"content": "Hi"})

    page, usage = await ana.get("/"), await ana.get("/usage")
    older = await ana.get("/messages/2/tools")

    took = "5 tokens read, 2 written. Cost: unknown."
    assert (page.text.count(took), older.text.count(took)) == (1, 1)
    assert "14 tokens, 2 calls, cost: unknown" in usage.text
    assert "<rect" in usage.text
    assert "style=" not in usage.text


async def test_what_can_be_done_with_an_older_message_is_a_link_away(ana: Visitor) -> None:
    for _ in range(2):
        await ana.post("/messages", {"content": "Hi"})
    page = (await ana.get("/")).text
    assert [page.count(text) for text in ('href="/messages/1/tools"', 'id="edit-1"', 'id="feedback-2"')] == [1, 0, 0]
    assert 'id="feedback-4"' in page

    question, answer = [await ana.get(f"/messages/{n}/tools", HX_Request="true") for n in (1, 2)]
    whole = await ana.get("/messages/2/tools")

    assert 'action="/messages/1/edit"' in question.text
    assert ">Hi</textarea>" in question.text
    assert 'id="feedback-2"' in answer.text
    assert "<html" not in question.text + answer.text
    assert "Hello world" in whole.text
    assert 'id="feedback-2"' in whole.text
    assert (await ana.get("/messages/5/tools")).status == 404
    (address,) = set(re.findall(r'action="(/replies/2-[^/]+/feedback)"', answer.text))
    await ana.post(address, {"rating": "up"})
    assert 'id="feedback-2"' in (await ana.get("/")).text, "what was said of an answer is seen beside it"
    await ana.post("/messages/3/edit", {"content": "Ho"})
    assert (await ana.get("/messages/3/tools")).status == 404, "it does not stand any more"


async def test_an_old_reply_without_a_receipt_is_shown_without_one(shop: Quart, ana: Visitor) -> None:
    records = [Record(1, NOON, "user", "Hi"), Record(2, NOON, "assistant", "Hello", "luna", "stop")]
    path = services_of(shop).users.folder("ana").path / "history.txt"
    path.write_bytes(b"".join(map(print_record, records)))

    page = await ana.get("/")

    assert "Hello" in page.text
    assert "Details" not in page.text
    assert (await ana.get("/usage")).status == 200


CONTACT = "ola@shop.example or +55 81 0555-0142, <not> on Sundays"
LINKS = (
    '<a href="mailto:ola@shop.example">ola@shop.example</a> or <a href="tel:+558105550142">+55 81 0555-0142</a>, '
    "&lt;not&gt; on Sundays"
)


async def test_a_new_customer_sees_the_model_its_topics_and_contacts(open_shop: Open) -> None:
    ana = enter(open_shop(settings_of({"luna": None}, contact=CONTACT), Scripted()), "ana")

    page = await ana.get("/")

    assert "our AI assistant (luna), not a person" in page.text
    assert "Delivery, Payment, Products" in page.text
    assert LINKS in page.text
    assert page.text.count('<input type="hidden" name="content"') == 3
    assert "Do you deliver abroad?" in page.text


@pytest.mark.parametrize("script", ["drop_chunked", "r401"], ids=["broken off", "none, and the shop's data tell it"])
async def test_a_failed_reply_offers_the_shops_contact_and_a_retry(
    open_shop: Open, upstream: Upstream, clock: Clock, script: str
) -> None:
    ana = enter(open_shop(settings_for(upstream, script, contact=CONTACT)), "ana")
    await ana.post("/messages", {"content": "Hi"})

    page = await ana.get("/")

    is_told = "Contact us:</p>" in page.text
    assert is_told == (script == "r401")
    assert (f"Contact us: {LINKS}." in page.text) is not is_told
    assert "Answer again" in page.text
