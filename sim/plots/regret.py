"""Regret: how much more of an outcome the best alternative has in the same world, by alternative, over worlds."""

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from sim.plots.style import BLUE, GREEN, ORANGE, WIDTH, Drawing, head, look, note, number, numbers, shown_in

COLOURS = {"policy": BLUE, "against": ORANGE, "none": GREEN}


def data(tables):
    """Rows drawn, from `regret`, `runs` and the list `outcomes`, of which less is better after a minus; a DataFrame.

    outcome, title, unit, alternative, world, regret (in the unit)
    """
    runs, parts = tables["runs"], []
    for outcome, of in tables["regret"].groupby("outcome", sort=False):
        levels = runs.groupby(["world", "alternative"])[outcome].mean().unstack()[list(of["alternative"])].dropna()
        less = f"-{outcome}" in tables["outcomes"]
        regret = (levels.sub(levels.min(axis=1), axis=0)) if less else -levels.sub(levels.max(axis=1), axis=0)
        long = regret.melt(ignore_index=False, var_name="alternative", value_name="regret").reset_index()
        parts.append(long.assign(outcome=outcome, title=of["title"].iloc[0], unit=of["unit"].iloc[0]))
    return pd.concat(parts, ignore_index=True)[["outcome", "title", "unit", "alternative", "world", "regret"]]


@look()
def figure(data):
    """A panel an outcome: share of worlds (up) in which regret is at most so much (across)."""
    outcomes = list(data["outcome"].unique())
    drawing = Drawing(figsize=(WIDTH, 2.6))
    for axes, outcome in zip(np.atleast_1d(drawing.subplots(1, len(outcomes), sharey=True)), outcomes, strict=True):
        worlds = data[data["outcome"] == outcome]
        size, unit = shown_in(worlds["unit"].iloc[0])
        head(axes, worlds["title"].iloc[0], f"regret at most, {unit}")
        for name, part in worlds.groupby("alternative", sort=False):
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
        axes.xaxis.set_major_formatter(numbers("{:,.6g}"))
    drawing.axes[0].set_ylabel("share of worlds")
    drawing.axes[0].yaxis.set_major_formatter(numbers("{:.0%}"))
    note(
        drawing,
        f"{data['world'].nunique()} worlds. A line further up and left regrets less; where it begins is the share of "
        "worlds in which the alternative is best.",
    )
    return drawing
