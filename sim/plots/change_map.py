"""Map of change: the effect on every district as tiles, percent of the level without; what is noise is hatched."""

from typing import NamedTuple

from matplotlib import colormaps
from matplotlib.colors import CenteredNorm

from sim.plots.style import GREY, blank, head, look, note
from sim.plots.tile_map import four, grid, tile

UNSURE = "////"  # pattern of a tile that is not told from zero
PALE_LINE = "#d9d9d9"
DARK = 0.33  # distance from the middle of the colour scale beyond which letters are white


class Quantity(NamedTuple):
    """One map."""

    column: str
    title: str
    unit: str


QUANTITIES = (
    Quantity("startups_alive", "Startups alive", "percent, at the end"),
    Quantity("startup_jobs", "Jobs in startups", "percent, at the end"),
    Quantity("vc_raised_cny", "VC raised", "percent, over the window"),
    Quantity("office_rent_cny_m2", "Office rent", "percent, at the end"),
)


def data(tables):
    """Rows drawn, from `district_effects` and `districts`, a DataFrame.

    quantity, district, name, tile_row, tile_col, against, difference, low, high (in the quantity's unit), percent,
    runs
    """
    layout = tables["districts"][["code", "name", "tile_row", "tile_col"]].rename(columns={"code": "district"})
    changes = tables["district_effects"]
    changes = changes[changes["quantity"].isin([quantity.column for quantity in QUANTITIES])]
    columns = ["quantity", *("district", "name", "tile_row", "tile_col"), "against", "difference", "low", "high"]
    return changes.merge(layout, on="district")[[*columns, "percent", "runs"]]


@look()
def figure(data):
    """Four maps."""
    drawing, maps = four(data)
    for axes, quantity in zip(maps, QUANTITIES, strict=True):
        tiles(axes, data[data["quantity"] == quantity.column], quantity)
    note(
        drawing,
        f"Mean difference of {data['runs'].max()} pairs of runs with the same luck, percent of the level without. "
        "Hatched: its 95% interval does not leave out zero. Colour scale: symmetric around zero, to the largest change "
        "that is told from zero. Tile grid, not to scale.",
    )
    return drawing


def tiles(axes, shown, quantity):
    """One map: code and percent in each tile."""
    head(axes, quantity.title, quantity.unit)
    if shown["percent"].isna().all():
        return blank(axes, "no district has a level to compare with")
    significant = ((shown["low"] > 0) | (shown["high"] < 0)) & shown["percent"].notna()
    norm = CenteredNorm(0, shown["percent"][significant].abs().max() if significant.any() else 1.0)
    for row, sure in zip(shown.itertuples(), significant, strict=True):
        value = (
            "-"
            if row.percent != row.percent
            else f"{row.percent:+.2g}"
            if abs(row.percent) < 100
            else f"{row.percent:+.0f}"
        )
        if not sure:
            tile(axes, row, value, "white", GREY, weights=("normal", "normal"), frame=PALE_LINE, hatch=UNSURE)
            continue
        shade = float(norm(row.percent))
        ink = "white" if abs(shade - 0.5) > DARK else "black"
        tile(axes, row, value, colormaps["PuOr_r"](shade), ink, weights=("bold", "bold"), frame="black")
    grid(axes, shown)
