"""Journeys of an owner through the shop's files: on a phone, with JavaScript and without it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from settings import ROOT
from tests.browser.looks import shoot
from tests.browser.visitor import Server, Visitor
from tests.support.upstream import Upstream

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
HAMMOCKS = b"sku,name,price,stock\nH-1,Net hammock,120.00,3\nH-2,Double hammock,220.00,1\n"


@pytest.fixture
def desk(upstream: Upstream, tmp_path: Path) -> Iterator[Server]:
    """A server whose shop is a copy, which its owner may change."""
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts", ignore=shutil.ignore_patterns(".versions"))
    server = Server(tmp_path, upstream, prompts=tmp_path / "prompts")
    server.start()
    yield server
    server.end()
    assert "Traceback" not in server.log(), server.log()


def test_an_upload_is_read_while_the_owner_looks_on(
    desk: Server, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    page = visit(desk, role="owner", **PHONE).page
    page.goto(f"{desk.url}/admin/data")
    hammocks = tmp_path / "hammocks.csv"
    hammocks.write_bytes(HAMMOCKS)
    page.set_input_files("#file", hammocks)
    page.get_by_role("button", name="Upload").click()

    row = page.locator("#files li", has_text="hammocks.csv")
    expect(row).to_contain_text("2 products")
    expect(row.locator("time")).not_to_contain_text("UTC")
    expect(page.locator("#files")).not_to_contain_text("New data is being read")
    shoot(page, "desk-data")


def test_a_text_is_edited_and_restored_without_javascript(desk: Server, visit: Callable[..., Visitor]) -> None:
    page = visit(desk, role="owner", java_script_enabled=False).page
    page.goto(f"{desk.url}/admin/texts/returns.md")
    before = page.input_value("#text")

    page.fill("#text", f"{before}\nNo fee.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview")).to_contain_text("No fee.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".done")).to_contain_text("Saved.")
    page.get_by_role("button", name="Restore the version of").click()

    assert page.input_value("#text") == before
