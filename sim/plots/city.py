"""The city through time: six quantities, lines for one run and fans for several.

Flows are sums over the last four quarters, so the value at a fourth quarter is that year's total.
A fan shows quantiles over runs (not a confidence interval): the median, the middle half, nine in ten.
"""

from typing import NamedTuple

import pandas as pd
from matplotlib.ticker import MaxNLocator

from sim.plots.style import BLUE, GREY, ORANGE, PALE, WIDTH, Drawing, blank, head, look, note, numbers, words
from sim.plots.tables import ordinal, years

QUANTILES = {"low90": 0.05, "low50": 0.25, "value": 0.5, "high50": 0.75, "high90": 0.95}


class Quantity(NamedTuple):
    """One panel; what is drawn is divided by `divisor`, so as to be in `unit`."""

    title: str
    unit: str
    columns: dict  # label of a line -> column of the city panel
    flow: bool = False  # summed over four quarters
    divisor: float = 1


QUANTITIES = (
    Quantity("Startups alive", "firms", {"alive": "startups_alive"}),
    Quantity("VC raised", "bn yuan per year", {"raised": "vc_raised_cny"}, flow=True, divisor=1e9),
    Quantity("Returnees", "persons per year", {"returnees": "returnees"}, flow=True),
    Quantity("Exits", "firms per year", {"IPO": "ipos", "acquired": "acquisitions"}, flow=True),
    Quantity("Startup jobs", "jobs", {"jobs": "startup_jobs"}),
    Quantity("Rents", "yuan per m² per quarter", {"office": "office_rent_cny_m2", "home": "home_rent_cny_m2"}),
)


def data(tables):
    """Rows drawn, a DataFrame: quantity, line, unit, quarter, value; of several seeds low90, low50, high50, high90 too.

    Rows without a unit are dates: the quantity `history` or `policy`, the line its name.
    """
    panel = tables["city"].sort_values("quarter", kind="stable")
    runs = panel["seed"] if "seed" in panel else pd.Series(0, panel.index)
    parts = []
    for quantity in QUANTITIES:
        for line, column in quantity.columns.items():
            values = panel[column] / quantity.divisor
            if quantity.flow:
                values = values.groupby(runs).transform(lambda run: run.rolling(4).sum())
            by_quarter = values.groupby(panel["quarter"])
            part = pd.DataFrame({name: by_quarter.quantile(at) for name, at in QUANTILES.items()}).reset_index()
            parts.append(part.assign(quantity=quantity.title, line=line, unit=quantity.unit))
    bands = list(QUANTILES) if runs.nunique() > 1 else ["value"]
    parts.append(tables["calendar"].rename(columns={"kind": "quantity", "name": "line"}))
    return pd.concat(parts, ignore_index=True)[["quantity", "line", "unit", "quarter", *bands]]


@look()
def figure(data):
    """Two rows of three panels; years before the window of calibration shaded, starts of policies as ticks on top."""
    drawing = Drawing(figsize=(WIDTH, 4.2))
    for axes, quantity in zip(drawing.subplots(2, 3).flat, QUANTITIES, strict=True):
        lines(axes, data, quantity)
    note(drawing, key(data))
    return drawing


def lines(axes, data, quantity):
    """One panel."""
    head(axes, quantity.title, quantity.unit)
    shown = data[(data["quantity"] == quantity.title) & data["value"].notna()]
    if shown.empty:
        return blank(axes, "needs four quarters")
    for line, colour in zip(quantity.columns, (BLUE, ORANGE), strict=False):
        part = shown[shown["line"] == line]
        time = years(part["quarter"])
        if "low90" in part:
            axes.fill_between(time, part["low90"], part["high90"], color=colour, alpha=0.15, linewidth=0)
            axes.fill_between(time, part["low50"], part["high50"], color=colour, alpha=0.3, linewidth=0)
        axes.plot(time, part["value"], color=colour, marker="." if len(part) < 8 else None, label=line)
    top = axes.get_ylim()[1] if shown["value"].max() > 0 else 1
    axes.set_ylim(0, 1.07 * top)  # room for the ticks of policies
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=quantity.divisor == 1))
    axes.yaxis.set_major_formatter(numbers("{:,.6g}"))
    if len(quantity.columns) > 1:  # named in their colours beside the title
        compact = {
            "borderaxespad": 1.6,
            "borderpad": 0,
            "markerscale": 0,
            "handlelength": 0,
            "handletextpad": 0.2,
            "columnspacing": 0.8,
        }
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, labelcolor="linecolor", **compact)
    time_axis(axes, data)


def time_axis(axes, data):
    """Years below, those before the window of calibration shaded, policy starts as thin ticks along the top."""
    quarters = span(data)
    first, last = years(quarters)
    history = years(data.loc[data["quantity"] == "history", "quarter"]).min()
    if history > first < last:
        axes.axvspan(first, min(history, last), color=PALE, linewidth=0, zorder=0)
        top = axes.get_xaxis_transform()
        axes.text(first, 0.99, f" before {history:.0f}", fontsize=6, color=GREY, va="top", transform=top)
    axes.vlines(
        years(started(data)["quarter"]), 0.93, 1, color="black", linewidth=0.6, transform=axes.get_xaxis_transform()
    )
    axes.set_xlim(first, last) if last > first else axes.set_xlim(first - 0.5, last + 0.5)
    if last - first >= 3:
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    else:
        axes.set_xticks([first, last], quarters)


def span(data):
    """The first and the last quarter of the run."""
    quarters = data.loc[data["unit"].notna(), "quarter"]
    return pd.Series([quarters.min(), quarters.max()])


def started(data):
    """The policies that start within the run."""
    first, last = ordinal(span(data))
    return data[(data["quantity"] == "policy") & ordinal(data["quarter"]).between(first, last)]


def key(data):
    """The sentences that name the ticks and the bands."""
    names = [f"{words(policy.line)} {policy.quarter}" for policy in started(data).itertuples()]
    ticks = f"Ticks mark the start of policies: {', '.join(names)}." if names else "No policy starts within the run."
    return f"Bands hold half and nine tenths of the runs. {ticks}" if "low90" in data else ticks
