"""The report's four pictures as SVG, by matplotlib: no network, and the same figures give the same bytes.

Ink is written as currentColor, so that the page's own colours, light or dark, are the pictures' too.
"""

import re
from collections.abc import Callable, Sequence
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.comparison.scores import Score
from tests.comparison.scoring import Lane, Share

_INK = "#010203"
_COLOURS = (
    "#4a7dd6",
    "#d9822b",
    "#2f9e75",
    "#c2477f",
    "#8a63d2",
    "#a08a1e",
    "#3aa6b9",
    "#b5533c",
    "#7a8793",
    "#5b9a2f",
)
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10.5, "text.color": _INK, "axes.edgecolor": _INK,
    "axes.labelcolor": _INK, "xtick.color": _INK, "ytick.color": _INK, "axes.facecolor": "none", "figure.facecolor": "none",
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "legend.fontsize": 9.5,
    "axes.titlesize": 10, "axes.titlelocation": "left",
}  # fmt: skip


def _draw(name: str, height: float, paint: Callable[[Axes], None]) -> str:
    style: Any = {**_STYLE, "svg.hashsalt": name}
    with mpl.rc_context(style):
        figure = Figure(figsize=(5.2, height), layout="constrained")
        paint(figure.add_subplot())
        out = StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :].replace(_INK, "currentColor")
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg)


def _name_lines(axes: Axes) -> None:
    if axes.get_legend_handles_labels()[0]:  # of nothing drawn there is no legend
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3)


def cost_against_recall(scores: Sequence[Score]) -> str:
    """Recall of the kept notes against dollars, with the Pareto front; against seconds where nothing costs anything."""
    priced = [one for one in scores if one.per_thousand_usd is not None and one.lanes["verified"].recall.n]
    is_free = not any(one.per_thousand_usd for one in priced)

    def across(one: Score) -> float:
        return (one.p50_seconds or 0.0) if is_free else (one.per_thousand_usd or 0.0)

    def paint(axes: Axes) -> None:
        points = [(across(one), 100 * (one.lanes["verified"].recall.value or 0), one) for one in priced]
        for n, (x, y, one) in enumerate(points):
            low, high = (100 * bound for bound in one.lanes["verified"].recall.interval)
            axes.errorbar(
                x, y, yerr=[[max(0, y - low)], [max(0, high - y)]], fmt="o", color=_COLOURS[n % len(_COLOURS)],
                capsize=3, label=one.model, markersize=6 if one.is_real else 4,
            )  # fmt: skip
        best, front = -1.0, list[tuple[float, float]]()
        for x, y, _ in sorted(points, key=lambda point: (point[0], -point[1])):
            if y > best:
                best = y
                front.append((x, y))
        if front:
            axes.step(*zip(*front, strict=True), where="post", color=_INK, linewidth=1, linestyle="--", alpha=0.6)
        axes.set_xlabel("seconds a note, median (nothing here costs money)" if is_free else "dollars per 1,000 turns")
        axes.set_ylabel("facts kept, %")
        axes.set_ylim(-3, 105)
        _name_lines(axes)

    return _draw("pareto", 4.2, paint)


def recall_by_depth(scores: Sequence[Score]) -> str:
    """Recall after 1, 2, 4 ... compactions: full lines from the source, dotted what a prompt holds of it, dashed when rewritten."""

    def paint(axes: Axes) -> None:
        for n, one in enumerate(one for one in scores if one.depth):
            for way, line in (("kept", "-"), ("sent", ":"), ("rewritten", "--")):
                shares = one.depth[way]
                label = one.model if way == "kept" else None
                axes.plot([str(depth) for depth in shares], [_value(share) for share in shares.values()], line,
                          marker="o", markersize=3, color=_COLOURS[n % len(_COLOURS)], label=label)  # fmt: skip
        axes.set_xlabel("compactions since\n(full: from the source, dotted: sent, dashed: rewritten)")
        axes.set_ylabel("facts kept, %")
        axes.set_ylim(-3, 105)
        _name_lines(axes)

    return _draw("depth", 4.2, paint)


def class_heat(scores: Sequence[Score]) -> str:
    """Recall by model and class: raw, and kept."""
    names = sorted({name for one in scores for name in one.lanes["raw"].classes})
    rows = [(f"{one.model}, {word}", one.lanes[lane]) for one in scores for lane, word in _WORDS]

    def paint(axes: Axes) -> None:
        values = [[_value(lane.classes.get(name)) for name in names] for _, lane in rows]
        axes.pcolormesh(values, cmap="viridis", vmin=0, vmax=100, edgecolors="none")
        for y, row in enumerate(values):
            for x, value in enumerate(row):
                ink = "black" if value > 60 else "white"
                axes.text(x + 0.5, y + 0.5, f"{value:.0f}", ha="center", va="center", color=ink, fontsize=8)
        axes.set_xticks([n + 0.5 for n in range(len(names))], names, rotation=40, ha="right")
        axes.set_yticks([n + 0.5 for n in range(len(rows))], [name for name, _ in rows])
        axes.invert_yaxis()

    return _draw("classes", 1.2 + 0.26 * len(rows), paint)


_WORDS: tuple[tuple[Lane, str], ...] = (("raw", "raw"), ("verified", "kept"))


def recall_by_age(scores: Sequence[Score]) -> str:
    """Recall of the kept notes by how many messages ago the fact was told."""
    ages = list(dict.fromkeys(age for one in scores for age in one.lanes["verified"].ages))

    def paint(axes: Axes) -> None:
        for n, one in enumerate(scores):
            shares = one.lanes["verified"].ages
            axes.plot([age for age in ages if age in shares], [_value(shares[age]) for age in ages if age in shares],
                      marker="o", markersize=3, color=_COLOURS[n % len(_COLOURS)], label=one.model)  # fmt: skip
        axes.set_xlabel("messages from the fact to the end")
        axes.set_ylabel("facts kept, %")
        axes.set_ylim(-3, 105)
        _name_lines(axes)

    return _draw("age", 4.2, paint)


def _value(share: Share | None) -> float:
    return 100 * (share.value or 0) if share else 0.0
