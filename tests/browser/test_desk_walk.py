"""A stranger without a terminal: from nothing to a connected, branded shop with its products, a corrected answer and a
customer who was invited, within 60 clicks.

The tree is a copy, with a .env, a settings.toml and prompts/ of its own, as somebody has it who has just downloaded it.
"""

import csv
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from settings import ROOT
from tests.browser.looks import shoot
from tests.browser.visitor import open_context
from tests.support.pictures import picture
from tests.support.upstream import Upstream

MOST_CLICKS = 60
PASSWORD = "a hammock in the shade"
PARTS = ("completions", "deploy", "docs", "handlers", "languages", "memory", "prompts", "shop", "static", "templates")
EXPORT = ("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published", "Option1 Name", "Option1 Value",
          "Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty", "Variant Inventory Policy",
          "Variant Price", "Variant Compare At Price", "Image Src", "Cost per item", "Status")  # fmt: skip
"""Columns of Shopify's product export (https://help.shopify.com/en/manual/products/import-export/using-csv)."""
QUESTION = "May I wash the hammock in a machine?"
WRONG, RIGHT = "I don't know.", "Yes, at 30 degrees in a laundry bag, without its ropes."


@dataclass(frozen=True, slots=True)
class FreshTree:
    """A copy of what is downloaded, and the server that was started in it."""

    root: Path
    url: str

    def log(self) -> str:
        return (self.root / "log").read_text()

    def printed_link(self) -> str:
        """Return the link that the terminal shows."""
        last = time.monotonic() + 30
        while time.monotonic() < last:
            if found := re.search(r"http://localhost:\d+(/signup\?token=\S+)", self.log()):
                return self.url + found[1]
            time.sleep(0.1)
        raise AssertionError(self.log())


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[FreshTree]:
    root = tmp_path / "storekeeper"
    root.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", ".versions")
    for part in PARTS:
        shutil.copytree(ROOT / part, root / part, ignore=ignored)
    for file in [*ROOT.glob("*.py"), ROOT / "settings.toml", ROOT / "pyproject.toml"]:
        shutil.copyfile(file, root / file.name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "STOREKEEPER_"))}
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "server.py", "serve"],
            cwd=root,
            env=environ | {"STOREKEEPER_PORT": str(port)},
            stdout=log,
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        last = time.monotonic() + 60
        while not _answers(url):
            assert process.poll() is None, (root / "log").read_text()
            assert time.monotonic() < last, (root / "log").read_text()
            time.sleep(0.1)
        yield FreshTree(root, url)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    assert "Traceback" not in (root / "log").read_text(), (root / "log").read_text()


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=1) as answer:
        return bool(answer.status == 200)
    return False


class Stranger:
    """Somebody at a browser, whose clicks, taps and choices are counted, those into a field to type there too."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self.troubles = list[str]()
        page.context.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(message.text)

    def click(self, target: Locator) -> None:
        self.clicks += 1
        target.click()

    def press(self, name: str) -> None:
        """Click a button by its name."""
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, name: str) -> None:
        """Click a link by its name."""
        self.click(self.page.get_by_role("link", name=name, exact=True))

    def choose_file(self, label: str, file: Path) -> None:
        """Choose a file: the field, the file, and Open."""
        self.clicks += 3
        self.page.get_by_label(label, exact=True).set_input_files(file)

    def choose(self, label: str, option: str) -> None:
        self.clicks += 2
        self.page.get_by_label(label, exact=True).select_option(option)

    def fill(self, label: str, text: str) -> None:
        self.type(self.page.get_by_label(label, exact=True), text)

    def type(self, field: Locator, text: str) -> None:
        self.click(field)
        field.fill(text)

    def ask(self, text: str) -> None:
        self.type(self.page.locator("#content"), text)
        self.press("Send")
        expect(self.page.locator("#stop")).to_have_count(0)


def write_export(file: Path) -> None:
    """Write a product export: hammocks in two sizes each, a draft among them."""
    names = ["Rede Maré", "Rede Coqueiro", "Rede Jangada", "Rede Alvorada", "Rede Varanda", "Rede Sertão"]
    with file.open("w", newline="", encoding="utf-8") as target:
        rows = csv.DictWriter(target, EXPORT, restval="")
        rows.writeheader()
        for number, name in enumerate(names):
            handle = name.lower().replace(" ", "-")
            status = "draft" if name == "Rede Sertão" else "active"
            rows.writerow({
                "Handle": handle, "Title": name, "Body (HTML)": "<p>Cotton, woven by hand.</p>", "Vendor": "Redes da Ana",
                "Type": "Hammocks", "Published": "true", "Option1 Name": "Size", "Option1 Value": "Single",
                "Variant SKU": f"RM-{number}1", "Variant Grams": "1200", "Variant Inventory Tracker": "shopify",
                "Variant Inventory Qty": str(number), "Variant Inventory Policy": "deny", "Variant Price": f"{180 + number}.00",
                "Cost per item": "77.77", "Status": status,
            })  # fmt: skip
            rows.writerow({
                "Handle": handle, "Option1 Value": "Double", "Variant SKU": f"RM-{number}2", "Variant Inventory Tracker": "shopify",
                "Variant Inventory Qty": "5", "Variant Inventory Policy": "deny", "Variant Price": f"{280 + number}.00",
            })  # fmt: skip


@pytest.mark.timeout(300)
def test_a_stranger_sets_up_a_shop_within_60_clicks(
    tree: FreshTree, chromium: Browser, upstream: Upstream, tmp_path: Path
) -> None:
    context = open_context(chromium, permissions=["clipboard-read", "clipboard-write"])
    ana = Stranger(context.new_page())

    sign_up(ana, tree)
    brand_the_shop(ana, tmp_path)
    upload_products(ana, tmp_path)
    connect_a_model(ana, tree, upstream)
    try_it(ana)
    link = invite(ana)
    correct_an_answer(ana)
    bea_context = open_context(chromium)
    bea = Stranger(bea_context.new_page())
    come_by(bea, link)

    print(f"clicks: {ana.clicks} of the owner, {bea.clicks} of the customer")
    assert ana.clicks + bea.clicks <= MOST_CLICKS
    assert ana.troubles + bea.troubles == []
    context.close()
    bea_context.close()


def sign_up(ana: Stranger, tree: FreshTree) -> None:
    ana.page.goto(tree.printed_link())
    ana.fill("Name", "ana")
    ana.fill("Password", PASSWORD)
    ana.press("Create account")
    expect(ana.page.get_by_role("heading", name="Your shop")).to_be_visible()


def brand_the_shop(ana: Stranger, tmp_path: Path) -> None:
    (tmp_path / "sign.png").write_bytes(picture("PNG", (300, 120), "purple"))
    ana.fill("Name of your shop", "Redes da Ana")
    ana.fill("How customers reach you", "ola@redes.example")
    ana.fill("Monday to Friday, from", "09:00")
    ana.fill("Monday to Friday, until", "18:00")
    ana.choose("Time zone", "America/Recife")
    ana.choose_file("Logo", tmp_path / "sign.png")
    ana.clicks += 2  # the picker of colours, which stands outside of the page
    ana.page.get_by_label("Colour of buttons and links").fill("#7a1f5c")
    ana.fill("Greeting", "Welcome to our workshop by the sea.")
    shoot(ana.page, "setup-shop")
    ana.press("Save and continue")
    expect(ana.page.locator("header img.logo")).to_be_visible()
    expect(ana.page.locator("header h1")).to_have_text("Redes da Ana")


def upload_products(ana: Stranger, tmp_path: Path) -> None:
    write_export(tmp_path / "products_export_1.csv")
    ana.choose_file("File", tmp_path / "products_export_1.csv")
    ana.press("Upload")
    expect(ana.page.get_by_text("5 products, 0 texts")).to_be_visible(timeout=30_000)
    expect(ana.page.get_by_text("5 products, 10 variants, Shopify export")).to_be_visible()
    shoot(ana.page, "setup-data")
    ana.press("Continue")


def connect_a_model(ana: Stranger, tree: FreshTree, upstream: Upstream) -> None:
    shoot(ana.page, "setup-model")
    form = ana.page.get_by_role("region", name="With a server of your own")
    ana.type(form.get_by_label("Address", exact=True), upstream.url("own"))
    ana.type(form.get_by_label("Key, if the server needs one"), "sk-the-servers-own-0123456789")
    ana.type(form.get_by_label("Your password"), PASSWORD)
    ana.click(form.get_by_role("button", name="Try and save"))
    expect(ana.page.get_by_role("heading", name="Try it")).to_be_visible()
    assert stat.S_IMODE((tree.root / ".env").stat().st_mode) == 0o600
    assert "sk-the-servers-own" in (tree.root / ".env").read_text()


def try_it(ana: Stranger) -> None:
    shoot(ana.page, "setup-try")
    ana.press("How much is Rede Maré?")
    expect(ana.page.locator("#log .message")).to_have_count(2)
    ana.ask(QUESTION)
    expect(ana.page.locator("#log .message").last).to_contain_text(WRONG)
    ana.follow("Continue setting up")
    ana.press("Continue")


def invite(ana: Stranger) -> str:
    shoot(ana.page, "setup-people")
    ana.press("Create link")
    ana.click(ana.page.get_by_role("button", name="Copy").first)
    link = str(ana.page.evaluate("navigator.clipboard.readText()"))
    shoot(ana.page, "setup-invited")
    ana.press("Save and finish")
    expect(ana.page.get_by_role("heading", name="Your shop is set up")).to_be_visible()
    shoot(ana.page, "setup-done")
    return link


def correct_an_answer(ana: Stranger) -> None:
    ana.click(ana.page.get_by_role("main").get_by_role("link", name="Admin"))
    ana.follow("Answers")
    ana.click(ana.page.get_by_text("Add an answer"))
    ana.type(ana.page.get_by_label("Question").last, QUESTION)
    ana.type(ana.page.get_by_label("What should the assistant say?").last, RIGHT)
    ana.click(ana.page.get_by_role("button", name="Save answer").last)
    expect(ana.page.get_by_text(RIGHT).first).to_be_visible()


def come_by(bea: Stranger, link: str) -> None:
    bea.page.goto(link)
    bea.fill("Name", "bea")
    bea.fill("Password", "a chair by the window")
    bea.press("Create account")
    expect(bea.page.get_by_text("Welcome to our workshop by the sea.")).to_be_visible()
    expect(bea.page.locator("header img.logo")).to_be_visible()
    bea.ask(QUESTION)
    expect(bea.page.locator("#log .message").last).to_contain_text(RIGHT)
    shoot(bea.page, "branded-chat")
