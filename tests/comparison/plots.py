"""The comparison's four pictures."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from tests.comparison.scores import Score
from tests.comparison.scoring import Share, Stage
from tests.reporting.drawing import COLOURS, INK, draw, name_lines


def cost_against_recall(scores: Sequence[Score]) -> str:
    """Recall of the kept notes against dollars, with the Pareto front; against seconds where nothing costs anything."""
    priced = [one for one in scores if one.per_thousand_usd is not None and one.stages["verified"].recall.n]
    is_free = not any(one.per_thousand_usd for one in priced)

    def across(one: Score) -> float:
        return (one.p50_seconds or 0.0) if is_free else (one.per_thousand_usd or 0.0)

    def paint(axes: Axes) -> None:
        points = [(across(one), 100 * (one.stages["verified"].recall.value or 0), one) for one in priced]
        for n, (x, y, one) in enumerate(points):
            low, high = (100 * bound for bound in one.stages["verified"].recall.interval)
            axes.errorbar(
                x, y, yerr=[[max(0, y - low)], [max(0, high - y)]], fmt="o", color=COLOURS[n % len(COLOURS)],
                capsize=3, label=one.model, markersize=6 if one.is_real else 4,
            )  # fmt: skip
        best, front = -1.0, list[tuple[float, float]]()
        for x, y, _ in sorted(points, key=lambda point: (point[0], -point[1])):
            if y > best:
                best = y
                front.append((x, y))
        if front:
            axes.step(*zip(*front, strict=True), where="post", color=INK, linewidth=1, linestyle="--", alpha=0.6)
        axes.set_xlabel("seconds a note, median (nothing here costs money)" if is_free else "dollars per 1,000 turns")
        axes.set_ylabel("facts kept, %")
        axes.set_ylim(-3, 105)
        name_lines(axes)

    return draw("pareto", 4.2, paint)


def recall_by_depth(scores: Sequence[Score]) -> str:
    """Recall after 1, 2, 4 ... compactions: full lines from the source, dotted what a prompt holds of it, dashed when rewritten."""

    def paint(axes: Axes) -> None:
        for n, one in enumerate(one for one in scores if one.depth):
            for way, line in (("kept", "-"), ("sent", ":"), ("rewritten", "--")):
                shares = one.depth[way]
                label = one.model if way == "kept" else None
                axes.plot([str(depth) for depth in shares], [_value(share) for share in shares.values()], line,
                          marker="o", markersize=3, color=COLOURS[n % len(COLOURS)], label=label)  # fmt: skip
        axes.set_xlabel("compactions since\n(full: from the source, dotted: sent, dashed: rewritten)")
        axes.set_ylabel("facts kept, %")
        axes.set_ylim(-3, 105)
        name_lines(axes)

    return draw("depth", 4.2, paint)


def class_heat(scores: Sequence[Score]) -> str:
    """Recall by model and class: raw, and kept."""
    names = sorted({name for one in scores for name in one.stages["raw"].classes})
    rows = [(f"{one.model}, {word}", one.stages[stage]) for one in scores for stage, word in _WORDS]

    def paint(axes: Axes) -> None:
        values = [[_value(stage.classes.get(name)) for name in names] for _, stage in rows]
        axes.pcolormesh(values, cmap="viridis", vmin=0, vmax=100, edgecolors="none")
        for y, row in enumerate(values):
            for x, value in enumerate(row):
                ink = "black" if value > 60 else "white"
                axes.text(x + 0.5, y + 0.5, f"{value:.0f}", ha="center", va="center", color=ink, fontsize=8)
        axes.set_xticks([n + 0.5 for n in range(len(names))], names, rotation=40, ha="right")
        axes.set_yticks([n + 0.5 for n in range(len(rows))], [name for name, _ in rows])
        axes.invert_yaxis()

    return draw("classes", 1.2 + 0.26 * len(rows), paint)


_WORDS: tuple[tuple[Stage, str], ...] = (("raw", "raw"), ("verified", "kept"))


def recall_by_age(scores: Sequence[Score]) -> str:
    """Recall of the kept notes by how many messages ago the fact was told."""
    ages = list(dict.fromkeys(age for one in scores for age in one.stages["verified"].ages))

    def paint(axes: Axes) -> None:
        for n, one in enumerate(scores):
            shares = one.stages["verified"].ages
            axes.plot([age for age in ages if age in shares], [_value(shares[age]) for age in ages if age in shares],
                      marker="o", markersize=3, color=COLOURS[n % len(COLOURS)], label=one.model)  # fmt: skip
        axes.set_xlabel("messages from the fact to the end")
        axes.set_ylabel("facts kept, %")
        axes.set_ylim(-3, 105)
        name_lines(axes)

    return draw("age", 4.2, paint)


def _value(share: Share | None) -> float:
    return 100 * (share.value or 0) if share else 0.0
