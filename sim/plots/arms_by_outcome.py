"""Arms by outcome: the effect of each arm on every outcome, less the first arm, with 95% intervals."""

from matplotlib.ticker import MaxNLocator

from sim.plots.arms import colour, context
from sim.plots.style import interval, is_told, look, numbers, rows
from sim.plots.thirds import head, thirds


def data(tables):
    """Rows drawn, from `arms` (a DataFrame) and the dict `about`; a DataFrame.

    arm, outcome, title, unit, effect, low, high (in the unit), context (text, the same in all rows)
    """
    table, about = tables["arms"], tables["about"]
    effects = table[table["arm"] != next(iter(about["arms"]))]
    columns = ["arm", "outcome", "title", "unit", "effect", "low", "high"]
    return effects[columns].assign(context=context(about)).reset_index(drop=True)


@look()
def figure(data):
    """Three panels in a row, the names of the arms at the left of each row."""
    names = data["arm"].nunique()
    return thirds(data, 0.55 + 0.16 * names, panel, lambda axes: axes.set_yticklabels([]))


def panel(axes, effects):
    """One outcome."""
    size = head(axes, effects)
    axes.axvline(0, color="black", linewidth=0.8, linestyle="--")
    for row in effects.itertuples():
        ends = (value / size for value in (row.effect, row.low, row.high))
        interval(axes, row.Index, *ends, colour(row), size=3, width=1.2, hollow=not is_told(row.low, row.high))
    rows(axes, effects["arm"])
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.xaxis.set_major_formatter(numbers("{:+,.6g}"))
