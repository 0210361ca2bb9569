"""Partial dependence: the response surface of a sweep along each factor, all others as in the design."""

from matplotlib.ticker import MaxNLocator

from sim.plots.style import BLUE, GREY, WIDTH, Drawing, look, note, nothing, numbers, shown_in, title
from sim.plots.tables import judged
from sim.plots.tornado import called

MOST, ACROSS = 9, 3  # factors shown, panels in a row


def data(tables):
    """Rows drawn, from `response` and `about`, a DataFrame as `response.csv`: of the outcome judged first and the first
    target, the factors that change most.
    """
    table = judged(tables, "response")
    reach = table.groupby("factor")["mean"].agg(lambda mean: mean.max() - mean.min())
    factors = list(reach.sort_values(ascending=False).index[:MOST])
    order = {factor: i for i, factor in enumerate(factors)}
    table = table[table["factor"].isin(factors)]
    return table.iloc[table["factor"].map(order).argsort(kind="stable")].reset_index(drop=True)


@look()
def figure(data):
    """A panel a factor, on one scale."""
    if not (data["explained"] > 0).any():
        return nothing("the response surface explains nothing in points left out, so it is not drawn")
    factors = list(dict.fromkeys(data["factor"]))
    down = -(-len(factors) // ACROSS)
    drawing = Drawing(figsize=(WIDTH, 0.9 + 1.75 * down))
    size, unit = shown_in(data["unit"].iloc[0])
    panels = drawing.subplots(down, min(ACROSS, len(factors)), sharey=True, squeeze=False).flat
    for axes, factor in zip(panels, factors, strict=False):
        part = data[data["factor"] == factor]
        axes.fill_between(part["value"], part["low"] / size, part["high"] / size, color=BLUE, alpha=0.2, linewidth=0)
        axes.plot(part["value"], part["mean"] / size, color=BLUE)
        axes.axhline(0, color=GREY, linewidth=0.6) if (data["low"].min() < 0 < data["high"].max()) else None
        axes.set_xlabel(called(factor))
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(numbers("{:,.6g}"))
        axes.yaxis.set_major_formatter(numbers("{:,.6g}"))
    for axes in list(panels)[len(factors) :]:
        axes.set_axis_off()
    title(drawing, f"{data['title'].iloc[0]}, {unit}: {data['target'].iloc[0]}")
    worth = data["explained"].iloc[0]
    note(
        drawing,
        f"Mean over the {data['points'].iloc[0]} points of the design with one factor moved, by a Gaussian process; "
        f"bands are 95%. It explains {100 * worth:.0f}% of the variance in points left out.",
    )
    return drawing
