"""On a telephone: notches and rounded corners, the keyboard, pulling at the page, a place on the home screen."""

import json
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser, expect

from settings import Settings
from tests.browser.conftest import Visit
from tests.browser.icons import ICONS, STATIC, draw

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LYING = {"viewport": {"width": 844, "height": 390}, "has_touch": True, "is_mobile": True}
INSETS = {"top": 47, "left": 59, "right": 59, "bottom": 34}
COVERED = """({top, left, right, bottom}) => [...document.querySelectorAll("h1, h2, a, p, label, button, input, textarea, summary")]
    .filter((part) => part.checkVisibility() && !part.closest(".hidden, .skip"))
    .map((part) => [part, part.getBoundingClientRect()])
    .filter(([part, box]) => box.width && (box.left < left || box.right > innerWidth - right
        || (part.closest("header, .plain, #menu") && box.top < top) || (part.closest("footer") && box.bottom > innerHeight - bottom)))
    .map(([part]) => part.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("path", ["", "conversations", "nowhere"])
def test_nothing_lies_under_a_notch_or_a_rounded_corner(visit: Visit, path: str) -> None:
    ana = visit(**LYING)
    ana.allowed.append("status of 404")
    debugger = ana.context.new_cdp_session(ana.page)
    debugger.send("Emulation.setSafeAreaInsetsOverride", {"insets": INSETS})

    ana.page.goto(f"{ana.server.url}/{path}")

    assert ana.page.evaluate("innerWidth") == 844
    assert ana.page.evaluate(COVERED, INSETS) == []
    if path == "":
        ana.button(f"{ana.name}, menu").tap()
        expect(ana.page.get_by_role("link", name="Memory")).to_be_in_viewport(ratio=1)
        assert ana.page.evaluate(COVERED, INSETS) == []
        ana.page.keyboard.press("Escape")
        ana.button("Conversations").tap()
        expect(ana.button("New conversation")).to_be_in_viewport(ratio=1)
        assert ana.page.evaluate(COVERED, INSETS) == []


def test_the_message_box_stays_above_the_keyboard(visit: Visit) -> None:
    ana = visit(**PHONE)
    ana.box.fill("ok one")
    ana.send.tap()
    ana.wait_for_end()
    asked = ana.page.locator("meta[name=viewport]").get_attribute("content") or ""
    assert "interactive-widget=resizes-content" in asked, "what Chromium and Firefox do with it is shrink the page"

    ana.page.set_viewport_size({"width": 390, "height": 844 - 500})
    ana.box.fill("a line\n" * 12)

    expect(ana.box).to_be_in_viewport(ratio=1)
    expect(ana.send).to_be_in_viewport(ratio=1)
    expect(ana.page.locator("#message-2")).to_be_in_viewport()
    assert ana.page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_who_comes_the_first_time_reads_from_the_top(visit: Visit) -> None:
    ana = visit(viewport={"width": 320, "height": 568})

    assert ana.page.evaluate("scroller.scrollHeight > scroller.clientHeight"), "there is more than fits"
    expect(ana.page.get_by_role("heading", level=2)).to_be_in_viewport(ratio=1)


def test_pulling_at_the_page_does_not_load_it_anew(visit: Visit) -> None:
    ana = visit(**PHONE)
    ana.box.fill("half a thought")

    styles = ana.page.evaluate(
        "['html', '#scroller'].map((part) => getComputedStyle(document.querySelector(part)).overscrollBehaviorY)"
    )

    assert styles == ["none", "contain"]


def test_the_page_is_installable_under_the_shops_name(visit: Visit) -> None:
    ana = visit(**PHONE)
    debugger = ana.context.new_cdp_session(ana.page)

    found = debugger.send("Page.getAppManifest")

    assert found["errors"] == []
    assert json.loads(found["data"])["name"] == Settings().shop
    reasons = [error["errorId"] for error in debugger.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert set(reasons) <= {"in-incognito"}, "every window of a test is a private one"


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_what_the_drawing_gives(chromium: Browser, name: str) -> None:
    page = chromium.new_page()
    drawn, kept = (Image.open(file).convert("RGBA") for file in (BytesIO(draw(page, name)), STATIC / name))
    page.close()

    assert drawn.size == kept.size
    assert max(ImageStat.Stat(ImageChops.difference(drawn, kept)).mean) < 1, "draw them anew: just icons"
