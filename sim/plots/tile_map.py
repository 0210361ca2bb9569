"""The districts as tiles: every district gets the same room, and no outline is claimed.

The layout (row and column of each tile) is the city's own data. Levels have a square-root
colour scale, or the one large district would leave all the others dark.
"""

from typing import NamedTuple

import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import Normalize, PowerNorm
from matplotlib.patches import Rectangle

from sim.plots.style import WIDTH, Drawing, head, look, note, number


class Quantity(NamedTuple):
    """One map."""

    title: str
    unit: str
    exponent: float  # of the colour scale: 0.5 for levels, 1 for ratios


QUANTITIES = (
    Quantity("Startups alive", "firms, square-root colour scale", 0.5),
    Quantity("VC raised", "bn yuan in four quarters, square-root colour scale", 0.5),
    Quantity("Startup density", "startups alive per 10,000 residents", 1),
    Quantity("Office rent", "yuan per m² and quarter", 1),
)


def data(tables):
    """Rows drawn, a DataFrame: quantity, unit, quarter (the last), district, name, tile_row, tile_col, value."""
    panel = tables["district"]
    last = panel["quarter"].max()
    year = sorted(panel["quarter"].unique())[-4:]
    now = panel[panel["quarter"] == last].set_index("district")
    raised = panel[panel["quarter"].isin(year)].groupby("district")["vc_raised_cny"].sum()
    layout = tables["districts"].set_index("code")
    values = (
        now["startups_alive"],
        raised / 1e9,
        1e4 * now["startups_alive"] / layout["population"],
        now["office_rent_cny_m2"],
    )
    tiles = layout[["name", "tile_row", "tile_col"]].rename_axis("district")
    parts = [
        tiles.assign(
            quantity=quantity.title, unit=quantity.unit, quarter=last, value=value.reindex(tiles.index)
        ).reset_index()
        for quantity, value in zip(QUANTITIES, values, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)[
        ["quantity", "unit", "quarter", "district", "name", "tile_row", "tile_col", "value"]
    ]


@look()
def one(panel, layout, codebook, column, quarter=None):
    """One map of a column of the panel of districts in a quarter (by default the last), titled as the codebook says.

    Raises ValueError for what is no number by district, or no quarter of the panel.
    """
    book = codebook[codebook["table"] == "district"].set_index("column")
    numbers = [name for name, says in book.iterrows() if says["kind"] in ("stock", "flow", "total", "index")]
    if column not in numbers:
        raise ValueError(f"map {column}: should be one of {', '.join(numbers)}")
    quarters = sorted(panel["quarter"].unique())
    quarter = quarters[-1] if quarter is None else quarter
    if quarter not in quarters:
        raise ValueError(f"map {column}: {quarter} should be a quarter from {quarters[0]} to {quarters[-1]}")
    level = book.loc[column, "kind"] != "index"
    title = column.removesuffix("_cny").replace("_", " ").capitalize().replace("Vc ", "VC ")
    values = panel[panel["quarter"] == quarter].set_index("district")[column]
    divisor, unit = (1e6, "m yuan") if values.abs().max() > BIG else (1, book.loc[column, "unit"])
    quantity = Quantity(title, unit + (", square-root colour scale" if level else ""), 0.5 if level else 1)
    tiles_of = layout.set_index("code")[["name", "tile_row", "tile_col"]].rename_axis("district")
    shown = tiles_of.assign(quantity=title, value=(values / divisor).reindex(tiles_of.index)).reset_index()
    shown = shown.assign(district=shown["name"])
    drawing = Drawing(figsize=(0.6 * WIDTH, 4.2))
    tiles(drawing.subplots(), shown, quantity, size=6.5)
    meaning = book.loc[column, "meaning"]
    note(drawing, f"{quarter}: {meaning}.\nTile grid, not to scale.")
    return drawing


BIG = 1e7  # yuan from which on a map is in millions


def four(data):
    """(an empty drawing, its axes for four maps); its height follows the shape of the layout."""
    rows = data["tile_row"].max() - data["tile_row"].min() + 1
    columns = data["tile_col"].max() - data["tile_col"].min() + 1
    drawing = Drawing(figsize=(WIDTH, 1.3 + 2 * rows * min(0.5, 0.48 * WIDTH / columns)), layout="compressed")
    return drawing, drawing.subplots(2, 2).flat


@look()
def figure(data):
    """Four maps."""
    drawing, maps = four(data)
    for axes, quantity in zip(maps, QUANTITIES, strict=True):
        tiles(axes, data, quantity)
    note(drawing, f"{data['quarter'].iloc[0]}. Tile grid, not to scale.")
    return drawing


def tiles(axes, data, quantity, size=8):
    """One map: code (in letters of `size` points) and value in each tile."""
    head(axes, quantity.title, quantity.unit)
    shown = data[data["quantity"] == quantity.title]
    top = shown["value"].max()
    norm = PowerNorm(quantity.exponent, 0, top) if top > 0 else Normalize(0, 1)
    for row in shown.itertuples():
        shade = norm(row.value)
        ink = "white" if shade < 0.5 else "black"
        tile(axes, row, number(row.value), colormaps["cividis"](shade), ink, size=size)
    grid(axes, shown)


def tile(axes, row, value, colour, ink, *, size=8, weights=("bold", "normal"), frame="none", hatch=None):
    """The district of a row: its code and below it its value, in letters of `size` points and of these weights."""
    corner = row.tile_col, row.tile_row
    axes.add_patch(Rectangle(corner, 0.96, 0.96, facecolor=colour, edgecolor=frame, linewidth=1.0, hatch=hatch))
    lines = (0.33, row.district, size), (0.68, value, 0.8 * size)
    for (height, text, points), weight in zip(lines, weights, strict=True):
        axes.text(
            row.tile_col + 0.48,
            row.tile_row + height,
            text,
            ha="center",
            va="center",
            color=ink,
            fontsize=points,
            weight=weight,
        )


def grid(axes, shown):
    """Room for all tiles `shown`, without axes."""
    axes.set_xlim(shown["tile_col"].min(), shown["tile_col"].max() + 1)
    axes.set_ylim(shown["tile_row"].max() + 1, shown["tile_row"].min())
    axes.set_aspect("equal", anchor="NW")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
