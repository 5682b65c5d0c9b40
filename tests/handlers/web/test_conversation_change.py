"""Tests of conversations that are looked at, and gone on with, while another one is current."""

from datetime import timedelta

import pytest

from memory.conversations import archive, history
from memory.conversations.records import Record, print_record
from memory.storage.layout import HISTORY
from tests.support.shop import NOON

NAME, AGAIN = "20261123T120000Z", "20261123T120000Z-2"


@pytest.fixture
def folder(shop):
    return shop.extensions["storekeeper"].users.folder("ana")


def say(place, *texts, began=NOON):
    place.path.mkdir(parents=True, exist_ok=True)
    records = [
        Record(n, began + timedelta(seconds=n), "assistant" if n % 2 == 0 else "user", text)
        for n, text in enumerate(texts, 1)
    ]
    (place.path / HISTORY).write_bytes(b"".join(map(print_record, records)))


def texts_of(place):
    return [entry.record.text for entry in history.backwards(place)][::-1]


async def test_an_archived_conversation_opens_ready_to_write_in(ana, folder):
    say(folder.archive / NAME, "Old", "Yes")
    say(folder, "New", began=NOON + timedelta(days=1))

    page = (await ana.get(f"/conversations/{NAME}")).text

    assert f'<input type="hidden" name="conversation" value="{NAME}">' in page
    assert 'id="content"' in page
    assert texts_of(folder) == ["New"], "a look changes nothing"
    assert texts_of(folder.archive / NAME) == ["Old", "Yes"]


@pytest.mark.parametrize("is_htmx", [True, False])
async def test_a_message_makes_an_archived_conversation_current(ana, folder, is_htmx):
    say(folder.archive / NAME, "Old", "Yes")
    say(folder, "New", began=NOON + timedelta(days=1))
    send = ana.send if is_htmx else ana.post

    answered = await send("/messages", {"content": "And blue?", "conversation": NAME, "after": "2"})

    assert answered.headers["hx-redirect" if is_htmx else "location"] == "/"
    assert texts_of(folder)[:3] == ["Old", "Yes", "And blue?"]
    assert texts_of(folder.archive / "20261124T120001Z") == ["New"]


async def test_a_message_to_a_deleted_conversation_is_refused(ana, folder):
    say(folder, "New")

    answered = await ana.send("/messages", {"content": "And blue?", "conversation": "20200101T000000Z"})

    assert (answered.status, texts_of(folder)) == (409, ["New"])
    assert "This conversation has been deleted." in answered.text


async def test_an_empty_message_leaves_conversations_as_they_are(ana, folder):
    say(folder.archive / NAME, "Old", "Yes")
    say(folder, "New", began=NOON + timedelta(days=1))

    assert (await ana.send("/messages", {"content": " ", "conversation": NAME})).status == 422
    assert texts_of(folder) == ["New"]


@pytest.mark.parametrize(
    ("name", "is_it"), [("current", True), (NAME, True), (AGAIN, True), ("20200101T000000Z", False), ("..", False)]
)
async def test_the_current_one_is_known_by_its_former_name(folder, name, is_it):
    say(folder, "New", began=NOON - timedelta(seconds=1))

    assert archive.is_current(folder, name) == is_it


async def test_a_conversation_of_the_same_second_is_another_one(folder):
    say(folder.archive / AGAIN, "Old")
    say(folder, "New", began=NOON - timedelta(seconds=1))

    assert not archive.is_current(folder, AGAIN)


async def test_the_address_of_a_resumed_conversation_leads_to_the_chat(ana, folder):
    say(folder, "New", began=NOON - timedelta(seconds=1))

    answered = await ana.get(f"/conversations/{NAME}")

    assert (answered.status, answered.headers["location"]) == (303, "/")


async def test_older_messages_of_an_archived_conversation_load(ana, folder):
    say(folder.archive / NAME, *[f"Message {n}" for n in range(1, 61)])

    page = (await ana.get(f"/conversations/{NAME}")).text
    older = (await ana.get(f"/conversations/{NAME}?before=41&loaded=20", HX_Request="true")).text

    assert f'hx-get="/conversations/{NAME}?before=41&amp;loaded=20"' in page
    assert 'id="message-21"' in older
    assert 'id="message-41"' not in older
    assert f'hx-get="/conversations/{NAME}?before=21&amp;loaded=40"' in older


async def test_the_side_list_pages_through_all_conversations(ana, folder):
    for n in range(70):
        began = NOON - timedelta(days=n + 1)
        say(folder.archive / f"{began:%Y%m%dT%H%M%SZ}", f"Question {n}", began=began)
    say(folder, "Now")

    pages = [(await ana.get(f"/conversations/list?page={n}&shown=current", HX_Request="true")).text for n in (1, 2, 3)]

    assert pages[0].count("<a ") == 31
    assert '<a href="/" aria-current="page"><span>Now</span>' in pages[0]
    assert [page.count("<a ") for page in pages[1:]] == [30, 10]
    assert ['hx-get="/conversations/list?page=' in page for page in pages] == [True, True, False]
