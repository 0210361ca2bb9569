"""The districts as tiles: every district gets the same room, and no outline is claimed.

The layout (row and column of each tile) is the city's own data. Levels have a square-root
colour scale, or the one large district would leave all the others dark.
"""

from typing import NamedTuple

import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, PowerNorm
from matplotlib.patches import Rectangle

from sim.plots.style import GREY, INK, LEVELS, WIDTH, Drawing, head, look, note, number, on_white


class Quantity(NamedTuple):
    """One map."""

    title: str
    unit: str
    exponent: float  # of the colour scale: 0.5 for levels, 1 for ratios


QUANTITIES = (
    Quantity("Startups alive", "firms", 0.5),
    Quantity("Venture capital raised", "bn yuan in the last four quarters", 0.5),
    Quantity("Startup density", "startups alive per 10,000 residents", 1),
    Quantity("Office rent", "yuan per m² per quarter", 1),
)
TILE = 0.57  # inches at most, so that a name has room
ROOM = 8  # letters of a name that fit into a tile; longer ones are smaller
DARK = 0.55  # luminance of a tile below which its letters are white


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
    quantity = Quantity(title, unit, 0.5 if level else 1)
    tiles_of = layout.set_index("code")[["name", "tile_row", "tile_col"]].rename_axis("district")
    shown = tiles_of.assign(quantity=title, value=(values / divisor).reindex(tiles_of.index)).reset_index()
    drawing = Drawing(figsize=(0.6 * WIDTH, 4.5))
    tiles(drawing.subplots(), shown, quantity)
    meaning = book.loc[column, "meaning"]
    note(drawing, f"{quarter}: {meaning}.\n{GRID}")
    return drawing


BIG = 1e7  # yuan from which on a map is in millions
GRID = "A diagram, not a map: every district has one tile."


def four(data):
    """(an empty drawing, its axes for four maps); its height follows the shape of the layout."""
    rows = data["tile_row"].max() - data["tile_row"].min() + 1
    columns = data["tile_col"].max() - data["tile_col"].min() + 1
    tall = 1.5 + 2 * rows * min(TILE, 0.48 * WIDTH / columns)
    drawing = Drawing(figsize=(WIDTH, tall), layout="compressed")
    return drawing, drawing.subplots(2, 2).flat


@look()
def figure(data):
    """Four maps."""
    drawing, maps = four(data)
    for axes, quantity in zip(maps, QUANTITIES, strict=True):
        tiles(axes, data, quantity)
    note(drawing, f"{data['quarter'].iloc[0]}. {GRID} Shades of firms and of money grow with the square root.")
    return drawing


def tiles(axes, data, quantity, size=6.2):
    """One map: name (in letters of `size` points) and value in each tile, the bar of its colours below."""
    head(axes, quantity.title, quantity.unit)
    shown = data[data["quantity"] == quantity.title]
    top = shown["value"].max()
    norm = PowerNorm(quantity.exponent, 0, top) if top > 0 else Normalize(0, 1)
    for row in shown.itertuples():
        colour = LEVELS(norm(row.value))
        tile(axes, row, number(row.value), colour, ink(colour), size=size)
    grid(axes, shown)
    if top > 0:
        bar(axes, norm, LEVELS, (0, top), ("0", number(top)), quantity.unit)


def ink(colour):
    """Of letters on a colour."""
    red, green, blue = colour[:3]
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < DARK else INK


def tile(axes, row, value, colour, letters, *, size=6.2, weights=("bold", "normal"), frame="none", hatch=None):
    """The district of a row: its name and below it its value, in letters of `size` points and of these weights; the
    name alone where there is no value.
    """
    corner = row.tile_col, row.tile_row
    axes.add_patch(
        Rectangle(corner, 0.96, 0.96, facecolor=colour, edgecolor=frame, linewidth=1.0 if value else 0.4, hatch=hatch)
    )
    name = row.name.replace(" ", "\n")
    longest = max(map(len, name.split("\n")))
    lines = ((0.35, name, min(size, size * ROOM / longest)), (0.7, value, size)) if value else ((0.48, name, size),)
    for (height, text, points), weight in zip(lines, weights[: len(lines)], strict=True):
        written = axes.text(
            row.tile_col + 0.48,
            row.tile_row + height,
            text,
            ha="center",
            va="center",
            color=letters,
            fontsize=points,
            weight=weight,
        )
        if hatch:
            on_white(written)


def bar(axes, norm, colours, ends, labels, unit):
    """The bar of the colours of a map below it: its `ends` labelled, the `unit` beside it."""
    place = axes.inset_axes((0, -0.065, 0.36, 0.025))
    place.figure.colorbar(ScalarMappable(norm, colours), cax=place, orientation="horizontal")
    place.set_xlim(*ends)
    place.set_xticks(ends, labels, fontsize=6)
    place.minorticks_off()
    place.spines[:].set_visible(False)
    place.tick_params(length=0, pad=2)
    place.annotate(unit, (1, 0.5), (6, 0), "axes fraction", "offset points", va="center", fontsize=6, color=GREY)


def grid(axes, shown):
    """Room for all tiles `shown`, without axes."""
    axes.set_xlim(shown["tile_col"].min(), shown["tile_col"].max() + 1)
    axes.set_ylim(shown["tile_row"].max() + 1, shown["tile_row"].min())
    axes.set_aspect("equal", anchor="NW")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
