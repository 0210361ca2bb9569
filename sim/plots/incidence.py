"""Incidence: whom the public yuan reaches first, and what each class then gets more, from the books of two arms."""

from sim.plots.style import (
    HUES,
    MONEY,
    WIDTH,
    Drawing,
    beside,
    direction,
    interval,
    is_told,
    look,
    note,
    numbers,
    rows,
    words,
)

BILLION = 1e9
NAMES = {"vcs": "venture firms", "lps_and_funds": "partners and funds", "world": "elsewhere"}


def data(tables):
    """Rows drawn, from `incidence`, a DataFrame: class, first, receipts, low, high (bn yuan per pair), runs."""
    table = tables["incidence"]
    columns = {"first": "first_mean_cny", "receipts": "receipts_cny", "low": "receipts_low", "high": "receipts_high"}
    return table[["class"]].assign(
        **{name: table[column] / BILLION for name, column in columns.items()}, runs=table["runs"]
    )


@look()
def figure(data):
    """Bars at the left, intervals at the right, a row per class."""
    drawing = Drawing(figsize=(WIDTH, 1.2 + 0.24 * len(data)))
    left, right = drawing.subplots(1, 2, width_ratios=(1, 1.6), sharey=True)
    left.set_title("First paid to, bn yuan")
    left.barh(range(len(data)), data["first"], height=0.55, color=MONEY)
    left.axvline(0, color="black", linewidth=0.8)
    right.set_title("Gets more than without it, bn yuan")
    for row in data.itertuples():
        told, ends = is_told(row.low, row.high), (row.receipts, row.low, row.high)
        interval(right, row.Index, *ends, direction(row.receipts, told), hollow=not told)
        beside(
            right,
            row.Index,
            f"{row.receipts:.2g}" + (f" [{row.low:.2g}, {row.high:.2g}]" if row.low == row.low else ""),
        )
    right.axvline(0, color="black", linewidth=0.8)
    right.grid(axis="x")
    right.grid(visible=False, axis="y")
    for axes in (left, right):
        axes.xaxis.set_major_formatter(numbers("{:,.6g}"))
    rows(left, [NAMES.get(name, words(name)) for name in data["class"]], bottom=0.5)
    note(
        drawing,
        f"{data['runs'].max()} pairs of runs with the same luck. First paid to: exact from the books. Right: net "
        "receipts after all rounds of spending, money of others included, with 95% intervals; "
        f"{HUES}. It does not say where a public yuan ends.",
    )
    return drawing
