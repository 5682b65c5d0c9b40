"""The log: one JSON object a line, on standard error. What a user wrote never stands in it.

    {"time": "2026-11-24T09:00:07.120Z", "level": "info", "event": "request", "request": "5f0c...", "method": "POST",
     "route": "/messages", "status": 200, "ms": 41.2, "person": "ana"}

An event is a word and its fields are given as `extra=...`. All lines of a request carry its id, those of the reply and
of the compaction that it leads to as well; the answer carries it too, as X-Request-Id. Everything but printable ASCII is
escaped, so no value can begin a line or move a terminal's cursor.
"""

import json
import logging
import secrets
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextvars import Context, ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from handlers.metrics import Metrics

log = logging.getLogger("storekeeper.requests")

SHORTEST_SECRET = 8
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_MOST_CHARS = 2_000
_METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])

_Application = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(slots=True)
class Trace:
    """One request on its way: its id, and what is known of it by now."""

    id: str
    route: str = "-"
    user: str | None = None


_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)


def trace() -> Trace:
    """Return the trace of the request at hand; one of its own where there is none."""
    return _trace.get() or Trace("-")


def apart() -> Context:
    """Return a context for a task that outlives its request: its lines carry the request's id, and nothing else is kept of it.

    A task that is begun in the request's own context holds all that the request was, for as long as it runs.
    """
    context = Context()
    context.run(_trace.set, _trace.get())
    return context


class Lines(logging.Formatter):
    """Prints records as JSON lines. `secrets` are blanked wherever they stand, should one have come that far.

    A traceback says where and which kind of error; its message, which may quote what it was made of, only if `verbose`.
    """

    def __init__(self, secrets: Iterable[str] = (), *, verbose: bool = False) -> None:
        super().__init__()
        self._secrets = sorted({one for one in secrets if len(one) >= SHORTEST_SECRET}, key=len, reverse=True)
        self._verbose = verbose

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        event, is_own = record.getMessage(), record.name.startswith("storekeeper")
        if not is_own and not self._verbose:  # asyncio's later lines quote the error
            event = event.partition("\n")[0]
        line: dict[str, Any] = {"time": time, "level": record.levelname.lower(), "event": self._clean(event)}
        if not is_own:
            line["logger"] = record.name
        if at := _trace.get():
            line["request"] = at.id
        if is_own:  # nobody knows what libraries put there
            line |= {name: self._clean(value) for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info and record.exc_info[1] is not None:
            line["traceback"] = self._clean(_trace_of(record.exc_info[1], is_told=self._verbose), most=20_000)
        return json.dumps(line, ensure_ascii=True).replace("\x7f", "\\u007f")

    def _clean(self, value: object, most: int = _MOST_CHARS) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        text = str(value)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text if len(text) <= most else f"{text[:most]} ... ({len(text)} characters)"


def _trace_of(error: BaseException, *, is_told: bool) -> str:
    if is_told:
        return "".join(traceback.format_exception(error))
    parts = list[str]()
    seen: BaseException | None = error
    while seen is not None and len(parts) < 8:
        frames = "".join(traceback.format_list(traceback.extract_tb(seen.__traceback__)))
        parts.append(f"Traceback (most recent call last):\n{frames}{type(seen).__name__}\n")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n".join(reversed(parts))


def secrets_of(environ: Mapping[str, str], *more: str | None) -> list[str]:
    """Return what must stand in no line: the values of variables that are named as secrets are, and `more`."""
    words = ("KEY", "TOKEN", "SECRET", "PASSWORD")
    named = [value for name, value in environ.items() if any(word in name.upper() for word in words)]
    return [value.strip() for value in (*named, *more) if value]


def begin(secrets: Iterable[str], *, verbose: bool) -> None:
    """Set up logging for the whole process; `verbose` logs more."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(secrets, verbose=verbose))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("storekeeper").setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.getLogger("uvicorn").setLevel(logging.INFO if verbose else logging.WARNING)
    logging.getLogger("httpx2").setLevel(logging.WARNING)


def traced(application: _Application, metrics: Metrics) -> _Application:
    """Wrap an ASGI application: each request gets an id, one line in the log, and is counted."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        at = Trace(secrets.token_hex(8))
        _trace.set(at)
        began, status = monotonic(), 0

        async def tell(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", at.id.encode())]
            await send(message)

        try:
            await application(scope, receive, tell)
        finally:
            seconds = monotonic() - began
            method = scope["method"] if scope["method"] in _METHODS else "other"
            metrics.request(method, at.route, status, seconds)
            log.info(
                "request",
                extra={"method": method, "route": at.route, "status": status, "ms": round(1000 * seconds, 1)}
                | ({"person": at.user} if at.user else {}),
            )

    return answer
