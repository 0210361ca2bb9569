"""Flows: who comes and who goes because of what differs, and public money from the purse to whom it reaches first."""

import pandas as pd
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from sim.observables import streams
from sim.plots.style import (
    BLUE,
    GREY,
    INK,
    MONEY,
    ORANGE,
    WIDTH,
    Drawing,
    blank,
    look,
    note,
    number,
    signed,
    words,
)

NAMES = {
    "domestic": "from other cities",
    "graduates": "graduates who stay",
    "leavers": "residents who leave",
    "vcs": "venture firms",
    "lps_and_funds": "partners and funds",
    "world": "elsewhere",
}
GAINS, LOSSES, UNTOLD, PAID = "gains", "losses", "not told", "paid"
HEIGHT, ROOM, LINE = 100, 32, 9.5  # of the bar; of a name; of a line of it
THIN = 6  # a narrow ribbon


def data(tables):
    """Rows drawn, from `ledger` and `incidence`, DataFrames: side (gains or losses of people, not told, paid), name,
    value, low, high (persons or yuan per pair).
    """
    sides = dict(zip((GAINS, LOSSES, UNTOLD), streams.people(tables["ledger"]), strict=True))
    sides[PAID] = streams.money(tables["incidence"])
    return pd.DataFrame(
        [(side, *one) for side, found in sides.items() for one in found],
        columns=["side", "name", "value", "low", "high"],
    )


@look()
def figure(data):
    """People at the left, money at the right; a width is a number."""
    drawing = Drawing(figsize=(WIDTH, 2.9))
    left, right = drawing.subplots(1, 2, width_ratios=(1.25, 1))
    left.set_title("Who comes and who goes, persons")
    gains, losses = (data[data["side"] == side] for side in (GAINS, LOSSES))
    if gains.empty and losses.empty:
        blank(left, "nobody can be said to come or to go because of it")
    else:
        whole = max(gains["value"].abs().sum(), losses["value"].abs().sum())
        tall = max(
            ribbons(left, gains, whole, (-5, -40), BLUE, said=persons),
            ribbons(left, losses, whole, (5, 40), ORANGE, said=persons),
        )
        bar(left, (-5, 10), INK, "city", tall)
        left.set_xlim(-135, 135)
    right.set_title("Whom the purse pays first")
    paid = data[data["side"] == PAID]
    if paid.empty:
        blank(right, "it pays nobody more")
    else:
        whole = paid["value"].sum()
        tall = ribbons(right, paid, whole, (10, 90), MONEY, said=lambda row: yuan(row, whole))
        bar(right, (0, 10), MONEY, f"treasury, {number(whole)} yuan", tall, "left")
        right.set_xlim(0, 210)
    untold = ", ".join(NAMES.get(name, words(name)) for name in data[data["side"] == UNTOLD]["name"])
    note(
        drawing,
        "Over the window, with what differs less without. Blue: the city gains, orange: it loses, with 95% intervals; "
        "a width is a number. "
        + (f"Not told from zero, and not drawn: {untold}. " if untold else "")
        + "Money: exact from the books, not discounted, per pair; not where a public yuan ends.",
    )
    return drawing


def ribbons(axes, rows, whole, ends, colour, said):
    """Ribbons from the bar to their names; returns how high they stand."""
    laid, tall = streams.ribbons(rows["value"].tolist(), whole, HEIGHT, ROOM)
    start, end = ends
    half, way = (start + end) / 2, 1 if end > start else -1
    for row, one in zip(rows.itertuples(), laid, strict=True):
        top, bottom, there, back = one
        corners = [(start, top), (half, top), (half, there), (end, there)]
        corners += [(end, back), (half, back), (half, bottom), (start, bottom), (start, top)]
        rim = {"edgecolor": "white"} if bottom - top > THIN else {"edgecolor": colour, "linewidth": 0.8}
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        axes.add_patch(PathPatch(Path(corners, codes), facecolor=colour, alpha=0.6, **rim))
        place = dict(va="center", ha="left" if way > 0 else "right", fontsize=6.5)
        middle, x = (there + back) / 2, end + 4 * way
        name, number_, *ends_ = (NAMES.get(row.name, words(row.name)), *said(row))
        axes.text(x, middle - LINE * len(ends_) / 2 - LINE / 2, name, color=INK, **place)
        axes.text(x, middle - LINE * len(ends_) / 2 + LINE / 2, number_, color=INK, weight="bold", **place)
        for text in ends_:
            axes.text(x, middle + LINE, text, color=GREY, **place)
    return tall


def bar(axes, place, colour, name, tall, anchor="center"):
    """The bar from which the ribbons start, with its name above."""
    left, width = place
    axes.add_patch(Rectangle((left, 0), width, HEIGHT, facecolor=colour))
    x = left + (width / 2 if anchor == "center" else 0)
    axes.text(x, -4, name, ha=anchor, va="bottom", fontsize=7, weight="bold", color=INK)
    axes.set_ylim(max(tall, HEIGHT) + 4, -16)
    axes.set_axis_off()


def persons(row):
    """The numbers of a stream of people."""
    return signed(row.value), f"{signed(row.low)} to {signed(row.high)}"


def yuan(row, whole):
    """The numbers of a stream of money."""
    return (f"{number(row.value)} yuan, {number(100 * row.value / whole)}%",)
