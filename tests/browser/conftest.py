"""Journeys in a real Chromium, against a real server process and the scripted upstream.

One server answers `as_told`: the first word of a message names the upstream's script, so a test reads as what it asks.
Playwright's sync API holds its thread's event loop while it is open; so it is closed after the last of these modules, and the
tests of other directories have theirs.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.visitor import MOST_MS, Server, Visitor, open_context
from tests.support.upstream import Upstream

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
Visit = Callable[..., Visitor]
_numbers = count(1)


PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Chromium without its own windows first: the same engine, for two thirds of the processor time."""


class Shared:
    """The Chromium of all journeys that a process runs one after another; one that ended by itself is started again."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._browser: Browser | None = None

    def browser(self, path: str) -> Browser:
        if self._browser is None or not self._browser.is_connected():
            self.close()
            playwright = self._open.enter_context(sync_playwright())
            self._browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            self._open.callback(self._browser.close)
        return self._browser

    def close(self) -> None:
        self._open.close()
        self._browser = None


_shared = Shared()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Close the browser, after all fixtures of the last journey are."""
    if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
        _shared.close()


@pytest.fixture(scope="module")
def chromium() -> Browser:
    """Debian's Chromium."""
    path = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if path is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    expect.set_options(timeout=MOST_MS)
    return _shared.browser(path)


@pytest.fixture(scope="session")
def server(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that all journeys share, each with a person of its own. No journey may leave a traceback in its log."""
    server = Server(tmp_path_factory.mktemp("server"), upstream)
    server.start()
    yield server
    server.end()
    assert "Traceback" not in server.log(), server.log()


@pytest.fixture
def own_server(upstream: Upstream, tmp_path: Path) -> Iterator[Server]:
    """A server for one journey, which may kill it and start it again."""
    server = Server(tmp_path, upstream)
    server.start()
    yield server
    server.end()
    assert "Traceback" not in server.log(), server.log()


@pytest.fixture
def visit(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Make new accounts: `visit()` logs in and opens the page. Options are those of a browser's context."""
    opened: list[tuple[Visitor, BrowserContext]] = []

    def come(
        server: Server | None = None,
        *,
        name: str | None = None,
        role: Literal["customer", "owner"] = "customer",
        logged_in: bool = True,
        **options: object,
    ) -> Visitor:
        server = server or request.getfixturevalue("server")
        assert isinstance(server, Server)
        name = name or f"ana{next(_numbers)}"
        context = open_context(chromium, **options)
        visitor = Visitor(server, name, server.add_person(name, role), context, context.new_page())
        visitor.watch()
        opened.append((visitor, context))
        if logged_in:
            visitor.log_in()
            visitor.page.goto(f"{server.url}/")
        return visitor

    yield come
    for visitor, context in opened:
        context.close()
        assert visitor.troubles == []
