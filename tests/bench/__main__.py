"""`uv run just bench`: what a token, a turn and a reader cost, measured here and now beside what one would write instead.

It prints tables and each bar as held or missed, and writes them with pictures to reports/bench.html. A figure never
makes it fail: the exit code is 0 unless something broke.
"""

import argparse
import logging
import os
import platform
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.status import Status

from tests.bench import (
    bars,
    catalogue,
    checks,
    costs,
    everyday,
    footprint,
    logins,
    pages,
    scaling,
    sleepers,
    streams,
    turns,
    waits,
)
from tests.bench.figures import Mode, Section, Tell
from tests.bench.servers import Lab
from tests.reporting.pages import REPORTS, render, write
from tests.reporting.tables import print_table

Measure = Callable[[Mode, Tell, Lab], list[Section]]


def _alone(measure: Callable[[Mode, Tell], list[Section]]) -> Measure:
    """Return a part that needs no server."""
    return lambda mode, tell, lab: measure(mode, tell)


PARTS: dict[str, Measure] = {
    "rest": footprint.at_rest,
    "streams": streams.measure,
    "streams-tls": streams.measure_over_tls,
    "sleepers": sleepers.measure,
    "workers": scaling.measure,
    "growth": partial(footprint.growth, None),
    "pages": _alone(pages.measure),
    "logins": _alone(logins.measure),
    "turns": _alone(turns.measure),
    "waits": _alone(waits.measure),
    "costs": _alone(costs.measure),
    "memory": _alone(lambda mode, tell: [*everyday.measure(mode, tell), *bars.measure(mode, tell)]),
    "catalogue": _alone(partial(catalogue.measure, None)),
    "checks": _alone(checks.measure),
}
"""What can be measured, by the name that --only takes, in order."""
BARS_HEAD = ("bar", "", "measured", "target")


def main(arguments: Sequence[str] | None = None, *, console: Console | None = None, reports: Path = REPORTS) -> None:
    console = console or Console()
    asked = _arguments(arguments)
    mode: Mode = "tiny" if asked.tiny else "quick" if asked.quick else "whole"
    began, machine = time.monotonic(), [_machine(), f"Load {_load()} at the beginning"]
    console.print("\n".join(machine))
    sections = list[Section]()
    parts = PARTS | ({"growth": partial(footprint.growth, asked.turns)} if asked.turns else {})
    parts |= {"catalogue": _alone(partial(catalogue.measure, asked.catalogue))}
    logging.disable()  # a summariser that is dead on purpose is no news
    try:
        with Lab() as lab:
            for name in (name for name in parts if name in (asked.only or parts)):
                with console.status(name) as status:
                    found = parts[name](mode, partial(_tell, status, name), lab)
                for section in found:
                    print_table(section.title, section.head, section.rows, console)
                    if section.note:
                        console.print(section.note, highlight=False)
                sections += found
    finally:
        logging.disable(logging.NOTSET)
    machine.append(f"Load {_load()} at the end, after {time.monotonic() - began:.0f} s, in mode {mode}")
    rows = bar_rows(sections)
    print_table("Bars", BARS_HEAD, rows, console)
    console.print(machine[-1])
    page = render(
        Path(__file__).with_name("report.html"), sections=sections, bars_head=BARS_HEAD, bars=rows, machine=machine
    )
    write(reports, {"bench.html": page})
    console.print(f"Written to {reports / 'bench.html'}")


def _tell(status: Status, name: str, what: str) -> None:
    status.update(f"{name}: {what}")


def bar_rows(sections: Sequence[Section]) -> list[tuple[str, ...]]:
    """Return a row for each bar of all sections."""
    return [
        (bar.name, "held" if bar.is_held else "missed", bar.measured, bar.target)
        for section in sections
        for bar in section.bars
    ]


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench", description="Measure what Storekeeper costs and takes, here and now."
    )
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs, in a minute")
    parser.add_argument("--tiny", action="store_true", help="runs that tell nothing but that all of this works")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="this part alone; may be said again")
    parser.add_argument(
        "--turns", type=int, help="how many turns the memory is watched for; else as many as fit in 20 s"
    )
    parser.add_argument(
        "--catalogue",
        type=Path,
        help="a directory with questions over other catalogues: generate.py, retail-products.json, or expected.json of exports",
    )
    return parser.parse_args(arguments)


def _machine() -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} cores of {_model()}, {platform.system()} {platform.release()}, {python}"


def _model() -> str:
    """Return the processor's name, as Linux tells it."""
    lines = Path("/proc/cpuinfo").read_text().split("\n")
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _load() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg())


if __name__ == "__main__":
    main()
