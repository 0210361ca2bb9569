"""The additionality ledger: leverage as reported and caused, deadweight, cost of one more, with 95% intervals."""

from textwrap import fill
from typing import NamedTuple

import pandas as pd

from sim.plots.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    WIDTH,
    Drawing,
    beside,
    blank,
    interval,
    is_told,
    look,
    note,
    numbers,
    on_white,
    rows,
    words,
)


class Panel(NamedTuple):
    """One kind of number; what is drawn is divided by `divisor`, so as to be in `unit`."""

    title: str
    unit: str
    of: str  # unit of the rows of the table
    divisor: float = 1


PANELS = (
    Panel("Leverage", "yuan of others per public yuan", "yuan per public yuan"),
    Panel("Shares", "of takers, of their money, of the change", "share"),
    Panel("Cost of one more", "million yuan", "yuan", 1e6),
)
SUMS = "money"  # the block of plain sums, which are not drawn


def data(tables):
    """Rows drawn, from `ledger`, a DataFrame.

    panel, policy, quantity, value, low, high (in the panel's unit), runs, why (there is no value)
    """
    ledger = tables["ledger"].fillna({"policy": "", "why": ""})
    parts = []
    for panel in PANELS:
        drawn = (ledger["block"] != SUMS) | (panel.of != "yuan")
        shown = ledger[(ledger["unit"] == panel.of) & drawn]
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
        draw(axes, data[data["panel"] == panel.title].reset_index(drop=True), panel)
    runs = data["runs"].max() if len(data) else 0
    note(
        drawing,
        f"{runs} pairs of runs with the same luck; bars are 95% intervals (Fieller for ratios). "
        "Orange: gross, as reports count; green: deadweight and displacement; blue: caused; grey and hollow: "
        "not told from zero.",
    )
    return drawing


def draw(axes, shown, panel):
    """One panel."""
    axes.set_title(f"{panel.title}, {panel.unit}")
    if shown.empty:
        return blank(axes, "nothing to show")
    drawn = shown[shown["value"].notna()]
    reach = max(1.6 * drawn["value"].abs().max(), 1e-9) if len(drawn) else 1.0
    for row in shown.itertuples():
        if row.value != row.value:
            reason = axes.annotate(
                fill(f"left out: {row.why}", 70),
                (0, row.Index),
                (4, 0),
                ("axes fraction", "data"),
                "offset points",
                va="center",
                fontsize=6,
                color=GREY,
            )
            on_white(reason)
            continue
        told = is_told(row.low, row.high)
        colour = ORANGE if row.quantity.startswith("headline") else GREEN if panel.title == "Shares" else BLUE
        interval(axes, row.Index, row.value, row.low, row.high, colour if told else GREY, hollow=not told)
        beside(axes, row.Index, text(row))
    axes.axvline(0, color="black", linewidth=0.8)
    axes.xaxis.set_major_formatter(numbers("{:,.6g}"))
    low = min(0.0, drawn["value"].min()) if len(drawn) else 0.0
    axes.set_xlim(1.6 * low - 0.05 * reach, reach)
    rows(axes, [label(row) for row in shown.itertuples()], top=0.5, bottom=0.5, fontsize=6.5)


def label(row):
    """Whose number it is and what it says, in two lines."""
    return fill(f"{words(row.policy)}: {row.quantity}" if row.policy else row.quantity, 46)


def text(row):
    """The numbers of a row."""
    return f"{row.value:.3g} [{row.low:.3g}, {row.high:.3g}]"
