"""One look at what a page shows now: pictures of it into screenshots/, and what a test can say of it.

The pictures are of a telephone and a desk, light and dark, to be looked at after a change. The rest holds at these
sizes, at 320 pixels, and in a window as low as that of a zoom of 400 %: axe finds no fault (WCAG 2.0 to 2.2, A and AA),
nothing is wider than the screen, and what is pressed is large enough for an unsteady hand.
"""

import importlib.resources
from typing import Literal

from playwright.sync_api import Page

from settings import ROOT

Scheme = Literal["light", "dark"]
SCHEMES: list[Scheme] = ["light", "dark"]
SIZES = {320: 640, 1280: 800}
PICTURES = {390: 844, 1280: 800}
ZOOMED = (320, 256)
"""1280 by 1024 pixels at a zoom of 400 %, as WCAG's "Reflow" has it."""
SMALLEST_TARGET = 24
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text()
RUN_AXE = """async (tags) => {
    const {violations} = await axe.run({runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
    return violations.flatMap(({id, nodes}) => nodes.map(({target, failureSummary}) => `${id}: ${target} ${failureSummary}`));
}"""
WIDER = """() => [...document.querySelectorAll("html, body, main, footer, #scroller")]
    .filter((box) => box.scrollWidth > box.clientWidth).map((box) => `${box.tagName} ${box.scrollWidth} > ${box.clientWidth}`)"""
SMALLER = """(least) => [...document.querySelectorAll("button, summary, input:not([type=hidden]), select, textarea, nav a")]
    .filter((target) => target.checkVisibility({visibilityProperty: true}))
    .map((target) => [target, target.getBoundingClientRect()])
    .filter(([, {width, height}]) => Math.min(width, height) < least)
    .map(([target, {width, height}]) => `${target.outerHTML.slice(0, 80)} ${width} x ${height}`)"""
HIDDEN = """() => [["the message box", "#content", 40], ["the conversation", "#scroller", 64]]
    .map(([name, selector, least]) => [name, document.querySelector(selector)?.getBoundingClientRect(), least])
    .filter(([, box, least]) => box && Math.min(box.bottom, innerHeight) - Math.max(box.top, 0) < Math.min(least, box.height))
    .map(([name, box]) => `${name} ${box.top} to ${box.bottom}`)"""


def shoot(page: Page, name: str) -> None:
    """Look at what the page shows now. It must run its scripts: axe waits with the page's own clock."""
    (ROOT / "screenshots").mkdir(exist_ok=True)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)  # by the debugger: the page's CSP lets no script tag in
    found = list[str]()
    for width, height in (PICTURES | SIZES).items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if width in PICTURES:
                page.screenshot(path=ROOT / "screenshots" / f"{name}-{width}-{scheme}.png")
            if width in SIZES:
                found += [f"{width} {scheme}: {fault}" for fault in page.evaluate(RUN_AXE, TAGS)]
        found += [f"{width} too wide: {box}" for box in page.evaluate(WIDER)]
        found += [f"{width} too small: {target}" for target in page.evaluate(SMALLER, SMALLEST_TARGET)]
    page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    found += [f"zoomed too wide: {box}" for box in page.evaluate(WIDER)]
    found += [f"zoomed out of sight: {part}" for part in page.evaluate(HIDDEN)]
    page.set_viewport_size({"width": 1280, "height": 800})
    assert found == [], f"{name}:\n" + "\n".join(found)
