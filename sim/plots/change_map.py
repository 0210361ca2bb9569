"""Map of change: the effect on every district as tiles, percent of the level without; what is noise is hatched."""

from typing import NamedTuple

from matplotlib.colors import CenteredNorm

from sim.plots.style import CHANGES, GREY, INK, MINUS, MUTE, blank, head, is_told, look, note, signed
from sim.plots.tile_map import GRID, bar, four, grid, ink, tile

UNSURE = "////"  # pattern of a tile that is not told from zero
LEAST = 1 / 8  # of the reach of the colours, so that what is told is never as pale as what is not


class Quantity(NamedTuple):
    """One map."""

    column: str
    title: str
    unit: str


QUANTITIES = (
    Quantity("startups_alive", "Startups alive", "percent, at the end"),
    Quantity("startup_jobs", "Jobs in startups", "percent, at the end"),
    Quantity("vc_raised_cny", "Venture capital raised", "percent, over the window"),
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
        "Blue: more, orange: less; hatched: cannot be told from zero (95% interval), one in twenty districts that do "
        f"not change gets a colour by chance. {GRID}",
    )
    return drawing


def tiles(axes, shown, quantity):
    """One map: name and percent in each tile that is told from zero, the name alone in the others."""
    if shown["percent"].isna().all():
        head(axes, quantity.title, quantity.unit)
        return blank(axes, "no district has a level to compare with")
    told = is_told(shown["low"], shown["high"]) & shown["percent"].notna()
    head(axes, quantity.title, f"{quantity.unit}; {told.sum()} of {len(shown)} districts told from zero")
    reach = shown["percent"][told].abs().max() if told.any() else 1.0
    norm = CenteredNorm(0, reach)
    for row, sure in zip(shown.itertuples(), told, strict=True):
        if not sure:
            tile(axes, row, "", "white", GREY, weights=("normal", "normal"), frame=MUTE, hatch=UNSURE)
            continue
        sign = 1 if row.percent > 0 else -1
        colour = CHANGES(float(norm(sign * max(abs(row.percent), LEAST * reach))))
        tile(axes, row, percent(row.percent), colour, ink(colour), weights=("bold", "bold"), frame=INK)
    grid(axes, shown)
    if told.any():
        bar(axes, norm, CHANGES, (-reach, reach), (percent(-reach), percent(reach)), "percent")
    return None


def percent(value):
    """A change in percent, of two digits."""
    return f"{value:+.2g}".replace("-", MINUS) if abs(value) < 100 else signed(value)
