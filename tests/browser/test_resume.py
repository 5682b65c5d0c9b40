"""A reply belongs to no connection: whoever comes back sees it whole, once."""

import re
import time

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Said, Server, Visitor

WORDS = [f"word{number}" for number in range(1, 201)]
QUESTION = "say-150-200"
"""More than a second of words."""
HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def assert_whole_once(visitor: Visitor) -> None:
    """The page and history.txt hold the question and every word of the reply, once and in order."""
    visitor.wait_for_end()
    assert visitor.kept() == [("user", QUESTION), ("assistant", " ".join(WORDS))]
    assert visitor.said() == [Said("user", QUESTION), Said("assistant", " ".join(WORDS))]
    assert re.findall(r"word\d+", visitor.page.locator("#log").inner_text()) == WORDS


def test_a_reload_in_the_middle_shows_the_whole_reply_once(visit: Visit) -> None:
    ana = visit()
    ana.ask(QUESTION)
    ana.wait_for_words("word20")

    ana.page.reload()

    expect(ana.stop).to_be_visible()
    assert "word20" in ana.last_said().text  # at once, before any stream
    assert_whole_once(ana)


def test_both_tabs_show_the_whole_reply_exactly_once(visit: Visit) -> None:
    ana = visit()
    ana.ask(QUESTION)
    ana.wait_for_words("word20")

    other = ana.tab()

    other.wait_for_words("word60")
    assert_whole_once(ana)
    assert_whole_once(other)
    assert ana.reply_html(2) == other.reply_html(2)


def test_a_page_whose_scripts_come_slowly_follows_the_reply_too(visit: Visit) -> None:
    ana = visit()
    ana.ask(QUESTION)
    ana.wait_for_words("word20")

    def slowly(route: Route) -> None:
        time.sleep(0.15)  # each script by itself, so that they come one after another
        route.continue_()

    ana.context.route("**/*.js", slowly)
    ana.page.reload()

    assert_whole_once(ana)


def test_a_tab_that_has_missed_something_shows_it_when_it_asks(visit: Visit) -> None:
    ana = visit()
    ana.ask_and_wait("ok one")
    other = ana.tab()
    ana.ask_and_wait("ok two")

    other.ask("ok three")

    other.wait_for_words("Hello world")
    expect(other.page.locator("#log > .message")).to_have_count(6)
    other.wait_for_end()
    assert [said.text for said in other.said()] == ["ok one", "Hello world", "ok two", "Hello world"] + [
        "ok three",
        "Hello world",
    ]
    assert [said.text for said in other.said()] == [text for _, text in other.kept()]


@pytest.mark.parametrize("pressed", ["Answer again", "Continue"])
def test_a_stale_tabs_button_replaces_nothing_and_shows_updates(visit: Visit, pressed: str) -> None:
    ana = visit()
    ana.allowed.append("status of 409")
    ana.ask("say-40-400")
    ana.wait_for_words("word12")
    ana.stop.click()
    ana.wait_for_end()
    other = ana.tab()
    ana.ask_and_wait("ok two")
    kept = ana.kept()
    other.box.fill("half a thought")

    other.button(pressed).click()

    expect(other.notice).to_contain_text("continued in another tab")
    assert other.said() == ana.said()
    assert [said.text for said in other.said()][2:] == ["ok two", "Hello world"]
    expect(other.box).to_have_value("half a thought")
    assert ana.kept() == kept
    other.ask_and_wait("ok three")
    expect(other.notice).to_have_text("")
    assert [said.text for said in other.said()][2:] == ["ok two", "Hello world", "ok three", "Hello world"]


def test_a_stale_tabs_button_follows_the_reply_in_progress(visit: Visit) -> None:
    ana = visit()
    ana.allowed.append("status of 409")
    ana.ask("say-40-400")
    ana.wait_for_words("word12")
    ana.stop.click()
    ana.wait_for_end()
    other = ana.tab()
    ana.ask("say-20-60")
    ana.wait_for_words("word5")

    other.button("Answer again").click()

    expect(other.stop).to_be_visible()
    other.wait_for_words("word60")
    other.wait_for_end()
    assert other.said() == ana.said()


def test_an_edit_in_a_stale_tab_replaces_nothing(visit: Visit) -> None:
    ana = visit()
    ana.allowed.append("status of 409")
    ana.ask_and_wait("ok one")
    other = ana.tab()
    ana.ask_and_wait("ok two")
    kept = ana.kept()
    other.page.locator("#message-1 .edit").click()
    edited = other.page.get_by_label("Edit message").first
    edited.fill("ok once more")

    other.button("Send").first.click()

    expect(other.notice).to_contain_text("Reload the page")
    expect(edited).to_have_value("ok once more")
    assert ana.kept() == kept
    other.page.reload()
    other.page.locator("#message-1 .edit").click()
    edited.fill("ok once more")
    other.button("Send").first.click()
    # the scripts may come after the click: then it leads to a new page
    expect(other.page.locator("#log > .message.user")).to_have_count(1)
    other.wait_for_words("Hello world")
    other.wait_for_end()
    assert [said.text for said in other.said()] == ["ok once more", "Hello world"]


def test_a_tab_stopped_from_another_shows_what_was_kept(visit: Visit) -> None:
    ana = visit()
    ana.ask("say-40-400")
    ana.wait_for_words("word1")
    other = ana.tab()
    other.wait_for_words("word20")

    other.stop.click()

    ana.wait_for_end()
    other.wait_for_end()
    assert ana.said() == other.said()
    assert ana.last_said() == Said("assistant", ana.records()[-1].text, "Answer stopped.")


def test_a_hidden_tab_catches_up_when_it_is_shown(visit: Visit) -> None:
    ana = visit()
    ana.ask(QUESTION)
    ana.wait_for_words("word20")

    ana.page.evaluate(HIDE, True)
    ana.page.wait_for_timeout(700)
    hidden = ana.last_said().text
    ana.page.wait_for_timeout(300)
    assert ana.last_said().text == hidden, "a hidden tab holds no connection"
    ana.page.evaluate(HIDE, False)

    assert_whole_once(ana)


def test_a_tab_hidden_until_the_end_shows_the_reply_when_visible(visit: Visit) -> None:
    ana = visit()
    ana.ask(QUESTION)
    ana.wait_for_words("word20")

    ana.page.evaluate(HIDE, True)
    ana.tab().wait_for_end()
    ana.page.evaluate(HIDE, False)

    assert_whole_once(ana)


def test_leaving_and_coming_back_shows_the_whole_reply(visit: Visit) -> None:
    ana = visit()
    ana.ask(QUESTION)
    ana.wait_for_words("word20")

    ana.page.goto("about:blank")
    ana.page.go_back()

    assert_whole_once(ana)


def test_a_killed_server_loses_neither_shown_nor_typed_words(visit: Visit, own_server: Server) -> None:
    ana = visit(own_server)
    ana.allow_lost_connections()
    ana.ask("say-40-400")
    ana.wait_for_words("word40")

    own_server.end()
    shown = ana.last_said().text
    ana.ask("ok again")

    unreached = ana.page.get_by_text("We couldn't reach the shop.")
    expect(unreached).to_be_visible()
    expect(ana.box).to_have_value("ok again")

    own_server.start()

    ana.wait_for_end()
    kept = ana.last_said()
    assert kept.ending == "The answer was interrupted."
    assert kept.text.startswith(shown)
    assert ana.kept() == [("user", "say-40-400"), ("assistant", kept.text)]
    assert ana.records()[-1].ending == "interrupted"
    expect(ana.button("Continue")).to_be_visible()

    ana.box.press("Enter")

    ana.wait_for_words("Hello world")
    ana.wait_for_end()
    expect(unreached).to_be_hidden()
    expect(ana.box).to_have_value("")
    assert [record.ending for record in ana.records()] == [None, "interrupted", None, "stop"]
