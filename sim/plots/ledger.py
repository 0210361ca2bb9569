"""The additionality ledger:

leverage as reported and caused, deadweight, and the cost of one more, with 95% intervals.
"""

from textwrap import fill
from typing import NamedTuple

import pandas as pd

from sim.plots.style import BLUE, GREEN, GREY, ORANGE, WIDTH, Drawing, blank, look, note


class Panel(NamedTuple):
    title: str
    unit: str
    of: str  # unit of the rows of the table
    divisor: float = 1


PANELS = (
    Panel("Leverage", "yuan of others a public yuan", "yuan a public yuan"),
    Panel("Shares", "of takers, of their money, of the change", "share"),
    Panel("Cost of one more", "million yuan", "yuan", 1e6),
)
SUMS = "money"  # the block of plain sums, which are not drawn
KNOWN = "with a twin in the other arm"  # how far deadweight could be looked up, which is for the table


def data(tables):
    """Rows drawn, from `ledger`: panel, policy, quantity, value, low, high (in the panel's unit), runs, why."""
    rows = tables["ledger"].fillna({"policy": "", "why": ""})
    parts = []
    for panel in PANELS:
        shown = rows[
            (rows["unit"] == panel.of) & ((rows["block"] != SUMS) | (panel.of != "yuan")) & (rows["quantity"] != KNOWN)
        ]
        values = {name: shown[name] / panel.divisor for name in ("value", "low", "high")}
        parts.append(shown[["policy", "quantity", "runs", "why"]].assign(panel=panel.title, **values))
    return pd.concat(parts, ignore_index=True)[["panel", "policy", "quantity", "value", "low", "high", "runs", "why"]]


@look()
def figure(data):
    """One panel a kind of number, one row each; what is left out says why."""
    sizes = [max((data["panel"] == panel.title).sum(), 1) for panel in PANELS]
    drawing = Drawing(figsize=(WIDTH, 1.6 + 0.34 * sum(sizes)))
    for axes, panel in zip(
        drawing.subplots(len(PANELS), 1, height_ratios=[size + 0.4 for size in sizes]), PANELS, strict=True
    ):
        rows(axes, data[data["panel"] == panel.title].reset_index(drop=True), panel)
    runs = data["runs"].max() if len(data) else 0
    note(
        drawing,
        f"{runs} pairs of runs with the same luck; bars are 95% intervals (Fieller for ratios). Orange: gross, as reports count; green: deadweight and displacement; blue: caused.",
    )
    return drawing


def rows(axes, shown, panel):
    """One panel."""
    axes.set_title(f"{panel.title}, {panel.unit}")
    if shown.empty:
        return blank(axes, "nothing to show")
    drawn = shown[shown["value"].notna()]
    reach = max(1.6 * drawn["value"].abs().max(), 1e-9) if len(drawn) else 1.0
    for row in shown.itertuples():
        if row.value != row.value:
            axes.annotate(
                fill(f"left out: {row.why}", 70),
                (0, row.Index),
                (4, 0),
                ("axes fraction", "data"),
                "offset points",
                va="center",
                fontsize=6,
                color=GREY,
            )
            continue
        colour = ORANGE if row.quantity.startswith("headline") else GREEN if panel.title == "Shares" else BLUE
        axes.hlines(row.Index, row.low, row.high, color=colour, linewidth=1.4)
        axes.plot(row.value, row.Index, "o", color=colour, markersize=4)
        axes.annotate(
            text(row),
            (1, row.Index),
            (6, 0),
            ("axes fraction", "data"),
            "offset points",
            va="center",
            fontsize=6.5,
            annotation_clip=False,
        )
    axes.axvline(0, color="black", linewidth=0.8)
    low = min(0.0, drawn["value"].min()) if len(drawn) else 0.0
    axes.set_xlim(1.6 * low - 0.05 * reach, reach)
    axes.set_yticks(range(len(shown)), [label(row) for row in shown.itertuples()], fontsize=6.5)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.grid(axis="x")
    axes.grid(visible=False, axis="y")


def label(row):
    """Whose number it is and what it says, in two lines."""
    return fill(f"{row.policy.replace('_', ' ')}: {row.quantity}" if row.policy else row.quantity, 46)


def text(row):
    """The numbers of a row."""
    return f"{row.value:.3g} [{row.low:.3g}, {row.high:.3g}]"
