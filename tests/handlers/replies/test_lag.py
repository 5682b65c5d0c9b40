"""Tests that nobody waits for what somebody else's text is worth: how much is computed while the event loop is away."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from memory.conversations.records import Record, print_record
from memory.storage.folders import Folder
from memory.storage.users import Users
from tests.conftest import Open, enter
from tests.support.shop import NOON, Scripted, settings_of
from tests.support.sse import events

MOST_SECONDS = 1.5
"""Of this process's computing, so that a machine that stops for a while fails no test: a third of what one such text took."""

TEXTS = {
    "quotations": "> " * 6_000,
    "lists": "* " * 16_000 + "a",
    "brackets": "[" * 30_000,
    "ampersands": "&" * 30_000,
    "rows of lists": ("- " * 12 + "a\n") * 1_200,
    "short paragraphs": "a\n\n" * 8_000,
    "code": "```python\n" + "x = 1  # a\n" * 400 + "```\n",
}


@pytest.fixture
def ana(users: Users) -> Folder:
    return users.folder("ana")


@asynccontextmanager
async def watched() -> AsyncIterator[list[float]]:
    """Note how much is computed until the event loop comes back to somebody who looks every 5 ms."""
    late = list[float]()

    async def watch() -> None:
        while True:
            before = time.process_time()
            await asyncio.sleep(0.005)
            late.append(time.process_time() - before)

    task = asyncio.create_task(watch())
    try:
        yield late
    finally:
        task.cancel()


@pytest.mark.parametrize("what", TEXTS)
async def test_a_text_that_is_hard_to_show_holds_up_no_page(open_shop: Open, ana: Folder, what: str) -> None:
    asked, said = Record(1, NOON, "user", "Hi"), Record(2, NOON, "assistant", TEXTS[what].rstrip("\n"), "luna", "stop")
    (ana.path / "history.txt").write_bytes(print_record(asked) + print_record(said))
    browser = enter(open_shop(settings_of({"luna": None}), Scripted(["Hello"])), "ana")
    paths = ["/", "/messages/2/tools", f"/replies/2-{NOON:%Y%m%dT%H%M%SZ}"]
    async with watched() as late:
        answered = [await browser.get(path) for path in paths]

    assert [one.status for one in answered] == [200] * 3
    assert max(late) < MOST_SECONDS


@pytest.mark.parametrize("what", TEXTS)
async def test_an_answer_that_is_hard_to_show_holds_up_nobody(open_shop: Open, ana: Folder, what: str) -> None:
    text = TEXTS[what]
    script = [text[at : at + 600] for at in range(0, len(text), 600)]
    browser = enter(open_shop(settings_of({"luna": None}), Scripted(script)), "ana")
    async with watched() as late, asyncio.timeout(60):
        assert (await browser.send("/messages", {"content": "Hi", "after": 0})).status == 200
        body = await browser.follow(f"2-{NOON:%Y%m%dT%H%M%SZ}")

    assert [one.name for one in events(body)][-1] == "done"
    assert max(late) < MOST_SECONDS
