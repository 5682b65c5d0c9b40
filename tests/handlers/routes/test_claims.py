"""Tests of the row behind a value: kept with the reply, shown to its person alone, by a link that needs no script."""

import re

import pytest
from quart import Quart

from memory.conversations import checked
from memory.conversations.records import Checks, Record
from memory.conversations.turns import NewMessage
from memory.storage.users import Users
from shop.claims.values import Claim
from tests.conftest import Open, enter, replies_of, services_of
from tests.support.shop import NOON, Scripted, Visitor, settings_of

SAID = "The Rede Casal (RED-012) costs R$ 279.00. Delivery to Recife costs R$ 12.00."
BACK = "/conversations/20261123T120000Z?at=2"


@pytest.fixture
async def ana(open_shop: Open) -> Visitor:
    """The browser of ana, who was told a wrong price and a right fee."""
    return await told(open_shop(settings_of({"luna": None}, currency="BRL"), Scripted([SAID])), "ana")


async def told(shop: Quart, name: str) -> Visitor:
    """Return the browser of a user who was told this."""
    visitor = enter(shop, name)
    folder = services_of(shop).users.folder(name)
    await replies_of(shop).start(folder, NewMessage("How much is RED-012?", after=0))
    found = await replies_of(shop).answering(folder)
    if found is not None:
        await replies_of(shop).until_over(folder, found)
    return visitor


async def links(visitor: Visitor) -> list[str]:
    page = (await visitor.get("/")).text
    return re.findall(r'<a class="claim" data-verdict="\w+" href="([^"]+)"', page)


async def test_a_mark_leads_to_the_row_and_back(ana: Visitor) -> None:
    _, price, fee = await links(ana)

    answer = await ana.get(price)

    assert answer.status == 200
    for words in ("products.csv", "line 3", "RED-012", "289.00", f'href="{BACK}#message-2"', "R$ 279.00"):
        assert words in answer.text
    line = (await ana.get(fee, HX_Request="true")).text
    assert line.lstrip().startswith('<div id="claim"')
    assert "- Recife (city): R$ 12.00, 1–2 days." in line
    assert (await ana.get(BACK)).headers["location"] == "/"


async def test_nobody_else_sees_it(ana: Visitor, open_shop: Open) -> None:
    _, price, _ = await links(ana)
    bob = enter(open_shop(settings_of({"luna": None})), "bob")

    assert (await bob.get(price)).status == 404
    assert (await ana.get(price.rpartition("/")[0] + "/1")).status == 404
    assert (await ana.get("/replies/7-20200101T000000Z/claims/1")).status == 404


async def test_a_later_price_does_not_rewrite_the_row(users: Users, ana: Visitor) -> None:
    folder = users.folder("ana")
    (line,) = folder.read("checks.jsonl").splitlines()
    assert b"289.00" in line

    folder.replace("checks.jsonl", line.replace(b"289.00", b"111.00") + b"\n")

    assert "111.00" in (await ana.get((await links(ana))[1])).text


async def test_a_conversation_set_aside_keeps_its_rows(ana: Visitor) -> None:
    _, price, _ = await links(ana)

    await ana.post("/conversations/new", {})

    answer = await ana.get(price)
    assert answer.status == 200
    assert f'href="{BACK}#message-2"' in answer.text
    assert 'id="message-2"' in (await ana.get(BACK)).text


async def test_the_owner_sees_marks_that_lead_nowhere(open_shop: Open) -> None:
    """A row is found in its person's own conversations alone."""
    settings = settings_of({"luna": None}, currency="BRL", owner_reads_conversations=True)
    shop = open_shop(settings, Scripted([SAID]))
    bob, owner = await told(shop, "bob"), enter(shop, "ana")

    page = (await owner.get("/admin/customers/bob/conversation")).text

    assert page.count('<span class="claim"') == len(await links(bob)) == 3
    assert 'href="/replies/' not in page


def test_lines_without_a_row_have_no_link(users: Users) -> None:
    folder = users.folder("ana")
    checked.note(folder, Record(2, NOON, "assistant", "x", checks=Checks(1, 0, 0)), [Claim("price", "R$ 1", 0, 4)])

    assert b"rows" not in folder.read("checks.jsonl")
    assert checked.of(folder, since=NOON)[2][0].row == ""
