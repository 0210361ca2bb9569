"""Conditions: the effect of the policy in worlds with each shock, under each set of rules, and in all worlds."""

from textwrap import fill

import numpy as np
from matplotlib.ticker import MaxNLocator

from sim.plots.style import (
    GREY,
    HUES,
    WIDTH,
    Drawing,
    direction,
    head,
    is_told,
    look,
    note,
    numbers,
    rows,
    shown_in,
    words,
)

TITLES = {"shock.": "with {}", "rules.": "rules: {}"}


def data(tables):
    """Rows drawn, from `conditions` and `regret`, a DataFrame.

    outcome, title, unit, condition (in words), effect, low, high (in the unit), fails_share, worlds
    """
    table = tables["conditions"]
    table = table[table["state"] == "there"].rename(columns={"effect_low": "low", "effect_high": "high"})
    of = tables["regret"].drop_duplicates("outcome").set_index("outcome")
    table = table.assign(
        condition=table["condition"].map(_title),
        title=table["outcome"].map(of["title"]),
        unit=table["outcome"].map(of["unit"]),
    )
    return table[
        ["outcome", "title", "unit", "condition", "effect", "low", "high", "fails_share", "worlds"]
    ].reset_index(drop=True)


def _title(condition):
    for kind, title in TITLES.items():
        if condition.startswith(kind):
            return title.format(words(condition.removeprefix(kind)))
    return condition


@look()
def figure(data):
    """A panel an outcome, a row a condition: the mean effect over its worlds; at the left, how many worlds fail."""
    outcomes = list(data["outcome"].unique())
    names = list(data["condition"].unique())
    first = data[data["outcome"] == outcomes[0]].set_index("condition").loc[names]
    labels = [f"{row.Index} ({100 * row.fails_share:.0f}% of {row.worlds} fail)" for row in first.itertuples()]
    drawing = Drawing(figsize=(WIDTH, 1.2 + 0.22 * max(len(names), 3)))
    for axes, outcome in zip(np.atleast_1d(drawing.subplots(1, len(outcomes), sharey=True)), outcomes, strict=True):
        effects = data[data["outcome"] == outcome].set_index("condition").reindex(names)
        size, unit = shown_in(effects["unit"].iloc[0])
        head(axes, fill(effects["title"].iloc[0], 40 // len(outcomes)), unit)
        axes.axvline(0, color="black", linewidth=0.8, linestyle="--")
        heights = np.arange(len(names))
        told = [is_told(row.low, row.high) for row in effects.itertuples()]
        colours = [direction(effect, sure) for effect, sure in zip(effects["effect"], told, strict=True)]
        axes.hlines(heights, effects["low"] / size, effects["high"] / size, color=colours)
        axes.plot(effects["effect"] / size, heights, "o", color=GREY, markersize=4, markerfacecolor="white")
        for height in np.flatnonzero(told):
            axes.scatter(effects["effect"].iloc[height] / size, height, s=18, color=colours[height], zorder=3)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(numbers("{:,.6g}"))
        rows(axes, labels, top=0.5, bottom=0.5)
    if len(names) > 1:
        for axes in drawing.axes:
            axes.axhline(0.5, color=GREY, linewidth=0.6)
    note(
        drawing,
        "Means over the worlds of a row with 95% intervals over worlds; failures by the first outcome. "
        f"Shocks and rules were drawn for each world by themselves. {HUES[0].upper()}{HUES[1:]}.",
    )
    return drawing
