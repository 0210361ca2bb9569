"""Surface: the response of a sweep over the two factors that change it most."""

import numpy as np

from sim.plots.style import GREY, WIDTH, Drawing, blank, look, note, numbers, shown_in
from sim.plots.tornado import called


def data(tables):
    """Rows drawn, from `surface` and `about`, a DataFrame as `surface.csv`: of the outcome judged first and the first
    target.
    """
    table, outcome = tables["surface"], tables["about"]["judged"][0]
    table = table[table["outcome"] == outcome]
    return table[table["target"] == table["target"].iloc[0]].reset_index(drop=True) if len(table) else table


@look()
def figure(data):
    """Shades with a bar; where the surface explains nothing in points left out, the sentence that says so."""
    worth = data["explained"].iloc[0] if len(data) else -1.0
    if not worth > 0:
        drawing = Drawing(figsize=(WIDTH, 1.2))
        blank(drawing.subplots(), "the response surface explains nothing in points left out, so it is not drawn")
        return drawing
    drawing = Drawing(figsize=(WIDTH, 3.9))
    axes = drawing.subplots()
    size, unit = shown_in(data["unit"].iloc[0])
    x, y = np.unique(data["x"]), np.unique(data["y"])
    z = data.pivot(index="y", columns="x", values="mean").to_numpy() / size
    crosses = z.min() < 0 < z.max()
    reach = np.abs(z).max()
    look_ = {"cmap": "PuOr_r", "vmin": -reach, "vmax": reach} if crosses else {"cmap": "cividis"}
    shades = axes.pcolormesh(x, y, z, shading="gouraud", **look_)
    if crosses:
        axes.contour(x, y, z, levels=[0], colors="black", linewidths=1.0)
    axes.grid(visible=False)
    axes.set_xlabel(called(data["factor_x"].iloc[0]))
    axes.set_ylabel(called(data["factor_y"].iloc[0]))
    bar = drawing.colorbar(shades, ax=axes, format=numbers("{:,.6g}"))
    bar.set_label(unit, color=GREY, fontsize=7)
    bar.outline.set_visible(False)
    axes.set_title(f"{data['title'].iloc[0]}, {unit}: {data['target'].iloc[0]}")
    line = " The line is zero." if crosses else ""
    note(
        drawing,
        "By a Gaussian process over the two factors that change most, all others as in the design; it explains "
        f"{100 * worth:.0f}% of the variance in points left out.{line}",
    )
    return drawing
