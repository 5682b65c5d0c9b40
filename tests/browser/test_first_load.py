"""What the first look at the page costs, and that a second one fetches only the page."""

from tests.browser.conftest import Visit

MOST_BYTES, MOST_REQUESTS = 80_000, 9
MANIFEST = (1, 1_500)
"""Requests and bytes, headers among them, of what a browser fetches some time after the page, and no page can measure."""
RECEIVED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .map((entry) => [new URL(entry.name).pathname.split("/").pop(), entry.transferSize, entry.encodedBodySize < entry.decodedBodySize])"""
FETCHED_ASSETS = """() => performance.getEntriesByType("resource")
    .filter((entry) => entry.name.includes("/assets/") && entry.transferSize > 0).map((entry) => entry.name)"""


def test_the_first_load_is_small_and_the_second_only_the_page(visit: Visit) -> None:
    ana = visit()
    ana.context.new_cdp_session(ana.page).send("Network.clearBrowserCache")

    ana.page.reload(wait_until="networkidle")

    received = {name: (transferred, is_compressed) for name, transferred, is_compressed in ana.page.evaluate(RECEIVED)}
    assert {"", "style.css", "chat.js", "htmx.js"} <= set(received)
    assert len(received) + MANIFEST[0] <= MOST_REQUESTS
    assert sum(transferred for transferred, _ in received.values()) + MANIFEST[1] < MOST_BYTES
    compressed = {name for name, (_, is_compressed) in received.items() if is_compressed}
    assert compressed == {"style.css", "chat.js", "page.js", "htmx.js", "icon.svg"}, (
        "a page holds secrets: its length must not tell of them"
    )
    ana.page.goto(f"{ana.server.url}/", wait_until="networkidle")
    assert ana.page.evaluate(FETCHED_ASSETS) == []


def test_only_the_style_sheet_blocks_the_first_paint(visit: Visit) -> None:
    ana = visit()

    blocking = """() => performance.getEntriesByType("resource")
        .filter((entry) => entry.renderBlockingStatus === "blocking").map((entry) => entry.name.split("/").pop())"""

    assert ana.page.evaluate(blocking) == ["style.css"]


def test_a_question_can_be_sent_before_any_script_loads(visit: Visit) -> None:
    ana = visit(logged_in=False)
    ana.allow_lost_connections()
    ana.page.route("**/*.js", lambda route: route.abort())
    ana.log_in()
    ana.page.goto(f"{ana.server.url}/")

    ana.box.fill("ok")
    ana.send.click()

    ana.wait_for_words("Hello world")
    assert ana.kept() == [("user", "ok"), ("assistant", "Hello world")]
