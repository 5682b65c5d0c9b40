"""What the server takes by itself: memory at rest and after many turns, and its start."""

import os
import subprocess
import sys
import time
from dataclasses import replace

from settings import ROOT
from tests.bench.figures import Mode, Section, Tell, at_most, middle
from tests.bench.readers import cpu_seconds, rss_mb
from tests.bench.servers import Lab, Target, passthrough_command, people_of, wait_for
from tests.faults.live import free_port

_STARTS: dict[Mode, int] = {"whole": 5, "quick": 3, "tiny": 1}
_SECONDS: dict[Mode, float] = {"whole": 20, "quick": 5, "tiny": 0}


def at_rest(mode: Mode, tell: Tell, lab: Lab) -> list[Section]:
    """Return the section of a server that has just started. Comes before any load."""
    tell("memory")
    memory = [_memory(target) for target in (lab.storekeeper, lab.passthrough)]
    tell("starts")
    return [_rest(lab, memory, _STARTS[mode])]


def _memory(target: Target) -> tuple[float, float]:
    """Return the MB of a server that just started, and after its first reply."""
    _settle(target)
    before = rss_mb(target.pid)
    target.load(target.askers(1, "0-30-0"))
    _settle(target)
    return before, rss_mb(target.pid)


def _settle(target: Target) -> None:
    """Wait until a server does nothing."""
    before, last = -1.0, time.monotonic() + 20
    while (spent := cpu_seconds(target.pid)) > before + 0.005 and time.monotonic() < last:
        before = spent
        time.sleep(0.5)


def growth(turns: int | None, mode: Mode, tell: Tell, lab: Lab) -> list[Section]:
    """Return the section of memory after many turns, as fast as they go: so many, or what a time allows.

    Few people take them, so that their conversations grow long enough for notes.
    """
    at_once = 2 if mode == "tiny" else 25
    target = replace(lab.storekeeper, people=people_of(lab.house, "talker", at_once))
    taken, began = 0, time.monotonic()
    seen = list[tuple[int, float]]()
    while taken < (turns or 1) or (turns is None and time.monotonic() - began < _SECONDS[mode]):
        target.load(target.askers(at_once, "0-30-0"))
        taken += at_once
        seen.append((taken, rss_mb(target.pid)))
        tell(f"{taken:,} turns")
    tenth = seen[len(seen) // 10]
    rows = [(f"after {tenth[0]:,}", f"{tenth[1]:.0f}"), (f"after {taken:,}", f"{seen[-1][1]:.0f}")]
    bars = [at_most(f"memory after {taken:,} turns, of that after {tenth[0]:,}", 1.2, seen[-1][1] / tenth[1])]
    note = (
        f"{at_once} people at once, {taken / (time.monotonic() - began):.0f} turns a second of 30 tokens; every turn is kept, "
        "and notes are made."
    )
    return [Section("Memory after many turns", ("turns", "MB"), rows, note, bars)]


def _rest(lab: Lab, memory: list[tuple[float, float]], times: int) -> Section:
    """Start Storekeeper and the passthrough in turn, from the process's beginning to the first whole HTTP answer."""
    own, plain = list[float](), list[float]()
    for _ in range(times):
        port = free_port()
        own.append(_start(["server.py", "serve"], port, "/login", lab.house.environ(port)))
        port = free_port()
        plain.append(_start(passthrough_command(port), port, "/", dict(os.environ) | {"MODEL_URL": lab.model.url}))
    rows = [
        (name, f"{middle(starts):.2f}", f"{max(starts):.2f}", f"{before:.0f}", f"{after:.0f}")
        for name, starts, (before, after) in zip(("Storekeeper", "passthrough"), (own, plain), memory, strict=True)
    ]
    bars = [
        at_most("memory at rest, without the embedded model", 120, memory[0][0], " MB", 0),
        at_most("start to the first answer", 1.0, middle(own), " s"),
    ]
    note = (
        f"Median of {times} starts each, in turn, with warm caches, to the first whole answer; Storekeeper's is the log-in page. "
        "Memory of a server that nobody has asked anything, and after its first reply."
    )
    head = ("server", "start, s", "longest", "MB at rest", "MB after a reply")
    return Section("At rest", head, rows, note, bars)


def _start(command: list[str], port: int, path: str, environ: dict[str, str]) -> float:
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with process:
        try:
            return wait_for(port, process, path) - began
        finally:
            process.kill()
