"""Debian's Firefox, driven by WebDriver BiDi over a websocket: it needs no driver beside it."""

import base64
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.browser.looks import Scheme
from tests.browser.tabs import CannotStart, Engine, Key, PageGone, Tab

PREFERENCES = {"intl.accept_languages": "en-GB, en", "widget.gtk.overlay-scrollbars.enabled": False}
"""Scrollbars that take room, as those of most desks do."""
KEYS: dict[Key, str] = {"Enter": "\ue007", "Escape": "\ue00c", "Backspace": "\ue003"}
"""As WebDriver names them."""
TELL_REFUSED = """() => addEventListener("securitypolicyviolation", ({violatedDirective, blockedURI}) =>
    console.error(`refused by ${violatedDirective}: ${blockedURI}`))"""
GONE = ("no such frame", "discarded browsing context")
START_SECONDS = 60
_LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


class _Process:
    """One Firefox: its process and the one connection that it takes."""

    def __init__(self, profile: Path, scheme: Scheme) -> None:
        program = shutil.which("firefox-esr") or shutil.which("firefox")
        if program is None:
            raise CannotStart("no Firefox here; on Debian: apt-get install firefox-esr")
        profile.mkdir(parents=True)
        preferences = {**PREFERENCES, "ui.systemUsesDarkTheme": int(scheme == "dark")}
        lines = [f"user_pref({json.dumps(key)}, {json.dumps(value)});\n" for key, value in preferences.items()]
        (profile / "user.js").write_text("".join(lines))
        self.tabs = dict[str, _FirefoxTab]()
        self._process = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port=0"],
            env={**os.environ, "HOME": str(profile)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._numbers = count(1)
        self._closing = ExitStack()
        try:
            self._socket = self._closing.enter_context(connect(self._address(), max_size=None))
            self.ask("session.new", capabilities={})
            self.ask("session.subscribe", events=["log.entryAdded"])
            self.ask("script.addPreloadScript", functionDeclaration=TELL_REFUSED)
        except BaseException as error:
            self.end()
            if isinstance(error, OSError | TimeoutError | WebSocketException | RuntimeError):
                raise CannotStart(f"Firefox does not start: {error}") from error
            raise

    def _address(self) -> str:
        """Return where it takes a connection."""
        watch = threading.Timer(START_SECONDS, self._process.kill)
        watch.start()
        told = list[str]()
        assert self._process.stderr is not None
        for line in self._process.stderr:  # it ends with the process
            told.append(line)
            if found := _LISTENING.search(line):
                watch.cancel()
                return f"{found[1]}/session"
        watch.cancel()
        raise CannotStart("Firefox does not start: " + "".join(told[-5:]).strip())

    def ask(self, method: str, **parameters: object) -> Any:
        """Send a command and return its result; what happened meanwhile goes to the tabs."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=60))
            if answer["type"] == "event":
                self._note(answer["params"])
            elif answer["id"] == number:
                if answer["type"] == "error":
                    if answer["error"] in GONE:
                        raise PageGone
                    raise RuntimeError(f"{method}: {answer['error']}: {answer['message']}")
                return answer["result"]

    def _note(self, entry: dict[str, Any]) -> None:
        is_trouble = entry["level"] == "error" or (entry["type"] == "console" and entry["level"] == "warn")
        tab = self.tabs.get(entry["source"].get("context", ""))
        if is_trouble and tab:
            tab.troubles.append(f"{entry['level']}: {entry['text']}")

    def end(self) -> None:
        self._closing.close()
        self._process.terminate()
        self._process.communicate(timeout=15)


class _FirefoxTab(Tab):
    def __init__(self, process: _Process) -> None:
        super().__init__()
        self._process = process
        self._user = process.ask("browser.createUserContext")["userContext"]
        self._context = process.ask("browsingContext.create", type="tab", userContext=self._user)["context"]
        process.tabs[self._context] = self

    def go(self, url: str) -> None:
        self._process.ask("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def reload(self) -> None:
        self._process.ask("browsingContext.reload", context=self._context, wait="complete")

    def evaluated(self, expression: str) -> str:
        target = {"context": self._context}
        answer = self._process.ask(
            "script.evaluate", expression=expression, target=target, awaitPromise=True, userActivation=True
        )
        assert answer["type"] == "success", answer
        return str(answer["result"]["value"])

    def click_at(self, x: int, y: int) -> None:
        self._point(x, y, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0})

    def hover_at(self, x: int, y: int) -> None:
        self._point(x, y)

    def _point(self, x: int, y: int, *then: Mapping[str, object]) -> None:
        self._act("pointer", {"type": "pointerMove", "x": x, "y": y}, *then)

    def press(self, key: Key) -> None:
        self.type(KEYS[key])

    def type(self, text: str) -> None:
        self._act("key", *({"type": kind, "value": one} for one in text for kind in ("keyDown", "keyUp")))

    def wheel(self, x: int, y: int, pixels: int) -> None:
        self._act("wheel", {"type": "scroll", "x": x, "y": y, "deltaX": 0, "deltaY": pixels})

    def _act(self, device: str, *actions: Mapping[str, object]) -> None:
        source = {"type": device, "id": device, "actions": list(actions)}
        self._process.ask("input.performActions", context=self._context, actions=[source])

    def resize(self, width: int, height: int) -> None:
        viewport = {"width": width, "height": height}
        self._process.ask("browsingContext.setViewport", context=self._context, viewport=viewport)

    def picture(self) -> bytes:
        return base64.b64decode(self._process.ask("browsingContext.captureScreenshot", context=self._context)["data"])

    def close(self) -> None:
        self._process.ask("browser.removeUserContext", userContext=self._user)
        del self._process.tabs[self._context]


class Firefox(Engine):
    """Firefox, one process for light pages and one for dark ones, each started when it is first needed."""

    name = "firefox"

    def __init__(self, root: Path) -> None:
        self._root = root
        self._processes = dict[Scheme, _Process]()
        self._process("light")

    def _process(self, scheme: Scheme) -> _Process:
        if scheme not in self._processes:
            self._processes[scheme] = _Process(self._root / scheme, scheme)
        return self._processes[scheme]

    def open(self, scheme: Scheme = "light") -> Tab:
        return _FirefoxTab(self._process(scheme))

    def close(self) -> None:
        for process in self._processes.values():
            process.end()
