"""Conditions: the effect of the policy in worlds with each shock and under each set of rules, beside that in all
worlds.
"""

from textwrap import fill

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.plots.style import BLUE, GREY, WIDTH, Drawing, head, look, note, shown_in

TITLES = {"shock.": "with {}", "rules.": "rules: {}"}


def data(tables):
    """Rows drawn, from `conditions` and `regret`:

    outcome, title, unit, condition (in words), effect, low, high, fails_share, worlds.
    """
    table = tables["conditions"]
    table = table[table["state"] == "there"].rename(columns={"effect_low": "low", "effect_high": "high"})
    of = tables["regret"].drop_duplicates("outcome").set_index("outcome")
    table = table.assign(
        condition=table["condition"].map(_words),
        title=table["outcome"].map(of["title"]),
        unit=table["outcome"].map(of["unit"]),
    )
    return table[
        ["outcome", "title", "unit", "condition", "effect", "low", "high", "fails_share", "worlds"]
    ].reset_index(drop=True)


def _words(condition):
    for kind, words in TITLES.items():
        if condition.startswith(kind):
            return words.format(condition.removeprefix(kind).replace("_", " "))
    return condition


@look()
def figure(data):
    """A panel an outcome, a row a condition:

    mean effect over its worlds with its interval; beside each row of the first panel how many worlds fail.
    """
    outcomes = list(data["outcome"].unique())
    names = list(data["condition"].unique())
    drawing = Drawing(figsize=(WIDTH, 1.2 + 0.22 * max(len(names), 3)))
    for axes, outcome in zip(np.atleast_1d(drawing.subplots(1, len(outcomes), sharey=True)), outcomes, strict=True):
        rows = data[data["outcome"] == outcome].set_index("condition").reindex(names)
        size, unit = shown_in(rows["unit"].iloc[0])
        head(axes, fill(rows["title"].iloc[0], 40 // len(outcomes)), unit)
        axes.axvline(0, color="black", linewidth=0.8, linestyle="--")
        places = np.arange(len(names))
        axes.hlines(places, rows["low"] / size, rows["high"] / size, color=BLUE)
        axes.plot(rows["effect"] / size, places, "o", color=BLUE, markersize=4)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
        axes.grid(axis="x")
        axes.grid(visible=False, axis="y")
    first = data[data["outcome"] == outcomes[0]].set_index("condition").loc[names]
    axes.set_yticks(
        places,
        [
            f"{name} ({100 * row.fails_share:.0f}% of {row.worlds} fail)"
            for name, row in zip(names, first.itertuples(), strict=True)
        ],
    )
    axes.set_ylim(len(names) - 0.5, -0.5)
    if len(names) > 1:
        for axes in drawing.axes:
            axes.axhline(0.5, color=GREY, linewidth=0.6)
    note(
        drawing,
        "Means over the worlds of a row with 95% intervals over worlds; failures by the first outcome. Shocks and rules were drawn for each world by themselves.",
    )
    return drawing
