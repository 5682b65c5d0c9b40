"""A tab of any browser, as the journeys in three browsers use one: what a person does, and what the page then shows.

A browser needs few things of its own: to go to an address, to evaluate, a pointer, keys, a wheel, a size, pictures. The rest
is built here out of these, so that a journey is the same in each.
"""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from tests.browser.looks import Scheme

Key = Literal["Enter", "Escape", "Backspace"]
SECONDS = 30.0
"""How long a journey waits for anything that the page is to show."""
_PLACE = """(selector, text) => {
    const found = [...document.querySelectorAll(selector)].find((one) =>
        (text === null || one.innerText.trim() === text) && one.checkVisibility({opacityProperty: false, visibilityProperty: true}));
    if (!found || document.readyState !== "complete") return null;
    let box = found.getBoundingClientRect();
    if (box.top < 0 || box.bottom > innerHeight) { found.scrollIntoView({block: "center"}); box = found.getBoundingClientRect(); }
    const [x, y] = [Math.round(box.left + box.width / 2), Math.round(box.top + box.height / 2)];
    const hit = document.elementFromPoint(x, y);
    return found.contains(hit) ? [x, y] : null;
}"""
_SELECT = "(selector) => { const field = document.querySelector(selector); field.focus(); field.select(); }"


class CannotStart(Exception):
    """A browser is missing or does not start; str(error) says which, and what to install."""


class PageGone(Exception):
    """The page went while it was asked something: another one comes."""


class Tab(ABC):
    """One tab with cookies of its own. `troubles` are errors and warnings of the console, and what the CSP refused."""

    def __init__(self) -> None:
        self.troubles = list[str]()

    @abstractmethod
    def go(self, url: str) -> None:
        """Open an address and wait until it is loaded."""

    @abstractmethod
    def reload(self) -> None:
        """Load the page again and wait until it is there."""

    @abstractmethod
    def evaluated(self, expression: str) -> str:
        """Return the string that the promise of an expression brings. Raise PageGone if another page comes meanwhile."""

    @abstractmethod
    def click_at(self, x: int, y: int) -> None:
        """Press and release the pointer there."""

    @abstractmethod
    def hover_at(self, x: int, y: int) -> None:
        """Move the pointer there."""

    @abstractmethod
    def press(self, key: Key) -> None:
        """Press and release a key."""

    @abstractmethod
    def type(self, text: str) -> None:
        """Type into what has the focus."""

    @abstractmethod
    def wheel(self, x: int, y: int, pixels: int) -> None:
        """Turn the wheel over a point, downwards."""

    @abstractmethod
    def resize(self, width: int, height: int) -> None:
        """Set the size of what the page is shown in."""

    @abstractmethod
    def picture(self) -> bytes:
        """Return what the page shows as PNG."""

    @abstractmethod
    def close(self) -> None:
        """End the tab, its cookies and what it keeps."""

    def evaluate(self, function: str, *arguments: object) -> Any:
        """Return what a function in the page returns, which may be a promise. If the page goes, the next one is asked."""
        call = f"({function})({', '.join(json.dumps(one) for one in arguments)})"
        found = list[str]()

        def is_told() -> bool:
            with suppress(PageGone):
                found.append(self.evaluated(f"Promise.resolve({call}).then((value) => JSON.stringify(value ?? null))"))
            return bool(found)

        until(is_told, lambda: f"no page to ask: {function}")
        return json.loads(found[0])

    def wait(self, condition: str, *arguments: object) -> None:
        """Wait until a function of the page returns something true."""
        until(
            lambda: bool(self.evaluate(condition, *arguments)),
            lambda: f"{condition} {arguments}: {self.text('body')[-600:]}",
        )

    def wait_for(self, selector: str, text: str | None = None) -> None:
        """Wait until an element can be seen, with this text somewhere in it."""
        self.wait(
            """(selector, text) => [...document.querySelectorAll(selector)].some((one) =>
                one.checkVisibility({visibilityProperty: true}) && (text === null || one.innerText.includes(text)))""",
            selector,
            text,
        )

    def wait_until_gone(self, selector: str) -> None:
        """Wait until no such element can be seen."""
        self.wait(
            "(selector) => ![...document.querySelectorAll(selector)].some((one) => one.checkVisibility())", selector
        )

    def click(self, selector: str, text: str | None = None) -> None:
        """Click what can be seen and hit: an element with just this text."""
        self.click_at(*self.place(selector, text))

    def hover(self, selector: str) -> None:
        """Move the pointer over what can be seen and hit."""
        self.hover_at(*self.place(selector))

    def place(self, selector: str, text: str | None = None) -> tuple[int, int]:
        """Return the middle of an element, once it can be seen and hit there."""
        found = list[int]()

        def is_there() -> bool:
            found[:] = self.evaluate(_PLACE, selector, text) or []
            return bool(found)

        until(is_there, lambda: f"nothing to press: {selector} {text or ''}: {self.text('body')[-600:]}")
        return found[0], found[1]

    def fill(self, selector: str, text: str) -> None:
        """Type a text in the place of what a field holds; once more if the page took the focus while it came."""
        self.wait_for(selector)
        self.wait("() => document.readyState === 'complete'")

        def is_filled() -> bool:
            self.evaluate(_SELECT, selector)
            self.type(text)
            return self.text(selector) == text

        until(is_filled, lambda: f"{selector} does not take {text}: {self.text(selector)}")

    def text(self, selector: str) -> str:
        """Return the words of an element as a person reads them; of a field, its value. Empty if there is none."""
        read = "(selector) => { const one = document.querySelector(selector); return one?.value ?? one?.innerText.trim() ?? ''; }"
        return str(self.evaluate(read, selector))

    def shoot(self, path: Path) -> None:
        """Keep a picture of what the page shows."""
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(self.picture())


class Engine(ABC):
    """A browser that was started; `open` makes a new tab with nothing in it."""

    name: str

    @abstractmethod
    def open(self, scheme: Scheme = "light") -> Tab:
        """Return a tab of somebody who prefers light or dark pages."""

    @abstractmethod
    def close(self) -> None:
        """End the browser."""


def until(is_so: Callable[[], bool], told: Callable[[], str]) -> None:
    """Wait until something is so, and fail with what `told` returns if it never is."""
    last = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < last, told()
        time.sleep(0.05)
