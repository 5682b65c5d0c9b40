"""`uv run just bench`: prints what a turn costs and takes, measured here and now."""

import logging
import os
import platform
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from tests.bench import bars, costs, logins, pages, turns, waits


def main() -> None:
    logging.disable()  # a summariser that is dead on purpose is no news
    console = Console()
    console.print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores")
    _print_costs(console, costs.measure())
    _print_turns(console, turns.measure())
    _print_waits(console, waits.measure())
    _print_logins(console, logins.measure())
    _print_bars(console, "What the memory holds", bars.measure())
    _print_bars(console, "What a browser waits for", pages.measure())


def _print_costs(console: Console, measured: list[costs.Figures]) -> None:
    table = Table(title=f"{costs.TURNS} turns, prompts by {costs.CHAT}, summaries by {costs.SUMMARISER}")
    for heading in ("policy", "prompt tokens", "cached", "summaries", "largest prompt", "US$", "against this"):
        table.add_column(heading, justify="left" if heading == "policy" else "right")
    own = costs.total(measured[-1])
    for one in measured:
        price = costs.total(one)
        table.add_row(
            one.policy,
            f"{one.prompt_tokens:,}",
            f"{one.cached_share:.1%}",
            str(one.calls),
            f"{one.largest_prompt:,}",
            f"{price:.3f}",
            f"{price / own:.1f}",
        )
    console.print(table)


def _print_turns(console: Console, measured: list[turns.Timing]) -> None:
    table = Table(title="Reading, counting and making one prompt")
    for heading in ("history", "MB", "first turn ms", "a turn ms", "against the shortest"):
        table.add_column(heading, justify="left" if heading == "history" else "right")
    for one in measured:
        ratio = one.turn_ms / measured[1].turn_ms
        table.add_row(one.name, f"{one.megabytes:.1f}", f"{one.first_ms:.1f}", f"{one.turn_ms:.2f}", f"{ratio:.2f}")
    console.print(table)


def _print_waits(console: Console, measured: list[waits.Waits]) -> None:
    table = Table(title=f"Whole turns while a summary takes {waits.SUMMARY_SECONDS:.0f} s")
    for heading in ("summary", "turns", "median ms", "p99 ms"):
        table.add_column(heading, justify="left" if heading == "summary" else "right")
    for one in measured:
        table.add_row(one.name, str(one.turns), f"{one.median_ms:.1f}", f"{one.p99_ms:.1f}")
    console.print(table)


def _print_logins(console: Console, measured: list[logins.Logins]) -> None:
    table = Table(title=f"{logins.SAMPLES} logins at a name that somebody has, and at one that nobody has")
    for heading in ("login", "known ms", "unknown ms", "known is faster", "p by chance"):
        table.add_column(heading, justify="left" if heading == "login" else "right")
    for one in measured:
        cells = (f"{one.known_ms:.2f}", f"{one.unknown_ms:.2f}", f"{one.known_faster:.1%}", f"{one.p:.2f}")
        table.add_row(one.name, *cells)
    console.print(table)


def _print_bars(console: Console, title: str, measured: Iterable[bars.Bar]) -> None:
    table = Table(title=title)
    for heading in ("bar", "target", "measured"):
        table.add_column(heading, justify="left" if heading == "bar" else "right")
    for one in measured:
        table.add_row(one.name, one.target, one.measured)
    console.print(table)


if __name__ == "__main__":
    main()
