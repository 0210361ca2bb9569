"""Surface: the response of a sweep over the two factors that change it most."""

import numpy as np

from sim.plots.style import CHANGES, GREY, LEVELS, WIDTH, Drawing, look, note, nothing, numbers, shown_in
from sim.plots.tables import judged
from sim.plots.tornado import called


def data(tables):
    """Rows drawn, from `surface` and `about`, a DataFrame as `surface.csv`: of the outcome judged first and the first
    target.
    """
    return judged(tables, "surface").reset_index(drop=True)


@look()
def figure(data):
    """Shades with a bar; where the surface explains nothing in points left out, the sentence that says so."""
    if not (data["explained"] > 0).any():
        return nothing("the response surface explains nothing in points left out, so it is not drawn")
    drawing = Drawing(figsize=(WIDTH, 3.9))
    axes = drawing.subplots()
    size, unit = shown_in(data["unit"].iloc[0])
    x, y = np.unique(data["x"]), np.unique(data["y"])
    z = data.pivot(index="y", columns="x", values="mean").to_numpy() / size
    crosses = z.min() < 0 < z.max()
    reach = np.abs(z).max()
    look_ = {"cmap": CHANGES, "vmin": -reach, "vmax": reach} if crosses else {"cmap": LEVELS}
    shades = axes.pcolormesh(x, y, z, shading="gouraud", **look_)
    if crosses:
        axes.contour(x, y, z, levels=[0], colors="black", linewidths=1.0)
    axes.grid(visible=False)
    axes.xaxis.set_major_formatter(numbers("{:,.6g}"))
    axes.yaxis.set_major_formatter(numbers("{:,.6g}"))
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
        f"{100 * data['explained'].iloc[0]:.0f}% of the variance in points left out.{line}",
    )
    return drawing
