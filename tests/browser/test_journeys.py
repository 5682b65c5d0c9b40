"""Two tabs at random on one conversation: in the end both show the same, and it is what history.txt says.

A few journeys go with the other tests; STOREKEEPER_JOURNEYS makes more of them, STOREKEEPER_SEED others.
"""

import os
import random
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import pytest
from playwright.sync_api import Error

from memory.integrity.history_check import Said as Kept
from memory.storage.layout import REPLY
from tests.browser.conftest import Visit
from tests.browser.test_resume import HIDE
from tests.browser.visitor import Visitor
from tests.faults.invariants import records_of

pytestmark = pytest.mark.timeout(300)

JOURNEYS, SEED = int(os.environ.get("STOREKEEPER_JOURNEYS", "3")), int(os.environ.get("STOREKEEPER_SEED", "1"))
STEPS = 20
PAGE = 20
SCRIPTS = ["ok", "say-60-20", "say-150-60", "echo", "drop_chunked", "then-say-100-30-ok", "ok", "hang_first"]
CLICK = """([selector, chance]) => {
    const found = [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
    found[Math.floor(chance * found.length)]?.click();
}"""
"""What is not there is not pressed. The click is the page's own, so that nothing waits for what the other tab takes away."""


class Journey:
    """A chance, and what it brings two tabs to do."""

    def __init__(self, seed: int, tabs: tuple[Visitor, Visitor]) -> None:
        self.chance, self.tabs, self.done = random.Random(seed), tabs, list[str]()
        self.asked = 0

    def step(self) -> None:
        """Do one thing in one tab. What a page that is being left breaks off was not done."""
        number, action = self.chance.randrange(2), self.chance.choices(ACTIONS, WEIGHTS)[0]
        self.done.append(f"tab {number}: {action.__name__}")
        with suppress(Error):
            action(self, self.tabs[number])
        self.tabs[0].page.wait_for_timeout(self.chance.choice([0, 0, 20, 100, 300]))

    def click(self, tab: Visitor, selector: str) -> None:
        tab.page.evaluate(CLICK, [selector, self.chance.random()])

    def send(self, tab: Visitor) -> None:
        self.asked += 1
        tab.box.fill(f"{self.chance.choice(SCRIPTS)} number {self.asked}", timeout=1_000)
        tab.box.press("Enter", timeout=1_000)

    def stop(self, tab: Visitor) -> None:
        self.click(tab, "#stop")

    def again(self, tab: Visitor) -> None:
        self.click(tab, "form[action='/replies/again'] button, form[action='/replies/continue'] button")

    def edit(self, tab: Visitor) -> None:
        self.asked += 1
        self.click(tab, "a.edit")
        form = tab.page.locator(".edit form").last
        form.locator("textarea").fill(f"{self.chance.choice(SCRIPTS)} edited {self.asked}", timeout=700)
        form.locator("button").click(timeout=700)

    def begin_anew(self, tab: Visitor) -> None:
        tab.page.evaluate("document.querySelector('form[action=\"/conversations/new\"]')?.requestSubmit()")

    def reload(self, tab: Visitor) -> None:
        open_anew(tab)

    def switch(self, tab: Visitor) -> None:
        self.click(tab, ".switch a")
        tab.page.wait_for_timeout(300)
        self.click(tab, "form[action$='/take'] button")
        tab.page.wait_for_timeout(200)
        if tab.box.count() == 0:
            self.reload(tab)

    def leave_the_stream_and_come_back(self, tab: Visitor) -> None:
        tab.page.evaluate(HIDE, True)
        tab.page.wait_for_timeout(100)
        tab.page.evaluate(HIDE, False)


ACTIONS: list[Callable[[Journey, Visitor], None]] = [
    Journey.send, Journey.stop, Journey.again, Journey.edit, Journey.begin_anew, Journey.reload, Journey.switch,
    Journey.leave_the_stream_and_come_back,
]  # fmt: skip
WEIGHTS = [30, 12, 12, 8, 2, 8, 10, 8]


def standing(records: list[Kept]) -> list[tuple[str, str]]:
    """Return who said what in the conversation as it stands: what was replaced is gone, with all that followed it."""
    kept = list[Kept]()
    for record in records:
        replaced = int(record.keys.get("replaces", record.number))
        kept = [one for one in kept if one.number < replaced] + [record]
    return [(one.role, one.text.strip()) for one in kept]


def open_anew(tab: Visitor) -> None:
    """Open the page, also where the last thing done has just begun to lead elsewhere."""
    for _ in range(3):
        with suppress(Error):
            tab.page.goto(f"{tab.server.url}/")
            return
    tab.page.goto(f"{tab.server.url}/")


@pytest.mark.parametrize("seed", range(SEED, SEED + JOURNEYS))
def test_two_tabs_at_random_end_with_the_page_that_the_file_says(visit: Visit, seed: int) -> None:
    ana = visit()
    ana.allow_lost_connections()
    ana.allowed += ["status of 404", "status of 409", "status of 503"]
    ana.allowed += ["status of 422"]  # a page that was just opened anew has an empty box when Enter is pressed
    tabs = (ana, ana.tab())
    journey = Journey(seed, tabs)

    for _ in range(STEPS):
        journey.step()
    for tab in tabs:
        open_anew(tab)
    while ana.folder.exists(REPLY):  # what was sent last may just begin
        open_anew(ana)
        journey.stop(ana)
        ana.page.wait_for_timeout(100)
    for tab in tabs:
        open_anew(tab)

    first, second = (tab.said() for tab in tabs)
    told = "\n".join(journey.done)
    kept = standing(records_of(ana.folder.path))
    assert first == second, told
    assert [(said.role, said.text) for said in first] == kept[-PAGE:], told
    assert all(one != other for (one, _), (other, _) in pairwise(kept)), f"{kept}\n{told}"
    assert ana.stop.count() == 0
