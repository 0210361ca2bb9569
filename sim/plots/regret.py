"""Regret: how much more of an outcome the best alternative has in the same world, by alternative, over worlds."""

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.plots.style import BLUE, GREEN, ORANGE, WIDTH, Drawing, head, look, note, number, shown_in

COLOURS = {"policy": BLUE, "against": ORANGE, "none": GREEN}


def data(tables):
    """Rows drawn, from `regret`, `worlds` and `runs` (frames of the folder):

    outcome, title, unit, alternative, world, regret.
    """
    runs, table = tables["runs"], tables["regret"]
    rows = []
    for outcome, of in table.groupby("outcome", sort=False):
        levels = runs.groupby(["world", "alternative"])[outcome].mean().unstack()[list(of["alternative"])].dropna()
        less = f"-{outcome}" in tables["outcomes"]
        regret = (levels.sub(levels.min(axis=1), axis=0)) if less else -levels.sub(levels.max(axis=1), axis=0)
        long = regret.melt(ignore_index=False, var_name="alternative", value_name="regret").reset_index()
        rows.append(long.assign(outcome=outcome, title=of["title"].iloc[0], unit=of["unit"].iloc[0]))
    return pd.concat(rows, ignore_index=True)[["outcome", "title", "unit", "alternative", "world", "regret"]]


@look()
def figure(data):
    """A panel an outcome: share of worlds (up) in which regret is at most so much (across)."""
    outcomes = list(data["outcome"].unique())
    drawing = Drawing(figsize=(WIDTH, 2.6))
    for axes, outcome in zip(np.atleast_1d(drawing.subplots(1, len(outcomes), sharey=True)), outcomes, strict=True):
        rows = data[data["outcome"] == outcome]
        size, unit = shown_in(rows["unit"].iloc[0])
        head(axes, rows["title"].iloc[0], f"regret at most, {unit}")
        for name, part in rows.groupby("alternative", sort=False):
            values = np.sort(part["regret"].to_numpy()) / size
            axes.step(
                values,
                np.arange(1, len(values) + 1) / len(values),
                where="post",
                color=COLOURS[name],
                label=f"{name} (mean {number(values.mean())})",
            )
        axes.legend(loc="lower right")
        axes.set_ylim(0, 1.02)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    drawing.axes[0].set_ylabel("share of worlds")
    note(
        drawing,
        f"{data['world'].nunique()} worlds. A line further up and left regrets less; where it begins is the share of worlds in which the alternative is best.",
    )
    return drawing
