"""Waterfall: where the public yuan ends, from the difference of the books of two arms; the steps sum to one yuan."""

import pandas as pd

from sim.plots.style import BLUE, GREY, ORANGE, WIDTH, Drawing, beside, blank, look, note, rows, words

BACK = "treasury"  # the last step: what comes back


def data(tables):
    """Rows drawn, from `incidence`, a DataFrame; shares are of the yuan of extra outlay.

    class, first_share, ends_share, ends_low, ends_high, runs, why (there is none), begin and end of the step
    """
    classes = tables["incidence"]
    back = classes["class"] == BACK
    classes = pd.concat([classes[~back], classes[back]], ignore_index=True)
    classes = classes[["class", "first_share", "ends_share", "ends_low", "ends_high", "runs", "why"]]
    end = classes["ends_share"].cumsum()
    return classes.assign(begin=end - classes["ends_share"], end=end)


@look()
def figure(data):
    """One step a class from top to bottom, the running sum from nothing to one yuan."""
    drawing = Drawing(figsize=(WIDTH, 0.9 + 0.24 * len(data)))
    axes = drawing.subplots()
    axes.set_title("Where the public yuan ends")
    if data["ends_share"].isna().all():
        blank(axes, f"left out: {data['why'].iloc[0]}")
        return drawing
    for row in data.itertuples():
        axes.barh(row.Index, row.ends_share, left=row.begin, height=0.62, color=BLUE if row.ends_share >= 0 else ORANGE)
        if row.Index:
            axes.vlines(row.begin, row.Index - 1.31, row.Index + 0.31, color=GREY, linewidth=0.6)
        beside(axes, row.Index, text(row))
    axes.axvline(1, color="black", linewidth=0.8, linestyle="--")
    axes.axvline(0, color="black", linewidth=0.8)
    names = [words(name).replace("vcs", "venture firms").replace("lps", "partners") for name in data["class"]]
    rows(axes, names, bottom=0.5)
    low, high = min(data["begin"].min(), data["end"].min()), max(data["begin"].max(), data["end"].max(), 1.0)
    axes.set_xlim(low - 0.04 * (high - low), high + 0.04 * (high - low))
    axes.set_xlabel("yuan a yuan of extra outlay, running sum")
    note(
        drawing,
        f"{data['runs'].max()} pairs of runs with the same luck. Right: part of the yuan, 95% interval (Fieller), "
        "and the part first paid to the class. Orange: puts in more than it gets. Received less paid, after all rounds "
        "of spending; sums to one yuan (dashed) in whole yuan of the books.",
    )
    return drawing


def text(row):
    """The numbers of a step."""
    share, low, high, first = (
        f"{round(x, 2) + 0.0:.2f}" for x in (row.ends_share, row.ends_low, row.ends_high, row.first_share)
    )
    return f"{share} [{low}, {high}]; first {first}" if row.ends_low == row.ends_low else f"{share}; first {first}"
