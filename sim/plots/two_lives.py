"""Two lives: what happens to a founder in either arm, one line until the lives part, and what the venture is then.

Events stand in their order, not to the scale of time, so that all of them can be read. Below are the numbers of the
venture in the quarters in which they differ.
"""

from textwrap import shorten, wrap

import pandas as pd

from sim.plots.style import BLUE, GREY, INK, ORANGE, WIDTH, Drawing, Quantity, head, look, note, numbers, words
from sim.plots.tables import years

MOST = 26  # events drawn; of what is the same in both lives the earliest are left out
LINE = 46  # characters of a line beside an event
LINES = 2
QUANTITIES = (Quantity("headcount", "Heads", "persons"), Quantity("cash", "Cash", "m yuan", 1e6))
APART = 0.12  # of each line from the middle, once they have parted


def data(tables):
    """Rows drawn, from `life` and `numbers`, a DataFrame.

    quarter, what (`event` or a number of the venture), policy, against (texts, or numbers in its unit), same (of an
    event), apart (whether the lives have parted by then)
    """
    life = tables["life"].fillna({"policy": "", "against": ""})
    parting = tables["about"]["parting"]
    parted = parting["quarter"] if parting and parting["quarter"] else None
    differ = life["quarter"].ge(parted) & ~life["same"] if parted else life["same"] & False
    events = life.assign(what="event", apart=differ.cummax())
    values = tables["numbers"].rename(columns={"number": "what"})
    values = values[values["what"].isin([quantity.outcome for quantity in QUANTITIES])]
    columns = ["quarter", "what", "policy", "against", "same", "apart"]
    return pd.concat([events, values.assign(same=False, apart=True)], ignore_index=True)[columns]


@look()
def figure(data):
    """The events of the two lives above, numbers of the venture below where there are any that differ."""
    events = data[data["what"] == "event"]
    left_out = max(0, min(len(events) - MOST, int((~events["apart"].astype(bool)).sum()) - 1))
    events = events.iloc[left_out:].head(MOST).reset_index(drop=True)
    values = data[data["what"] != "event"]
    tall = 0.5 + 0.3 * len(events)
    if values.empty:
        drawing = Drawing(figsize=(WIDTH, tall + 0.4))
        lines(drawing.subplots(), events)
    else:
        drawing = Drawing(figsize=(WIDTH, tall + 2.0))
        above, below = drawing.subfigures(2, 1, height_ratios=(tall, 1.6))
        lines(above.subplots(), events)
        for axes, quantity in zip(below.subplots(1, len(QUANTITIES)), QUANTITIES, strict=True):
            course(axes, values[values["what"] == quantity.outcome], quantity)
    earlier = f"{left_out} earlier events, the same in both lives, are left out. " if left_out else ""
    note(
        drawing,
        f"Blue: with what differs; orange: without; black: in both. {earlier}"
        "One life under two policies is a story and no effect: the smallest difference sends two lives apart.",
    )
    return drawing


def lines(axes, events):
    """One line of events that forks where the lives part."""
    axes.set_axis_off()
    axes.set_xlim(-1, 1)
    axes.set_ylim(max(len(events), 1) - 0.3, -0.9)
    fork = int(events["apart"].astype(bool).idxmax()) if events["apart"].any() else len(events)
    if fork:
        axes.plot([0, 0], [-0.5, fork - 0.5], color=INK, linewidth=1.4)
    for side, colour, name, column in ((-1, BLUE, "with", "policy"), (1, ORANGE, "without", "against")):
        if fork < len(events):
            axes.plot([0, side * APART, side * APART], [fork - 0.5, fork - 0.1, len(events) - 0.5], color=colour)
        axes.text(side * 0.98, -0.9, name, color=colour, weight="bold", ha="left" if side < 0 else "right", va="bottom")
        for row in events[events["apart"].astype(bool)].itertuples():
            if getattr(row, column):
                beside(axes, row, side, colour, getattr(row, column), APART)
    for row in events[~events["apart"].astype(bool)].itertuples():
        if row.policy == row.against:
            beside(axes, row, 1, INK, row.policy, 0)
            continue
        for side, colour, column in ((-1, BLUE, "policy"), (1, ORANGE, "against")):
            if getattr(row, column):
                beside(axes, row, side, colour, getattr(row, column), 0)


def beside(axes, row, side, colour, text, apart):
    """A dot at a line, its quarter and what happens beside it."""
    axes.plot(side * apart, row.Index, "o", color=colour, markersize=3.5)
    told = f"{row.quarter} {words(text.partition(' from VC firm')[0].partition(' from angel')[0])}"
    told = "\n".join(shorten(line, LINE, placeholder=" ...") for line in wrap(told, LINE)[:LINES])
    axes.text(
        side * (apart + 0.04),
        row.Index,
        told,
        ha="left" if side > 0 else "right",
        va="center",
        fontsize=6.5,
        color=INK,
    )


def course(axes, values, quantity):
    """A number of the venture in either life, by quarter, where they differ."""
    head(axes, quantity.title, quantity.unit)
    quarters = years(values["quarter"])
    for column, colour in (("policy", BLUE), ("against", ORANGE)):
        axes.plot(quarters, pd.to_numeric(values[column]) / quantity.divisor, color=colour, marker="o", markersize=2)
    axes.yaxis.set_major_formatter(numbers("{:,.6g}"))
    axes.xaxis.set_major_formatter(lambda year, _: f"{year:.0f}" if year == int(year) else "")
    axes.set_ylim(bottom=0)
    axes.tick_params(colors=GREY)
