"""The causal evidence re-run: what estimators say, and what is true of the same sample.

Four panels: all rows against the bands of their papers; the grant at its cut-off, with the winners' twins; the sandbox
by quarter around the entry, with three sets of controls and the twins; and what other assignments of the same cities
would have said.
"""

import numpy as np
import pandas as pd

from sim.plots.style import BLUE, GREEN, GREY, ORANGE, PALE, PINK, WIDTH, Drawing, blank, look, note

FAR = 1.4  # widths of the band beyond which a number is drawn as an arrow
FEWEST = 10  # firms behind a point of a path
SKY = "#56B4E9"
PATHS = {  # group -> (its name, colour, line)
    "entrants": ("entrants", BLUE, "-"),
    "twins": ("their twins: the truth", ORANGE, "-"),
    "refused": ("refused", GREEN, "--"),
    "matched": ("matched, never enter", PINK, "--"),
    "later": ("enter later", GREY, ":"),
}
SHORT = {
    "E01a": "sandbox: chance of raising",
    "E01b": "sandbox: amount raised",
    "E02a": "forgiveness: founding",
    "E02b": "forgiveness: survival",
    "E02c": "forgiveness: jobs lost a job",
    "E03a": "grant: later venture capital",
    "E03b": "second grant: the same",
    "E04": "fund: private per public yuan",
    "E05a": "compensation: early deals",
    "E05b": "compensation: individuals",
    "E05c": "compensation: hard-tech entry",
    "E06a": "desk and cash: raising",
    "E06b": "schooling: raising",
    "E07": "laboratories: first round",
}


def data(tables):
    """Rows drawn, from `evidence`, `assignments`, `cutoff` and `paths`, a DataFrame.

    panel (bands, cutoff, paths, assignments), name, kind, x, low, high, y: in `bands` x is the number, 0 and 1 being
    the ends of the band
    """
    rows = []
    table = tables["evidence"]
    main = table[table["part"].isna() | (table["part"] == "")]
    for row in main.itertuples():
        width = row.band_high - row.band_low

        def scaled(value, low=row.band_low, width=width):
            return (value - low) / width

        name = SHORT.get(row.id, row.id)
        rows.append(("bands", name, "estimate", scaled(row.estimate), scaled(row.low), scaled(row.high), np.nan))
        rows.append(("bands", name, "truth", *map(scaled, (row.truth, row.truth_low, row.truth_high)), np.nan))
        rows.append(("bands", name, "paper", scaled(row.paper), np.nan, np.nan, np.nan))
    for row in tables["cutoff"].itertuples():
        rows.append(("cutoff", row.group, "mean", row.margin, np.nan, np.nan, row.percent))
    paths = tables["paths"]
    for row in paths[paths["n"] >= FEWEST].itertuples():
        ends = row.percent - 1.96 * row.error, row.percent + 1.96 * row.error
        rows.append(("paths", row.group, "mean", row.event, *ends, row.percent))
    early = main[main["id"] == "E05a"].iloc[0]
    for value in tables["assignments"].loc[tables["assignments"]["id"] == "E05a", "estimate"]:
        rows.append(("assignments", "E05a", "estimate", value, np.nan, np.nan, np.nan))
    for kind in ("truth", "paper"):
        rows.append(("assignments", "E05a", kind, early[kind], np.nan, np.nan, np.nan))
    rows.append(("assignments", "E05a", "band", np.nan, early["band_low"], early["band_high"], np.nan))
    return pd.DataFrame(rows, columns=["panel", "name", "kind", "x", "low", "high", "y"])


@look()
def figure(data):
    """Four panels."""
    drawing = Drawing(figsize=(WIDTH, 6.6))
    panels = drawing.subplots(2, 2, width_ratios=(1, 1.1))
    by_panel = {name: data[data["panel"] == name] for name in ("bands", "cutoff", "paths", "assignments")}
    for axes, (name, rows) in zip(panels.flat, by_panel.items(), strict=True):
        DRAW[name](axes, rows)
    note(
        drawing,
        "Top left: low and high are the ends of the band of the paper; arrows lie beyond the panel. Truth is that of "
        "the same sample in the city with the same luck without the policy. Lines through points are 95% intervals.",
    )
    return drawing


def _bands(axes, rows):
    names = list(dict.fromkeys(rows["name"]))
    axes.set_title("Estimates and truths, by band", pad=14)
    axes.axvspan(0, 1, color=PALE, zorder=0)
    for place, name in enumerate(names):
        row = rows[rows["name"] == name].set_index("kind")
        _dot(axes, place - 0.17, row.loc["estimate"], BLUE, "o")
        _dot(axes, place + 0.17, row.loc["truth"], ORANGE, "D")
        paper = row.loc["paper", "x"]
        if np.isfinite(paper):
            axes.vlines(paper, place - 0.4, place + 0.4, color=GREY, linewidth=1.0)
    axes.set_yticks(range(len(names)), names, fontsize=6.5)
    axes.set_ylim(len(names) - 0.4, -0.7)
    axes.set_xlim(-FAR - 0.1, 1 + FAR + 0.1)
    axes.set_xticks([0, 1], ["low", "high"])
    axes.grid(visible=False)
    handles = [
        axes.plot([], [], mark, color=colour, markersize=3.5, label=label)[0]
        for mark, colour, label in (("o", BLUE, "estimate"), ("D", ORANGE, "truth"), ("|", GREY, "paper"))
    ]
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(-0.02, 0.985),
        ncols=3,
        fontsize=6.5,
        handletextpad=0.1,
        columnspacing=0.8,
        borderpad=0,
    )


def _dot(axes, height, row, colour, marker):
    """A number with its interval, an arrow at the edge where it lies beyond."""
    if not np.isfinite(row["x"]):
        return
    low, high = (np.nan_to_num(row[end], nan=row["x"], posinf=99, neginf=-99) for end in ("low", "high"))
    axes.hlines(height, max(low, -FAR), min(high, 1 + FAR), color=colour, linewidth=1.0)
    if -FAR <= row["x"] <= 1 + FAR:
        axes.plot(row["x"], height, marker, color=colour, markersize=3.5)
    else:
        axes.plot(1 + FAR if row["x"] > 0 else -FAR, height, ">" if row["x"] > 0 else "<", color=colour, markersize=4.5)


def _cutoff(axes, rows):
    axes.set_title("The grant at its cut-off")
    if rows.empty:
        return blank(axes, "no competition with winners and losers")
    for group, label, colour, marker in (
        ("applicants", "applicants", BLUE, "o"),
        ("twins", "twins of the winners", ORANGE, "D"),
    ):
        part = rows[rows["name"] == group]
        axes.plot(part["x"], part["y"], marker, color=colour, markersize=3.5, label=label)
    for group in ("fit below", "fit above"):
        part = rows[rows["name"] == group]
        axes.plot(part["x"], part["y"], color=BLUE, linewidth=1.2)
    axes.set_ylim(0, max(rows["y"].max(), 1.0) * 1.4)
    axes.axvline(0, 0, 0.72, color=GREY, linewidth=0.8, linestyle="--")
    axes.set_xlabel("score less the cut-off")
    axes.set_ylabel("raise from a fund in two years, percent")
    axes.legend(loc="upper left")
    return None


def _paths(axes, rows):
    axes.set_title("The sandbox around the entry", pad=36)
    if rows.empty:
        return blank(axes, "nobody entered")
    for group, (label, colour, line) in PATHS.items():
        part = rows[rows["name"] == group].sort_values("x")
        axes.plot(part["x"], part["y"], line, color=colour, linewidth=1.3, label=label)
    entrants = rows[rows["name"] == "entrants"].sort_values("x")
    axes.fill_between(
        entrants["x"], entrants["low"].clip(lower=0), entrants["high"], color=BLUE, alpha=0.12, linewidth=0
    )
    axes.axvline(-0.5, color=GREY, linewidth=0.8, linestyle="--")
    axes.set_xlabel("quarters since the decision")
    axes.set_ylabel("raise in the quarter, percent")
    top = rows["y"].max()
    axes.set_ylim(0, (top if top > 0 else 1) * 1.1)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1), ncols=2, fontsize=6, columnspacing=0.8, borderpad=0)
    return None


def _assignments(axes, rows):
    axes.set_title("Early deals, by assignment")
    values = rows.loc[rows["kind"] == "estimate", "x"].dropna()
    if values.empty:
        return blank(axes, "too few cities")
    band = rows[rows["kind"] == "band"].iloc[0]
    axes.axvspan(band["low"], band["high"], color=PALE, zorder=0)
    axes.hist(values, bins=24, color=SKY)
    top = axes.get_ylim()[1]
    axes.set_ylim(0, top * 1.35)
    for kind, colour, line in (("truth", ORANGE, "-"), ("paper", GREY, "--")):
        value = rows.loc[rows["kind"] == kind, "x"].iloc[0]
        if np.isfinite(value):
            axes.plot([value, value], [0, top * 1.08], line, color=colour, linewidth=1.4, label=kind)
    axes.set_xlabel("estimate, percent")
    axes.set_ylabel("assignments of the same cities")
    axes.legend(loc="upper left", ncols=2)
    return None


DRAW = {"bands": _bands, "cutoff": _cutoff, "paths": _paths, "assignments": _assignments}
