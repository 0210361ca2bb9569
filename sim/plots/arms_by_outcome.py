"""Arms by outcome: the effect of each arm on every outcome, less the first arm, with 95% intervals."""

from matplotlib.ticker import MaxNLocator

from sim.plots.arms import colour, context
from sim.plots.style import WIDTH, Drawing, blank, head, interval, look, note, numbers, rows, shown_in

COLUMNS = 3  # panels beside one another


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
    outcomes = list(data["outcome"].unique())
    names = list(data["arm"].unique())
    lines = -(-len(outcomes) // COLUMNS)
    drawing = Drawing(figsize=(WIDTH, 0.6 + lines * (0.55 + 0.16 * len(names))))
    panels = drawing.subplots(lines, COLUMNS, squeeze=False).ravel()
    for place, (axes, outcome) in enumerate(zip(panels, outcomes, strict=False)):
        panel(axes, data[data["outcome"] == outcome].reset_index(drop=True))
        if place % COLUMNS:
            axes.set_yticklabels([])
    for axes in panels[len(outcomes) :]:
        blank(axes, "")
    note(drawing, f"{data['context'].iloc[0]} Bars are 95% t-intervals; grey: not told from zero.")
    return drawing


def panel(axes, effects):
    """One outcome."""
    size, unit = shown_in(effects["unit"].iloc[0])
    head(axes, effects["title"].iloc[0], unit)
    axes.set_title(effects["title"].iloc[0], pad=14, fontsize=7.5)  # longest title in a third of the width
    axes.axvline(0, color="black", linewidth=0.8, linestyle="--")
    for row in effects.itertuples():
        interval(axes, row.Index, row.effect / size, row.low / size, row.high / size, colour(row), size=3, width=1.2)
    rows(axes, effects["arm"])
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.xaxis.set_major_formatter(numbers("{:+,.6g}"))
