"""Tornado: what each factor of a sweep changes from its lowest to its highest value, with 95% intervals."""

import pandas as pd

from sim.plots.style import (
    HUES,
    WIDTH,
    Drawing,
    effect,
    look,
    note,
    nothing,
    number,
    numbers,
    rows,
    shown_in,
    title,
)

MOST = 15  # factors shown of a target
LEVEL = 0.05


def data(tables):
    """Rows drawn, from `tornado` and `about`, a DataFrame: target, title, unit, factor, lowest, highest, change, low,
    high, p, explained; of the outcome judged first, the factors that change most on top.
    """
    table, outcome = tables["tornado"], tables["about"]["judged"][0]
    table = table[table["outcome"] == outcome]
    table = table.assign(place=pd.factorize(table["target"])[0], reach=table["change"].abs())
    table = table.sort_values(["place", "reach"], ascending=[True, False], kind="stable")
    columns = ["target", "title", "unit", "factor", "lowest", "highest", "change", "low", "high", "p", "explained"]
    return table.groupby("place").head(MOST)[columns].reset_index(drop=True)


def called(factor):
    """A factor as one writes it."""
    group, _, rest = factor.partition(".")
    return (rest if group in ("mechanism", "policy", "shock") else factor).replace("_", " ").replace(".", ": ", 1)


@look()
def figure(data):
    """A panel a target, a row a factor."""
    if data.empty:
        return nothing("the outcome judged first is known at too few points to tell what factors change")
    targets = list(dict.fromkeys(data["target"]))
    drawing = Drawing(figsize=(WIDTH, min(8.5, 1.1 + 0.24 * len(data) + 0.35 * len(targets))))
    heights = [(data["target"] == target).sum() + 1 for target in targets]
    size, unit = shown_in(data["unit"].iloc[0])
    limit = 1.1 * (data[["low", "high", "change"]] / size).abs().max(axis=None) or 1
    panels = drawing.subplots(len(targets), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for axes, target in zip(panels, targets, strict=True):
        part = data[data["target"] == target]
        axes.set_title(target, fontsize=8)
        axes.axvline(0, color="black", linewidth=0.8)
        for place, row in enumerate(part.itertuples()):
            ends = (x / size for x in (row.change, row.low, row.high))
            effect(axes, place, *ends, told=row.p < LEVEL, limit=limit)
        labels = [f"{called(row.factor)}, {number(row.lowest)} to {number(row.highest)}" for row in part.itertuples()]
        rows(axes, labels, fontsize=6.5)
    panels[-1].set_xlim(-limit, limit)
    panels[-1].xaxis.set_major_formatter(numbers("{:+,.6g}"))
    title(drawing, f"What each factor changes: {data['title'].iloc[0]}, {unit}")
    note(
        drawing,
        "Change from the lowest to the highest value of a factor, least squares in all factors at once; bars are 95% "
        f"intervals; {HUES}. "
        f"All factors together explain {100 * data['explained'].iloc[0]:.0f}% of the variance over points.",
    )
    return drawing
