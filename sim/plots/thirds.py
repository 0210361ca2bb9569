"""A panel per outcome, three in a row."""

from sim.plots.style import WIDTH, Drawing, blank, note, shown_in
from sim.plots.style import head as whole_head

COLUMNS = 3  # panels beside one another


def thirds(data, height, panel, inner=None):
    """The Drawing of `data` (rows with outcome, title, unit, context), each outcome drawn by `panel(axes, rows)` in a
    panel of a `height` in inches; `inner(axes)` changes those that are not at the left.
    """
    outcomes = list(data["outcome"].unique())
    lines = -(-len(outcomes) // COLUMNS)
    drawing = Drawing(figsize=(WIDTH, 0.6 + lines * height))
    panels = drawing.subplots(lines, COLUMNS, squeeze=False).ravel()
    for place, (axes, outcome) in enumerate(zip(panels, outcomes, strict=False)):
        panel(axes, data[data["outcome"] == outcome].reset_index(drop=True))
        if inner is not None and place % COLUMNS:
            inner(axes)
    for axes in panels[len(outcomes) :]:
        blank(axes, "")
    note(drawing, f"{data['context'].iloc[0]} Bars are 95% t-intervals; grey and hollow: not told from zero.")
    return drawing


def head(axes, rows):
    """Title and unit above a panel; returns how large the unit is in which numbers are shown."""
    size, unit = shown_in(rows["unit"].iloc[0])
    whole_head(axes, rows["title"].iloc[0], unit)
    axes.set_title(rows["title"].iloc[0], pad=14, fontsize=7.5)  # longest title in a third of the width
    return size
