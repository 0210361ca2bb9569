"""Figures of a calibration: dots, posterior pairs, recovery, ranks, profiles, feasibility, scoreboard, sensitivity,
forecasts.

Each is drawn from a DataFrame of the task's folder; `draw` writes figures by name, with the data beside each.
"""

from textwrap import fill

import numpy as np
import pandas as pd

from sim.plots.style import BLUE, ORANGE, WIDTH, Drawing, blank, look, note, nothing, rows, save, stacks, words
from sim.plots.tables import called

EDGE = 4  # tolerances; what lies further stands at the edge
ROLES = {"target": "Fitted", "holdout": "Hold-outs, never fitted", "context": "Shown, not judged"}
COLUMNS = 4  # panels beside each other
BAND = "#e6e6e6"  # what is inside
LETTERS_OF_NAME = 68  # in a line
CHI_SQUARED = 3.84  # 95% of one degree of freedom


def draw(folder, tables):
    """Write `folder/figures/<name>` for each name of `tables` (name -> DataFrame)."""
    figures = folder / "figures"
    figures.mkdir(exist_ok=True)
    for name, table in tables.items():
        save(FIGURES[name](table), table, figures / name)


@look()
def dots(table):
    """Simulated less the middle of the band, in half widths, so that what is inside lies between the lines.

    `table`: id, u (half widths), and where there are any role, quantity, u_low and u_high (90% intervals, bars).
    """
    if table.empty:
        return nothing("no target has a simulated number")
    roles = table["role"] if "role" in table else pd.Series("target", table.index)
    blocks = [(ROLES.get(role, role), table[roles == role]) for role in dict.fromkeys(roles)]
    drawing, panels = stacks([(heading(name, block), block) for name, block in blocks], height=0.2)
    for title, block, axes in panels:
        axes.set_title(title)
        axes.axvspan(-1, 1, color=BAND, zorder=0)
        axes.axvline(0, color="black", linewidth=0.6)
        for height, row in enumerate(block.itertuples()):
            at = min(max(row.u, -EDGE), EDGE)
            colour, marker = (BLUE, "o") if abs(row.u) <= 1 else (ORANGE, "<" if at < 0 else ">")
            if hasattr(row, "u_low"):
                axes.hlines(height, max(row.u_low, -EDGE), min(row.u_high, EDGE), color=colour, linewidth=1.2)
            axes.plot(at, height, marker, color=colour, markersize=4, clip_on=False)
        rows(axes, labels(block), fontsize=5.5)
        axes.set_xlim(-EDGE, EDGE)
    note(
        drawing,
        "Simulated less the middle of the band, in half widths: from -1 to 1 is inside, beyond four at the edge.",
    )
    return drawing


def heading(name, block):
    """How many rows of a block are inside their bands."""
    inside = (block["u"].abs() <= 1).sum()
    return f"{name[0].upper()}{name[1:]}: {inside} of {len(block)} inside"


def labels(block):
    """The name of each row, in lines."""
    quantities = dict(zip(block["id"], block["quantity"].fillna(""), strict=True)) if "quantity" in block else {}
    return [fill(name, LETTERS_OF_NAME) for name in called(block, quantities)]


@look()
def pairs(table):
    """Draws of parameters, a column each: histograms on the diagonal, scatter below it."""
    names = list(table.columns)
    d = len(names)
    drawing = Drawing(figsize=(WIDTH, 1.05 * d + 0.6))
    panels = drawing.subplots(d, d, squeeze=False)
    for i in range(d):
        for j in range(d):
            axes = panels[i, j]
            if j > i:
                axes.set_axis_off()
                continue
            if i == j:
                axes.hist(table[names[i]], bins=20, color=BLUE)
                axes.set_yticks([])
            else:
                axes.plot(table[names[j]], table[names[i]], ".", color=BLUE, markersize=1.5, alpha=0.5)
            axes.tick_params(labelsize=5)
            axes.locator_params(nbins=3)
            axes.ticklabel_format(scilimits=(-3, 4))
            axes.xaxis.get_offset_text().set_fontsize(5)
            axes.yaxis.get_offset_text().set_fontsize(5)
            if i == d - 1:
                axes.set_xlabel(names[j].replace(".", "\n"), fontsize=6)
            else:
                axes.set_xticklabels([])
            if j == 0 and i > 0:
                axes.set_ylabel(names[i].replace(".", "\n"), fontsize=6)
            elif j > 0:
                axes.set_yticklabels([])
    return drawing


def by_parameter(table, height):
    """(drawing, [(axes, rows of a parameter)]): a panel of some `height` a parameter, at most COLUMNS beside each
    other.
    """
    names = list(dict.fromkeys(table["parameter"]))
    lines = -(-len(names) // COLUMNS)
    drawing = Drawing(figsize=(WIDTH, height * lines + 0.5))
    panels = drawing.subplots(lines, min(COLUMNS, len(names)), squeeze=False).ravel()
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    for axes, name in zip(panels, names, strict=False):
        axes.set_title(name.replace(".", "\n", 1), fontsize=6)
        axes.tick_params(labelsize=5)
    return drawing, [(axes, table[table["parameter"] == name]) for axes, name in zip(panels, names, strict=False)]


@look()
def recovery(table):
    """Median of the posterior against the hidden truth, one panel a parameter.

    `table`: parameter, truth, found, low, high, all from 0 to 1; the band is the mean 90% interval by tenths of the
    truth.
    """
    drawing, panels = by_parameter(table, 1.5)
    for axes, block in panels:
        tenths = block.groupby((10 * block["truth"]).clip(0, 9).astype(int))[["truth", "low", "high"]].mean()
        axes.fill_between(tenths["truth"], tenths["low"], tenths["high"], color=BAND, linewidth=0)
        axes.plot(block["truth"], block["found"], ".", color=BLUE, markersize=2, alpha=0.6, rasterized=True)
        axes.plot([0, 1], [0, 1], "--", color="black", linewidth=0.7)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
    note(
        drawing,
        "Truth across, median of the draws upwards, both from 0 to 1 between the bounds of the prior; "
        "dashed where they agree, grey the mean 90% interval. A flat cloud: the targets say nothing of the parameter.",
    )
    return drawing


@look()
def ranks(table):
    """Histograms of the truth's rank among 99 draws; the band holds 95% of bins of a calibrated posterior.

    `table`: parameter, rank.
    """
    from scipy.stats import binom

    drawing, panels = by_parameter(table, 1.25)
    for axes, block in panels:
        low, high = binom.ppf([0.025, 0.975], len(block), 0.1)
        axes.axhspan(low, high, color=BAND, zorder=0)
        axes.hist(block["rank"], bins=10, range=(0, 100), color=BLUE, rwidth=0.9)
        axes.grid(visible=False)
    note(
        drawing,
        f"{len(block)} hidden truths. Heaps at both ends: draws too narrow. A heap in the middle: too wide. "
        "A slope: off to one side.",
    )
    return drawing


@look()
def profiles(table):
    """Least emulated loss with one parameter fixed, above the least of all; the line is the 95% bound of chi-squared.

    `table`: parameter, cube (its value from 0 to 1), excess (loss).
    """
    drawing, panels = by_parameter(table, 1.35)
    for axes, block in panels:
        block = block.sort_values("cube")
        axes.axhline(CHI_SQUARED, color=ORANGE, linewidth=0.8, linestyle="--")
        axes.plot(block["cube"], block["excess"], "-", color=BLUE, linewidth=1)
        axes.set_ylim(0, 25)
        axes.set_xlim(0, 1)
    note(
        drawing,
        "Across: the prior from 0 to 1. Upwards: loss above the least, all other parameters chosen anew; "
        "dashed the 95% bound. A flat line: not identified.",
    )
    return drawing


@look()
def feasibility(table):
    """Pairs of bands: how many simulations met both, never in orange.

    `table`: one, other (targets), met (both), met_one, met_other, numbers of simulations.
    """
    names = list(dict.fromkeys([*table["other"], *table["one"]]))
    index = {name: i for i, name in enumerate(names)}
    met = np.full((len(names), len(names)), np.nan)
    for row in table.itertuples():
        one, other = index[row.one], index[row.other]
        met[one, other], met[one, one], met[other, other] = row.met, row.met_one, row.met_other
    if len(names) < 2:
        drawing = Drawing(figsize=(WIDTH, 1.5))
        blank(drawing.subplots(), "fewer than two targets: no pairs")
        return drawing
    side = max(2.5, 0.16 * len(names) + 1.6)
    drawing = Drawing(figsize=(max(WIDTH, side), side))
    axes = drawing.subplots()
    shown = np.where(met > 0, np.log10(np.maximum(met, 1)), np.nan)
    axes.imshow(shown, cmap="Blues", vmin=-1, vmax=max(3.0, np.nanmax(shown, initial=0)))
    never = np.argwhere(met == 0)
    axes.plot(never[:, 1], never[:, 0], "s", color=ORANGE, markersize=max(2, 260 / max(len(names), 1) / 3))
    matrix(axes, [words(name) for name in names], names)
    note(
        drawing,
        "Orange: no simulation met both bands (on the diagonal: the band itself). Blue: some did, the darker the more. "
        "Never met is no proof that it cannot be.",
    )
    return drawing


def matrix(axes, across, down):
    """Names of the columns and rows of an image."""
    axes.set_xticks(range(len(across)), across, rotation=90, fontsize=5)
    axes.set_yticks(range(len(down)), [words(name) for name in down], fontsize=5)
    axes.grid(visible=False)


@look()
def scoreboard(table):
    """Facts and reports over seeds, a table as for `dots`: the median, and bars that hold 90% of the seeds."""
    return dots(table[table["u"].notna()])


@look()
def sensitivity(table):
    """Total Sobol index of each target (rows) to each parameter (columns).

    `table`: target, parameter, total.
    """
    drawing = Drawing(figsize=(WIDTH, 1.6 + 0.14 * max(table["target"].nunique(), 3)))
    axes = drawing.subplots()
    if table.empty:
        blank(axes, "no target is explained well enough by the emulator")
        return drawing
    totals = table.pivot(index="target", columns="parameter", values="total")
    image = axes.imshow(totals.to_numpy(), aspect="auto", cmap="Greens", vmin=0, vmax=1)
    matrix(axes, totals.columns, totals.index)
    drawing.colorbar(image, ax=axes, shrink=0.6, label="total index")
    return drawing


@look()
def forecast(table):
    """Series over time, each over its base: what was known, the model's median with its band, the naive forecasts.

    `table`: series, quantity, base (years), year, observed, model, low, high, last_value, ar1.
    """
    names = list(dict.fromkeys(table["series"]))
    if not names:
        return nothing("no series of the years after has a number")
    lines = -(-len(names) // 2)
    drawing = Drawing(figsize=(WIDTH, 2.2 * lines + 0.6))
    panels = drawing.subplots(lines, 2, squeeze=False).ravel()
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    for axes, name in zip(panels, names, strict=False):
        block = table[table["series"] == name]
        axes.set_title(fill(f"{block['quantity'].iloc[0]}, {block['base'].iloc[0]} = 1", 44))
        axes.fill_between(block["year"], block["low"], block["high"], color=BAND, linewidth=0)
        axes.plot(block["year"], block["last_value"], ":", color="black", linewidth=0.8)
        axes.plot(block["year"], block["ar1"], "--", color="black", linewidth=0.8)
        axes.plot(block["year"], block["model"], "-o", color=BLUE, markersize=3, linewidth=1.2)
        axes.plot(block["year"], block["observed"], "D", color=ORANGE, markersize=4)
        axes.set_xticks(block["year"])
        axes.set_ylim(bottom=0)
    note(
        drawing,
        "Orange: what was reported later. Blue: the model, median of the draws, grey the band of 90%; it is told the "
        "world outside of these years. Dotted: no change. Dashed: AR(1) of the national series.",
    )
    return drawing


FIGURES = {
    "forecast": forecast,
    "dots": dots,
    "pairs": pairs,
    "recovery": recovery,
    "ranks": ranks,
    "profiles": profiles,
    "feasibility": feasibility,
    "scoreboard": scoreboard,
    "sensitivity": sensitivity,
}
