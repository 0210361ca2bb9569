"""Event study: the paired difference by quarter around the start of what differs, with 95% intervals.

Before anything was announced both arms are the same runs, so that the difference is zero: the placebo.
"""

import pandas as pd
from matplotlib.ticker import MaxNLocator

from sim.plots.style import (
    BLUE,
    GREY,
    ORANGE,
    PALE,
    WIDTH,
    Drawing,
    Quantity,
    blank,
    head,
    is_told,
    look,
    note,
    numbers,
)
from sim.plots.tables import ordinal

QUANTITIES = (
    Quantity("startups_founded", "Startups founded", "firms per quarter"),
    Quantity("startups_alive", "Startups alive", "firms"),
    Quantity("startup_jobs", "Startup jobs", "jobs"),
    Quantity("vc_raised_cny", "VC raised", "bn yuan per quarter", 1e9),
    Quantity("exits", "Exits", "firms per quarter"),
    Quantity("returnees", "Returnees", "persons per quarter"),
    Quantity("office_rent_cny_m2", "Office rent", "yuan per m² per quarter"),
    Quantity("tax_cny", "Tax", "bn yuan per quarter", 1e9),
    Quantity("net_spending_cny", "Public spending, net", "bn yuan per quarter", 1e9),
)

COLUMNS = 3
BEFORE = 4  # years before the start that are drawn


def data(tables):
    """Rows drawn, from `event_study` and `calendar`, a DataFrame.

    outcome, quarter, relative (quarters from the start), phase, difference, low, high (in the outcome's unit), runs

    A row without a difference is a date: the outcome `start` or `announced`.
    """
    rows = tables["event_study"]
    rows = rows[rows["outcome"].isin([quantity.outcome for quantity in QUANTITIES])]
    calendar = tables["calendar"]
    start = ordinal(calendar.loc[calendar["outcome"] == "start", "quarter"]).iloc[0]
    return pd.concat([rows, calendar.assign(relative=ordinal(calendar["quarter"]) - start)], ignore_index=True)


@look()
def figure(data):
    """Three rows of three panels; before the start shaded, from the announcement on paler, the announcement dotted."""
    drawing = Drawing(figsize=(WIDTH, 5.6))
    for axes, quantity in zip(drawing.subplots(3, COLUMNS, sharex=True).flat, QUANTITIES, strict=True):
        panel(axes, data, quantity)
    for axes in drawing.axes[-COLUMNS:]:
        axes.set_xlabel("years from the start")
    dates = data[data["outcome"].isin(["start", "announced"])]
    before = data.loc[(data["phase"] == "before") & data["difference"].notna(), "difference"]
    placebo = (
        ""
        if before.empty
        else f" Placebo: before anything is known of, {'no difference' if not before.any() else 'DIFFERENCES'}."
    )
    key = ", ".join(
        f"{'start' if row.outcome == 'start' else 'announcement (dotted)'} {row.quarter}" for row in dates.itertuples()
    )
    bands = (
        f"Differences with the same luck in both arms, mean of {data['runs'].max():.0f} pairs, bands 95% t-intervals."
    )
    note(
        drawing,
        f"Blue line: told from zero, grey line: not. Grey ground: before the start (at most {BEFORE} years of it), "
        f"orange: announced and not yet in force; {key}. {bands}{placebo}",
    )
    return drawing


def panel(axes, data, quantity):
    """One outcome."""
    head(axes, quantity.title, quantity.unit)
    shown = data[(data["outcome"] == quantity.outcome) & data["difference"].notna()]
    if shown.empty:
        return blank(axes, "nothing to compare")
    years = shown["relative"] / 4
    axes.axhline(0, color="black", linewidth=0.8, linestyle="--")
    if years.min() < 0:
        axes.axvspan(years.min(), 0, color=PALE, linewidth=0, zorder=0)
    for announced in data.loc[data["outcome"] == "announced", "relative"]:
        axes.axvspan(announced / 4, 0, color=ORANGE, alpha=0.08, linewidth=0, zorder=0)
        axes.axvline(announced / 4, color=GREY, linewidth=0.8, linestyle=":")
    difference, low, high = (shown[name] / quantity.divisor for name in ("difference", "low", "high"))
    told = is_told(low, high)
    axes.fill_between(years, low, high, color=GREY, alpha=0.2, linewidth=0)
    axes.fill_between(years, low, high, where=told, color=BLUE, alpha=0.25, linewidth=0)
    axes.plot(years, difference.where(told), color=BLUE, linewidth=1.8, zorder=3)
    axes.plot(years, difference, color=GREY, linewidth=1.0)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.yaxis.set_major_formatter(numbers("{:+,.6g}"))
    first = max(years.min(), -BEFORE)
    axes.set_xlim(first, max(years.max(), first + 0.25))
