"""What is half typed is not lost: it waits in its tab until its question is in the log."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from memory.people import accounts
from tests.browser.conftest import Visit
from tests.browser.visitor import PASSWORD, Visitor

TYPED = "Is the hammock\nlarge enough for two?"
KEPT = "You had been logged out. Your message is still here and hasn't been sent yet."


def back(ana: Visitor) -> None:
    ana.page.goto(f"{ana.server.url}/conversations")
    ana.page.go_back()


def elsewhere(ana: Visitor) -> None:
    ana.page.goto(f"{ana.server.url}/account")
    ana.page.get_by_role("link", name="Back to chat").click()


def in_portuguese(ana: Visitor) -> None:
    ana.button(f"{ana.name}, menu").click()
    ana.button("Português (Brasil)").click()
    expect(ana.page.locator("html")).to_have_attribute("lang", "pt-BR")


def reload(ana: Visitor) -> None:
    ana.page.reload()


def end_session(ana: Visitor) -> None:
    """End it while the page asks for nothing: an answer to that would lead to the login before anything is typed."""
    ana.wait_until_settled()
    accounts.close_all(ana.folder)


def log_in_again(ana: Visitor) -> None:
    ana.page.get_by_label("Name").fill(ana.name)
    ana.page.get_by_label("Password", exact=True).fill(PASSWORD)
    ana.button("Log in").click()


@pytest.mark.parametrize("leave", [reload, back, elsewhere, in_portuguese])
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "later"])
def test_what_is_typed_is_there_again(visit: Visit, leave: Callable[[Visitor], None], is_first: bool) -> None:
    ana = visit()
    if not is_first:
        ana.ask_and_wait("ok")
    ana.box.fill(TYPED)

    leave(ana)

    expect(ana.box).to_have_value(TYPED)
    expect(ana.page.locator("#kept")).to_be_hidden()


def test_what_was_sent_does_not_come_back(visit: Visit) -> None:
    ana = visit()
    ana.ask_and_wait("ok one")
    ana.box.fill("ok two")
    ana.page.reload()
    ana.box.press("Enter")
    expect(ana.box).to_have_value("")
    ana.wait_for_end()

    ana.page.reload()

    expect(ana.box).to_have_value("")
    ana.button("New conversation").click()
    expect(ana.page.get_by_role("heading", name="What can we do for you?")).to_be_visible()
    expect(ana.box).to_have_value("")


def test_what_is_typed_while_the_first_answer_comes_stays(visit: Visit) -> None:
    ana = visit()
    ana.ask("say-40-40")
    expect(ana.box).to_have_value("")
    ana.box.fill(TYPED)
    ana.wait_for_end()

    ana.page.reload()

    expect(ana.box).to_have_value(TYPED)


def test_each_conversation_has_its_own_draft(visit: Visit) -> None:
    ana = visit()
    ana.ask_and_wait("ok")
    ana.box.fill(TYPED)
    ana.button("New conversation").click()
    expect(ana.page.get_by_role("heading", name="What can we do for you?")).to_be_visible()
    expect(ana.box).to_have_value("")

    ana.page.goto(f"{ana.server.url}/conversations")
    ana.button("Continue").click()

    expect(ana.box).to_have_value(TYPED)


def test_a_message_being_edited_is_not_lost_either(visit: Visit) -> None:
    ana = visit()
    ana.ask_and_wait("ok")
    ana.page.get_by_text("Edit", exact=True).click()
    ana.page.get_by_label("Edit message").fill(TYPED)

    ana.page.reload()
    ana.page.get_by_text("Edit", exact=True).click()

    expect(ana.page.get_by_label("Edit message")).to_have_value(TYPED)


def test_an_ended_session_leads_back_to_the_draft(visit: Visit) -> None:
    ana = visit()
    ana.allowed.append("status of 401")
    ana.ask_and_wait("ok")
    end_session(ana)
    ana.box.fill(TYPED)
    ana.box.press("Enter")
    expect(ana.page.get_by_role("status")).to_have_text("Log in and your message will be waiting for you.")

    log_in_again(ana)

    expect(ana.box).to_have_value(TYPED)
    expect(ana.page.get_by_text(KEPT)).to_be_visible()
    assert len(ana.kept()) == 2


def test_an_ended_session_leads_back_to_an_old_conversation(visit: Visit) -> None:
    ana = visit()
    ana.allowed.append("status of 401")
    ana.ask_and_wait("ok about hammocks")
    ana.button("New conversation").click()
    expect(ana.page.get_by_role("heading", name="What can we do for you?")).to_be_visible()
    ana.page.get_by_role("link", name="ok about hammocks").click()
    expect(ana.page.locator("#message-2")).to_be_visible()
    end_session(ana)
    ana.box.fill(TYPED)
    ana.box.press("Enter")

    log_in_again(ana)

    expect(ana.page.locator("#message-1")).to_contain_text("ok about hammocks")
    expect(ana.box).to_have_value(TYPED)
    expect(ana.page.get_by_text(KEPT)).to_be_visible()


def test_a_draft_is_not_shown_to_another_user(visit: Visit) -> None:
    ana, eva = visit(), visit(logged_in=False)
    ana.box.fill(TYPED)
    end_session(ana)
    ana.page.reload()
    ana.page.get_by_label("Name").fill(eva.name)
    ana.page.get_by_label("Password", exact=True).fill(PASSWORD)
    ana.button("Log in").click()

    expect(ana.button(f"{eva.name}, menu")).to_be_visible()
    expect(ana.box).to_have_value("")


def test_without_script_the_login_carries_the_message(visit: Visit) -> None:
    ana = visit(java_script_enabled=False)
    ana.allowed.append("status of 401")
    accounts.close_all(ana.folder)
    ana.box.fill(TYPED)
    ana.send.click()
    expect(ana.page.get_by_role("status")).to_contain_text("Your session has ended.")
    ana.page.get_by_label("Name").fill(ana.name)
    ana.page.get_by_label("Password").fill("a hammock in the sun")
    ana.button("Log in").click()
    expect(ana.page.get_by_role("alert")).to_have_text("Wrong name or password.")

    log_in_again(ana)

    expect(ana.box).to_have_value(TYPED)
    expect(ana.notice).to_have_text(KEPT)
    assert ana.kept() == []
