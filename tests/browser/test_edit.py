"""Editing a message: as easy to leave as to begin."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor


def begin(ana: Visitor) -> None:
    ana.ask_and_wait("ok one")
    ana.page.get_by_text("Edit", exact=True).click()
    ana.page.get_by_label("Edit message").fill("ok two")


@pytest.mark.parametrize("way", ["Cancel", "Escape"])
def test_an_edit_is_left_and_the_message_stays(visit: Visit, way: str) -> None:
    ana = visit()
    begin(ana)

    if way == "Cancel":
        ana.page.get_by_role("link", name="Cancel").click()
    else:
        ana.page.get_by_label("Edit message").press("Escape")

    expect(ana.page.get_by_label("Edit message")).to_be_hidden()
    expect(ana.page.locator("#message-1 .text")).to_be_visible()
    ana.page.get_by_text("Edit", exact=True).click()
    expect(ana.page.get_by_label("Edit message")).to_have_value("ok one")
    assert [said.text for said in ana.said()] == ["ok one", "Hello world"]


def test_enter_sends_an_edit_as_it_sends_a_message(visit: Visit) -> None:
    ana = visit()
    begin(ana)
    box = ana.page.get_by_label("Edit message")

    box.press("Shift+Enter")
    box.press_sequentially("three")
    expect(box).to_have_value("ok two\nthree")
    box.press("Enter")

    expect(ana.page.locator("#log > .message.user .text")).to_have_text("ok two\nthree")
    ana.wait_for_end()
