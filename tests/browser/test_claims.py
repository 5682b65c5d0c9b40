"""The row behind a value opens from its mark: in front of the conversation, by mouse and keyboard, and without JavaScript."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.looks import shoot


def test_the_row_opens_in_front_and_closes_where_it_was(visit: Visit) -> None:
    ana = visit()
    ana.ask_and_wait("wrong_price please")
    mark = ana.page.locator("#log a.claim[data-verdict=contradicted]")
    expect(mark).to_be_visible()
    before = ana.page.locator("#log .message.assistant").bounding_box()

    mark.focus()
    ana.page.keyboard.press("Enter")

    row = ana.page.locator("#row")
    expect(row).to_be_visible()
    expect(row).to_contain_text("products.csv, line 3")
    expect(row).to_contain_text("289.00")
    assert ana.page.locator("#log .message.assistant").bounding_box() == before, "no text moves"
    assert ana.page.url.rstrip("/") == ana.server.url
    shoot(ana.page, "claim-row")
    ana.page.keyboard.press("Escape")
    expect(row).to_be_hidden()
    expect(mark).to_be_focused()


def test_the_row_is_a_page_without_javascript(visit: Visit) -> None:
    ana = visit(java_script_enabled=False)
    ana.box.fill("wrong_price please")
    ana.send.click()

    ana.page.locator("#log a.claim[data-verdict=contradicted] del").click()

    expect(ana.page.locator("#claim")).to_contain_text("products.csv, line 3")
    ana.page.get_by_role("link", name="Back to the message").click()
    expect(ana.page.locator("#message-2")).to_be_visible()
