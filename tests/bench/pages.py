"""What a person on a slow telephone waits for: the first load of the conversation in Chromium over slow 3G, shaped by the
browser itself (400 ms for each way and back, 400 kbit/s), with nothing of it kept from before."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from memory.conversations.records import Record
from tests.bench.figures import Bar, Mode, Section, Tell
from tests.browser.conftest import FLAGS
from tests.browser.visitor import Server, Visitor, open_context, write_history
from tests.support.upstream import running

SLOW_3G: dict[str, Any] = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
RECEIVED = """() => {
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    const got = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return [paint.startTime, got.length, got.reduce((sum, entry) => sum + entry.transferSize, 0), document.querySelectorAll("*").length];
}"""
BEGAN = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def measure(mode: Mode, tell: Tell) -> list[Section]:
    """Return the section of an empty conversation, then of a long one. Without rows where there is no Chromium."""
    tell("Chromium over slow 3G")
    bars = list(_bars())
    rows = [(bar.name, bar.measured, bar.target) for bar in bars]
    return [Section("The first load of a conversation", ("what", "measured", "target"), rows, "", bars)]


def _bars() -> Iterator[Bar]:
    path = shutil.which("chromium")
    if path is None:
        return
    with tempfile.TemporaryDirectory() as place, running() as upstream, sync_playwright() as playwright:
        server = Server(Path(place), upstream)
        server.start()
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            for messages in (0, 1_000):
                yield from _first_load(browser, server, messages)
        finally:
            browser.close()
            server.end()


def _first_load(browser: Browser, server: Server, messages: int) -> Iterator[Bar]:
    name = f"ana{messages}"
    context = open_context(browser)
    ana = Visitor(server, name, server.add_person(name), context, context.new_page())
    text = "What stands in it takes some lines. " * 8
    said = [
        Record(n, BEGAN + timedelta(minutes=n), "user" if n % 2 else "assistant", f"Message {n}. {text}")
        for n in range(1, messages + 1)
    ]
    write_history(ana.folder, said)
    ana.log_in()
    debugger = context.new_cdp_session(ana.page)
    debugger.send("Network.enable")
    debugger.send("Network.emulateNetworkConditions", SLOW_3G)

    ana.page.goto(f"{server.url}/", wait_until="commit")
    ana.box.fill("ok")
    typed = ana.page.evaluate("performance.now()")
    ana.page.wait_for_load_state("networkidle")

    painted, requests, sent, nodes = ana.page.evaluate(RECEIVED)
    of = f"a conversation of {messages:,} messages"
    name = f"{of}: first paint, slow 3G"
    yield Bar(name, "below 1.5 s", f"{painted / 1000:.2f} s", painted < 1500)
    yield Bar("its message box takes words", "below 2 s", f"{typed / 1000:.2f} s", typed < 2000)
    yield Bar("its requests, bytes", "8, 80,000", f"{requests}, {sent:,}", requests <= 8 and sent <= 80_000)
    yield Bar("its DOM nodes", "below 1,500", f"{nodes}", nodes < 1_500)
    context.close()
