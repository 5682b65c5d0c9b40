"""The page of what is remembered: cards by subject, and what becomes of a fact that is edited or forgotten."""

import re
from dataclasses import replace

import pytest

from handlers.pages import memory_cards
from memory.context import summary
from memory.context.summary import Covered, Segment, Summary
from memory.conversations.records import Record, print_record
from memory.storage.users import Users
from tests.conftest import Open, enter
from tests.support.shop import NOON, Scripted, settings_of

NOTES = """The customer said: I collect old radios.

Facts:
"My son is called Tim" (customer, message 3)
About order #W1001:
"Send #W1001 on Thursday" (customer, message 5; before: "Send #W1001 on Tuesday")
"It costs <b>R$ 20</b>" (shop, message 4)"""


def remember(folder, text=NOTES):
    said = [Record(n, NOON, "user" if n % 2 else "assistant", f"Words {n}.") for n in range(1, 7)]
    data = b"".join(map(print_record, said))
    folder.append("history.txt", data)
    summary.save(folder, Summary((Segment(1, 6, 0, len(data), "extractive", NOON, text),)), Covered())


@pytest.fixture
def app(open_shop: Open):
    return open_shop(settings_of({"luna": None}, details="everyone"), Scripted())


@pytest.fixture
def bob(app, users: Users):
    remember(users.folder("bob"))
    return enter(app, "bob")


async def page(visitor):
    answer = await visitor.get("/summary")
    assert answer.status == 200
    return answer.text


def facts(html):
    """Return the cards' facts, in order."""
    return re.findall(r'<li id="fact-[\d-]+">.*?<p dir="auto">(.*?)</p>', html, re.S)


async def test_cards_stand_by_subject_with_links_and_old_values(bob) -> None:
    html = await page(bob)

    assert facts(html)[0] == "Send #W1001 on Thursday"
    assert '<del dir="auto">Send #W1001 on Tuesday</del>' in html
    assert '<span class="hidden">Before: </span>' in html
    assert 'href="/conversations/current?at=5#message-5">Message 5</a>' in html
    assert "I collect old radios." not in facts(html)
    assert "I collect old radios." in html.partition("Also mentioned")[2]
    assert "&lt;b&gt;R$ 20&lt;/b&gt;" in html
    assert "<b>R$" not in html


async def test_a_fact_is_forgotten_for_good(bob, users: Users) -> None:
    form = {"clause": "My son is called Tim", "number": "3", "subject": ""}
    assert (await bob.post("/summary/forget", form)).status == 303

    assert "My son is called Tim" not in facts(await page(bob))
    assert "called Tim" not in (await bob.get("/prompt")).text
    assert summary.load(users.folder("bob"), Covered()).segments[0].method == "customer"


async def test_an_edited_fact_is_in_page_and_prompt(bob) -> None:
    form = {"clause": "My son is called Tim", "number": "3", "subject": "son", "text": "My son is called Tom"}
    assert (await bob.post("/summary/edit", form)).status == 303

    html = await page(bob)
    assert "My son is called Tom" in facts(html)
    assert "Edited by you" in html
    assert "My son is called Tom" in (await bob.get("/prompt")).text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/summary/edit", {"clause": "My son is called Tim", "number": "3", "text": " "}),
        ("/summary/edit", {"clause": "My son is called Tim", "number": "3", "text": "x" * 501}),
        ("/summary/edit", {"clause": "", "number": "3", "text": "x"}),
        ("/summary/forget", {"clause": "My son is called Tim"}),
        ("/summary/forget", {"clause": "My son is called Tim", "number": "-1"}),
        ("/summary/forget", {"clause": "My son is called Tim", "number": "9" * 30}),
        ("/summary/forget", {"clause": "x" * 20_001, "number": "3"}),
    ],
)
async def test_what_makes_no_sense_changes_nothing(bob, users: Users, path: str, form: dict[str, str]) -> None:
    before = users.folder("bob").read("summary.txt")

    assert (await bob.post(path, form)).status == 422
    assert users.folder("bob").read("summary.txt") == before


async def test_with_htmx_the_page_is_fetched_anew(bob) -> None:
    answer = await bob.post("/summary/forget", {"clause": "My son is called Tim", "number": "3"}, HX_Request="true")

    assert (answer.status, answer.headers["hx-redirect"]) == (200, "/summary")


@pytest.mark.parametrize("path", ["/summary/forget", "/summary/edit"])
async def test_nobody_corrects_what_is_remembered_of_others(app, bob, users: Users, path: str) -> None:
    before = users.folder("bob").read("summary.txt")
    form = {"clause": "My son is called Tim", "number": "3", "text": "mine"}

    assert (await enter(app, "ana").post(path, form)).status == 303
    assert (await bob.post(path, form, Sec_Fetch_Site="cross-site", Origin="https://elsewhere.example")).status == 403
    assert users.folder("bob").read("summary.txt") == before


async def test_clearing_clears_what_was_corrected_too(bob, users: Users) -> None:
    form = {"clause": "My son is called Tim", "number": "3", "text": "My son is called Tom"}
    await bob.post("/summary/edit", form)

    await bob.post("/summary/clear", {})

    assert "Tom" not in await page(bob)
    assert "Tom" not in users.folder("bob").read("summary.txt").decode()


def test_a_page_without_notes_has_no_cards() -> None:
    assert memory_cards.groups([], None) == []  # type: ignore[arg-type]


LEFT = """The customer said: I collect old radios.
The customer said: Do you have lamps?
(Messages 2 to 4 are not in these notes.)

Facts:
"My son is called Tim" (customer, message 5)"""


async def test_what_is_left_out_is_told_with_links_and_is_no_fact(app, users: Users) -> None:
    folder = users.folder("bob")
    remember(folder, LEFT)
    found = summary.load(folder, Covered())
    own = Summary(tuple(replace(one, method="model") for one in found.segments))
    summary.save(folder, own, Covered())

    html = await page(enter(app, "bob"))

    assert 'href="/conversations/current?at=2#message-2">Messages 2 to 4</a>' in html
    assert sorted(facts(html)) == ["I collect old radios.", "My son is called Tim"]
