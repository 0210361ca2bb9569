"""Forest: the effect on every outcome in percent of its level in the other arm, with 95% intervals.

Where tails are heavy, the median and the trimmed mean of the paired differences stand below the mean.
"""

import pandas as pd

from sim.plots.change_map import percent
from sim.plots.style import (
    GREY,
    HUES,
    INK,
    WIDTH,
    Drawing,
    beside,
    blank,
    direction,
    interval,
    is_told,
    look,
    note,
    numbers,
    rows,
)

ESTIMATES = {  # columns of the comparison: (what it is, marker)
    "difference": ("mean", "o"),
    "median": ("median", "D"),
    "trimmed": ("trimmed mean", "s"),
}
REACH = 3  # the axis ends at so many times the largest estimate; longer intervals leave the panel


def data(tables):
    """Rows drawn, from the table `comparison`, a DataFrame.

    outcome, title, estimate, percent, low, high (percent of the other arm's level), runs
    """
    table = tables["comparison"]
    parts = []
    for name, (estimate, _) in ESTIMATES.items():
        level = table["against"].abs().where(table["against"] != 0)
        part = {
            "percent": 100 * table[name] / level,
            "low": 100 * table[f"{name}_low"] / level,
            "high": 100 * table[f"{name}_high"] / level,
        }
        parts.append(table[["outcome", "title"]].assign(estimate=estimate, **part, runs=table["runs"]))
    effects = pd.concat(parts).sort_index(kind="stable")
    return effects[effects["percent"].notna()].reset_index(drop=True)


@look()
def figure(data):
    """One row an outcome and estimate, the numbers at the right."""
    drawing = Drawing(figsize=(WIDTH, 0.9 + 0.19 * max(len(data), 3)))
    axes = drawing.subplots()
    axes.set_title("Effect, percent of the level in the other arm")
    if data.empty:
        blank(axes, "no outcome has a level to compare with")
        return drawing
    limit = REACH * data["percent"].abs().max() or 1
    limit = min(limit, 1.1 * data[["percent", "low", "high"]].abs().max(axis=None) or 1)
    axes.axvline(0, color="black", linewidth=0.8, linestyle="--")
    markers = dict(ESTIMATES.values())
    for row in data.itertuples():
        told, marker = is_told(row.low, row.high), markers[row.estimate]
        ends, colour = (row.percent, row.low, row.high), direction(row.percent, told)
        interval(axes, row.Index, *ends, colour, marker, limit=limit, hollow=not told)
        beside(axes, row.Index, text(row))
    rows(axes, [row.title if row.estimate == "mean" else row.estimate for row in data.itertuples()])
    for label, estimate in zip(axes.get_yticklabels(), data["estimate"], strict=True):
        label.set_color(GREY if estimate != "mean" else INK)
    axes.set_xlim(-limit, limit)
    axes.xaxis.set_major_formatter(numbers("{:+.3g}%"))
    bars = "Bars are 95% intervals: Student's t for means, sign test for medians, Yuen's t for trimmed means."
    note(drawing, f"{data['runs'].max()} pairs of runs with the same luck; {HUES}. {bars}")
    return drawing


def text(row):
    """The numbers of a row; an interval that cannot be given is left out."""
    interval = f" [{percent(row.low)}, {percent(row.high)}]" if row.low == row.low else ""
    return f"{percent(row.percent)}%{interval}"
