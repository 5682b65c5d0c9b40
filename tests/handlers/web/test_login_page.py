"""Tests of the login page that carries a message whose session has ended."""

import asyncio

import pytest
from quart import Quart

from handlers.web.uploads import Request
from memory.people import accounts
from tests.conftest import enter, services_of
from tests.support.pictures import form_with, picture
from tests.support.shop import PASSWORD, Visitor
from tests.support.sse import parse

WRITTEN = 'Is it "safe" & <b>sound</b>?\n\nAna'


@pytest.fixture
def ended(shop: Quart) -> Visitor:
    """The browser of bob, whose session has ended."""
    bob = enter(shop, "bob")
    accounts.close_all(services_of(shop).users.folder("bob"))
    return bob


def carried(text: str) -> list[str]:
    return [one.attributes["value"] or "" for one in parse(text).by_tag("input") if one.attributes["name"] == "content"]


@pytest.mark.parametrize("path", ["/messages", "/messages/1/edit"])
async def test_a_message_goes_to_the_login_and_back(ended: Visitor, path: str) -> None:
    refused = await ended.post(path, {"content": WRITTEN})
    assert refused.status == 401
    (content,) = carried(refused.text)
    assert content.replace("\r\n", "\n") == WRITTEN

    wrong = await ended.post("/login", {"username": "bob", "password": "wrong horse", "content": content})
    assert carried(wrong.text) == [content]
    entered = await ended.post("/login", {"username": "bob", "password": PASSWORD, "content": content})

    assert entered.status == 200
    (box,) = parse(entered.text).by_tag("textarea")
    assert box.text.replace("\r\n", "\n") == WRITTEN
    assert "been sent yet" in entered.text
    assert (await ended.get("/")).status == 200


async def test_a_message_with_a_photo_that_comes_late_is_carried(shop: Quart, ended: Visitor) -> None:
    shop.config["BODY_TIMEOUT"] = 0.1
    fields = [("Content-Type", "multipart/form-data; boundary=xx")]
    exchange = ended.exchange("POST", "/messages", [], fields)
    await asyncio.sleep(0.5)
    exchange.bring(form_with(picture(), text="It arrived broken"))
    refused = await exchange.begin()
    page = b"".join([piece async for piece in exchange.pieces()]).decode()

    assert refused.status == 401
    assert carried(page) == ["It arrived broken"]


async def test_a_photo_that_is_not_carried_is_closed(shop: Quart, ended: Visitor) -> None:
    closed = list[Request]()

    class Watched(Request):
        def close_files(self) -> None:
            closed.append(self)
            super().close_files()

    shop.request_class = Watched
    body, fields = form_with(picture()), [("Content-Type", "multipart/form-data; boundary=xx")]

    assert (await ended.ask("POST", "/messages", [body], fields)).status == 401
    (asked,) = closed
    assert (await asked.files)["photo"].stream.closed


async def test_a_stranger_is_sent_to_the_login_alone(nobody: Visitor) -> None:
    answered = await nobody.post("/messages", {"content": WRITTEN})

    assert (answered.status, answered.headers["location"]) == (303, "/login")


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [("GET", "/", {}), ("POST", "/messages", {"content": " \n"}), ("POST", "/summary", {"content": "x"})],
)
async def test_only_a_message_is_carried(ended: Visitor, method: str, path: str, form: dict[str, str]) -> None:
    answered = await (ended.post(path, form) if method == "POST" else ended.get(path))

    assert (answered.status, answered.headers["location"]) == (303, "/login")


async def test_a_script_is_sent_to_the_login_alone(ended: Visitor) -> None:
    answered = await ended.send("/messages", {"content": WRITTEN})

    assert (answered.status, answered.headers["hx-redirect"]) == (401, "/login")


async def test_a_login_leads_to_no_other_address(ended: Visitor) -> None:
    entered = await ended.post("/login?next=//evil.example", {"username": "bob", "password": PASSWORD})

    assert (entered.status, entered.headers["location"]) == (303, "/")
