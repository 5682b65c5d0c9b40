"""What the bench has measured, as plain values: sections of one table each, their bars and pictures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import nan
from statistics import median
from typing import Literal

Mode = Literal["whole", "quick", "tiny"]
Tell = Callable[[str], None]
"""Takes the word of what is being measured just now."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what is measured, what it must be at least or at most, what it is, and whether it is held."""

    name: str
    target: str
    measured: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its head, what is to be known about it, its bars, and pictures: a title and the SVG of each."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""
    bars: list[Bar] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)


def at_most(name: str, limit: float, measured: float, unit: str = "", digits: int = 2) -> Bar:
    """Return the bar of a figure that must not be larger."""
    return Bar(name, f"at most {limit:g}{unit}", f"{measured:,.{digits}f}{unit}", measured <= limit)


def at_least(name: str, limit: float, measured: float, unit: str = "", digits: int = 2) -> Bar:
    """Return the bar of a figure that must not be smaller."""
    return Bar(name, f"at least {limit:g}{unit}", f"{measured:,.{digits}f}{unit}", measured >= limit)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of them does not pass; NaN where there is none."""
    ordered = sorted(values) or [nan]
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle(values: Sequence[float]) -> float:
    """Return the median; NaN where there is none."""
    return median(values or [nan])
