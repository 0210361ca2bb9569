"""Reported against simulated: every metric over its reported value, so that 1 is agreement.

The bar is the tolerance, the marker the verdict. Hold-outs, which are never fitted, stand apart.
Inputs agree by construction and metrics without a simulated number have no dot: neither is drawn.
"""

from textwrap import fill

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from sim.plots.style import BLUE, GREY, ORANGE, beside, look, note, nothing, number, rows, stacks
from sim.plots.tables import called

ROLES = {"target": "Targets", "holdout": "Hold-outs, never fitted", "context": "Context, no tolerance"}
MARKS = {"inside": ("o", BLUE), "below": ("v", ORANGE), "above": ("^", ORANGE)}  # by verdict
UNJUDGED = ("D", GREY)
EDGE = 8  # ratios beyond this, or below its inverse, stand at the edge
LETTERS_OF_NAME = 68  # in a line
TICKS = {1 / 8: "⅛", 1 / 4: "¼", 1 / 2: "½", 1: "1", 2: "2", 4: "4", 8: "8"}


def data(tables):
    """Rows drawn, by role, a DataFrame.

    id, name, role, unit, reported, simulated, verdict, ratio, ratio_low, ratio_high
    """
    metrics = tables["reported"]
    drawn = metrics["role"].isin(ROLES) & (metrics["reported"].abs() > 0) & metrics["simulated"].notna()
    metrics = metrics[drawn].sort_values("role", key=lambda role: role.map(list(ROLES).index), kind="stable")
    below = metrics["reported"] < 0  # an elasticity: over it the ends of a band change places
    low, high = metrics["low"].mask(below, metrics["high"]), metrics["high"].mask(below, metrics["low"])
    over = {"ratio": metrics["simulated"], "ratio_low": low, "ratio_high": high}
    ratios = {name: numbers / metrics["reported"] for name, numbers in over.items()}
    metrics = metrics.assign(name=called(metrics, tables.get("quantities", {})))
    columns = ["id", "name", "role", "unit", "reported", "simulated", "verdict"]
    return metrics[columns].assign(**ratios).reset_index(drop=True)


@look()
def figure(data):
    """One block a role, rows of equal height."""
    blocks = [(title, data[data["role"] == role]) for role, title in ROLES.items() if (data["role"] == role).any()]
    if not blocks:
        return nothing("no reported metric has a simulated number")
    drawing, panels = stacks(blocks, height=0.22)
    for title, block, axes in panels:
        dots(axes, block, title)
    note(drawing, "Simulated over reported, on a log scale; what lies beyond the ends stands at the edge.")
    marks = [
        Line2D([], [], linestyle="", marker=mark, color=colour, label=verdict)
        for verdict, (mark, colour) in {**MARKS, "not judged": UNJUDGED}.items()
    ]
    marks.append(Line2D([], [], linewidth=5, color="#cccccc", label="tolerance"))
    drawing.legend(handles=marks, loc="outside upper left", ncols=len(marks))
    return drawing


def dots(axes, block, title):
    """Band, dot and, at the right, both numbers."""
    axes.set_title(title)
    heights = np.arange(len(block))
    low, high = (block[end].clip(1 / EDGE, EDGE) for end in ("ratio_low", "ratio_high"))
    axes.hlines(heights, low, high, color="#cccccc", linewidth=5)
    axes.axvline(1, color="black", linewidth=0.8, linestyle="--")
    for height, metric in zip(heights, block.itertuples(), strict=True):
        mark, colour = MARKS.get(metric.verdict, UNJUDGED)
        at = min(max(metric.ratio, 1 / EDGE), EDGE)
        axes.plot(at, height, mark, color=colour, markersize=5, clip_on=False)
        beside(
            axes,
            height,
            f"{number(metric.simulated)} vs {number(metric.reported)}",
            colour=colour if metric.verdict in ("below", "above") else GREY,
        )
    beside(axes, -1, "simulated vs reported", colour=GREY)
    rows(axes, [fill(name, LETTERS_OF_NAME) for name in block["name"]], fontsize=5.5)
    axes.set_xscale("log")
    axes.set_xlim(0.8 / EDGE, 1.25 * EDGE)
    axes.xaxis.set_major_locator(FixedLocator(list(TICKS)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: TICKS.get(value, "")))
