"""Pareto front: what each present public cost can bring, by the seeds of the search and by fresh ones."""

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from sim.plots.style import BLUE, GREY, ORANGE, WIDTH, Drawing, blank, head, look, note, numbers, shown_in

COLUMNS = ["kind", "mix", "outcome", "title", "unit", "cost", "value", "low", "high"]


def data(tables):
    """Rows drawn, from `front`, `mixes` and the number `budget` (yuan), a DataFrame.

    kind, mix, outcome, title, unit, cost (yuan), value, low, high (in the unit)

    Kinds: `tried`, `search` and `fresh` (of the front), and `budget`, a cost alone.
    """
    front, mixes = tables["front"], tables["mixes"]
    parts = []
    for outcome, rows in front.groupby("outcome", sort=False):
        of = {"outcome": outcome, "title": rows["title"].iloc[0], "unit": rows["unit"].iloc[0]}
        parts.append(
            pd.DataFrame(
                {"kind": "tried", "mix": mixes["mix"], **of, "cost": mixes["public_cost"], "value": mixes[outcome]}
            )
        )
        for kind, value, cost in (("search", "effect", "public_cost"), ("fresh", "fresh", "public_cost_fresh")):
            ends = {"low": rows[f"{value}_low"], "high": rows[f"{value}_high"]}
            parts.append(
                pd.DataFrame({"kind": kind, "mix": rows["mix"], **of, "cost": rows[cost], "value": rows[value], **ends})
            )
    parts.append(pd.DataFrame({"kind": ["budget"], "cost": [float(tables["budget"])]}))
    return pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)


@look()
def figure(data):
    """A panel an outcome: mixes tried in grey, the front as searched hollow and, judged again, full."""
    outcomes = list(data["outcome"].dropna().unique())
    columns = min(max(len(outcomes), 1), 2)
    lines = -(-max(len(outcomes), 1) // columns)
    drawing = Drawing(figsize=(WIDTH, 0.5 + 2.9 * lines))
    panels = np.atleast_1d(drawing.subplots(lines, columns)).ravel()
    budget = data.loc[data["kind"] == "budget", "cost"].iloc[0]
    for axes, outcome in zip(panels, outcomes, strict=False):
        panel(axes, data[data["outcome"] == outcome], budget)
    for axes in panels[len(outcomes) :]:
        blank(axes, "" if outcomes else "no mix within the budget")
    note(
        drawing,
        "Grey: mixes tried; hollow: the front with the seeds of the search; full: the same mixes with fresh seeds, "
        "95% t-intervals; grey lines join the two. Dotted: the budget. "
        "A full point below its hollow one is the winner's curse.",
    )
    return drawing


def panel(axes, rows, budget):
    """One outcome."""
    size, unit = shown_in(rows["unit"].iloc[0])
    bn, _ = shown_in("yuan")
    head(axes, rows["title"].iloc[0], f"change, {unit}")
    kinds = {kind: part.set_index("mix") for kind, part in rows.groupby("kind")}
    tried, search, fresh = (kinds[kind] for kind in ("tried", "search", "fresh"))
    axes.plot(tried["cost"] / bn, tried["value"] / size, ".", color="#c4c4c4", markersize=4, zorder=1)
    axes.axvline(budget / bn, color=GREY, linewidth=0.8, linestyle=":")
    axes.axhline(0, color="black", linewidth=0.6, linestyle="--")
    for mix in search.index:
        ends = (
            [search["cost"][mix] / bn, fresh["cost"][mix] / bn],
            [search["value"][mix] / size, fresh["value"][mix] / size],
        )
        axes.plot(*ends, color="#999999", linewidth=0.7, zorder=2)
    axes.plot(
        search["cost"] / bn, search["value"] / size, "o", color=BLUE, markerfacecolor="white", markersize=5, zorder=3
    )
    axes.vlines(fresh["cost"] / bn, fresh["low"] / size, fresh["high"] / size, color=ORANGE, linewidth=1.2, zorder=4)
    axes.plot(fresh["cost"] / bn, fresh["value"] / size, "o", color=ORANGE, markersize=4, zorder=5)
    costs = pd.concat([search["cost"], fresh["cost"], pd.Series([budget])]) / bn
    axes.set_xlim(costs.min() - 0.04 * np.ptp(costs), costs.max() + 0.08 * np.ptp(costs))
    axes.set_xlabel("public cost, present value, bn yuan")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(numbers("{:,.6g}"))
    axes.yaxis.set_major_formatter(numbers("{:+,.6g}"))
