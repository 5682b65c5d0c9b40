"""Several worker processes: how many streams two of them carry against one."""

import os

from tests.bench.figures import Mode, Section, Tell, at_least, middle
from tests.bench.readers import Seen
from tests.bench.servers import Lab, Target, stretch

_LIMIT = 1.05
_LOADS: dict[Mode, tuple[int, int, int, tuple[int, ...]]] = {
    "whole": (150, 200, 2, (300, 400, 500)),
    "quick": (100, 150, 1, ()),
    "tiny": (2, 5, 1, (2,)),
}
"""Readers, tokens and paired runs for the cost of a token; then numbers of readers at which the stretch is looked at."""


def measure(mode: Mode, tell: Tell, lab: Lab) -> list[Section]:
    """Return the section of one worker and of two: CPU a token, what that lets a core carry, and where streams stretch."""
    readers, tokens, runs, loads = _LOADS[mode]
    costs: dict[str, list[float]] = {}
    knees: dict[str, str] = {}
    ways = [("1", 1, False), ("2", 2, False), ("2, streams elsewhere", 2, True)]
    for run in range(runs):
        for workers in (1, 2):
            with lab.alone(workers) as target:
                target.load(target.askers(min(40, readers), "0-20-0"))
                for name, _, is_apart in (way for way in ways if way[1] == workers):
                    tell(f"{name} workers")
                    seen = target.load(target.askers(readers, f"50-{tokens}-0"), is_apart=is_apart)
                    costs.setdefault(name, []).append(seen.cpu_seconds / (readers * tokens) * 1e6)
                if run == 0:
                    knees[str(workers)] = _knee(target, loads, tokens, tell)
    capacity = {name: middle([_carried(int(name[0]), one) for one in costs[name]]) for name, _, _ in ways}
    ratio = middle([2 * one / two for one, two in zip(costs["1"], costs["2"], strict=True)])
    rows = [(name, f"{middle(costs[name]):.1f}", f"{capacity[name]:,.0f}", knees.get(name, "-")) for name, _, _ in ways]
    note = (
        f"CPU a token at {readers} streams, by the kernel's clock. What the cores of the workers carry follows from it: a worker has "
        f"a core, a stream 50 tokens a second. The stretch was looked at at {', '.join(map(str, loads)) or 'no number of'} readers; model and "
        f"readers take their share of this machine's {os.cpu_count()} cores then, so that two workers do not have two."
    )
    head = ("workers", "CPU us/token", "streams that their cores carry", f"stretch passes {_LIMIT} at")
    bars = [at_least("streams that two workers carry, by those of one", 1.7, ratio)]
    return [Section("Workers", head, rows, note, bars)]


def _carried(workers: int, cpu_us: float) -> float:
    return workers * 1e6 / (cpu_us * 50)


def _knee(target: Target, loads: tuple[int, ...], tokens: int, tell: Tell) -> str:
    """Return at which of these numbers of readers the median stretch passes the limit first."""
    for readers in loads:
        tell(f"{target.pid}: {readers} readers")
        seen: Seen = target.load(target.askers(readers, f"50-{tokens}-0"))
        spans = target.model.spans()
        if middle([stretch(one, spans) for one in seen.readings]) > _LIMIT:
            return str(readers)
    return f"more than {loads[-1]}" if loads else "-"
