"""What a person does with an answer, and what its streaming does not do to them."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Said, Server, Visitor
from tests.support.upstream import MARKDOWN

WATCH = """() => {
    window.touched = []; window.shift = 0;
    const done = new WeakSet();
    const isDone = (node) => { for (let at = node; at; at = at.parentNode) if (done.has(at)) return true; return false; };
    new MutationObserver((changes) => {
        for (const {target, removedNodes, addedNodes} of changes) {
            if (isDone(target)) window.touched.push(`in ${target.nodeName}: ${target.textContent.slice(0, 40)}`);
            for (const node of removedNodes) if (done.has(node) && !node.isConnected) window.touched.push(`gone: ${node.nodeName}`);
        }
        const body = document.querySelector("#message-2[aria-busy] .md");
        for (const block of body?.children ?? []) if (!block.matches(".tail")) done.add(block);
    }).observe(document.querySelector("#log"), {childList: true, characterData: true, subtree: true});
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
        if (!entry.hadRecentInput) window.shift += entry.value;
    })).observe({type: "layout-shift", buffered: true});
}"""
SELECTED = "() => getSelection().toString()"


def test_a_finished_block_is_never_redrawn_and_nothing_jumps(visit: Visit) -> None:
    ana = visit()
    ana.page.evaluate(WATCH)

    ana.ask(f"drip\n\n{MARKDOWN}")
    expect(ana.page.locator("#message-2")).to_contain_text("drip")
    ana.page.evaluate("window.shift = 0")  # the message box shrank as it was emptied
    ana.wait_for_words("Pack the things")
    ana.page.locator("#message-2 p", has_text="You have").last.select_text()
    selected = ana.page.evaluate(SELECTED)
    ana.wait_for_words("The slip can be printed")
    assert ana.page.evaluate(SELECTED) == selected
    ana.wait_for_end()

    assert "30 days" in selected
    assert ana.page.evaluate(SELECTED) == selected
    assert ana.page.evaluate("window.touched.join('; ')") == ""
    assert ana.page.evaluate("window.shift") < 0.05
    streamed = ana.reply_html(2)
    ana.page.reload()
    assert ana.reply_html(2) == streamed
    expect(ana.page.locator("#message-2 .code .k").first).to_have_text("def")


def test_an_answer_and_its_code_are_copied(visit: Visit) -> None:
    ana = visit(permissions=["clipboard-read", "clipboard-write"])
    ana.ask_and_wait("echo Look:\n\n```python\nx = 1\ny = 2\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    read = "() => navigator.clipboard.readText()"

    ana.button("Copy code").click()
    expect(ana.page.locator(".code use")).to_have_attribute("href", "#done-icon")
    assert ana.page.evaluate(read) == "x = 1\ny = 2"
    ana.button("Copy answer").click()
    expect(ana.page.locator(".tools .copy use")).to_have_attribute("href", "#done-icon")

    assert re.sub(r"\s+", " ", ana.page.evaluate(read)) == "echo Look: x = 1 y = 2 a b 1 2"
    assert ana.page.evaluate("navigator.clipboard.read().then(([item]) => item.types)") == ["text/plain", "text/html"]


def test_answers_are_switched_and_an_earlier_one_is_taken_back(visit: Visit) -> None:
    ana = visit()
    question = "then-say-0-3-ok"
    ana.ask_and_wait(question)

    ana.button("Answer again").click()

    ana.wait_for_words("Hello world")
    ana.wait_for_end()
    expect(ana.page.get_by_role("group", name="Versions")).to_contain_text("2 of 2")
    ana.page.get_by_role("link", name="Earlier version").click()
    expect(ana.page.locator("#message-2")).to_contain_text("word1 word2 word3")
    ana.button("Use this answer").click()
    expect(ana.page.get_by_role("group", name="Versions")).to_contain_text("1 of 2")
    assert ana.said() == [Said("user", question), Said("assistant", "word1 word2 word3")]
    assert [record.replaces for record in ana.records()] == [None, None, 2, 3]


def test_an_answer_is_judged_by_keyboard_and_the_word_stays(visit: Visit) -> None:
    ana = visit()
    ana.ask_and_wait("ok")
    bad = ana.button("Bad answer")

    bad.focus()
    ana.page.keyboard.press("Enter")
    expect(bad).to_have_attribute("aria-pressed", "true")
    expect(bad).to_be_focused()
    ana.page.get_by_label("Tell us more (optional)").fill("=not what I asked")
    ana.page.keyboard.press("Enter")

    expect(ana.page.locator("#feedback-2 summary")).to_have_text("Your comment")
    ana.page.reload()
    expect(bad).to_have_attribute("aria-pressed", "true")
    expect(ana.button("Good answer")).to_have_attribute("aria-pressed", "false")
    assert (ana.folder.path / "feedback.csv").read_text().endswith(",2,as_told,down,'=not what I asked\n")
    bad.click()
    expect(bad).to_have_attribute("aria-pressed", "false")


def test_answers_are_rated_switched_and_retried_without_scripts(visit: Visit) -> None:
    ana = visit(java_script_enabled=False)
    ana.box.fill("then-say-0-3-ok without")
    ana.send.click()
    ana.button("Good answer").click()
    expect(ana.button("Good answer")).to_have_attribute("aria-pressed", "true")
    expect(ana.button("Copy answer")).to_have_count(0)

    ana.button("Answer again").click()
    expect(ana.page.locator("#message-3")).to_contain_text("Hello world")
    ana.page.get_by_role("link", name="Earlier version").click()
    ana.button("Use this answer").click()

    expect(ana.page.locator("#message-4")).to_contain_text("word1 word2 word3")
    expect(ana.button("Good answer")).to_have_attribute("aria-pressed", "true")  # it is the answer that was judged


def test_the_wait_for_the_first_word_is_counted_in_silence(visit: Visit) -> None:
    ana = visit()

    ana.ask("hang_first")

    expect(ana.page.locator("#message-2 .thinking")).to_contain_text(re.compile(r"is thinking \([23] s\)…"))
    expect(ana.page.locator("#message-2 .writing")).to_be_hidden()
    expect(ana.page.locator("#status")).to_have_text("The assistant is answering.")
    ana.page.keyboard.press("Escape")
    ana.wait_for_end()
    assert ana.last_said().ending == "Answer stopped."


def test_the_page_says_that_the_model_thinks_between_two_words(visit: Visit) -> None:
    ana = visit()
    ana.ask("think_between")
    ana.wait_for_words("Hello")

    expect(ana.page.locator("#message-2 .thinking")).to_contain_text(re.compile(r"is thinking \([23] s\)…"))
    expect(ana.page.locator("#message-2 .writing")).to_be_hidden()
    ana.wait_for_end()
    assert ana.last_said().text == "Hello world"


def test_a_lost_connection_is_reported_until_it_is_restored(visit: Visit, own_server: Server) -> None:
    ana: Visitor = visit(own_server)
    ana.allow_lost_connections()
    ana.ask("say-20-400")
    ana.wait_for_words("word10")
    lost = ana.page.get_by_text("Connection lost, trying again…")
    expect(lost).to_have_count(1)
    expect(lost).to_be_hidden()

    own_server.end()
    expect(ana.page.locator("#message-2 .lost")).to_be_visible()
    own_server.start()

    expect(ana.page.locator("#message-2 .lost")).to_have_count(0)
    ana.wait_for_end()
    assert ana.last_said().ending.startswith("The answer was interrupted.")
    assert ana.records()[-1].ending == "interrupted"
    ana.page.goto("about:blank")


def test_the_next_words_clear_a_lost_connection(visit: Visit) -> None:
    """A telephone may say that it is offline and lose nothing."""
    ana = visit()
    ana.ask("say-20-200")
    ana.wait_for_words("word5")
    lost = ana.page.locator("#log .lost")

    shown: bool = ana.page.evaluate(
        """async () => {
            dispatchEvent(new Event("offline"));
            return !document.querySelector(".lost").hidden;
        }"""
    )

    assert shown
    expect(lost).to_be_hidden(timeout=2_000)
    ana.stop.click()
