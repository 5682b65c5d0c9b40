"""Debian's WebKitGTK, in its MiniBrowser under Xvfb, driven by selenium."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from selenium.common.exceptions import JavascriptException, WebDriverException
from selenium.webdriver import Remote
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service
from urllib3.exceptions import HTTPError

from tests.browser.firefox import KEYS
from tests.browser.looks import Scheme
from tests.browser.tabs import CannotStart, Engine, Key, PageGone, Tab, until

NEEDED = {"WebKitWebDriver": "webkit2gtk-driver", "Xvfb": "xvfb"}
"""The programs and Debian's packages of them."""
MINI_BROWSERS = "*/webkit2gtk-4.*/MiniBrowser"
"""Below /usr/lib."""
NARROW = "window * { min-width: 0; min-height: 0; padding: 0; margin: 0; border-width: 0; font-size: 1px; }\n"
"""For GTK: else the browser's own buttons make each window wider than a telephone."""
LISTEN = """
if (!("troubles" in window)) {
    window.troubles = [];
    const note = (words) => window.troubles.push(words);
    new ReportingObserver((reports) => reports.forEach(({type, body}) =>
        note(`${type}: ${body.effectiveDirective} ${body.blockedURL}`)), {types: ["csp-violation"], buffered: true}).observe();
    addEventListener("error", ({message}) => note(`error: ${message}`));
    addEventListener("unhandledrejection", ({reason}) => note(`error: ${reason}`));
    for (const level of ["error", "warn"]) {
        const was = console[level];
        console[level] = (...words) => { note(`${level}: ${words.join(" ")}`); was.apply(console, words); };
    }
}
"""
"""WebKit's driver tells nothing of the console; this is asked for again and again, since each page begins without it."""
TURN = """
let part = document.elementFromPoint(arguments[0], arguments[1]);
while (part.parentElement && !/auto|scroll/.test(getComputedStyle(part).overflowY)) part = part.parentElement;
part.scrollBy(0, arguments[2]);
"""
"""The driver's own wheel turns once in a session and then no more."""
SIZES = "return [[innerWidth, innerHeight], [outerWidth - innerWidth, outerHeight - innerHeight]]"
PAINTED = (
    """const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100)));"""
)
CALL = f"""{LISTEN}
const done = arguments[arguments.length - 1];
EXPRESSION.then((value) => done([value, window.troubles.splice(0)]), (error) => done([`error: ${{error}}`, []]));
"""


class _WebKitTab(Tab):
    """The one window of a session: its cookies go when it is closed, and what it keeps is known by each person's name."""

    def __init__(self, driver: Remote) -> None:
        super().__init__()
        self._driver = driver

    def go(self, url: str) -> None:
        self._driver.get(url)

    def reload(self) -> None:
        self._driver.refresh()

    def evaluated(self, expression: str) -> str:
        try:
            value, troubles = self._driver.execute_async_script(CALL.replace("EXPRESSION", expression))
        except JavascriptException as error:
            raise PageGone from error
        self.troubles += troubles
        assert isinstance(value, str)
        return value

    def click_at(self, x: int, y: int) -> None:
        actions = ActionBuilder(self._driver, duration=0)
        actions.pointer_action.move_to_location(x, y).pointer_down().pointer_up()
        actions.perform()

    def hover_at(self, x: int, y: int) -> None:
        actions = ActionBuilder(self._driver, duration=0)
        actions.pointer_action.move_to_location(x, y)
        actions.perform()

    def press(self, key: Key) -> None:
        self.type(KEYS[key])

    def type(self, text: str) -> None:
        actions = ActionBuilder(self._driver, duration=0)
        actions.key_action.send_keys(text)
        actions.perform()

    def wheel(self, x: int, y: int, pixels: int) -> None:
        self._driver.execute_script(TURN, x, y, pixels)

    def resize(self, width: int, height: int) -> None:
        def is_so() -> bool:  # a window takes its time, and so do its bars, which come around the page
            inner, bars = self._driver.execute_script(SIZES)
            if inner != [width, height]:
                self._driver.set_window_size(width + bars[0], height + bars[1])
            return bool(inner == [width, height])

        until(is_so, lambda: f"the window does not become {width} x {height}")
        self._driver.execute_async_script(PAINTED)

    def picture(self) -> bytes:
        return self._driver.get_screenshot_as_png()

    def close(self) -> None:
        with suppress(WebDriverException):
            self._driver.delete_all_cookies()
        self._driver.get("about:blank")


class WebKit(Engine):
    """WebKit on a screen of its own, one session for light pages and one for dark ones, each started when it is needed."""

    name = "webkit"

    def __init__(self, root: Path) -> None:
        missing = [package for program, package in NEEDED.items() if shutil.which(program) is None]
        browsers = sorted(Path("/usr/lib").glob(MINI_BROWSERS))
        if missing or not browsers:
            raise CannotStart(f"no WebKit here; on Debian: apt-get install {' '.join(missing or NEEDED.values())}")
        self._browser = browsers[-1]
        self._drivers = dict[Scheme, Remote]()
        self._services = list[Service]()
        self._root = root
        (root / "gtk-3.0").mkdir(parents=True)
        (root / "gtk-3.0" / "gtk.css").write_text(NARROW)
        self._screen, display = _screen()
        self._environ = {**os.environ, "DISPLAY": display, "HOME": str(root), "NO_AT_BRIDGE": "1"}
        self._environ |= {f"XDG_{kind}_HOME": str(root) for kind in ("CONFIG", "CACHE", "DATA")}
        try:
            self._driver("light")
        except BaseException as error:
            self.close()
            if isinstance(error, WebDriverException | HTTPError):
                raise CannotStart(f"WebKit does not start: {error}") from error
            raise

    def _driver(self, scheme: Scheme) -> Remote:
        if scheme not in self._drivers:
            options = Options()
            options.binary_location = str(self._browser)
            for argument in ("--automation", *(["--dark-mode"] if scheme == "dark" else [])):
                options.add_argument(argument)
            service = Service(shutil.which("WebKitWebDriver") or "", env=self._environ)
            service.start()
            self._services.append(service)
            connection = RemoteConnection(client_config=ClientConfig(service.service_url, timeout=60))
            self._drivers[scheme] = Remote(connection, options=options)
            self._drivers[scheme].set_script_timeout(60)
        return self._drivers[scheme]

    def open(self, scheme: Scheme = "light") -> Tab:
        return _WebKitTab(self._driver(scheme))

    def close(self) -> None:
        for driver in self._drivers.values():
            with suppress(WebDriverException, HTTPError):
                driver.quit()
        for service in self._services:
            service.stop()
        self._screen.terminate()
        self._screen.wait(timeout=15)


def _screen() -> tuple[subprocess.Popen[bytes], str]:
    """Start an X server on the first free display and return both."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as told:
        screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
            pass_fds=[writing],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        number = told.readline().strip()  # it comes once the server answers, and ends with it
    if not number:
        screen.wait(timeout=15)
        raise CannotStart("Xvfb does not start")
    return screen, f":{number}"
