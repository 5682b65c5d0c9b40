"""One's conversations: found, renamed, taken along, brought in, read page by page; on a telephone and without JavaScript."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from memory.conversations.records import Record, print_record
from tests.browser.conftest import Visit
from tests.browser.looks import shoot
from tests.browser.visitor import Visitor

BEGAN = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}


def keep_aside(visitor: Visitor, began: datetime, texts: Sequence[str]) -> str:
    """Write a conversation set aside, questions and answers by turns, and return its name."""
    place = visitor.folder.path / "archive" / f"{began:%Y%m%dT%H%M%SZ}"
    place.mkdir(parents=True)
    records = [
        Record(
            n, began + timedelta(minutes=n - 1), "user" if n % 2 else "assistant", text, None if n % 2 else "gpt-6-luna"
        )
        for n, text in enumerate(texts, 1)
    ]
    (place / "history.txt").write_bytes(b"".join(map(print_record, records)))
    return place.name


def is_narrow_enough(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("java_script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_conversation_is_found_renamed_exported_imported_resumed(
    visit: Visit, tmp_path: Path, java_script: bool
) -> None:
    ana = visit(**PHONE, java_script_enabled=java_script, accept_downloads=True)
    name = keep_aside(ana, BEGAN, [f"Message {n} about São Luís" if n == 9 else f"Message {n}" for n in range(1, 101)])
    page = ana.page
    page.goto(f"{ana.server.url}/conversations")
    assert is_narrow_enough(page)

    page.get_by_label("Search all conversations").fill("sao luis")
    ana.button("Search").tap()
    expect(page.locator("mark")).to_have_text(["São", "Luís"])
    assert is_narrow_enough(page)
    page.get_by_role("link", name="Message 1", exact=True).tap()
    expect(page.locator("#message-9")).to_be_in_viewport()
    assert is_narrow_enough(page)
    page.get_by_role("link", name="Newer messages").tap()
    expect(page.locator("#message-31")).to_be_attached()

    page.locator("summary").tap()
    assert is_narrow_enough(page)
    page.get_by_label("Title").fill("The island")
    ana.button("Rename").tap()
    expect(page.get_by_role("heading", name="The island")).to_be_visible()
    page.locator("summary").tap()
    with page.expect_download() as started:
        page.get_by_role("link", name="JSON").tap()
    assert started.value.suggested_filename == f"conversation-{name}.json"
    taken = tmp_path / "taken.json"
    started.value.save_as(taken)

    page.get_by_role("link", name="Delete").tap()
    ana.button("Delete permanently").tap()
    expect(page.get_by_text("The island")).to_have_count(0)
    page.get_by_label("File to import").set_input_files(taken)
    ana.button("Import").tap()
    expect(page.get_by_role("heading", name="The island")).to_be_visible()
    expect(page.locator("#message-100")).to_be_in_viewport()
    ana.box.fill("ok Where were we?")
    ana.send.tap()
    expect(page.locator("#message-102")).to_contain_text("Hello")
    assert ana.records()[8].text == "Message 9 about São Luís"


@pytest.mark.parametrize("width", [390, 1280], ids=["in a sheet", "at the side"])
def test_the_list_leads_to_an_old_conversation_to_write_in(visit: Visit, width: int) -> None:
    ana = visit(viewport={"width": width, "height": 800})
    for n in range(40):
        keep_aside(ana, BEGAN - timedelta(days=n + 1), [f"Question {n}."])
    name = keep_aside(ana, BEGAN, ["How long is the hammock?", "It is **4 m** long."])
    ana.ask_and_wait("ok about coffee")
    page, side = ana.page, ana.page.locator("#side")
    assert side.is_visible() == (width > 1000)

    if width < 1000:
        ana.button("Conversations").click()
        expect(side.locator("a[aria-current]")).to_be_visible()
        shoot(page, "sheet")
        page.set_viewport_size({"width": width, "height": 800})
        ana.button("Conversations").click()
    expect(side.get_by_role("link", name="ok about coffee")).to_have_attribute("aria-current", "page")
    expect(side.get_by_role("link", name="Question 0.")).to_have_count(0)
    side.get_by_role("link", name="Question 11.").scroll_into_view_if_needed()
    expect(side.get_by_role("link", name="Question 0.")).to_be_attached()
    side.get_by_role("link", name="How long is the hammock?").click()

    expect(page.locator("#message-2 strong")).to_have_text("4 m")
    expect(ana.box).to_be_focused()
    ana.ask("ok And in blue?")
    page.wait_for_url(f"{ana.server.url}/")
    ana.wait_for_end()
    assert [text for _, text in ana.kept()][2:] == ["ok And in blue?", "Hello world"]
    page.goto(f"{ana.server.url}/conversations/{name}")
    assert page.url == f"{ana.server.url}/", "it is the current one now"


def test_the_first_question_gives_the_list_its_title(visit: Visit) -> None:
    ana = visit()
    expect(ana.page.locator("#side-list a")).to_have_text("New conversation")

    ana.ask("ok about hammocks")

    expect(ana.page.locator("#side-list span")).to_have_text("ok about hammocks")


def test_the_list_is_grouped_by_the_days_of_the_readers_clock(visit: Visit) -> None:
    """At the reader's place the day began three hours after that of the server."""
    ana = visit()
    noon = datetime.now(ZoneInfo("America/Recife")).replace(hour=12, minute=0, second=0, microsecond=0)
    for count in (30, 8, 7, 2, 1):
        keep_aside(ana, (noon - timedelta(days=count)).astimezone(UTC), [f"{count} days ago"])
    ana.ask_and_wait("ok now")
    ana.page.reload()

    shown = ana.page.locator("#side-list > li:not(.loader) > span, #side-list > .day, #side-list span")
    expect(shown).to_have_text(
        [
            "Today",
            "ok now",
            "Yesterday",
            "1 days ago",
            "Previous 7 days",
            "2 days ago",
            "7 days ago",
            "Older",
            "8 days ago",
            "30 days ago",
        ]
    )
    shoot(ana.page, "days")


def test_without_script_the_sheet_leads_to_all_conversations(visit: Visit) -> None:
    ana = visit(**PHONE, java_script_enabled=False)
    name = keep_aside(ana, BEGAN, ["How long is the hammock?", "It is 4 m long."])

    ana.button("Conversations").tap()
    ana.page.get_by_role("link", name="All conversations").tap()
    ana.page.get_by_role("link", name="How long is the hammock?").tap()
    ana.page.wait_for_url(f"**/{name}")
    ana.box.fill("ok And in blue?")
    ana.send.tap()

    expect(ana.page.locator("#message-4")).to_contain_text("Hello world")
    assert len(ana.kept()) == 4


def test_a_file_that_cannot_be_imported_is_refused_in_words(visit: Visit, tmp_path: Path) -> None:
    ana = visit()
    ana.allowed += ["status of 422", "status of 413"]
    ana.page.goto(f"{ana.server.url}/conversations")
    for size, says in ((10, "This is not a conversation"), (40 << 20, "larger than 32 MB")):
        file = tmp_path / f"{size}.txt"
        file.write_bytes(b"x" * size)

        ana.page.get_by_label("File to import").set_input_files(file)
        ana.button("Import").click()

        expect(ana.page.get_by_role("alert")).to_contain_text(says)


def test_pictures_of_the_pages_of_conversations(visit: Visit) -> None:
    ana = visit()
    keep_aside(
        ana,
        BEGAN,
        ["Do you have a hammock for two, in blue, that fits a small veranda with plants?", "Yes, the **double** one."],
    )
    keep_aside(ana, BEGAN + timedelta(days=3), ["W" * 200, "A word without an end: " + "x" * 300])
    name = keep_aside(ana, BEGAN + timedelta(days=9), [f"Message {n}, a hammock" for n in range(1, 71)])
    for n in range(30):
        keep_aside(ana, BEGAN + timedelta(days=20 + n), [f"How much is number {n}?"])
    ana.ask_and_wait("ok Which hammock is there for two, and do you send it to Recife?")
    for picture, path in {
        "conversations-many": "conversations",
        "conversations-page": "conversations?page=2",
        "conversations-found": "conversations?q=hammock",
        "conversations-nothing": "conversations?q=submarine",
        "conversations-imported": "conversations?imported=25",
        "conversation": f"conversations/{name}?at=20#message-20",
        "conversation-current": "conversations/current",
    }.items():
        ana.page.goto(f"{ana.server.url}/{path}")
        shoot(ana.page, picture)
        if picture == "conversations-many":
            ana.page.locator("summary").nth(1).click()
            shoot(ana.page, "conversations-more")
