"""Pictures of reports as SVG, by matplotlib: no network, and the same figures give the same bytes.

Ink is written as currentColor, so that the page's own colours, light or dark, are the pictures' too.
"""

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK = "#010203"
COLOURS = (
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
    "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10.5, "text.color": INK, "axes.edgecolor": INK,
    "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.facecolor": "none", "figure.facecolor": "none",
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "legend.fontsize": 9.5,
    "axes.titlesize": 10, "axes.titlelocation": "left",
}  # fmt: skip


def draw(name: str, height: float, paint: Callable[[Axes], None]) -> str:
    """Return the picture that `paint` makes, so many inches high; the name is one of its own on the page."""
    style: Any = {**_STYLE, "svg.hashsalt": name}
    with mpl.rc_context(style):
        figure = Figure(figsize=(5.2, height), layout="constrained")
        paint(figure.add_subplot())
        out = StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg)


def name_lines(axes: Axes) -> None:
    if axes.get_legend_handles_labels()[0]:  # of nothing drawn there is no legend
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3)
