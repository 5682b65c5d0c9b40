"""Plots of tokens by hour or day, as numbers for an inline SVG without styles. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.pages.languages import Language
from memory.usage.day_totals import Sum, total
from memory.usage.reports import Bar

WIDTH, HEIGHT = 600, 140
_GAP = 2
_FOOT = 26
_LABEL = 64


@dataclass(frozen=True, slots=True)
class Column:
    """One column, in units of the picture. `label` stands below it where `is_labelled`."""

    x: float
    y: float
    width: float
    height: float
    label: str
    label_x: float
    is_labelled: bool
    tokens: int


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot and what it sums up to. `most` is the tokens of the highest column."""

    title: str
    columns: tuple[Column, ...]
    most: int
    sum: Sum


def plot(title: str, bars: Sequence[Bar], language: Language, *, every: int) -> Plot:
    """Make the columns of the bars; of the labels each `every`th is written, counted from the newest."""
    most = max((bar.sum.tokens for bar in bars), default=0)
    step, ground = WIDTH / max(1, len(bars)), HEIGHT - _FOOT
    columns = list[Column]()
    for n, bar in enumerate(bars):
        height = round(bar.sum.tokens / most * (ground - 4), 1) if most else 0.0
        if bar.sum.tokens:
            height = max(1.0, height)
        is_labelled = (len(bars) - 1 - n) % every == 0
        columns.append(
            Column(
                round(n * step + _GAP / 2, 1), ground - height, round(step - _GAP, 1), height,
                _label(bar, language), min(max((n + 0.5) * step, _LABEL / 2), WIDTH - _LABEL / 2), is_labelled, bar.sum.tokens,
            )
        )  # fmt: skip
    return Plot(title, tuple(columns), most, total(bar.sum for bar in bars))


def _label(bar: Bar, language: Language) -> str:
    return language.hour(bar.at) if isinstance(bar.at, datetime) else language.short_day(bar.at)
