"""Spread: the effect on every outcome, its interval by luck alone and that with the parameters unknown too.

All are in standard deviations of one paired difference over draws and seeds, so that outcomes of any unit share an
axis.
"""

import numpy as np

from sim.plots.style import BLUE, GREY, INK, ORANGE, WIDTH, Drawing, blank, is_told, look, note, rows

EDGE = 6  # standard deviations; what lies further stands at the edge
INTERVALS = (("low", "high", BLUE, -0.16, "parameters and luck"), ("luck_low", "luck_high", ORANGE, 0.16, "luck alone"))


def data(tables):
    """Rows drawn, from `effects`, a DataFrame.

    outcome, title, effect, low, high, luck_low, luck_high (standard deviations), parameter_share, draws, runs
    """
    table = tables["effects"]
    sd = np.hypot(table["parameter_sd"], table["luck_sd"])
    scaled = table[["effect", "low", "high", "luck_low", "luck_high"]].div(sd.where(sd > 0), axis=0)
    return (
        table[["outcome", "title"]]
        .join(scaled)
        .join(table[["parameter_share", "draws", "runs"]])[sd > 0]
        .reset_index(drop=True)
    )


@look()
def figure(data):
    """One row an outcome with two bars, at the right the share of variance that is the parameters'."""
    drawing = Drawing(figsize=(WIDTH, 1.3 + 0.24 * max(len(data), 3)))
    axes = drawing.subplots()
    axes.set_title("Effect, standard deviations of one paired difference", pad=18)
    if data.empty:
        blank(axes, "nothing differs between the arms, or always by the same")
        return drawing
    limit = min(EDGE, 1.1 * data[["low", "high"]].abs().max(axis=None))
    axes.axvline(0, color="black", linewidth=0.8, linestyle="--")
    for low, high, colour, shift, label in INTERVALS:
        axes.hlines(
            data.index + shift,
            data[low].clip(-limit, limit),
            data[high].clip(-limit, limit),
            color=colour,
            linewidth=2.2,
            label=label,
        )
    for row in data.itertuples():
        marker = "o" if abs(row.effect) <= limit else "<" if row.effect < 0 else ">"
        told = is_told(row.low, row.high)
        look_ = {"color": INK} if told else {"color": GREY, "markerfacecolor": "white"}
        axes.plot(np.clip(row.effect, -limit, limit), row.Index, marker, markersize=3.5, clip_on=False, **look_)
        aside(axes, f"{100 * row.parameter_share:.0f}%", row.Index, ("axes fraction", "data"), va="center", fontsize=7)
    aside(axes, "parameters'\nshare", 1, "axes fraction", va="bottom", fontsize=6.5, color=GREY)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)
    rows(axes, data["title"])
    axes.set_xlim(-limit, limit)
    note(
        drawing,
        f"Up to {data['draws'].max()} draws of the parameters, {data['runs'].max()} seeds each. "
        "Bars are 95% intervals: over draws, as it is unknown which parameters are true; "
        "and of as many pairs at one point, where luck is all. "
        "Hollow: not told from zero with the parameters unknown. "
        f"Effects beyond {EDGE} stand at the edge (triangles). Outcomes that do not vary are left out.",
    )
    return drawing


def aside(axes, text, height, system, **style):
    """Text at the right of the panel."""
    axes.annotate(text, (1, height), (30, 0), system, "offset points", ha="right", annotation_clip=False, **style)
