"""Without JavaScript: the same addresses, whole pages."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from memory.conversations.records import Record
from tests.browser.conftest import Visit
from tests.browser.visitor import PASSWORD, write_history


def test_a_question_is_answered_by_a_new_page(visit: Visit) -> None:
    ana = visit(logged_in=False, java_script_enabled=False)
    ana.page.goto(f"{ana.server.url}/login")
    ana.page.get_by_label("Name").fill(ana.name)
    ana.page.get_by_label("Password").fill(PASSWORD)
    ana.button("Log in").click()

    ana.box.fill("say-60-40")
    ana.send.click()

    expect(ana.page.locator("#message-2")).to_contain_text("word40")
    assert ana.page.url == f"{ana.server.url}/"
    expect(ana.box).to_have_value("")
    assert [role for role, _ in ana.kept()] == ["user", "assistant"]
    ana.button(f"{ana.name}, menu").click()
    ana.button("Log out").click()
    expect(ana.button("Log in")).to_be_visible()


def test_a_reply_in_progress_is_shown_and_can_be_stopped(visit: Visit) -> None:
    ana = visit(java_script_enabled=False)
    asking = ana.context.new_page()
    asking.goto(f"{ana.server.url}/")
    asking.locator("#content").fill("say-40-400")
    asking.get_by_role("button", name="Send", exact=True).click(no_wait_after=True)

    ana.page.wait_for_timeout(700)
    ana.page.reload()

    expect(ana.page.locator("#message-2")).to_contain_text("word10")
    ana.page.wait_for_timeout(100)
    expect(ana.page.locator("#message-2")).to_contain_text("word60")  # the page comes anew by itself
    ana.stop.click()
    expect(ana.page.locator("#message-2 .ending")).to_have_text("Answer stopped.")
    expect(ana.button("Continue")).to_be_visible()
    expect(asking.locator("#message-2 .ending")).to_have_text("Answer stopped.")
    assert ana.records()[-1].ending == "stopped"
    assert "word400" not in ana.records()[-1].text


def test_a_refused_message_comes_back_with_its_reason(visit: Visit) -> None:
    ana = visit(java_script_enabled=False)
    ana.allowed.append("status of 422")

    ana.box.fill("x" * 2_001)
    ana.send.click()

    expect(ana.notice).to_contain_text("it has 2,001 characters")
    expect(ana.box).to_have_value("x" * 2_001)
    assert ana.kept() == []


def test_older_messages_are_a_link_away(visit: Visit) -> None:
    ana = visit(java_script_enabled=False)
    time = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    records = [
        Record(n, time + timedelta(minutes=n), "user" if n % 2 else "assistant", f"Message {n}.") for n in range(1, 51)
    ]
    write_history(ana.folder, records)
    ana.page.reload()
    older = ana.page.get_by_role("link", name="Older messages", exact=True)

    def texts() -> list[str]:
        return ana.page.locator("#log .text").all_inner_texts()

    assert texts() == [f"Message {n}." for n in range(31, 51)]

    older.click()
    assert texts() == [f"Message {n}." for n in range(11, 31)]
    older.click()
    assert texts() == [f"Message {n}." for n in range(1, 11)]
    expect(older).to_have_count(0)

    ana.page.get_by_role("link", name="Back to the latest messages").click()
    expect(ana.page.locator("#message-50")).to_be_in_viewport()
