"""Journeys in a real Chromium, against a real server process and the scripted upstream.

One server answers `as_told`: the first word of a message names the upstream's script, so a test reads as what it asks.
Playwright's sync API holds its thread's event loop while it is open; so it is opened for one module at a time, and the
tests of other modules have theirs.
"""

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.visitor import Server, Visitor, open_context
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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    path = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if path is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


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
