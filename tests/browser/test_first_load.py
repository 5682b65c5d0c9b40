"""What the first look at the page costs, and that a second one fetches only the page."""

import gzip

from playwright.sync_api import Response

from tests.browser.conftest import Visit

MOST_BYTES = 80_000
FETCHED_ASSETS = """() => performance.getEntriesByType("resource")
    .filter((entry) => entry.name.includes("/assets/") && entry.transferSize > 0).map((entry) => entry.name)"""


def test_the_first_load_is_small_and_the_second_fetches_only_the_page(visit: Visit) -> None:
    ana = visit()
    answers = list[Response]()
    ana.page.on("response", lambda answer: answers.append(answer))
    ana.context.new_cdp_session(ana.page).send("Network.clearBrowserCache")

    ana.page.reload(wait_until="networkidle")

    addresses = [answer.url for answer in answers]
    names = {address.rsplit("/", 1)[1] for address in addresses}
    assert {"", "style.css", "chat.js", "htmx.js"} <= names
    bodies = [ana.context.request.get(address).body() for address in addresses]
    assert sum(len(gzip.compress(body)) for body in bodies) < MOST_BYTES
    ana.page.goto(f"{ana.server.url}/", wait_until="networkidle")
    assert ana.page.evaluate(FETCHED_ASSETS) == []
