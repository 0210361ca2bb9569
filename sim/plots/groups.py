"""Groups: who gained, the effect on startups by founder, sector, district and stage.

One panel a dimension, on one axis; what is not told from zero is hollow and grey, as nothing can be said of it.
"""

from sim.observables import outcomes
from sim.plots.style import (
    WIDTH,
    Drawing,
    effect,
    look,
    note,
    nothing,
    numbers,
    rows,
    shown_in,
    title,
)

DIMENSIONS = ("origin", "experience", "stage", "sector", "district")
LEVEL = 0.05  # of the rate of false discoveries


def data(tables):
    """Rows drawn, from `heterogeneity` and `districts`, DataFrames, of the outcome that was declared beforehand, or of
    jobs:

    dimension, group, name, outcome, title, unit, difference, low, high, q, runs
    """
    table, names = tables["heterogeneity"], dict(tables["districts"][["code", "name"]].to_numpy())
    chosen, words = outcomes.counted(tables["about"]["primary"])
    table = table[(table["outcome"] == chosen) & table["dimension"].isin(DIMENSIONS)]
    table = table.assign(
        name=[
            outcomes.group_name(dimension, group, names)
            for dimension, group in zip(table["dimension"], table["group"], strict=True)
        ]
    )
    order = {name: i for i, name in enumerate(DIMENSIONS)}
    table = table.assign(place=table["dimension"].map(order))
    chosen = table.sort_values(["place", "difference"], ascending=[True, False], kind="stable").reset_index(drop=True)
    chosen = chosen.assign(title=words)
    return chosen[["dimension", "group", "name", "outcome", "title", "unit", "difference", "low", "high", "q", "runs"]]


@look()
def figure(data):
    """A panel a dimension, the numbers at the right."""
    parts = [data[data["dimension"] == name] for name in DIMENSIONS if (data["dimension"] == name).any()]
    if not parts:
        return nothing("there are no groups of startups")
    drawing = Drawing(figsize=(WIDTH, min(8.5, 1.1 + 0.165 * len(data) + 0.28 * len(parts))))
    panels = drawing.subplots(len(parts), 1, sharex=True, squeeze=False, height_ratios=[len(p) + 1 for p in parts])[
        :, 0
    ]
    size, unit = shown_in(data["unit"].iloc[0])
    ends = data[["difference", "low", "high"]] / size
    limit = min(1.1 * ends.abs().max(axis=None), 3 * ends["difference"].abs().max()) or 1
    for axes, part in zip(panels, parts, strict=True):
        axes.set_title(part["dimension"].iloc[0].capitalize(), fontsize=8)
        axes.axvline(0, color="black", linewidth=0.8)
        for place, row in enumerate(part.itertuples()):
            ends = (x / size for x in (row.difference, row.low, row.high))
            effect(axes, place, *ends, told=row.q < LEVEL, limit=limit)
        rows(axes, part["name"], fontsize=6.5)
    panels[-1].set_xlim(-limit, limit)
    panels[-1].xaxis.set_major_formatter(numbers("{:+,.6g}"))
    title(drawing, f"Who gained: effect on {data['title'].iloc[0]}, {unit}")
    note(
        drawing,
        f"{data['runs'].max()} pairs of runs with the same luck; bars are 95% intervals, an arrow where one goes on. "
        f"Blue: more, orange: less; not told: the rate of false discoveries over all groups is not below {LEVEL:g}.",
    )
    return drawing
