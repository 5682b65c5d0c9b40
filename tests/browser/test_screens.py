"""A walk through every page and state, each looked at with `shoot`: pictures, and what a test can say of them.

With STOREKEEPER_PICTURE=1 the README's picture is made anew.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from memory.conversations.records import Ending, Record
from settings import ROOT
from tests.browser.conftest import Visit
from tests.browser.looks import shoot
from tests.browser.visitor import Server, Visitor, write_history
from tests.support.upstream import Upstream

pytestmark = pytest.mark.timeout(300)

NOON = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)

EVERYTHING = (
    """\
Here is all that an answer can hold.

# A heading of the first size

Words with **weight**, with *stress*, with `code`, ~~struck~~ and [a link](https://shop.example/returns).

1. One thing
2. Another, which has
   - a point of its own
   - and another

> What the customer said before.

| SKU | Product | Price | In stock | Options | A note |
| --- | :---: | ---: | ---: | --- | --- |
| RED-011 | Rede Solteiro single hammock | R$ 189.00 | 14 | natural; blue; terracotta | The most asked for |
| CER-101 | Panela de Barro, clay pot with lid | R$ 168.00 | 7 | 2 L; black | Heavy |

```python
def slip(order: str) -> str:
    return f"https://shop.example/returns/{order}?and=a-line-that-is-far-too-long-for-any-telephone&so=it-scrolls"
```

---

A-word-without-end-"""
    + "x" * 120
    + """ and <b>no bold</b> here.
"""
)


def talk(visitor: Visitor, *said: tuple[str, str]) -> None:
    """Write a conversation of questions and answers, and show it."""
    records = list[Record]()
    for number, (question, answer) in enumerate(said):
        time = NOON + timedelta(minutes=number)
        records.append(Record(2 * number + 1, time, "user", question))
        records.append(Record(2 * number + 2, time, "assistant", answer.rstrip(), "as_told", "stop"))
    write_history(visitor.folder, records)
    visitor.page.reload()


def test_the_pages_without_a_conversation(visit: Visit) -> None:
    ana = visit(logged_in=False)
    ana.allowed += ["status of 401", "status of 403", "status of 404"]

    ana.page.goto(f"{ana.server.url}/login")
    shoot(ana.page, "login")
    ana.page.get_by_label("Name").fill(ana.name)
    ana.page.get_by_label("Password").fill("wrong")
    ana.button("Log in").click()
    shoot(ana.page, "login-wrong")
    ana.page.goto(f"{ana.server.url}/signup")
    shoot(ana.page, "signup-closed")
    ana.page.goto(f"{ana.server.url}/nowhere")
    shoot(ana.page, "error")


def test_an_empty_conversation(visit: Visit) -> None:
    ana = visit()

    shoot(ana.page, "empty")
    for _ in range(3):
        ana.page.keyboard.press("Shift+Tab")
    shoot(ana.page, "empty-focus")
    ana.button(f"{ana.name}, menu").click()
    shoot(ana.page, "menu")


def test_a_shop_without_a_model_and_what_the_owner_reads(visit: Visit, upstream: Upstream, tmp_path: Path) -> None:
    server = Server(tmp_path, upstream, chat=["catalogue"], signup="open", owner_reads_conversations=True)
    server.start()
    try:
        stranger = visit(server, logged_in=False)
        stranger.page.goto(f"{server.url}/signup")
        shoot(stranger.page, "signup")
        ana = visit(server, name="ana")
        expect(ana.page.get_by_text("Answers come straight from the shop's data.")).to_be_visible()
        shoot(ana.page, "catalogue")
        ana.ask_and_wait("How much is the double hammock RED-012?")
        shoot(ana.page, "catalogue-answered")
        ana.page.goto("about:blank")
        owner = visit(server, name="rosa", role="owner")
        owner.page.goto(f"{server.url}/admin/customers/ana/conversation")
        shoot(owner.page, "admin-conversation")
    finally:
        server.end()


def test_the_pages_beside_the_conversation(visit: Visit) -> None:
    ana = visit()
    ana.ask_and_wait("ok Which hammock is there for two, and do you send it to Recife?")
    ana.button("New conversation").click()
    expect(ana.page.get_by_role("heading", name="What can we do for you?")).to_be_visible()
    ana.ask_and_wait("ok Another question, about coffee")

    for path in ("conversations", "conversations/clear", "summary", "prompt", "usage"):
        ana.page.goto(f"{ana.server.url}/{path}")
        shoot(ana.page, path.replace("/", "-"))
    ana.page.goto(f"{ana.server.url}/")
    ana.page.locator("#message-1 .edit").click()
    shoot(ana.page, "edit")
    ana.page.goto(f"{ana.server.url}/messages/2/tools")
    shoot(ana.page, "tools")


def test_an_answer_from_its_first_dots_to_its_end(visit: Visit) -> None:
    ana = visit()
    talk(ana, ("Do you deliver to Recife?", "Yes, within **1–2 working days**. It is free from R$ 200.00."))

    ana.ask("hang_first")
    expect(ana.stop).to_be_visible()
    shoot(ana.page, "waiting")
    ana.stop.click()
    ana.wait_for_end()
    shoot(ana.page, "stopped-empty")
    ana.ask("say-40-400")
    ana.wait_for_words("word60")
    shoot(ana.page, "writing")
    ana.page.evaluate("dispatchEvent(new Event('offline'))")
    shoot(ana.page, "writing-lost")
    ana.stop.click()
    ana.wait_for_end()
    shoot(ana.page, "stopped")


def test_what_can_be_done_with_an_answer(visit: Visit) -> None:
    ana = visit()
    ana.ask_and_wait("then-say-0-30-say What about returns?")
    ana.button("Answer again").click()
    ana.wait_for_words("Sending things back")
    ana.wait_for_end()
    ana.button("Bad answer").click()
    expect(ana.page.get_by_label("Tell us more (optional)")).to_be_visible()
    ana.page.get_by_text("Details").click()
    shoot(ana.page, "answer")
    ana.page.get_by_role("link", name="Earlier version").click()
    expect(ana.button("Use this answer")).to_be_visible()
    shoot(ana.page, "version")


def test_faults_and_refusals(visit: Visit) -> None:
    ana = visit()
    ana.allowed += ["status of 409", "status of 422"]
    ana.ask_and_wait("r500 What does the double hammock cost?")
    shoot(ana.page, "fault")
    ana.ask_and_wait("drop_chunked")
    shoot(ana.page, "broken-off")
    ana.ask("word " * 401)
    expect(ana.notice).to_contain_text("characters")
    shoot(ana.page, "too-long")
    ana.allow_lost_connections()
    ana.page.route("**/messages", lambda route: route.abort())
    ana.ask("ok")
    expect(ana.page.get_by_text("We couldn't reach the shop.")).to_be_visible()
    shoot(ana.page, "unreached")


@pytest.mark.parametrize("ending", ["length", "content_filter", "interrupted", "failed"])
def test_each_ending_of_an_answer(visit: Visit, ending: Ending) -> None:
    ana = visit()
    answer = Record(2, NOON, "assistant", "Yes. Delivery takes" if ending != "failed" else "", "as_told", ending)
    write_history(ana.folder, [Record(1, NOON, "user", "Do you deliver to Recife?"), answer])

    ana.page.reload()

    expect(ana.page.locator("#message-2 .ending").first).to_be_visible()
    shoot(ana.page, f"ending-{ending}")


def test_older_messages_and_an_unanswered_question_are_shown(visit: Visit) -> None:
    ana = visit()
    said = [Record(n, NOON, "user" if n % 2 else "assistant", f"Message {n} about a hammock") for n in range(1, 100)]
    write_history(ana.folder, said)

    ana.page.goto(f"{ana.server.url}/history?before=81")
    expect(ana.page.get_by_text("Back to the latest messages")).to_be_visible()
    shoot(ana.page, "older")
    ana.page.goto(f"{ana.server.url}/")
    expect(ana.button("Get an answer")).to_be_visible()
    shoot(ana.page, "unanswered")


def test_all_that_an_answer_can_hold(visit: Visit) -> None:
    ana = visit()
    long_word = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2
    talk(ana, (f"What can you show me?\n\n{long_word}", EVERYTHING))

    shoot(ana.page, "everything-end")
    ana.page.locator("#message-1").scroll_into_view_if_needed()
    ana.page.locator("#scroller").evaluate("scroller => scroller.scrollTop = -1e6")
    expect(ana.button("Jump to latest ↓")).to_be_visible()
    shoot(ana.page, "everything-begin")


@pytest.mark.skipif("STOREKEEPER_PICTURE" not in os.environ, reason="STOREKEEPER_PICTURE=1 makes the README's picture")
def test_the_picture_of_the_readme(visit: Visit, upstream: Upstream, tmp_path: Path) -> None:
    server = Server(tmp_path, upstream, script="shop", model="house-model")
    server.start()
    try:
        ana = visit(server, name="ana", viewport={"width": 1100, "height": 980})
        ana.ask_and_wait("Which hammock would you take for two people, and how much is it to Recife?")
        ana.page.wait_for_timeout(700)  # for the line of what the model sees
        ana.page.mouse.move(0, 0)
        ana.ask("And can I return it if it is too large for our balcony?")
        ana.wait_for_words("We check it within 3 working days")
        (ROOT / "docs").mkdir(exist_ok=True)
        ana.page.screenshot(path=ROOT / "docs" / "screenshot.png")
        ana.page.goto("about:blank")
    finally:
        server.end()
