"""A shop in a test: its settings, its clock, a model that says what the test hands it, and browsers over its application."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from quart import Quart

from completions.errors import ModelError
from completions.request import CompletionRequest
from completions.stream import Delta, Event, Finished
from handlers.pages.languages import Language, Languages
from settings import Settings, read
from tests.support.conversations import NOON as NOON

PASSWORD = "correct horse battery"
ENGLISH: Language = Languages([]).default


def settings_of(addresses: Mapping[str, str | None], /, **changed: Any) -> Settings:
    """Settings with these models, in order, at these addresses; no limits unless `changed` says so."""
    values: dict[str, Any] = {
        "chat": list(addresses),
        "summariser": list(addresses)[:1],
        "models": [
            {"name": name, "base_url": url, "max_input": 100_000, "max_output": 4_000}
            for name, url in addresses.items()
        ],
        "budget": {"daily_tokens_per_user": 0},
        "limits": {"messages_per_minute": 0, "signups_per_hour": 0},
    }
    return read(values | changed)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, start: datetime = NOON) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


Script = Iterable[str | Event | ModelError | Exception | asyncio.Event]


class Scripted:
    """A model that plays one script a request, the last one for ever: texts, events, faults, and gates to wait at."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = [list(script) for script in scripts] or [["Hello world"]]
        self.requests = list[CompletionRequest]()
        self.closed = 0
        """Streams that were left, at their end or before."""

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Event, None]:
        script = self._scripts[min(len(self.requests), len(self._scripts) - 1)]
        self.requests.append(request)
        try:
            for step in script:
                match step:
                    case str():
                        yield Delta(step)
                    case asyncio.Event():
                        await step.wait()
                    case Exception():
                        raise step
                    case _:
                        yield step
            if not any(isinstance(step, Finished) for step in script):
                yield Finished("stop")
        finally:
            self.closed += 1


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole answer, its header names in small letters."""

    status: int
    fields: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers; one that came twice stands joined by a bar, which none has."""
        joined = dict[str, str]()
        for name, value in self.fields:
            joined[name] = f"{joined[name]} | {value}" if name in joined else value
        return joined


class Exchange:
    """One request to the application and what comes of it, piece by piece, as a server would see it."""

    def __init__(self, app: Quart, scope: dict[str, Any], body: Iterable[bytes]) -> None:
        self._heard = asyncio.Queue[dict[str, Any]]()
        pieces = list(body)
        for n, piece in enumerate(pieces, 1):
            self._heard.put_nowait({"type": "http.request", "body": piece, "more_body": n < len(pieces)})
        self._said = asyncio.Queue[dict[str, Any]]()
        self.task = asyncio.create_task(app(scope, self._heard.get, self._said.put))  # type: ignore[arg-type]
        self.status = 0
        self.fields = list[tuple[str, str]]()

    def bring(self, body: bytes) -> None:
        """Send the body of a request that was begun without one."""
        self._heard.put_nowait({"type": "http.request", "body": body, "more_body": False})

    def leave(self) -> None:
        """Close the connection, as a browser does whose tab is closed."""
        self._heard.put_nowait({"type": "http.disconnect"})

    async def begin(self) -> "Exchange":
        start = await self._next()
        assert start is not None, "the application gave no answer"
        assert start["type"] == "http.response.start", start
        self.status = start["status"]
        self.fields = [(name.decode().lower(), value.decode()) for name, value in start["headers"]]
        return self

    async def pieces(self) -> AsyncIterator[bytes]:
        while (message := await self._next()) is not None:
            if message["body"]:
                yield message["body"]
            if not message.get("more_body", False):
                return

    async def _next(self) -> dict[str, Any] | None:
        """Return what is said next, None once the application has nothing more to say."""
        said = asyncio.ensure_future(self._said.get())
        await asyncio.wait({said, self.task}, return_when=asyncio.FIRST_COMPLETED)
        if said.done():
            return said.result()
        said.cancel()
        self.task.result()
        return None if self._said.empty() else self._said.get_nowait()


@dataclass
class Visitor:
    """One browser at the shop: it keeps its cookies and says where its requests come from."""

    app: Quart
    address: str = "http://localhost:8000"
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})

    def exchange(
        self, method: str, path: str, body: Iterable[bytes] = (b"",), headers: Iterable[tuple[str, str]] = ()
    ) -> Exchange:
        """Send a request. Of `headers`, one that is given takes the place of the browser's own; an empty one is left out."""
        own = {"Host": urlsplit(self.address).netloc, **self.headers}
        if self.cookies:
            own["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = list(headers)
        names = {name.lower() for name, _ in given}
        fields = [(name, value) for name, value in own.items() if name.lower() not in names]
        fields += [(name, value) for name, value in given if value]
        target, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": urlsplit(self.address).scheme,
            "path": target,
            "raw_path": quote(target).encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in fields],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8000),
            "extensions": {},
        }
        return Exchange(self.app, scope, body)

    async def ask(
        self, method: str, path: str, body: Iterable[bytes] = (b"",), headers: Iterable[tuple[str, str]] = ()
    ) -> Answered:
        """Send a request and read its whole answer; the cookies it sets are kept."""
        exchange = await self.exchange(method, path, body, headers).begin()
        content = b"".join([piece async for piece in exchange.pieces()])
        await exchange.task
        for name, value in exchange.fields:
            if name == "set-cookie":
                for key, morsel in SimpleCookie(value).items():
                    self.cookies[key] = morsel.value
                    if morsel["max-age"] == "0":
                        del self.cookies[key]
        return Answered(exchange.status, exchange.fields, content)

    async def get(self, path: str, **headers: str) -> Answered:
        return await self.ask("GET", path, headers=_fields(headers))

    async def post(self, path: str, form: Mapping[str, Any] | bytes = b"", **headers: str) -> Answered:
        """Send a form, as a browser without JavaScript does."""
        body = form if isinstance(form, bytes) else urlencode(form, errors="surrogatepass").encode()
        fields = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return await self.ask("POST", path, [body], _fields(fields))

    async def send(self, path: str, form: Mapping[str, Any] | bytes = b"", **headers: str) -> Answered:
        """Send a form, as htmx does."""
        return await self.post(path, form, **{"HX_Request": "true", **headers})

    async def log_in(self, name: str = "ana", password: str = PASSWORD) -> "Visitor":
        answered = await self.post("/login", {"username": name, "password": password})
        assert answered.status == 303, answered.text
        return self

    async def follow(self, reply_id: object) -> bytes:
        """Read a reply's stream to its end."""
        return (await self.get(f"/replies/{reply_id}", Accept="text/event-stream")).body

    @asynccontextmanager
    async def following(self, reply_id: object) -> AsyncIterator[AsyncIterator[bytes]]:
        """Follow a reply's stream piece by piece, until the tab is closed."""
        exchange = await self.exchange(
            "GET", f"/replies/{reply_id}", [b""], _fields({"Accept": "text/event-stream"})
        ).begin()
        try:
            yield exchange.pieces()
        finally:
            exchange.leave()
            await asyncio.wait({exchange.task})


def _fields(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name.replace("_", "-"), value) for name, value in headers.items()]
