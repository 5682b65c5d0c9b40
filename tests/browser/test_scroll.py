"""Reading: long conversations, the place one reads at, narrow screens."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from memory.conversations.records import Record
from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor, write_history

BEGAN = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
NODES = "document.querySelectorAll('*').length"
TOP_OF = """(id) => document.getElementById(id).getBoundingClientRect().top"""


def write_long(visitor: Visitor, messages: int) -> None:
    """Write a conversation of so many messages, each some lines long."""
    records = [
        Record(
            number,
            BEGAN + timedelta(minutes=number),
            "user" if number % 2 else "assistant",
            f"Message {number}.\n\n" + f"What stands in it takes some lines, {number} of {messages}. " * 5 + "End.",
        )
        for number in range(1, messages + 1)
    ]
    write_history(visitor.folder, records)
    visitor.page.reload()


UNANCHORED = """CSS.supports = () => false;
document.addEventListener("DOMContentLoaded", () => { document.getElementById("scroller").style.overflowAnchor = "none"; });"""
"""A browser as WebKit is, which keeps nobody's place by itself."""


def wheel(page: Page, pixels: int) -> None:
    page.locator("#scroller").hover()
    page.mouse.wheel(0, pixels)


def test_long_conversation_opens_at_end_and_loads_without_a_jump(visit: Visit) -> None:
    ana = visit()
    write_long(ana, 300)
    messages = ana.page.locator("#log > .message")
    expect(messages).to_have_count(20)
    assert ana.page.evaluate(NODES) < 350
    expect(ana.page.locator("#message-300")).to_be_in_viewport()

    ana.page.evaluate("() => { document.querySelector('#scroller').scrollTop = 400 - 1e6; }")
    ana.page.evaluate("() => { document.querySelector('#scroller').scrollTop = -1e6; }")
    top = ana.page.evaluate(TOP_OF, "message-281")

    expect(messages).to_have_count(40)
    ana.page.wait_for_timeout(200)
    assert abs(ana.page.evaluate(TOP_OF, "message-281") - top) < 2
    wheel(ana.page, -100_000)
    expect(messages).to_have_count(60)
    assert ana.page.evaluate(NODES) < 700
    assert [said.text.split("\n")[0] for said in ana.said()] == [f"Message {number}." for number in range(241, 301)]


def test_a_page_has_a_bounded_size_and_links_in_both_directions(visit: Visit) -> None:
    ana = visit()
    write_long(ana, 10_000)
    messages = ana.page.locator("#log > .message")
    for count in (40, 60):
        wheel(ana.page, -100_000)
        expect(messages).to_have_count(count)
    wheel(ana.page, -100_000)
    older = ana.page.get_by_role("link", name="Older messages", exact=True)
    ana.page.wait_for_timeout(300)
    expect(messages).to_have_count(60)

    older.click()

    expect(ana.page.locator("#message-9940")).to_be_in_viewport()
    expect(ana.page.locator("#message-9941")).to_have_count(0)
    expect(ana.page.get_by_text("Back to the latest messages")).to_be_visible()
    expect(ana.button("Jump to latest ↓")).to_be_hidden()
    ana.page.get_by_role("link", name="Newer messages", exact=True).click()
    expect(ana.page.locator("#message-9941")).to_be_attached()
    ana.page.get_by_role("link", name="Back to the latest messages").click()
    expect(ana.page.locator("#message-10000")).to_be_in_viewport()


@pytest.mark.parametrize("has_anchor", [True, False], ids=["by the browser", "by script"])
def test_a_reader_further_up_is_not_moved_and_can_jump_to_latest(visit: Visit, has_anchor: bool) -> None:
    ana = visit()
    if not has_anchor:
        ana.context.add_init_script(UNANCHORED)
    write_long(ana, 20)
    jump = ana.button("Jump to latest ↓")
    expect(jump).to_be_hidden()
    ana.ask("say-60-200")
    ana.wait_for_words("word10")

    wheel(ana.page, -900)
    expect(jump).to_be_visible()
    top = ana.page.evaluate(TOP_OF, "message-18")
    ana.wait_for_words("word120")

    assert abs(ana.page.evaluate(TOP_OF, "message-18") - top) < 3
    jump.click()
    expect(ana.page.locator("#message-22")).to_be_in_viewport()
    expect(jump).to_be_hidden()
    ana.wait_for_end()
    expect(ana.page.locator("#m22-body")).to_contain_text("word200")
    assert ana.page.evaluate("document.querySelector('#scroller').scrollTop") == 0


def test_a_new_question_brings_its_asker_to_the_end(visit: Visit) -> None:
    ana = visit()
    write_long(ana, 20)
    wheel(ana.page, -2000)
    expect(ana.button("Jump to latest ↓")).to_be_visible()

    ana.ask("ok")

    expect(ana.page.locator("#message-22")).to_be_in_viewport()


@pytest.mark.parametrize("width", [390, 320])
def test_a_telephone_shows_everything_without_scrolling_sideways(visit: Visit, width: int) -> None:
    ana = visit(viewport={"width": width, "height": 640}, has_touch=True, is_mobile=True)
    ana.ask("echo | a | b |\n|---|---|\n" + "| wide " + "w" * 90 + " | x |\n\n" + "y" * 200)
    assert ana.kept() == [], "on a telephone Enter breaks the line"

    ana.send.tap()

    ana.wait_for_end()
    sideways = (
        "[document.documentElement, document.querySelector('#scroller')].map((e) => e.scrollWidth - e.clientWidth)"
    )
    assert ana.page.evaluate(sideways) == [0, 0]
    expect(ana.box).to_be_in_viewport(ratio=1)
    expect(ana.send).to_be_in_viewport(ratio=1)
    ana.button(f"{ana.name}, menu").tap()
    expect(ana.button("Log out")).to_be_in_viewport(ratio=1)
    assert ana.page.evaluate(sideways) == [0, 0]


def test_every_button_is_large_enough_for_a_finger_on_a_phone(visit: Visit) -> None:
    ana = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    ana.box.fill("drop_chunked")
    ana.send.tap()
    ana.wait_for_end()
    heights = dict[str, float]()
    for name in ("Continue", "Answer again", "Send", f"{ana.name}, menu"):
        box = ana.button(name).bounding_box()
        heights[name] = box["height"] if box else 0

    assert {name: height for name, height in heights.items() if height < 44} == {}
