"""The frozen data of the notebooks, and how their figures look. Needs pandas and Matplotlib alone, and not the model.

`table(name)` reads a table from `results/classroom`, from a folder `classroom` beside the notebook, or from the web.
"""

import os
from functools import partial
from pathlib import Path
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import CenteredNorm, PowerNorm

__all__ = ["BLUE", "GREEN", "GREY", "ORANGE", "beside", "codebook", "interval", "mean_and_error", "plt", "np", "pd"]
__all__ += ["sentence", "shown", "table", "tiles"]

WEB = "https://raw.githubusercontent.com/OWNER/silicon-bund/main/results/classroom"  # OWNER: whoever publishes it
HERE = [Path(__file__).resolve().parents[2] / "results" / "classroom", Path("classroom")]
DATA = os.environ.get("SILICON_BUND_DATA") or next((str(place) for place in HERE if place.is_dir()), WEB)

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
LOOK = {
    "figure.figsize": (7.5, 3.8),
    "figure.constrained_layout.use": True,
    "figure.dpi": 110,
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}
plt.rcParams.update(LOOK)
pd.set_option("display.max_colwidth", None)  # a meaning is read to its end


def table(name):
    """A table of the frozen data, a DataFrame."""
    whole = partial(
        pd.read_csv, low_memory=False
    )  # else a column that begins empty has two types, and a warning says so
    for ending, read in ((".parquet", pd.read_parquet), (".csv", whole)):
        try:
            return read(f"{DATA}/{name}{ending}")
        except (OSError, ImportError):  # it has the other form, or is not there, or nothing here reads Parquet
            continue
    raise FileNotFoundError(f"no table {name} in {DATA}; set SILICON_BUND_DATA to the folder of the frozen data")


def codebook(of):
    """What the columns of a table say."""
    book = table("codebook")
    return book[book["table"] == of].set_index("column")[["unit", "meaning"]]


def mean_and_error(values):
    """(mean, standard error) of independent values."""
    values = np.asarray(values, float)
    return values.mean(), values.std(ddof=1) / np.sqrt(len(values))


def interval(values):
    """(mean, low, high) of the mean of eight or so independent values, Student's t at 95 percent."""
    from statistics import NormalDist

    n = len(values)
    quantile = {7: 2.365, 6: 2.447, 5: 2.571, 4: 2.776, 3: 3.182}.get(n - 1, NormalDist().inv_cdf(0.975))
    mean, error = mean_and_error(values)
    return mean, mean - quantile * error, mean + quantile * error


def sentence(text):
    """Print a finding, so that numbers in sentences are computed and never typed."""
    print(fill("→ " + " ".join(text.split()), 100))


def shown(frame, formats):
    """A table to be looked at, its columns written by `formats`; pandas' own `style` would need one more package."""
    return frame.assign(**{column: frame[column].map(form.format) for column, form in formats.items()})


def tiles(axes, values, title, unit, diverging=False, root=False, pattern="{:,.0f}"):
    """A map of the districts as tiles: `values` is a Series by district code; a square-root scale of colour by `root`."""
    places = table("districts").set_index("code")
    norm = CenteredNorm(0, max(abs(values).max(), 1e-9)) if diverging else PowerNorm(1 - 0.5 * root, 0, values.max())
    colours = plt.get_cmap("PuOr_r" if diverging else "cividis")
    for code, place in places.iterrows():
        value = values.get(code, np.nan)
        shade = float(norm(value))
        dark = abs(shade - 0.5) > 0.33 if diverging else shade < 0.5
        spot = (place["tile_col"], place["tile_row"])
        axes.add_patch(plt.Rectangle(spot, 0.95, 0.95, facecolor=colours(shade)))
        text = f"{place['name']}\n{pattern.format(value)}"
        axes.text(spot[0] + 0.48, spot[1] + 0.48, text, ha="center", va="center", fontsize=6.5, color="wk"[not dark])
    axes.set(xlim=(0, places["tile_col"].max() + 1), ylim=(places["tile_row"].max() + 1, 0), xticks=[], yticks=[])
    axes.set_aspect("equal")
    axes.spines[:].set_visible(False)
    axes.set_title(f"{title}\n")
    axes.text(0, 1.01, f"{unit}; tiles, not to scale", transform=axes.transAxes, fontsize=7, color=GREY)


def beside(axes, x, y, text, colour):
    """A label at the end of a line, in the line's colour."""
    axes.annotate(text, (x, y), (5, 0), textcoords="offset points", va="center", color=colour, fontsize=8)
