"""Arms: the effect of each on one outcome, less the first arm, with 95% intervals.

The outcome is the one declared beforehand, else startups alive and funded.
"""

import pandas as pd

from sim.plots.style import (
    BLUE,
    GREY,
    WIDTH,
    Drawing,
    beside,
    blank,
    head,
    interval,
    is_told,
    look,
    note,
    numbers,
    rows,
    shown_in,
    signed,
)

UNDECLARED = "startups_funded_alive"
MOST_NAMED = 3  # changes of an arm that the small print spells out


def data(tables):
    """Rows drawn, from `arms` (a DataFrame) and the dict `about`; a DataFrame.

    arm, outcome, title, unit, effect, low, high (in the unit), p, primary, context (text, the same in all rows)
    """
    table, about = tables["arms"], tables["about"]
    effects = table[table["arm"] != next(iter(about["arms"]))]
    chosen = effects[effects["primary"]] if effects["primary"].any() else effects[effects["outcome"] == UNDECLARED]
    columns = ["arm", "outcome", "title", "unit", "effect", "low", "high", "p", "primary"]
    return chosen[columns].assign(context=context(about)).reset_index(drop=True)


@look()
def figure(data):
    """One row an arm, the numbers at the right."""
    drawing = Drawing(figsize=(WIDTH, 1.3 + 0.24 * max(len(data), 3) + 0.1 * len(data["context"].iloc[0]) / 120))
    axes = drawing.subplots()
    size, unit = shown_in(data["unit"].iloc[0])
    declared = "" if data["primary"].any() else "; no outcome was declared beforehand"
    head(axes, data["title"].iloc[0], f"effect of each arm, {unit}{declared}")
    if data["effect"].isna().all():
        blank(axes, "nothing to compare")
        return drawing
    axes.axvline(0, color="black", linewidth=0.8, linestyle="--")
    for row in data.itertuples():
        ends = (value / size for value in (row.effect, row.low, row.high))
        interval(axes, row.Index, *ends, colour(row), hollow=not is_told(row.low, row.high))
        beside(axes, row.Index, text(row, size))
    rows(axes, data["arm"])
    axes.xaxis.set_major_formatter(numbers("{:+,.6g}"))
    note(drawing, f"{data['context'].iloc[0]} Bars are 95% t-intervals; grey and hollow: not told from zero.")
    return drawing


def colour(row):
    """Grey where an effect is not told from zero."""
    return BLUE if is_told(row.low, row.high) else GREY


def text(row, size):
    """The numbers of a row; an interval that cannot be given is left out."""
    effect, low, high = (signed(value / size) for value in (row.effect, row.low, row.high))
    return f"{effect} [{low}, {high}]" if pd.notna(row.low) else effect


def context(about):
    """What is compared, over what: a sentence or two."""
    base = next(iter(about["arms"]))
    arms = [f"{name}: {_in_words(changes)}" for name, changes in about["arms"].items() if changes]
    return (
        f"Each arm less {base} ({'; '.join(arms)}). {about['runs']} pairs of runs with the same luck from seed "
        f"{about['seed']}, scale {about['scale']:g}, {about['first_quarter']} to {about['last_quarter']}."
    )


def _in_words(changes):
    told = [f"{change['key']} {_value(change['arm'])}" for change in changes[:MOST_NAMED]]
    more = len(changes) - MOST_NAMED
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")


def _value(value):
    return f"{value:g}" if isinstance(value, float) else str(value)
