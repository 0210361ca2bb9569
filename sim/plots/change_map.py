"""Map of change: the effect on every district as tiles, percent of the level in the other arm."""

from typing import NamedTuple

from matplotlib import colormaps
from matplotlib.colors import CenteredNorm

from sim.plots.style import blank, head, look, note
from sim.plots.tile_map import four, grid, tile


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
        f"Mean difference of {data['runs'].max()} pairs of runs with the same luck, percent of the other arm. "
        "Bold and framed: its 95% interval leaves out zero. Colour scale: symmetric around zero, to the largest change "
        "that is told from zero (else to the largest). Tile grid, not to scale.",
    )
    return drawing


def tiles(axes, shown, quantity):
    """One map: code and percent in each tile."""
    head(axes, quantity.title, quantity.unit)
    if shown["percent"].isna().all():
        return blank(axes, "no district has a level to compare with")
    significant = ((shown["low"] > 0) | (shown["high"] < 0)) & shown["percent"].notna()
    reach = (shown["percent"][significant] if significant.any() else shown["percent"]).abs().max() or 1.0
    norm = CenteredNorm(0, reach)
    for row, sure in zip(shown.itertuples(), significant, strict=True):
        missing = row.percent != row.percent
        shade = 0.5 if missing else min(max(norm(row.percent), 0.0), 1.0)
        ink = "white" if abs(shade - 0.5) > 0.33 else "black"
        weight, frame = ("bold", "black") if sure else ("normal", "none")
        value = "-" if missing else f"{row.percent:+.2g}" if abs(row.percent) < 100 else f"{row.percent:+.0f}"
        tile(axes, row, value, colormaps["PuOr_r"](shade), ink, weights=(weight, weight), frame=frame)
    grid(axes, shown)
