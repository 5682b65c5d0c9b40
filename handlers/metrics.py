"""What /metrics shows: counted while the server works, printed in Prometheus' form. Knows nothing of requests.

A plain Meter counts nothing: that is one whose shop has set no token. Several worker processes count in files that
they share (prometheus-client's multiprocess mode), so that each of them shows the sums of all.
"""

import asyncio
import os
import re
from pathlib import Path
from typing import Any

from completions.stream import Usage

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus-client's environment variable for the directory in which worker processes count together."""

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_LAG_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_LAG_EVERY = 1.0
_LIVE_FILE = re.compile(r"gauge_live\w+_(\d+)\.db")


class Metrics:
    """Counts nothing."""

    is_on = False

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request by its route's rule, never by its path."""

    def reply_began(self) -> None:
        """Count a reply that is being written."""

    def reply_ended(self) -> None:
        """Count it no more."""

    def call(
        self, purpose: str, model: str, ending: str, usage: Usage, usd: float, first_token_seconds: float | None
    ) -> None:
        """Count a call of a model."""

    def compaction(self, method: str) -> None:
        """Count a compaction by what made its notes: a model, or code."""

    def lag(self, seconds: float) -> None:
        """Note by how much the event loop was late."""


class Prometheus(Metrics):
    """Counts for Prometheus."""

    is_on = True

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._registry = registry = CollectorRegistry()
        of_call = ["purpose", "model"]

        def counter(name: str, help_text: str, labels: list[str]) -> Counter:
            return Counter(f"storekeeper_{name}", help_text, labels, registry=registry)

        def seconds(name: str, help_text: str, labels: list[str], buckets: tuple[float, ...] = _SECONDS) -> Histogram:
            return Histogram(f"storekeeper_{name}_seconds", help_text, labels, buckets=buckets, registry=registry)

        self._requests = counter("requests", "Requests by route and status", ["method", "route", "status"])
        self._request_seconds = seconds("request", "Time to a request's whole answer", ["route"])
        self._live = Gauge(
            "storekeeper_replies_live", "Replies being written", registry=registry, multiprocess_mode="livesum"
        )
        self._calls = counter("model_calls", "Calls of models by ending", [*of_call, "ending"])
        self._tokens = counter(
            "tokens", "Tokens: prompt (cached ones among them), cached, completion", [*of_call, "kind"]
        )
        self._usd = counter("cost_usd", "US dollars, where the price is known", of_call)
        self._first_token = seconds("first_token", "Time to a model's first words", ["model"])
        self._lag = seconds("event_loop_lag", "How late the event loop was, once a second", [], _LAG_SECONDS)
        self._compactions = counter("folds", "Notes made of older messages", ["method"])

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def reply_began(self) -> None:
        self._live.inc()

    def reply_ended(self) -> None:
        self._live.dec()

    def call(
        self, purpose: str, model: str, ending: str, usage: Usage, usd: float, first_token_seconds: float | None
    ) -> None:
        self._calls.labels(purpose, model, ending).inc()
        self._tokens.labels(purpose, model, "prompt").inc(usage.prompt_tokens)
        self._tokens.labels(purpose, model, "cached").inc(usage.cached_tokens)
        self._tokens.labels(purpose, model, "completion").inc(usage.completion_tokens)
        self._usd.labels(purpose, model).inc(usd)
        if first_token_seconds is not None:
            self._first_token.labels(model).observe(first_token_seconds)

    def compaction(self, method: str) -> None:
        self._compactions.labels(method).inc()

    def lag(self, seconds: float) -> None:
        self._lag.observe(seconds)

    def print(self) -> tuple[bytes, str]:
        """Return all counts of all worker processes, and their content type. Blocks: call it in a thread."""
        from prometheus_client import CollectorRegistry, exposition, multiprocess

        registry: Any = self._registry
        if shared := os.environ.get(SHARED):
            _forget_dead(Path(shared))
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return exposition.generate_latest(registry), exposition.CONTENT_TYPE_PLAIN_0_0_4


def _forget_dead(shared: Path) -> None:
    """Drop the gauges of workers that were killed."""
    for file in shared.iterdir():
        match = _LIVE_FILE.fullmatch(file.name)
        if match and not Path(f"/proc/{match[1]}").exists() and Path("/proc").exists():
            file.unlink(missing_ok=True)


async def watch_lag(metrics: Metrics) -> None:
    """Measure for ever, once a second, how late the event loop wakes whom it was to wake."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _LAG_EVERY
        await asyncio.sleep(_LAG_EVERY)
        metrics.lag(max(0.0, loop.time() - due))
