"""Tests of who sees what an answer took and was made from."""

import pytest
from quart import Quart

from tests.conftest import Open, enter
from tests.support.shop import Scripted, Visitor, settings_of
from tests.support.sse import parse

MACHINE = ("token", "luna", "/prompt", "/usage", "Details", "What the model sees")


@pytest.fixture
def app(open_shop: Open) -> Quart:
    return open_shop(
        settings_of({"luna": None, "terra": None}, contact="ola@shop.example"),
        Scripted(["Hello."], ["Hello."], ["Hello."]),
    )


async def seen(visitor: Visitor) -> str:
    """Return what a person sees before, during and after a conversation, wherever an answer is shown."""
    pages = [(await visitor.get("/")).text]
    asked = await visitor.send("/messages", {"content": "Hi?"})
    reply_id = parse(asked.text).by_tag("i")[0].attributes["hx-sse:connect"]
    assert reply_id is not None
    pages += [asked.text, (await visitor.get(reply_id)).text]
    for path in ("/", "/ruler", "/history?before=3", "/conversations/current", "/summary", "/messages/2/tools"):
        pages.append((await visitor.get(path, HX_Request="true" if path != "/" else "")).text)
    return "\n".join(pages)


async def test_a_customer_sees_nothing_of_the_machine_room(app: Quart) -> None:
    text = await seen(enter(app, "bob"))

    assert "Hello." in text
    assert [word for word in MACHINE if word in text] == []


@pytest.mark.parametrize(("name", "who"), [("ana", "owner"), ("bob", "everyone")])
async def test_who_is_to_see_the_details_sees_all_of_them(open_shop: Open, name: str, who: str) -> None:
    app = open_shop(settings_of({"luna": None, "terra": None}, details=who), Scripted(["Hello."]))

    text = await seen(enter(app, name))

    assert [word for word in MACHINE if word not in text] == []
    assert (await enter(app, name).get("/prompt")).status == 200


@pytest.mark.parametrize("path", ["/prompt", "/usage"])
async def test_pages_of_details_are_absent_for_a_customer(app: Quart, path: str) -> None:
    assert (await enter(app, "bob").get(path)).status == 404
    assert (await enter(app, "ana").get(path)).status == 200


async def test_a_customer_has_the_contact_where_the_ruler_was(app: Quart) -> None:
    bob = enter(app, "bob")
    for path in ("/", "/ruler"):
        (ruler,) = [
            one for one in parse((await bob.get(path)).text).by_tag("div") if one.attributes.get("id") == "ruler"
        ]
        assert ruler.text.split() == ["Contact", "us:", "ola@shop.example."]
