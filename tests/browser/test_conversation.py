"""Asking and being answered: what a person sees, and what history.txt holds."""

from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import EXAMPLES, Said
from tests.support.upstream import SHOP

KEY = """(box, options) => box.dispatchEvent(
    new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true, ...options}))"""
LISTEN = """() => {
    window.announced = [];
    const usual = {status: "polite", alert: "assertive", log: "polite", timer: "off"};
    new MutationObserver((changes) => {
        const regions = changes.map(({target}) => (target.closest ? target : target.parentElement)?.closest(
            "[aria-live], [role=status], [role=alert], [role=log], [role=timer], output"));
        for (const region of new Set(regions)) {
            const words = region?.textContent.trim();
            if (words && !region.hidden && (region.ariaLive ?? usual[region.role] ?? "polite") !== "off") announced.push(words);
        }
    }).observe(document.body, {subtree: true, childList: true, characterData: true, attributeFilter: ["hidden"]});
}"""
"""Notes what a screen reader would say by itself: whatever changes in a region that is live."""
INTERRUPTED_AT = "say-40-400"
"""Ten seconds of words: long enough for whatever happens in the middle."""


def test_an_answer_grows_and_ends_as_a_reload_shows_it(visit: Visit) -> None:
    ana = visit()

    ana.ask("shop, which hammock is there for two?")

    ana.wait_for_words("three hammocks")
    early = ana.last_said().text
    assert "free from R$ 200.00" not in early
    expect(ana.box).to_have_value("")
    ana.wait_for_words("For two people I would look at")
    assert ana.last_said().text.startswith(early[:20])
    ana.wait_for_end()
    streamed, seen = ana.reply_html(2), ana.said()
    ana.page.reload()
    assert streamed == ana.reply_html(2)
    assert seen == ana.said()
    assert ana.kept() == [("user", "shop, which hammock is there for two?"), ("assistant", SHOP["hammock"].rstrip())]


def test_enter_sends_and_shift_with_enter_breaks_the_line(visit: Visit) -> None:
    ana = visit()

    ana.box.press_sequentially("echo one")
    ana.box.press("Shift+Enter")
    ana.box.press_sequentially("two")
    expect(ana.box).to_have_value("echo one\ntwo")
    ana.box.press("Enter")

    ana.wait_for_end()
    assert ana.said() == [Said("user", "echo one\ntwo"), Said("assistant", "echo one two")]
    assert ana.kept() == [("user", "echo one\ntwo"), ("assistant", "echo one\ntwo")]


def test_enter_that_picks_an_input_method_word_does_not_send(visit: Visit) -> None:
    ana = visit()
    ana.box.fill("ok ネット")

    for options in ({"isComposing": True}, {"keyCode": 229}):
        ana.box.evaluate(KEY, options)
    ana.page.wait_for_timeout(200)

    expect(ana.box).to_have_value("ok ネット")
    assert ana.kept() == []
    ana.box.evaluate(KEY, {})
    ana.wait_for_end()
    assert ana.kept() == [("user", "ok ネット"), ("assistant", "Hello world")]


@pytest.mark.parametrize("by", ["the button", "Escape"])
def test_stop_keeps_a_half_written_reply_that_can_be_continued(visit: Visit, by: str) -> None:
    ana = visit()
    ana.ask(INTERRUPTED_AT)
    ana.wait_for_words("word12")

    if by == "Escape":
        ana.page.keyboard.press("Escape")
    else:
        ana.stop.click()

    ana.wait_for_end()
    stopped = ana.last_said()
    assert stopped.ending == "Answer stopped."
    assert "word400" not in stopped.text
    assert ana.kept() == [("user", INTERRUPTED_AT), ("assistant", stopped.text)]
    assert ana.records()[-1].ending == "stopped"

    ana.button("Continue").click()

    expect(ana.button("Continue")).to_have_count(0)
    ana.wait_for_end()
    whole = f"{stopped.text}Hello world"
    assert ana.said() == [Said("user", INTERRUPTED_AT), Said("assistant", whole)]
    assert ana.records()[-1].text == whole
    assert ana.records()[-1].replaces == 2


def test_answer_again_replaces_the_stopped_answer(visit: Visit) -> None:
    ana = visit()
    question = "then-say-40-400-ok"
    ana.ask(question)
    ana.wait_for_words("word12")
    ana.stop.click()
    ana.wait_for_end()

    ana.button("Answer again").click()

    ana.wait_for_words("Hello world")
    ana.wait_for_end()
    assert ana.said() == [Said("user", question), Said("assistant", "Hello world")]
    ana.page.reload()
    assert ana.said() == [Said("user", question), Said("assistant", "Hello world")]
    assert [record.replaces for record in ana.records()] == [None, None, 2]


def test_editing_a_question_replaces_it_and_what_followed(visit: Visit) -> None:
    ana = visit()
    ana.ask_and_wait("ok one")
    ana.ask_and_wait("ok two")
    ana.page.locator("#message-1 .edit").click()
    edited = ana.page.get_by_label("Edit message").first

    edited.fill("say-60-30")
    ana.button("Send").first.click()

    ana.wait_for_words("word30")
    ana.wait_for_end()
    said = [Said("user", "say-60-30"), Said("assistant", " ".join(f"word{n}" for n in range(1, 31)))]
    assert ana.said() == said
    ana.page.reload()
    assert ana.said() == said
    assert [(record.number, record.replaces) for record in ana.records()][4:] == [(5, 1), (6, None)]


def test_a_conversation_set_aside_can_be_opened_again(visit: Visit) -> None:
    ana = visit()
    ana.ask_and_wait("ok about hammocks")
    ana.button("New conversation").click()
    expect(ana.page.get_by_role("heading", name="What can we do for you?")).to_be_visible()
    assert ana.kept() == []
    ana.ask_and_wait("ok about coffee")

    ana.page.get_by_role("link", name="All conversations").click()
    ana.button("Continue").click()

    expect(ana.page.locator("#message-1 .text")).to_have_text("ok about hammocks")
    assert [said.text for said in ana.said()] == ["ok about hammocks", "Hello world"]
    assert [text for _, text in ana.kept()] == ["ok about hammocks", "Hello world"]


def test_a_fault_is_told_in_a_sentence_and_can_be_tried_again(visit: Visit) -> None:
    ana = visit()
    question = "then-r500-then-r500-ok"  # a fault is tried once more by itself

    ana.ask(question)

    ana.wait_for_end()
    said = ana.last_said()
    assert said.ending.startswith("The assistant is unavailable, so this comes straight from the shop's information.")
    assert said.ending.endswith(" The assistant's server had an error.")
    assert said.text.startswith("The assistant can't answer right now"), "the shop's own lines and contacts are there"
    assert ana.records()[-1].ending == "failed"
    ana.button("Answer again").click()
    ana.wait_for_words("Hello world")
    ana.wait_for_end()
    assert ana.said() == [Said("user", question), Said("assistant", "Hello world")]


def test_a_message_during_a_reply_is_refused_and_left_in_its_box(visit: Visit) -> None:
    ana = visit()
    ana.allowed.append("status of 409")
    ana.ask(INTERRUPTED_AT)
    ana.wait_for_words("word5")

    ana.ask("ok and another thing")

    expect(ana.notice).to_contain_text("wait for the current answer to finish")
    expect(ana.box).to_have_value("ok and another thing")
    ana.stop.click()
    ana.wait_for_end()
    expect(ana.notice).to_have_text("")
    assert len(ana.kept()) == 2
    ana.box.press("Enter")
    ana.wait_for_words("Hello world")
    assert [said.role for said in ana.said()] == ["user", "assistant"] * 2


def test_a_message_submitted_many_times_at_once_is_one_message(visit: Visit) -> None:
    ana = visit()
    ana.box.fill("say-40-20")

    ana.page.evaluate("() => { for (let n = 0; n < 5; n++) document.querySelector('#composer').requestSubmit(); }")

    ana.wait_for_words("word20")
    ana.wait_for_end()
    assert [record.role for record in ana.records()] == ["user", "assistant"]
    assert [said.role for said in ana.said()] == ["user", "assistant"]


def test_a_double_click_on_send_does_not_stop_the_answer(visit: Visit) -> None:
    ana = visit()
    ana.box.fill("say-40-20")

    ana.send.dblclick(delay=60)

    ana.wait_for_words("word20")
    ana.wait_for_end()
    assert [(record.role, record.ending) for record in ana.records()] == [("user", None), ("assistant", "stop")]


def test_an_empty_conversation_offers_questions_asked_in_a_click(visit: Visit) -> None:
    ana = visit()
    expect(ana.page.get_by_role("heading", name="What can we do for you?")).to_be_visible()

    ana.box.fill("something half typed")
    ana.button(EXAMPLES[0]).click()

    ana.wait_for_words("Hello world")
    ana.wait_for_end()
    expect(ana.page.get_by_role("heading", name="What can we do for you?")).to_be_hidden()
    expect(ana.box).to_have_value("something half typed")
    assert ana.kept() == [("user", EXAMPLES[0]), ("assistant", "Hello world")]


def test_an_overlong_message_is_refused_and_stays_in_its_box(visit: Visit) -> None:
    ana = visit()
    ana.allowed.append("status of 422")

    ana.ask("x" * 2_001)

    expect(ana.notice).to_contain_text("it has 2,001 characters, and the limit is 2,000")
    expect(ana.box).to_have_value("x" * 2_001)
    assert ana.kept() == []
    ana.ask_and_wait("ok")
    expect(ana.notice).to_have_text("")


def test_typed_text_is_shown_verbatim_and_the_box_is_emptied(visit: Visit) -> None:
    ana = visit()
    typed = "  ok <b>bold</b> & `code`\n\n    indented "

    ana.ask_and_wait(typed)

    assert ana.page.locator("#message-1 .text").text_content() == typed
    expect(ana.box).to_have_value("")
    assert ana.kept()[0] == ("user", typed)


def test_stop_stands_exactly_where_send_stood(visit: Visit) -> None:
    ana = visit()
    before = ana.send.bounding_box()

    ana.ask(INTERRUPTED_AT)
    expect(ana.stop).to_be_visible()

    assert ana.stop.bounding_box() == before
    ana.stop.click()
    ana.wait_for_end()
    assert ana.send.bounding_box() == before


def test_screen_reader_announces_only_start_and_end_of_an_answer(visit: Visit) -> None:
    ana = visit()
    ana.page.evaluate(LISTEN)

    ana.ask("say-40-60")

    ana.wait_for_words("word5")
    assert ana.page.evaluate("announced") == ["The assistant is answering."]
    tree = ana.context.new_cdp_session(ana.page).send("Accessibility.getFullAXTree")["nodes"]
    said = {
        node["role"]["value"]: {p["name"]: p["value"].get("value") for p in node.get("properties", [])} for node in tree
    }
    assert (said["log"].get("live", "off"), said["status"]["live"]) == ("off", "polite")
    assert sum(p["name"] == "busy" for node in tree for p in node.get("properties", [])) == 1
    ana.wait_for_end()
    assert ana.page.evaluate("announced") == ["The assistant is answering.", "The answer is complete."]
    expect(ana.page.locator("#message-2")).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_who_wants_no_motion(visit: Visit, motion: Literal["reduce", "no-preference"]) -> None:
    ana = visit(reduced_motion=motion)

    ana.ask("hang_first")

    expect(ana.page.locator(".waited")).to_contain_text("s")  # the moment in which Stop cannot be pressed has passed
    moving = ana.page.evaluate("document.getAnimations().map((animation) => animation.animationName)")
    assert moving == ([] if motion == "reduce" else ["breathe"])
    ana.page.keyboard.press("Escape")
    ana.wait_for_end()


def test_times_are_shown_by_the_readers_clock(visit: Visit) -> None:
    ana = visit()
    ana.ask_and_wait("ok")
    times = ana.page.locator("#log time")

    local = ana.page.evaluate(
        """() => [...document.querySelectorAll("#log time")].map((time) =>
            new Date(time.dateTime).toLocaleTimeString("en-GB", {timeStyle: "short", timeZone: "America/Recife"}))"""
    )

    expect(times).to_have_text(local)
