"""Chromium by playwright, as a tab that any journey in three browsers can use."""

from playwright.sync_api import Browser, ConsoleMessage, Error, Page

from tests.browser.looks import Scheme
from tests.browser.tabs import Engine, Key, PageGone, Tab


class _ChromiumTab(Tab):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"{message.type}: {message.text}")

    def go(self, url: str) -> None:
        self._page.goto(url)

    def reload(self) -> None:
        self._page.reload()

    def evaluated(self, expression: str) -> str:
        try:
            return str(self._page.evaluate(expression))
        except Error as error:
            if "context was destroyed" in error.message:
                raise PageGone from error
            raise

    def click_at(self, x: int, y: int) -> None:
        self._page.mouse.click(x, y)

    def hover_at(self, x: int, y: int) -> None:
        self._page.mouse.move(x, y)

    def press(self, key: Key) -> None:
        self._page.keyboard.press(key)

    def type(self, text: str) -> None:
        self._page.keyboard.type(text)

    def wheel(self, x: int, y: int, pixels: int) -> None:
        self._page.mouse.move(x, y)
        self._page.mouse.wheel(0, pixels)

    def resize(self, width: int, height: int) -> None:
        self._page.set_viewport_size({"width": width, "height": height})

    def picture(self) -> bytes:
        return self._page.screenshot()

    def close(self) -> None:
        self._page.context.close()


class Chromium(Engine):
    """The Chromium of the other journeys."""

    name = "chromium"

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def open(self, scheme: Scheme = "light") -> Tab:
        return _ChromiumTab(self._browser.new_context(locale="en-GB", color_scheme=scheme).new_page())

    def close(self) -> None:
        """Nothing: who started the browser ends it."""
