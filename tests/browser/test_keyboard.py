"""A whole conversation by keyboard alone. What has the focus is always there, is seen, and lies under nothing."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.test_scroll import write_long
from tests.browser.visitor import PASSWORD, Said, Visitor

FOCUSED = "(element) => element === document.activeElement"
SEEN = """(element) => {
    const shown = element.matches("#content") ? element.closest(".composer") : element;
    const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const marked = shown !== element ? style.boxShadow !== "none" : style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return {marked, inside: box.top >= 0 && box.bottom <= innerHeight, free: shown.contains(top) || Boolean(top?.contains(shown))};
}"""
NOWHERE = "() => document.activeElement === document.body || document.activeElement === null"


def go_to(visitor: Visitor, target: Locator, key: str = "Tab") -> None:
    """Press Tab until the focus is on the target, as somebody does who sees where it is."""
    for _ in range(90):
        visitor.page.keyboard.press(key)
        if target.count() == 1 and target.evaluate(FOCUSED):
            assert target.evaluate(SEEN) == {"marked": True, "inside": True, "free": True}
            return
    raise AssertionError(f"{target} is not reached by {key}")


def press(visitor: Visitor, target: Locator, key: str = "Enter", by: str = "Tab") -> None:
    go_to(visitor, target, by)
    visitor.page.keyboard.press(key)


def test_a_whole_conversation_by_keyboard_alone(visit: Visit) -> None:
    ana = visit(logged_in=False, permissions=["clipboard-read", "clipboard-write"])
    page, keys = ana.page, ana.page.keyboard

    page.goto(f"{ana.server.url}/login")
    expect(page.get_by_label("Name")).to_be_focused()
    keys.type(ana.name)
    go_to(ana, page.get_by_label("Password"))
    keys.type(PASSWORD)
    keys.press("Enter")

    expect(ana.box).to_be_focused()
    expect(page.get_by_text(re.compile("The model sees [0-9]"))).to_be_visible()  # the scripts are there
    keys.type("then-say-40-400-ok by keyboard")
    keys.press("Enter")
    ana.wait_for_words("word12")
    keys.press("Escape")
    ana.wait_for_end()
    expect(ana.box).to_be_focused()
    press(ana, page.locator("#message-2").get_by_role("button", name="Answer again"), by="Shift+Tab")
    ana.wait_for_words("Hello world")
    ana.wait_for_end()
    assert not page.evaluate(NOWHERE)

    press(ana, page.get_by_role("link", name="Earlier version"), by="Shift+Tab")
    expect(page.get_by_role("heading", name="Earlier version")).to_be_visible()
    press(ana, ana.button("Use this answer"))
    expect(page.get_by_role("group", name="Versions")).to_contain_text("1 of 2")
    expect(ana.box).to_be_focused()

    press(ana, page.locator("#message-1 .edit"), by="Shift+Tab")
    expect(page.get_by_label("Edit message")).to_be_focused()
    keys.press("Control+A")
    keys.type("echo How long is **the hammock**?")
    press(ana, page.locator(".edit").get_by_role("button", name="Send"))
    ana.wait_for_words("How long is the hammock?")
    ana.wait_for_end()
    assert not page.evaluate(NOWHERE)

    newest = page.locator("#log > .message").last
    press(ana, newest.get_by_role("button", name="Copy answer"), by="Shift+Tab")
    expect(newest.locator(".copy use")).to_have_attribute("href", "#done-icon")
    assert page.evaluate("navigator.clipboard.readText()") == "echo How long is the hammock?"
    press(ana, ana.button("Bad answer"), "Space")
    expect(ana.button("Bad answer")).to_have_attribute("aria-pressed", "true")
    expect(ana.button("Bad answer")).to_be_focused()
    go_to(ana, page.get_by_label("Tell us more (optional)"))
    keys.type("no answer")
    keys.press("Enter")
    expect(page.get_by_text("Your comment")).to_be_visible()
    assert not page.evaluate(NOWHERE)
    press(ana, page.get_by_text("Details"))
    expect(newest.locator(".receipt p")).to_be_visible()

    menu = ana.button(f"{ana.name}, menu")
    press(ana, menu, by="Shift+Tab")
    keys.press("Escape")
    expect(menu).to_be_focused()
    keys.press("Enter")
    press(ana, ana.button("New conversation"))
    expect(ana.box).to_be_focused()
    assert ana.said() == []
    expect(page.get_by_text(re.compile("The model sees [0-9]"))).to_be_visible()
    keys.type("ok about coffee")
    keys.press("Enter")
    ana.wait_for_end()

    go_to(ana, page.get_by_label("Search all conversations"))
    keys.type("hammock")
    keys.press("Enter")
    expect(page.locator("mark")).to_have_text(["hammock", "hammock"])
    press(ana, page.locator(".hits a").first)
    expect(page.locator(".message.sought")).to_be_in_viewport()
    press(ana, page.locator("main summary").first, by="Shift+Tab")
    go_to(ana, page.get_by_label("Title"))
    keys.type("Lengths")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Lengths")).to_be_visible()
    expect(ana.box).to_be_focused()
    assert ana.last_said() == Said("assistant", "echo How long is the hammock?")

    press(ana, page.get_by_role("link", name="All conversations"))
    press(ana, page.get_by_label("More options for ok about coffee"))
    press(ana, page.locator("details[open]").get_by_role("link", name="Delete"))
    press(ana, ana.button("Delete permanently"))
    expect(page.get_by_text("ok about coffee")).to_have_count(0)


@pytest.mark.parametrize("touch", [False, True], ids=["a desk", "a tablet with a keyboard"])
def test_the_focus_is_not_lost_when_its_place_is(visit: Visit, touch: bool) -> None:
    ana = visit(viewport={"width": 800, "height": 600}, has_touch=touch, is_mobile=touch)
    write_long(ana, 50)
    older = ana.page.get_by_role("link", name="Older messages", exact=True)

    older.focus()

    expect(ana.page.locator("#message-11")).to_be_attached()
    expect(ana.page.locator("#message-30 *:focus, #message-31 *:focus")).to_have_count(1)
    ana.box.fill("say-40-400")
    ana.send.focus()
    ana.page.keyboard.press("Enter")
    ana.wait_for_words("word5")
    assert not ana.page.evaluate(NOWHERE)
    ana.stop.focus()
    ana.page.keyboard.press("Enter")
    ana.wait_for_end()
    assert not ana.page.evaluate(NOWHERE)
    ana.button("Continue").focus()
    ana.page.keyboard.press("Enter")
    ana.wait_for_words("Hello world")
    ana.wait_for_end()
    assert not ana.page.evaluate(NOWHERE)
