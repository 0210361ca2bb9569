"""Map of change: the effect on every district as tiles, percent of the level in the other arm."""

from typing import NamedTuple

from matplotlib import colormaps
from matplotlib.colors import CenteredNorm
from matplotlib.patches import Rectangle

from sim.plots.style import blank, head, look, note
from sim.plots.tile_map import four, grid


class Quantity(NamedTuple):
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
    """Rows drawn, from `places` and `districts`:

    quantity, district, name, tile_row, tile_col, against, difference, low, high, percent, runs.
    """
    layout = tables["districts"][["code", "name", "tile_row", "tile_col"]].rename(columns={"code": "district"})
    rows = tables["places"]
    rows = rows[rows["quantity"].isin([quantity.column for quantity in QUANTITIES])].merge(layout, on="district")
    return rows[
        [
            "quantity",
            "district",
            "name",
            "tile_row",
            "tile_col",
            "against",
            "difference",
            "low",
            "high",
            "percent",
            "runs",
        ]
    ]


@look()
def figure(data):
    """Four maps."""
    drawing, maps = four(data)
    for axes, quantity in zip(maps, QUANTITIES, strict=True):
        tiles(axes, data[data["quantity"] == quantity.column], quantity)
    note(
        drawing,
        f"Mean difference of {data['runs'].max()} pairs of runs with the same luck, percent of the other arm. Bold and framed: its 95% interval leaves out zero. "
        "Colour scale: symmetric around zero, to the largest change that is told from zero (else to the largest). Tile grid, not to scale.",
    )
    return drawing


def tiles(axes, shown, quantity):
    """One map: code and percent in each tile."""
    head(axes, quantity.title, quantity.unit)
    if shown["percent"].isna().all():
        return blank(axes, "no district has a level to compare with")
    told = ((shown["low"] > 0) | (shown["high"] < 0)) & shown["percent"].notna()
    reach = (shown["percent"][told] if told.any() else shown["percent"]).abs().max() or 1.0
    norm = CenteredNorm(0, reach)
    for tile, sure in zip(shown.itertuples(), told, strict=True):
        known = tile.percent == tile.percent
        shade = min(max(norm(tile.percent), 0.0), 1.0) if known else 0.5
        colour = colormaps["PuOr_r"](shade)
        axes.add_patch(
            Rectangle(
                (tile.tile_col, tile.tile_row),
                0.96,
                0.96,
                facecolor=colour,
                edgecolor="black" if sure else "none",
                linewidth=1.0,
            )
        )
        ink = "white" if abs(shade - 0.5) > 0.33 else "black"
        middle = tile.tile_col + 0.48
        axes.text(
            middle,
            tile.tile_row + 0.33,
            tile.district,
            ha="center",
            va="center",
            color=ink,
            fontsize=8,
            weight="bold" if sure else "normal",
        )
        text = f"{tile.percent:+.2g}" if known and abs(tile.percent) < 100 else f"{tile.percent:+.0f}" if known else "-"
        axes.text(
            middle,
            tile.tile_row + 0.68,
            text,
            ha="center",
            va="center",
            color=ink,
            fontsize=6.4,
            weight="bold" if sure else "normal",
        )
    grid(axes, shown)
