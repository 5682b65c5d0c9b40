"""`uv run --group dev python -m tests.browser.icons`: draws the icons of home screens anew out of static/icon.svg, with Chromium.

Two have round corners as the drawing has; the third fills its square, for a telephone cuts it to a shape of its own
(its owl lies within the circle of 80 % that is never cut, https://www.w3.org/TR/appmanifest/#icon-masks).
"""

import shutil
from io import BytesIO

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from settings import ROOT

STATIC = ROOT / "static"
COLOURS = 64
"""Enough for the drawing's seven and the edges between them."""
ICONS = {"icon-192.png": 192, "icon-512.png": 512, "icon-maskable-512.png": 512}


def draw(page: Page, name: str) -> bytes:
    """Draw one icon as a PNG."""
    drawing, size = (STATIC / "icon.svg").read_text(), ICONS[name]
    if "maskable" in name:
        drawing = drawing.replace(' rx="16"', "", 1)
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block; width: {size}px }}</style>{drawing}")
    drawn, small = Image.open(BytesIO(page.screenshot(omit_background=True))), BytesIO()
    drawn.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name in ICONS:
            (STATIC / name).write_bytes(draw(browser.new_page(), name))
        browser.close()


if __name__ == "__main__":
    main()
