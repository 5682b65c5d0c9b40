"""Half an hour of people, faults and restarts, and what the server that lived through it holds then: `uv run just soak`.

Two servers over one users directory. One is killed, ended, or stopped and continued at random; the other lives on and
is measured: its descriptors and memory after the warm-up and at the end, how late its event loop was by its own count, and how
long it takes to say that it is well (to a process that plays all people besides, so that is no bar).
Models fail in every way that the scripted upstream knows; some people close their tabs in the middle of a reply.
"""

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.faults.invariants import Witness
from tests.faults.kills import COUNT, WHOLE, Figures, Person, verdict
from tests.faults.live import House, Server, values_for
from tests.support.upstream import running

SCRIPTS = (
    *[f"say-200-{COUNT}"] * 6, "ok", "drop_chunked", "rst", "half_event", "badjson", "badutf8", "error_event", "r503html",
    "r429_long", "html200", "length", "content_filter", "hang_mid", "hang_first", "nothing", "surrogate",
)  # fmt: skip


_TOKEN = "the token of whoever measures"


@dataclass
class Measures:
    """The living server: at the beginning, at the end, and its answers' times in between."""

    descriptors: list[int] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    lag_p99: str = "not counted"

    def take(self, server: Server) -> None:
        self.descriptors.append(server.descriptors())
        self.memory_mb.append(server.rss_mb())

    def p99(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[int(len(ordered) * 0.99)] if ordered else 0.0

    def __str__(self) -> str:
        return (
            f"descriptors {self.descriptors[0]} and {self.descriptors[-1]}, memory {self.memory_mb[0]:.0f} MB and "
            f"{self.memory_mb[-1]:.0f} MB, event loop late p99 {self.lag_p99}, an answer of /healthz p99 {self.p99() * 1000:.0f} ms of {len(self.seconds)}"
        )


class Visitor(Person):
    """Somebody whose questions bring about faults, and who leaves at times before the answer is there."""

    def question(self, number: int) -> str:
        return f"{random.choice(SCRIPTS)} {self._browser.name} {number}"

    def _follow(self, question: str, reply_id: str) -> None:
        if random.random() < 0.1:
            with contextlib.suppress(Exception), contextlib.closing(self._browser.events(reply_id)) as events:
                next(events, None)
            time.sleep(0.2)
        super()._follow(question, reply_id)


def lag_p99(exposition: str) -> str:
    """Return the smallest bound of the histogram below which 99 % of the event loop's delays lie, and how many there were."""
    (histogram,) = [
        family
        for family in text_string_to_metric_families(exposition)
        if family.name == "storekeeper_event_loop_lag_seconds"
    ]
    bounds = [(float(one.labels["le"]), one.value) for one in histogram.samples if one.name.endswith("_bucket")]
    count = max(value for _, value in bounds)
    return f"at most {min(bound for bound, value in bounds if value >= 0.99 * count) * 1000:g} ms of {count:.0f}"


def _metrics(server: Server) -> str:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/metrics", headers={"Authorization": f"Bearer {_TOKEN}"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return str(answer.read().decode())


def _watch(server: Server, measures: Measures, over: threading.Event) -> None:
    while not over.wait(0.25):
        started = time.monotonic()
        if server.answers():
            measures.seconds.append(time.monotonic() - started)


def _strike(server: Server, figures: Figures) -> None:
    match random.choice(["kill", "end", "hang"]):
        case "kill":
            os.kill(server.pid(), signal.SIGKILL)
            server.process.wait(timeout=10)
        case "end":
            server.end()
        case _:
            os.kill(server.pid(), signal.SIGSTOP)
            time.sleep(random.uniform(0.2, 2))
            os.kill(server.pid(), signal.SIGCONT)
            return
    figures.kills += 1
    server.start()


def run(root: Path, *, seconds: float, people: int) -> tuple[Figures, Measures]:
    figures, measures, witness, over = Figures(), Measures(), Witness(), threading.Event()
    limits = {"messages_per_minute": 0, "first_token_seconds": 2, "idle_seconds": 2, "grace_seconds": 1}
    with running() as upstream:
        memory = {"high_tokens": 800, "summary_tokens": 400}
        house = House(root, values_for(upstream, limits=limits, memory=memory, metrics_token=_TOKEN))
        try:
            lives, struck = house.two_servers()
            names = [f"ana{n}" for n in range(people)]
            talking = [Visitor(house.browser(name, lives, witness), [lives, struck], figures, over) for name in names]
            watching = threading.Thread(target=_watch, args=(lives, measures, over))
            for thread in (*talking, watching):
                thread.start()
            warm_up, last = time.monotonic() + min(60, seconds / 5), time.monotonic() + seconds
            while time.monotonic() < last:
                time.sleep(random.uniform(1, 5))
                _strike(struck, figures)
                if not measures.descriptors and time.monotonic() > warm_up:
                    measures.take(lives)
                    measures.memory_mb[0] = lives.rss_mb()
            over.set()
            for person in talking:
                person.join(90)
                if person.is_alive() or person.error:
                    figures.troubles.append(person.error or f"{person.name} does not come to an end")
            time.sleep(20)  # connections that were left are noticed by then
            measures.take(lives)
            measures.lag_p99 = lag_p99(_metrics(lives))
        finally:
            house.close()
    figures.troubles += verdict(house, witness, figures, {q: WHOLE for q in figures.asked if q.startswith("say-")})
    if measures.descriptors[-1] > measures.descriptors[0] * 1.1:
        figures.troubles.append(f"descriptors grew: {measures.descriptors}")
    if measures.memory_mb[-1] > measures.memory_mb[0] * 1.1:
        figures.troubles.append(f"memory grew: {measures.memory_mb}")
    return figures, measures


def main() -> int:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--people", type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="storekeeper-soak-") as root:
        figures, measures = run(Path(root), seconds=chosen.minutes * 60, people=chosen.people)
    print(f"{figures}\n{measures}")
    for trouble in figures.troubles[:40]:
        print(f"  {trouble}")
    return 1 if figures.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
