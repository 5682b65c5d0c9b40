"""A question on a slow line: it stands in the log at once, once, and comes back to the box when it is not accepted."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.looks import shoot
from tests.browser.visitor import Said, Visitor

TYPED = "ok Is the hammock large enough for two?"
COUNT = """() => {
    window.counts = new Set();
    const look = () => {
        window.counts.add([...document.querySelectorAll("#log .message.user")].length);
        requestAnimationFrame(look);
    };
    look();
}"""
ANNOUNCED = """() => {
    window.announced = [];
    new MutationObserver(() => window.announced.push(document.getElementById("status").textContent))
        .observe(document.getElementById("status"), {childList: true, characterData: true, subtree: true});
}"""


def hold(visitor: Visitor) -> list[Route]:
    """Keep every message on its way until the test lets it go on."""
    held: list[Route] = []
    visitor.page.route("**/messages", lambda route: held.append(route))
    return held


def ask_slowly(visitor: Visitor, text: str = TYPED) -> Route:
    held = hold(visitor)
    visitor.ask(text)
    expect(visitor.page.locator("#sending .text")).to_have_text(text)
    while not held:
        visitor.page.wait_for_timeout(10)
    return held[0]


def test_the_question_is_shown_while_it_is_sent_and_never_twice(visit: Visit) -> None:
    ana = visit()
    ana.page.evaluate(COUNT)
    ana.page.evaluate(ANNOUNCED)

    message = ask_slowly(ana)

    expect(ana.box).to_have_value("")
    expect(ana.page.locator("#status")).to_have_text("Sending…")
    shoot(ana.page, "sending")
    message.continue_()
    ana.wait_for_end()
    assert ana.said() == [Said("user", TYPED), Said("assistant", "Hello world")]
    assert ana.page.evaluate("[...window.counts].sort().join()") == "0,1"
    assert ana.page.evaluate("window.announced.filter((words) => words === 'Sending…').length") == 1


def test_a_question_that_did_not_arrive_is_sent_again(visit: Visit) -> None:
    ana = visit()
    ana.allow_lost_connections()
    ask_slowly(ana).abort()

    expect(ana.box).to_have_value(TYPED)
    expect(ana.page.locator("#log > .message")).to_have_count(0)
    ana.page.unroute("**/messages")
    ana.button("Try again").click()

    ana.wait_for_end()
    assert ana.said() == [Said("user", TYPED), Said("assistant", "Hello world")]
    expect(ana.box).to_have_value("")
    expect(ana.button("Try again")).to_be_hidden()


def test_a_chosen_question_is_shown_at_once_and_sent_again(visit: Visit) -> None:
    ana = visit()
    ana.allow_lost_connections()
    held = hold(ana)
    example = ana.page.locator(".examples button").first
    words = example.inner_text()
    example.click()
    expect(ana.page.locator("#sending .text")).to_have_text(words)
    while not held:
        ana.page.wait_for_timeout(10)
    held[0].abort()
    expect(example).to_be_visible()

    ana.page.unroute("**/messages")
    ana.button("Try again").click()

    ana.wait_for_end()
    assert ana.said()[0] == Said("user", words)


def test_a_refused_question_is_in_the_box_again(visit: Visit) -> None:
    ana = visit()
    ana.allowed.append("status of 422")

    ana.ask("word " * 401)

    expect(ana.notice).to_contain_text("characters")
    expect(ana.box).to_have_value("word " * 401)
    expect(ana.page.locator("#log > .message")).to_have_count(0)


@pytest.mark.parametrize("later", ["", "And the blue one?"])
def test_what_is_typed_meanwhile_and_what_is_sent_are_both_kept(visit: Visit, later: str) -> None:
    ana = visit()
    ana.allow_lost_connections()
    ask_slowly(ana)
    ana.box.fill(later)

    ana.page.reload()

    expect(ana.box).to_have_value(f"{TYPED}\n\n{later}" if later else TYPED)
    assert ana.kept() == []
