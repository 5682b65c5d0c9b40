"""The journeys that must be the same in Firefox and WebKit as in Chromium: a customer's, from signing up to a lost connection."""

import base64
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from PIL import Image

from memory.conversations.records import Record
from memory.storage.folders import Folder
from settings import ROOT
from tests.browser.chromium import Chromium
from tests.browser.firefox import Firefox
from tests.browser.looks import PICTURES, SCHEMES, Scheme
from tests.browser.tabs import CannotStart, Engine, Tab, until
from tests.browser.visitor import PASSWORD, Server, write_history
from tests.browser.webkit import WebKit
from tests.support.gate import Gate
from tests.support.upstream import SHOP, Upstream

BEGAN = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
LAST = "#log > .message:last-child"
DONE = f"{LAST}.assistant:not([aria-busy])"
LOG_IN = """async (username, password) => {
    await fetch("/login", {method: "POST", body: new URLSearchParams({username, password})});
}"""
TOP_SEEN = """(selector) => new Promise((answer) => new ResizeObserver((_, self) => {
    self.disconnect();
    answer(document.querySelector(selector).getBoundingClientRect().top);
}).observe(document.querySelector("#log")))"""
"""Where an element is when it is painted: the page's own ResizeObserver has done its work before this one."""
HOLDS = "(selector, text) => document.querySelector(selector).value === text"
IS_STILL = """() => new Promise((answer) => {
    const {scrollTop} = document.querySelector("#scroller");
    setTimeout(() => answer(document.querySelector("#scroller").scrollTop - scrollTop === 0), 150);
})"""
COUNTED = "(selector) => document.querySelectorAll(selector).length"
EDGES = """(selector) => {
    const {top, bottom} = document.querySelector(selector).getBoundingClientRect();
    return [top + 40, bottom - 40];
}"""
SIDES = """(selector) => {
    const {left, right} = document.querySelector(selector).getBoundingClientRect();
    return [left, right];
}"""
NOTHING = base64.b64encode(hashlib.sha384().digest()).decode()
LEFT = ["Error in input stream", "NetworkError when attempting to fetch", "Load failed", NOTHING]
"""What consoles are told of requests that end because another page comes; of a script of which nothing had come, its digest."""
LOST = ["htmx:", "Failed to load resource", "Failed to fetch", "NetworkError", "connection was lost"]
LOST += ["Could not connect", "can\u2019t establish a connection", "signal is aborted", "AbortError"]
"""What the consoles are told of a lost connection."""
_numbers = count(1)


@pytest.fixture(
    scope="module", params=["firefox", "webkit", *(["chromium"] if os.environ.get("STOREKEEPER_CHROMIUM") else [])]
)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Each browser; Chromium, which the other journeys use, where STOREKEEPER_CHROMIUM is set. One that is missing or does not start is skipped, and the skip's reason says so."""
    try:
        if request.param == "chromium":
            engine: Engine = Chromium(request.getfixturevalue("chromium"))
        else:
            root = tmp_path_factory.mktemp(request.param)
            engine = Firefox(root / "profiles") if request.param == "firefox" else WebKit(root / "home")
    except CannotStart as error:
        pytest.skip(str(error))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    """The way of all browsers to the shop."""
    gate = Gate()
    yield gate
    gate.shut()


@pytest.fixture(scope="module")
def shop(upstream: Upstream, gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A shop where everybody may sign up."""
    root = tmp_path_factory.mktemp("shop")
    server = Server(root, upstream, signup="open", details="owner", origin=gate.url)
    gate.to = server.port
    server.add_person("ana", "owner")
    server.start()
    yield server
    server.end()
    assert "Traceback" not in server.log(), server.log()


@dataclass(frozen=True, slots=True)
class Customer:
    """A person at the chat page of some browser."""

    tab: Tab
    name: str
    folder: Folder

    def ask(self, text: str) -> None:
        self.tab.fill("#content", text)
        self.tab.press("Enter")

    def ask_and_wait(self, text: str) -> None:
        self.ask(text)
        self.tab.wait(HOLDS, "#content", "")
        self.tab.wait_for(DONE)

    def choose(self, words: str) -> None:
        """Open the menu and press one of its buttons."""
        self.tab.click("[popovertarget=menu]")
        self.tab.click("#menu button", words)

    def said(self) -> list[str]:
        found: list[str] = self.tab.evaluate(
            "() => [...document.querySelectorAll('#log > .message .text')].map((one) => one.innerText.trim())"
        )
        return found

    def write_long(self, messages: int, last: str = "Message.") -> None:
        """Have so many messages said before, some lines each, and look at them."""
        texts = [*((f"Message {n}. " * 40).strip() for n in range(1, messages)), last]
        records = [
            Record(n, BEGAN + timedelta(minutes=n), "user" if n % 2 else "assistant", text)
            for n, text in enumerate(texts, 1)
        ]
        write_history(self.folder, records)
        self.tab.reload()


Enter = Callable[..., Customer]


@pytest.fixture
def enter(engine: Engine, shop: Server, gate: Gate) -> Iterator[Enter]:
    """Make new customers, logged in at the chat page. Nothing may be in the console but what a journey allows."""
    opened, allowed = list[Tab](), list(LEFT)

    def come(scheme: Scheme = "light", allows: Sequence[str] = ()) -> Customer:
        allowed.extend(allows)
        name = f"eva{next(_numbers)}"
        folder = shop.add_person(name)
        tab = engine.open(scheme)
        opened.append(tab)
        tab.resize(1280, 800)
        tab.go(f"{gate.url}/login")
        tab.evaluate(LOG_IN, name, PASSWORD)
        tab.go(f"{gate.url}/")
        tab.wait_for("#content")
        return Customer(tab, name, folder)

    yield come
    troubles = list[str]()
    for tab in opened:
        troubles += unexpected(tab, allowed)
        tab.close()
    assert troubles == []


def unexpected(tab: Tab, allowed: Sequence[str]) -> list[str]:
    """Return what the console was told and nobody expects."""
    tab.evaluate("() => null")  # what it was told last
    return [told for told in tab.troubles if not any(words in told for words in allowed)]


def whole(words: int) -> str:
    return " ".join(f"word{number}" for number in range(1, words + 1))


def test_a_person_signs_up_asks_and_logs_in_again(engine: Engine, shop: Server, gate: Gate) -> None:
    tab, name = engine.open(), f"rui{next(_numbers)}"
    tab.resize(390, 844)
    tab.go(f"{gate.url}/")
    tab.click("a[href='/signup']")
    tab.wait_for("h1", "Create an account")
    tab.fill("#username", name)
    tab.fill("#password", PASSWORD)
    tab.click("button", "Create account")
    customer = Customer(tab, name, shop.users.folder(name))
    tab.wait_for("#content")

    customer.ask_and_wait("ok")
    customer.choose("Log out")
    tab.fill("#username", name)
    tab.fill("#password", PASSWORD)
    tab.press("Enter")

    tab.wait_for(LAST, "Hello world")
    assert customer.said() == ["ok", "Hello world"]
    assert tab.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    assert unexpected(tab, [*LEFT, "401"]) == []
    tab.close()


def test_an_answer_streams_in_and_survives_a_reload(enter: Enter) -> None:
    eva = enter()
    eva.ask("say-60-150")
    eva.tab.wait_for(LAST, "word10")
    assert "word150" not in eva.said()[-1]

    eva.tab.reload()

    assert "word10" in eva.said()[-1]
    eva.tab.wait_for(DONE)
    eva.tab.wait_for("#send")
    assert eva.said() == ["say-60-150", whole(150)]


def test_thinking_goes_with_the_first_word_and_leaves_no_gap(enter: Enter, upstream: Upstream) -> None:
    eva = enter()
    eva.ask("held")
    eva.tab.wait_for(f"{LAST} .thinking")
    assert eva.tab.evaluate(COUNTED, ".message.waits") == 1

    def is_released() -> bool:  # the question may not have come to the model yet
        upstream.release()
        return bool(eva.tab.evaluate(COUNTED, DONE))

    until(is_released, lambda: "the answer does not come")

    eva.ask("held_mid")
    eva.tab.wait_for(LAST, "Hello")

    eva.tab.wait_until_gone(".thinking")
    eva.tab.wait_for(f"{LAST} .writing")
    gap = """(selector) => {
        const [text, words] = [".text", ".text p"].map((part) => document.querySelector(`${selector} ${part}`).getBoundingClientRect());
        return text.height - words.height;
    }"""
    assert abs(eva.tab.evaluate(gap, LAST)) < 1
    upstream.release()
    eva.tab.wait_for(DONE)
    assert abs(eva.tab.evaluate(gap, LAST)) < 1


def test_an_answer_is_stopped_half_way_and_what_was_said_stays(enter: Enter) -> None:
    eva = enter()
    eva.ask("say-40-400")
    eva.tab.wait_for(LAST, "word12")

    eva.tab.click("#stop")

    eva.tab.wait_for(f"{DONE} .ending", "Answer stopped.")
    eva.tab.wait_for(f"{LAST} .actions button", "Continue")
    assert "word12" in eva.said()[-1]
    assert "word400" not in eva.said()[-1]


def test_who_reads_further_up_stays_there_while_words_come(enter: Enter) -> None:
    eva = enter()
    eva.write_long(20)
    eva.ask("say-60-200")
    eva.tab.wait_for(LAST, "word10")
    assert eva.tab.evaluate("() => document.querySelector('#jump').hidden")

    eva.tab.wheel(*eva.tab.place("#scroller"), -900)
    eva.tab.wait_for("#jump")
    eva.tab.wait(IS_STILL)
    top = eva.tab.evaluate(TOP_SEEN, "#message-18")
    eva.tab.wait_for(LAST, "word140")

    assert abs(eva.tab.evaluate(TOP_SEEN, "#message-18") - top) < 3
    eva.tab.click("#jump")
    eva.tab.wait("() => document.querySelector('#scroller').scrollTop > -2")  # WebKit rounds
    eva.tab.wait_until_gone("#jump")


def test_a_new_conversation_begins_empty(enter: Enter) -> None:
    eva = enter()
    eva.ask_and_wait("ok")

    eva.tab.click("#side .new")

    eva.tab.wait_for("#welcome")
    assert eva.said() == []
    assert eva.tab.text("#content") == ""
    eva.ask_and_wait("ok again")
    eva.tab.wait_until_gone("#welcome")
    assert eva.said() == ["ok again", "Hello world"]


def test_an_edit_is_left_as_easily_as_it_is_begun(enter: Enter) -> None:
    eva = enter()
    eva.ask_and_wait("ok one")
    eva.tab.hover("#message-1 .text")
    eva.tab.click("#message-1 a.edit")
    eva.tab.fill("#edit-1", "ok two")
    eva.tab.wait_until_gone("#message-1 .text")

    eva.tab.click("#message-1 .cancel")

    eva.tab.wait_until_gone("#edit-1")
    eva.tab.wait_for("#message-1 .text")
    eva.tab.hover("#message-1 .text")
    eva.tab.click("#message-1 .edit summary")
    assert eva.tab.text("#edit-1") == "ok one"
    eva.tab.fill("#edit-1", "ok two")
    eva.tab.press("Escape")
    eva.tab.wait_until_gone("#edit-1")
    assert eva.said() == ["ok one", "Hello world"]
    eva.tab.hover("#message-1 .text")
    eva.tab.click("#message-1 .edit summary")
    eva.tab.fill("#edit-1", "ok three")
    eva.tab.press("Enter")
    eva.tab.wait_for("#log > .message.user .text", "ok three")
    eva.tab.wait_for(DONE)


def test_what_is_typed_outlives_a_reload_and_another_language(enter: Enter) -> None:
    eva = enter()
    eva.tab.fill("#content", "Is it large enough?")
    eva.tab.reload()
    eva.tab.wait(HOLDS, "#content", "Is it large enough?")

    eva.choose("Português (Brasil)")

    eva.tab.wait_for("html[lang='pt-BR'] #welcome", "Como podemos ajudar?")
    eva.tab.wait(HOLDS, "#content", "Is it large enough?")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_one_column_and_scrollbars_of_the_pages_colours(enter: Enter, engine: Engine, scheme: Scheme) -> None:
    eva = enter(scheme)
    eva.write_long(20, last=SHOP["hammock"].strip())
    assert eva.tab.evaluate("(scheme) => matchMedia(`(prefers-color-scheme: ${scheme})`).matches", scheme)

    for width, height in PICTURES.items():
        eva.tab.resize(width, height)
        eva.tab.shoot(ROOT / "screenshots" / f"{engine.name}-{width}-{scheme}.png")
        assert eva.tab.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0

    log, composer = (eva.tab.evaluate(SIDES, selector) for selector in ("#log", ".composer"))
    assert [abs(one - other) < 1 for one, other in zip(log, composer, strict=True)] == [True, True], (log, composer)
    top, bottom = (round(side) for side in eva.tab.evaluate(EDGES, "main"))
    picture = Image.open(io.BytesIO(eva.tab.picture())).convert("L")
    shades = set(picture.crop((1264, top, 1280, bottom)).tobytes())
    assert max(shades) < 160 if scheme == "dark" else min(shades) > 90, shades


def test_a_lost_connection_is_named_until_words_come_again(enter: Enter, gate: Gate) -> None:
    eva = enter(allows=LOST)
    eva.ask("say-60-150")
    eva.tab.wait_for(LAST, "word10")

    gate.shut()
    eva.tab.wait_for(f"{LAST} .lost", "Connection lost, trying again…")
    eva.tab.fill("#content", "ok")
    gate.open()

    eva.tab.wait_for(LAST, "word100")
    eva.tab.wait_until_gone(".lost")
    eva.tab.wait_for(DONE)
    assert eva.said() == ["say-60-150", whole(150)]
    eva.tab.press("Enter")
    eva.tab.wait_for(DONE, "Hello world")


def test_links_open_apart_and_what_was_checked_is_marked(enter: Enter) -> None:
    eva = enter()
    eva.ask_and_wait("echo [one](https://one.example/a), ola@two.example, +55 81 98765-4321. RED-012 costs R$ 289.00.")

    found = eva.tab.evaluate(
        "(last) => [...document.querySelectorAll(`${last} .text a`)].map(({href, rel, target}) => [href, rel, target])",
        LAST,
    )

    assert ["https://one.example/a", "noopener noreferrer nofollow ugc", "_blank"] in found
    assert "mailto:ola@two.example" in [href for href, _, _ in found]
    assert "tel:+5581987654321" in [href for href, _, _ in found]
    marked = "(selector) => getComputedStyle(document.querySelector(selector)).textDecorationStyle"
    assert eva.tab.evaluate(marked, f"{LAST} .claim") == "dotted"
